"""Questions that want yes or no ("Are dogs allowed?"), recognised by their form.

Words cut out of a document answer none of these: "dogs" or "without consent" leaves open what was asked. The answer to
them is a whole sentence, and what it comes to is left to whoever reads it.

English first; of German, French, Spanish, Italian, Portuguese and Dutch the plain forms, with a question mark. In doubt a
question wants yes or no: a sentence is too long an answer to some questions, and a wrong one to none. Of those that name
things to choose from ("Is it 12 or 24 months?") one of these is an answer, and other words are none.
"""

import re
from collections.abc import Sequence
from typing import Literal

from app.documents.sentences import sentences
from app.retrieval.verification.word_forms import same_word

_PRONOUN = r"(?:i|you|he|she|it|we|they|there|one|this|that|these|those)"
_SUBJECT = rf"(?:{_PRONOUN}|the|a|an|any\w*|all|each|every\w*|some\w*|my|our|your|his|her|its|their|no|not)\b"
_NOT = r"n['’]?t"
_CALM = rf"(?:is|are|was|were|does|did|has|could|should|would)(?:{_NOT})?|(?:do|have|had|ca|wo|must|might|need|sha){_NOT}|am(?=\s+i\b)"
# nouns, names and commands as well ("May 2026", "Will Smith", "Have a look"), so a subject or a question mark must follow
_MODAL = r"can|cannot|may|might|must|will|shall"
_WEAK = rf"{_MODAL}|do|have|had|need"
_OPENING = re.compile(
    r"\s*(?:(?:and|but|so|then|also|or|well|ok(?:ay)?|please|hello|hi|hey|actually|und|aber|et|mais|y|pero|e|ma|mas|en|maar)\b[\s,:]*)*",
    re.IGNORECASE,
)
_BEFORE_COMMA = (
    r"(?:(?:if|when|once|after|before|while|unless|because|provided|assuming|according|regarding|concerning|about|as|at|by|during"
    r"|for|from|given|in|on|per|since|under|with|without)\b(?:(?!\b(?:what|which|whose|who|how)\b)[^?,:])*[,:]\s+)?"
)
_HELPED = re.compile(
    rf"{_BEFORE_COMMA}(?:(?:{_CALM})\b|(?:{_MODAL})\s+{_SUBJECT}|(?:{_WEAK})\s+(?:{_PRONOUN}|any\w*)\b|(?:{_WEAK})\s+(?!\d)[^?]*\?\W*$)",
    re.IGNORECASE,
)
_INDIRECT = re.compile(
    r"(?:(?:tell|remind) (?:me|us)|let (?:me|us) know|say|find out|check|confirm|any idea|(?:i|we)\b[^,.?]{0,30}?\b(?:know|wonder(?:ing)?|sure"
    r"|ask))\s+(?:if|whether)\b|whether\b",
    re.IGNORECASE,
)
_TAG = re.compile(
    rf",\s*(?:(?:is|are|was|were|do|does|did|has|have|had|ca|can|could|should|will|would|wo|must|may)(?:{_NOT})?\s+{_PRONOUN}(?:\s+not)?"
    r"|right|correct|true|yes|no|ok(?:ay)?|is that (?:right|correct|true|so)|oder|nicht wahr|richtig|stimmt[’']?s|n[’']est-ce pas|non"
    r"|¿?(?:verdad|no|cierto)|vero|giusto|né|não é|certo|toch)\s*\?\W*$",
    re.IGNORECASE,
)
_ASKING = r"(?:what|which|who(?:m|se)?|how|when|where|why)"
_ASKING_FIRST = re.compile(
    rf"(?:\w+\s+)?{_ASKING}\b|(?:wer|wen|wem|was|wie|wann|wo|warum|welche\w*|qui|quel\w*|combien|comment|quand|où|qué|quién"
    r"|cu[áa]l\w*|cuánt\w*|cuándo|dónde|chi|cosa|quale?|quant\w+|quando|dove|quem|qual|onde|wie|wat|welke?|hoeveel|wanneer|waar)\b",
    re.IGNORECASE,
)
# "Was it lowered to what?", "and if so, when?"
_ASKS_WITHIN = re.compile(
    rf"\band\s+(?:if so,?\s+)?(?:then\s+)?{_ASKING}\b|\b(?:what|how (?:many|much|long|often|old|far))\b"
    r"|\b(?:at|by|for|from|in|of|on|to|with) which \w+\W*$",
    re.IGNORECASE,
)
_KNOWING = (
    r"(?:know[ns]?|remember|recall|tell[s]?|told|say[s]?|said|ask|state[sd]?|mention(?:s|ed)?|specif\w+|explain(?:s|ed)?|show[ns]?|describe[sd]?"
    r"|define[sd]?|indicate[sd]?|clear|written|recorded|information|indication|idea|give[ns]?|list(?:s|ed)?|find|found|agreed|decided|stipulate[sd]?)"
)
_BETWEEN = r"(?:\s+(?:me|us|you|anything|something|anywhere|exactly|about|of|on|as|to|out|yet|here|by now|for sure))*"
_ASKS_ELSE = re.compile(rf"\b{_KNOWING}{_BETWEEN}\s+{_ASKING}\b", re.IGNORECASE)
_REQUEST = re.compile(
    r"(?:can|could|would|will) you\b(?:\s+please)?\s+(?:tell|give|show|list|name|explain|describe|find|summari[sz]e|say|remind|help|send|let"
    r"|translate|write|quote|look|read|check|compare|provide|define|outline|identify|specify|confirm)\b"
    r"|may (?:i|we) (?:know|ask|have)\b|(?:do|does|would) (?:you|we|anyone|anybody|someone)(?: happen to)? (?:know|remember|recall)\b",
    re.IGNORECASE,
)
_WHETHER = re.compile(r"\b(?:if|whether)\b|\bconfirm that\b", re.IGNORECASE)
_OR = re.compile(
    r"\bor\b(?!\s+(?:not|so|any\w*|other|others|both|even|similar|something|someone|else)\b)", re.IGNORECASE
)
_OR_MORE = re.compile(
    r"(?<!more)(?<!less)(?<!er)\s+or\s+(?:more|less|fewer|later|earlier|longer|older|younger|higher|lower|above|over|under)\b",
    re.IGNORECASE,
)
# these ask of every alternative whether it is so: "Can I smoke or vape?", "Are cats or dogs allowed?"
_OF_EACH = re.compile(
    r"^(?:can|could|may|must)\b|\b(?:any\w*|ever|either|allow\w*|permit\w*|forbid\w*|forbidden|prohibit\w*|cover(?:s|ed)?|insured?|includ\w+"
    r"|possible|required?|refundable)\b",
    re.IGNORECASE,
)
# by the verb they begin with, and the word for "or"
_OTHERS = tuple(
    (re.compile(rf"(?:{first})(?!\w)", re.IGNORECASE), re.compile(rf"\b(?:{other})\b(?!\s+(?:{denying})\b)", re.IGNORECASE))
    for first, other, denying in (
        ("ist|sind|war|waren|bin|hat|haben|hatten?|habe|darf|dürfen|durften?|kann|können|könnten?|konnten?|muss|müssen|mussten?|soll|sollen"
         "|sollten?|wird|werden|wurden?|würden?|gibt|gilt|gelten|deckt|enthält|umfasst|bekomm\\w+|brauch\\w*|gehör\\w+|lässt|bleibt|erlaubt"
         "|zahlt|steht|will|wollen|möchten?|(?:wissen|wei(?:ß|ss)t)\\b[^?]*\\bob", "oder", "nicht"),
        ("est-ce(?:\\s+que?)?|y a-t-il|\\w+-(?:t-)?(?:ils?|elles?|on|je|tu|nous|vous)"
         "|(?!(?:à |de |pour |depuis |en |dans )?(?:qu|combien|comment|où|pourquoi))[^?]*\\w-(?:t-)?(?:ils?|elles?|on)", "ou", "non|pas"),
        ("es|son|está|están|era|eran|fue|fueron|hay|había|pued\\w+|podemos|podr\\w+|deb(?:e[ns]?|o|emos)|tiene[ns]?|tengo|tenemos|ha|han|hemos|se|cubren?"
         "|incluyen?|existen?|permiten?|aceptan?|necesit\\w+|será|serán", "[ou]", "no"),
        ("è|sono|era|erano|c[’']è|ci sono|può|possono|posso|possiamo|dev[eo]|devono|ha|hanno|si può|si possono|include|comprende|copre|esist\\w+"
         "|viene|vengono|bisogna", "o", "no|meno"),
        ("é|são|está|estão|era|foi|há|pode[ms]?|podemos|posso|dev(?:em?|o|emos)|tem|têm|tenho|inclui|cobre|existem?|precis\\w+|será", "ou", "não"),
        ("is|zijn|was|waren|mag|mogen|kan|kunnen|kun|moet|moeten|heeft|hebben|heb|wordt|worden|zal|zullen|geldt|krijgt?|bestaa\\w+", "of", "niet"),
    )
)  # fmt: skip
_KNOWING_ELSEWHERE = re.compile(
    r"\b(?:wei(?:ß|ss)t?|wissen|sagen|nennen|erklären|steht|sa(?:is|vez|it)|dire|dit|indiqu\w+|précis\w+|sabes?|decir\w*|dice|indica|dire|sapete"
    r"|sai|dizer|diz|we(?:et|ten)|zeggen)\b[^?]*\b(?:was|wer|wie|wieviel|wann|wo|warum|welche\w*|combien|comment|quand|où|quel\w*|qué|quién"
    r"|cuánt\w+|cuándo|dónde|cuál\w*|quant\w+|quando|dove|quale?|onde|hoe\w*|wanneer|waar|wat|welke?)\b",
    re.IGNORECASE,
)
# "Was ist ..." and "Was kostet ..." are German and ask what
_GERMAN_WHAT = re.compile(
    r"was\b.*\b(?:kost\w+|bedeut\w+|passiert|geschieht|gilt|steht|zahl\w+|deckt|umfasst|enthält|macht|der|das|den|dem|des|eine?[nmrs]?|ich|wir|sie|es|man|ist|sind|nicht|meine?|kann|darf|muss|wird|und|für|mit|im|von|bei|beim"
    r"|zum|zur)\b",
    re.IGNORECASE,
)


# of "12 or 24", of "the average or the highest"
_BESIDE_OR = re.compile(
    r"([^\W_]+)\W+(?:or|oder|ou|o|u|of)\W+(?:(?:the|an?|der|die|das|de[lr]?|l[aeo]s?|el|un[ae]?|o|os|il|het|een)\W+)?([^\W_]+)",
    re.IGNORECASE,
)

_Form = Literal["whether", "which", "other"]


def wants_yes_or_no(question: str) -> bool:
    """Whether yes or no would answer `question`, all of it.

    "Do you know how long it lasts?" wants to be told how long, and "Is it 12 or 24 months?" which of both.
    """
    return _forms(question) == {"whether"}


def wants_choice(question: str) -> bool:
    """Whether one of the things that `question` names would answer it: "Is it 12 or 24 months?"."""
    return "which" in _forms(question) <= {"whether", "which"}


def is_choice(words: str, question: str) -> bool:
    """Whether `words` are one of the things named, such as "24 months"."""
    said = re.findall(r"[^\W_]+", words.casefold())
    beside = [word.casefold() for pair in _BESIDE_OR.findall(question) for word in pair]
    asked = re.findall(r"[^\W_]+", question.casefold())
    return _any_same(said, beside) and all(_any_same([word], asked) for word in said)


def _any_same(words: Sequence[str], others: Sequence[str]) -> bool:
    return any(same_word(word, other) for word in words for other in others)


def _forms(question: str) -> set[_Form]:
    found = [question[start:end] for start, end in sentences(question)]
    asked = [each for each in found if re.search(r"\?\W*$", each)] or found[-1:]
    return set(map(_form, asked))


def _form(asked: str) -> _Form:
    plain = asked[_OPENING.match(asked).end() :].lstrip(" ¿\"'“‘«„")  # type: ignore[union-attr]
    if _TAG.search(plain):
        return "other" if _ASKING_FIRST.match(plain) else "whether"
    if _ASKS_WITHIN.search(plain):
        return "other"
    helped = _HELPED.match(plain) is not None and not _GERMAN_WHAT.match(plain)
    if helped and not _asks_whether(plain):
        return "other"
    if helped or _INDIRECT.match(plain):
        return "which" if _names_choices(plain) else "whether"
    return _form_elsewhere(plain)


def _asks_whether(asked: str) -> bool:
    """Not for something else, in the form of a question whether one knows or could tell it."""
    request = _REQUEST.match(asked)
    if request:
        whether, what = _WHETHER.search(asked), re.search(rf"\b{_ASKING}\b", asked, re.IGNORECASE)
        return whether is not None and (what is None or whether.start() < what.start())
    return _ASKS_ELSE.search(asked) is None


def _names_choices(asked: str) -> bool:
    """Whether one of the things named is to be chosen."""
    return _OR.search(_OR_MORE.sub(" ", asked)) is not None and _OF_EACH.search(asked) is None


def _form_elsewhere(asked: str) -> _Form:
    """In other languages than English."""
    if not re.search(r"\?\W*$", asked) or _GERMAN_WHAT.match(asked) or _KNOWING_ELSEWHERE.search(asked):
        return "other"
    other = next((other for first, other in _OTHERS if first.match(asked)), None)
    if other is None:
        return "other"
    return "which" if other.search(asked) else "whether"
