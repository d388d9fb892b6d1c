"""What the reader is trained on (resources/): answers stand where the examples say, and altered questions are altered."""

import random
import sys
from pathlib import Path

import pytest

_RESOURCES = Path(__file__).resolve().parents[2] / "resources"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(_RESOURCES), *sys.path])


def test_made_up_records_hold_their_answers() -> None:
    from made_up_records import record_questions

    made = list(record_questions(600, random.Random(4)))
    answered = [each for each in made if each[3]]
    assert 0.65 < len(answered) / len(made) < 0.85
    for question, passage, start, end in answered:
        assert question
        assert 0 <= start < end <= len(passage)
        assert passage[start:end] == passage[start:end].strip() != ""
    # a question without an answer never names what its passage holds
    asked = [each for each in made if each[0].startswith("Who is the tenant") and not each[3]]
    assert asked
    assert not any("tenant" in passage.lower() for _, passage, _, _ in asked)
    assert made == list(record_questions(600, random.Random(4)))


def test_the_judgement_is_fitted_on_what_the_reader_was_not_trained_on() -> None:
    import reader_examples

    from benchmarks.gate import HELD_OUT

    assert set(HELD_OUT) <= set(reader_examples.HELD_OUT)


def test_cloze_questions_ask_for_what_was_left_out() -> None:
    from cloze_questions import cloze_questions

    passages = [
        "The bridge was opened in 1912 by Anna Berg after twelve years of work.",
        "The museum in Lyon holds 4,500 paintings and was founded on 3 May 1870.",
        "Nothing here has a name or a number worth asking for.",
    ]
    made = list(cloze_questions(passages, 20, random.Random(2)))
    assert made
    for question, passage, start, end in made:
        assert question.endswith("?")
        if end:
            assert passage[start:end] not in question
            assert passage in passages


def test_altered_questions_are_no_longer_answered() -> None:
    from altered_questions import opposite, other_name

    chance = random.Random(1)
    passage = "In 1912 Anna Berg opened the first bridge; in 1925 Jonas Lindt closed it before the war."
    assert opposite("Who opened the first bridge?", passage, chance) in ("Who opened the last bridge?",)
    assert opposite("When did Anna Berg open it?", passage, chance) == "When didn't Anna Berg open it?"
    assert opposite("When was it found?", "It was not found.", chance) is None
    changed = other_name("Who opened it in 1912 there?", passage, ("Anna Berg",), chance)
    assert changed == "Who opened it in 1925 there?"
    assert other_name("Who opened it?", passage, (), chance) is None
