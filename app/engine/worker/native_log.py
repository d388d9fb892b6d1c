"""What llama.cpp says while it works. Its log is a page for each model; errors are kept, the rest only on request."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from llama_cpp import llama_cpp as llama

_ERROR = 4  # ggml's level
_errors: deque[str] = deque(maxlen=5)
_listening: list[str] | None = None


@llama.llama_log_callback  # type: ignore[untyped-decorator]
def _hear(level: int, text: bytes | None, _: object) -> None:
    said = (text or b"").decode(errors="replace")
    if _listening is not None:
        _listening.append(said)
    if level == _ERROR and said.strip():
        _errors.append(said.strip())


def quiet_llama() -> None:
    """Nothing of it reaches stderr from now on."""
    llama.llama_log_set(_hear, None)


def forget_errors() -> None:
    _errors.clear()


def last_errors() -> str:
    """The latest errors, for Alcove's own log."""
    return "; ".join(_errors)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every piece of log text written inside the block (a line may come in several pieces)."""
    global _listening
    heard: list[str] = []
    _listening = heard
    try:
        yield heard
    finally:
        _listening = None
