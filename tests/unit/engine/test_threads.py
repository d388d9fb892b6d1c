import time

from app.engine.threads import Load, ThreadCount, measure


class Machine:
    """`others`: cores that other programs use while time passes."""

    def __init__(self):
        self.wall = self.busy = self.own = 0.0
        self.asked = 0

    def passes(self, seconds, others, own=2.0):
        self.wall += seconds
        self.own += own * seconds
        self.busy += (own + others) * seconds

    def clock(self):
        return self.wall

    def measured(self):
        self.asked += 1
        return Load(self.wall, self.busy, self.own)


def test_a_quiet_machine_gives_all_its_cores():
    machine = Machine()
    count = ThreadCount(4, 4, machine.measured, machine.clock)
    for _ in range(5):
        machine.passes(0.5, others=0.2)
        assert count.look() == 4


def test_cores_in_use_are_given_up_at_once_and_taken_back_slowly():
    machine = Machine()
    count = ThreadCount(4, 4, machine.measured, machine.clock)
    machine.passes(0.5, others=2.0)
    assert count.look() == 2
    seen = []
    for _ in range(6):
        machine.passes(0.5, others=0.0)
        seen.append(count.look())
    assert seen == [2, 2, 3, 3, 3, 4]


def test_one_thread_is_the_least():
    machine = Machine()
    count = ThreadCount(2, 2, machine.measured, machine.clock)
    machine.passes(1.0, others=8.0)
    assert count.look() == 1


def test_hyper_threads_leave_room_for_others():
    machine = Machine()
    count = ThreadCount(4, 8, machine.measured, machine.clock)
    machine.passes(1.0, others=3.0)
    assert count.look() == 4


def test_what_others_did_in_a_pause_does_not_count():
    machine = Machine()
    count = ThreadCount(4, 4, machine.measured, machine.clock)
    machine.passes(60.0, others=4.0, own=0.0)  # an index was written, say
    count.begin()
    machine.passes(0.5, others=0.0)
    assert count.look() == 4


def test_a_quiet_pause_gives_all_cores_back():
    machine = Machine()
    count = ThreadCount(4, 4, machine.measured, machine.clock)
    machine.passes(0.5, others=3.0)
    assert count.look() == 1
    machine.passes(10.0, others=0.1, own=0.0)
    count.begin()
    assert count.now == 4


def test_cores_are_taken_back_over_several_short_answers():
    machine = Machine()
    count = ThreadCount(2, 2, machine.measured, machine.clock)
    machine.passes(0.5, others=1.0)
    assert count.look() == 1
    for _ in range(3):  # each with time for one look, and something else at work between them
        machine.passes(1.0, others=2.0, own=0.0)
        count.begin()
        machine.passes(0.5, others=0.0)
        found = count.look()
    assert found == 2


def test_short_looks_change_nothing():
    machine = Machine()
    count = ThreadCount(4, 4, machine.measured, machine.clock)
    machine.passes(0.1, others=4.0)
    assert count.look() == 4


def test_this_machine_can_be_measured():
    before = measure()
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    after = measure()
    assert after.own - before.own >= 0.1
    assert after.wall > before.wall
    assert after.busy >= before.busy


def test_the_system_is_not_asked_at_every_token():
    machine = Machine()
    count = ThreadCount(4, 4, machine.measured, machine.clock)
    begun = machine.asked
    for _ in range(99):
        machine.passes(0.01, others=0.0)
        count.look()
    assert machine.asked - begun == 2
