"""Keys and what they use in one SQLite file on a local disk."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.adapters.sqlite_file import SqliteFile, transaction
from services.api_keys import NO_RECORD, ApiKey
from services.errors import KeysUnavailable, UsageUnavailable
from services.ports import Slot

_LAYOUT = 1
_TABLES = (
    "CREATE TABLE keys (digest TEXT PRIMARY KEY, record TEXT NOT NULL)",
    """CREATE TABLE counts (
        owner TEXT NOT NULL, period TEXT NOT NULL, amount INTEGER NOT NULL, expires_at INTEGER NOT NULL,
        PRIMARY KEY (owner, period))""",
    "CREATE INDEX counts_expires_at ON counts (expires_at)",
    "CREATE TABLE receipts (receipt TEXT PRIMARY KEY, at REAL NOT NULL)",
    "CREATE INDEX receipts_at ON receipts (at)",
)
_RECEIPTS_KEPT_S = 3_600.0


class SqliteAccess:
    """Keeps the ports KeyStore and UsageCounter. Every operation is one transaction, synced to disk."""

    def __init__(self, path: Path, patience_s: float = 3, clock: Callable[[], float] = time.time) -> None:
        self._file = SqliteFile(path, _TABLES, _LAYOUT, patience_s)
        self._clock = clock

    def find(self, digest: str) -> ApiKey | None:
        """The key of a digest, revoked and expired ones too. Raises KeysUnavailable."""
        with self._keys("read") as db:
            row = db.execute("SELECT record FROM keys WHERE digest = ?", (digest,)).fetchone()
            return ApiKey.of_record(json.loads(row[0])) if row else None

    def keep(self, key: ApiKey) -> None:
        """Keep a key in the place of any of this digest. Raises KeysUnavailable."""
        with self._keys("write") as db, transaction(db):
            db.execute("INSERT OR REPLACE INTO keys VALUES (?, ?)", (key.digest, json.dumps(key.record())))

    def all(self) -> list[ApiKey]:
        """All keys. Raises KeysUnavailable."""
        with self._keys("list") as db:
            return [ApiKey.of_record(json.loads(record)) for (record,) in db.execute("SELECT record FROM keys")]

    def add(self, slot: Slot, amount: int, receipt: str, limit: int | None = None) -> bool:
        """Count an amount once, unless that leads beyond a limit. Raises UsageUnavailable."""
        with self._counts("count") as db, transaction(db):
            if db.execute("SELECT 1 FROM receipts WHERE receipt = ?", (receipt,)).fetchone():
                return True
            if limit is not None and _total(db, slot) + amount > limit:
                return False
            db.execute(
                "INSERT INTO counts VALUES (?, ?, ?, ?)"
                " ON CONFLICT (owner, period) DO UPDATE SET amount = amount + excluded.amount",
                (slot.owner, slot.period, amount, slot.expires_at),
            )
            now = self._clock()
            db.execute("INSERT INTO receipts VALUES (?, ?)", (receipt, now))
            db.execute("DELETE FROM receipts WHERE at <= ?", (now - _RECEIPTS_KEPT_S,))
            db.execute("DELETE FROM counts WHERE expires_at <= ?", (now,))
        return True

    def total(self, slot: Slot) -> int:
        """What is counted in a slot. Raises UsageUnavailable."""
        with self._counts("read") as db:
            return _total(db, slot)

    @contextmanager
    def _keys(self, operation: str) -> Iterator[sqlite3.Connection]:
        try:
            with self._file.opened() as db:
                yield db
        except (sqlite3.Error, OSError, *NO_RECORD) as exc:
            raise KeysUnavailable(f"the key file failed to {operation}", operation=operation) from exc

    @contextmanager
    def _counts(self, operation: str) -> Iterator[sqlite3.Connection]:
        try:
            with self._file.opened() as db:
                yield db
        except (sqlite3.Error, OSError) as exc:  # a transaction that fails leaves nothing
            raise UsageUnavailable(f"the usage file failed to {operation}", operation=operation) from exc


def _total(db: sqlite3.Connection, slot: Slot) -> int:
    row = db.execute("SELECT amount FROM counts WHERE owner = ? AND period = ?", (slot.owner, slot.period)).fetchone()
    return row[0] if row else 0
