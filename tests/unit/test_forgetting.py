"""What a person deletes is not kept as what a model has read either."""

import pytest

from app.backend import close_backend, open_backend
from app.base.errors import WorkerDied


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
