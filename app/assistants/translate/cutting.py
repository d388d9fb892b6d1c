"""Long segments cut into parts a model can hold."""

import re
from collections.abc import Iterator

from app.documents.layout.tags import TAG, Tag, pieces, plain
from app.documents.sentences import sentences

WORDS = 350
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_CHARACTERS_A_WORD = 2  # in scripts without blanks between words
_CHARACTERS = 7  # a word of other scripts, with its blank; counts where a text has hardly any blanks


def words(text: str) -> int:
    """About how many words of English the text would have."""
    text = plain(text)
    dense = len(_IDEOGRAPH.findall(text))
    return max(len(text.split()), dense // _CHARACTERS_A_WORD, len(text) // (_CHARACTERS * 2))


def parts(text: str, limit: int = WORDS) -> list[str]:
    """`text` cut after sentences into parts of at most `limit` words; joined they are the text.

    A sentence longer than that is cut between words. Tags whose partner is in another part become parts of their own.
    """
    if words(text) <= limit:
        return [text]
    cut: list[str] = []
    current = ""
    for each in _sentences(text, limit):
        if current and words(current + each) > limit:
            cut.append(current)
            current = ""
        current += each
    cut.append(current)
    return [piece for part in cut for piece in _without_half_tags(part)]


def _sentences(text: str, limit: int) -> Iterator[str]:
    ends = [end for _, end in sentences(text)][:-1]
    inside = {place for tag in TAG.finditer(text) for place in range(tag.start() + 1, tag.end())}
    start = 0
    for end in [*(each for each in ends if each not in inside), len(text)]:
        yield from _shorter(text[start:end], limit)
        start = end


def _shorter(sentence: str, limit: int) -> Iterator[str]:
    while words(sentence) > limit:
        place = max(1, len(sentence) * limit // (words(sentence) + 1))
        place = next((at for at in range(place, 0, -1) if sentence[at].isspace()), place)
        inside = next((tag for tag in TAG.finditer(sentence) if tag.start() < place < tag.end()), None)
        place = place if inside is None else inside.end()
        yield sentence[:place]
        sentence = sentence[place:]
    yield sentence


def _without_half_tags(part: str) -> Iterator[str]:
    items = list(pieces(part))
    open_: dict[int, int] = {}
    half = set()
    for place, item in enumerate(items):
        if not isinstance(item, Tag) or item.kind == "single":
            continue
        if item.kind == "open":
            open_[item.number] = place
        elif open_.pop(item.number, None) is None:
            half.add(place)
    half |= set(open_.values())
    text = ""
    for place, item in enumerate(items):
        written = item if isinstance(item, str) else _tag(item)
        if place in half:
            yield from filter(None, (text, written))
            text = ""
        else:
            text += written
    if text:
        yield text


def _tag(tag: Tag) -> str:
    return {"open": "<g{}>", "close": "</g{}>", "single": "<x{}>"}[tag.kind].format(tag.number)
