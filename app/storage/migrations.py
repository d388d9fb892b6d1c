"""The schemas, as the ordered steps that made them.

A new database runs every step, so there is one path. A step that was released is never edited: a change
is a new step at the end, with a database of the old schema added to `tests/fixtures`.
"""

import sqlite3
from collections.abc import Callable

Migration = Callable[[sqlite3.Connection], None]


def _conversations_and_collections(db: sqlite3.Connection) -> None:
    for statement in (
        """CREATE TABLE conversations (
            id INTEGER PRIMARY KEY,
            title TEXT NOT NULL,
            scope TEXT NOT NULL DEFAULT '',      -- collection the questions are asked over; '' for plain chat
            created REAL NOT NULL,
            changed REAL NOT NULL)""",
        """CREATE TABLE messages (
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
            text TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('complete', 'writing', 'stopped', 'failed', 'refused')),
            details TEXT NOT NULL DEFAULT '{}',  -- JSON: sources, claims, model, timings
            created REAL NOT NULL)""",
        "CREATE INDEX messages_by_conversation ON messages (conversation_id, id)",
        "CREATE VIRTUAL TABLE messages_text USING fts5(text, tokenize='unicode61 remove_diacritics 2')",
        """CREATE TABLE collections (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE,
            created REAL NOT NULL)""",
        """CREATE TABLE collection_folders (
            collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
            folder TEXT NOT NULL,
            PRIMARY KEY (collection_id, folder)) WITHOUT ROWID""",
    ):
        db.execute(statement)


def _files_and_passages(db: sqlite3.Connection) -> None:
    for statement in (
        """CREATE TABLE files (
            id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: a copy must not take another file for its twin
            path TEXT NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            hash TEXT NOT NULL,                  -- SHA-256 of the bytes; '' when they could not be read
            state TEXT NOT NULL,                 -- a Verdict
            reason TEXT NOT NULL,
            media_type TEXT NOT NULL,
            title TEXT NOT NULL,
            indexed REAL NOT NULL)""",
        "CREATE INDEX files_by_hash ON files (hash)",
        """CREATE TABLE places (
            id INTEGER PRIMARY KEY,
            file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
            kind TEXT NOT NULL,
            number INTEGER NOT NULL,
            label TEXT NOT NULL,
            text TEXT NOT NULL)""",
        "CREATE INDEX places_by_file ON places (file_id, id)",
        """CREATE TABLE passages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice, so a stale vector cannot answer for a new text
            file_id INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
            place_id INTEGER NOT NULL REFERENCES places ON DELETE CASCADE,
            start INTEGER NOT NULL,               -- offsets into places.text
            end INTEGER NOT NULL,
            heading TEXT NOT NULL)""",
        "CREATE INDEX passages_by_file ON passages (file_id, id)",
        "CREATE INDEX passages_by_place ON passages (place_id)",
        """CREATE TABLE vectors (
            passage_id INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
            vector BLOB NOT NULL)                 -- float32, unit length""",
        # its own copy of the text, each CJK character spaced out (see storage/fulltext.py)
        """CREATE VIRTUAL TABLE passages_text USING fts5(
            heading, text, tokenize='porter unicode61 remove_diacritics 2')""",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ):
        db.execute(statement)


USER: tuple[Migration, ...] = (_conversations_and_collections,)
INDEX: tuple[Migration, ...] = (_files_and_passages,)
