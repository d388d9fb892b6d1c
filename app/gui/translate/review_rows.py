"""The segments of a translation, and which of them are shown. Ten thousand are filtered at once."""

from collections.abc import Iterable, Sequence

from app.assistants.translate.events import TranslatedSegment

ALL, TO_CHECK, EDITED = "all", "to check", "edited"


class ReviewRows:
    """In the order of the file. Rows are numbers among those that are shown."""

    def __init__(self) -> None:
        self._all: list[TranslatedSegment] = []
        self._shown: list[int] = []
        self._filter = ALL
        self._words: list[str] = []

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def segments(self) -> Sequence[TranslatedSegment]:
        """All of them, shown or not."""
        return tuple(self._all)

    def fill(self, segments: Iterable[TranslatedSegment]) -> None:
        self._all = list(segments)
        self._arrange()

    def show_only(self, choice: str, words: str) -> None:
        """Segments of this filter whose source or target hold every one of `words`."""
        self._filter, self._words = choice, words.casefold().split()
        self._arrange()

    def at(self, row: int) -> TranslatedSegment:
        return self._all[self._shown[row]]

    def find(self, key: str) -> TranslatedSegment | None:
        return next((each for each in self._all if each.key == key), None)

    def row_of(self, key: str) -> int:
        """Where a segment is shown; -1 when it is not."""
        return next((row for row, at in enumerate(self._shown) if self._all[at].key == key), -1)

    def count(self, choice: str) -> int:
        return sum(_passes(each, choice) for each in self._all)

    def next_flagged(self, row: int) -> int:
        """The first row after `row` that should be looked at, from the top again; -1 when there is none."""
        rows = [*range(row + 1, len(self)), *range(min(row + 1, len(self)))]
        return next((each for each in rows if self.at(each).findings), -1)

    def put(self, segment: TranslatedSegment) -> None:
        """In the place of the one with its key. A row stays where it is until the filter is chosen again."""
        for place, each in enumerate(self._all):
            if each.key == segment.key:
                self._all[place] = segment
                return

    def _arrange(self) -> None:
        self._shown = [
            at
            for at, each in enumerate(self._all)
            if _passes(each, self._filter)
            and (not self._words or _holds(f"{each.source}\n{each.target}".casefold(), self._words))
        ]


def _passes(segment: TranslatedSegment, choice: str) -> bool:
    if choice == TO_CHECK:
        return bool(segment.findings)
    return choice != EDITED or segment.origin == "person"


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)
