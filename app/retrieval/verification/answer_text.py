"""What a model may not write into an answer: citation marks, links, images, and sources that are not there.

Quotes are attached by code. What looks like one and comes from the model may be invented, or planted by a document.
"""

import re

from app.documents.sentences import sentences

# Everything that repeats is bounded: a model that goes astray writes what takes other patterns minutes.
_MARK = re.compile(r"\s{0,9}\[\d{1,9}(?:\s{0,3}[,–-]\s{0,3}\d{1,9}){0,50}\]")
_IMAGE = re.compile(r"!\[[^\]\n]{0,1000}\](?:\([^)\n]{0,4000}\)?|\[[^\]\n]{0,1000}\])?")
_LINK = re.compile(r"\[([^\]\n]{0,1000})\](?:\(<?([^)\n>]{0,4000})>?\)?|\[[^\]\n]{0,1000}\])")
_DEFINITION = re.compile(r"^[ \t]*\[[^\]\n]+\]:.*$\n?", re.MULTILINE)
_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>\n]*)?/?>|<!--.*?(?:-->|$)", re.DOTALL)
_CONTROL = re.compile(r"<\|[^|>\n]*\|?>|\[/?INST\]|<</?SYS>>")
_ADDRESS = (
    r"(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|\bmailto:|\bdata:[\w/+-]+[;,]|\bjavascript:)[^\s<>\"')\]]{0,500}[^\s<>\"')\].,;:!?]"
    r"|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
    r"|\b(?:[\w-]{1,63}\.){1,8}(?:com|org|net|io|invalid|example|info|biz|dev|app)\b(?:/[^\s<>\"')\]]*)?"
)
_FILE = (
    r"\b[\w()-]{1,255}(?:\.[\w()-]{1,255}){0,8}\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|txt|md|csv|tsv|html?|eml|msg|rtf|epub|json|xml|png|jpe?g|gif|zip"
    r"|exe|js|py|sh)\b"
)
_OUTSIDE = re.compile(f"{_ADDRESS}|{_FILE}", re.IGNORECASE)
_PLACE = rf"[“\"'`*]{{0,4}}{_FILE}[”\"'`*]{{0,4}}(?:,?\s{{1,3}}(?:page|slide|sheet|seite|p\.)\s{{0,3}}[“\w]{{1,80}}”?)?"
_SOURCES_LINE = re.compile(
    r"^[^\w\n]{0,20}(?:sources?|references?|quellen?|fuentes?)\b[^\w\n:：]{0,5}[:：].*$\n?",
    re.IGNORECASE | re.MULTILINE,
)
_IN_BRACKETS = re.compile(
    rf"\s{{0,9}}[(\[][^()\[\]\n]{{0,200}}(?:{_ADDRESS}|{_PLACE})[^()\[\]\n]{{0,200}}[)\]]", re.IGNORECASE
)
_ACCORDING = re.compile(
    rf"\b(?:according to|as (?:stated|mentioned|described|said) in|laut|gemäß|selon|según)\s{{1,3}}(?:the\s{{1,3}})?(?:(?:file|document)\s{{1,3}})?{_PLACE},?\s{{0,9}}",
    re.IGNORECASE,
)


def cleaned(answer: str, documents: str) -> str:
    """`answer` without what a model may not add: marks, links (their words stay), images, tags, names of sources, and
    sentences with an address or a file name that does not stand in `documents` (all that the model was shown of them).
    """
    known = documents.casefold()
    text = _CONTROL.sub("", _DEFINITION.sub("", answer))
    text = _IMAGE.sub("", text)
    text = _SOURCES_LINE.sub("", _MARK.sub("", text))
    text = _LINK.sub(lambda link: _without_link(link, known), text)
    text = _TAG.sub(lambda tag: tag[0] if tag[0].casefold() in known else "", text)
    text = _ACCORDING.sub(
        "", _IN_BRACKETS.sub(lambda aside: "" if _strange(aside[0], known) else aside[0], text)
    )
    strange = [(start, end) for start, end in sentences(text) if _strange(text[start:end], known)]
    for start, end in reversed(strange):
        text = (
            text[:start].rstrip(" ")
            + (" " if text[:start].strip() and text[end:].strip() else "")
            + text[end:].lstrip(" ")
        )
    text = text.strip()
    return text[:1].upper() + text[1:] if answer.lstrip()[:1].isupper() else text


def _strange(text: str, known: str) -> bool:
    """Whether an address or a file name stands in it that the documents do not hold."""
    return any(found[0].casefold() not in known for found in _OUTSIDE.finditer(text))


def _without_link(link: re.Match[str], known: str) -> str:
    words, target = link[1], (link[2] or "").strip()
    if target and target.casefold() in known and target != words:
        return f"{words} ({target})".strip()
    return words
