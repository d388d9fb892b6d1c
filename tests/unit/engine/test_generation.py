"""The generation loop with a toy model whose memory can be looked at."""

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.generation import Writer
from app.engine.language_model import Aborted
from app.engine.protocol import Generated, PromptProgress, Sampling, TokenText

END = 0


class Toy:
    """Draws the last token plus one; token 0 ends. Its memory is a list."""

    context_length, slice_length, longest_draft, sequences = 100, 8, 0, 0

    def __init__(self, *, can_cut=True):
        self.memory, self.read, self.threads = [], 0, []
        self.can_cut = can_cut
        self.abort_at = self.fail_at = None
        self.watched = None
        self.closed = 0

    def piece(self, token):
        return chr(token).encode()

    def ends(self, token):
        return token == END

    def decode(self, tokens, *, every=False):
        if self.fail_at is not None and self.read >= self.fail_at:
            self.memory += tokens[:1]
            raise AppError("The model could not go on.")
        if self.abort_at is not None and self.read >= self.abort_at:
            self.memory += tokens[:3]
            raise Aborted
        self.memory += tokens
        self.read += len(tokens)

    def keep(self, count):
        if count != len(self.memory) and not self.can_cut:
            count = 0
        del self.memory[count:]
        return count

    def watch(self, cancel):
        self.watched = cancel

    def use_threads(self, count):
        self.threads.append(count)

    def sampler(self, sampling):
        return self

    def draw(self):
        return END if self.memory[-1] >= ord("e") else self.memory[-1] + 1

    def close(self):
        self.closed += 1


def write(toy, prompt="xyza", max_tokens=50, writer=None, stop=(), cancel=None):
    writer = writer or Writer(toy, lambda: 1)
    return list(
        writer.write([ord(each) for each in prompt], Sampling(stop=stop), max_tokens, cancel or CancelToken())
    )


def text_of(replies):
    return "".join(each.text for each in replies if isinstance(each, TokenText))


def test_it_writes_until_the_model_ends():
    toy = Toy()
    replies = write(toy)
    assert text_of(replies) == "bcde"
    assert replies[-1].reason == "end"
    assert (replies[-1].prompt_tokens, replies[-1].tokens, replies[-1].reused_tokens) == (4, 4, 0)
    assert toy.closed == 1
    assert toy.watched is None


def test_long_prompts_are_read_in_slices_with_progress():
    replies = write(Toy(), prompt="z" * 20 + "a")
    assert [each.done for each in replies if isinstance(each, PromptProgress)] == [0, 8, 16, 21]


def test_the_next_turn_reads_only_what_is_new():
    toy = Toy()
    writer = Writer(toy, lambda: 1)
    write(toy, writer=writer)
    before = toy.read
    report = write(toy, prompt="xyzabcdea", writer=writer, max_tokens=2)[-1]
    assert report.reused_tokens == 8
    assert toy.read - before == 2
    assert "".join(map(chr, toy.memory)) == "xyzabcdeab"


def test_the_last_token_is_always_read_again():
    toy = Toy()
    writer = Writer(toy, lambda: 1)
    first = text_of(write(toy, writer=writer))
    replies = write(toy, writer=writer)
    assert text_of(replies) == first
    assert replies[-1].reused_tokens == 3


def test_a_memory_that_cannot_be_cut_is_read_anew():
    toy = Toy(can_cut=False)
    writer = Writer(toy, lambda: 1)
    write(toy, writer=writer)
    replies = write(toy, prompt="xya", writer=writer)
    assert replies[-1].reused_tokens == 0
    assert text_of(replies) == "bcde"


def test_after_stop_in_mid_prompt_memory_and_books_agree():
    toy = Toy()
    writer = Writer(toy, lambda: 1)
    toy.abort_at = 8
    with pytest.raises(Cancelled):
        write(toy, prompt="z" * 20 + "a", writer=writer)
    assert len(toy.memory) == 8
    toy.abort_at = None
    replies = write(toy, prompt="z" * 20 + "a", writer=writer)
    assert replies[-1].reused_tokens == 8
    assert text_of(replies) == "bcde"


def test_stop_between_tokens():
    toy, cancel = Toy(), CancelToken()
    stream = Writer(toy, lambda: 1).write([ord("a")], Sampling(), 50, cancel)
    with pytest.raises(Cancelled):
        for reply in stream:
            if isinstance(reply, TokenText):
                cancel.cancel()
    assert toy.closed == 1


def test_after_a_failure_everything_is_read_anew():
    toy = Toy()
    writer = Writer(toy, lambda: 1)
    toy.fail_at = 5
    with pytest.raises(AppError):
        write(toy, writer=writer)
    toy.fail_at = None
    assert write(toy, writer=writer)[-1].reused_tokens == 0


def test_the_limit_and_the_end_of_the_context():
    assert write(Toy(), max_tokens=2)[-1].reason == "length"
    toy = Toy()
    toy.draw = lambda: ord("k")
    report = write(toy, prompt="a" * 40, max_tokens=1000)[-1]
    assert (report.tokens, report.reason) == (60, "length")


def test_stop_strings():
    replies = write(Toy(), stop=("cd",))
    assert (text_of(replies), replies[-1].reason) == ("b", "stop")


def test_what_does_not_fit_is_refused_before_anything_is_read():
    toy = Toy()
    with pytest.raises(AppError, match="has 85 tokens, but only 84 fit"):
        write(toy, prompt="a" * 85, max_tokens=1)
    with pytest.raises(AppError, match="only 50 fit"):
        write(toy, prompt="a" * 51, max_tokens=1000)
    with pytest.raises(AppError, match="nothing"):
        write(toy, prompt="")
    assert toy.read == 0


def test_the_thread_count_follows_what_is_free():
    toy = Toy()
    counts = iter([4, 4, 2] + [2] * 20)
    write(toy, writer=Writer(toy, lambda: next(counts)))
    assert toy.threads == [4, 2]


def test_an_abandoned_answer_frees_its_sampler():
    toy = Toy()
    stream = Writer(toy, lambda: 1).write([ord("a")], Sampling(), 50, CancelToken())
    while not isinstance(next(stream), TokenText):
        pass
    stream.close()
    assert toy.closed == 1


def test_the_report_comes_last():
    assert isinstance(write(Toy())[-1], Generated)
