"""What a model may not say: checked with the real embedder on a document of one page."""

import pytest

from app.assistants.summarize.checking import check
from app.assistants.summarize.material import Material
from app.assistants.summarize.points import Draft
from app.base.jobs import CancelToken
from app.retrieval.client import Library

MINUTES = """The board met on 11 March 2026 in the small hall. Dorothea Kline opened the meeting at seven.

Rafiq Noor will ask the roofer for a third offer before May. Joss fits the new lamp himself.

The members agreed not to raise the fee this year. The account stands at £8,460 and the reserve at £21,900.

Dogs are not allowed in the hall. The caretaker locks the amplifier cupboard at eleven."""
CHINESE = "租客每月一日支付租金九百元。押金为两个月租金，退租后十四天内退还。房屋内不得饲养宠物。"
GERMAN = """Die Mieter pflegen die Gärten vor dem Haus und räumen im Winter den Schnee von den Wegen. Die Hausverwaltung
lässt die Heizung im September prüfen. Haustiere sind nur mit Zustimmung der Verwaltung erlaubt."""


def material(library: Library, text: str) -> Material:
    return Material("", library.digest(CancelToken(), text=text, sentences=0))


def kept(library: Library, text: str, *drafts: Draft, translated: bool = False) -> list[str]:
    document = material(library, text)
    numbers = [each.number for each in document.passages]
    found = check(drafts, numbers, document, library, CancelToken(), translated=translated)
    return [each.text for each in found]


@pytest.mark.parametrize(
    "said",
    [
        "Rafiq Noor is to ask the roofer for a third offer before May.",
        "The fee is not raised this year.",
        "Dogs are forbidden in the hall.",
        "The reserve stands at £21,900 and the account at £8,460.",
        "A third offer will be requested from the roofer before May.",
    ],
)
def test_what_the_document_says_in_other_words_is_kept(library: Library, said: str) -> None:
    assert kept(library, MINUTES, Draft(said, (1,))) == [said]


@pytest.mark.parametrize(
    "said",
    [
        "Zebediah will ask the roofer for a third offer before May.",
        "Rafiq Noor will not ask the roofer for a third offer before May.",
        "Dogs are allowed in the hall.",
        "The members agreed to raise the fee to £31 this year.",
        "Rafiq Noor will ask the roofer for a third offer before June.",
        "Whales sing in the cellar of the town every winter.",
    ],
)
def test_what_it_does_not_say_is_not(library: Library, said: str) -> None:
    assert kept(library, MINUTES, Draft(said, (1,))) == []


def test_other_scripts_are_compared_by_their_words(library: Library) -> None:
    assert kept(
        library,
        CHINESE,
        Draft("租客每月一日支付租金九百元。", (1,)),
        Draft("猫在月亮上唱歌并卖掉所有的鱼。", (1,)),
    ) == ["租客每月一日支付租金九百元。"]


def test_nouns_with_capitals_are_no_names(library: Library) -> None:
    said = "Im Winter räumen die Mieter den Schnee, und sie pflegen den Garten."
    assert kept(
        library, GERMAN, Draft(said, (1,)), Draft("Die Mieter verkaufen im Sommer Walfische.", (1,))
    ) == [said]


def test_a_translated_point_needs_its_own_passages_and_its_numbers(library: Library) -> None:
    drafts = (
        Draft("Die Rücklage beträgt £21,900.", (1,)),
        Draft("Die Rücklage beträgt £99,999.", (1,)),
        Draft("Haie leben im Keller.", ()),
    )
    assert kept(library, MINUTES, *drafts, translated=True) == ["Die Rücklage beträgt £21,900."]
