"""What the behaviour of a graphics card hangs on, and how cards are kept out of a process."""

import os
import platform
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

# Read by llama.cpp's backends and NVIDIA's driver before they look for a card, so that a broken driver is not even opened.
_HIDDEN = {"GGML_DISABLE_VULKAN": "1", "CUDA_VISIBLE_DEVICES": "", "GGML_METAL_DEVICES": "0"}
_NO_CARDS = ("base", "cpu", "blas", "rpc")  # of ggml's libraries


def has_card_backends() -> bool:
    """Whether the installed llama.cpp could compute on a graphics card, by its libraries alone: no driver is asked."""
    spec = find_spec("llama_cpp")  # found, not imported
    folders = (spec.submodule_search_locations or ()) if spec is not None else ()
    files = (file for folder in folders for file in Path(folder, "lib").glob("*ggml-*"))
    return any(not file.name.partition("ggml-")[2].startswith(_NO_CARDS) for file in files)


def hide_cards() -> None:
    """For this process, before llama.cpp looks for cards."""
    os.environ.update(_HIDDEN)


def model_key(file: str) -> str:
    """By what it is remembered that a card crashed with this file: its name and size, wherever it lies."""
    with suppress(OSError):
        return f"{Path(file).name}, {Path(file).stat().st_size} bytes"
    return Path(file).name


@cache
def driver_stack() -> str:
    """The versions of llama.cpp's package, of the system with the drivers it brings, and of NVIDIA's driver: with another of
    them, what was learned of the card counts no longer. (Where other drivers are installed apart from the system, as on
    Windows, their version is not known.)
    """
    engine = ""
    with suppress(PackageNotFoundError):
        engine = version("llama-cpp-python")
    system = f"{platform.system()} {platform.release()}"
    return ", ".join(filter(None, (f"llama-cpp-python {engine}", system, _nvidia_driver())))


def _nvidia_driver() -> str:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ""
    try:
        return f"NVIDIA {pynvml.nvmlSystemGetDriverVersion()}"
    except pynvml.NVMLError:
        return ""
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()
