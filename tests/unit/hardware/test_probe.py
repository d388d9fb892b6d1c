import os

import psutil
import pytest

from app.hardware import probe


def test_this_machine_is_described():
    machine = probe.probe()
    assert machine.cpu.model and 1 <= machine.cpu.physical_cores <= machine.cpu.logical_cores
    assert 0 < machine.ram.available <= machine.ram.total


def test_a_container_limit_counts(tmp_path, monkeypatch):
    limit, used, facts = tmp_path / "memory.max", tmp_path / "memory.current", tmp_path / "memory.stat"
    limit.write_text(str(64 << 20))
    used.write_text(str(60 << 20))
    monkeypatch.setattr(probe, "_CGROUP_LIMITS", (limit,))
    monkeypatch.setattr(probe, "_CGROUP_USED", (used,))
    monkeypatch.setattr(probe, "_CGROUP_STATS", (facts,))
    ram = probe.probe().ram
    assert (ram.total, ram.available) == (64 << 20, 4 << 20)
    facts.write_text(f"anon 123\ninactive_file {20 << 20}\nactive_file 5\n")
    assert probe.probe().ram.available == 24 << 20
    limit.write_text("max\n")
    assert probe.probe().ram.total > 64 << 20


def test_only_processors_this_process_may_use_count(monkeypatch):
    if not hasattr(os, "sched_getaffinity"):
        pytest.skip("this system does not bind processes to processors")
    monkeypatch.setattr(psutil, "cpu_count", lambda logical: 16)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5})
    assert probe.physical_cores() == 2
