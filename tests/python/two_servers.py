"""Two `pakn serve` on one PostgreSQL: `two_servers.py target/debug/pakn [--petitions 500]`.

See scripts/two-servers-trial for what is promised.
"""

import argparse
import asyncio
import collections
import email
import pathlib
import random
import sys
import threading
import time

from aiosmtpd.controller import Controller

from ledger import Ledger, Psql
from load import Load
from running import Postgres, Violation, free_port, house, must, reason

CALLERS = 16
# Letters that one server has under way at once: it sends one after the other.
UNDER_WAY = 1
# Letters that one server may hold at once: a few, or the other finds none and a crash keeps many waiting.
FEW = 32
PATIENCE = 240.0  # A letter that a dead server had claimed waits two minutes.


class Sink:
    """A mail server on loopback that takes its time, and remembers what it took."""

    def __init__(self, seed):
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.taken, self.senders, self.sending = collections.Counter(), collections.Counter(), collections.Counter()
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    async def handle_DATA(self, _server, session, envelope):
        letter = email.message_from_bytes(envelope.content)
        with self.lock:
            # From here on the letter has arrived, whatever the client hears.
            self.taken[letter["Message-ID"].strip("<>").split("@")[0].replace("-", "")] += 1
            self.senders[session.host_name] += 1
            self.sending[session.host_name] += 1
        await asyncio.sleep(self.random.choice((0.005, 0.01, 0.1)))
        with self.lock:
            self.sending[session.host_name] -= 1
        return "250 taken"


async def submit(load, reader, count, during=None):
    load.wanted = len(load.cases) + count
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(CALLERS))
        if during:
            group.create_task(during())
        while len(load.cases) < load.wanted:
            look_at_leases(reader)
            await asyncio.sleep(0.1)


def look_at_leases(reader):
    held = reader.rows("select count(*) from letter where status = 'PENDING' and lease is not null group by lease order by 1 desc limit 1")
    must(not held or int(held[0][0]) <= FEW, f"one server holds {held and held[0][0]} letters at once, more than {FEW}")


def wait_for_letters(reader, wanted=("ACCEPTED",)):
    """Waits until no letter is waiting; gives how many stand where."""
    deadline = time.monotonic() + PATIENCE
    while True:
        status = collections.Counter(dict(
            (name, int(count)) for name, count in reader.rows("select status, count(*) from letter group by status")
        ))
        if not status["PENDING"]:
            must(set(status) <= set(wanted), f"letters ended as {dict(status)}")
            return status
        must(time.monotonic() < deadline, f"after {PATIENCE:.0f} s letters stand at {dict(status)}")
        look_at_leases(reader)
        time.sleep(0.1)


def once_each(reader, sink):
    """Each accepted letter arrived exactly once; of the unknown none more than once; nothing else arrived."""
    status = dict(reader.rows(f"select {reader.uuid('id')}, status from letter"))
    doubled = [letter for letter, times in sink.taken.items() if times > 1]
    must(not doubled, f"{len(doubled)} letters arrived more than once, such as {doubled[:3]}")
    strange = sink.taken.keys() - status.keys()
    must(not strange, f"{len(strange)} letters arrived that are not on record")
    lost = [letter for letter, now in status.items() if now == "ACCEPTED" and letter not in sink.taken]
    must(not lost, f"{len(lost)} letters are on record as accepted and never arrived, such as {lost[:3]}")


def trial(arguments):
    chance = random.Random(arguments.seed)
    with Postgres() as postgres, Sink(chance.random()) as sink, house(arguments.pakn, postgres) as home:
        home.furnish()
        tokens = {login: home.token(login) for login in ("portal", "dispatcher")}
        smtp = {
            "PAKN_MAIL__TRANSPORT__KIND": "smtp", "PAKN_MAIL__TRANSPORT__HOST": "127.0.0.1",
            "PAKN_MAIL__TRANSPORT__PORT": str(sink.port), "PAKN_MAIL__TRANSPORT__SECURITY": "none",
            # The mark on a letter that is being sent lasts as long as sending may take: 11 minutes if nothing is said.
            "PAKN_MAIL__TRANSPORT__TIMEOUT_SECONDS": "1", "PAKN_MAIL__TRANSPORT__DATA_TIMEOUT_SECONDS": "2",
            "PAKN_WORKERS__MAIL": "true", "PAKN_LOG__FILTER": "warn",
        }
        # They greet by different names, so that the sink can tell them apart.
        servers = [home.server(name, **smtp, PAKN_MAIL__TRANSPORT__HELO=f"{name}.invalid") for name in ("one", "two")]
        for server in servers:
            server.start()
        load = Load([server.address for server in servers], tokens, chance.random(), accept=1.0, leave=0.0)
        reader = Psql(postgres.programs / "psql", postgres.url)
        half = arguments.petitions // 2

        begun = time.monotonic()
        asyncio.run(submit(load, reader, half))
        status = wait_for_letters(reader)
        once_each(reader, sink)
        fewest = min(sink.senders[f"{server.name}.invalid"] for server in servers)
        must(fewest * 5 >= sink.senders.total(), f"one server does nearly all the sending: {dict(sink.senders)}")
        print(
            f"{half} petitions through two servers in {time.monotonic() - begun:.0f} s: letters {dict(status)}, each arrived "
            f"once, sent by {dict(sink.senders)}"
        )

        killed = {}

        async def kill_the_second():
            enough = load.acknowledged + half // 2
            # The worst instant: the mail server has the letter, and pakn has not heard so.
            while load.acknowledged < enough or not sink.sending["two.invalid"]:
                await asyncio.sleep(0.001)
            killed["in flight"] = load.in_flight
            servers[1].kill()
            load.give_up(servers[1].address)

        asyncio.run(submit(load, reader, arguments.petitions - half, kill_the_second))
        status = wait_for_letters(reader, wanted=("ACCEPTED", "UNKNOWN"))
        must(status["UNKNOWN"] <= UNDER_WAY, f"{status['UNKNOWN']} letters are UNKNOWN after one kill")
        once_each(reader, sink)
        print(
            f"{arguments.petitions - half} more, and kill -9 of the second with {killed['in flight']} calls in flight: the first "
            f"finished alone; letters {dict(status)}, none twice"
        )
        servers[0].stop()
        print(f"whole: {Ledger(reader, load.cases).check()}")
        home.run("audit", "verify")
        print("`pakn audit verify` passes")
        reader.close()
    print("two servers passed, 0 failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pakn", type=pathlib.Path)
    parser.add_argument("--petitions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    trial(arguments)


if __name__ == "__main__":
    try:
        main()
    except* Violation as group:
        sys.exit(f"FAILED: {reason(group)}")
