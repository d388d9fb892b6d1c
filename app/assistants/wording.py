"""How an answer gets its words: a tiny model phrases the exact answer, a stronger one answers from the passages."""

from collections.abc import Generator, Sequence
from dataclasses import replace

from app.assistants.answering import Clock, GrowingAnswer, Writer
from app.assistants.events import AnswerRevised, Event, Lead, Revising
from app.assistants.prompts import phrase_from, revised_from
from app.assistants.verifying import Verified, Verifier, lead_alone
from app.base.errors import AppError, Cancelled
from app.documents.sentences import sentences
from app.engine.protocol import Message, Sampling
from app.retrieval.yes_or_no import wants_choice, wants_yes_or_no

# small models like to go on with a question of their own
_SAMPLING = Sampling(temperature=0.0, repeat_penalty=1.1, stop=("\nQuestion:", "\nPassages:"))
_AGAIN = replace(_SAMPLING, temperature=0.4, seed=2)
_PHRASING = replace(_SAMPLING, repeat_penalty=1.0, stop=("\n",))
_PHRASING_AGAIN = replace(_PHRASING, temperature=0.5, seed=2)
_LONGEST_PHRASED = 20  # words: a longer exact answer is a sentence already
_MOST_SENTENCES = 2
_MORE_TOKENS = 64  # of a phrase than of the exact answer
_CHARACTERS = 2  # of a token, at least


def phrased(
    question: str,
    lead: Lead,
    sentence: str,
    writer: Writer,
    verifier: Verifier,
    answer: GrowingAnswer,
    clock: Clock,
) -> Generator[Event, None, Verified]:
    """The exact answer in a sentence of the model's. Where two attempts do not repeat it, or add what the documents do not
    say, it is the whole answer: nothing is shown that was not checked. A stop ends with it, too, and so does a model that
    fails or a sentence that is too long for it. It is, too, where a whole sentence answers whether or which: a tiny model
    would say so itself, and often wrongly.
    """
    answer.text = lead.text  # what is kept when the work is broken off
    verified = lead_alone(lead)
    if len(lead.text.split()) <= _LONGEST_PHRASED and not _is_left_whole(question, lead, sentence):
        messages = phrase_from(question, lead.text, sentence)
        try:
            if _fits(messages, writer):
                words = yield from _phrase(messages, lead, writer, verifier, answer, clock)
                verified = words or verified
        except Cancelled:
            answer.state = "stopped"
        except AppError:
            answer.state = "complete"
    answer.text = ""
    yield from answer.say(verified.text, clock)
    return verified


def _is_left_whole(question: str, lead: Lead, sentence: str) -> bool:
    return wants_yes_or_no(question) or (wants_choice(question) and lead.text == sentence)


def _phrase(
    messages: Sequence[Message],
    lead: Lead,
    writer: Writer,
    verifier: Verifier,
    answer: GrowingAnswer,
    clock: Clock,
) -> Generator[Event, None, Verified | None]:
    """The first of two attempts that repeats the exact answer and adds nothing; None if neither does."""
    most = _MORE_TOKENS + len(lead.text) // _CHARACTERS
    for sampling in (_PHRASING, _PHRASING_AGAIN):
        words = yield from answer.draft(writer.write(messages, sampling, most), clock)
        if answer.state == "stopped":
            return None
        drafted = verifier.verify(_first_sentences(words))
        if verifier.says_lead(drafted.text) and not drafted.unsupported:
            return drafted
    return None


def answered(
    messages: Sequence[Message],
    writer: Writer,
    verifier: Verifier,
    answer: GrowingAnswer,
    clock: Clock,
    *,
    tiny: bool,
) -> Generator[Event, None, Verified]:
    """The model's answer from the passages. Where sentences of it are not in them it is asked once more, and the better of
    the two answers counts. What is shown in the end is what was checked.
    """
    yield from answer.follow(writer.write(messages, _SAMPLING), clock)
    shown = answer.text.strip()
    first = verifier.verify(shown)
    answer.text = first.text  # what is kept when the work is broken off
    verified = yield from _improved(first, messages, writer, verifier, answer, clock, tiny=tiny)
    if verified.text != shown:
        yield AnswerRevised(verified.text)
    return verified


def _improved(
    verified: Verified,
    messages: Sequence[Message],
    writer: Writer,
    verifier: Verifier,
    answer: GrowingAnswer,
    clock: Clock,
    *,
    tiny: bool,
) -> Generator[Event, None, Verified]:
    """`verified`, or what the model says instead when it is asked once more."""
    if answer.state != "complete" or (verified.text and not verified.unsupported):
        return verified
    yield Revising(verified.unsupported)
    # a tiny model understands no corrections
    again = messages if tiny else revised_from(messages, verified.text, verified.unsupported)
    try:
        if not tiny and not _fits(again, writer):
            return verified
        words = yield from answer.draft(writer.write(again, _AGAIN if tiny else _SAMPLING), clock)
    except Cancelled:
        answer.state = "stopped"
        return verified
    except AppError:  # the first answer is still there
        answer.state = "complete"
        return verified
    revised = verifier.verify(words)
    if answer.state == "complete" and _better(revised, verified):
        return revised
    return verified


def _fits(messages: Sequence[Message], writer: Writer) -> bool:
    """Raises `AppError` and `Cancelled`."""
    return sum(writer.count([each.content for each in messages])) <= writer.budget()


def _better(revised: Verified, first: Verified) -> bool:
    """Fewer sentences that nothing supports; any words are better than none."""
    return bool(revised.text) and (not first.text or len(revised.unsupported) < len(first.unsupported))


def _first_sentences(words: str) -> str:
    spans = sentences(words.strip())[:_MOST_SENTENCES]
    return words.strip()[: spans[-1][1]] if spans else ""
