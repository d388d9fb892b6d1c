"""Whether words deny (“not”, “nobody”, “is prohibited”, in the languages of most documents) or say the opposite."""

import re
from collections.abc import Collection, Iterator

_DENIES = (
    r"\b(?:not|never|none|nobody|nothing|neither|cannot|without|no(?!\.?\s?\d)|nor"
    r"|nicht|nie(?:mals)?|niemand|kein\w*|ohne|pas|jamais|aucune?|personne|sans"
    r"|nunca|ningun[oa]?|ningún|nadie|sin|non|mai|nessun\w*|senza|niet|geen|nooit|zonder|não|nenhuma?|ninguém|sem)\b|n[’']t\b"
)
_REFUSES = (
    r"\b(?:forbid\w*|forbad\w*|prohibit\w*|refus\w*|reject\w*|declin\w*|den(?:y|ied|ies|ying)|exclu\w+|unable|lack\w*"
    r"|fail(?:s|ed|ing|ure)?|banned|bans|illegal|unlawful|impossible|invalid|unpaid|verboten|verbiet\w*|untersag\w*|abgelehnt"
    r"|ausgeschlossen|interdit\w*|prohibid\w+|vietat\w+)\b"
)
_DENIAL = re.compile(f"{_DENIES}|{_REFUSES}", re.IGNORECASE)
# denying words that deny nothing: "not only", "no later than", "whether or not"
_HARMLESS = re.compile(
    r"\bnot (?:only|just|merely)\b|\b(?:no|not) (?:later|more|less|fewer|earlier|longer) than\b|\bwhether or not\b"
    r"|\bwithout doubt\b|\bno doubt\b|\bnicht nur\b|\bnon seulement\b|\bno sólo\b|\bnon solo\b",
    re.IGNORECASE,
)
_NEITHER = re.compile(r"\bneither\b(.*?)\bnor\b", re.IGNORECASE | re.DOTALL)
_CLAUSE_END = re.compile(
    r"[,;:()]\s*|\s(?=(?:but|however|although|though|while|whereas|except|aber|sondern|mais|pero|ma|mas)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_ALLOWING = frozenset(
    "allowed permitted possible permissible prohibited forbidden banned erlaubt gestattet verboten".split()
)
_OPPOSITES = [
    (frozenset(one.split("/")), frozenset(other.split("/")))
    for one, _, other in (
        pair.partition(" ")
        for pair in (
            "landlord/landlords/lessor tenant/tenants/lessee", "buyer/buyers/purchaser seller/sellers/vendor",
            "employer/employers employee/employees", "lender/lenders/creditor borrower/borrowers/debtor",
            "sender recipient/receiver", "plaintiff defendant", "doctor patient", "teacher/teachers student/students/pupil",
            "parent/parents child/children", "before after", "minimum/least maximum/most", "earliest latest", "more/above less/below/under",
            "increase/increased/increases/rose/grew decrease/decreased/decreases/fell/dropped", "gain/gained loss/lost",
            "accepted/approved rejected/declined/refused", "won lost", "open/opens close/closes/closed", "first last", "north south",
            "east west", "left right", "morning evening", "old new", "higher lower", "longer shorter", "larger smaller", "import export",
        )
    )
]  # fmt: skip


def denies(text: str) -> bool:
    """Whether `text` denies what it speaks of; "does not exclude" denies twice and so not at all."""
    plain = _NEITHER.sub(r"not \1", _HARMLESS.sub(" ", text))
    return len(_DENIAL.findall(plain)) % 2 == 1


def denying_words(text: str) -> set[str]:
    """The words of `text` that only deny, lower case, and those of allowing in a sentence that denies: "not allowed" and
    "prohibited" are the same."""
    found = {word for each in re.findall(_DENIES, text, re.IGNORECASE) for word in _words(each)}
    return found | (_words(text) & _ALLOWING if denies(text) else set())


def opposed(sentence: str, evidence: str) -> bool:
    """Whether `sentence` says the opposite word of one in `evidence`, which does not hold it: "landlord" and "tenant"."""
    said, told = _words(sentence), _words(evidence)
    return any(
        (said & one and told & other and not told & one and not said & other)
        or (said & other and told & one and not told & other and not said & one)
        for one, other in _OPPOSITES
    )


def contradicts(sentence: str, evidence: str, shared: Collection[str]) -> bool:
    """Whether one of the two denies what the other says. `shared`: the words of `evidence` that `sentence` has as well, lower
    case.

    Of "covers the pump, but not the seals" only the seals are denied.
    """
    if not denies(sentence):
        told = [(clause, denies(clause)) for clause in _clauses(evidence)]
        said = {word for clause, denied in told if not denied for word in _words(clause)}
        denied_only = {word for clause, denied in told if denied for word in _words(clause)} - said
        return bool(denied_only & set(shared))
    return not any(
        denies(clause) and (_words(clause) & set(shared) or not shared) for clause in _clauses(evidence)
    )


def _clauses(text: str) -> Iterator[str]:
    at = 0
    for end in _CLAUSE_END.finditer(text):
        yield text[at : end.start()]
        at = end.end()
    yield text[at:]


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
