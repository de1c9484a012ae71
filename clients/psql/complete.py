"""psql's tab completion, as it is typed at a terminal: what it asks the server of comes back as words."""

import os
import pty
import re
import select
import subprocess
import sys
import time

from checks import end, same

OBJECTS, URL = sys.argv[1:]

# What is typed, and the words that it is completed to or from.
TYPED = [
    ("SELECT * FROM app.o", ["app.one"]),
    ("SELECT * FROM app.k", ["app.kept"]),
    ("INSERT INTO app.par", ["app.parts"]),
    ("UPDATE app.one SET ", ["a", "b", "c", "d"]),
    ("DROP TABLE app.qu", ["app.quick"]),
    ("DROP INDEX app.two_l", ["app.two_lower"]),
    ("DROP VIEW app.vis", ["app.visible"]),
    ("DROP MATERIALIZED VIEW app.k", ["app.kept"]),
    ("DROP SEQUENCE app.num", ["app.numbers"]),
    ("DROP TYPE app.mo", ["app.mood"]),
    ("DROP DOMAIN app.f", ["app.few"]),
    ("DROP SCHEMA ap", ["app"]),
    ("DROP FUNCTION app.ne", ["app.next"]),
    ("DROP FUNCTION app.next ", ["integer,", "integer)"]),
    ("DROP TRIGGER touch ON ", ["app.", "public."]),
    ("ALTER TABLE app.one DROP CONSTRAINT one_p", ["one_pkey"]),
    ("ALTER TABLE app.one ALTER COLUMN ", ["a", "b", "c", "d"]),
    ("ALTER TABLE app.one ENABLE TRIGGER ", ["touch"]),
    ("ALTER TYPE app.mood RENAME VALUE 'sa", ["'sad'"]),
    ("ALTER ROLE clients_r", ["clients_reader"]),
    ("ALTER TABLE app.parts DETACH PARTITION ", ["app.", "public."]),
    ("GRANT SELECT ON app.one TO clients_r", ["clients_reader"]),
    ("SET search_p", ["search_path"]),
    ("SET enable_seqscan TO ", ["DEFAULT", "OFF", "ON"]),
    ("SHOW work_", ["work_mem"]),
    ("CREATE INDEX x ON app.one (", ["a", "b", "c", "d"]),
    ("VACUUM app.q", ["app.quick"]),
    ("EXPLAIN SELECT * FROM app.ba", ["app.base"]),
    ("LOCK TABLE app.tw", ["app.two"]),
    ("REFRESH MATERIALIZED VIEW app.", ["app.kept"]),
    ("COPY app.de", ["app.derived"]),
    ("UNLISTEN ", ["*"]),
    ("EXECUTE ", ["prepared_one"]),
    ("FETCH ALL FROM ", ["open_cursor"]),
    ("\\d app.de", ["app.derived"]),
    ("\\dT app.sp", ["app.span"]),
    ("\\df app.tou", ["app.touched"]),
    ("\\dn ap", ["app"]),
    ("\\du clients_r", ["clients_reader"]),
    ("\\sf app.pai", ["app.pairs"]),
    ("\\sv app.vis", ["app.visible"]),
    ("\\c ", [None]),
]


class Terminal:
    """psql at a terminal of its own."""

    def __init__(self):
        self.told = ""
        self.screen, inner = pty.openpty()
        environment = dict(os.environ, TERM="dumb", PAGER="cat", PSQL_HISTORY="/dev/null", INPUTRC="/dev/null", COLUMNS="500")
        command = ["psql", "-X", "-q", "-v", "PROMPT1=>>> ", "-v", "PROMPT2=>>> ", "-v", "PROMPT3=>>> ", URL]
        self.child = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=environment)
        os.close(inner)
        self.until(">>> ")

    def read(self, seconds):
        ready, _, _ = select.select([self.screen], [], [], seconds)
        return os.read(self.screen, 65536).decode() if ready else ""

    def until(self, wanted):
        """What comes up to `wanted`, that included; what comes after it is kept."""
        limit = time.monotonic() + 20
        while wanted not in self.told:
            self.told += self.read(0.1)
            if time.monotonic() > limit:
                raise TimeoutError(f"{wanted!r} did not come in {self.told!r}")
        end = self.told.index(wanted) + len(wanted)
        told, self.told = self.told[:end], self.told[end:]
        return told

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def run(self, statement):
        self.type(statement + "; \\echo do''ne\n")
        self.until("done")
        self.until(">>> ")

    def completed(self, text):
        """What the screen shows of a line after two tabs, and of all its choices; the line is thrown away."""
        self.type(text + "\t\t")
        # A third key tells when the others are done: what it shows comes last.
        time.sleep(0.05)
        self.type("@@")
        told = self.until("@@")
        self.type("\x15\x0b\\echo cle''ared\n")
        self.until("cleared")
        self.until(">>> ")
        return told


def main():
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", OBJECTS, URL], check=True)
    terminal = Terminal()
    terminal.run("PREPARE prepared_one AS SELECT 1; BEGIN; DECLARE open_cursor CURSOR WITH HOLD FOR SELECT 1; COMMIT")
    database = URL.rsplit("/", 1)[1]
    for text, words in TYPED:
        told = terminal.completed(text)
        seen = re.split(r"[\s@]+", re.sub(r"\x1b\[[0-9?]*[a-zA-Z]|[\x07\x08]", "", told))
        words = [database if word is None else word for word in words]
        missing = [word for word in words if not any(part == word or part.endswith(word) and len(word) > 3 for part in seen)]
        same(text, (missing, told) if missing else (), ())
    terminal.type("\\q\n")
    terminal.child.wait(timeout=10)
    same("psql's end", terminal.child.returncode, 0)
    end()


main()
