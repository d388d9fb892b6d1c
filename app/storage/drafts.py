"""Questions that were typed and not sent."""

from app.storage.database import Database


class Drafts:
    """One for each conversation and one for a new one (None), in `user.db`; it goes with its conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, conversation_id: int | None) -> str:
        """As it was typed; "" for none."""
        rows = self._database.rows("SELECT text FROM drafts WHERE conversation_id IS ?", (conversation_id,))
        return str(rows[0]["text"]) if rows else ""

    def keep(self, conversation_id: int | None, text: str) -> None:
        """In place of the one before; a blank `text` only removes that. Nothing is kept of what was deleted.

        Raises `AppError` when it cannot be written.
        """
        with self._database.transaction() as db:
            db.execute("DELETE FROM drafts WHERE conversation_id IS ?", (conversation_id,))
            if text.strip():
                db.execute(
                    "INSERT INTO drafts (conversation_id, text) SELECT ?1, ?2"
                    " WHERE ?1 IS NULL OR EXISTS (SELECT 1 FROM conversations WHERE id = ?1)",
                    (conversation_id, text),
                )
