"""Names of files as they were seen at Mozilla's, in copies at hubs and in caches of other programs."""

from dataclasses import dataclass

import pytest

from app.engine.small_translation.recognising import ModelFiles, canonical, pair_of, recognise, route_of

DE = ("model.deen.intgemm.alphas.bin", "vocab.deen.spm", "lex.50.50.deen.s2t.bin")


def paths(folder: str, names: tuple[str, ...], ending: str = "") -> list[str]:
    return [f"{folder}/{name}{ending}" for name in names]


def test_a_pair_with_one_vocabulary_and_one_with_two():
    two = ("model.enja.intgemm.alphas.bin", "srcvocab.enja.spm", "trgvocab.enja.spm")
    german, japanese = recognise(
        [*paths("de-en", DE), *paths("en-ja", two), "LICENSE", "runtime/worker.wasm"]
    )
    assert german == ModelFiles("de", "en", *(f"de-en/{DE[at]}" for at in (0, 1, 1, 2)))
    assert len(german.paths) == 3
    assert (japanese.source, japanese.target, japanese.shortlist) == ("en", "ja", "")
    assert [japanese.source_vocabulary, japanese.target_vocabulary] == paths("en-ja", two)[1:]


def test_of_several_the_best_kind_and_the_newest_that_is_complete():
    every = paths("models/tiny/deen", DE, ".gz") + paths("models/dev/deen", DE, ".gz")
    assert recognise(every)[0].model.startswith("models/tiny/")
    every += paths("models/base-memory/deen", DE, ".gz")
    assert recognise(every)[0].model.startswith("models/base-memory/")
    every += paths("models/base/deen", DE[:1], ".gz")  # without a vocabulary
    assert recognise(every)[0].model.startswith("models/base-memory/")
    versions = [each for version in ("1.9", "1.10", "1.2") for each in paths(f"{version}/deen", DE, ".zst")]
    assert recognise(versions)[0].model.startswith("1.10/")


def test_other_models_are_none():
    assert not recognise(["de-en/model.bin", "de-en/source.spm", "de-en/target.spm"])  # CTranslate2's
    assert not recognise(["deen/model.deen.npz", "deen/model.deen.intgemm.bin", "deen/vocab.deen.spm"])
    assert not recognise(["deen/lex.deen.s2t", "deen/vocab.deen.spm"])
    assert not recognise(paths("x", ("model.enen.intgemm.alphas.bin", "vocab.enen.spm")))


def test_files_without_a_pair_in_their_names_are_of_their_folder():
    (found,) = recognise(paths("models/zh-Hant_en", ("model.intgemm.alphas.bin", "vocab.spm")))
    assert (found.source, found.target) == ("zh-Hant", "en")


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("deen", ("de", "en")), ("enet", ("en", "et")), ("eten", ("et", "en")), ("enzh_hant", ("en", "zh-Hant")),
        ("zh_hanten", ("zh-Hant", "en")), ("hbsen", ("hbs", "en")), ("en-no", ("en", "no")), ("nb-en", ("no", "en")),
        ("zh-Hans-en", ("zh", "en")), ("pt_BR-en", ("pt", "en")), ("frde", ("fr", "de")), ("de-DE", None),
        ("enen", None), ("runtime", None), ("", None), ("-", None), ("de-", None),
    ],
)  # fmt: skip
def test_pairs_are_read_from_names(name, pair):
    assert pair_of(name) == pair


def test_codes_are_those_of_the_languages_alcove_names():
    codes = ("zh_cn", "zh-hant", "NB", "de-AT", "hbs")
    assert [canonical(each) for each in codes] == ["zh", "zh-Hant", "no", "de", "hbs"]


@dataclass
class Pair:
    source: str
    target: str


def test_the_way_from_one_language_to_another():
    models = [Pair("de", "en"), Pair("en", "fr"), Pair("hbs", "en"), Pair("fr", "de"), Pair("en", "no")]
    ways = {(way[0].source, way[-1].target): len(way) for way in (
        route_of(models, "de", "en"), route_of(models, "de-DE", "fr"), route_of(models, "fr", "de"),
    )}  # fmt: skip
    assert ways == {("de", "en"): 1, ("de", "fr"): 2, ("fr", "de"): 1}
    assert [each.source for each in route_of(models, "hr", "nb")] == ["hbs", "en"]
    assert (
        not route_of(models, "fr", "en") and not route_of(models, "de", "de") and not route_of([], "de", "en")
    )
