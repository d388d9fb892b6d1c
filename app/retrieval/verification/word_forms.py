"""Whether two words are forms of one: "contract" and "contracts", not "contract" and "contrast"."""

# Endings that forms of one word differ in, and the letters that must stand before them at least: after few letters the
# rarer endings make other words ("sign" and "signal", "port" and "portion").
_ENDINGS = (
    (3, frozenset({"", "s", "es", "d", "ed", "ing", "'s", "’s", "ment", "ments"})),
    (3, frozenset({"e", "ing"})),
    (3, frozenset({"y", "ies", "ied", "ily"})),
    (5, frozenset({"", "s", "es", "d", "ed", "ing", "'s", "’s", "ment", "ments", "er", "ers", "ion", "ions", "ly", "al"})),
    (4, frozenset({"e", "ing", "ion", "ions"})),
    (5, frozenset({"", "e", "en", "n"})),  # German nouns
    (4, frozenset({"e", "en", "t", "te", "ten"})),  # German verbs
    (5, frozenset({"o", "a", "os", "as"})),
)  # fmt: skip
_PAST = frozenset({"d", "ed"})
_DOERS = frozenset({"er", "ers"})
_SHORT_STEM = 5


def same_word(one: str, other: str) -> bool:
    """Whether two words, lower case, are forms of one: plural, past tense, "inspected" and "inspection".

    Not who does a thing and to whom it is done: "insurer" and "insured".
    """
    if one == other:
        return True
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    stem = one[:same]
    rests = {_undoubled(stem, one[same:]), _undoubled(stem, other[same:])}
    if rests & _PAST and rests & _DOERS:
        return False
    if "d" in rests and not _takes_d(stem):
        return False
    return any(same >= least and rests <= endings for least, endings in _ENDINGS)


def _undoubled(stem: str, rest: str) -> str:
    """Of "stop" and "stopped" the rest is "ed"."""
    doubled = len(rest) > 2 and stem.endswith(rest[0]) and rest[1:] in ("ed", "ing", "er", "ers")
    return rest[1:] if doubled else rest


def _takes_d(stem: str) -> bool:
    """ "used" and "agreed", not "card" and "seed"."""
    return stem.endswith("e") and (len(stem) >= _SHORT_STEM or not stem.endswith("ee"))
