"""How much the engine costs beside bare llama.cpp: `python -m benchmarks.engine [--threads N]`.

Both run in processes of their own with the same number of threads, by turns, five times; medians are
compared. Ratios mean something on a busy machine too, the times themselves do not.
"""

import argparse
import ctypes
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.base.worker_process import WAITING
from app.engine.client import Engine
from app.engine.protocol import Generated, Message, ModelSpec, Sampling
from app.hardware.probe import physical_cores
from app.models.installed import starter_chat_model

ROUNDS = 5
TOKENS = 64
CONTEXT = 2048
SLICE = 128  # of a prompt, as in the worker
PROMPT = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,"
DOCUMENT = "The lighthouse keeper wrote down the height of each tide and the name of each ship. " * 25
GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)


class Raw:
    """Bare llama.cpp in a process of its own; each call sends one line and reads one."""

    def __init__(self, file: Path, threads: int) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.engine", "--raw", str(file), "--threads", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | WAITING,
        )

    def __call__(self, *work: object) -> float:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(work) + "\n")
        self._child.stdin.flush()
        return float(self._child.stdout.readline())

    def close(self) -> None:
        self._child.communicate()


def compare(threads: int) -> None:
    """Measure by turns and print the table."""
    file = starter_chat_model()
    model = ModelSpec(str(file), CONTEXT, threads)
    raw = Raw(file, threads)
    with tempfile.TemporaryDirectory() as home:
        engine = Engine(find_paths(Path(home)))
        list(engine.load(model, CancelToken()))
        print(f"{file.name}, {threads} thread(s), load {os.getloadavg()[0]:.1f}, median of {ROUNDS}")
        _writing(engine, model, raw)
        _following_up(engine, model, raw)
        engine.close()
    raw.close()


def _writing(engine: Engine, model: ModelSpec, raw: Raw) -> None:
    rates: dict[str, list[float]] = {
        "bare llama.cpp, greedy": [],
        "engine, greedy": [],
        "engine, as used": [],
    }
    for _ in range(ROUNDS):
        rates["bare llama.cpp, greedy"].append(raw("write", PROMPT, TOKENS))
        for name, sampling in (("engine, greedy", GREEDY), ("engine, as used", Sampling())):
            done = _last(engine.complete(model, PROMPT, sampling, TOKENS, CancelToken()))
            rates[name].append((done.tokens - 1) / done.generate_s)
    bare = statistics.median(rates["bare llama.cpp, greedy"])
    for name, values in rates.items():
        rate = statistics.median(values)
        print(f"  {name:<32}{rate:8.1f} tokens/s   ratio {rate / bare:.2f}")


def _following_up(engine: Engine, model: ModelSpec, raw: Raw) -> None:
    """A second question about the same document, against evaluating just its tokens."""
    times: dict[str, list[float]] = {"bare llama.cpp": [], "engine": []}
    done = _last(engine.chat(model, _turn("Who wrote?"), GREEDY, 1, CancelToken()))
    whole_s, whole = done.prompt_s, done.prompt_tokens
    for number in range(ROUNDS):
        question = f"Question {number}: what did the keeper of the lighthouse write down about the tides?"
        done = _last(engine.chat(model, _turn(question), GREEDY, 1, CancelToken()))
        new = done.prompt_tokens - done.reused_tokens
        times["engine"].append(done.prompt_s)
        times["bare llama.cpp"].append(raw("follow", done.reused_tokens, new))
    bare, ours = (statistics.median(each) for each in times.values())
    print(f"  first turn: {whole} tokens read in {whole_s:.2f} s")
    print(f"  follow-up: {done.prompt_tokens} tokens, {new} of them read")
    print(f"  {'bare llama.cpp, new tokens only':<32}{bare * 1000:8.0f} ms to the first token")
    print(f"  {'engine':<32}{ours * 1000:8.0f} ms to the first token   ratio {ours / bare:.2f}")


def _turn(question: str) -> list[Message]:
    return [Message("system", DOCUMENT), Message("user", question)]


def _last(replies: Iterator[Any]) -> Generated:
    done = list(replies)[-1]
    assert isinstance(done, Generated)
    return done


class BareLoop:
    """What the other process does: plain loops over llama_decode, nothing shown, nothing checked."""

    def __init__(self, file: Path, threads: int) -> None:
        from llama_cpp import llama_cpp

        self._llama = llama_cpp
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = 0
        params.load_mode = llama_cpp.LLAMA_LOAD_MODE_MMAP
        model = llama_cpp.llama_model_load_from_file(os.fsencode(file), params)
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch = CONTEXT, 512, 512
        settings.n_threads = settings.n_threads_batch = threads
        settings.flash_attn_type, settings.swa_full, settings.no_perf = 1, False, True
        self._context = llama_cpp.llama_init_from_model(model, settings)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._vocabulary = llama_cpp.llama_model_get_vocab(model)
        self._sampler = llama_cpp.llama_sampler_init_greedy()
        self._tokens = (llama_cpp.llama_token * CONTEXT)(*([100] * CONTEXT))

    def write(self, prompt: str, count: int) -> float:
        """Tokens per second after the first."""
        llama, data, plain = self._llama, prompt.encode(), False
        self._cut(0)
        read = llama.llama_tokenize(self._vocabulary, data, len(data), self._tokens, CONTEXT, plain, plain)
        self._read(read)
        one = (llama.llama_token * 1)(self._draw())
        began = time.monotonic()
        for _ in range(count - 1):
            llama.llama_decode(self._context, llama.llama_batch_get_one(one, 1))
            one[0] = self._draw()
        return (count - 1) / (time.monotonic() - began)

    def follow(self, held: int, new: int) -> float:
        """Seconds to read `new` tokens behind `held` ones and to draw the next."""
        if self._llama.llama_memory_seq_pos_max(self._memory, 0) + 1 < held:
            self._cut(0)
            self._read(held)
        self._cut(held)
        began = time.monotonic()
        self._read(new)
        self._draw()
        return time.monotonic() - began

    def _read(self, count: int) -> None:
        for start in range(0, count, SLICE):
            place = ctypes.cast(ctypes.addressof(self._tokens) + 4 * start, self._llama.llama_token_p)
            batch = self._llama.llama_batch_get_one(place, min(SLICE, count - start))
            self._llama.llama_decode(self._context, batch)

    def _draw(self) -> int:
        return int(self._llama.llama_sampler_sample(self._sampler, self._context, -1))

    def _cut(self, count: int) -> None:
        self._llama.llama_memory_seq_rm(self._memory, 0, count, -1)


def serve_raw(file: Path, threads: int) -> None:
    """Answer the lines of `Raw`."""
    loop = BareLoop(file, threads)
    for line in sys.stdin:
        work, *arguments = json.loads(line)
        print(getattr(loop, work)(*arguments), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=physical_cores())
    parser.add_argument("--raw", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.raw is not None:
        serve_raw(arguments.raw, arguments.threads)
    else:
        compare(arguments.threads)


if __name__ == "__main__":
    main()
