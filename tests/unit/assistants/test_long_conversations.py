"""A conversation longer than the context goes on, with a mark; only a question that is too long by itself is refused."""

import pytest

from app.assistants.chat import chat
from app.assistants.events import AnswerFinished
from app.assistants.records import read_record
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.protocol import Message, ModelSpec
from app.storage.conversations import Conversations
from app.storage.database import open_database
from app.storage.migrations import USER
from tests.fixtures.scripted_engine import ScriptedEngine
from tests.unit.assistants.test_ask import ScriptedLibrary

MODEL = ModelSpec("m.gguf", context_length=400)


@pytest.fixture
def conversations(paths: DataPaths):
    database = open_database(paths.user_db, USER, durable=True, backups=paths.backups)
    yield Conversations(database)
    database.close()


def asked(question, engine, conversation=None, conversations=None, history=()):
    events = chat(
        question, conversation=conversation, history=history, library=ScriptedLibrary(), engine=engine, model=MODEL,
        conversations=conversations, cancel=CancelToken(), max_tokens=50,
    )  # fmt: skip
    return list(events)[-1]


def test_a_long_conversation_never_ends_in_an_error_and_says_what_was_left_out(conversations):
    one, engine = conversations.start(), ScriptedEngine(["word " * 40])
    marks = [asked(f"Question {n}?", engine, one.id, conversations).forgotten for n in range(20)]
    assert marks[0] == 0 and marks[-1] > 10
    stored = [read_record(each.details).forgotten for each in conversations.messages(one.id)[1::2]]
    assert stored == marks


def test_a_turn_longer_than_the_context_is_left_out_whole():
    history = [
        Message("user", "word " * 1000),
        Message("assistant", "Yes."),
        Message("user", "a"),
        Message("assistant", "b"),
    ]
    ended = asked("And now?", ScriptedEngine(["Fine."]), history=history)
    assert isinstance(ended, AnswerFinished) and ended.forgotten == 2


def test_a_question_longer_than_the_context_is_told(conversations):
    one = conversations.start()
    with pytest.raises(AppError, match="only 350 fit"):
        asked("word " * 1000, ScriptedEngine(["Fine."]), one.id, conversations)
