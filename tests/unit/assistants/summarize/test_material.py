import pytest

from app.assistants.summarize.material import Material
from app.documents.document import Place
from app.retrieval.protocol import Digested, DocumentPassage

PAGES = (1, 1, 7)
PASSAGES = tuple(
    DocumentPassage(number, Place("page", page), "", f"Words of passage {number}.", 0, 19)
    for number, page in enumerate(PAGES, start=1)
)
MATERIAL = Material("/d/a.pdf", Digested("A", PASSAGES, (), 2, "page", "indexed", ""))


@pytest.mark.parametrize(("read", "pages"), [((), 0), ((1,), 0), ((1, 2), 1), ((2, 3), 1), ((1, 2, 3), 2)])
def test_a_page_counts_as_read_when_all_its_passages_are(read: tuple[int, ...], pages: int) -> None:
    coverage = MATERIAL.coverage(read)
    assert (coverage.pages_read, coverage.pages_total) == (pages, 2)
    assert (coverage.passages_read, coverage.passages_total) == (len(read), 3)
