from app.assistants.complete import complete
from app.assistants.events import AnswerFinished, TokenAdded
from app.base.jobs import CancelToken
from app.engine.protocol import ModelSpec
from tests.fixtures.scripted_engine import ScriptedEngine


def test_a_text_is_continued_without_a_template():
    engine = ScriptedEngine(["in a far country."])
    events = list(
        complete(
            "Once upon a time", engine=engine, model=ModelSpec("m.gguf"), cancel=CancelToken(), max_tokens=9
        )
    )
    assert engine.requests == ["Once upon a time"]
    assert "".join(each.text for each in events if isinstance(each, TokenAdded)) == "in a far country."
    assert isinstance(events[-1], AnswerFinished) and events[-1].text == "in a far country."
