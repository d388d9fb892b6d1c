"""What a model made of some passages, kept so that a summary made again does not ask it again."""

import time

from app.storage.database import Database

# A summary of a 200-page document takes some 100 parts of about 1 kB: room for fifty of them in about 5 MB.
_MOST = 5_000


class SummaryParts:
    """Reads and writes partial summaries in `user.db`; the least recently used beyond `most` are removed."""

    def __init__(self, database: Database, most: int = _MOST) -> None:
        self._database = database
        self._most = most

    def get(self, key: str) -> str | None:
        """The text kept under `key`, which counts as a use."""
        with self._database.transaction() as db:
            row = db.execute(
                "UPDATE summary_parts SET used = ? WHERE key = ? RETURNING text", (time.time(), key)
            ).fetchone()
        return None if row is None else str(row["text"])

    def put(self, key: str, text: str) -> None:
        with self._database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO summary_parts VALUES (?, ?, ?)", (key, text, time.time()))
            db.execute(
                """DELETE FROM summary_parts WHERE key IN
                   (SELECT key FROM summary_parts ORDER BY used DESC, key LIMIT -1 OFFSET ?)""",
                (self._most,),
            )
