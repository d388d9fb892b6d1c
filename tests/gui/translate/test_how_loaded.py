"""A translation tells where the model that makes it came out smaller than was asked for."""

from app.assistants.events import Notice
from app.assistants.translate.chat_translator import ChatTranslator
from app.assistants.translate.events import SegmentDone, TranslatedSegment
from app.engine.protocol import ModelSpec
from app.gui.translate.how_loaded import HowLoaded
from tests.fixtures.scripted_engine import ScriptedEngine

SAID = "Memory is short, so the model looks at 2,048 tokens instead of 8,192."
SEGMENT = SegmentDone(TranslatedSegment("0", "", "text", "eins", "one", "engine"), 1, 2, None)


def events(engine):
    """The model is loaded by the first segment."""
    engine.remark = SAID
    yield SEGMENT
    yield SEGMENT


def test_it_is_told_once_the_first_segment_has_loaded_the_model():
    engine = ScriptedEngine()
    how = HowLoaded(engine, lambda source, target: ChatTranslator(engine, ModelSpec("a.gguf"), None))
    how.choose("de", "en")
    assert list(how.told(events(engine))) == [Notice(SAID), SEGMENT, SEGMENT]


def test_a_small_model_has_nothing_to_do_with_the_one_that_chats():
    engine = ScriptedEngine()
    how = HowLoaded(engine, lambda source, target: object())
    how.choose("de", "en")
    assert list(how.told(events(engine))) == [SEGMENT, SEGMENT]
