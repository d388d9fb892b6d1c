"""Translating with small models, one for a pair of languages: quick, and without instructions."""

from app.assistants.translate.engines import Request
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.languages import language_name
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModel, SmallModels


class SmallTranslator:
    """A `Translator` for every pair of languages that an installed model, or two by way of English, cover.

    Named after the pair it was made for: “Firefox de-en”, or “Firefox de-en-fr”. It knows nothing of terms, of what was
    translated before and of complaints: the same text always gives the same translation.
    """

    keeps_tags = False

    def __init__(
        self, translation: SmallTranslation, models: SmallModels, source: str = "", target: str = ""
    ) -> None:
        self._translation = translation
        self._models = models
        self._routes: dict[tuple[str, str], tuple[SmallModel, ...]] = {}
        self.name = _name(models.route(source, target))

    def refusal(self, source: str, target: str) -> AppError | None:
        """Why it cannot: no model for these languages is installed."""
        if self._route(source, target):
            return None
        return AppError(
            f"No small model that translates {language_name(source)} into {language_name(target)} is installed.",
            f"Download it with “alcove models translation pull {source}-{target}”, or let a chat model translate.",
        )

    def translate(self, request: Request, cancel: CancelToken) -> str:
        """Raises `AppError` (also where `refusal` tells one), `WorkerDied` and `Cancelled`."""
        if (refused := self.refusal(request.source, request.target)) is not None:
            raise refused
        folders = [model.folder for model in self._route(request.source, request.target)]
        return "".join(self._translation.translate(folders, [request.text], cancel))

    def _route(self, source: str, target: str) -> tuple[SmallModel, ...]:
        """Looked for once: a document has thousands of segments."""
        pair = (source, target)
        if not self._routes.get(pair):
            self._routes[pair] = self._models.route(source, target)
        return self._routes[pair]


def _name(route: tuple[SmallModel, ...]) -> str:
    codes = [model.source for model in route] + [model.target for model in route[-1:]]
    return f"Firefox {'-'.join(codes)}".rstrip()
