"""Processor, memory and graphics cards of this machine, without importing anything heavy."""

import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_CGROUP_USED = (Path("/sys/fs/cgroup/memory.current"), Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"))
_CGROUP_STATS = (Path("/sys/fs/cgroup/memory.stat"), Path("/sys/fs/cgroup/memory/memory.stat"))
_CACHED = ("inactive_file", "total_inactive_file")  # the newer and the older kind of control group


@dataclass(frozen=True, slots=True)
class Cpu:
    model: str
    physical_cores: int
    logical_cores: int
    features: tuple[str, ...] = ()  # vector extensions that llama.cpp was built for and uses here


@dataclass(frozen=True, slots=True)
class Ram:
    """Bytes. In a container both respect its limit."""

    total: int
    available: int


@dataclass(frozen=True, slots=True)
class Gpu:
    """`memory_total` and `memory_free` in bytes; `backend` is what llama.cpp would use it through.

    `usable`: the installed llama.cpp can compute on it. `shares_ram`: its memory is the machine's own.
    """

    name: str
    vendor: str
    memory_total: int
    memory_free: int
    backend: str
    usable: bool = False
    shares_ram: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    system: str
    cpu: Cpu
    ram: Ram
    gpus: tuple[Gpu, ...]


def probe() -> Machine:
    """This machine as it is now. Takes some milliseconds; parts that cannot be found out are left out."""
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu=Cpu(cpu_model(), physical_cores(), psutil.cpu_count(logical=True) or 1),
        ram=ram(),
        gpus=tuple(_nvidia_cards()),
    )


def physical_cores() -> int:
    """Cores without hyper-threading that this process may use, at least 1."""
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count(logical=True) or 1
    return min(cores, len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else cores


def cpu_model() -> str:
    """As the system names it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("model name", "Model")):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def ram() -> Ram:
    """The memory of this machine now; takes a millisecond."""
    memory = psutil.virtual_memory()
    total, available = int(memory.total), int(memory.available)
    limit, used = _first_number(_CGROUP_LIMITS), _first_number(_CGROUP_USED)
    if limit is not None and limit < total:
        total = limit
        available = min(available, limit, max(0, limit - (used or 0) + _cached_files()))
    return Ram(total, available)


def _cached_files() -> int:
    """Bytes that count as used by the container although they are given back when they are needed."""
    for file in _CGROUP_STATS:
        with suppress(OSError, ValueError):
            pairs = (line.partition(" ") for line in file.read_text().splitlines())
            return max((int(value) for name, _, value in pairs if name in _CACHED), default=0)
    return 0


def _first_number(files: tuple[Path, ...]) -> int | None:
    for file in files:
        with suppress(OSError, ValueError):
            return int(file.read_text())  # "max" (no limit) is no number
    return None


def _nvidia_cards() -> list[Gpu]:
    """NVIDIA's own library ships with its driver; without it there is no such card to use."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        cards = []
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            name = pynvml.nvmlDeviceGetName(handle)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            cards.append(Gpu(str(name), "NVIDIA", int(memory.total), int(memory.free), "cuda"))
        return cards
    except pynvml.NVMLError:
        return []
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()
