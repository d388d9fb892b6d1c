"""Bare llama.cpp in a process of its own, to compare the engine with: loops over llama_decode, nothing shown, nothing checked."""

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from app.engine.process import SPINNING

CONTEXT = 4096  # tokens
_SLICE = 128  # tokens of a prompt at a time, as in the engine's worker
_NOT_DRAWN = 100  # a token that stands for any


class Raw:
    """The other process; each call sends one line and reads one. `waiting`: its threads wait as the engine's do."""

    def __init__(self, file: Path, threads: int, *, waiting: bool = True) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare_llama", str(file), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | (SPINNING if waiting else {}),
        )
        self.pid = self._child.pid
        self.read(1)  # while it loads its model, it would take the processor from others

    def read(self, count: int) -> float:
        """Seconds to read so many tokens into an empty memory and to draw the next."""
        return self._ask("read", count)

    def write(self, held: int, count: int) -> float:
        """Tokens per second after the first of `count`, behind `held` ones."""
        return self._ask("write", held, count)

    def follow(self, held: int, new: int) -> float:
        """Seconds to read `new` tokens behind `held` ones and to draw the next."""
        return self._ask("follow", held, new)

    def close(self) -> None:
        self._child.communicate()

    def _ask(self, *work: object) -> float:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(work) + "\n")
        self._child.stdin.flush()
        return float(self._child.stdout.readline())


class _Loop:
    def __init__(self, file: Path, threads: int) -> None:
        from llama_cpp import llama_cpp

        self._llama = llama_cpp
        params = llama_cpp.llama_model_default_params()
        params.n_gpu_layers = 0
        params.load_mode = llama_cpp.LLAMA_LOAD_MODE_NONE
        model = llama_cpp.llama_model_load_from_file(os.fsencode(file), params)
        settings = llama_cpp.llama_context_default_params()
        settings.n_ctx, settings.n_batch, settings.n_ubatch = CONTEXT, 512, 512
        settings.n_threads = settings.n_threads_batch = threads
        settings.flash_attn_type, settings.swa_full, settings.no_perf = 1, False, True
        self._context = llama_cpp.llama_init_from_model(model, settings)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._sampler = llama_cpp.llama_sampler_init_greedy()
        self._tokens = (llama_cpp.llama_token * CONTEXT)(*([_NOT_DRAWN] * CONTEXT))

    def read(self, count: int) -> float:
        return self.follow(0, count)

    def write(self, held: int, count: int) -> float:
        self._hold(held)
        one = (self._llama.llama_token * 1)(_NOT_DRAWN)
        began = time.monotonic()
        for _ in range(count - 1):
            self._llama.llama_decode(self._context, self._llama.llama_batch_get_one(one, 1))
            one[0] = self._draw()
        return (count - 1) / (time.monotonic() - began)

    def follow(self, held: int, new: int) -> float:
        self._hold(held)
        began = time.monotonic()
        self._read(new)
        self._draw()
        return time.monotonic() - began

    def _hold(self, count: int) -> None:
        if self._llama.llama_memory_seq_pos_max(self._memory, 0) + 1 < count:
            self._llama.llama_memory_seq_rm(self._memory, 0, 0, -1)
            self._read(count)
        self._llama.llama_memory_seq_rm(self._memory, 0, count, -1)

    def _read(self, count: int) -> None:
        for start in range(0, count, _SLICE):
            place = ctypes.cast(ctypes.addressof(self._tokens) + 4 * start, self._llama.llama_token_p)
            batch = self._llama.llama_batch_get_one(place, min(_SLICE, count - start))
            self._llama.llama_decode(self._context, batch)

    def _draw(self) -> int:
        return int(self._llama.llama_sampler_sample(self._sampler, self._context, -1))


def main() -> None:
    """Answer the lines of `Raw`."""
    loop = _Loop(Path(sys.argv[1]), int(sys.argv[2]))
    for line in sys.stdin:
        work, *arguments = json.loads(line)
        print(getattr(loop, work)(*arguments), flush=True)


if __name__ == "__main__":
    main()
