from app.hardware import probe


def test_this_machine_is_described():
    machine = probe.probe()
    assert machine.cpu.model and 1 <= machine.cpu.physical_cores <= machine.cpu.logical_cores
    assert 0 < machine.ram.available <= machine.ram.total


def test_a_container_limit_counts(tmp_path, monkeypatch):
    limit, used = tmp_path / "memory.max", tmp_path / "memory.current"
    limit.write_text(str(64 << 20))
    used.write_text(str(60 << 20))
    monkeypatch.setattr(probe, "_CGROUP_LIMITS", (limit,))
    monkeypatch.setattr(probe, "_CGROUP_USED", (used,))
    ram = probe.probe().ram
    assert (ram.total, ram.available) == (64 << 20, 4 << 20)
    limit.write_text("max\n")
    assert probe.probe().ram.total > 64 << 20
