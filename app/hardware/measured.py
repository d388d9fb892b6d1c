"""What this machine really did: its measured speed, and prediction against truth of each model that ran."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app.base.files import write_text
from app.hardware.fit import Speed

_KEPT = 20  # answers for each model
_TRUSTED = (0.2, 5.0)  # a correction beyond these says more about a busy moment than about the machine


@dataclass(frozen=True, slots=True)
class Truth:
    """Of one model: predicted and real bytes after loading, predicted and real tokens per second; 0: not known."""

    predicted_bytes: int = 0
    real_bytes: int = 0
    predicted_speed: float = 0.0
    real_speeds: tuple[float, ...] = ()


class Measurements:
    """One small JSON file. A damaged one is forgotten: everything in it can be measured again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        content = self._read()
        self.truths: dict[str, Truth] = content[0]
        self._speed: Speed | None = content[1]

    @property
    def speed(self) -> Speed | None:
        """The calibration, corrected by what each model really did; None before the first calibration."""
        if self._speed is None:
            return None
        corrections = {}
        for name, truth in self.truths.items():
            if truth.real_speeds and truth.predicted_speed > 0:
                middle = sorted(truth.real_speeds)[len(truth.real_speeds) // 2]
                ratio = middle / truth.predicted_speed
                if _TRUSTED[0] <= ratio <= _TRUSTED[1]:
                    corrections[name] = ratio
        return replace(self._speed, corrections=corrections)

    @property
    def uncorrected_speed(self) -> Speed | None:
        """The calibration alone, which predictions are compared with."""
        return self._speed

    def keep_speed(self, speed: Speed) -> None:
        """A new calibration. Raises `AppError` when it cannot be saved."""
        self._speed = replace(speed, corrections={})
        # answers are compared with what was predicted; those predictions came from the calibration before
        self.truths = {name: replace(truth, real_speeds=()) for name, truth in self.truths.items()}
        self._write()

    def keep_load(self, model: str, predicted_bytes: int, real_bytes: int) -> None:
        """Raises `AppError` when it cannot be saved."""
        truth = self.truths.get(model, Truth())
        self.truths[model] = replace(truth, predicted_bytes=predicted_bytes, real_bytes=real_bytes)
        self._write()

    def keep_answer(self, model: str, predicted_speed: float, real_speed: float) -> None:
        """`predicted_speed`: without corrections. Raises `AppError` when it cannot be saved."""
        truth = self.truths.get(model, Truth())
        speeds = (*truth.real_speeds, real_speed)[-_KEPT:]
        self.truths[model] = replace(truth, predicted_speed=predicted_speed, real_speeds=speeds)
        self._write()

    def _read(self) -> tuple[dict[str, Truth], Speed | None]:
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            content = json.loads(self._file.read_text(encoding="utf-8"))
            truths = {name: _truth(each) for name, each in content["models"].items()}
            speed = content["speed"]
            return truths, None if speed is None else _speed(speed)
        return {}, None

    def _write(self) -> None:
        models = {name: asdict(truth) for name, truth in self.truths.items()}
        speed = None if self._speed is None else asdict(self._speed)
        write_text(self._file, json.dumps({"speed": speed, "models": models}, indent=1) + "\n")


def _truth(content: Mapping[str, Any]) -> Truth:
    """Raises `ValueError` or `TypeError` for what cannot be meant."""
    real = tuple(_sound(each) for each in content["real_speeds"])
    predicted, taken = int(content["predicted_bytes"]), int(content["real_bytes"])
    return Truth(predicted, taken, _sound(content["predicted_speed"], 0.0), real)


def _speed(content: Mapping[str, Any]) -> Speed:
    rates = {str(kind): _sound(rate) for kind, rate in content["bytes_per_s"].items()}
    if not rates:
        raise ValueError("nothing was measured")
    return Speed(rates, _sound(content["layer_s"], 0.0))


def _sound(value: Any, least: float = 1e-9) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < math.inf:
        raise ValueError("no sensible number")
    return float(value)
