"""What this machine really did: its measured speed, and prediction against truth of each model that ran."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class Pace:
    """Tokens per second that a model was measured to read and to write."""

    prompt_tokens_per_s: float
    generate_tokens_per_s: float

    @property
    def answer_s(self) -> float:
        """What an answer over documents takes: a prompt of 1500 tokens, and 200 tokens written."""
        return 1500 / self.prompt_tokens_per_s + 200 / self.generate_tokens_per_s


@dataclass(frozen=True, slots=True)
class Race:
    """The same model on a graphics card and on the processor."""

    card: Pace
    processor: Pace

    @property
    def card_wins(self) -> bool:
        return self.card.answer_s <= self.processor.answer_s


@dataclass(frozen=True, slots=True)
class _Content:
    """`races`, by model and card, and `failed`, the models with which a card crashed ("": without any), hold for the drivers
    `stack` alone.
    """

    truths: dict[str, Truth] = field(default_factory=dict)
    speed: Speed | None = None
    stack: str = ""
    failed: frozenset[str] = frozenset()
    races: dict[str, Race] = field(default_factory=dict)


def contest(card: str, gpu_layers: int, model: str) -> str:
    """What a race is remembered by. `model`: its `ModelShape.key`."""
    return f"{card}, {gpu_layers} layers: {model}"


class Measurements:
    """One small JSON file, read anew each time: the process that answers writes it too. (Should both write in the same
    moment, one measurement is lost.) A damaged file is forgotten: everything in it can be measured again.

    Models are named by `ModelShape.key`; those with which a card crashed by their file.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def truths(self) -> dict[str, Truth]:
        return self._read().truths

    @property
    def speed(self) -> Speed | None:
        """The calibration, corrected by what each model really did; None before the first calibration."""
        truths, speed = self.truths, self.uncorrected_speed
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
        return self._read().speed

    def keep_speed(self, speed: Speed) -> None:
        """A new calibration. Raises `AppError` when it cannot be saved."""
        # answers are compared with what was predicted; those predictions came from the calibration before
        known = self._read()
        truths = {name: replace(truth, answers=()) for name, truth in known.truths.items()}
        self._write(replace(known, truths=truths, speed=replace(speed, corrections={}, usual_correction=1.0)))

    def keep_load(
        self, model: str, context_length: int, kv_type: KvType, predicted_bytes: int, real_bytes: int
    ) -> None:
        """Raises `AppError` when it cannot be saved."""
        now = self._read()
        known = now.truths.get(model, Truth())
        now.truths[model] = Truth(predicted_bytes, real_bytes, context_length, kv_type, known.answers)
        self._write(now)

    def keep_answer(self, model: str, predicted_speed: float, real_speed: float) -> None:
        """`predicted_speed`: without corrections. Raises `AppError` when it cannot be saved."""
        now = self._read()
        known = now.truths.get(model, Truth())
        answers = (*known.answers, (predicted_speed, real_speed))[-_KEPT:]
        now.truths[model] = replace(known, answers=answers)
        self._write(now)

    def race(self, stack: str, contest: str) -> Race | None:
        """How `contest` (a model and a card) ended with the drivers `stack`; None where it was not run."""
        now = self._read()
        return now.races.get(contest) if now.stack == stack else None

    def keep_race(self, stack: str, contest: str, card: Pace, processor: Pace) -> None:
        """Raises `AppError` when it cannot be saved."""
        now = self._of(stack)
        now.races[contest] = Race(card, processor)
        self._write(now)

    def card_failed(self, stack: str, model: str = "") -> bool:
        """Whether a graphics card crashed with these drivers and this file (`graphics.model_key`), or even without any model."""
        now = self._read()
        return now.stack == stack and not now.failed.isdisjoint(("", model))

    def keep_card_failure(self, stack: str, model: str = "") -> None:
        """`model` as above; "": it crashed as soon as it was asked for. Raises `AppError` when it cannot be saved."""
        now = self._of(stack)
        self._write(replace(now, failed=now.failed | {model}))

    def forget_cards(self) -> None:
        """The graphics card is tried and raced again. Raises `AppError` when that cannot be saved."""
        self._write(replace(self._read(), stack="", failed=frozenset(), races={}))

    def _of(self, stack: str) -> _Content:
        """With other drivers, what was known of the cards is gone."""
        now = self._read()
        return now if now.stack == stack else replace(now, stack=stack, failed=frozenset(), races={})

    def _read(self) -> _Content:
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            content = json.loads(self._file.read_text(encoding="utf-8"))
            truths = {name: _truth(each) for name, each in content["models"].items()}
            speed = None if content["speed"] is None else _speed(content["speed"])
            cards = content.get("cards", {})
            races = {name: _race(each) for name, each in cards.get("races", {}).items()}
            failed = frozenset(map(str, cards.get("failed", ())))
            return _Content(truths, speed, str(cards.get("stack", "")), failed, races)
        return _Content()

    def _write(self, content: _Content) -> None:
        speed = content.speed
        cards = {
            "stack": content.stack,
            "failed": sorted(content.failed),
            "races": {name: asdict(race) for name, race in content.races.items()},
        }
        whole = {
            "speed": None if speed is None else asdict(replace(speed, corrections={})),
            "models": {name: asdict(truth) for name, truth in content.truths.items()},
            "cards": cards,
        }
        write_text(self._file, json.dumps(whole, indent=1) + "\n")


def _truth(content: Mapping[str, Any]) -> Truth:
    """Raises `ValueError` or `TypeError` for what cannot be meant."""
    answers = tuple((_sound(said), _sound(real)) for said, real in content["answers"])
    sizes = (int(content["predicted_bytes"]), int(content["real_bytes"]), int(content["context_length"]))
    kv_type: KvType = "q8_0" if content["kv_type"] == "q8_0" else "f16"
    return Truth(*sizes, kv_type, answers)


def _race(content: Mapping[str, Any]) -> Race:
    """Raises as `_truth` does."""
    sides = (content["card"], content["processor"])
    return Race(*(Pace(*(_sound(side[name]) for name in Pace.__slots__)) for side in sides))


def _speed(content: Mapping[str, Any]) -> Speed:
    rates = {str(kind): _sound(rate) for kind, rate in content["bytes_per_s"].items()}
    if not rates:
        raise ValueError("nothing was measured")
    return Speed(rates, _sound(content["layer_s"], 0.0), _sound(content["row_s"], 0.0))


def _sound(value: Any, least: float = 1e-9) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < math.inf:
        raise ValueError("no sensible number")
    return float(value)
