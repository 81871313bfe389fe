"""What the database must hold, read past the service: with sqlite3 or psql and nothing of pakn's."""

import collections
import csv
import hashlib
import io
import itertools
import sqlite3
import subprocess

from running import must

# Each finds what must not be; the first column names it.
NEVER = {
    "a petition whose events are not 1 to its seq, each once": """
        select p.code from petition p
        left join (select petition, count(*) as n, min(seq) as low, max(seq) as high from event group by petition) e on e.petition = p.id
        where e.n is null or e.low <> 1 or e.n <> p.seq or e.high <> p.seq""",
    "a petition without the text that was submitted": """
        select code from petition p
        where not exists (select 1 from text t where t.id = p.submission and t.petition = p.id and t.body <> '')""",
    "a petition without its petitioner": """
        select code from petition p where not exists (select 1 from petitioner r where r.petition = p.id)""",
    "a petition that figures see not exactly once": """
        select code from petition p
        where 1 <> (select count(*) from standing s where s.petition = p.id and s.until is null)""",
    "a petition without exactly one receipt": """
        select code from petition p
        where 1 <> (select count(*) from letter l where l.petition = p.id and l.kind = 'receipt' and l.recipient = 'PETITIONER')""",
    "an acceptance without exactly one letter, or a letter without acceptance": """
        select code from petition p
        where (select count(*) from event e where e.petition = p.id and e.kind = 'ACCEPTED')
           <> (select count(*) from letter l where l.petition = p.id and l.kind = 'accepted')""",
    "an assignment without exactly one letter to the unit, or a letter without assignment": """
        select code from petition p
        where (case when p.state = 'ASSIGNED' then 1 else 0 end)
           <> (select count(*) from letter l where l.petition = p.id and l.kind = 'assigned' and l.recipient = 'UNIT')""",
    "a petition accepted twice": """
        select p.code from petition p join event e on e.petition = p.id
        where e.kind = 'ACCEPTED' group by p.code having count(*) > 1""",
    "an acceptance without a register number, or a number without acceptance": """
        select code from petition p
        where (case when exists (select 1 from event e where e.petition = p.id and e.kind = 'ACCEPTED') then 1 else 0 end)
           <> (case when p.register_number is null then 0 else 1 end)""",
    "a request id without the event that it led to": """
        select r.rpc from request r
        where not exists (select 1 from event e where e.petition = r.petition and e.seq = r.seq)""",
    "an attempt without its letter": """
        select outcome from attempt a where not exists (select 1 from letter l where l.id = a.letter)""",
    "a letter whose attempts are not those on record": """
        select l.kind from letter l where l.attempts <> (select count(*) from attempt a where a.letter = l.id)""",
    **{
        f"a row of {table} without its petition":
        f"select '{table}' from {table} x where x.petition is not null and not exists (select 1 from petition p where p.id = x.petition)"
        for table in ("event", "text", "petitioner", "standing", "letter", "request")
    },
}

# Ways to break a database, each of which must be noticed. {code} is a petition that was accepted.
BREAKS = {
    "an event deleted": "delete from event where petition = {id} and seq = 1",
    "the last event deleted": "delete from event where petition = {id} and seq = 2",
    "an event rewritten": "update event set stored = replace(stored, 'OTHER', 'BOTH') where petition = {id} and seq = 2",
    "the text deleted": "delete from text where petition = {id}",
    "the petitioner deleted": "delete from petitioner where petition = {id}",
    "the receipt deleted": "delete from letter where petition = {id} and kind = 'receipt'",
    "the letter of acceptance deleted": "delete from letter where petition = {id} and kind = 'accepted'",
    "the standing deleted": "delete from standing where petition = {id}",
    "the request id deleted": "delete from request where petition = {id} and seq = 1",
    "the petition deleted": "delete from petition where id = {id}",
    "all of a petition deleted": ";".join(
        f"delete from {table} where petition = {{id}}" for table in ("event", "text", "petitioner", "standing", "letter", "request")
    ) + ";delete from petition where id = {id}",
    "a register number that leaves a gap": """update petition set register_number = register_number + 1000000 where id = {id}""",
    "the register counter turned back": "update counter set value = value - 1",
    "a title that another petition has": """
        update text set title = (select min(title) from text) where petition = {id} and title <> (select min(title) from text);
        update text set title = (select max(title) from text) where petition = {id}""",
}


class Sqlite:
    """Reads an SQLite file. Identifiers are blobs there."""

    name = "SQLite"

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def run(self, sql):
        for statement in sql.split(";"):
            self.connection.execute(statement)

    def close(self):
        self.connection.close()

    @staticmethod
    def hex(column):
        return f"lower(hex({column}))"

    uuid = hex

    @staticmethod
    def literal(uuid):
        return f"x'{uuid}'"


class Psql:
    """Reads a PostgreSQL through one session of psql."""

    name = "PostgreSQL"

    def __init__(self, psql, url):
        self.session = subprocess.Popen(
            [psql, "--no-psqlrc", "--quiet", "--csv", "--tuples-only", "--set=ON_ERROR_STOP=1", url], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )

    def rows(self, sql):
        return list(csv.reader(io.StringIO(self.run(sql))))

    def run(self, sql):
        mark = "-- that was all --"
        self.session.stdin.write(f"{sql};\n\\echo '{mark}'\n")
        self.session.stdin.flush()
        lines = []
        while (line := self.session.stdout.readline()) != f"{mark}\n":
            must(line, f"psql ended while it ran: {sql}")
            lines.append(line)
        return "".join(lines)

    def close(self):
        self.session.stdin.close()
        self.session.wait()

    @staticmethod
    def hex(column):
        return f"encode({column}, 'hex')"

    @staticmethod
    def uuid(column):
        return f"replace(cast({column} as text), '-', '')"

    @staticmethod
    def literal(uuid):
        return f"'{uuid}'::uuid"


class Ledger:
    """A database and what its callers were promised."""

    def __init__(self, reader, cases):
        self.reader, self.cases = reader, cases

    def faults(self):
        """Everything that is wrong, in words."""
        found = []
        for what, sql in NEVER.items():
            rows = self.reader.rows(sql)
            if rows:
                found.append(f"{len(rows)} times {what}: {', '.join(str(row[0]) for row in rows[:3])}")
        return found + self.chain() + self.register() + self.promises()

    def chain(self):
        """Recomputes every hash: SHA-256 over the hash before and the stored bytes."""
        r = self.reader
        heads = dict(r.rows(f"select {r.uuid('id')}, {r.hex('head')} from petition"))
        events = r.rows(f"select {r.uuid('petition')}, stored, {r.hex('hash')} from event order by petition, seq")
        broken = []
        for petition, steps in itertools.groupby(events, key=lambda row: row[0]):
            before = bytes(32)
            for _, stored, kept in steps:
                before = hashlib.sha256(before + stored.encode()).digest()
                if before.hex() != kept:
                    broken.append(petition)
                    break
            else:
                if heads.get(petition) != before.hex():
                    broken.append(petition)
        return [f"the hash chain of petition {petition} is broken" for petition in broken[:3]]

    def register(self):
        """Register numbers run from 1 without gap or double, and so does the counter."""
        r, found = self.reader, []
        rows = r.rows(
            f"select {r.uuid('register_unit')}, register_year, count(*), count(distinct register_number), min(register_number), "
            "max(register_number) from petition where register_number is not null group by register_unit, register_year"
        )
        counters = {name.replace("-", ""): int(value) for name, value in r.rows("select name, value from counter")}
        for unit, year, *figures in rows:
            count, distinct, low, high = map(int, figures)
            if not count == distinct == high or low != 1:
                found.append(f"{count} register numbers, {distinct} different ones, from {low} to {high}")
            if counters.get(f"register:{unit}:{year}") != high:
                found.append(f"the counter stands at {counters.get(f'register:{unit}:{year}')}, the last number is {high}")
        return found

    def promises(self):
        """Every acknowledgement against what is there."""
        r, found = self.reader, []
        rows = r.rows(
            "select t.title, p.code, coalesce(p.register_number, 0), coalesce(p.register_year, 0), coalesce(u.code, '') "
            "from petition p left join text t on t.id = p.submission left join unit u on u.id = p.register_unit"
        )
        kept = collections.defaultdict(list)
        for title, code, number, year, unit in rows:
            kept[title].append((code, f"{number}/{year}/{unit}" if int(number) else ""))
        for case in self.cases:
            there = kept.pop(case.submission.title, [])
            if there != [(case.code, case.register)]:
                found.append(f"acknowledged ({case.code!r}, {case.register!r}), there is {there}")
        if kept:
            found.append(f"{len(kept)} petitions that nobody submitted")
        used = {
            request: code
            for request, code in r.rows(f"select {r.uuid('q.id')}, p.code from request q join petition p on p.id = q.petition")
        }
        for case in self.cases:
            asked = [case.submission.request_id] + ([case.acceptance.target.request_id] if case.acceptance else [])
            if any(used.get(request.replace("-", "")) != case.code for request in asked):
                found.append(f"a request id of {case.code} does not lead to it")
        return found[:5]

    def check(self):
        faults = self.faults()
        must(not faults, "\n  ".join([f"the {self.reader.name} database does not hold what was promised:", *faults]))
        one = lambda sql: int(self.reader.rows(sql)[0][0])
        return (
            f"{one('select count(*) from petition')} petitions, {one('select count(*) from event')} events, "
            f"{one('select count(*) from letter')} letters, {one('select count(*) from petition where register_number is not null')} "
            "register numbers"
        )

    def try_the_checks(self):
        """Breaks the database in each way and takes it back; a check that finds nothing is worth nothing."""
        r = self.reader
        rows = r.rows(f"select {r.uuid('id')} from petition where state = 'ASSIGNED' order by code limit 1")
        must(rows, "no petition was assigned: nothing to try the checks on")
        for what, sql in BREAKS.items():
            r.run("begin")
            r.run(sql.replace("{id}", r.literal(rows[0][0])))
            found = self.faults()
            r.run("rollback")
            must(found, f"the checks do not see it: {what}")
        return len(BREAKS)

    def break_for_good(self):
        """Deletes one event, so that `pakn audit verify` can be tried."""
        r = self.reader
        row = r.rows(f"select {r.uuid('id')} from petition where state = 'ASSIGNED' order by code limit 1")[0]
        r.run(f"delete from event where petition = {r.literal(row[0])} and seq = 1")
