"""`alcove index`: what needs no worker."""

import pytest

from app.backend import close_backend, open_backend
from app.base.settings import SettingsStore
from app.cli.index import _not_recognised, _tell
from app.cli.main import run
from app.cli.session import describe, index_step
from app.retrieval.protocol import IndexFinished, IndexProgress
from app.storage.database import open_database
from app.storage.migrations import INDEX


def index(capsys, *arguments):
    code = run(["index", *arguments], open_window=lambda paths: 0)
    return code, capsys.readouterr().err


def test_an_empty_library_has_nothing_to_refresh(capsys):
    assert index(capsys) == (1, "alcove: The library is empty. Name a folder to add.\n")


def test_patterns_are_kept_once_and_checked(capsys, paths):
    index(capsys, "--ignore", "drafts/", "--ignore", "*.tmp")
    index(capsys, "--ignore", "*.tmp", "--ignore", "old/")
    assert SettingsStore(paths.settings_file).current.ignore == ("drafts/", "*.tmp", "old/")
    code, error = index(capsys, "--ignore", "!")
    assert code == 1 and "“!” is no pattern that can be followed." in error


@pytest.mark.parametrize("recognises", [True, False])
def test_says_how_many_files_were_not_recognised(recognises, capsys, paths):
    paths.prepare()
    database = open_database(paths.index_db, INDEX, durable=False)
    with database.transaction() as db:
        db.execute(
            "INSERT INTO files (path, size, mtime_ns, hash, state, reason, media_type, title, indexed, scans)"
            " VALUES ('/docs/a.pdf', 1, 1, 'h', 'indexed', '', '', '', 1, 2), ('/docs/b.txt', 1, 1, 'h', 'indexed', '', '', '', 1, 0)"
        )
    database.close()
    backend = open_backend(paths)
    backend.settings.change(recognise_text=recognises)
    left = _not_recognised(backend, ["/docs"])
    close_backend(backend)
    assert left == (0 if recognises else 1)
    _tell(IndexFinished(2, 2, 0, 0, 0, 5, 0.1, ()), as_json=False, not_recognised=left)
    assert ("1 file has pages that are pictures" in capsys.readouterr().out) is not recognises


@pytest.mark.parametrize(
    ("stage", "reason", "said"),
    [
        ("listing", "", "Looking for documents"),
        ("reading", "", "Reading a\\[b].pdf"),
        ("embedding", "", "Preparing the search"),
        ("recognising", "", "Recognising text in a\\[b].pdf"),
        ("waiting", "answer", "Waiting for the answer to be written"),
        ("waiting", "battery", "Waiting for mains power"),
        ("waiting", "paused", "Reading is paused"),
    ],
)
def test_progress_says_what_is_done_or_waited_for(stage, reason, said):
    progress = IndexProgress(stage, 3, 9, "/docs/a[b].pdf", 5, 1.0, None, 50, 2, 20, reason)
    assert describe(progress) == said
    step = index_step(progress)
    assert step is not None
    assert (step.done, step.total) == {"embedding": (5, 50), "recognising": (2, 20)}.get(stage, (3, 9))
