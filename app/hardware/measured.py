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
from app.hardware.fit import KvType, Speed

_KEPT = 20  # answers for each model
_ENOUGH = 2  # models, before what they did is taken to hold for others too
_TRUSTED = (0.2, 5.0)  # a correction beyond these says more about a busy moment than about the machine


@dataclass(frozen=True, slots=True)
class Truth:
    """Of one model: predicted and real bytes, last loaded for `context_length` tokens kept as `kv_type`; predicted
    and real tokens per second. 0: not known.
    """

    predicted_bytes: int = 0
    real_bytes: int = 0
    context_length: int = 0
    kv_type: KvType = "f16"
    predicted_speed: float = 0.0
    real_speeds: tuple[float, ...] = ()


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
            if truth.real_speeds and truth.predicted_speed > 0:
                ratio = median(truth.real_speeds) / truth.predicted_speed
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
        truths = {name: replace(truth, real_speeds=()) for name, truth in self.truths.items()}
        self._write(truths, replace(speed, corrections={}, usual_correction=1.0))

    def keep_load(
        self, model: str, context_length: int, kv_type: KvType, predicted_bytes: int, real_bytes: int
    ) -> None:
        """Raises `AppError` when it cannot be saved."""
        truths, speed = self._read()
        known = truths.get(model, Truth())
        truths[model] = Truth(
            predicted_bytes, real_bytes, context_length, kv_type, known.predicted_speed, known.real_speeds
        )
        self._write(truths, speed)

    def keep_answer(self, model: str, predicted_speed: float, real_speed: float) -> None:
        """`predicted_speed`: without corrections. Raises `AppError` when it cannot be saved."""
        truths, speed = self._read()
        known = truths.get(model, Truth())
        speeds = (*known.real_speeds, real_speed)[-_KEPT:]
        truths[model] = replace(known, predicted_speed=predicted_speed, real_speeds=speeds)
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
    real = tuple(_sound(each) for each in content["real_speeds"])
    sizes = (int(content["predicted_bytes"]), int(content["real_bytes"]), int(content["context_length"]))
    kv_type: KvType = "q8_0" if content["kv_type"] == "q8_0" else "f16"
    return Truth(*sizes, kv_type, _sound(content["predicted_speed"], 0.0), real)


def _speed(content: Mapping[str, Any]) -> Speed:
    rates = {str(kind): _sound(rate) for kind, rate in content["bytes_per_s"].items()}
    if not rates:
        raise ValueError("nothing was measured")
    return Speed(rates, _sound(content["layer_s"], 0.0), _sound(content["row_s"], 0.0))


def _sound(value: Any, least: float = 1e-9) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < math.inf:
        raise ValueError("no sensible number")
    return float(value)
