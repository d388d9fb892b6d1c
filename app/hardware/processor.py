"""Which processor this is, as far as number formats go: some types have fast kernels on it, others have not."""

import hashlib
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path

from app.hardware.probe import cpu_model

# What llama.cpp lays out anew for the processor's wide registers (ggml-cpu/repack.cpp), and Q8_0, which it multiplies in
# blocks when it reads prompts (ggml-cpu/llamafile/sgemm.cpp).
_EVERYWHERE = frozenset({"Q4_0", "Q4_K_S", "Q4_K_M", "IQ4_NL", "MXFP4", "Q8_0"})
_ON_ARM = frozenset({"Q5_K_S", "Q5_K_M", "Q6_K"})
_ARM = ("aarch64", "arm64")


@cache
def processor_key() -> str:
    """Changes with the processor and with the extensions it offers: what was fast on one need not be on another."""
    offered = ""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("flags", "Features")):
                offered = " ".join(sorted(line.partition(":")[2].split()))
                break
    digest = hashlib.sha256(offered.encode()).hexdigest()[:8]
    return f"{cpu_model()} {platform.machine()} {digest}"


def quick_types(machine: str | None = None) -> frozenset[str]:
    """Types of models that llama.cpp computes fast. `machine`: as `platform.machine` has it; None: this one."""
    arm = (machine or platform.machine()).casefold() in _ARM
    return _EVERYWHERE | _ON_ARM if arm else _EVERYWHERE
