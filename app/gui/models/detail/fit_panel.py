"""How a model runs on this computer: verdict, sentence, memory bar, context slider."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.assistants.choose_model import explain, in_gb, words_per_second
from app.gui.buttons import IconLabel
from app.gui.labels import WrappedLabel
from app.gui.models.detail.context_slider import ContextSlider
from app.gui.models.detail.memory_bar import MemoryBar, MemoryLegend
from app.gui.theme import GRID, set_role
from app.hardware.fit import Fit
from app.hardware.measured import Truth

_LOOKS = {"fits": ("check", "accent"), "tight": ("warning", "warning"), "too big": ("error", "danger")}


class FitPanel(QFrame):
    """Shows what it is given; which model is meant, and who works it out, is the pane's affair."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._picture = IconLabel("info")
        self._verdict = QLabel()
        set_role(self._verdict, "title")
        self._sentence = WrappedLabel()
        self.bar = MemoryBar()
        self.legend = MemoryLegend()
        self.context = ContextSlider()
        self._remarks = WrappedLabel()
        self._truth = WrappedLabel()
        self._source = WrappedLabel()
        for each in (self._remarks, self._truth, self._source):
            set_role(each, "small")
        self._column = QVBoxLayout(self)
        self._lay_out()

    @property
    def text(self) -> str:
        """Everything that is said, as it is read."""
        said = (self._verdict, self._sentence, self._remarks, self._truth, self._source)
        return " ".join(each.text() for each in said if each.text() and not each.isHidden())

    def add(self, widget: QWidget) -> None:
        """Another control, below the context slider."""
        self._column.insertWidget(self._column.indexOf(self.context) + 1, widget)

    def show_unknown(self, sentence: str) -> None:
        """There are no numbers (yet)."""
        self._sentence.setText(sentence)
        for each in (
            self._picture,
            self._verdict,
            self.bar,
            self.legend,
            self.context,
            self._remarks,
            self._truth,
            self._source,
        ):
            each.hide()
        self.setAccessibleName(sentence)

    def show_fit(
        self, found: Fit, layers: int, card: str, *, adjustable: bool = True, tuned: bool = False
    ) -> None:
        """`layers`: of the network, 0 unknown; `card`: the graphics card's name; `adjustable`: the slider works; `tuned`: it is
        about the copy tuned for this computer.
        """
        self._say_verdict(found)
        self._sentence.setText(explain(found))
        self.bar.show_memory(found.memory, found.free, on_card=found.plan.gpu_layers > 0)
        self.legend.show_memory(found.memory)
        self.context.setVisible(
            adjustable and found.verdict != "too big"
        )  # else every context comes out the same
        self.context.slider.setAccessibleDescription(self._sentence.text())
        remarks = self._remarks_on(found, layers, card, adjustable)
        if tuned:
            remarks.insert(0, self.tr("This is about its copy tuned for this computer, which answers."))
        self._show(self._remarks, " ".join(remarks))
        exact = self.tr("Exact figures, by llama.cpp itself.")
        self._show(self._source, exact if found.memory.exact else self.tr("Estimated figures."))
        for each in (self.bar, self.legend):
            each.show()
        self.setAccessibleName(f"{self._verdict.text()}. {self._sentence.text()}")

    def show_truth(self, truth: Truth | None) -> None:
        """What was predicted and what this computer really did."""
        said = []
        if truth is not None and truth.real_bytes:
            text = self.tr(
                "When it ran here with {n} tokens of context, it took {real} of memory ({predicted} predicted)."
            )
            tokens = QLocale().toString(truth.context_length)
            sizes = in_gb(truth.predicted_bytes), in_gb(truth.real_bytes)
            said.append(text.format(n=tokens, predicted=sizes[0], real=sizes[1]))
        if truth is not None and truth.answers:
            text = self.tr("It wrote {real} words a second here ({predicted} predicted).")
            speeds = truth.predicted_speed, truth.real_speed
            said.append(text.format(predicted=words_per_second(speeds[0]), real=words_per_second(speeds[1])))
        self._show(self._truth, " ".join(said))

    def _say_verdict(self, found: Fit) -> None:
        words = {"fits": self.tr("Fits"), "tight": self.tr("Tight"), "too big": self.tr("Too big")}
        self._picture.show_icon(*_LOOKS[found.verdict])
        self._verdict.setText(words[found.verdict])
        self._picture.show()
        self._verdict.show()

    def _remarks_on(self, found: Fit, layers: int, card: str, adjustable: bool) -> list[str]:
        plan, said = found.plan, []
        if found.verdict == "too big":
            return [
                self.tr(
                    "Even the shortest context does not fit. Close other programs, or choose a smaller model."
                )
            ]
        if adjustable and plan.context_length < self.context.tokens:
            longest = QLocale().toString(plan.context_length)
            said.append(self.tr("More than {n} tokens do not fit into the free memory.").format(n=longest))
        if plan.kv_type == "q8_0":
            said.append(self.tr("The context is kept at 8 bits a number to save memory."))
        if plan.gpu_layers > layers > 0:
            said.append(self.tr("It runs on {card} as a whole.").format(card=card))
        elif plan.gpu_layers and layers:
            text = self.tr("{some} of its {all} layers run on {card}, the others on the processor.")
            said.append(text.format(some=plan.gpu_layers, all=layers, card=card))
        if found.tokens_per_s is None:
            said.append(self._why_no_speed(found))
        return said

    def _why_no_speed(self, found: Fit) -> str:
        if found.plan.gpu_layers:
            return self.tr("How fast it writes on the card is not predicted.")
        return self.tr("How fast it writes is told once this computer is measured.")

    @staticmethod
    def _show(label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _lay_out(self) -> None:
        title = QLabel(self.tr("On this computer"))
        set_role(title, "title")
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._picture)
        head.addWidget(self._verdict)
        self._column.setContentsMargins(GRID * 2, GRID + GRID // 2, GRID * 2, GRID * 2)
        self._column.setSpacing(GRID + GRID // 2)
        self._column.addLayout(head)
        for each in (
            self._sentence,
            self.bar,
            self.legend,
            self.context,
            self._remarks,
            self._truth,
            self._source,
        ):
            self._column.addWidget(each)
