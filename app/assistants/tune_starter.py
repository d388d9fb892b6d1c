"""Use case: the starter in the type that suits this processor, without anybody asking for it; see `tune_model`."""

import logging
import os
from collections.abc import Iterator
from contextlib import suppress

from app.assistants.tune_model import Tuned, TuneEvent, tune_model
from app.base.errors import AppError, Cancelled, WorkerBug
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.settings import Settings
from app.engine.choose import models_folder
from app.engine.time_limit import TimeLimit
from app.models.installed import InstalledModel, starter_model
from app.models.tuned import Tunings

SWITCH = "ALCOVE_TUNING"
"""“off” in this variable of the environment: nothing is tuned unasked."""
_PATIENCE_S = 8.0  # a command waits so long, once; on an idle machine a third of it is enough
_log = logging.getLogger(__name__)


def starter_to_tune(settings: Settings, paths: DataPaths) -> InstalledModel | None:
    """None when another model answers, the person does not want it, or the starter is tuned for this processor already."""
    wanted = settings.tune_starter and os.environ.get(SWITCH, "").casefold() != "off"
    if not wanted or settings.default_model is not None:
        return None
    try:
        starter = starter_model()
    except AppError:
        return None
    tuned = Tunings(models_folder(settings, paths)).find(starter.file)
    return starter if tuned is None else None


def tune_starter(settings: Settings, paths: DataPaths, cancel: CancelToken) -> Iterator[TuneEvent]:
    """`tune_model` where `starter_to_tune` names one; what fails is logged. Raises `Cancelled`."""
    starter = starter_to_tune(settings, paths)
    if starter is None:
        return
    try:
        yield from tune_model(starter, paths=paths, folder=models_folder(settings, paths), cancel=cancel)
    except (AppError, WorkerBug) as error:
        _log.warning("the starter could not be tuned: %s", error)


def tune_starter_quickly(settings: Settings, paths: DataPaths, cancel: CancelToken) -> Iterator[TuneEvent]:
    """The same for somebody who waits for an answer: measured once only, given up after 8 seconds. Where that brought no
    copy it is not tried again like this: one measurement is too little to say that nothing is faster. Raises `Cancelled`
    when `cancel` says so.
    """
    tunings = Tunings(models_folder(settings, paths))
    starter = starter_to_tune(settings, paths)
    if starter is None or tunings.is_postponed(starter.file):
        return
    begun = kept = False
    try:
        limited = TimeLimit(cancel, _PATIENCE_S)
        for event in tune_model(starter, paths=paths, folder=tunings.folder.parent, cancel=limited, rounds=1):
            begun, kept = True, isinstance(event, Tuned) and bool(event.tuning.kind)
            yield event
    except (AppError, WorkerBug) as error:
        _log.warning("the starter could not be tuned: %s", error)
    except Cancelled:
        cancel.raise_if_cancelled()
        begun = True
    if begun and not kept:
        with suppress(OSError):
            tunings.drop(starter.file)
        tunings.postpone(starter.file)
