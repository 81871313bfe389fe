"""kill -9 under load: `crash.py target/debug/pakn [--kills 20] [--database sqlite|postgres|both]`.

See scripts/crash-trial for what is promised.
"""

import argparse
import asyncio
import contextlib
import pathlib
import random
import sys
import time

from ledger import Ledger, Psql, Sqlite
from load import Load
from running import Postgres, Violation, house, must, reason

CALLERS = 16


async def under_fire(load, server, kills, chance, postgres):
    """Kills the server again and again while the callers go on; PostgreSQL once as well."""
    busy = 0
    for number in range(1, kills + 1):
        await asyncio.sleep(chance.uniform(0.3, 2.0))
        before, waiting = load.acknowledged, load.in_flight
        server.kill()
        busy += waiting > 0
        await asyncio.to_thread(server.start)
        print(f"  kill {number:2}: {before} calls acknowledged so far, {waiting} in flight")
        if postgres and number == (kills + 1) // 2:
            await asyncio.sleep(chance.uniform(0.3, 2.0))
            before, waiting = load.acknowledged, load.in_flight
            await asyncio.to_thread(postgres.kill)
            await asyncio.to_thread(postgres.start)
            print(f"  kill -9 of PostgreSQL itself: {before} calls acknowledged so far, {waiting} in flight")
            await goes_on(load, server)
    await asyncio.sleep(0.5)
    load.stop()
    return busy


async def goes_on(load, server):
    """The same process must find back to a database that has come back."""
    before, deadline = load.acknowledged, time.monotonic() + 30
    while load.acknowledged < before + CALLERS:
        must(server.running(), "pakn ended when PostgreSQL went away")
        must(time.monotonic() < deadline, "pakn does not find back to PostgreSQL within 30 s")
        await asyncio.sleep(0.1)


async def load_and_kill(load, server, kills, chance, postgres):
    async with asyncio.TaskGroup() as group:
        fire = group.create_task(under_fire(load, server, kills, chance, postgres))
        group.create_task(load.run(CALLERS))
    return fire.result(), *await load.settle()


def letters_kept(home, reader):
    """No letter went out that is not on record, and none is on record as sent that did not go out."""
    files = {file.stem.replace("-", "") for file in (home.data / "letters").glob("*.eml")}
    status = dict(reader.rows(f"select {reader.uuid('id')}, status from letter where medium = 'EMAIL'"))
    must(files <= status.keys(), f"{len(files - status.keys())} letters went out that are not on record")
    sent = {letter for letter, now in status.items() if now == "ACCEPTED"}
    must(sent <= files, f"{len(sent - files)} letters are on record as sent and are not there")
    return len(sent)


def trial(arguments, kind):
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(Postgres()) if kind == "postgres" else None
        home = stack.enter_context(house(arguments.pakn, postgres))
        home.furnish()
        tokens = {login: home.token(login) for login in ("portal", "dispatcher")}
        server = home.server()
        server.start()
        chance = random.Random(arguments.seed)
        load = Load([server.address], tokens, chance.random())
        print(f"{kind}: {arguments.kills} kills under {CALLERS} callers")
        busy, unacknowledged, again = asyncio.run(load_and_kill(load, server, arguments.kills, chance, postgres))
        must(busy == arguments.kills, f"only {busy} of {arguments.kills} kills hit a server at work")
        server.stop()
        reader = Psql(postgres.programs / "psql", postgres.url) if postgres else Sqlite(home.folder / "pakn.db")
        stack.callback(reader.close)
        ledger = Ledger(reader, load.cases)
        counted = ledger.check()
        sent = letters_kept(home, reader)
        print(f"  callers were told: {dict(load.told)}; {unacknowledged} cases sent again afterwards and {again} more for comparison")
        print(f"  whole: {counted}; {sent} letters sent, each on record")
        home.run("audit", "verify")
        print("  `pakn audit verify` passes")
        tried = ledger.try_the_checks()
        ledger.break_for_good()
        home.run("audit", "verify", codes=(1,))
        print(f"  the checks themselves: {tried} ways of breaking the database, each found; a deleted event fails `pakn audit verify`")
    print(f"{kind}: passed in {time.monotonic() - begun:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pakn", type=pathlib.Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    kinds = ("sqlite", "postgres") if arguments.database == "both" else (arguments.database,)
    for kind in kinds:
        trial(arguments, kind)
    print(f"{len(kinds)} databases passed, 0 failed")


if __name__ == "__main__":
    try:
        main()
    except* Violation as group:
        sys.exit(f"FAILED: {reason(group)}")
