"""The answers, in one SQLite file that several processes may use at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.listening.faults import BadStore

BUSY_SECONDS = 10.0
# One entry for each version; an entry, once released, is never changed.
MIGRATIONS = (
    """
    CREATE TABLE answers (
        user TEXT NOT NULL,
        scenario TEXT NOT NULL,
        item TEXT NOT NULL,
        left_system TEXT NOT NULL,
        right_system TEXT NOT NULL,
        preference TEXT NOT NULL CHECK (preference IN ('left', 'right', 'none')),
        seconds REAL NOT NULL,
        answered_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        PRIMARY KEY (user, scenario, item)
    ) WITHOUT ROWID;
    CREATE TABLE scores (
        user TEXT NOT NULL,
        scenario TEXT NOT NULL,
        item TEXT NOT NULL,
        question TEXT NOT NULL,
        system TEXT NOT NULL,
        score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 5),
        PRIMARY KEY (user, scenario, item, question, system),
        FOREIGN KEY (user, scenario, item) REFERENCES answers ON DELETE CASCADE
    ) WITHOUT ROWID;
    """,
    "CREATE INDEX answers_by_scenario ON answers (scenario)",
)
# Some hundred thousand answers. Anybody may send them, so they must end somewhere.
MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class Answer:
    """`preference`: left, right or none. `scores`: by question and system, 1 to 5."""

    user: str
    scenario: str
    item: str
    left: str
    right: str
    preference: str
    seconds: float
    scores: Mapping[tuple[str, str], int]
    answered_at: str = ""

    @property
    def preferred(self) -> str:
        """The system, or nothing."""
        return {"left": self.left, "right": self.right}.get(self.preference, "")


class Full(Exception):
    """There is no room for another answer."""


class Store:
    """Opens the file for each piece of work: a thread, or a process, shares nothing with another."""

    def __init__(self, file: Path, most_bytes: int = MOST_BYTES) -> None:
        """Makes the file, or brings it up to date. Raises: BadStore."""
        self.file, self.most_bytes = file, most_bytes
        try:
            with self._open() as database:
                # Readers go on while one writes; a property of the file, kept in it.
                database.execute("PRAGMA journal_mode = WAL")
                migrate(database)
        except sqlite3.Error as error:
            raise BadStore(f"{file} cannot be used for the answers: {error}.") from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            database.execute("PRAGMA foreign_keys = ON")
            database.execute("PRAGMA synchronous = NORMAL")
            page = int(database.execute("PRAGMA page_size").fetchone()[0])
            database.execute(f"PRAGMA max_page_count = {self.most_bytes // page}")
            yield database
        finally:
            database.close()

    def put(self, answer: Answer) -> None:
        """Whole or not at all; a later answer to the same trial takes the place of the earlier. Raises: Full."""
        try:
            self._put(answer)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise Full from error
            raise

    def _put(self, answer: Answer) -> None:
        key = (answer.user, answer.scenario, answer.item)
        with self._open() as database, transaction(database):
            database.execute("DELETE FROM answers WHERE (user, scenario, item) = (?, ?, ?)", key)
            database.execute(
                "INSERT INTO answers (user, scenario, item, left_system, right_system, preference, seconds) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*key, answer.left, answer.right, answer.preference, answer.seconds),
            )
            database.executemany(
                "INSERT INTO scores (user, scenario, item, question, system, score) VALUES (?, ?, ?, ?, ?, ?)",
                [(*key, question, system, score) for (question, system), score in answer.scores.items()],
            )

    def done(self, user: str, scenario: str) -> set[str]:
        """The items that a listener has answered."""
        with self._open() as database:
            rows = database.execute("SELECT item FROM answers WHERE (user, scenario) = (?, ?)", (user, scenario))
            return {str(row[0]) for row in rows}

    def answers(self) -> list[Answer]:
        """All of them, of one moment."""
        with self._open() as database, transaction(database, "DEFERRED"):
            scores: dict[tuple[str, str, str], dict[tuple[str, str], int]] = {}
            for row in database.execute("SELECT user, scenario, item, question, system, score FROM scores"):
                scores.setdefault(row[:3], {})[row[3], row[4]] = row[5]
            rows = database.execute(
                "SELECT user, scenario, item, left_system, right_system, preference, seconds, answered_at "
                "FROM answers ORDER BY answered_at, user, scenario, item"
            )
            return [
                Answer(user, scenario, item, left, right, preferred, took, scores.get((user, scenario, item), {}), at)
                for user, scenario, item, left, right, preferred, took, at in rows
            ]


@contextmanager
def transaction(database: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    database.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        # A full file has taken the transaction back already.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def migrate(database: sqlite3.Connection) -> None:
    """Several processes may try at once: the first does it, the others find it done. Raises: BadStore."""
    with transaction(database):
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise BadStore(f"The answers are of version {version}, this server knows up to {len(MIGRATIONS)}.")
        for step in MIGRATIONS[version:]:
            for statement in filter(str.strip, step.split(";")):
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
