"""Messages in one SQLite file on a local disk."""

import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.adapters.sqlite_file import SqliteFile, transaction
from services.errors import QueueUnavailable
from services.messages import check_body, check_delay, check_lease, check_reason, check_receive
from services.ports import Depth, Message

_LAYOUT = 1  # raise, and bring old files up to it, when the tables change
# A message is hidden from `since` on, until `until`; the wall clock is the one that processes share.
_TABLES = (
    """CREATE TABLE messages (
        id INTEGER PRIMARY KEY, body TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL,
        receives INTEGER NOT NULL DEFAULT 0, receipt TEXT UNIQUE)""",
    "CREATE INDEX messages_since ON messages (since)",
    "CREATE INDEX messages_until ON messages (until)",
    """CREATE TABLE dead (
        id INTEGER PRIMARY KEY, body TEXT NOT NULL, reason TEXT NOT NULL, receives INTEGER NOT NULL,
        buried_at REAL NOT NULL)""",
)
_POLL_S = 0.05
_DEAD_KEPT_S = 14 * 24 * 60 * 60  # as long as SQS can keep them


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was buried: why, after how many receives, and when (seconds since 1970)."""

    body: str
    reason: str
    receives: int
    buried_at: float


class SqliteQueue:
    """One file, which is made with its folder when it is first needed. Safe between threads and processes.

    Every operation has a connection of its own and is one transaction, synced to disk, so that a process may be killed,
    or fork, at any point. Of dead letters the last `max_dead` are kept, for 14 days. An operation waits `patience_s`
    for another one to let go of the file.
    """

    def __init__(
        self, path: Path, max_dead: int = 10_000, patience_s: float = 3, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = SqliteFile(path, _TABLES, _LAYOUT, patience_s)
        self._max_dead = max_dead
        self._clock = clock

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Keep all messages or none, each hidden for a delay of 0 to 900 seconds. Raises QueueUnavailable."""
        check_delay(delay_s)
        for body in bodies:
            check_body(body)
        with self._opened("send") as db, transaction(db):
            self._put(db, bodies, delay_s)

    def receive(self, count: int, wait_s: float, lease_s: float) -> list[Message]:
        """Up to `count` messages, hidden from others for `lease_s`; the longest waiting first.

        Raises QueueUnavailable.
        """
        check_receive(count, wait_s, lease_s)
        give_up_at = time.monotonic() + wait_s
        with self._opened("receive") as db:
            while True:
                if self._has_work(db) and (messages := self._lease(db, count, lease_s)):
                    return messages
                left_s = give_up_at - time.monotonic()
                if left_s <= 0:
                    return []
                time.sleep(min(_POLL_S, left_s))

    def extend(self, receipt: str, lease_s: float) -> None:
        """Hide a message for so long from now on, unless its lease has lapsed. Raises QueueUnavailable."""
        check_lease(lease_s)
        with self._opened("extend") as db, transaction(db):
            now = self._now(db)
            db.execute(
                "UPDATE messages SET since = ?, until = ? WHERE receipt = ? AND until > ?",
                (now, now + lease_s, receipt, now),
            )

    def delete(self, receipt: str) -> None:
        """Be done with a message, unless it was received again. Raises QueueUnavailable."""
        with self._opened("delete") as db, transaction(db):
            db.execute("DELETE FROM messages WHERE receipt = ?", (receipt,))

    def bury(self, message: Message, reason: str) -> None:
        """Move a message to the dead letters, unless it was received again. Raises QueueUnavailable."""
        check_reason(reason)
        with self._opened("bury") as db, transaction(db):
            now = self._clock()
            db.execute(
                "INSERT INTO dead (body, reason, receives, buried_at)"
                " SELECT body, ?, receives, ? FROM messages WHERE receipt = ?",
                (reason, now, message.receipt),
            )
            db.execute("DELETE FROM messages WHERE receipt = ?", (message.receipt,))
            db.execute(
                "DELETE FROM dead WHERE buried_at <= ?"
                " OR id <= (SELECT id FROM dead ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (now - _DEAD_KEPT_S, self._max_dead),
            )

    def depth(self) -> Depth:
        """How many messages there are. Raises QueueUnavailable."""
        with self._opened("count") as db:
            row = db.execute(
                "SELECT count(*), count(*) FILTER (WHERE receives > 0 AND until > ?), (SELECT count(*) FROM dead)"
                " FROM messages",
                (self._clock(),),
            ).fetchone()
        return Depth(waiting=row[0] - row[1], leased=row[1], dead=row[2])

    def dead_letters(self) -> list[DeadLetter]:
        """The messages that were buried, in that order. Raises QueueUnavailable."""
        with self._opened("list") as db:
            rows = db.execute("SELECT body, reason, receives, buried_at FROM dead ORDER BY id").fetchall()
        return [DeadLetter(*row) for row in rows]

    def redrive(self) -> int:
        """Send all dead letters once more, as if they were new, and say how many. Raises QueueUnavailable."""
        with self._opened("redrive") as db, transaction(db):
            bodies = [body for (body,) in db.execute("SELECT body FROM dead ORDER BY id")]
            self._put(db, bodies, 0)
            db.execute("DELETE FROM dead")
        return len(bodies)

    def _put(self, db: sqlite3.Connection, bodies: Sequence[str], delay_s: float) -> None:
        now = self._clock()
        db.executemany(
            "INSERT INTO messages (body, since, until) VALUES (?, ?, ?)",
            [(body, now, now + delay_s) for body in bodies],
        )

    def _has_work(self, db: sqlite3.Connection) -> bool:
        """Whether it is worth while to lock the file: there is something to receive, or the clock was set back."""
        now = self._clock()
        return bool(
            db.execute(
                "SELECT EXISTS (SELECT 1 FROM messages WHERE until <= ?)"
                " OR EXISTS (SELECT 1 FROM messages WHERE since > ?)",
                (now, now),
            ).fetchone()[0]
        )

    def _lease(self, db: sqlite3.Connection, count: int, lease_s: float) -> list[Message]:
        with transaction(db):
            now = self._now(db)
            rows = db.execute(
                "SELECT id, body, receives + 1 FROM messages WHERE until <= ? ORDER BY until, id LIMIT ?", (now, count)
            ).fetchall()
            messages = [Message(body, uuid.uuid4().hex, receives) for _, body, receives in rows]
            db.executemany(
                "UPDATE messages SET since = ?, until = ?, receives = ?, receipt = ? WHERE id = ?",
                [
                    (now, now + lease_s, message.receives, message.receipt, row[0])
                    for row, message in zip(rows, messages, strict=True)
                ],
            )
        return messages

    def _now(self, db: sqlite3.Connection) -> float:
        """The time; what was hidden in the future, since the clock was set back, is hidden from now on as long."""
        now = self._clock()
        db.execute("UPDATE messages SET since = ?, until = ? + (until - since) WHERE since > ?", (now, now, now))
        return now

    @contextmanager
    def _opened(self, operation: str) -> Iterator[sqlite3.Connection]:
        try:
            with self._file.opened() as db:
                yield db
        except (sqlite3.Error, OSError) as exc:
            raise QueueUnavailable(f"the queue file failed to {operation}", operation=operation) from exc
