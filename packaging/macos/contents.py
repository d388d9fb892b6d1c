"""What packaging/freeze/contents.py says of names on Linux, said of those that the same files have on macOS."""

import re

_FRAMEWORK = re.compile(
    r"PySide6/Qt/lib/Qt(Qml|Quick|VirtualKeyboard|Labs|Designer|Help|Sql|Test)\w*\.framework/"
)
_LEFT_OUT = tuple(
    re.compile(each)
    for each in (
        r"openvino/libs/libopenvino_(auto|auto_batch|hetero|intel_gpu|intel_npu)_plugin",
        r"openvino/libs/libopenvino_(c|gguf_frontend|jax_frontend|paddle_frontend|pytorch_frontend|tensorflow\w*_frontend)\.",
        r"PySide6/Qt/plugins/platforms/libq(minimal|ios)",
        r"PySide6/(Assistant|Designer|Linguist)\.app/",
        r"llama_cpp/lib/(libmtmd|cmake/|pkgconfig/)",
    )
)


def is_left_out(destination: str) -> bool:
    """`destination`: path of a file inside the bundle, with `/`."""
    return bool(_FRAMEWORK.match(destination)) or any(each.match(destination) for each in _LEFT_OUT)


def is_asked_for_by_version(library: str) -> bool:
    """Of the three names that each library of llama.cpp has (`libx.dylib`, `libx.0.dylib`, `libx.0.1.2.dylib`; copies in
    a wheel), the one that the libraries ask each other by."""
    return re.fullmatch(r"lib[\w-]+?\.\d+\.dylib", library) is not None
