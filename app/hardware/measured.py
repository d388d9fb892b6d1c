"""What this machine really did: its measured speed, and prediction against truth of each model that ran."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from app.base.files import write_text
from app.hardware.fit import Speed
from app.hardware.kv_type import KvType

_KEPT = 20  # answers for each model
_ENOUGH = 2  # models, before what they did is taken to hold for others too
_TRUSTED = (0.2, 5.0)  # a correction beyond these says more about a busy moment than about the machine


@dataclass(frozen=True, slots=True)
class Truth:
    """Of one model: predicted and real bytes, last loaded for `context_length` tokens kept as `kv_type` (0: not
    known); predicted and real tokens per second of each answer.
    """

    predicted_bytes: int = 0
    real_bytes: int = 0
    context_length: int = 0
    kv_type: KvType = "f16"
    answers: tuple[tuple[float, float], ...] = ()

    @property
    def predicted_speed(self) -> float:
        """Tokens per second, 0 without an answer."""
        return median(said for said, _ in self.answers) if self.answers else 0.0

    @property
    def real_speed(self) -> float:
        """Tokens per second, 0 without an answer."""
        return median(real for _, real in self.answers) if self.answers else 0.0


class Measurements:
    """One small JSON file, read anew each time: the process that answers writes it too. (Should both write in the same
    moment, one measurement is lost.) A damaged file is forgotten: everything in it can be measured again.

    Models are named by `ModelShape.key`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def truths(self) -> dict[str, Truth]:
        return self._read()[0]

    @property
    def speed(self) -> Speed | None:
        """The calibration, corrected by what each model really did; None before the first calibration."""
        truths, speed = self._read()
        if speed is None:
            return None
        corrections = {}
        for name, truth in truths.items():
            if truth.answers:
                ratio = median(real / said for said, real in truth.answers)
                if _TRUSTED[0] <= ratio <= _TRUSTED[1]:
                    corrections[name] = ratio
        usual = median(corrections.values()) if len(corrections) >= _ENOUGH else 1.0
        return replace(speed, corrections=corrections, usual_correction=usual)

    @property
    def uncorrected_speed(self) -> Speed | None:
        """The calibration alone, which predictions are compared with."""
        return self._read()[1]

    def keep_speed(self, speed: Speed) -> None:
        """A new calibration. Raises `AppError` when it cannot be saved."""
        # answers are compared with what was predicted; those predictions came from the calibration before
        truths = {name: replace(truth, answers=()) for name, truth in self.truths.items()}
        self._write(truths, replace(speed, corrections={}, usual_correction=1.0))

    def keep_load(
        self, model: str, context_length: int, kv_type: KvType, predicted_bytes: int, real_bytes: int
    ) -> None:
        """Raises `AppError` when it cannot be saved."""
        truths, speed = self._read()
        known = truths.get(model, Truth())
        truths[model] = Truth(predicted_bytes, real_bytes, context_length, kv_type, known.answers)
        self._write(truths, speed)

    def keep_answer(self, model: str, predicted_speed: float, real_speed: float) -> None:
        """`predicted_speed`: without corrections. Raises `AppError` when it cannot be saved."""
        truths, speed = self._read()
        known = truths.get(model, Truth())
        answers = (*known.answers, (predicted_speed, real_speed))[-_KEPT:]
        truths[model] = replace(known, answers=answers)
        self._write(truths, speed)

    def _read(self) -> tuple[dict[str, Truth], Speed | None]:
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            content = json.loads(self._file.read_text(encoding="utf-8"))
            truths = {name: _truth(each) for name, each in content["models"].items()}
            speed = content["speed"]
            return truths, None if speed is None else _speed(speed)
        return {}, None

    def _write(self, truths: Mapping[str, Truth], speed: Speed | None) -> None:
        models = {name: asdict(truth) for name, truth in truths.items()}
        rates = None if speed is None else asdict(replace(speed, corrections={}))
        write_text(self._file, json.dumps({"speed": rates, "models": models}, indent=1) + "\n")


def _truth(content: Mapping[str, Any]) -> Truth:
    """Raises `ValueError` or `TypeError` for what cannot be meant."""
    answers = tuple((_sound(said), _sound(real)) for said, real in content["answers"])
    sizes = (int(content["predicted_bytes"]), int(content["real_bytes"]), int(content["context_length"]))
    kv_type: KvType = "q8_0" if content["kv_type"] == "q8_0" else "f16"
    return Truth(*sizes, kv_type, answers)


def _speed(content: Mapping[str, Any]) -> Speed:
    rates = {str(kind): _sound(rate) for kind, rate in content["bytes_per_s"].items()}
    if not rates:
        raise ValueError("nothing was measured")
    return Speed(rates, _sound(content["layer_s"], 0.0), _sound(content["row_s"], 0.0))


def _sound(value: Any, least: float = 1e-9) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < math.inf:
        raise ValueError("no sensible number")
    return float(value)
