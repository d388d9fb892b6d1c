"""The person's preferences: declared once, validated, kept in one small JSON file."""

from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.base.errors import AppError
from app.base.files import write_text

Theme = Literal["system", "light", "dark"]


class Settings(BaseModel):
    """Every setting with its default. Unknown keys of a newer version are kept, not dropped."""

    model_config = ConfigDict(extra="allow", frozen=True)

    theme: Theme = "system"
    models_folder: Path | None = Field(
        default=None, description="None: the folder `models` in the data folder"
    )
    default_model: Path | None = Field(default=None, description="GGUF file to chat with; None: the starter")
    context_length: int = Field(default=4096, ge=512, le=131072, description="tokens the model can look at")
    max_answer_tokens: int = Field(default=512, ge=16, le=8192)
    greeted: bool = Field(default=False, description="the first-run page was shown")


class SettingsStore:
    """Loads the settings once and writes each change at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.current = self._load()

    def change(self, **changes: object) -> Settings:
        """Validate, save and return the changed settings. Raises `AppError` when they cannot be saved."""
        changed = Settings.model_validate({**self.current.model_dump(), **changes})
        write_text(self._path, changed.model_dump_json(indent=2) + "\n")
        self.current = changed
        return changed

    def _load(self) -> Settings:
        """Defaults when there is no file; a damaged one is kept aside, never overwritten unseen.

        Raises `AppError` when the file is there and may not be read.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            raise AppError(
                f"The settings in {self._path} cannot be read ({error.strerror or error}).",
                "Check the permissions of that file.",
            ) from error
        try:
            return Settings.model_validate_json(content)
        except ValidationError:
            with suppress(OSError):  # where it cannot be put aside, it cannot be overwritten either
                self._path.replace(self._path.with_suffix(".damaged.json"))
            return Settings()
