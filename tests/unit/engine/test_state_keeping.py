"""What is worth keeping and loading, with a toy model whose memory is a list."""

import time

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.generation import Writer
from app.engine.kept_states import KeptStates, current_era, forget_states
from app.engine.protocol import PromptProgress, Restoring, Sampling
from app.engine.state_keeping import StateKeeper
from tests.unit.engine.test_generation import Toy


class SlowToy(Toy):
    """Its states are what is in its memory; `bytes_a_token` is what it says of their size."""

    context_length, slice_length = 2000, 100

    def __init__(self, *, goes_back=True, bytes_a_token=1):
        super().__init__(can_cut=goes_back)
        self.goes_back = goes_back
        self.bytes_a_token = bytes_a_token
        self.loaded = 0

    def state_bytes(self):
        return len(self.memory) * self.bytes_a_token

    def save_state(self, file, cancel):
        cancel.raise_if_cancelled()
        file.write_text(" ".join(map(str, self.memory)) + "\n")

    def load_state(self, file):
        self.memory = []
        self.memory = list(map(int, file.read_bytes().split(b"\n")[0].split()))
        self.loaded += 1


class Chatting:
    """A process with a toy model over a folder of states."""

    def __init__(self, folder, **toy):
        self.folder = folder
        self.states = KeptStates(folder, "1.0")
        self.toy = SlowToy(**toy)
        self.keeper = StateKeeper(self.states, self.states.key("toy"), self.toy)
        self.writer = Writer(self.toy, lambda: 1, self.keeper)

    def reads(self, prompt, *, keep=True, era=None, cancel=None, seconds=1.0):
        """Answers `prompt`, then nobody asks for a while; how many tokens were not read."""
        cancel = cancel or CancelToken()
        self.keeper.learn(1000, 1000 * seconds)
        era = (era or current_era(self.folder)) if keep else ""
        report = list(self.writer.write(prompt, Sampling(), 50, cancel, era=era))[-1]
        self.writer.keep_state(CancelToken())
        assert self.toy.memory == self.writer._held
        return report.reused_tokens


def story(number, length=400):
    """A prompt that shares its first 30 tokens with every other, and answers with four tokens."""
    return [*range(1000, 1030), *(2000 + number + 10 * each for each in range(length - 31)), ord("a")]


ANSWER = [ord(each) for each in "bcde"]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "states"


def files(folder):
    return len(list(folder.glob("*.state")))


def test_a_reopened_chat_is_not_read_again(folder):
    assert Chatting(folder).reads(story(1)) == 0
    again = Chatting(folder)
    assert again.reads([*story(1), *ANSWER, 7, 8, ord("a")]) == 404
    assert again.toy.loaded == 1


def test_a_chat_returned_to_after_another_is_not_read_again(folder):
    chatting = Chatting(folder)
    chatting.reads(story(1))
    assert chatting.reads(story(2)) == 30
    assert chatting.reads(story(1)) == 399
    assert files(folder) == 2


def test_another_question_over_the_same_documents(folder):
    Chatting(folder).reads(story(1))
    assert Chatting(folder).reads([*story(1)[:350], 5, 6, ord("a")]) == 350


def test_a_state_that_shares_little_is_not_loaded(folder):
    Chatting(folder).reads(story(1, length=1000))
    again = Chatting(folder)
    assert again.reads([*story(1)[:200], ord("a")]) == 0  # less than a fourth of it
    assert again.reads(story(1)[:40] + story(2)) == 40
    assert again.toy.loaded == 0


def test_what_is_in_memory_is_not_loaded_over(folder):
    chatting = Chatting(folder)
    chatting.reads(story(1))
    chatting.reads([*story(1), *ANSWER, 7, ord("a")])
    assert chatting.toy.loaded == 0


def test_short_conversations_are_not_written(folder):
    Chatting(folder).reads(story(1, length=100))
    assert files(folder) == 0


def test_a_state_is_written_again_when_it_has_grown(folder):
    chatting = Chatting(folder)
    chatting.reads(story(1))
    (first,) = folder.glob("*.state")
    chatting.reads([*story(1), *ANSWER, *range(50), ord("a")])
    assert list(folder.glob("*.state")) == [first]
    chatting.reads([*story(1), *ANSWER, *range(50), *range(100), ord("a")])
    (longer,) = folder.glob("*.state")
    assert longer != first


def test_what_is_quickly_read_is_not_written(folder):
    Chatting(folder, bytes_a_token=1_000_000).reads(story(1), seconds=0.001)
    assert files(folder) == 0
    Chatting(folder, bytes_a_token=10_000).reads(story(1), seconds=0.001)
    assert files(folder) == 1


def test_memory_that_cannot_go_back_takes_only_what_fits_as_a_whole(folder):
    Chatting(folder, goes_back=False).reads(story(1))
    again = Chatting(folder, goes_back=False)
    assert (again.reads(story(1)), again.toy.loaded) == (0, 0)
    again = Chatting(folder, goes_back=False)
    assert again.reads([*story(1), *ANSWER, 7, ord("a")]) == 404
    assert "".join(map(chr, again.toy.memory[-5:])) == "abcde"


def test_a_state_longer_than_the_context_is_left(folder):
    Chatting(folder).reads(story(1))
    again = Chatting(folder)
    again.toy.context_length = 390
    assert again.reads([*story(1)[:300], ord("a")]) == 0


def test_nothing_is_kept_or_brought_back_where_the_person_does_not_want_it(folder):
    Chatting(folder).reads(story(1), keep=False)
    assert not folder.exists()
    chatting = Chatting(folder)
    chatting.reads(story(1))
    chatting.reads(story(2), keep=False)
    assert files(folder) == 1
    assert Chatting(folder).reads(story(1), keep=False) == 0


def test_what_was_forgotten_leaves_memory_too(folder):
    chatting = Chatting(folder)
    chatting.reads(story(1))
    forget_states(folder)
    chatting.writer.keep_state(CancelToken())
    assert files(folder) == 0
    assert chatting.reads(story(1)) == 0


def test_words_that_were_asked_again_leave_disk_and_the_rest_stays_in_memory(folder):
    chatting = Chatting(folder)
    chatting.reads(story(1))
    forget_states(folder, since=time.time())
    chatting.writer.keep_state(CancelToken())
    assert files(folder) == 0
    edited = [*story(1)[:350], 5, 6, ord("a")]
    assert chatting.reads(edited) == 350
    (state,) = chatting.states.of(chatting.states.key("toy"))
    assert list(state.tokens)[:352] == edited[:352]


def test_a_state_that_gives_way_is_written_the_next_time(folder):
    chatting = Chatting(folder)
    gone = CancelToken()
    gone.cancel()
    list(chatting.writer.write(story(1), Sampling(), 50, CancelToken(), era=current_era(folder)))
    chatting.keeper.learn(1000, 1000.0)
    with pytest.raises(Cancelled):
        chatting.writer.keep_state(gone)
    assert files(folder) == 0
    chatting.writer.keep_state(CancelToken())
    assert files(folder) == 1


def test_it_is_told_before_a_state_is_loaded(folder):
    Chatting(folder).reads(story(1))
    replies = Chatting(folder).writer.write(story(1), Sampling(), 50, CancelToken(), era=current_era(folder))
    assert [type(each) for _, each in zip(range(2), replies, strict=False)] == [Restoring, PromptProgress]


def test_what_was_asked_before_all_was_forgotten_and_is_read_after_is_not_kept(folder):
    chatting, era = Chatting(folder), current_era(folder)
    forget_states(folder)
    Chatting(folder).reads(story(2))
    assert chatting.reads(story(1), era=era) == 0  # it waited for another answer
    assert files(folder) == 1
    assert chatting.reads(story(1)) == 0  # nor is it in memory


def test_a_damaged_state_is_read_again(folder):
    Chatting(folder).reads(story(1))
    (file,) = folder.glob("*.state")
    content = bytearray(file.read_bytes())
    content[5] ^= 1
    file.write_bytes(content)
    again = Chatting(folder)
    assert again.reads(story(1)) == 0
    assert again.toy.loaded == 0


def test_a_state_that_does_not_load_is_read_again(folder):
    Chatting(folder).reads(story(1))
    again = Chatting(folder)

    def refuse(file):
        again.toy.memory = []
        raise AppError("It does not fit.")

    again.toy.load_state = refuse
    assert again.reads(story(1)) == 0
    assert Chatting(folder).reads(story(1)) == 399  # the new one


def test_stop_while_a_state_is_looked_at(folder):
    Chatting(folder).reads(story(1))
    again, stopped = Chatting(folder), CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        again.reads(story(1), cancel=stopped)
    assert again.toy.loaded == 0
    assert again.reads(story(1)) == 399
