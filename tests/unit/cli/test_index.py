"""`alcove index`: what needs no worker."""

import pytest

from app.base.settings import SettingsStore
from app.cli.main import run
from app.cli.session import describe, index_step
from app.retrieval.protocol import IndexProgress


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
