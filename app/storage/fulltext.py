"""Text as FTS5 should see it.

SQLite's tokenizer takes a run of Chinese, Japanese or Korean characters for one word, so nothing inside
it can be found. Each such character is therefore spaced out, in the index and in the query.
"""

import re

_CJK = "([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f])"
_WORD = re.compile(r"\w+")

# Words too common in questions to be worth looking up; they would match nearly every passage.
_STOP_WORDS = frozenset(
    """a about after all also am an and any are as at be because been before being but by can could did do
    does doing for from had has have having he her here hers him his how i if in into is it its itself just
    me more most much must my no nor not now of off on once only or other our out over own same she should
    so some such than that the their them then there these they this those through to too under until up
    very was we were what when where which while who whom whose why will with would you your""".split()
)


def spaced(text: str) -> str:
    """`text` with a blank on both sides of each CJK character."""
    return re.sub(_CJK, r" \1 ", text)  # compiled with the first text, not before the window shows


def any_word(query: str, limit: int = 24) -> str:
    """An FTS5 expression matching any word of `query` (at most `limit` distinct ones); "" if it has none.

    A run of CJK characters becomes one phrase. Common English words are left out unless nothing else is
    there.
    """
    terms = list(dict.fromkeys(_terms(query)))
    telling = [term for term in terms if term not in _STOP_WORDS]
    return " OR ".join(f'"{term}"' for term in (telling or terms)[:limit])


def all_words(query: str, limit: int = 24) -> str:
    """An FTS5 expression for search as you type: every word must occur, the last may be unfinished."""
    terms = _terms(query)[:limit]
    return " ".join(f'"{term}"' for term in terms) + ("*" if terms else "")


def telling_words(text: str) -> list[str]:
    """The words of `text`, lower case, without the common ones (all of them if only common ones occur)."""
    words = [word.lower() for word in _WORD.findall(spaced(text))]
    return [word for word in words if word not in _STOP_WORDS] or words


def _terms(query: str) -> list[str]:
    terms = []
    for word in _WORD.findall(query):
        terms.append(" ".join(spaced(word).split()).lower())
    return terms
