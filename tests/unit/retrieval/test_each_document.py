"""One question to each document of a small library, with the real worker and with nothing but the starter embedder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.retrieval.answerability import Judge
from app.retrieval.client import Library
from app.retrieval.each_document import EachDocument
from app.retrieval.each_protocol import AskEach, EachEnded, EachRead
from app.retrieval.live_vectors import LiveVectors
from app.retrieval.pacing import Pace
from app.retrieval.protocol import FileLimits
from app.retrieval.serving import Serving, ServingModel
from app.storage.database import open_read_only
from tests.fixtures.homes import prepared

QUESTION = "When does the contract end?"
FILLER = "\n\n".join(
    f"Room {number} was painted and its windows were cleaned by the firm." for number in range(80)
)
TEXTS = {
    "lease.txt": f"{FILLER}\n\nThe lease contract starts on 1 July 2023 and ends on 30 June 2026.\n\n{FILLER}",
    "cleaning.md": "# Cleaning contract\n\nThe contract was signed on 12.03.2024. It ends on 11.03.2026.",
    "bread.txt": "Knead the dough for ten minutes, then let it rest for an hour.",
    "costs.csv": "Contract,Ends,Price\nLift,2027-05-01,900\nHeating,2026-09-30,1200\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("each")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def paths_of_all(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    return prepared(tmp_path_factory.mktemp("each-home"))


@pytest.fixture(scope="module")
def library(paths_of_all: DataPaths, folder: Path) -> Iterator[Library]:
    library = Library(paths_of_all)
    list(library.refresh([str(folder)], CancelToken()))
    yield library
    library.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The shared worker's reader thread outlives one test on purpose."""


def test_each_document_is_asked_once_and_quotes_itself(library, folder):
    *read, ended = library.ask_each(QUESTION, CancelToken(), folders=[str(folder)])
    assert ended == EachEnded(4, 0)
    assert [(each.done, each.total) for each in read] == [(done, 4) for done in (1, 2, 3, 4)]
    assert {Path(each.file).name for each in read} == TEXTS.keys()
    assert Path(read[-1].file).name == "bread.txt"  # the likeliest first
    for each in read:
        assert all(mark.hit.file == each.file for mark in each.marks)
        assert all(mark.hit.text[mark.start : mark.end].strip() for mark in each.marks)
    lease = next(each for each in read if each.file.endswith("lease.txt"))
    best = lease.marks[0]
    assert "30 June 2026" in best.hit.text  # one passage of many
    assert TEXTS["lease.txt"].replace("\n\n", "\n").count(best.hit.text[best.start : best.end])


def test_a_question_for_yes_or_no_is_answered_with_one_whole_sentence(library, folder):
    limits = FileLimits(types=("md",))
    read, _ = library.ask_each(
        "Was the contract signed in 2024?", CancelToken(), folders=[str(folder)], limits=limits
    )
    assert isinstance(read, EachRead)
    (mark,) = read.marks
    assert mark.hit.text[mark.start : mark.end] == "The contract was signed on 12.03.2024."
    assert mark.confidence == read.answerability


def test_only_some_documents(library, folder):
    limits = FileLimits(types=("md",))
    *read, ended = library.ask_each(QUESTION, CancelToken(), folders=[str(folder)], limits=limits)
    assert [Path(each.file).name for each in read] == ["cleaning.md"] and ended.documents == 1


def test_any_answer_will_do_without_caution(library, folder):
    *read, _ = library.ask_each(QUESTION, CancelToken(), folders=[str(folder)], caution=0)
    assert all(each.answered for each in read)
    *read, _ = library.ask_each("Who won the race?", CancelToken(), folders=[str(folder)], caution=4)
    assert not any(each.answered for each in read)


def test_a_stop_ends_it_at_once(library, folder):
    token = CancelToken()
    replies = library.ask_each(QUESTION, token, folders=[str(folder)])
    assert isinstance(next(replies), EachRead)
    token.cancel()
    with pytest.raises(Cancelled):
        list(replies)


def test_another_model_that_serves_just_then_is_waited_for(library, paths_of_all, folder, tmp_path):
    database = open_read_only(paths_of_all.index_db)
    assert database is not None
    served = ServingModel(database, paths_of_all.vector_cache).current()
    gone = LiveVectors(database, tmp_path, served.embedder.dimensions, embedder="an earlier model")
    models = iter([replace(served, vectors=gone)])
    tokens = []

    def serving(token: CancelToken) -> Serving:
        tokens.append(token)
        return next(models, served)

    cancel = CancelToken()
    *read, ended = EachDocument(database, serving, Judge(), Pace()).ask(
        AskEach(QUESTION, (str(folder),)), 0, cancel
    )
    assert len(read) == ended.documents == 4
    assert all(each is cancel for each in tokens)  # a model that takes long to load can be stopped
    database.close()


def test_without_a_reader_the_telling_sentences_are_marked(library, paths_of_all, folder):
    database = open_read_only(paths_of_all.index_db)
    assert database is not None
    serving = ServingModel(database, paths_of_all.vector_cache)
    pass_ = EachDocument(database, serving.current, Judge(), Pace())
    *read, ended = pass_.ask(AskEach(QUESTION, (str(folder),)), 2, CancelToken())
    assert ended.unread == 2  # those that the index does not hold yet
    marked = {Path(each.file).name: each.marks[0] for each in read}
    for name, answer in (("lease.txt", "30 June 2026"), ("cleaning.md", "11.03.2026")):
        mark = marked[name]
        assert answer in mark.hit.text[mark.start : mark.end]
    answered = {Path(each.file).name for each in read if each.answered}
    assert "lease.txt" in answered and "bread.txt" not in answered
    database.close()
