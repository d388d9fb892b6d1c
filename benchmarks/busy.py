"""Embedding while other programs use the processor: threads that never wait for each other beside threads that do.

Alcove's encoder as it is, and with all threads on one group of texts; sentence-transformers with libgomp's own spin at
barriers, and with a short one (`WAITING`). Run: python -m benchmarks.busy
"""

import os
import statistics
import subprocess
import sys

from app.base.worker_process import WAITING
from benchmarks.processes import busy

_BUSY = (0, 4)  # other processes
_RUNS = 3

_SCRIPT = """
import time
from app.hardware.probe import physical_cores
from app.models.installed import starter_embedder
from app.retrieval import bert, plain_bert
from app.base.openvino_alone import openvino
{load}
texts = [f"The tenant of flat {{number}} pays the rent on the first day of each month." for number in range(128)]
encode(texts[:8])
started = time.perf_counter()
for first in range(0, len(texts), 64):
    encode(texts[first : first + 64])
print(time.perf_counter() - started)
"""
_OWN = "encode = bert.BertEncoder(starter_embedder()).encode"
_TOGETHER = (
    """
def compiled(network, streams):
    settings = {"NUM_STREAMS": "1", "INFERENCE_NUM_THREADS": str(physical_cores())}
    return openvino.Core().compile_model(network, "CPU", settings)
bert._compiled = compiled
plain_bert.physical_cores = lambda: 1
"""
    + _OWN
)
_LIBRARY = "from app.retrieval.other_encoders import LibraryEncoder; encode = LibraryEncoder(starter_embedder()).encode"
_PAIRS: dict[str, tuple[tuple[str, dict[str, str]], tuple[str, dict[str, str]]]] = {
    "OpenVINO, together against apart": ((_TOGETHER, {}), (_OWN, {})),
    "sentence-transformers, libgomp's spin against a short one": ((_LIBRARY, {}), (_LIBRARY, WAITING)),
}


def main() -> None:
    for others in _BUSY:
        with busy(others):
            for name, ways in _PAIRS.items():
                taken = [[_seconds(*way) for way in ways] for _ in range(_RUNS)]
                one, other = (statistics.median(each[index] for each in taken) for index in (0, 1))
                print(
                    f"beside {others} busy processes: {name}: {one:.2f} s, {other:.2f} s; ratio {one / other:.1f}"
                )


def _seconds(load: str, environment: dict[str, str]) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT.format(load=load)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


if __name__ == "__main__":
    main()
