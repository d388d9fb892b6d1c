"""Whether two texts say the same with another force: "must" and "may", "all" and "some", "only"."""

import re

_MUST = re.compile(
    r"\b(?:must|shall|muss|müssen|doit|doivent|debe[n]?)\b(?! not\b)|(?<!not )\b(?:required|obliged|obligated|have|has|needs?) to\b"
    r"|\b(?:mandatory|compulsory|obligatory)\b",
    re.I,
)
# with a small letter only: May is a month. "may not" and "must not" are one.
_MAY = re.compile(
    r"\b(?:may|can|might|could|kann|können|darf|dürfen|peut|peuvent|puede[n]?)\b(?! not\b)"
    r"|(?<!not )\b(?:allowed|permitted|free) to\b|\boptional\b"
)
_ALL = re.compile(
    r"\b(?:all|every|each|always|everyone|everybody|alle[ns]?|jede[rsnm]?|immer|tous|toutes|toujours|todos|todas|siempre)\b",
    re.I,
)
_SOME = re.compile(
    r"\b(?:some|few|several|many|most|sometimes|often|usually|occasionally|einige|manche|wenige|meist|quelques|plupart|algunos|algunas)\b",
    re.I,
)
_ONLY = re.compile(
    r"\b(?:only|solely|exclusively|sole|alone|just|merely|nur|ausschließlich|allein|seulement|uniquement|solo|sólo|solamente)\b",
    re.I,
)
_NOT_ONLY = re.compile(r"\b(?:not only|nicht nur|non seulement|no sólo|no solo|non solo)\b", re.I)


def qualified_otherwise(sentence: str, evidence: str) -> bool:
    """Whether `sentence` obliges where `evidence` allows, speaks of all where it speaks of some (or the other way round), or
    says "only" where it does not."""
    for one, other in ((_MUST, _MAY), (_ALL, _SOME)):
        said = (one.search(sentence) is not None, other.search(sentence) is not None)
        told = (one.search(evidence) is not None, other.search(evidence) is not None)
        if any(said) and any(told) and all(a != b for a, b in zip(said, told, strict=True)):
            return True
    return _says_only(sentence) and not _says_only(evidence)


def _says_only(text: str) -> bool:
    return _ONLY.search(_NOT_ONLY.sub(" ", text)) is not None
