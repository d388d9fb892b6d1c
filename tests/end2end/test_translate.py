"""`alcove translate` and the pipeline behind it, on the weights that come with Alcove."""

from pathlib import Path

import pytest

from app.assistants.translate.chat_translator import ChatTranslator
from app.assistants.translate.document import translate_document
from app.assistants.translate.events import TranslationFinished
from app.base.jobs import CancelToken
from app.documents.layout.process import LAYOUT_LIMITS, LayoutProcess
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.models.installed import starter_chat_model
from app.storage.database import open_database
from app.storage.migrations import USER
from app.storage.translation_jobs import TranslationJobs
from app.storage.translation_memory import TranslationMemory

TEXT = """# The pump

Open the **valve** for 5 minutes, see <https://example.com/help> for more.
"""


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    file = tmp_path / "manual.md"
    file.write_text(TEXT, encoding="utf-8")
    return file


def test_the_starter_refuses_what_it_was_not_trained_for(alcove, manual):
    finished = alcove("translate", str(manual), "--to", "German", "--json")
    assert (finished.code, finished.out) == (1, "")
    assert "trained for English only" in finished.err and "Choose a model" in finished.err
    assert list(manual.parent.glob("*.md")) == [manual]


def test_the_real_model_ends_with_a_whole_file_and_says_what_is_doubtful(paths, manual):
    """Without what the catalogue knows nothing is refused; so small a model does not translate, which is seen."""
    engine = Engine(paths)
    layout = LayoutProcess(LAYOUT_LIMITS, paths.data / "layout", paths.logs)
    database = open_database(paths.user_db, USER, durable=True)
    try:
        translator = ChatTranslator(engine, ModelSpec(str(starter_chat_model()), context_length=1024), None)
        events = list(
            translate_document(
                manual, target="de", translator=translator, layout=layout, memory=TranslationMemory(database),
                jobs=TranslationJobs(database), cancel=CancelToken(),
            )
        )  # fmt: skip
    finally:
        engine.close()
        layout.close()
        database.close()
    finished = events[-1]
    assert "does not know which languages" in events[0].text
    assert isinstance(finished, TranslationFinished) and finished.state == "complete"
    assert len(finished.segments) == 2 and finished.flagged
    written = Path(finished.out).read_text("utf-8")
    assert written.startswith("# ") and "https://example.com/help" in written and "5" in written
