"""Power, heat and load: on this machine, and with what psutil says on others."""

import subprocess
import sys
import time
from collections import namedtuple

import psutil
import pytest

from app.hardware.power import OtherPrograms, Power, read_power

Battery = namedtuple("Battery", "percent secsleft power_plugged")
Sensor = namedtuple("Sensor", "label current high critical")


def test_this_machine_answers():
    power = read_power()
    assert power.battery_percent is None or 0 <= power.battery_percent <= 100


@pytest.mark.parametrize(
    ("battery", "sensors", "expected"),
    [
        (None, {}, Power()),
        (Battery(62, 3600, False), {}, Power(False, 62.0)),
        (Battery(100, -1, None), {}, Power(None, 100.0)),
        (None, {"coretemp": [Sensor("", 70.0, 100.0, 100.0)]}, Power()),
        (
            None,
            {"coretemp": [Sensor("", 70.0, 100.0, 100.0), Sensor("", 91.0, 100.0, 100.0)]},
            Power(hot=True),
        ),
        (None, {"k10temp": [Sensor("Tctl", 98.0, None, 100.0)]}, Power(hot=True, too_hot=True)),
        (None, {"nct6775": [Sensor("AUXTIN0", 127.0, 80.0, 75.0)]}, Power()),  # an input without a sensor
        (None, {"coretemp": [Sensor("", 60.0, 0.0, -273.0)]}, Power()),
    ],
)
def test_what_other_machines_say(monkeypatch, battery, sensors, expected):
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery)
    monkeypatch.setattr(psutil, "sensors_temperatures", lambda: sensors, raising=False)
    assert read_power() == expected


def test_a_driver_that_fails_stands_in_nobodys_way(monkeypatch):
    def fail() -> None:
        raise OSError("no such sensor")

    monkeypatch.setattr(psutil, "sensors_battery", fail)
    monkeypatch.setattr(psutil, "sensors_temperatures", fail, raising=False)
    assert read_power() == Power()
    assert OtherPrograms(2**22 + 1).load() == 0.0  # no such process


def test_what_alcove_itself_takes_is_not_counted():
    """One process busy: it counts for a family without it, and not for the one that started it."""
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    alone = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        time.sleep(0.1)
        ours, theirs = OtherPrograms(), OtherPrograms(alone.pid)
        assert ours.load() == theirs.load() == 0.0
        time.sleep(0.6)
        before = theirs.load()
        assert 0 < before <= 1
        assert ours.load() < 0.9 * before
    finally:
        busy.kill(), alone.kill()
        busy.wait(), alone.wait()
