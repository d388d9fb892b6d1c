"""Whether what was cut out of a frozen program's libraries answers as the whole does.

    python prove_cuts.py FOLDER

Run with the environment that was frozen. The same questions are asked twice, each time in a process of its own: of the
libraries as they were installed, and of those in FOLDER, which are put in their place. Exits with 1 when an answer differs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_TOLERANCE = 1e-5
_LOCALES = "C en_US de_DE sv_SE cs_CZ tr_TR lt_LT es_ES zh_CN zh_TW ja_JP ko_KR th_TH".split()
_WORDS = (
    "Äpfel apfel Zebra zebra öl ol ñu nu čas cas ch ci İstanbul istanbul ıl straße ΣΊΣΥΦΟΣ 中文 漢字 日本 にほん ไทย "
    "한국 abc10 abc9"
)
# a text for each
_ENCODINGS = {
    "windows-1250": "Äpfel čas", "windows-1252": "Äpfel ñu", "iso-8859-2": "čas", "koi8-r": "Азбука", "iso-8859-7": "ΣΊΣΥΦΟΣ",
    "big5": "漢字", "gb18030": "汉字", "shift_jis": "日本にほん", "euc-jp": "日本にほん", "euc-kr": "한국", "ibm850": "Äpfel",
    "iso-8859-11": "ไทย",
}  # fmt: skip


def of_icu() -> Any:
    """Orders of words, upper and lower case and dates in many languages, and texts in old encodings."""
    from PySide6.QtCore import QBuffer, QByteArray, QCollator, QDate, QIODevice, QLocale, QXmlStreamReader

    told: dict[str, Any] = {}
    words = _WORDS.split()
    for name in _LOCALES:
        locale, collator = QLocale(name), QCollator(QLocale(name))
        told[name] = [sorted(words, key=collator.sortKey)]
        told[name] += [(locale.toUpper(each), locale.toLower(each)) for each in words]
        collator.setNumericMode(True)
        told[name] += [sorted(words, key=collator.sortKey), locale.toString(QDate(2026, 11, 22))]
    for name, text in _ENCODINGS.items():
        buffer = QBuffer()
        buffer.setData(QByteArray(f'<?xml version="1.0" encoding="{name}"?><a>{text}</a>'.encode(name)))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        reader = QXmlStreamReader(buffer)
        reader.readNextStartElement()
        told[name] = reader.readElementText()
        if told[name] != text:
            sys.exit(f"Qt reads {name} as “{told[name]}”: {reader.errorString()}")
    return told


def of_numpy() -> Any:
    """Products of matrices and vectors, and least squares."""
    import numpy as np

    chance = np.random.default_rng(3)
    told: list[Any] = []
    for kind in (np.float32, np.float64):
        # of length 1 or so, as embeddings are: sums are added up in another order
        one, other = ((chance.standard_normal(shape) / 20).astype(kind) for shape in ((70, 384), (384, 90)))
        told += [(one @ other).tolist(), (one @ one.T).tolist(), (one @ other[:, 0]).tolist()]
        told += [float(one[0] @ other[:, 1]), (other.T[::-1] @ one.T[:, ::2]).tolist()]
    sides, right = chance.standard_normal((30, 4)), chance.standard_normal(30)
    return [*told, np.linalg.lstsq(sides, right, rcond=None)[0].tolist()]


def of_faiss() -> Any:
    """Clusters found, and the nearest of passages, as Alcove's own index has them."""
    import numpy as np

    sys.path.insert(0, str(ROOT))
    from app.retrieval.vector_index import VectorIndex, faiss

    chance = np.random.default_rng(7)
    centres = chance.standard_normal((40, 384))
    vectors = (centres[chance.integers(0, 40, 6000)] + chance.standard_normal((6000, 384))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = VectorIndex.clustered(vectors, 64)
    index.add(np.arange(len(vectors)), vectors)
    found = [index.nearest(each, 10) for each in vectors[:200]]
    flat = faiss.IndexFlatIP(384)
    flat.add(vectors)
    cosines, ids = flat.search(vectors[:200], 10)  # so many questions at once are one product of matrices
    return [
        *([each.tolist() for each in pair] for pair in found),
        index._index.quantizer.reconstruct_n(0, 64).tolist(), ids.tolist(), cosines.tolist(),
    ]  # fmt: skip


def refused() -> None:
    """What is left out must end the process, not answer."""
    import numpy as np
    from faiss import PCAMatrix

    PCAMatrix(8, 4).train(np.random.default_rng(1).standard_normal((100, 8)).astype(np.float32))


def agree(one: Any, other: Any) -> bool:
    """The same, but for the last digits of numbers."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= _TOLERANCE
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(agree, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(agree(one[each], other[each]) for each in one)
    return bool(one == other)


_ASKED = {"icu": of_icu, "numpy": of_numpy, "faiss": of_faiss}


def _ask(what: str, instead: Path | None) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    if instead is not None:
        # a library that is there already is not looked for where its users were installed
        environment["LD_PRELOAD"] = str(instead)
    command = [sys.executable, "-P", __file__, "--tell", what]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def _differ(what: str, instead: Path) -> bool:
    told = [_ask(what, each) for each in (None, instead)]
    for each in told:
        if each.returncode != 0:
            print(f"{what}: {each.stderr}", file=sys.stderr)
            return True
    one, other = (json.loads(each.stdout) for each in told)
    return not agree(one, other)


def main() -> int:
    inside = Path(sys.argv[1], "_internal").resolve()
    (icu,) = inside.glob("PySide6/Qt/lib/libicudata.so.*")
    (numpy,) = inside.glob("numpy.libs/libscipy_openblas64_*.so")
    (blas,) = inside.glob("faiss_cpu.libs/libopenblas*.so*")
    for what, library in (("icu", icu), ("numpy", numpy), ("faiss", blas)):
        if _differ(what, library):
            print(f"{library.name} does not answer as what it was made from.", file=sys.stderr)
            return 1
    done = _ask("refused", blas)
    if done.returncode == 0 or "left out of this build" not in done.stderr:
        print(f"{blas.name} answers what it was not made for: {done.stderr}", file=sys.stderr)
        return 1
    print("What was cut answers as the whole does")
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--tell", "refused"]:
            refused()
        case ["--tell", what]:
            json.dump(_ASKED[what](), sys.stdout)
        case _:
            sys.exit(main())
