import pytest

from app.base.errors import AppError
from app.base.languages import LANGUAGES, find_language, language, language_name
from app.models.catalog import MANY_LANGUAGES, load_catalog


def test_codes_and_names_are_unique_and_the_catalogue_names_no_other():
    assert (
        len({each.code for each in LANGUAGES})
        == len({each.name for each in LANGUAGES})
        == len(LANGUAGES)
        > 100
    )
    named = {code for model in load_catalog().models for code in model.languages} - {MANY_LANGUAGES}
    assert named <= {each.code for each in LANGUAGES}  # not other codes for the same, as “tl” and “iw”
    assert (language("tl"), language("iw")) == (language("fil"), language("he"))


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("German", "de"), ("deutsch", "de"), ("de", "de"), ("de-DE", "de"), ("de_AT", "de"), (" DEU ", "de"),
        ("zh-Hans", "zh"), ("zh-TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"), ("Chinese", "zh"), ("nb", "no"),
        ("pt-BR", "pt"), ("Tagalog", "fil"), ("日本語", "ja"),
    ],
)  # fmt: skip
def test_what_people_write(written, code):
    assert find_language(written).code == code


def test_an_unknown_language_is_told_with_what_is_near():
    with pytest.raises(AppError) as raised:
        find_language("Germn")
    assert "German (de)" in raised.value.remedy
    with pytest.raises(AppError, match="Name it in English"):
        find_language("qqqqqqqq")
    assert language("x-unknown") is None and language_name("x-unknown") == "x-unknown"


def test_directions():
    assert {each.code for each in LANGUAGES if each.rtl} == {
        "ar",
        "dv",
        "fa",
        "he",
        "ps",
        "sd",
        "ug",
        "ur",
        "yi",
    }
