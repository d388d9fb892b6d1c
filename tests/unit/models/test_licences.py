from pathlib import Path

import pytest

from app.models.catalog import load_catalog
from app.models.installed import InstalledModel
from app.models.licences import licence_of


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.mark.parametrize(
    ("name", "source", "begins"),
    [
        ("gemma-2-2b-it-Q4_K_M", "import", "Gemma Terms of Use. "),
        ("SmolLM2-1.7B-Instruct.Q4_1", "kit", "Apache License 2.0. "),
        ("phi-2", "place:LM Studio", "MIT licence. "),
        ("renamed", "hub:bartowski/gemma-2-2b-it-GGUF@0123abcd/gemma-2-2b-it-Q4_K_M.gguf", "Gemma Terms"),
    ],
)
def test_a_model_of_the_catalogue_has_its_licence(catalog, name, source, begins):
    licence = licence_of(InstalledModel(name, Path("x.gguf"), 1, starter=False, source=source), catalog)
    assert licence.startswith(begins) and len(licence) > len(begins)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("gemma-2-2b-it-uncensored-Q4_K_M", "import"),
        ("gemma", "import"),
        ("phi-2", "hub:somebody/phi-2-finetuned-GGUF@0123abcd/phi-2.gguf"),
    ],
)
def test_a_similar_name_is_no_match(catalog, name, source):
    model = InstalledModel(name, Path("x.gguf"), 1, starter=False, source=source)
    assert licence_of(model, catalog) == ""


def test_a_licence_from_general_knowledge_is_marked(catalog):
    known = next(each for each in catalog.models if "licence" in each.unverified and each.licence)
    model = InstalledModel(f"{known.id}-Q8_0", Path("x.gguf"), 1, starter=False)
    assert "Not confirmed" in licence_of(model, catalog)
