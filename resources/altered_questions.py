"""Questions that look answered and are not: one word of an answered question is turned into its opposite or another name.

People who wrote the unanswerable questions of SQuAD 2.0 did much the same (Rajpurkar et al., 2018, table 2: negation,
antonyms, swapped entities).
"""

import itertools
import random
import re

_OPPOSITES = """first last|before after|most least|largest smallest|biggest smallest|highest lowest|higher lower|high low|
more less|more fewer|above below|north south|east west|northern southern|eastern western|increase decrease|increased decreased|
increasing decreasing|win lose|won lost|winner loser|begin end|began ended|beginning end|start stop|started stopped|allow forbid|
allowed forbidden|support oppose|supported opposed|supporters opponents|accept reject|accepted rejected|include exclude|
included excluded|with without|always never|often rarely|early late|earlier later|old new|older younger|oldest newest|rich poor|
strong weak|stronger weaker|positive negative|public private|male female|men women|man woman|father mother|son daughter|
king queen|brother sister|war peace|victory defeat|import export|imported exported|major minor|maximum minimum|open closed|
enter leave|entered left|join leave|joined left|build destroy|built destroyed|buy sell|bought sold|teacher student|
inside outside|internal external|upper lower|left right|summer winter|day night|hot cold|long short|longest shortest|
large small|larger smaller|big little|fast slow|fastest slowest|easy difficult|common rare|similar different|best worst|
better worse|good bad|improve worsen|improved worsened|success failure|successful unsuccessful|legal illegal|possible impossible|
majority minority|urban rural|modern ancient|ancient modern|future past|advantage disadvantage|benefit harm|create destroy|
created destroyed|cause prevent|caused prevented|rise fall|rose fell|gain lose|gained lost|arrive leave|arrived left|
agree disagree|agreed disagreed|love hate|liked disliked|protect endanger|approve reject|approved rejected|appointed dismissed|
elected ousted|founded dissolved|established abolished|formed dissolved|given taken|gave took|attack defend|attacked defended"""
_NEGATED = {
    "did": "didn't", "does": "doesn't", "do": "don't", "is": "isn't", "was": "wasn't", "are": "aren't", "were": "weren't",
    "can": "can't", "could": "couldn't", "has": "hasn't", "had": "hadn't", "will": "won't",
}  # fmt: skip
_ASKING = re.compile(
    r"\b((?:what|who|where|when|which|why|how)(?: \w+){0,2}?) (did|does|do|is|was|are|were|can|could|has|had|will)\b",
    re.I,
)


def _pairs() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in _OPPOSITES.replace("\n", "").split("|"):
        one, other = pair.split()
        found[one] = (*found.get(one, ()), other)
        found[other] = (*found.get(other, ()), one)
    return found


_PAIRS = _pairs()


def opposite(question: str, passage: str, chance: random.Random) -> str | None:
    """With one word turned into its opposite, or negated; None where no word lends itself to it.

    The word must stand in the passage and its opposite must not, or the question might still be answered.
    """
    lowered = f" {re.sub(r'[^a-z]+', ' ', passage.lower())} "
    found = [
        (word.start(), word.end(), other)
        for word in re.finditer(r"[a-z]+", question)
        for other in _PAIRS.get(word[0], ())
        if f" {word[0]} " in lowered and f" {other} " not in lowered
    ]
    if found:
        start, end, other = chance.choice(found)
        return question[:start] + other + question[end:]
    match = _ASKING.search(question)
    if match is None or any(each in lowered for each in (" not ", " never ", " no ", " nor ")):
        return None
    return question[: match.start(2)] + _NEGATED[match[2].lower()] + question[match.end(2) :]


def other_name(question: str, passage: str, answers: tuple[str, ...], chance: random.Random) -> str | None:
    """With a name or number replaced by another one of the passage; None where there is none."""
    others = [each for each in _names(passage) if each not in question and each not in answers]
    same = [
        (name, other)
        for name in _names(question)
        for other in others
        if name[0].isdigit() == other[0].isdigit()
    ]
    if not same:
        return None
    name, other = chance.choice(same)
    return question.replace(name, other)


def _names(text: str) -> list[str]:
    """Names and numbers, without the first word of a sentence."""
    found: list[str] = []
    for before, word in itertools.pairwise(text.split()):
        bare = word.strip(".,;:?!()\"'")
        if len(bare) > 1 and (bare[0].isupper() or bare[0].isdigit()) and before[-1] not in ".?!:":
            found.append(bare)
    return found
