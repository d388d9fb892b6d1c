"""Which rows the Models page has, what is said of them, and which of them pass a filter."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.gui.models.entries import Shelf, entries_of
from app.gui.models.filters import Filter, passing
from app.gui.models.judging import notable
from app.gui.models.wording import badge, explanation, facts_line, spoken, state_of
from app.hardware.fit import GIB, MIB, Speed
from app.hardware.probe import Cpu, Machine, Ram
from app.models.catalog import Catalog, load_catalog
from app.models.gguf import read_facts
from app.models.installed import InstalledModel
from tests.fixtures.tiny_model import write_tiny_model

SPEED = Speed({"Q4_K": 9e9}, 1e-4)


def machine(gib: float) -> Machine:
    return Machine("Linux", Cpu("scripted", 4, 8), Ram(64 * GIB, int(gib * GIB)), ())


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture
def shelf(catalog: Catalog, tmp_path: Path) -> Shelf:
    """The starter, a renamed download, a copied file named as published, and one that nobody knows."""
    file = write_tiny_model(tmp_path / "mine.gguf")
    facts = read_facts(file)
    models = (
        InstalledModel("mine", file, file.stat().st_size, starter=False, source="import"),
        InstalledModel(
            "renamed",
            tmp_path / "a",
            5,
            starter=False,
            owned=True,
            source=f"hub:{catalog.model('qwen3-1.7b').gguf_repository}@c/f",
        ),
        InstalledModel("Qwen3-8B.Q5_K_M", tmp_path / "b", 5, starter=False),
        InstalledModel("SmolLM2-135M-Instruct.Q4_1", tmp_path / "s", 9, starter=True, source="starter"),
    )
    known = {each.file: facts for each in models if each.name == "mine"}
    return Shelf(catalog, models, known, {}, None)


def test_every_model_is_one_row(shelf: Shelf, catalog: Catalog):
    entries = entries_of(shelf, machine(8), SPEED)
    assert [each.name for each in entries[:4]] == [
        "SmolLM2-135M-Instruct.Q4_1", "mine", "renamed", "Qwen3-8B.Q5_K_M",
    ]  # fmt: skip
    known = [each.catalog.id for each in entries if each.catalog is not None]
    assert sorted(known) == sorted(each.id for each in catalog.models)
    by_name = {each.name: each for each in entries}
    assert by_name["renamed"].catalog is catalog.model("qwen3-1.7b")
    assert by_name["Qwen3-8B.Q5_K_M"].catalog is catalog.model("qwen3-8b")
    assert by_name["mine"].catalog is None and by_name["mine"].fit is not None
    assert len({each.key for each in entries}) == len(entries)


def test_badges_follow_the_memory_that_is_free(shelf: Shelf):
    said = {}
    for gib in (2, 6.5, 32):
        entries = entries_of(shelf, machine(gib), SPEED)
        said[gib] = {each.catalog.id: badge(each) for each in entries if each.catalog and not each.installed}
    assert [said[gib]["qwen3-4b-instruct-2507"] for gib in said] == ["Too big", "Fits", "Fits"]
    assert [said[gib]["galactica-1.3b"] for gib in said] == ["Cannot run"] * 3
    assert "Tight" in said[6.5].values() or "Tight" in said[2].values()


def test_one_answers_and_is_first(shelf: Shelf, tmp_path: Path):
    entries = entries_of(replace(shelf, in_use=tmp_path / "b"), machine(8), None)
    assert (entries[0].name, state_of(entries[0])) == ("Qwen3-8B.Q5_K_M", "in use")
    assert sum(each.in_use for each in entries) == 1


def test_a_row_is_told_in_one_sentence(shelf: Shelf):
    entries = {each.key: each for each in entries_of(shelf, machine(8), SPEED)}
    row = entries["catalog:qwen3-4b-instruct-2507"]
    assert facts_line(row) == "4.0 B parameters · 2.5 GB · Apache License 2.0"
    assert spoken(row).startswith(
        "Qwen3-4B-Instruct-2507, 4.0 B parameters, 2.5 GB, Apache License 2.0, about "
    )
    assert spoken(row).endswith("words/s, Fits")
    mine = next(each for each in entries.values() if each.name == "mine")
    assert facts_line(mine).endswith("used where it is")


def test_a_model_that_was_not_tried_says_so(shelf: Shelf):
    models = tuple(replace(each, loads=each.name != "mine") for each in shelf.installed)
    entries = {each.name: each for each in entries_of(replace(shelf, installed=models), machine(8), SPEED)}
    mine = entries["mine"]
    assert badge(mine) == "Not tried yet" and not mine.usable and entries["renamed"].usable
    assert explanation(mine).startswith("It has not loaded on this computer yet. Needs ")


def test_where_more_of_a_model_comes_from(shelf: Shelf, catalog: Catalog):
    origins = {each.name: each.origin for each in entries_of(shelf, machine(8), SPEED)}
    assert origins["renamed"] is catalog.model("qwen3-1.7b") and origins["mine"] == ""
    assert origins["Galactica 1.3B"] == ""


def test_before_the_machine_is_known_nothing_is_judged(shelf: Shelf):
    entries = entries_of(shelf, None, None)
    assert {badge(each) for each in entries} == {"In use", "", "Cannot run", "No download"}


class TestFilter:
    @pytest.fixture
    def names(self, shelf: Shelf, catalog: Catalog):
        entries = entries_of(shelf, machine(8), SPEED)
        return lambda **wanted: [each.name for each in passing(entries, Filter(**wanted), catalog)]

    def test_without_a_wish_everything_passes(self, names, catalog: Catalog):
        assert len(names()) == len(catalog.models) + 1

    def test_the_closest_names_come_first(self, names):
        found = names(text="qwen3 8b")
        assert found[0] in ("Qwen3-8B.Q5_K_M", "Qwen3-8B")
        assert "mine" in names(text="MINE")
        assert names(text="no such thing") == []

    def test_wishes_add_up(self, names, catalog: Catalog):
        assert sorted(names(installed=True, text="qwen")) == ["Qwen3-8B.Q5_K_M", "renamed"]
        coders = names(purpose="code", commercial=True, fits=True)
        assert coders and "mine" not in coders
        for name in coders:
            model = next(each for each in catalog.models if each.name == name)
            assert "code" in model.purposes and model.licence is not None and model.licence.commercial


def test_only_a_notable_change_of_memory_counts():
    assert not notable(Ram(16 * GIB, 8 * GIB), Ram(16 * GIB, 8 * GIB - 300 * MIB))
    assert notable(Ram(16 * GIB, 8 * GIB), Ram(16 * GIB, 7 * GIB))
    assert notable(Ram(16 * GIB, GIB), Ram(16 * GIB, GIB + 300 * MIB))
