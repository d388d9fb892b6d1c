"""What every engine does: the same tests for the real worker and for the scripted one."""

import itertools

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.protocol import Generated, Loaded, Message, PromptProgress, Sampling, TokenText
from tests.fixtures.scripted_engine import ScriptedEngine

GREEDY = Sampling(temperature=0.0)
QUESTION = [Message("system", "Answer briefly."), Message("user", "Count from one to ten in words.")]
SCRIPT = "one two three four five six seven eight nine ten and then eleven twelve thirteen"


@pytest.fixture(params=["scripted", "worker"])
def any_engine(request, running):
    return running if request.param == "worker" else ScriptedEngine([SCRIPT], context_length=1024)


def chat(engine, model, messages=QUESTION, sampling=GREEDY, max_tokens=12):
    return list(engine.chat(model, messages, sampling, max_tokens, CancelToken()))


def text_of(replies):
    return "".join(reply.text for reply in replies if isinstance(reply, TokenText))


def test_loading_ends_with_the_facts(any_engine, starter):
    loaded = list(any_engine.load(starter, CancelToken()))[-1]
    assert isinstance(loaded, Loaded)
    assert loaded.can_chat
    assert loaded.context_length == 1024


def test_an_answer_is_progress_then_text_then_a_report(any_engine, starter):
    replies = chat(any_engine, starter)
    kinds = [kind for kind, _ in itertools.groupby(type(reply) for reply in replies)]
    assert kinds == [PromptProgress, TokenText, Generated]
    progress = [reply for reply in replies if isinstance(reply, PromptProgress)]
    assert progress[-1].done == progress[-1].total == replies[-1].prompt_tokens
    assert [each.done for each in progress] == sorted(each.done for each in progress)


def test_the_limit_of_tokens_is_kept(any_engine, starter):
    report = chat(any_engine, starter, max_tokens=3)[-1]
    assert (report.tokens, report.reason) == (3, "length")


def test_the_same_question_gets_the_same_answer(any_engine, starter):
    assert text_of(chat(any_engine, starter)) == text_of(chat(any_engine, starter)) != ""


def test_a_stop_string_ends_the_answer_and_is_not_shown(any_engine, starter):
    whole = text_of(chat(any_engine, starter))
    stop = whole[len(whole) // 2 :][:5]
    replies = chat(any_engine, starter, sampling=Sampling(temperature=0.0, stop=(stop,)))
    assert replies[-1].reason == "stop"
    assert text_of(replies) == whole[: whole.index(stop)]


def test_a_follow_up_reads_only_what_is_new(any_engine, starter):
    first = chat(any_engine, starter)
    report = first[-1]
    turns = [*QUESTION, Message("assistant", text_of(first)), Message("user", "Once more.")]
    again = chat(any_engine, starter, messages=turns)[-1]
    assert again.reused_tokens >= report.prompt_tokens
    assert again.prompt_tokens - again.reused_tokens < 30


def test_a_plain_text_is_continued(any_engine, starter):
    replies = list(any_engine.complete(starter, "one, two, three,", GREEDY, 4, CancelToken()))
    assert text_of(replies)
    assert isinstance(replies[-1], Generated)


def test_too_long_a_prompt_is_refused_with_both_numbers(any_engine, starter):
    with pytest.raises(AppError, match=r"has \d+ tokens, but only 1008 fit"):
        chat(any_engine, starter, messages=[Message("user", "many words " * 1200)])


def test_stop_between_tokens(any_engine, starter):
    token = CancelToken()
    with pytest.raises(Cancelled):
        for reply in any_engine.chat(starter, QUESTION, GREEDY, 500, token):
            if isinstance(reply, TokenText):
                token.cancel()
    assert text_of(chat(any_engine, starter))


def test_a_request_stopped_before_it_began_does_nothing(any_engine, starter):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(any_engine.chat(starter, QUESTION, GREEDY, 4, token))


def test_tokens_are_counted_text_by_text(any_engine, starter):
    none, few, many = any_engine.count_tokens(starter, ["", "two words", "two words " * 20], CancelToken())
    assert none == 0 < few < many
