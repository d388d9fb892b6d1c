"""A load that the system ends is tried again with less, by the real worker."""

import threading
from dataclasses import replace

import psutil
import pytest

from app.base.jobs import CancelToken
from app.engine.protocol import Loaded, Step


@pytest.mark.skipif(psutil.WINDOWS, reason="no system there ends processes so")
def test_a_load_that_the_system_ends_is_tried_again_with_half_of_the_context(engine, starter):
    worker = psutil.Process(engine.restart(CancelToken()))
    worker.suspend()  # so that it cannot answer before it is ended
    ending = threading.Timer(0.3, worker.kill)
    ending.start()
    spec = replace(starter, context_length=8192, adapt=True)
    loaded = list(engine.load(spec, CancelToken()))[-1]
    assert isinstance(loaded, Loaded) and (loaded.context_length, loaded.kv_type) == (4096, "q8_0")
    assert loaded.steps == (
        Step("memory ran out"), Step("kv type", "f16", "q8_0"), Step("context", "8192", "4096"),
    )  # fmt: skip
    assert engine.remark.startswith("Memory ran out, so")
