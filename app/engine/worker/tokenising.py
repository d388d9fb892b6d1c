"""Text as the tokens of a vocabulary."""

from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.errors import AppError

_PLAIN = False  # nothing is added to the text


def tokenise(vocabulary: Any, text: str, *, special: bool) -> list[int]:
    """Control tokens in the text count only with `special`. Raises `AppError` for more text than llama.cpp takes."""
    data = text.encode(errors="replace")
    room = len(data) + 8
    while True:
        found = (llama.llama_token * room)()
        count = llama.llama_tokenize(vocabulary, data, len(data), found, room, _PLAIN, special)
        if count >= 0:
            return list(found[:count])
        if -count <= room:
            raise AppError("This text is too long for the model.", "Use a shorter one.")
        room = -count  # a vocabulary that spells characters out may need more tokens than bytes
