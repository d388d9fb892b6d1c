"""How long a question waits until new documents are read."""

import time
from collections.abc import Callable, Generator, Iterator

import pytest

from app.assistants.refreshing import refresh_documents
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.retrieval.protocol import IndexProgress, WaitReason


class _Endless:
    """A library that goes on telling the same for ever."""

    def __init__(self, stage: str, reason: WaitReason = "", every_s: float = 0.0) -> None:
        self.event = IndexProgress(stage, 0, 9, "", 0, 0.0, None, reason=reason)  # type: ignore[arg-type]
        self.every_s = every_s

    def refresh(self, *_: object, **__: object) -> Iterator[IndexProgress]:
        while True:
            time.sleep(self.every_s)
            yield self.event


def _told(
    library: _Endless, patience_s: float, enough: Callable[[], bool] = lambda: True
) -> tuple[int, AppError | None]:
    """How many events, and what went wrong."""
    trouble = []

    def events() -> Generator[object, None, None]:
        trouble.append(
            (
                yield from refresh_documents(
                    library,
                    ["/a"],
                    CancelToken(),
                    patience_s=patience_s,
                    enough=enough,  # type: ignore[arg-type]
                )
            )
        )

    return sum(1 for _ in events()), trouble[0]


@pytest.mark.parametrize("stage", ["reading", "embedding", "recognising"])
def test_patience_ends_in_every_stage(stage: str) -> None:
    started = time.monotonic()
    count, trouble = _told(_Endless(stage, every_s=0.01), 0.1)
    assert count > 2 and trouble is None
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("reason", ["paused", "battery", "busy", "hot"])
def test_what_does_not_go_on_is_not_waited_for(reason: WaitReason) -> None:
    count, trouble = _told(_Endless("waiting", reason), 60.0)
    assert count == 1
    assert "not read yet" in str(trouble)


def test_the_end_of_an_answer_is_waited_for() -> None:
    assert _told(_Endless("waiting", "answer", every_s=0.01), 0.1)[0] > 2


def test_it_goes_on_while_nothing_can_be_searched_yet() -> None:
    said = iter([False, False, True])
    first, _ = _told(_Endless("reading", every_s=0.01), 0.1)
    count, trouble = _told(_Endless("reading", every_s=0.01), 0.1, lambda: next(said))
    assert count > 2 * first and trouble is None
    assert next(said, None) is None
