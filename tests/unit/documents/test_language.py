import pytest

from app.documents.language import detect, main_script, written_in

NTREX = {"ar": "ref.arb", "de": "ref.deu", "fr": "ref.fra", "ja": "ref.jpn", "es": "ref.spa", "zh": "ref.zho-CN", "en": "src.eng"}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Καλημέρα", "el"),
        ("안녕", "ko"),
        ("สวัสดี", "th"),
        ("これはペンです", "ja"),
        ("这是一本关于语言的书", "zh"),
        ("這是一本關於語言的書", "zh-Hant"),
        ("The pump must be checked before use.", "en"),
    ],
)
def test_a_language(text, code):
    assert detect(text).code == code


def test_unsure_is_none():
    assert detect("") is None and detect("12.5 – 17") is None and detect("XY") is None
    assert detect("https://example.com/a") is None
    assert detect("Привет, мир", among=("en", "de")) is None


def test_among_some_languages():
    assert detect("Haus und Garten", among=("de", "en")).code == "de"
    assert detect("Привет", among=("en", "ru")).code == "ru"


def test_scripts():
    assert main_script("Windows 11 を起動する") == "Kana" and main_script("1 + 1") == ""
    assert written_in("Det Insp Bob 表示，该建筑的大门以及建筑本体遭到损坏", "zh")
    assert not written_in("This is in English only", "zh")


def test_single_sentences_of_seven_languages(shared):
    right = total = 0
    for code, name in NTREX.items():
        lines = (
            (shared / "translation" / "ntrex" / f"newstest2019-{name}.txt").read_text("utf-8").splitlines()
        )
        found = [detect(each, among=tuple(NTREX)) for each in lines[::20]]
        right += sum(each is not None and each.code == code for each in found)
        total += len(found)
    assert right / total > 0.98  # measured on a quarter of all sentences: 0.995
