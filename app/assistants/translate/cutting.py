"""Long segments cut into parts a model can hold."""

import re
from collections.abc import Iterator

from app.assistants.translate.masking import values
from app.documents.layout.tags import BREAK, TAG, Tag, pieces, readable, written
from app.documents.sentences import sentences

WORDS = 350
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_CHARACTERS_A_WORD = 2  # in scripts without blanks between words
_CHARACTERS = 7  # a word of other scripts, with its blank; counts where a text has hardly any blanks


def words(text: str) -> int:
    """About how many words of English the text would have."""
    text = readable(text)
    dense = len(_IDEOGRAPH.findall(text))
    return max(len(text.split()), dense // _CHARACTERS_A_WORD, len(text) // (_CHARACTERS * 2))


def parts(text: str, limit: int = WORDS) -> list[str]:
    """`text` cut after sentences into parts of at most `limit` words; joined they are the text.

    A sentence longer than that is cut between words, never inside a value. Tags whose partner is in another part become
    parts of their own.
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


def at_breaks(text: str) -> list[str]:
    """`text` cut around the singles that part words; joined it is the text. Half tags are parts of their own."""
    cut: list[str] = []
    end = 0
    for found in BREAK.finditer(text):
        cut += (text[end : found.start()], found[0])
        end = found.end()
    return [piece for part in (*cut, text[end:]) for piece in _without_half_tags(part)]


def _sentences(text: str, limit: int) -> Iterator[str]:
    ends = [end for _, end in sentences(text)][:-1]
    inside = {place for start, end in _whole(text) for place in range(start + 1, end)}
    start = 0
    for end in [*(each for each in ends if each not in inside), len(text)]:
        yield from _shorter(text[start:end], limit)
        start = end


def _whole(text: str) -> list[tuple[int, int]]:
    """Where tags and values are: there is no cut inside them."""
    return [tag.span() for tag in TAG.finditer(text)] + [(each.start, each.end) for each in values(text)]


def _shorter(sentence: str, limit: int) -> Iterator[str]:
    whole = _whole(sentence)
    start = 0
    while (size := words(sentence[start:])) > limit:
        wish = start + max(1, (len(sentence) - start) * limit // (size + 1))
        place = next((at for at in range(wish, start, -1) if sentence[at].isspace()), wish)
        first, last = next((each for each in whole if each[0] < place < each[1]), (place, place))
        place = first if first > start else last
        yield sentence[start:place]
        start = place
    yield sentence[start:]


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
        shown = item if isinstance(item, str) else written(item)
        if place in half:
            yield from filter(None, (text, shown))
            text = ""
        else:
            text += shown
    if text:
        yield text
