"""A question about documents that were never read before, on a machine too slow to read them in time."""

from pathlib import Path

import pytest

from app.assistants import ask as asking
from app.assistants.events import AnswerFinished, Indexing
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.models.installed import starter_chat_model
from app.retrieval.client import Library


def test_it_waits_until_something_can_be_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ALCOVE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(asking, "_PATIENCE_S", 0.0)  # nothing is ever read in time
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "note.md").write_text("The blue bicycle stands in the shed behind the house.")
    paths = find_paths()
    paths.prepare()
    library, engine = Library(paths), Engine(paths)
    try:
        events = list(
            asking.ask(
                "Where does the blue bicycle stand?",
                conversation=None,
                folders=[str(documents)],
                library=library,
                engine=engine,
                model=ModelSpec(str(starter_chat_model())),
                conversations=None,
                cancel=CancelToken(),
                max_tokens=30,
            )
        )
    finally:
        library.close()
        engine.close()
    assert any(isinstance(each, Indexing) for each in events)
    assert isinstance(events[-1], AnswerFinished)
    assert "shed" in events[-1].text
