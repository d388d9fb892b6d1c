"""What the engine makes of this machine, beside bare llama.cpp and in one run: `python -m benchmarks.engine [--models NAME…]`.

By turns, in processes of their own; medians are compared. Models: the starter as it came, and random weights in the shape of
models of 0.5 and 1.5 billion parameters, which no processor's cache holds. What tuning a file and copying from the prompt
bring is measured by `tuning` and `lookup`. Run it on a machine that does nothing else.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths, find_paths
from app.engine.client import Engine
from app.engine.protocol import Generated, Message, ModelSpec, PromptProgress, Sampling
from app.hardware.probe import physical_cores
from app.models.installed import starter_chat_model
from app.retrieval.client import Library
from app.retrieval.protocol import IndexProgress
from benchmarks.bare_llama import CONTEXT, Raw
from benchmarks.libraries import made_up_texts
from benchmarks.processes import busy, peak_bytes
from benchmarks.shapes import write_shape

_MODELS = {"starter": "", "0.5 B": "vocabulary", "1.5 B": "billions"}
_GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)
_SENTENCE = "The lighthouse keeper wrote down the height of each tide and the name of each ship. "
_FILES = 1500  # more than are read while the engine writes


@dataclass(frozen=True, slots=True)
class Size:
    """Tokens of a document and of an answer, and how often each thing is measured."""

    document: int
    answer: int
    rounds: int


_SMALL, _LARGE = Size(1000, 64, 7), Size(500, 24, 5)


class Bench:
    """One model in the engine, in a data folder of its own, and beside it in bare llama.cpp."""

    def __init__(self, file: Path, home: Path, size: Size) -> None:
        self.model = ModelSpec(str(file), CONTEXT)
        self.size = size
        self.paths: DataPaths = find_paths(home)
        self.paths.prepare()
        self.engine = Engine(self.paths)
        self.raw = Raw(file, physical_cores())
        self.document = self._text(size.document)

    def close(self) -> None:
        self.engine.close()
        self.raw.close()

    def reopened(self) -> None:
        """A new process with the model held again, as after the program was closed and started."""
        self.engine.close()
        self.engine = Engine(self.paths)
        list(self.engine.load(self.model, CancelToken()))

    def complete(self, prompt: str, tokens: int) -> Generated:
        return _last(self.engine.complete(self.model, prompt, _GREEDY, tokens, CancelToken()))

    def ask(self, question: str, document: str) -> tuple[Generated, float]:
        """With the seconds until the first token arrived here."""
        messages = [Message("system", document), Message("user", question)]
        began = time.monotonic()
        done = _last(self.engine.chat(self.model, messages, _GREEDY, 1, CancelToken()))
        return done, time.monotonic() - began

    def _text(self, tokens: int) -> str:
        """About so many tokens, which only bytes are to a made-up model."""
        text = _SENTENCE * 4
        (count,) = self.engine.count_tokens(self.model, [text], CancelToken())
        return (text * (tokens * 2 // count + 1))[: tokens * len(text) // count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", choices=_MODELS, default=list(_MODELS))
    for name in parser.parse_args().models:
        with tempfile.TemporaryDirectory() as folder:
            shape = _MODELS[name]
            file = write_shape(shape, Path(folder)) if shape else starter_chat_model()
            size = _LARGE if shape else _SMALL
            print(
                f"{name}: {file.name}, {file.stat().st_size / 1e6:.0f} MB, {physical_cores()} cores,"
                f" load {os.getloadavg()[0]:.1f}, medians of {size.rounds}"
            )
            bench = Bench(file, Path(folder, "home"), size)
            try:
                for measure in (
                    _reading,
                    _writing,
                    _first_tokens,
                    _stopping,
                    _beside_others,
                    _beside_indexing,
                ):
                    measure(bench)
            finally:
                bench.close()


def _reading(bench: Bench) -> None:
    ours, bare = [], []
    for number in range(bench.size.rounds):
        # numbered at the start, so that nothing of the turn before is reused
        done = bench.complete(f"{number} {bench.document}", 1)
        ours.append((done.prompt_tokens - done.reused_tokens) / done.prompt_s)
        bare.append(done.prompt_tokens / bench.raw.read(done.prompt_tokens))
    _tell("reading, tokens/s", ours, bare, "at least 0.95")
    peaks = [peak_bytes(pid) / 1e6 for pid in (bench.engine.worker_pid, bench.raw.pid) if pid]
    print(f"  {'peak memory, MB':<44}{peaks[0]:9.0f}  bare {peaks[1]:9.0f}  ratio {peaks[0] / peaks[1]:5.2f}")


def _writing(bench: Bench) -> None:
    ours, bare = [], []
    for _ in range(bench.size.rounds):
        done = bench.complete(_SENTENCE, bench.size.answer)
        ours.append(done.single_per_s)
        bare.append(bench.raw.write(done.prompt_tokens, max(done.tokens, 2)))
    _tell("writing, tokens/s", ours, bare, "at least 0.97")


def _first_tokens(bench: Bench) -> None:
    """Of a new chat, a second question about its document, after a restart; against reading just what is new."""
    cold: list[float] = []
    for number in range(bench.size.rounds):
        cold.append(bench.ask("Who wrote?", f"{number} {bench.document}")[1])
    document = f"{bench.size.rounds - 1} {bench.document}"
    ours, bare = [], []
    for number in range(bench.size.rounds):
        question = f"Question {number}: what did the keeper of the lighthouse write down about the tides?"
        done, seconds = bench.ask(question, document)
        ours.append(seconds)
        bare.append(bench.raw.follow(done.reused_tokens, done.prompt_tokens - done.reused_tokens))
    print(
        f"  {'first token of a new chat, s':<44}{statistics.median(cold):9.2f}  ({done.prompt_tokens} tokens)"
    )
    _tell("first token of a second question, ms", _ms(ours), _ms(bare), "at most 1.1")
    ours = []
    for _ in range(bench.size.rounds):
        bench.reopened()
        ours.append(bench.ask("Who wrote?", document)[1])
    _tell("first token of a reopened chat, ms", _ms(ours), _ms(cold), "at most 0.1", "cold")


def _stopping(bench: Bench) -> None:
    """From Stop in the middle of a long prompt until it has stopped here."""
    seconds: list[float] = []
    for number in range(bench.size.rounds):
        cancel = CancelToken()
        stopped: list[float] = []
        with suppress(Cancelled):
            prompt = f"stop {number} {bench.document}"
            for reply in bench.engine.complete(bench.model, prompt, _GREEDY, 1, cancel):
                if isinstance(reply, PromptProgress) and reply.done > reply.reused and not stopped:
                    stopped.append(time.monotonic())
                    # in the middle of the next part, not between two
                    threading.Timer(0.01, cancel.cancel).start()
        seconds.append(time.monotonic() - stopped[0] - 0.01)
    print(f"  {'Stop in a long prompt, ms (at most 150)':<44}{max(seconds) * 1000:9.0f}  the longest")


def _beside_others(bench: Bench) -> None:
    """Against the same at rest; "naive": bare llama.cpp with as many threads as cores, waiting as it does by itself."""
    naive = Raw(Path(bench.model.file), physical_cores(), waiting=False)
    rest = _rates(bench, naive)
    for count in (1, 2):
        with busy(count):
            found = _rates(bench, naive)
        limit = "at least 0.35" if count == 2 else ""
        _tell(f"writing beside {count} busy processes", found[0], rest[0], limit, "at rest")
        _tell("  naive", found[1], rest[1], "", "at rest")
    naive.close()


def _rates(bench: Bench, naive: Raw) -> tuple[list[float], list[float]]:
    ours, theirs = [], []
    for _ in range(bench.size.rounds):
        done = bench.complete(_SENTENCE, bench.size.answer)
        ours.append(done.single_per_s)
        theirs.append(naive.write(done.prompt_tokens, bench.size.answer // 4))
    return ours, theirs


def _beside_indexing(bench: Bench) -> None:
    rest = [bench.complete(_SENTENCE, bench.size.answer).single_per_s for _ in range(bench.size.rounds)]
    folder = bench.paths.data / "documents"
    folder.mkdir()
    for number, text in enumerate(made_up_texts(_FILES)):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    library, cancel, reading = Library(bench.paths), CancelToken(), threading.Event()

    def index() -> None:
        with suppress(Cancelled):
            for event in library.refresh([str(folder)], cancel):
                if isinstance(event, IndexProgress) and event.done:
                    reading.set()

    indexing = threading.Thread(target=index)
    indexing.start()
    reading.wait()
    found = []
    for _ in range(bench.size.rounds):
        with library.held():  # as every answer does
            found.append(bench.complete(_SENTENCE, bench.size.answer).single_per_s)
    _tell("writing while documents are read", found, rest, "at least 0.85", "at rest")
    if not indexing.is_alive():
        print("  (all documents had been read before the end: too few)")
    cancel.cancel()
    indexing.join()
    library.close()


def _last(replies: Iterator[Any]) -> Generated:
    done = list(replies)[-1]
    assert isinstance(done, Generated)
    return done


def _ms(seconds: Sequence[float]) -> list[float]:
    return [each * 1000 for each in seconds]


def _tell(
    name: str, ours: Sequence[float], other: Sequence[float], limit: str = "", beside: str = "bare"
) -> None:
    one, two = statistics.median(ours), statistics.median(other)
    said = f" ({limit})" if limit else ""
    print(f"  {name:<44}{one:9.1f}  {beside} {two:9.1f}  ratio {one / two:5.2f}{said}", flush=True)


if __name__ == "__main__":
    main()
