"""What a person is told of a model that came out smaller than was asked for."""

import pytest

from app.engine.protocol import Step
from app.engine.steps import steps_between, told
from app.hardware.fit import Plan

LESS = Step("context", "8192", "4096")


def test_what_is_less_is_found_in_order():
    wanted = Plan(8192, "f16", 33)
    assert steps_between(wanted, Plan(4096, "q8_0", 20)) == (
        Step("layers", "33", "20"), Step("kv type", "f16", "q8_0"), LESS,
    )  # fmt: skip
    assert steps_between(wanted, wanted) == ()
    assert steps_between(Plan(2048, "q8_0", 0), Plan(2048, "f16", 0)) == ()


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        ((), ""),
        ((Step("card failed"),), "The graphics card failed, so the processor answers."),
        ((LESS,), "Memory is short, so the model looks at 4,096 tokens instead of 8,192."),
        (
            (Step("memory ran out"), Step("kv type", "f16", "q8_0"), LESS),
            "Memory ran out, so what was read is kept in 8 bits and the model looks at 4,096 tokens instead of 8,192.",
        ),
        ((Step("memory ran out"),), ""),
        ((Step("training", "8192", "2048"),), "This model can look at 2,048 tokens at most, not at 8,192."),
        (
            (Step("layers", "33", "0"),),
            "Memory is short, so the processor computes instead of the graphics card.",
        ),
        (
            (Step("model", "Big Q8_0", "Big Q4_0"), Step("layers", "33", "20"), LESS),
            "Memory is short, so “Big Q4_0” answers instead of “Big Q8_0”, the graphics card computes only 20 of 33 layers and "
            "the model looks at 4,096 tokens instead of 8,192.",
        ),
        (
            (Step("card failed"), LESS),
            "The graphics card failed, so the processor answers. Memory is short, so the model looks at 4,096 tokens instead of "
            "8,192.",
        ),
    ],
)
def test_it_is_told_in_plain_sentences(steps, sentence):
    assert told(steps) == sentence
