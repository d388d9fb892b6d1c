"""Questions before they are asked, and what is said of files that are not read yet."""

from app.base.errors import AppError

_LONGEST_QUESTION = 8_000  # characters


def check_question(question: str) -> None:
    """Raises `AppError` for an empty question and for one too long to be one."""
    if not question.strip():
        raise AppError("The question is empty.", "Type a question and try again.")
    if len(question) > _LONGEST_QUESTION:
        raise AppError(
            f"The question has {len(question):,} characters; at most {_LONGEST_QUESTION:,} can be asked at once.",
            "Shorten it, or save the long text as a file and ask about that.",
        )


def unread_words(files: int) -> str:
    """That some files are not wholly read yet, as a sentence; "" when all are."""
    if not files:
        return ""
    still = "1 file is" if files == 1 else f"{files:,} files are"
    return f"{still} still being read; the answer may be incomplete."
