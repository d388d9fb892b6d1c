"""What is shown of a card is what a load would do with it: it may have failed, be unwanted, or be slower."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.base.errors import WorkerDied
from app.base.jobs import CancelToken
from app.engine import sizing as sizing_module
from app.engine.measuring_protocol import Device, Devices
from app.engine.sizing import Sizing
from app.hardware.fit import GIB, Memory, ModelShape
from app.hardware.graphics import driver_stack, model_key
from app.hardware.measured import Measurements, Pace, contest

SHAPE = ModelShape("toy", 32, GIB, {"Q4_0": GIB}, 1000, 4096, 0, 8192, 32 * 2048)
CARD = Device("Vulkan0", "Some Card", "gpu", 8 * GIB, 8 * GIB)
FAST, SLOW = Pace(1000.0, 50.0), Pace(100.0, 10.0)


@pytest.fixture
def measurements(paths):
    return Measurements(paths.measurements)


@pytest.fixture
def wanted():
    return [True]


@pytest.fixture
def sizing(paths, wanted, monkeypatch):
    made = Sizing(paths, lambda: wanted[0])
    monkeypatch.setattr(made._worker, "call", lambda message, cancel: Devices((CARD,), ()))
    monkeypatch.setattr(made, "measure", lambda file, plan, cancel: Memory(GIB, 1000, 1000, 0))
    return made


def used(machine):
    return [gpu.name for gpu in machine.gpus if gpu.usable]


def test_a_card_is_shown_as_used_unless_it_failed_or_is_not_wanted(sizing, wanted, measurements):
    assert used(sizing.machine(CancelToken())) == ["Some Card"]
    wanted[0] = False
    assert used(sizing.machine(CancelToken())) == []
    wanted[0] = True
    measurements.keep_card_failure(driver_stack())
    assert used(sizing.machine(CancelToken())) == []


@pytest.mark.parametrize("backends", [True, False])
def test_a_driver_that_crashes_when_it_is_asked_is_remembered(sizing, measurements, monkeypatch, backends):
    def crash(message, cancel):
        raise WorkerDied("It stopped.")

    monkeypatch.setattr(sizing._worker, "call", crash)
    monkeypatch.setattr(sizing_module, "has_card_backends", lambda: backends)
    assert used(sizing.machine(CancelToken())) == []
    assert measurements.card_failed(driver_stack()) is backends  # without any, it was no driver


def test_a_card_that_lost_its_race_is_not_planned_with(sizing, measurements):
    machine = sizing.machine(CancelToken())

    def layers():
        return sizing.fit(Path("toy.gguf"), SHAPE, machine, CancelToken()).plan.gpu_layers

    assert layers() == 33
    sides = contest("Some Card", 33, SHAPE.key)
    measurements.keep_race(driver_stack(), sides, FAST, SLOW)
    assert layers() == 33
    measurements.keep_race(driver_stack(), sides, replace(SLOW, generate_tokens_per_s=1.0), FAST)
    assert layers() == 0


def test_a_card_that_crashed_with_a_file_is_not_planned_with_for_that_file(sizing, measurements):
    measurements.keep_card_failure(driver_stack(), model_key("toy.gguf"))
    machine = sizing.machine(CancelToken())
    assert used(machine) == ["Some Card"]
    plans = [sizing.fit(Path(name), SHAPE, machine, CancelToken()).plan for name in ("toy.gguf", "b.gguf")]
    assert [each.gpu_layers for each in plans] == [0, 33]
