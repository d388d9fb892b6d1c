"""Sentences of a document that speak to a language model instead of to a reader.

A document may try to steer the answers about it ("Ignore all earlier instructions and…"). Such sentences are kept from the
model, and nothing in an answer may rest on them. This lowers the risk and does not end it: what really protects is that
every sentence of an answer is compared with the documents by code.
"""

import re

from app.documents.sentences import sentences

_COMMAND = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules (?:above|before)|figures? in this document)\b"
    r"|\b(?:reply|respond|answer) (?:with )?only\b|\b(?:reply|respond|answer) (?:\w+ )?with (?:the word|only|nothing but)\b"
    r"|\b(?:write|say|output|print) only (?:the (?:word|text|string)|[A-Z]+\d)|\b(?:summary|translation|answer) writers?\b"
    r"|\bwhen(?:ever)? you (?:answer|respond|summari[sz]e|translate),|\b(?:before|after|instead of) (?:answering|responding|summari[sz]ing|translating),"
    r"|\b(?:do not|don[’']t|never) (?:summari[sz]e|translate|mention|cite|quote)\b.{0,20}\b(?:this|the) (?:text|document|correction|instructions?|note|passage)\b"
    r"|\b(?:quote|cite|name|give) (?:as|for) (?:your|a|the) source\b|\bsystem (?:prompt|override|notice)\b"
    r"|\b(?:begin|start|end|finish|append\w*|prefix)\b.{0,40}\byour (?:answer|reply|response|summary|translation)\b"
    r"|\byou are (?:now )?(?:an?|the) (?:\w+ )?(?:ai|assistant|language model|chat ?bot)\b|\bas an? (?:ai|language model)\b"
    r"|\b(?:ignorier|vergiss|missachte)\w*\b.{0,40}\b(?:anweisung|vorgabe)|\bantworte\w*\b.{0,20}\bnur\b"
    r"|\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\bconsignes\b|\b(?:réponds|répondez)\b.{0,20}\b(?:uniquement|seulement)\b"
    r"|\b(?:ignora|olvida)\w*\b.{0,40}\binstrucciones\b|\b(?:игнорируй|забудь)\w*|\b(?:ответь|напиши|отвечай)\w*\b.{0,20}\bтолько\b"
    r"|<\|[\w-]+\|>|\[/?INST\]|<</?SYS>>|</(?:document|context|instructions?)>",
    re.IGNORECASE,
)


def is_command(sentence: str) -> bool:
    """Whether a sentence tells a language model what to do."""
    return _COMMAND.search(sentence) is not None


def without_commands(text: str) -> str:
    """`text` without the sentences that are commands; what is left keeps its line breaks."""
    if _COMMAND.search(text) is None:
        return text
    kept: list[str] = []
    at = 0
    for start, end in sentences(text):
        if not is_command(text[start:end]):
            kept.append(text[at:end])
        at = end
    return "".join(kept).strip()
