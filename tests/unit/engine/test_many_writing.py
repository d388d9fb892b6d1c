"""Several answers at once, with a toy model whose sequences can be looked at."""

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.at_once import AtOnce
from app.engine.generation import Writer
from app.engine.language_model import Aborted
from app.engine.many_writing import ManyWriter, Wanted
from app.engine.protocol import Answered, Sampling, Unanswered
from tests.unit.engine.test_generation import END, Toy

PREFIX = "Summarise: "


class ManyToy(Toy):
    """Continues the alphabet up to "z", in sequence 0 as in the others. `cells`: the most it has held."""

    def __init__(self, *, sequences=4, context_length=1000):
        super().__init__()
        self.sequences, self.context_length = sequences, context_length
        self.others, self.batches, self.open = {}, [], 0
        self.cells = 0
        self.fail_many_at = self.abort_many_at = self.cancel_at = None
        self.token = None
        self.rows = []

    def share(self, sequence):
        assert 1 <= sequence <= self.sequences and sequence not in self.others
        self.others[sequence] = list(self.memory)

    def drop(self, sequence):
        del self.others[sequence]

    def decode(self, tokens, *, every=False):
        assert not self.others, "alone only when no other sequence is there"
        super().decode(tokens, every=every)
        self.rows = [self.memory]

    def decode_at(self, places):
        number = len(self.batches)
        self.batches.append([each.sequence for each in places])
        assert 0 < len(places) <= self.slice_length
        if number == self.cancel_at:
            self.token.cancel()
        if number == self.fail_many_at:
            raise AppError("The model could not go on.", "Ask again.")
        if number == self.abort_many_at:
            raise Aborted
        for each in places:
            own = self.others[each.sequence]
            assert each.position == len(own)
            own.append(each.token)
        shared = len(self.memory)
        self.cells = max(self.cells, shared + sum(len(own) - shared for own in self.others.values()))
        assert self.cells <= self.context_length
        self.rows = [list(self.others[each.sequence]) for each in places]
        self.drawn = [each.drawn for each in places]

    def sampler(self, sampling):
        self.open += 1
        return _Sampler(self)


class _Sampler:
    def __init__(self, toy):
        self.toy = toy

    def draw(self, row=-1):
        if self.toy.others:
            assert self.toy.drawn[row]
        last = self.toy.rows[row][-1]
        return END if last >= ord("z") else last + 1

    def close(self):
        self.toy.open -= 1


class Always(AtOnce):
    """So many at once, however fast."""

    def __init__(self, count):
        super().__init__(count)
        self.count, self.seen = count, []

    def choice(self):
        return self.count

    def wrote(self, count, tokens, seconds):
        self.seen.append(count)


def wanted(*ends, stop=(), max_tokens=30):
    return [Wanted([ord(each) for each in PREFIX + end], Sampling(stop=stop), max_tokens) for end in ends]


def write(toy, asked, *, count=4, cancel=None, others_wait=lambda: False, at_once=None):
    """The replies by number, in the order in which they came."""
    writer = Writer(toy, lambda: 1)
    many = ManyWriter(toy, writer, at_once or Always(count))
    replies = list(many.write(asked, cancel or CancelToken(), others_wait))
    assert not toy.others and toy.open == 0
    numbers = [each.number for each in replies]
    assert len(set(numbers)) == len(numbers)
    return {each.number: each for each in replies}


def texts(replies):
    return {number: each.text for number, each in replies.items()}


def test_each_gets_its_own_answer_and_the_shared_beginning_is_read_once():
    toy = ManyToy()
    replies = write(toy, wanted("u", "av", "w", "bx"))
    assert texts(replies) == {0: "vwxyz", 1: "wxyz", 2: "xyz", 3: "yz"}
    assert toy.read == len(PREFIX) == len(toy.memory)  # what `decode` read; the rest went into the sequences
    assert max(map(len, toy.batches)) == 4
    assert {each.report.reason for each in replies.values()} == {"end"}
    assert {each.report.reused_tokens for each in replies.values()} == {len(PREFIX)}
    assert [each.report.prompt_tokens - len(PREFIX) for _, each in sorted(replies.items())] == [1, 2, 1, 2]


def test_the_same_as_one_after_the_other():
    asked = wanted("a", "m", "x", "yyy", "q", stop=("tu",), max_tokens=9)
    alone, together = write(ManyToy(sequences=0), asked, count=1), write(ManyToy(), asked)
    assert texts(alone) == texts(together)
    assert {n: each.report.reason for n, each in alone.items()} == {
        n: each.report.reason for n, each in together.items()
    }
    assert {each.report.reason for each in alone.values()} == {"end", "stop", "length"}


def test_one_that_ends_early_gives_its_place_to_the_next():
    toy = ManyToy()
    replies = write(toy, wanted("a", "y", "y", "y", "b", "y", "c"))
    assert list(replies)[:3] == [1, 2, 3]  # the short ones first
    assert len(replies) == 7
    writing = [len(each) for each in toy.batches if len(each) > 1]
    assert max(writing) == 4
    assert all(each in (1, 2, 3, 4) for batch in toy.batches for each in batch)
    assert texts(replies)[0] == "bcdefghijklmnopqrstuvwxyz" and texts(replies)[6].startswith("d")


def test_a_first_token_that_ends_the_answer():
    assert texts(write(ManyToy(), wanted("z", "y", "z"))) == {0: "", 1: "z", 2: ""}


def test_fewer_at_once_where_the_context_is_short():
    room = len(PREFIX) + 2 * (1 + 20) + 5
    toy = ManyToy(context_length=room)
    replies = write(toy, wanted(*"aaaaa", max_tokens=20))
    assert set(texts(replies).values()) == {"bcdefghijklmnopqrstu"}
    assert len(replies) == 5
    assert max(map(len, toy.batches)) == 2
    assert toy.cells <= room


def test_one_after_the_other_where_not_even_two_fit():
    toy = ManyToy(context_length=40)
    assert len(write(toy, wanted(*"tuv", max_tokens=20))) == 3
    assert toy.batches == []


def test_one_that_fits_in_no_way_fails_alone():
    toy = ManyToy(context_length=100)
    replies = write(toy, wanted("w", "x" * 200, "y"))
    assert isinstance(replies[1], Unanswered) and "only 70 fit" in replies[1].what and replies[1].remedy
    assert [replies[number].text for number in (0, 2)] == ["xyz", "z"]


def test_a_model_whose_memory_cannot_be_shared_writes_one_after_the_other():
    toy = ManyToy(sequences=0)
    replies = write(toy, wanted("w", "x"), at_once=AtOnce(0))
    assert texts(replies) == {0: "xyz", 1: "yz"}
    assert toy.batches == []


def test_stop_within_one_step():
    toy, token = ManyToy(), CancelToken()
    toy.cancel_at, toy.token = 6, token
    with pytest.raises(Cancelled):
        write(toy, wanted(*"abcd"), cancel=token)
    assert len(toy.batches) == 7, "nothing is computed after the step in which it came"
    assert toy.others == {} and toy.open == 0
    assert toy.watched is None


def test_stop_in_the_middle_of_a_step():
    toy = ManyToy()
    toy.abort_many_at = 5
    with pytest.raises(Cancelled):
        write(toy, wanted(*"abcd"), cancel=CancelToken())
    assert toy.others == {} and toy.open == 0
    assert texts(write(toy, wanted("w", "x"))) == {0: "xyz", 1: "yz"}


@pytest.mark.parametrize("step", [0, 2, 5, 8])
def test_what_fails_together_is_written_alone(step):
    toy = ManyToy()
    toy.fail_many_at = step
    replies = write(toy, wanted(*"uvwxy"))
    assert texts(replies) == {0: "vwxyz", 1: "wxyz", 2: "xyz", 3: "yz", 4: "z"}


def test_a_shared_beginning_that_cannot_be_read_fails_for_each():
    toy = ManyToy()
    toy.fail_at = 0
    replies = write(toy, wanted(*"uv"))
    assert [replies[number].what for number in (0, 1)] == ["The model could not go on."] * 2


def test_one_that_fails_alone_too_leaves_the_others():
    class Poisoned(ManyToy):
        def _check(self, tokens):
            if ord("!") in tokens:
                raise AppError("The model could not go on.", "Ask again.")

        def decode(self, tokens, *, every=False):
            self._check(tokens)
            super().decode(tokens, every=every)

        def decode_at(self, places):
            self._check([each.token for each in places])
            super().decode_at(places)

    replies = write(Poisoned(), wanted("w", "!x", "y", "x"))
    assert isinstance(replies[1], Unanswered) and replies[1].what == "The model could not go on."
    assert [replies[number].text for number in (0, 2, 3)] == ["xyz", "z", "yz"]


def test_nothing_more_is_begun_once_others_wait():
    toy = ManyToy()
    replies = write(toy, wanted(*"yyyyyyyy"), others_wait=lambda: len(toy.batches) > 4)
    assert 1 <= len(replies) <= 5
    assert set(texts(replies).values()) == {"z"}


def test_a_prompt_that_is_being_read_gives_way_but_not_the_first():
    toy = ManyToy()
    replies = write(toy, wanted("a" * 50 + "x", "a" * 50 + "b" * 50 + "y"), others_wait=lambda: True)
    assert texts(replies) == {0: "yz"}
    toy = ManyToy()
    long = "b" * 50 + "y"
    replies = write(toy, wanted("x", long), others_wait=lambda: len(toy.batches) > 3)
    assert texts(replies) == {0: "yz"}


def test_one_after_the_other_gives_way_too():
    assert list(write(ManyToy(sequences=0), wanted(*"xyz"), count=1, others_wait=lambda: True)) == [0]


def test_the_next_turn_goes_on_from_what_all_shared():
    toy = ManyToy()
    writer = Writer(toy, lambda: 1)
    many = ManyWriter(toy, writer, Always(4))
    list(many.write(wanted("w", "x"), CancelToken(), lambda: False))
    assert bytes(toy.memory).decode() == PREFIX
    done = list(writer.write(wanted("y")[0].prompt, Sampling(), 5, CancelToken()))[-1]
    assert done.reused_tokens == len(PREFIX)


def test_it_learns_what_is_fast_and_goes_by_it(monkeypatch):
    class Clocked(ManyToy):
        """Several take so many times as long as one."""

        def __init__(self, cost):
            super().__init__()
            self.now, self.cost = 0.0, cost

        def decode(self, tokens, *, every=False):
            self.now += 1.0
            super().decode(tokens, every=every)

        def decode_at(self, places):
            self.now += self.cost(len(places))
            super().decode_at(places)

    for cost, together in ((lambda count: 1.0 + 0.1 * count, True), (lambda count: 2.0 * count, False)):
        toy = Clocked(cost)
        for module in ("generation", "many_writing"):
            monkeypatch.setattr(f"app.engine.{module}.time", _Clock(toy))
        at_once = AtOnce(4)
        assert len(write(toy, wanted(*"a" * 12), at_once=at_once)) == 12
        assert (at_once.choice() > 1) == together


class _Clock:
    def __init__(self, toy):
        self.monotonic = lambda: toy.now


def test_answers_are_told_as_they_come():
    toy = ManyToy()
    many = ManyWriter(toy, Writer(toy, lambda: 1), Always(2))
    replies = many.write(wanted(*"ya"), CancelToken(), lambda: False)
    first = next(replies)
    assert isinstance(first, Answered) and first.number == 0
    assert toy.others, "the other one is still being written"
    replies.close()
    assert toy.others == {} and toy.open == 0
