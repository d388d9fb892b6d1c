"""What this edition of Alcove lacks. The light one comes without torch and OpenVINO; what needs them says so."""

from importlib.util import find_spec

from app.base.errors import AppError

FULL_EDITION = "Install the full edition of Alcove."
"""What to do about what is left out."""


def has_openvino() -> bool:
    """What computes fastest, and the only thing that recognises text in pictures."""
    return find_spec("openvino") is not None


def recognises_text() -> bool:
    """In scans and pictures."""
    return has_openvino() and find_spec("cv2") is not None


def runs_other_models() -> bool:
    """Search models, rerankers and readers that do not come with Alcove."""
    return find_spec("torch") is not None


def need_other_models() -> None:
    """Raises `AppError` where none of them run."""
    if not runs_other_models():
        raise AppError(
            "This edition of Alcove cannot run rerankers, nor other search models and readers than its own.",
            f"{FULL_EDITION} Or choose the starter models in the settings.",
        )
