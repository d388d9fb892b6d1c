"""The folder of kept states: what is found again, what goes, and what is never trusted."""

import os
import shutil
import time

import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.engine.kept_states import KeptStates, all_forgotten, current_era, forget_states, kept_bytes

SIZE = 1000


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "states"


@pytest.fixture
def states(folder):
    return KeptStates(folder, "1.0", most_bytes=10 * SIZE)


def save(states, tokens=range(10), key=None, size=SIZE, **more):
    """Keep a state of `size` bytes in all but the tokens and the footer."""
    return states.save(
        key or states.key("model"),
        tokens,
        lambda file: file.write_bytes(b"x" * size),
        size=size,
        era=more.pop("era", None) or current_era(states._folder),
        cancel=CancelToken(),
        **more,
    )


def kept(states, key=None):
    return sorted(list(each.tokens) for each in states.of(key or states.key("model")))


def used_at(states, first, seconds):
    """As if the state whose tokens begin with `first` had been used then."""
    (state,) = [each for each in states.of(states.key("model")) if each.tokens[0] == first]
    os.utime(state.file, (seconds, seconds))


def test_what_was_kept_is_found_by_the_next_process(states, folder):
    assert save(states, [5, 6, 7])
    later = KeptStates(folder, "1.0")
    (state,) = later.of(later.key("model"))
    assert list(state.tokens) == [5, 6, 7]
    assert later.checked(state, CancelToken())
    with later.loading(state, current_era(folder)) as file:
        assert file.read_bytes().startswith(b"x" * SIZE)
    assert kept(later) == [[5, 6, 7]]


def test_other_models_and_other_engines_have_their_own(states, folder):
    save(states)
    assert kept(states, states.key("another")) == []
    newer = KeptStates(folder, "2.0", most_bytes=10 * SIZE)
    assert kept(newer) == []
    save(newer, [1, 2])  # what only an older engine could read goes
    assert kept(states) == []
    assert kept(newer) == [[1, 2]]


def test_the_longest_unused_go_first(states):
    for number in range(8):
        save(states, [number] * 3)
        used_at(states, number, 1000 + number)
    (oldest,) = [each for each in states.of(states.key("model")) if each.tokens[0] == 0]
    states.used(oldest)
    for number in (20, 21, 22):
        save(states, [number] * 3)
    assert [each[0] for each in kept(states)] == [0, 3, 4, 5, 6, 7, 20, 21, 22]


def test_room_is_never_exceeded(states, folder):
    for number in range(30):
        save(states, [number] * 3)
        assert 0 < kept_bytes(folder) <= 11 * SIZE  # the footers come on top
    assert not save(states, [99], size=6 * SIZE)  # one takes half of it at most


def test_a_full_disk_leaves_less_room(states, monkeypatch):
    free = shutil.disk_usage("/")._replace(free=12 * SIZE)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)
    assert not save(states)
    assert save(states, size=SIZE // 2)


def test_a_disk_that_has_filled_up_gets_room_back(states, folder, monkeypatch):
    for number in range(5):
        save(states, [number])
    free = shutil.disk_usage("/")._replace(free=12 * SIZE)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)
    assert not save(states, [9])
    assert 0 < kept_bytes(folder) < 2 * SIZE


def test_a_longer_state_replaces_the_shorter_ones(states):
    save(states, [1, 2])
    save(states, [9])
    replaced = [each for each in states.of(states.key("model")) if each.tokens[0] == 1]
    assert save(states, [1, 2, 3], instead_of=replaced)
    assert kept(states) == [[1, 2, 3], [9]]


@pytest.mark.parametrize("at", [0, SIZE // 2, SIZE + 1, -1])
def test_a_flipped_byte_is_noticed(states, at):
    save(states)
    (state,) = states.of(states.key("model"))
    content = bytearray(state.file.read_bytes())
    content[at] ^= 1
    state.file.write_bytes(content)
    assert not states.checked(state, CancelToken())
    assert not state.file.exists()


def test_files_cut_off_are_neither_offered_nor_kept(states, folder):
    save(states)
    (state,) = states.of(states.key("model"))
    state.file.write_bytes(state.file.read_bytes()[:-7])
    (folder / "notes.state").write_text("no state")
    save(states, [8])
    (other,) = [each for each in states.of(states.key("model")) if each.tokens[0] == 8]
    other.file.write_bytes(other.file.read_bytes()[4:])  # its footer is whole
    later = KeptStates(folder, "1.0", most_bytes=10 * SIZE)
    assert later.of(later.key("model")) == []
    save(later, [4])
    assert sorted(each.suffix for each in folder.iterdir()) == ["", ".state"]
    assert kept(later) == [[4]]


def test_what_dead_processes_left_goes(states, folder):
    save(states)
    for name in ("a.part", "b.loading"):
        (folder / name).write_bytes(b"x")
    save(states, [4])
    assert (folder / "a.part").exists()  # another process may be writing it
    for name in ("a.part", "b.loading"):
        os.utime(folder / name, (1000, 1000))
    save(states, [5])
    assert not (folder / "a.part").exists() and not (folder / "b.loading").exists()


def test_one_that_was_loaded_is_the_last_to_go(states, folder):
    for number in range(2):
        save(states, [number])
        used_at(states, number, 1000 + number)
    (older,) = [each for each in states.of(states.key("model")) if each.tokens[0] == 0]
    with states.loading(older, current_era(folder)):
        pass
    save(states, [2], size=5 * SIZE)
    save(states, [3], size=7 * SIZE // 2)
    assert kept(states) == [[0], [2], [3]]


def test_a_state_over_which_the_process_ends_is_not_tried_again(states, folder):
    save(states)
    (state,) = states.of(states.key("model"))
    loading = states.loading(state, current_era(folder))
    loading.__enter__()
    later = KeptStates(folder, "1.0")
    assert later.of(later.key("model")) == []


def test_one_that_does_not_load_goes(states, folder):
    save(states)
    (state,) = states.of(states.key("model"))
    with pytest.raises(RuntimeError), states.loading(state, current_era(folder)):
        raise RuntimeError
    assert kept(states) == []


def test_forgetting_leaves_nothing_and_begins_a_new_era(states, folder):
    save(states)
    era = current_era(folder)
    forget_states(folder)
    assert list(folder.iterdir()) == []
    assert kept_bytes(folder) == 0
    assert not save(states, era=era)  # its words were to be forgotten
    assert current_era(folder) != era
    assert not states.save(
        states.key("model"), [1], lambda _: pytest.fail("written"), size=1, era=era, cancel=CancelToken()
    )
    assert save(states)


def test_what_is_forgotten_while_it_is_written_does_not_come_back(states, folder):
    def write(file):
        forget_states(folder)
        folder.mkdir(exist_ok=True)
        file.write_bytes(b"x")

    states.save(states.key("model"), [1], write, size=1, era=current_era(folder), cancel=CancelToken())
    assert kept_bytes(folder) == 0


def test_what_is_forgotten_while_it_is_looked_at_does_not_come_back(states, folder):
    save(states)
    (state,) = states.of(states.key("model"))
    era, content = current_era(folder), state.file.read_bytes()
    forget_states(folder)
    state.file.write_bytes(content)  # as where a file that is open cannot be removed
    with states.loading(state, era):
        pass
    assert kept_bytes(folder) == 0


def test_one_that_is_being_loaded_is_not_abandoned(states, folder):
    save(states, [1])
    used_at(states, 1, 1000)
    (state,) = states.of(states.key("model"))
    with states.loading(state, current_era(folder)):
        save(states, [2])  # by another process
    assert kept(states) == [[1], [2]]


def test_an_era_that_was_never_written_whole_does_not_end_all_keeping(states, folder):
    folder.mkdir()
    (folder / "era").touch()
    assert current_era(folder)
    assert save(states)
    assert sorted(each.suffix for each in folder.iterdir()) == ["", ".state"]


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    states = KeptStates(tmp_path / "file" / "states", "1.0")
    assert current_era(tmp_path / "file" / "states") == ""
    assert states.of(states.key("model")) == []
    assert not states.save("key", [1], lambda file: None, size=1, era="x", cancel=CancelToken())
    forget_states(tmp_path / "file" / "states")


def test_a_failed_write_leaves_nothing(states, folder):
    def write(file):
        file.write_bytes(b"half")
        raise OSError("the disk is full")

    assert not states.save(
        states.key("model"), [1], write, size=1, era=current_era(folder), cancel=CancelToken()
    )
    assert kept_bytes(folder) == 0


def test_one_that_gives_way_while_it_is_written_leaves_all_as_it_was(states, folder):
    save(states, [1, 2])
    older = states.of(states.key("model"))
    stopped = CancelToken()

    def write(file):
        file.write_bytes(b"x" * SIZE)
        stopped.cancel()  # as it does while the checksum is made

    with pytest.raises(Cancelled):
        states.save(
            states.key("model"), [1, 2, 3], write,
            size=SIZE, era=current_era(folder), instead_of=older, cancel=stopped,
        )  # fmt: skip
    assert kept(states) == [[1, 2]]
    assert sorted(each.suffix for each in folder.iterdir()) == ["", ".state"]


def test_forgetting_since_a_time_leaves_what_was_last_used_before(states, folder):
    for number in range(2):
        save(states, [number])
    used_at(states, 0, 1000)
    before = current_era(folder)
    forget_states(folder, since=time.time())
    assert kept(states) == [[0]]
    now = current_era(folder)
    assert now != before and not all_forgotten(before, now)
    assert not save(states, [2], era=before)  # an engine may still have the words in its memory
    forget_states(folder, since=time.time())
    assert not all_forgotten(before, current_era(folder))
    forget_states(folder)
    assert all_forgotten(before, current_era(folder))
    assert kept(states) == []


def test_a_time_to_come_means_a_clock_that_was_changed(states, folder):
    save(states)
    used_at(states, 0, 1000)
    before = current_era(folder)
    forget_states(folder, since=time.time() + 86_400)
    assert kept(states) == [] and all_forgotten(before, current_era(folder))


def test_without_an_era_memory_is_emptied_too(states, folder):
    save(states)
    before = current_era(folder)
    (folder / "era").unlink()
    forget_states(folder, since=time.time())
    assert kept(states) == [] and all_forgotten(before, current_era(folder))
