"""What was measured of telling answerable questions from others: `models/reader/calibration.json`.

Made by `python -m benchmarks.gate --write`. A small file of plain figures, so the settings page can show the error rates
without a model being loaded.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.base.paths import shipped_models

CALIBRATION = "calibration.json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Level:
    """One step of caution. Questions below the answerability `least` are refused.

    `false_refusals`: share of answerable questions that were; `right_refusals`: share of the others.
    """

    least: float
    false_refusals: float
    right_refusals: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model: answerability = 1 / (1 + exp(-(bias + sum of weight times feature))).

    Features are those of `app/retrieval/answerability.py`. `levels` begin with “always answer”.
    """

    bias: float
    weights: Mapping[str, float]
    levels: tuple[Level, ...]


ALWAYS = Calibration(0.0, {}, (Level(0.0, 0.0, 0.0),))
"""Where nothing was measured: every question is answered."""


def shipped_calibration(*, reader: bool = True) -> Calibration:
    """Of the starter models together, or of searching alone where no reader (or one never measured) is at work.

    `ALWAYS` where the file is missing or damaged.
    """
    return _shipped()[1].get("reader" if reader else "search", ALWAYS)


def calibrated_reader() -> str:
    """The name of the reader it was measured with."""
    return _shipped()[0]


@cache
def _shipped() -> tuple[str, dict[str, Calibration]]:
    file = shipped_models() / "reader" / CALIBRATION
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["measured_with"]), read_calibration(file)
    except (OSError, ValueError, KeyError, TypeError):
        _log.exception("questions are answered without judging whether they can be")
        return "", {}


def read_calibration(file: Path) -> dict[str, Calibration]:
    """Raises `OSError`, `ValueError` or `KeyError` for a file that is not one."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return {
        name: Calibration(
            float(each["bias"]),
            {feature: float(weight) for feature, weight in each["weights"].items()},
            tuple(Level(**level) for level in each["levels"]),
        )
        for name, each in found.items()
        if isinstance(each, dict)
    }


def write_calibration(file: Path, found: Mapping[str, Calibration], remark: str, reader: str) -> None:
    """`remark`: what it was measured on; `reader`: with which one."""
    content: dict[str, object] = {"measured_on": remark, "measured_with": reader}
    for name, each in found.items():
        content[name] = {
            "bias": round(each.bias, 4),
            "weights": {feature: round(weight, 4) for feature, weight in each.weights.items()},
            "levels": [
                {
                    "least": round(level.least, 4),
                    "false_refusals": round(level.false_refusals, 3),
                    "right_refusals": round(level.right_refusals, 3),
                }
                for level in each.levels
            ],
        }
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
