"""What goes into the frozen program and what stays out. Pure rules on names, so that they can be tested."""

import re
from collections.abc import Collection, Iterable

# of these only what a recorded run used is taken; reading their code would find nearly all of it
RECORDED_ONLY = frozenset(
    {
        "joblib",
        "networkx",
        "scipy",
        "sentence_transformers",
        "sklearn",
        "sympy",
        "torch",
        "torchgen",
        "transformers",
    }
)
# though not recorded: parts that torch and the networks of other models load when they first compute
ALSO = (
    "torch.ao.nn", "torch.autograd", "torch.backends", "torch.cpu", "torch.fx", "torch.jit", "torch.linalg", "torch.masked",
    "torch.mtia", "torch.nn", "torch.optim", "torch.sparse", "torch.special", "torch.utils", "torch.xpu",
    "torch._refs", "torch._prims", "torch._prims_common", "torch._decomp", "torch._library",
    "transformers.integrations", "transformers.utils", "transformers.modeling_utils",
    "sentence_transformers.base", "sentence_transformers.sentence_transformer.modules",
    "sentence_transformers.cross_encoder.modules",
)  # fmt: skip

FAMILIES = tuple(
    (
        "albert auto bert camembert convbert deberta deberta_v2 distilbert electra ernie eurobert gemma3 longformer "
        "mobilebert modernbert mpnet nomic_bert qwen2 qwen3 rembert roberta roberta_prelayernorm squeezebert t5 "
        "xlm_roberta xlm_roberta_xl xlnet"
    ).split()
)
"""The families of networks in transformers that search, rerank or mark answers."""

NEVER_IMPORTED = (
    "IPython", "_curses", "accelerate", "colorlog", "curses", "flax", "hf_xet", "ipywidgets", "jax", "lxml.html",
    "lxml.isoschematron", "lxml.objectify", "matplotlib", "mypy", "numpy.distutils", "omegaconf", "openvino.tools",
    "openvino_telemetry", "pandas", "pip", "pyclipper", "pytest", "rapidocr", "readline", "setuptools", "shapely", "tensorflow", "tkinter",
    "torch.utils.benchmark", "torch.utils.tensorboard", "torchaudio", "torchvision", "triton", "wheel",
)  # fmt: skip
"""Optional to what uses them, and nothing Alcove uses."""

_LEFT_OUT = tuple(
    re.compile(each)
    for each in (
        r"torch/lib/lib(aoti_custom_ops|backend_with_compiler|jitbackend_test|torchbind_test)\b",
        r"torch/(include|share|test)/",
        # openvino computes on the processor, from networks made in memory and from ONNX files
        r"openvino/libs/libopenvino_(auto|auto_batch|hetero|intel_gpu|intel_npu)_plugin",
        r"openvino/libs/libopenvino_(c|gguf_frontend|jax_frontend|paddle_frontend|pytorch_frontend|tensorflow\w*_frontend)\.so",
        r"openvino/libs/(cache\.json|tbb\.pc|libtbbmalloc)",
        r"openvino/(cmake|include|tools)/",
        # the window draws with widgets: no QML, no database drivers, no consoles without a window system, no GTK
        r"PySide6/Qt/(qml|translations|resources|metatypes|libexec)/",
        r"PySide6/Qt/plugins/(designer|egldeviceintegrations|generic|qmltooling|sqldrivers|tls|networkinformation|vectorimageformats"
        r"|wayland-graphics-integration-server)/",
        r"PySide6/Qt/plugins/platforms/libq(eglfs|linuxfb|minimal|minimalegl|vkkhrdisplay|vnc)\.so",
        r"PySide6/Qt/plugins/platformthemes/libqgtk3\.so",
        r"PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboard",
        r"(PySide6/Qt/lib/)?libQt6(Qml|Quick|VirtualKeyboard|Labs|Designer|Help|Sql|Test|WaylandCompositor|EglF[sS])",
        r"llama_cpp/lib/libmtmd",
        # for processors without AVX2, on which nothing is installed
        r"rapidfuzz/(fuzz_cpp|distance/metrics_cpp)\.cpython",
        # of what comes with a library, what only its developers use
        r".*/tests?/.*",
        r".*\.(pyi|h|hpp|hxx|cuh|cpp|c|pyx|pxd|lib|a|cmake|md|rst)$",
        # belongs to the system: its graphics drivers need their own, newer ones
        r"lib(stdc\+\+|gcc_s)\.so",
        r"libcudart",
    )
)
_MADE_BY_MODEL = re.compile(r"app/_shipped/.*")


def is_left_out(destination: str) -> bool:
    """`destination`: path of a file inside the bundle, with `/`."""
    return not _MADE_BY_MODEL.match(destination) and any(each.match(destination) for each in _LEFT_OUT)


def left_aside(modules: Iterable[str], recorded: Collection[str]) -> list[str]:
    """Those of `modules` that the freezer need not even read: they are not wanted, and nothing inside them is."""
    kept = {each for each in recorded if is_wanted(each, recorded)}
    inside = {each[:place] for each in kept for place, letter in enumerate(each) if letter == "."}
    return [each for each in modules if each not in inside and not is_wanted(each, recorded)]


def is_wanted(module: str, recorded: Collection[str]) -> bool:
    """Whether a module that reading the code found goes in."""
    if any(module == each or module.startswith(each + ".") for each in NEVER_IMPORTED):
        return False
    if module.partition(".")[0] not in RECORDED_ONLY or module in recorded:
        return True
    also = (*ALSO, *(f"transformers.models.{each}" for each in FAMILIES))
    return any(module == each or module.startswith(each + ".") for each in also)
