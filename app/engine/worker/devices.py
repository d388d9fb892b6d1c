"""What the installed llama.cpp can compute on: ggml's own list, which its Python package does not expose."""

import ctypes
from typing import Any

from llama_cpp import _ctypes_extensions, _ggml
from llama_cpp import llama_cpp as llama

from app.engine.measuring_protocol import Device, Devices

_KINDS = ("cpu", "gpu", "igpu", "accel")


def list_devices() -> Devices:
    """Every device of every backend that is compiled in."""
    registry, base = _libraries()
    devices = []
    for index in range(registry.ggml_backend_dev_count()):
        device = registry.ggml_backend_dev_get(index)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        kind = base.ggml_backend_dev_type(device)
        devices.append(
            Device(
                name=_text(base.ggml_backend_dev_name(device)),
                description=_text(base.ggml_backend_dev_description(device)),
                kind=_KINDS[kind] if kind < len(_KINDS) else "accel",
                memory_total=total.value,
                memory_free=free.value,
            )
        )
    return Devices(tuple(devices), _features(_text(llama.llama_print_system_info())))


def _libraries() -> tuple[Any, Any]:
    """The library with the registry, and the one with the devices' functions."""
    registry = _ggml.libggml
    base = _ctypes_extensions.load_shared_library("ggml-base", _ggml.libggml_base_path)
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    registry.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    for name, result in (("name", ctypes.c_char_p), ("description", ctypes.c_char_p), ("type", ctypes.c_int)):
        function = getattr(base, f"ggml_backend_dev_{name}")
        function.restype = result
        function.argtypes = [ctypes.c_void_p]
    base.ggml_backend_dev_memory.restype = None
    base.ggml_backend_dev_memory.argtypes = [
        ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_size_t)
    ]  # fmt: skip
    return registry, base


def _features(info: str) -> tuple[str, ...]:
    """From "CPU : AVX2 = 1 | F16C = 1 | …"."""
    pairs = (part.split(":")[-1].split("=") for part in info.split("|"))
    return tuple(pair[0].strip() for pair in pairs if len(pair) == 2 and pair[1].strip() == "1")


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace").strip()
