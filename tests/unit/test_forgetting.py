"""What a person deletes is not kept as what a model has read either."""

import os

import pytest

from app.backend import close_backend, open_backend
from app.base.errors import Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.retrieval.protocol import IndexProgress


@pytest.fixture
def backend(paths):
    opened = open_backend(paths)
    yield opened
    close_backend(opened)


@pytest.fixture
def state(paths):
    paths.states.mkdir(parents=True)
    file = paths.states / "engine-model-1.state"
    file.write_bytes(b"words")
    return file


def test_a_deleted_conversation_goes_from_what_was_read(backend, state):
    conversation = backend.conversations.start()
    backend.conversations.add_question(conversation.id, "What is the number of my account?")
    assert state.exists()
    backend.conversations.delete(conversation.id)
    assert not state.exists()


def test_an_empty_conversation_had_no_words(backend, state):
    backend.conversations.delete(backend.conversations.start().id)
    assert state.exists()


def test_an_edited_question_goes_from_what_was_read(backend, state):
    conversation = backend.conversations.start()
    question = backend.conversations.add_question(conversation.id, "What is the number of my account?")
    backend.conversations.drop_turn(question.id)
    assert not state.exists()


def test_what_is_answered_again_goes_from_what_was_read(backend, state):
    older = state.with_name("engine-model-2.state")
    older.write_bytes(b"words")
    os.utime(older, (1000, 1000))  # last used before the question was asked
    conversation = backend.conversations.start()
    question = backend.conversations.add_question(conversation.id, "What is the number of my account?")
    backend.conversations.drop_from(question.id)
    assert older.exists() and not state.exists()


def test_documents_taken_out_of_the_library_go_from_what_was_read(backend, state, monkeypatch):
    told = []
    monkeypatch.setattr(backend.library._worker, "call", lambda message: told.append(state.exists()))
    backend.library.forget(["/documents/letters"])
    assert told == [True]  # forgotten after the index has, so that no answer brings it back in between
    assert not state.exists()


def test_an_index_that_failed_to_forget_leaves_nothing_in_what_was_read(backend, state, monkeypatch):
    def fail(message):
        raise WorkerDied("The document index stopped.")

    monkeypatch.setattr(backend.library._worker, "call", fail)
    with pytest.raises(WorkerDied):
        backend.library.forget(["/documents/letters"])
    assert not state.exists()


def test_a_file_deleted_from_the_disk_goes_from_what_was_read(backend, state, tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("letter", "note"):
        (folder / f"{name}.txt").write_text(f"The number of the account in this {name} is 12345.")
    list(backend.library.refresh([str(folder)], CancelToken()))
    list(backend.library.refresh([str(folder)], CancelToken()))
    assert state.exists()
    (folder / "letter.txt").unlink()
    list(backend.library.refresh([str(folder)], CancelToken()))
    assert not state.exists()


def test_a_run_that_is_stopped_tells_what_it_forgot(backend, state, monkeypatch):
    stopped = IndexProgress("listing", 0, 0, "", 0, 0.0, None, removed=1)

    def request(message, cancel):
        yield stopped
        raise Cancelled

    monkeypatch.setattr(backend.library._worker, "request", request)
    monkeypatch.setattr(backend.library._worker, "call", lambda message: None)
    with pytest.raises(Cancelled):
        list(backend.library.refresh(["/documents"], CancelToken()))
    assert not state.exists()
