"""A SQLite file on a local disk, as its rooms share it."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path


class SqliteFile:
    """One file, which is made with its folder and tables when it is first needed. Safe between threads and processes.

    Every opening is a connection of its own, and whoever writes waits `patience_s` for another one to let go. `layout`
    is the number of the tables; to be raised, and old files brought up to it, when they change.
    """

    def __init__(self, path: Path, tables: Sequence[str], layout: int, patience_s: float = 3) -> None:
        self._path = path
        self._tables = tables
        self._layout = layout
        self._patience_s = patience_s

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """A connection. Raises sqlite3.Error, OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, timeout=self._patience_s, isolation_level=None)
        with closing(db):
            self._lay_out(db)
            yield db

    def _lay_out(self, db: sqlite3.Connection) -> None:
        """Make the tables where there are none."""
        layout = _layout(db)
        if layout == 0:
            with suppress(sqlite3.OperationalError):  # without a write-ahead log it is slower, and as safe
                db.execute("PRAGMA journal_mode = WAL")
            with transaction(db):
                if _layout(db) == 0:  # by now another process may have made them
                    for statement in self._tables:
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {self._layout}")
        elif layout != self._layout:
            raise sqlite3.DatabaseError(f"the file has layout {layout}, not {self._layout}")


def _layout(db: sqlite3.Connection) -> int:
    layout: int = db.execute("PRAGMA user_version").fetchone()[0]
    return layout


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing, and nobody else writes meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    with db:
        yield
