"""Drafts copied from what was read: they may only ever change how long an answer takes."""

import itertools
import random
from types import SimpleNamespace

import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.engine.generation import Writer
from app.engine.language_model import Aborted
from app.engine.prompt_lookup import Copies, DraftLength
from app.engine.protocol import Sampling, TokenText

END = 0
LONGEST = 7
STORY = list(range(100, 140))
PROMPT = [*STORY, 7, 100, 101]


@pytest.fixture(autouse=True)
def steady(monkeypatch):
    """Every step takes the same time, so that drafts are never found too slow on a busy machine."""
    monkeypatch.setattr("app.engine.generation.time", SimpleNamespace(monotonic=itertools.count().__next__))


class Quoting:
    """Says what it was told to, whatever was read, and checks that it is asked in the right place."""

    context_length, slice_length = 1000, 8

    def __init__(self, says, *, longest_draft=LONGEST, alike=True, exact_up_to=10_000):
        self.says, self.alike, self.exact_up_to = [*says, END], alike, exact_up_to
        self.longest_draft = longest_draft
        self.memory, self.start, self.steps, self.drawn = [], 0, 0, 0
        self.prompt = 0
        self.every = False
        self.abort_at = None

    def piece(self, token):
        return bytes([token])

    def ends(self, token):
        return token == END

    def decode(self, tokens, *, every=False):
        self.steps += 1
        if self.abort_at == self.steps:
            self.memory += tokens[:2]
            raise Aborted
        self.start, self.every, self.together = len(self.memory), every, len(tokens) > 1
        assert not every or len(tokens) <= self.longest_draft + 1
        self.memory += tokens
        assert not every or len(self.memory) <= self.exact_up_to
        assert len(self.memory) <= self.context_length

    def exact(self, held):
        return held <= self.exact_up_to

    def scores(self, row):
        return b"together" if self.together and not self.alike else b"alone"

    def keep(self, count):
        del self.memory[count:]
        return count

    def watch(self, cancel):
        pass

    def use_threads(self, count):
        pass

    def sampler(self, sampling):
        return self

    def draw(self, row=-1):
        """Only right after what it has said so far."""
        assert self.every or row == -1
        held = self.memory[: self.start + row + 1] if row >= 0 else self.memory
        said = held[self.prompt :]
        assert said == self.says[: len(said)]
        self.drawn += 1
        return self.says[len(said)]

    def close(self):
        pass


def write(model, prompt=PROMPT, max_tokens=200, stop=(), cancel=None, writer=None):
    """The bytes shown, the report, and what the memory holds."""
    model.prompt = len(prompt)
    writer = writer or Writer(model, lambda: 1)
    shown = []
    for reply in writer.write(list(prompt), Sampling(stop=stop), max_tokens, cancel or CancelToken()):
        if isinstance(reply, TokenText):
            shown.append(reply.text)
        last = reply
    assert writer._held == model.memory
    return shown, last


def outcome(model, **wishes):
    shown, report = write(model, **wishes)
    return shown, report.tokens, report.reason, model.memory


def test_the_longest_end_that_was_read_before_says_what_follows():
    copies = Copies([1, 2, 3, 4, 9, 2, 3, 5, 1, 2, 3])
    assert copies.following(3) == [4, 9, 2]  # 1 2 3, although 2 3 came later with a 5
    copies.add(5)
    assert copies.following(9) == [1, 2, 3, 5]
    copies.add(77)
    assert copies.following(3) == ()


def test_the_latest_of_equal_ends_counts():
    copies = Copies([1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3])
    assert copies.following(1) == [5]


def test_quotes_take_fewer_steps_and_are_the_same():
    says = [*STORY[2:], 7, *STORY[10:30]]
    alone, quick = Quoting(says, longest_draft=0), Quoting(says)
    assert outcome(quick) == outcome(alone)
    assert quick.steps < alone.steps / 2
    assert write(Quoting(says))[1].accepted > 40
    assert write(Quoting(says, longest_draft=0))[1].drafted == 0


@pytest.mark.parametrize("seed", range(30))
def test_any_answer_is_the_same_with_and_without(seed):
    source = random.Random(seed)
    says = []
    while len(says) < 120:
        at, length = source.randrange(30), source.randrange(1, 12)
        says += STORY[at : at + length] + source.choices(range(40, 60), k=source.randrange(3))
    wishes = {"max_tokens": source.choice((1, 5, 17, 90, 300)), "stop": source.choice(((), ("fgh",), ("n",)))}
    assert outcome(Quoting(says), **wishes) == outcome(Quoting(says, longest_draft=0), **wishes)


def test_the_end_inside_a_draft_ends_the_answer():
    says = STORY[2:10]
    prompt = [*STORY[:10], END, *STORY, 7, 100, 101, *STORY[:10], END, 100, 101]  # as in a chat
    assert outcome(Quoting(says), prompt=prompt) == outcome(Quoting(says, longest_draft=0), prompt=prompt)


def test_nothing_is_read_beyond_the_context():
    """The last draft ends where the context does: `decode` looks."""
    prompt = [*STORY * 12, *STORY[:2]]
    says = STORY[2:] + STORY * 20
    quick, alone = (
        outcome(Quoting(says, longest_draft=n), prompt=prompt, max_tokens=900) for n in (LONGEST, 0)
    )
    assert quick == alone
    assert len(quick[3]) == Quoting.context_length - 1


def test_drafts_end_where_they_are_no_longer_exact():
    """`decode` looks; and they begin as soon as they are."""
    model, alone = Quoting(STORY[2:], exact_up_to=60), Quoting(STORY[2:], longest_draft=0)
    assert outcome(model) == outcome(alone)
    assert len(STORY) / 4 < model.steps < alone.steps
    model = Quoting(STORY[2:] * 3, exact_up_to=0)
    writer, model.prompt = Writer(model, lambda: 1), len(PROMPT)
    for reply in writer.write(PROMPT, Sampling(), 200, CancelToken()):
        if isinstance(reply, TokenText) and len(model.memory) == 60:
            model.exact_up_to = 10_000  # as when another program takes all cores but one
    assert reply.accepted > 60


def test_stop_in_the_middle_of_a_draft_comes_at_once():
    model, cancel = Quoting(STORY[2:]), CancelToken()
    writer = Writer(model, lambda: 1)
    model.prompt = len(PROMPT)
    shown = 0
    with pytest.raises(Cancelled):
        for reply in writer.write(PROMPT, Sampling(), 100, cancel):
            if isinstance(reply, TokenText):
                shown += 1
                if shown == 6:
                    cancel.cancel()
    assert shown == 6
    assert writer._held == model.memory == PROMPT + STORY[2:][:6][: len(model.memory) - len(PROMPT)]
    assert write(model, writer=writer)[0] == write(Quoting(STORY[2:]))[0]


def test_a_draft_that_is_interrupted_leaves_books_and_memory_in_agreement():
    model = Quoting(STORY[2:])
    writer = Writer(model, lambda: 1)
    model.prompt, model.abort_at = len(PROMPT), 12
    with pytest.raises(Cancelled):
        list(writer.write(PROMPT, Sampling(), 100, CancelToken()))
    assert writer._held == model.memory
    assert write(model, writer=writer)[0] == write(Quoting(STORY[2:]))[0]


def test_an_abandoned_answer_leaves_only_what_was_shown():
    model = Quoting(STORY[2:])
    writer = Writer(model, lambda: 1)
    model.prompt = len(PROMPT)
    stream = writer.write(PROMPT, Sampling(), 100, CancelToken())
    shown = 0
    while shown < 8:
        shown += isinstance(next(stream), TokenText)
    stream.close()
    assert writer._held == model.memory == PROMPT + STORY[2:9]


def test_kernels_that_score_batches_differently_are_not_used_for_it():
    model = Quoting(STORY[2:], alike=False)
    writer = Writer(model, lambda: 1)
    assert write(model, writer=writer)[1].drafted == 0
    assert outcome(Quoting(STORY[2:], alike=False)) == outcome(Quoting(STORY[2:], longest_draft=0))
    steps = model.steps
    write(model, writer=writer)
    assert model.steps - steps == len(STORY[2:]) + 1  # it is not tried again


def test_drafts_grow_with_success_and_shrink_without():
    length = DraftLength(LONGEST)
    length.single(1.0)
    first = length.now
    length.drafted(first, first, 1.5)
    assert length.now == 2 * first
    length.drafted(2 * first, 2 * first, 1.5)
    assert length.now == LONGEST
    length.drafted(LONGEST, 2, 1.5)
    assert length.now == 2


def rest_after(length, accepted):
    """How many single steps it takes until the next draft, after as many as decide."""
    while length.now:
        length.drafted(length.now, accepted, 2.0)
    steps = 0
    while not length.now:
        length.single(1.0)
        steps += 1
    return steps


def test_drafts_that_cost_more_than_they_bring_rest_longer_and_longer():
    length = DraftLength(LONGEST)
    length.single(1.0)
    rests = [rest_after(length, 0) for _ in range(6)]
    assert rests == sorted(rests)
    assert rests[0] < rests[-1] == rests[-2]  # and yet they come back
    for _ in range(10):
        length.drafted(length.now, length.now, 2.0)
    assert rest_after(length, 0) == rests[0]


def test_without_a_memory_that_can_be_cut_nothing_is_drafted():
    assert DraftLength(0).now == 0


def test_a_single_step_is_taken_to_judge_by():
    length = DraftLength(LONGEST)
    steps = 0
    while length.now:
        length.drafted(length.now, 0, 2.0)
        steps += 1
    assert steps < 10
    length.single(1.0)
    assert length.now


def test_threads_do_not_change_between_the_question_and_the_draft():
    """With more than one of them drafts are not exact here: `decode` looks."""
    model = Quoting(STORY[2:] * 2)
    source, model.exact_up_to = random.Random(1), 0
    writer = Writer(model, lambda: source.choice((1, 2)))
    model.use_threads = lambda count: setattr(model, "exact_up_to", 10_000 if count == 1 else 0)
    assert write(model, writer=writer)[1].accepted > 0
