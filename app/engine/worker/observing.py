"""What a model really takes and how fast it really writes, kept beside what was predicted for it."""

import logging
from collections.abc import Callable

import psutil

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.protocol import Generated, LoadProgress, ModelSpec
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.racing import UNTRIED, Cards
from app.hardware.fit import ModelShape, predicted_speed
from app.hardware.measured import Measurements
from app.models.gguf import GgufFacts

_ENOUGH_TOKENS = 12  # of an answer, before its speed says anything
_log = logging.getLogger(__name__)


class Observer:
    """Opens models and looks at what their answers cost. What it cannot save, it leaves."""

    def __init__(self, measurements: Measurements, cards: Cards = UNTRIED) -> None:
        self._measurements = measurements
        self._cards = cards
        self._model: LlamaModel | None = None
        self._shape: ModelShape | None = None
        self._before = 0  # bytes held before the first model

    def open_model(
        self, facts: GgufFacts, spec: ModelSpec, tell: Callable[[LoadProgress], None], cancel: CancelToken
    ) -> LlamaModel:
        """An `OpenModel`."""
        self._model = None
        self._before = self._before or _resident()
        self._model = LlamaModel(facts, spec, tell, cancel, self._cards)
        self._shape = facts.shape
        return self._model

    def answered(self, answer: Generated) -> None:
        """Keep what this answer shows. Only what the processor computes was predicted."""
        if self._model is None or self._shape is None or self._model.plan.gpu_layers:
            return
        plan, predicted = self._model.plan, self._model.predicted
        try:
            # some of what an earlier model took may never be given back; it then counts as this one's
            if predicted is not None:
                grown = _resident() - self._before
                self._measurements.keep_load(
                    self._shape.key, plan.context_length, plan.kv_type, predicted.total, grown
                )
            speed = predicted_speed(self._shape, self._measurements.uncorrected_speed, plan)
            if speed is not None and answer.single >= _ENOUGH_TOKENS:  # what is copied was not predicted
                self._measurements.keep_answer(self._shape.key, speed, answer.single_per_s)
        except AppError as error:
            _log.warning("not kept: %s", error)


def _resident() -> int:
    """Bytes of memory this process holds."""
    return int(psutil.Process().memory_info().rss)
