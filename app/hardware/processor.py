"""Which processor this is, as far as number formats go: some types have fast kernels on it, others have not."""

import hashlib
import platform
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

from app.hardware.probe import cpu_model

# What llama.cpp lays out anew for the processor's wide registers (ggml-cpu/repack.cpp), and Q8_0, which it multiplies in
# blocks when it reads prompts (ggml-cpu/llamafile/sgemm.cpp).
_EVERYWHERE = frozenset({"Q4_0", "Q4_K_S", "Q4_K_M", "IQ4_NL", "MXFP4", "Q8_0"})
_ON_ARM = frozenset({"Q5_K_S", "Q5_K_M", "Q6_K"})
_ARM = ("aarch64", "arm64")
# Of what the system lists, what llama.cpp computes with; the rest (mitigations, power) changes with the system's updates.
_COMPUTING = re.compile(r"s?sse|avx|amx|fma|f16c|bmi|asimd|sve|sme|i8mm|bf16|fphp|neon|vfp")


@cache
def processor_key() -> str:
    """Changes with the processor and with the extensions for computing it offers: what was fast on one need not be on
    another.
    """
    offered = ""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(("flags", "Features")):
                offered = " ".join(sorted(filter(_COMPUTING.match, line.partition(":")[2].split())))
                break
    digest = hashlib.sha256(offered.encode()).hexdigest()[:8]
    return f"{cpu_model()} {platform.machine()} {digest}"


def quick_types(machine: str | None = None) -> frozenset[str]:
    """Types of models that llama.cpp computes fast. `machine`: as `platform.machine` has it; None: this one."""
    arm = (machine or platform.machine()).casefold() in _ARM
    return _EVERYWHERE | _ON_ARM if arm else _EVERYWHERE
