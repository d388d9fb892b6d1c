"""What is recommended on machines of several sizes, from the catalogue that is shipped."""

import pytest

from app.assistants.choose_model import explain, in_gb, judge, recommend, words_per_second
from app.hardware.fit import GIB, MIB, Fit, Memory, Plan, Speed, fit
from app.hardware.probe import Cpu, Machine, Ram
from app.models.catalog import Catalog, load_catalog
from app.models.sizes import expected_bytes, shape_of_model


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def machine(free: float) -> Machine:
    return Machine("test", Cpu("test", 4, 8), Ram(int(2 * free * GIB), int(free * GIB)), ())


@pytest.mark.parametrize("free", [2.5, 4, 6, 12, 24])
def test_what_is_recommended_fits_and_nothing_bigger_does(catalog: Catalog, free: float):
    chosen = recommend(catalog, machine(free), None)
    assert chosen is not None and chosen.best.fit is not None and chosen.best.fit.verdict == "fits"
    shape = shape_of_model(chosen.best.model, chosen.best.quantisation)
    assert shape is not None and fit(machine(free), shape).verdict == "fits"  # never refused later
    if chosen.why_not_bigger:
        assert any(
            why in chosen.why_not_bigger for why in ("more than this machine can spare", "words a second")
        )
    if chosen.runner_up is not None:
        assert chosen.runner_up.model != chosen.best.model


def test_more_memory_never_means_a_smaller_model(catalog: Catalog):
    quick = Speed({"Q4_K": 90e9, "Q8_0": 90e9}, 0.0)
    sizes = [recommend(catalog, machine(free), quick) for free in (2.5, 4, 6, 12, 24)]
    parameters = [each.best.model.parameters for each in sizes if each is not None]
    assert parameters == sorted(parameters) and len(set(parameters)) > 2


def test_no_memory_no_model(catalog: Catalog):
    assert recommend(catalog, machine(0.3), None) is None


def test_a_slow_machine_gets_a_quick_model(catalog: Catalog):
    slow = Speed({"Q4_K": 3e9, "Q8_0": 3e9}, 0.0)
    quick = Speed({"Q4_K": 90e9, "Q8_0": 90e9}, 0.0)
    chosen, ample = recommend(catalog, machine(24), slow), recommend(catalog, machine(24), quick)
    assert chosen is not None and ample is not None
    assert chosen.best.model.parameters < ample.best.model.parameters
    assert "words a second" in chosen.why_not_bigger


def test_a_machine_that_is_not_measured_gets_nothing_unusable(catalog: Catalog):
    chosen = recommend(catalog, machine(24), None)
    assert chosen is not None and chosen.best.model.parameters < 5e9
    assert chosen.best.fit is not None and chosen.best.fit.tokens_per_s is None  # nothing is claimed


def test_every_model_that_can_be_had_is_judged_or_says_nothing(catalog: Catalog):
    for model in catalog.models:
        candidate = judge(model, machine(8), None)
        if candidate.fit is not None:
            assert candidate.fit.memory.total > (candidate.bytes or 0) > 0, model.id


def test_sizes_are_those_of_real_files(catalog: Catalog):
    # from the repositories' own lists: the file sizes of two widely used quantisations
    starter = catalog.model("smollm2-135m-instruct")
    assert expected_bytes(starter, "Q8_0") == pytest.approx(145e6, rel=0.03)
    assert expected_bytes(catalog.model("qwen3-4b-instruct-2507"), "Q4_K_M") == pytest.approx(2.5e9, rel=0.05)


def test_one_sentence():
    memory = Memory(int(2.5 * GIB), int(0.5 * GIB), 60 * MIB, 40 * MIB)
    found = Fit("fits", Plan(8192, "f16", 0), memory, int(5.4 * GIB), 15.0)
    assert explain(found) == "Needs 3.1 GB of your 5.4 GB free at 8k context; about 11 words a second."
    tight = Fit("tight", Plan(2048, "q8_0", 0), memory, int(3.2 * GIB), None)
    assert explain(tight) == "Tight: needs 3.1 GB of your 3.2 GB free at 2k context."
    big = Fit("too big", Plan(2048, "q8_0", 0), memory, GIB, 15.0)
    assert explain(big) == "Too big: needs 3.1 GB of your 1.0 GB free at 2k context."
    assert (words_per_second(1.0), words_per_second(14.7)) == ("0.8", "11")
    assert [in_gb(count) for count in (GIB, 180 * MIB, 5)] == ["1.0 GB", "180 MB", "1 MB"]
