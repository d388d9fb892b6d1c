"""The detail pane: the right figures at once and exactly soon, the right buttons, plain words where there is a catch."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.assistants.choose_model import explain, in_gb, judge
from app.assistants.fetch_model import saved_token
from app.backend import Backend, ModelParts, close_models, open_sizing
from app.base.jobs import CancelToken
from app.gui.jobs import Jobs
from app.gui.models.detail.context_slider import steps
from app.gui.models.detail.pane import DetailPane
from app.gui.models.entries import ModelEntry, of_repository
from app.hardware.fit import GIB, MIB, Fit, Plan, Speed, fit
from app.hardware.probe import Cpu, Gpu, Machine, Ram
from app.models.catalog import Catalog, load_catalog
from app.models.download.queue import DownloadQueue
from app.models.gguf import read_facts
from app.models.installed import InstalledModel, starter_chat_model
from tests.fixtures.fake_hub import FakeHub
from tests.fixtures.hub_faults import Silent
from tests.fixtures.tiny_model import write_tiny_model

LAPTOP = Machine("Linux", Cpu("scripted", 4, 8), Ram(8 * GIB, 6 * GIB), ())
CARD = replace(LAPTOP, gpus=(Gpu("Some Card", "Maker", 8 * GIB, 7 * GIB, "vulkan", usable=True),))
SPEED = Speed({"Q4_1": 9e9, "Q4_K": 8e9}, 1e-4)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture
def parts(backend: Backend, catalog: Catalog) -> Iterator[ModelParts]:
    downloads = DownloadQueue(backend.paths.data / "downloads.json", token_for=saved_token)
    opened = ModelParts(catalog, *open_sizing(backend.paths), downloads)
    opened.measurements.keep_speed(SPEED)
    yield opened
    close_models(opened)


@pytest.fixture
def pane(backend: Backend, parts: ModelParts, jobs: Jobs, qtbot: Any) -> Iterator[DetailPane]:
    made = DetailPane(backend, parts, jobs)
    made.resize(400, 900)
    made.show()
    yield made
    jobs.stop_all(5000)
    made.close()
    made.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def settled(qtbot: Any, jobs: Jobs) -> Any:
    def wait() -> None:
        qtbot.waitUntil(lambda: jobs.running == 0, timeout=20_000)

    return wait


def of_catalog(parts: ModelParts, id: str, machine: Machine = LAPTOP) -> ModelEntry:
    model = parts.catalog.model(id)
    candidate = judge(model, machine, SPEED)
    return ModelEntry(f"catalog:{id}", model.name, model, None, model.gguf_repository or "", candidate)


def of_file(file: Path, *, starter: bool = False, missing: str = "", known: bool = True) -> ModelEntry:
    size = 0 if missing else file.stat().st_size
    model = InstalledModel(file.stem, file, size, starter=starter, owned=not starter, missing=missing)
    facts = read_facts(file) if known and not missing else None
    return ModelEntry(f"installed:{file}", file.stem, None, model, "", None, facts)


def said(found: Fit | None) -> list[str]:
    assert found is not None
    memory = found.memory
    return [in_gb(each) for each in (memory.weights, memory.kv, memory.compute, memory.overhead)]


class TestContextSteps:
    @pytest.mark.parametrize(
        ("trained", "expected"),
        [
            (512, (512,)),
            (2048, (2048,)),
            (8192, (2048, 3072, 4096, 6144, 8192)),
            (40_960, (2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576, 32768, 40960)),
        ],
    )
    def test_end_at_what_the_model_was_trained_for(self, trained: int, expected: tuple[int, ...]) -> None:
        assert steps(trained) == expected

    @pytest.mark.parametrize("trained", [0, 262_144])
    def test_end_at_128k_at_most(self, trained: int) -> None:
        assert steps(trained)[-2:] == (98_304, 131_072)


class TestCatalogModels:
    def test_nothing_chosen_says_what_to_do(self, pane: DetailPane) -> None:
        pane.show_entry(None, LAPTOP)

        assert pane.empty.isVisible() and "Choose one from the list" in pane.empty.text

    def test_the_figures_move_with_the_slider(self, pane: DetailPane, parts: ModelParts, qtbot: Any) -> None:
        entry = of_catalog(parts, "qwen3-4b-instruct-2507")
        pane.show_entry(entry, LAPTOP)
        panel = pane.fit.panel
        assert entry.catalog is not None
        before = judge(entry.catalog, LAPTOP, SPEED).fit
        assert before is not None and explain(before) in panel.text and "Fits" in panel.text
        assert panel.legend.texts == said(before)

        qtbot.keyClick(panel.context.slider, Qt.Key.Key_Left)

        shorter = judge(entry.catalog, LAPTOP, SPEED, context=6144).fit
        assert shorter is not None and explain(shorter) in panel.text
        assert panel.legend.texts == said(shorter) != said(before)
        assert "4500 words" in panel.context.text.replace(",", "")
        assert in_gb(shorter.memory.total) in panel.bar.accessibleName()
        assert "Estimated" in panel.text

    def test_another_version_changes_figures_and_download(
        self, pane: DetailPane, parts: ModelParts, qtbot: Any
    ) -> None:
        entry = of_catalog(parts, "qwen3-1.7b")
        pane.show_entry(entry, LAPTOP)
        box = pane.fit.versions.box
        assert [box.itemData(row).quantisation for row in range(box.count())] == ["Q4_K_M", "Q4_0", "Q8_0"]
        assert "Download · 1.2 GB" in pane.buttons.shown

        box.setCurrentIndex(2)

        assert entry.catalog is not None
        larger = judge(entry.catalog, LAPTOP, SPEED, quantisation="Q8_0").fit
        assert pane.fit.panel.legend.texts == said(larger)
        assert "Download · 2.2 GB" in pane.buttons.shown
        with qtbot.waitSignal(pane.download_wanted) as caught:
            pane.buttons.download.click()
        assert caught.args == [entry, "Q8_0", ""]

    def test_too_long_a_context_is_shortened_and_said(self, pane: DetailPane, parts: ModelParts) -> None:
        pane.show_entry(of_catalog(parts, "qwen3-4b-instruct-2507"), LAPTOP)
        pane.fit.panel.context.slider.setValue(pane.fit.panel.context.slider.maximum())

        model = parts.catalog.model("qwen3-4b-instruct-2507")
        found = judge(model, LAPTOP, SPEED, context=131_072).fit
        assert found is not None and found.plan == Plan(16_384, "q8_0", 0)
        assert "More than 16384 tokens do not fit" in pane.fit.panel.text.replace(",", "")
        assert "8 bits a number" in pane.fit.panel.text

    def test_too_big(self, pane: DetailPane, parts: ModelParts) -> None:
        pane.show_entry(of_catalog(parts, "mistral-nemo-instruct-2407"), LAPTOP)

        assert "Too big" in pane.fit.panel.text and "Even the shortest context" in pane.fit.panel.text
        assert pane.fit.panel.context.isHidden()

    def test_a_card_is_named(self, pane: DetailPane, parts: ModelParts) -> None:
        pane.show_entry(of_catalog(parts, "qwen3-1.7b"), CARD)

        assert "It runs on Some Card as a whole." in pane.fit.panel.text
        assert "free on the graphics card" in pane.fit.panel.bar.caption

    def test_one_that_cannot_run_says_why_and_leads_to_another(
        self, pane: DetailPane, parts: ModelParts, qtbot: Any
    ) -> None:
        pane.show_entry(of_catalog(parts, "galactica-1.3b"), LAPTOP)

        assert "llama.cpp has no OPT" in pane.header.text
        assert not pane.fit.isVisible() and pane.buttons.shown == []
        with qtbot.waitSignal(pane.instead_wanted) as caught:
            pane.header.warning.instead.click()
        assert caught.args == ["qwen3-1.7b"]

    def test_one_for_the_library_is_got_in_the_settings(self, pane: DetailPane, parts: ModelParts) -> None:
        pane.show_entry(of_catalog(parts, "roberta-base-squad2"), LAPTOP)
        assert "under “Searching documents”" in pane.header.text
        assert pane.header.warning.instead.isHidden() and pane.buttons.shown == []

        pane.show_entry(of_catalog(parts, "albert-base-v2"), LAPTOP)  # not for that as it is
        assert "fine-tuned first" in pane.header.text and "under “Searching" not in pane.header.text

    def test_facts_limits_and_doubts_are_told(self, pane: DetailPane, parts: ModelParts) -> None:
        pane.show_entry(of_catalog(parts, "galactica-1.3b"), LAPTOP)
        rows = dict(pane.facts.rows)
        assert rows["Commercial use"] == "Not allowed" and "No commercial use" in rows["Licence"]
        assert rows["Languages"] == "English" and "Sizes of the network" in rows["Not certain"]

        pane.show_entry(of_catalog(parts, "smollm3-3b"), LAPTOP)
        assert "Alcove turns that off" in dict(pane.facts.rows)["Thinking"]

    def test_new_free_memory_leaves_slider_and_version_alone(
        self, pane: DetailPane, parts: ModelParts
    ) -> None:
        entry = of_catalog(parts, "qwen3-1.7b")
        pane.show_entry(entry, LAPTOP)
        pane.fit.versions.box.setCurrentIndex(1)
        pane.fit.panel.context.slider.setValue(0)

        pane.show_entry(entry, replace(LAPTOP, ram=Ram(8 * GIB, 3 * GIB)))

        assert pane.fit.versions.version.quantisation == "Q4_0" and pane.fit.panel.context.tokens == 2048
        assert pane.fit.panel.bar.caption == "2.8 GB free"

    def test_fits_a_narrow_pane(self, pane: DetailPane, parts: ModelParts) -> None:
        pane.resize(320, 500)
        for id in (
            "qwen3-4b-instruct-2507",
            "mistral-nemo-instruct-2407",
            "galactica-1.3b",
            "granite-4.0-h-1b",
        ):
            pane.show_entry(of_catalog(parts, id), LAPTOP)
            QApplication.processEvents()
            assert pane._area.widget().minimumSizeHint().width() <= pane._area.viewport().width()

    def test_all_buttons_are_seen_whole_in_a_narrow_pane(self, pane: DetailPane) -> None:
        pane.show_entry(replace(of_file(starter_chat_model(), starter=True), in_use=True), LAPTOP)
        for width, columns in ((304, 1), (700, 2)):
            pane.resize(width, 500)
            QApplication.processEvents()
            shown = [pane.buttons.in_use, pane.buttons.folder, pane.buttons.verify, pane.buttons.tune]
            area = pane._area.viewport()
            for button in shown:
                left = button.mapTo(area, button.rect().topLeft()).x()
                assert left >= 0 and left + button.width() <= area.width()
                assert button.width() >= button.sizeHint().width()
            assert len({each.x() for each in shown[1:]}) == columns

    def test_a_doubtful_licence_is_told_as_such(self, pane: DetailPane, parts: ModelParts) -> None:
        known = parts.catalog.model("qwen3-1.7b")
        for unverified, said in (((), "Allowed"), (("licence",), "Allowed, as far as Alcove knows.")):
            entry = replace(of_catalog(parts, known.id), catalog=replace(known, unverified=unverified))
            pane.show_entry(replace(entry, key=f"{entry.key}{unverified}"), LAPTOP)
            rows = dict(pane.facts.rows)
            assert rows["Commercial use"].startswith(said) and "Not certain" not in rows
            assert ("Check it on the model’s page" in rows["Commercial use"]) is bool(unverified)


class TestFilesHere:
    def test_the_starter_exactly_and_what_it_really_did(
        self, pane: DetailPane, parts: ModelParts, settled: Any, qtbot: Any
    ) -> None:
        entry = replace(of_file(starter_chat_model(), starter=True), in_use=True)
        assert entry.facts is not None and entry.installed is not None
        shape = entry.facts.shape
        parts.measurements.keep_load(shape.key, 4096, "f16", 312 * MIB, 318 * MIB)
        parts.measurements.keep_answer(shape.key, 14.9, 16.1)
        asked: list[int] = []
        pane.fit._exact.found.connect(lambda question, _found: asked.append(question.context))
        pane.show_entry(entry, LAPTOP)
        panel = pane.fit.panel
        assert panel.legend.texts == said(fit(LAPTOP, shape)) and "Estimated" in panel.text

        for _ in range(3):  # 8192, 6144, 4096, 3072: only the last is asked for
            qtbot.keyClick(panel.context.slider, Qt.Key.Key_Left)
        qtbot.waitUntil(lambda: "Exact figures" in panel.text, timeout=20_000)

        assert asked == [3072]
        exact = parts.sizing.measure(entry.installed.file, Plan(3072, "f16", 0), CancelToken())
        texts = [in_gb(each) for each in (exact.weights, exact.kv, exact.compute)]
        assert panel.legend.texts[:3] == texts
        assert "it took 318 MB of memory (312 MB predicted)" in panel.text
        assert "It wrote 12 words a second here (11 predicted)." in panel.text
        assert pane.buttons.shown == [
            "In use",
            "Show in folder",
            "Check files",
            "Adapters…",
            "Tune for this computer",
        ]
        assert "Comes with Alcove" in pane.header.badges and "In use" in pane.header.badges

        pane.show_entry(entry, None)
        assert panel.text == "Looking at this computer…"

    def test_a_full_precision_file_can_be_made_smaller(
        self, pane: DetailPane, tmp_path: Path, qtbot: Any
    ) -> None:
        entry = of_file(write_tiny_model(tmp_path / "tiny.gguf"))
        pane.show_entry(entry, None)

        assert "Looking at this computer" in pane.fit.panel.text
        assert pane.buttons.shown[0] == "Use this model" and "Make smaller…" in pane.buttons.shown
        for button, signal in (
            (pane.buttons.use, pane.use_wanted), (pane.buttons.verify, pane.verify_wanted),
            (pane.buttons.remove, pane.remove_wanted), (pane.buttons.quantise, pane.quantise_wanted),
            (pane.buttons.adapters, pane.adapter_wanted),
        ):  # fmt: skip
            with qtbot.waitSignal(signal) as caught:
                button.click()
            assert caught.args == [entry.installed]

    def test_a_damaged_file_is_named(self, pane: DetailPane, tmp_path: Path, settled: Any) -> None:
        file = tmp_path / "page.gguf"
        file.write_text("<!DOCTYPE html><title>Log in</title>")
        pane.show_entry(of_file(file, known=False), LAPTOP)
        settled()

        assert "is a web page, not a model" in pane.fit.panel.text

    def test_other_versions_can_be_fetched_too(
        self, pane: DetailPane, parts: ModelParts, tmp_path: Path, qtbot: Any
    ) -> None:
        here = of_file(write_tiny_model(tmp_path / "Qwen3-1.7B-Q4_K_M.gguf"))
        known = parts.catalog.model("qwen3-1.7b")
        assert here.facts is not None
        facts = replace(here.facts, quantisation="Q4_K_M")
        entry = replace(here, catalog=known, repository=known.gguf_repository or "", facts=facts)
        pane.show_entry(entry, LAPTOP)

        box = pane.others.versions.box
        assert [box.itemData(row).quantisation for row in range(box.count())] == ["Q4_0", "Q8_0"]
        expected = judge(known, LAPTOP, SPEED, quantisation="Q4_0").fit
        assert expected is not None and pane.others.text == explain(expected)
        assert pane.others.download.text() == "Download another version · 1.2 GB"
        with qtbot.waitSignal(pane.download_wanted) as caught:
            pane.others.download.click()
        assert caught.args == [entry, "Q4_0", ""]

        pane.show_entry(here, LAPTOP)  # nobody knows where it came from
        assert pane.others.isHidden()

    def test_what_was_not_tried_is_not_offered_for_use(
        self, pane: DetailPane, tmp_path: Path, qtbot: Any
    ) -> None:
        entry = of_file(write_tiny_model(tmp_path / "tiny.gguf"))
        assert entry.installed is not None
        entry = replace(entry, installed=replace(entry.installed, loads=False))
        pane.show_entry(entry, LAPTOP)

        assert pane.header.badges == ["Not tried yet"]
        assert pane.buttons.shown[0] == "Try it" and "Use this model" not in pane.buttons.shown
        with qtbot.waitSignal(pane.try_wanted) as caught:
            pane.buttons.try_out.click()
        assert caught.args == [entry.installed]

    def test_a_missing_one_can_be_fetched_again_or_removed(self, pane: DetailPane, parts: ModelParts) -> None:
        lost = of_file(Path("/media/stick/Qwen3-1.7B.gguf"), missing="The folder /media/stick is not there.")
        pane.show_entry(replace(lost, catalog=parts.catalog.model("qwen3-1.7b")), LAPTOP)

        assert "/media/stick is not there" in pane.header.text
        assert pane.buttons.shown == ["Download · 1.2 GB", "Remove…"]


class TestTheHub:
    @pytest.fixture
    def hub(self, backend: Backend) -> Iterator[FakeHub]:
        with FakeHub() as running:
            backend.settings.change(mirror=running.endpoint)
            yield running

    def test_is_asked_only_when_the_button_is_pressed(
        self, pane: DetailPane, parts: ModelParts, hub: FakeHub, settled: Any
    ) -> None:
        entry = of_catalog(parts, "qwen3-1.7b")
        for kind, size in (("Q4_K_M", 30_000), ("Q6_K", 40_000)):
            hub.add(entry.repository, f"Qwen3-1.7B-{kind}.gguf", b"x" * size)
        pane.show_entry(entry, LAPTOP)
        settled()
        assert hub.requests == [] and pane.fit.versions.refresh.text() == "Get the list of files"

        pane.fit.versions.refresh.click()
        settled()

        box = pane.fit.versions.box
        assert [box.itemText(row) for row in range(box.count())] == [
            "Q4_K_M · 30.0 kB · suggested", "Q6_K · 40.0 kB",
        ]  # fmt: skip
        assert "List of files as of" in pane.fit.versions.text
        pane.show_entry(None, LAPTOP)
        pane.show_entry(of_catalog(parts, "qwen3-8b"), LAPTOP)
        pane.show_entry(entry, LAPTOP)
        settled()
        assert box.count() == 2 and len(hub.requests) == 1  # remembered, not asked again

    def test_offline_is_said_plainly(
        self, pane: DetailPane, parts: ModelParts, backend: Backend, settled: Any
    ) -> None:
        backend.settings.change(mirror="http://127.0.0.1:9")
        pane.show_entry(of_catalog(parts, "qwen3-1.7b"), LAPTOP)
        pane.fit.versions.refresh.click()
        settled()

        assert "cannot be reached" in pane.fit.versions.text
        assert pane.fit.versions.refresh.isEnabled() and pane.fit.versions.box.count() == 3

    def test_a_repository_is_listed_and_sized_by_its_header(
        self, pane: DetailPane, hub: FakeHub, tmp_path: Path, settled: Any
    ) -> None:
        data = write_tiny_model(tmp_path / "tiny.gguf").read_bytes()
        hub.add("someone/tiny-GGUF", "tiny-F32.gguf", data)
        pane.show_entry(of_repository("someone/tiny-GGUF"), LAPTOP)
        settled()
        assert pane.fit.versions.version.quantisation == "F32" and pane.buttons.shown[0].startswith(
            "Download"
        )
        assert "not known yet" in pane.fit.panel.text

        pane.fit.check.button.click()
        settled()

        assert "Fits" in pane.fit.panel.text and "Exact figures" in pane.fit.panel.text
        assert pane.fit.check.button.isHidden() and pane.fit.panel.context.isHidden()

    def test_each_of_several_models_is_the_one_that_is_fetched(
        self, pane: DetailPane, hub: FakeHub, tmp_path: Path, settled: Any, qtbot: Any
    ) -> None:
        data = write_tiny_model(tmp_path / "tiny.gguf").read_bytes()
        larger = write_tiny_model(tmp_path / "larger.gguf", layers=4).read_bytes()
        for name, content in (("small-Q8_0", data), ("large-Q8_0", larger), ("plain", larger + b"\0" * 64)):
            hub.add("someone/many-GGUF", f"{name}.gguf", content)
        entry = of_repository("someone/many-GGUF")
        pane.show_entry(entry, LAPTOP)
        settled()
        box = pane.fit.versions.box
        assert [box.itemText(row).partition(" ")[0] for row in range(box.count())] == [
            "small-Q8_0", "large-Q8_0", "As",
        ]  # fmt: skip

        box.setCurrentIndex(1)
        with qtbot.waitSignal(pane.download_wanted) as caught:
            pane.buttons.download.click()
        assert caught.args == [entry, "Q8_0", "large-Q8_0"]
        pane.fit.check.button.click()
        settled()
        asked = {each.path.rpartition("/")[2] for each in hub.requests if "/resolve/" in each.path}
        assert asked == {"large-Q8_0.gguf"} and "Exact figures" in pane.fit.panel.text

        box.setCurrentIndex(2)
        assert pane.fit.check.button.isVisible()
        with qtbot.waitSignal(pane.download_wanted) as caught:
            pane.buttons.download.click()
        assert caught.args == [entry, "", "plain"]

    def test_an_estimate_can_be_checked_exactly(
        self, pane: DetailPane, parts: ModelParts, hub: FakeHub, tmp_path: Path, settled: Any
    ) -> None:
        entry = of_catalog(parts, "qwen3-1.7b")
        data = write_tiny_model(tmp_path / "tiny.gguf").read_bytes()
        hub.add(entry.repository, "Qwen3-1.7B-Q4_K_M.gguf", data)
        pane.show_entry(entry, LAPTOP)
        assert "Estimated" in pane.fit.panel.text and pane.fit.check.button.isVisible()

        pane.fit.check.button.click()
        settled()

        panel = pane.fit.panel
        assert "Exact figures" in panel.text and not pane.fit.check.button.isVisible()
        panel.context.slider.setValue(0)
        assert "Estimated" in panel.text and not pane.fit.check.button.isVisible()

    def test_what_a_check_says_stays(
        self, pane: DetailPane, hub: FakeHub, tmp_path: Path, settled: Any
    ) -> None:
        data = write_tiny_model(tmp_path / "tiny.gguf").read_bytes()
        for part in (1, 2):
            hub.add("someone/split-GGUF", f"split-F32-0000{part}-of-00002.gguf", data)
        strange = write_tiny_model(tmp_path / "strange.gguf", architecture="never-heard-of").read_bytes()
        hub.add("someone/strange-GGUF", "strange-F32.gguf", strange)
        more = replace(LAPTOP, ram=Ram(8 * GIB, 7 * GIB))
        for name, said in (("split", "lies in several files"), ("strange", "llama.cpp cannot load this")):
            entry = of_repository(f"someone/{name}-GGUF")
            pane.show_entry(entry, LAPTOP)
            settled()
            pane.fit.check.button.click()
            settled()
            pane.show_entry(entry, more)
            assert (
                said in f"{pane.fit.panel.text} {pane.fit.check.text if pane.fit.check.isVisible() else ''}"
            )
            assert not pane.fit.check.button.isVisible()

    def test_another_model_does_not_wait_for_a_check(
        self, pane: DetailPane, parts: ModelParts, hub: FakeHub, settled: Any, qtbot: Any
    ) -> None:
        hub.order(Silent(), path="/api/models")
        pane.show_entry(of_catalog(parts, "qwen3-1.7b"), LAPTOP)
        pane.fit.check.button.click()
        assert pane.fit.check.button.text() == "Checking…" and not pane.fit.check.button.isEnabled()
        pane.show_entry(of_catalog(parts, "qwen3-8b"), LAPTOP)
        assert pane.fit.check.button.text() == "Check exactly" and pane.fit.check.button.isEnabled()

    def test_stopping_does_not_wait_for_the_hub(
        self, pane: DetailPane, parts: ModelParts, hub: FakeHub, jobs: Jobs, qtbot: Any
    ) -> None:
        hub.order(Silent(), path="/api/models")
        pane.show_entry(of_catalog(parts, "qwen3-1.7b"), LAPTOP)
        pane.fit.versions.refresh.click()
        qtbot.waitUntil(lambda: bool(hub.requests))
        assert jobs.stop_all(2000)
