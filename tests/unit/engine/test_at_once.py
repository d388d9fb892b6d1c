"""How many to write at once, by what was measured."""

from app.engine.at_once import AtOnce


def measured(**speeds):
    """`alone`, `two`, … tokens per second."""
    at_once = AtOnce(4)
    for count, name in enumerate(("alone", "two", "three", "four"), start=1):
        if name in speeds:
            at_once.wrote(count, 100, 100 / speeds[name])
    return at_once


def test_one_alone_is_measured_first_then_as_many_as_there_can_be():
    at_once = AtOnce(4)
    assert at_once.choice() == 1
    at_once.wrote(1, 10, 1.0)
    assert at_once.choice() == 1  # too little to go by
    at_once.wrote(1, 20, 2.0)
    assert at_once.choice() == 4


def test_a_model_that_can_hold_only_one():
    at_once = AtOnce(0)
    at_once.wrote(1, 1000, 1.0)
    assert at_once.choice() == 1


def test_the_fastest_is_taken():
    assert measured(alone=10, two=15, four=20).choice() == 4
    assert measured(alone=10, two=15, three=12, four=13).choice() == 2


def test_a_small_gain_is_none():
    assert measured(alone=10, two=10.5, four=10.9).choice() == 1
    assert measured(alone=10, four=11.1).choice() == 4


def test_what_was_too_slow_is_tried_again_after_a_while():
    at_once = measured(alone=10, two=8, four=9)
    answers = 0
    while at_once.choice() == 1:
        at_once.wrote(1, 50, 5.0)
        answers += 1
        assert answers < 100
    assert answers == 32
    assert at_once.choice() == 4
    at_once.wrote(4, 100, 5.0)
    assert at_once.choice() == 4
    at_once.wrote(4, 2000, 400.0)
    assert at_once.choice() == 1


def test_the_newest_counts_most():
    at_once = measured(alone=10, four=20)
    at_once.wrote(4, 2000, 400.0)  # another program came
    assert at_once.choice() == 1


def test_long_prompts_are_judged_too():
    """Written a third faster, but read more slowly: with long prompts that is a loss."""
    short, long = measured(alone=9, four=12), measured(alone=9, four=12)
    for at_once, tokens in ((short, 40), (long, 4000)):
        at_once.read(1, tokens, tokens / 50)
        at_once.read(4, tokens, tokens / 44)
    assert (short.choice(), long.choice()) == (4, 1)
