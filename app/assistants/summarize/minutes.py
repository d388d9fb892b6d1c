"""Decisions and actions in the minutes of a meeting, found by the words that mark them.

Used where no model writes. Words of the larger Western European languages; whatever else was said is left to the
general choice.
"""

import re
from collections.abc import Collection, Sequence

from app.assistants.summarize.events import Point, PointKind
from app.assistants.summarize.material import Material, one_line
from app.documents.sentences import sentences
from app.retrieval.protocol import DocumentPassage

_LABELLED_ACTION = re.compile(
    r"^\W*(?:actions?(?: items?| points?)?|to[- ]?dos?|aufgaben?|maßnahmen?|à faire|acci[oó]n(?:es)?|azion[ei]|actiepunt(?:en)?)\b\s*[:–—-]",
    re.IGNORECASE,
)
_LABELLED_DECISION = re.compile(
    r"^\W*(?:decisions?|resolutions?|beschl(?:uss|üsse)|décisions?|decisi[oó]n(?:es)?|decision[ei]|besluit(?:en)?)\b\s*[:–—-]",
    re.IGNORECASE,
)
# Somebody, and what they are to do: "Rafiq will ask", "the treasurer is to send", "Frau Weber übernimmt".
_SOMEBODY = re.compile(
    r"(?P<who>[^\W\d_][\w’'-]*)\s+(?:\w+ly\s+)?"
    r"(?:(?:will|shall|is to|are to|has agreed to|have agreed to|agreed to|undertook to|offered to|promised to"
    r"|(?:has|have|was|were) (?:been )?asked to)\s+(?:\w+ly\s+)?(?!be\b|have\b|not\b)[a-z]{3,}"
    r"|übernimmt|kümmert sich|s’engage à|est chargée? de|se encargará|si occuperà|ficou de)"
)
_ROLES = frozenset(
    "he she they we i chair chairman chairwoman chairperson secretary treasurer board committee council director manager"
    " president members member team agent caretaker architect clerk er sie wir vorstand vorsitzende schriftführer"
    " kassenwart il elle nous ella él ellos nosotros".split()
)
_DECISION = re.compile(
    r"\b(?:agreed|decided|resolved|approved|adopted|rejected|ratified|voted|elected|declined)\b"
    r"|\b(?:motion|resolution|proposal|vote)\b[^.]{0,40}\bcarried\b"
    r"|\b(?:beschloss(?:en)?|beschließt|genehmigt(?:e|en)?|abgelehnt|gewählt|einigten? sich)\b"
    r"|\b(?:a|ont|est|sont) (?:décidée?s?|approuvée?s?|adoptée?s?)\b|\b(?:acord(?:ó|aron)|aprob(?:ó|ado|ada)|decidi(?:ó|eron))\b"
    r"|\b(?:deciso|approvat[oa]|deliberato)\b|\b(?:besloten|goedgekeurd)\b|\b(?:decidiu|aprovad[oa]|deliberou)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_FEWEST_WORDS = 4
_MOST = 40  # of a contract, where somebody "shall" in every line


def minute_points(material: Material, passages: Sequence[DocumentPassage]) -> list[Point]:
    """The sentences of `passages` that are marked as a decision or an action, in order; decisions first to be kept."""
    names = names_of(material)
    points = []
    for passage in passages:
        for start, end in sentences(passage.text):
            kind = kind_of(passage.text[start:end], names)
            if kind != "point":
                source = material.source(passage.number, start, end, 1.0)
                section = material.section_of(passage.number)
                points.append(Point(one_line(source.quote), (source,), section=section, kind=kind))
    kept = sorted(range(len(points)), key=lambda index: (points[index].kind != "decision", index))[:_MOST]
    return [points[index] for index in sorted(kept)]


def names_of(material: Material) -> frozenset[str]:
    """Words that only ever stand with a capital: people, mostly; a sentence may begin with any word."""
    words = {word for each in material.passages for word in _WORD.findall(each.text)}
    return frozenset(word.casefold() for word in words if word[0].isupper() and word.lower() not in words)


def kind_of(sentence: str, names: Collection[str]) -> PointKind:
    """What a sentence of the minutes is; `names`: of people, in lower case."""
    if len(sentence.split()) < _FEWEST_WORDS or sentence.rstrip().endswith("?"):
        return "point"
    if _LABELLED_DECISION.search(sentence):
        return "decision"
    if _LABELLED_ACTION.search(sentence):
        return "action"
    who = {found["who"].casefold() for found in _SOMEBODY.finditer(sentence)}
    if any(each in _ROLES or each in names for each in who):
        return "action"
    return "decision" if _DECISION.search(sentence) else "point"
