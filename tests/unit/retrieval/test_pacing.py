"""When reading may go on, by a clock and a machine that the test moves."""

import threading
import time

import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.hardware.power import Power
from app.retrieval.pacing import Pace


class Laptop:
    """`seconds` go by only when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.power = Power(on_mains=True, battery_percent=80.0)
        self.load = 0.0
        self.readings = 0
        self.pace = Pace(self._read, lambda: self.load, lambda: self.seconds)

    def _read(self) -> Power:
        self.readings += 1
        return self.power

    def change(self, seconds: float = 3.0, **power: object) -> None:
        self.power = Power(**power) if power else self.power
        self.seconds += seconds

    def reason(self, schedule: str = "always") -> str:
        """Why work must wait now, "" when it need not."""
        return next(self.pace.turn(schedule, CancelToken()), "")


@pytest.fixture
def laptop():
    return Laptop()


@pytest.mark.parametrize(
    ("schedule", "power", "reason"),
    [
        ("always", {}, ""),  # no battery at all
        ("plugged", {}, ""),
        ("plugged", {"on_mains": True, "battery_percent": 5.0}, ""),
        ("plugged", {"on_mains": False, "battery_percent": 90.0}, "battery"),
        ("always", {"on_mains": False, "battery_percent": 90.0}, ""),
        ("always", {"on_mains": False, "battery_percent": 19.0}, "battery"),
        ("manual", {"on_mains": False, "battery_percent": 19.0}, ""),  # somebody waits for it
        ("manual", {"too_hot": True}, "hot"),
        ("always", {"hot": True}, ""),
    ],
)
def test_battery_and_heat(laptop, schedule, power, reason):
    laptop.change(on_mains=power.get("on_mains"), **{k: v for k, v in power.items() if k != "on_mains"})
    assert laptop.reason(schedule) == reason


def test_idle_means_that_other_programs_needed_little_for_a_minute(laptop):
    assert laptop.reason("idle") == "busy"
    for _ in range(19):
        laptop.change(3)
        assert laptop.reason("idle") == "busy"
    laptop.change(4)
    assert laptop.reason("idle") == ""
    laptop.load = 0.3
    laptop.change(3)
    assert laptop.reason("idle") == "busy" and laptop.reason("always") == ""
    laptop.load = 0.1
    laptop.change(59)
    assert laptop.reason("idle") == "busy"
    laptop.change(500)  # nobody looked: what happened meanwhile is not known
    assert laptop.reason("idle") == "busy"


def test_answers_come_before_everything_and_are_counted(laptop):
    laptop.change(on_mains=False, battery_percent=5.0)
    laptop.pace.pause(True)
    laptop.pace.hold()
    laptop.pace.hold()
    assert laptop.reason() == "answer"
    laptop.pace.release()
    assert laptop.reason() == "answer"
    laptop.pace.release()
    laptop.pace.release()  # one too many does no harm
    assert laptop.reason() == "paused" and laptop.pace.paused
    laptop.pace.pause(False)
    assert laptop.reason() == "battery"


def test_each_reason_is_told_once_and_work_goes_on_at_once(laptop):
    laptop.pace.hold()
    told, went_on = [], []

    def wait() -> None:
        told.extend(laptop.pace.turn("always", CancelToken()))
        went_on.append(time.perf_counter())

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.15)
    laptop.pace.pause(True)
    laptop.pace.release()
    time.sleep(0.15)
    released = time.perf_counter()
    laptop.pace.pause(False)
    waiting.join(5)
    assert told == ["answer", "paused"]
    assert went_on[0] - released < 0.3  # 0.1 is promised; the machine may be busy


def test_a_stop_ends_the_waiting_and_the_resting(laptop):
    laptop.pace.hold()
    cancel = CancelToken()
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(Cancelled):
        list(laptop.pace.turn("always", cancel))
    laptop.change(on_mains=False, battery_percent=50.0)
    with pytest.raises(Cancelled):
        laptop.pace.breathe(100.0, cancel)


def test_thousands_of_turns_cost_nothing_and_ask_the_machine_rarely(laptop):
    started = time.perf_counter()
    for _ in range(5000):
        laptop.seconds += 0.001
        assert not list(laptop.pace.turn("always", CancelToken()))
    assert time.perf_counter() - started < 1
    assert laptop.readings <= 4


@pytest.mark.parametrize(
    ("power", "rest"),
    [({"on_mains": True}, 0.0), ({"on_mains": False}, 0.1), ({"on_mains": True, "hot": True}, 0.2)],
)
def test_it_rests_in_proportion_on_battery_and_when_hot(laptop, power, rest):
    laptop.change(**power)
    rests: list[float] = []

    class Token(CancelToken):
        def wait(self, seconds: float) -> bool:
            rests.append(seconds)
            return False

    laptop.pace.breathe(0.2, Token())
    assert sum(rests) == pytest.approx(rest)
