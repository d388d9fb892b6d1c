"""How guesses about the paragraphs of a PDF page are laid over its text."""

from app.documents.building import Piece
from app.documents.extraction import _page_pieces

_PAGE = "Terms of rent\r\nThe tenant pays\r\non the first day.\r\n\u2022 One\r\n\u2022 Two\r\nEnd of it"


def node(kind: str, text: str) -> dict[str, object]:
    return {"node_type": kind, "text": text, "level": 2}


def cut(*nodes: dict[str, object]) -> list[Piece]:
    pieces = list(_page_pieces(_PAGE, nodes))
    assert "".join(piece.text for piece in pieces) == _PAGE  # guesses never change the text
    return pieces


def texts(pieces: list[Piece]) -> list[str]:
    return [piece.text.strip() for piece in pieces if piece.text]


def test_headings_paragraphs_and_items() -> None:
    pieces = cut(
        node("heading", "Terms of rent"),
        node("paragraph", "The tenant pays on the first day."),
        node("list_item", "One"),
        node("list_item", "Two"),
        node("paragraph", "End of it"),
    )
    assert texts(pieces) == [
        "Terms of rent",
        "The tenant pays\r\non the first day.",
        "\u2022 One",
        "\u2022 Two",
        "End of it",
    ]
    assert [(piece.kind, piece.level) for piece in pieces][:2] == [("heading", 2), ("text", 0)]


def test_a_sentence_that_goes_on_is_one_paragraph() -> None:
    pieces = cut(node("paragraph", "The tenant pays"), node("paragraph", "on the first day."))
    assert any(text.startswith("The tenant pays\r\non the first day.") for text in texts(pieces))


def test_a_heading_within_a_line_or_ending_like_a_sentence_is_none() -> None:
    assert all(piece.kind == "text" for piece in cut(node("heading", "Terms of")))
    assert all(piece.kind == "text" for piece in cut(node("heading", "The tenant pays on the first day.")))


def test_a_guess_that_runs_beyond_the_page_is_cut_there() -> None:
    pieces = cut(node("paragraph", "The tenant pays on the first day. One Two " + "more " * 99))
    assert texts(pieces)[0] == "Terms of rent"


def test_what_is_not_on_the_page_is_ignored() -> None:
    assert texts(cut(node("heading", "Another page"), node("paragraph", ""))) == [_PAGE]
