"""Which language a text of many segments is in, as far as it is not to be in the target language already."""

from collections import Counter
from collections.abc import Sequence

from app.base.errors import AppError
from app.base.languages import language, language_name
from app.documents.language import detect
from app.documents.layout.tags import readable

_SAMPLE = 120  # segments that are looked at, the longest
_LEAST_SHARE = 0.1  # of the letters must be in another language than the target for it to be the source


def source_language(texts: Sequence[str], *, target: str, source: str = "", declared: str = "") -> str:
    """The code: `source` as the person says, else as detected, else as the file declares it.

    Raises `AppError` when source and target are the same language, and when none can be told.
    """
    if source:
        return _other_than(target, source)
    counts = _counted(texts)
    total = sum(counts.values())
    for code, letters in counts.most_common(2):
        if code != target and letters >= total * _LEAST_SHARE:
            return code
    known = language(declared) if declared else None
    if not counts and known is not None:
        return _other_than(target, known.code)
    if not counts:
        raise AppError(
            "Alcove cannot tell which language this text is in.",
            "Say it: choose the language to translate from (--from LANG in the terminal).",
        )
    return _other_than(target, target)


def _counted(texts: Sequence[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    longest = sorted(dict.fromkeys(map(readable, texts)), key=len, reverse=True)[:_SAMPLE]
    for each in longest:
        found = detect(each)
        if found is not None:
            counts[found.code] += len(each)
    if not counts:  # many short texts may tell together what none tells alone
        found = detect("\n".join(longest))
        if found is not None:
            counts[found.code] = 1
    return counts


def _other_than(target: str, source: str) -> str:
    if source == target:
        raise AppError(
            f"The text is in {language_name(target)} already.",
            "Choose another language to translate into, or say which language it is in (--from LANG in the terminal).",
        )
    return source
