"""What writing a model's weights in another type brings and costs here: `python -m benchmarks.tuning [FILE.gguf]`.

The starter, unless a file is named. Every version is measured by turns with the original in the same process, five times;
medians are compared, so that ratios mean something on a busy machine too. Limits of the starter: reading at least 2.3
times, writing at least 1.2 times as fast, perplexity within 0.5 %.
"""

import argparse
import math
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.assistants.tune_model import LEAST_GAIN, MOST_LOSS
from app.base.jobs import CancelToken
from app.base.paths import find_paths, resource
from app.engine.quantising import Quantiser
from app.engine.trial import Trial
from app.hardware.measured import Pace
from app.hardware.processor import processor_key
from app.models.gguf import read_facts
from app.models.installed import starter_chat_model

ROUNDS = 5
KINDS = ("Q8_0", "Q4_0", "Q4_1", "Q5_0")
READING, WRITING = 2.3, 1.2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", nargs="?", type=Path)
    file = parser.parse_args().file or starter_chat_model()
    with tempfile.TemporaryDirectory() as home:
        compare(file, Path(home))


def compare(file: Path, home: Path) -> None:
    """Print the table."""
    paths = find_paths(home)
    paths.prepare()
    own = read_facts(file).quantisation
    versions = {f"{own} (as it came)": file}
    with closing(Quantiser(paths)) as quantiser, closing(Trial(paths)) as trial:
        for kind in KINDS:
            if kind != own:
                versions[kind] = home / f"{kind}.gguf"
                list(quantiser.write(file, versions[kind], kind, CancelToken(), requantise=True))
        paces: dict[str, list[Pace]] = {name: [] for name in versions}
        for _ in range(ROUNDS):
            for name, version in versions.items():
                list(_paced(trial, version, paces[name]))
        text = resource("tuning_text.txt").read_text(encoding="utf-8")
        print(f"{file.name} on {processor_key()}, median of {ROUNDS}")
        print(f"  {'':20}{'MB':>7}{'read/s':>9}{'':>8}{'write/s':>9}{'':>8}{'perplexity':>12}{'':>9}")
        first: tuple[float, float, float] | None = None
        for name, version in versions.items():
            surprises = [each.surprise for each in trial.judge(version, text, CancelToken())]
            found = (
                statistics.median(each.prompt_tokens_per_s for each in paces[name]),
                statistics.median(each.generate_tokens_per_s for each in paces[name]),
                math.exp(statistics.fmean(surprises)),
            )
            first = first or found
            print(f"  {name:20}{version.stat().st_size / 1e6:7.0f}{_row(found, first)}", flush=True)


def _paced(trial: Trial, file: Path, paces: list[Pace]) -> Iterator[float]:
    paces.append((yield from trial.pace(file, CancelToken())))


def _row(found: tuple[float, float, float], first: tuple[float, float, float]) -> str:
    reading, writing, loss = (now / before for now, before in zip(found, first, strict=True))
    gain = Pace(*first[:2]).answer_s / Pace(*found[:2]).answer_s
    good = gain >= LEAST_GAIN and loss <= MOST_LOSS
    reached = reading >= READING and writing >= WRITING and loss <= MOST_LOSS
    said = "  within all limits" if reached else "  would be kept" if good else ""
    return (
        f"{found[0]:9.0f}{f'×{reading:.2f}':>8}{found[1]:9.0f}{f'×{writing:.2f}':>8}{found[2]:12.3f}"
        f"{f'{(loss - 1) * 100:+.2f} %':>9}{said}"
    )


if __name__ == "__main__":
    main()
