"""Work in a second thread, whose news are passed on while it goes on."""

import queue
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

News = TypeVar("News")
Result = TypeVar("Result")

_TELL_EVERY_S = 0.05


def told_by(work: Callable[[Callable[[News], None]], Result], name: str) -> Generator[News, None, Result]:
    """Yields the newest of what `work` tells by the function it is given, and returns or raises what it does. `name`: of the
    thread.
    """
    told: queue.SimpleQueue[News] = queue.SimpleQueue()
    with ThreadPoolExecutor(1, name) as pool:
        working = pool.submit(work, told.put)
        done = False
        while not done:
            done = bool(wait([working], timeout=_TELL_EVERY_S).done)
            news = [told.get() for _ in range(told.qsize())]
            if news:
                yield news[-1]
        return working.result()
