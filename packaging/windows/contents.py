"""What of the installed wheels goes into the Windows program. Pure rules on names, so that they can be tested.

packaging/freeze/contents.py is the same for programs that PyInstaller makes; here nothing reads the code, so whole
folders go or stay.
"""

import re
from pathlib import Path
from runpy import run_path

_FREEZE = Path(__file__).resolve().parents[1] / "freeze"
FAMILIES: tuple[str, ...] = run_path(str(_FREEZE / "contents.py"))["FAMILIES"]

# packages that others ask for and that Alcove never imports, by folder
NEVER_IMPORTED = frozenset(
    {
        "Scripts", "_distutils_hack", "accelerate", "bin", "colorlog", "hf_xet", "omegaconf", "openvino_telemetry", "pip",
        "pyclipper", "setuptools", "shapely", "shapely.libs", "share", "wheel",
    }
)  # fmt: skip
_QT_LEFT_OUT = "Designer|Help|Labs|Lottie|PdfQuick|Qml|Quick|Sql|Test|UiTools"

_LEFT_OUT = tuple(
    re.compile(each, re.IGNORECASE)
    for each in (
        r"torch/(bin|include|share|test|testing/_internal)/",
        r"torch/utils/(benchmark|tensorboard)/",
        # it lists its own folder when it is imported, and reads these of each family of models
        rf"transformers/models/(?!({'|'.join(FAMILIES)})/)[^/]+/(?!__init__\.py$|configuration_\w+\.py$)",
        # openvino computes on the processor, from networks made in memory and from ONNX files
        r"openvino/libs/openvino_((auto|auto_batch|hetero|intel_gpu)_plugin|intel_npu_\w+)\.dll",
        r"openvino/libs/openvino_(c|gguf_frontend|jax_frontend|paddle_frontend|pytorch_frontend|tensorflow\w*_frontend)\.dll",
        r"openvino/libs/(cache\.json|tbbmalloc)",
        r"openvino/(cmake|include|tools)/",
        # the window draws with widgets: no QML, no database drivers, and none of Qt's own programs
        r"PySide6/(qml|translations|resources|metatypes|typesystems|glue|include|scripts|support/deploy|doc)/",
        r"PySide6/plugins/(designer|generic|qmllint|qmlls|qmltooling|sqldrivers|tls|networkinformation|vectorimageformats)/",
        r"PySide6/plugins/platforms/q(direct2d|minimal)",
        r"PySide6/plugins/platforminputcontexts/",
        rf"PySide6/Qt6?({_QT_LEFT_OUT})\w*\.(dll|pyd|pyi)$",
        r"PySide6/([^/]+\.exe|opengl32sw\.dll|pyside6qml\..+)$",
        r"cv2/opencv_videoio_ffmpeg",
        r"llama_cpp/lib/(lib)?mtmd",
        r"llama_cpp/(lib/(cmake|pkgconfig)|include|bin)/",
        r"rapidocr/(?!__init__\.py$|models/PP-OCRv6_\w+_small\.onnx$)",
        # of what comes with a library, what only its developers use
        r".*/tests?/",
        r"(?!app/).*\.(pyi|h|hpp|hxx|cuh|cpp|c|pyx|pxd|lib|a|cmake|md|rst|pdb)$",
        # its texts are kept in one folder, with shorter names: those of torch are too deep for some programs
        r"[^/]+\.dist-info/(?!METADATA$|entry_points\.txt$)",
        r"(distutils-precedence\.pth|example\.py|isympy\.py|msvc_runtime\.[^/]+|[^/]+\.whl)$",
    )
)


def is_left_out(path: str) -> bool:
    """`path`: of a file below the folder of the packages, with `/`."""
    top = path.partition("/")[0]
    return top in NEVER_IMPORTED or (
        not path.startswith("app/_shipped/") and any(each.match(path) for each in _LEFT_OUT)
    )
