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


def _summaries_and_translations(db: sqlite3.Connection) -> None:
    for statement in (
        """CREATE TABLE summary_parts (           -- what a model made of some passages, so that it is not asked again
            key TEXT PRIMARY KEY,                 -- SHA-256 of the passages, the wish and the model
            text TEXT NOT NULL,
            used REAL NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE translation_memory (
            id INTEGER PRIMARY KEY,
            source_language TEXT NOT NULL,
            target_language TEXT NOT NULL,
            source TEXT NOT NULL,                 -- with inline tags (see documents/layout/tags.py)
            target TEXT NOT NULL,
            origin TEXT NOT NULL CHECK (origin IN ('engine', 'person', 'import')),
            changed REAL NOT NULL,
            engine TEXT NOT NULL DEFAULT '',      -- the engine's name where origin is 'engine'
            UNIQUE (source_language, target_language, source))""",
        # its rowid is that of translation_memory; finds what is worth comparing with
        "CREATE VIRTUAL TABLE translation_memory_text USING fts5(source, tokenize='unicode61 remove_diacritics 2')",
        """CREATE TABLE glossaries (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            source_language TEXT NOT NULL,
            target_language TEXT NOT NULL,
            collection TEXT NOT NULL DEFAULT '',  -- used for documents of this collection; '' for all
            created REAL NOT NULL)""",
        """CREATE TABLE glossary_terms (
            id INTEGER PRIMARY KEY,
            glossary_id INTEGER NOT NULL REFERENCES glossaries ON DELETE CASCADE,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            locked INTEGER NOT NULL DEFAULT 0,    -- no other translation of it is accepted
            note TEXT NOT NULL DEFAULT '')""",
        "CREATE INDEX glossary_terms_by_glossary ON glossary_terms (glossary_id, id)",
        """CREATE TABLE translation_jobs (
            id INTEGER PRIMARY KEY,
            file TEXT NOT NULL,
            digest TEXT NOT NULL,                 -- SHA-256 of the file that was translated
            source_language TEXT NOT NULL,
            target_language TEXT NOT NULL,
            engine TEXT NOT NULL,
            out TEXT NOT NULL,                    -- where the translated file was written, '' not yet
            state TEXT NOT NULL CHECK (state IN ('writing', 'complete', 'stopped', 'failed')),
            created REAL NOT NULL,
            changed REAL NOT NULL,
            written TEXT NOT NULL DEFAULT '',     -- SHA-256 of what was written to `out`
            worker TEXT NOT NULL DEFAULT ''       -- the process at work on it (see base/processes.py), '' none
            )""",
        """CREATE TABLE translation_segments (
            job_id INTEGER NOT NULL REFERENCES translation_jobs ON DELETE CASCADE,
            key TEXT NOT NULL,                    -- of the segment in its file
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            origin TEXT NOT NULL,
            findings TEXT NOT NULL DEFAULT '[]',  -- JSON
            engine TEXT NOT NULL DEFAULT '',      -- the engine's name where origin is 'engine'
            PRIMARY KEY (job_id, key)) WITHOUT ROWID""",
    ):
        db.execute(statement)


def _pages_archives_and_vector_changes(db: sqlite3.Connection) -> None:
    for statement in (
        # the archive a file lies in, '' for one that lies in a folder
        "ALTER TABLE files ADD COLUMN container TEXT NOT NULL DEFAULT ''",
        # counts of its rows in other tables: a library of 50,000 files is listed without counting them
        "ALTER TABLE files ADD COLUMN passages INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE files ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0",  # passages without a vector
        "ALTER TABLE files ADD COLUMN scans INTEGER NOT NULL DEFAULT 0",  # pages that wait to be recognised
        "ALTER TABLE places ADD COLUMN state TEXT NOT NULL DEFAULT 'text'",  # a PageState
        "ALTER TABLE places ADD COLUMN quality REAL NOT NULL DEFAULT 1",
        "ALTER TABLE places ADD COLUMN rows TEXT NOT NULL DEFAULT ''",  # JSON: the rows of a sheet, '' for none
        # of the text, so that damage is noticed (see base/digests.py); 0: not known
        "ALTER TABLE places ADD COLUMN digest INTEGER NOT NULL DEFAULT 0",
        # of the text that was embedded: the same text is embedded once; 0: not known
        "ALTER TABLE passages ADD COLUMN digest INTEGER NOT NULL DEFAULT 0",
        """UPDATE files SET
            passages = (SELECT count(*) FROM passages WHERE file_id = files.id),
            waiting = (SELECT count(*) FROM passages p LEFT JOIN vectors v ON v.passage_id = p.id
                       WHERE p.file_id = files.id AND v.passage_id IS NULL)""",
        "CREATE INDEX files_by_container ON files (container) WHERE container <> ''",
        "CREATE INDEX files_unfinished ON files (id) WHERE waiting > 0 OR scans > 0",
        "CREATE INDEX passages_by_digest ON passages (digest)",
        # the vectors of another embedding model, made while the old ones still serve
        """CREATE TABLE next_vectors (
            passage_id INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
            vector BLOB NOT NULL)""",
        # passages whose vector came or went since the file of the vector index was written
        "CREATE TABLE vector_changes (number INTEGER PRIMARY KEY AUTOINCREMENT, passage_id INTEGER NOT NULL)",
        *VECTOR_TRIGGERS,
    ):
        db.execute(statement)


def _feedback(db: sqlite3.Connection) -> None:
    for statement in (
        # a copy of what the answer was made of stays with the rating when the answer is written again
        """CREATE TABLE feedback (
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
            message_id INTEGER UNIQUE REFERENCES messages ON DELETE SET NULL,
            verdict TEXT NOT NULL CHECK (verdict IN ('good', 'bad')),
            correction TEXT NOT NULL,             -- '' for none
            remark TEXT NOT NULL,
            question TEXT NOT NULL,
            answer TEXT NOT NULL,
            details TEXT NOT NULL,                -- of the message, as they were
            history TEXT NOT NULL,                -- JSON: role and text of each message before the question
            changed REAL NOT NULL)""",
        "CREATE INDEX feedback_by_conversation ON feedback (conversation_id)",
    ):
        db.execute(statement)


def _drafts(db: sqlite3.Connection) -> None:
    db.execute(
        """CREATE TABLE drafts (
            conversation_id INTEGER UNIQUE REFERENCES conversations ON DELETE CASCADE,  -- NULL: a new one
            text TEXT NOT NULL)"""
    )


# they go with the table `vectors` when another one takes its place
VECTOR_TRIGGERS = (
    """CREATE TRIGGER vectors_added AFTER INSERT ON vectors BEGIN
        INSERT INTO vector_changes (passage_id) VALUES (new.passage_id); END""",
    """CREATE TRIGGER vectors_removed AFTER DELETE ON vectors BEGIN
        INSERT INTO vector_changes (passage_id) VALUES (old.passage_id); END""",
)

USER: tuple[Migration, ...] = (
    _conversations_and_collections,
    _summaries_and_translations,
    _feedback,
    _drafts,
)
INDEX: tuple[Migration, ...] = (_files_and_passages, _pages_archives_and_vector_changes)
