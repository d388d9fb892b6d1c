"""A question about many documents as a question to one of them, for English.

A reader is trained on questions such as “When does the contract end?”. “Which contracts end in 2026?” is asked of one
document in up to three such ways; as it stands, or with the condition only left out, it finds far less.
"""

import re

_HEAD = re.compile(
    r"(?:please\s+)?(?:which|what|how\s+many|list|show|find|name|give)(?:\s+me)?(?:\s+(?:all|every|each|any))?"
    r"(?:\s+of)?(?:\s+(?:the|my|our|these|those))?\s+(?P<rest>.+)",
    re.IGNORECASE,
)
_BE = {"are": "is", "is": "is", "were": "was", "was": "was"}
_MODALS = ("will", "can", "must", "may", "should", "would")
_HAVE = (
    "have",
    "has",
    "had",
    "with",
    "having",
    "where",
    "whose",
    "specify",
    "state",
    "mention",
    "give",
    "offer",
    "set",
)
_RELATIVE = ("that", "which", "who")
_VERBS = (
    "end expire start begin run last cost terminate renew mature close open commence arrive happen finish weigh"
    " take apply lapse depart leave return ship exceed employ contain include cover pay require charge total"
).split()
_ENDING = ("end", "expire", "lapse", "run", "terminate")
_IRREGULAR = {
    "began": "begin", "ran": "run", "took": "take", "beginning": "begin", "running": "run", "cost": "cost", "left": "leave",
    "paid": "pay",
}  # fmt: skip
_LOOSE_END = re.compile(r"\s+(?:of|in|on|at|to|for|by|are there)$", re.IGNORECASE)
_NOUN = 3  # words at most
_ARTICLES = ("a", "an", "the", "its", "their")
_DETERMINER = re.compile(r"^(?:the|a|an|its|their)\s+", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|every)\s+(?:of\s+(?:the|my|our)\s+)?(?P<noun>[\w-]+)", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?P<before>in|of|for|from|by)\s+all\s+(?:of\s+)?(?:(?:the|my|our)\s+)?(?P<noun>[\w-]+s)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?:please\s+)?(?:list|show|find|name|give)(?:\s+me)?\s+(?:all|every|each|the)(?:\s+(?:the|of\s+the))?\s+(?P<noun>[\w-]+(?:\s+[\w-]+)?)\W*",
    re.IGNORECASE,
)


def plain_question(question: str) -> str:
    """Without a condition: “each lease” is the lease at hand, and “list all suppliers” asks for its supplier."""
    listed = _LIST.fullmatch(question)
    if listed:
        return f"What is the {singular(listed['noun'])}?"
    question = _EACH.sub(lambda match: f"the {singular(match['noun'])}", question)
    return _ALL.sub(lambda match: f"{match['before']} the {singular(match['noun'])}", question)


def per_document(rest: str, kind: str, unit: str) -> list[str]:
    """`rest`: the question without its condition, which was a date or a quantity (`kind`) in `unit`.

    The most natural way to ask first, then others that a reader may understand better. What no rule fits is asked as it is.
    """
    rest = _LOOSE_END.sub("", rest.rstrip(" ?.!"))
    head = _HEAD.fullmatch(rest)
    words = head["rest"].split() if head else []
    at = next((index for index, word in enumerate(words) if index and _is_verb(word.lower())), None)
    if at is None and not 0 < len(words) <= _NOUN:
        return [rest + "?"]
    noun = f"the {singular(' '.join(words[:at]))}"
    verb, tail = ("is", []) if at is None else (words[at].lower(), words[at + 1 :])
    if verb in _RELATIVE and tail:  # “contracts that end”
        verb, tail = tail[0].lower(), tail[1:]
    ask = _ask_when if kind == "date" else _ask_how_much
    return [" ".join(each.split()) + "?" for each in ask(noun, verb, tail, unit)]


def singular(noun: str) -> str:
    """Of the last word: enough for what documents are called."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if noun.lower().endswith(ending):
            return noun[: -len(ending)] + instead
    return noun[:-1] if noun.lower().endswith("s") and noun[-2:].lower() not in ("ss", "us", "is") else noun


def _is_verb(word: str) -> bool:
    special = (*_BE, *_MODALS, *_HAVE, *_RELATIVE, "due", "dated")
    return word in special or _base(word) in _VERBS or (word.endswith("ed") and len(word) > 4)


def _base(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending in ("ing", "ed", "es", "s"):
        stem = word.removesuffix(ending)
        for base in (stem, stem + "e"):
            if stem != word and base in _VERBS:
                return base
    return word


def _ask_when(noun: str, verb: str, tail: list[str], _unit: str) -> list[str]:
    said = " ".join(tail)
    if verb in _BE and tail and tail[0].lower().endswith("ing"):
        verb, said = _base(tail[0].lower()), " ".join(tail[1:])
    of_date = [f"What is the date of {noun}", "What is the date"]
    if verb in _BE:
        return [f"When {_BE[verb]} {noun} {said}"] if said else of_date
    if verb in _MODALS:
        return [f"When {verb} {noun} {said}"]
    if verb in _HAVE and tail:
        return [f"What is the {_named(said)}", f"What is the {_named(said)} of {noun}"]
    if verb in _HAVE or verb == "dated":
        return of_date
    if verb == "due":
        return [f"When is {noun} due", "What is the due date"]
    if verb.endswith("ed") and _base(verb) not in _VERBS:
        return [f"When was {noun} {verb} {said}"]
    past = verb.endswith("ed") or verb in ("began", "ran", "took", "left", "paid")
    base = _base(verb)
    ways = [f"When {'did' if past else 'does'} {noun} {base} {said}"]
    return [*ways, f"Until when is {noun} valid"] if base in _ENDING else ways


def _ask_how_much(noun: str, verb: str, tail: list[str], unit: str) -> list[str]:
    said = " ".join(tail)
    how = "How long" if unit == "day" else "How much"
    totals = [f"What is the total amount of {noun}", "What is the total amount"]
    if verb in _HAVE and tail:
        if not unit and tail[0].lower() not in _ARTICLES:
            return [f"How many {said} does {noun} have"]
        return [
            f"{how if unit == 'day' else 'What'} is the {_named(said)}",
            f"How much is the {_named(said)}",
        ]
    if verb in _HAVE or verb == "exceed" or (verb in _BE and not tail):
        return [f"How long is {noun}", f"How long does {noun} last"] if unit == "day" else totals
    if verb in _BE:
        return [f"{how} {_BE[verb]} {noun} {said}"]
    if verb in _MODALS:
        return [f"{how} {verb} {noun} {said}"]
    if not unit and tail:
        return [f"How many {said} does {noun} {_base(verb)}"]
    ways = [f"{how} does {noun} {_base(verb)} {said}"]
    return (
        [*ways, f"What is the price of {noun}", f"How much is {noun} {said}"]
        if verb.startswith("cost")
        else ways
    )


def _named(said: str) -> str:
    """ "a notice period" without its article."""
    return _DETERMINER.sub("", said)
