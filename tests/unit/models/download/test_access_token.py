import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from app.base.errors import AppError
from app.models.download.access_token import delete_token, read_token, write_token
from app.models.download.address import HUB


class InMemory(keyring.backend.KeyringBackend):
    """A keyring that works, for machines where tests find none."""

    priority = 1
    locked = False

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def ring(monkeypatch):
    before = keyring.get_keyring()
    backend = InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_a_token_is_never_sent_in_clear_text(ring):
    write_token(HUB, "hf_mine")
    assert read_token(HUB.replace("https", "http")) is None
    write_token("http://127.0.0.1:8080", "hf_here")
    assert read_token("http://127.0.0.1:8080") == "hf_here"
    with pytest.raises(AppError, match="could read a token"):
        write_token("http://mirror.example", "hf_mine")


def test_each_hub_has_a_token_of_its_own(ring):
    write_token(HUB, " hf_mine\n")
    write_token("https://mirror.example:8080/hub", "hf_mirror")
    assert (read_token(HUB), read_token("https://mirror.example:8080")) == ("hf_mine", "hf_mirror")
    assert read_token("https://mirror.example") is None
    delete_token(HUB)
    delete_token(HUB)
    assert read_token(HUB) is None
    assert list(ring.held) == [("alcove", "mirror.example:8080")]


@pytest.mark.parametrize("token", ["", "two words", "ünïcode", "a\nHeader: b"])
def test_what_cannot_be_a_token_is_refused(ring, token):
    with pytest.raises(AppError, match="no access token"):
        write_token(HUB, token)
    assert ring.held == {}


def test_a_locked_keyring_is_told(ring):
    ring.locked = True
    for use in (lambda: read_token(HUB), lambda: write_token(HUB, "hf_x"), lambda: delete_token(HUB)):
        with pytest.raises(AppError, match="could not be opened"):
            use()


def test_without_a_keyring_nothing_is_kept(ring):
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert read_token(HUB) is None
    with pytest.raises(AppError, match="no keyring"):
        write_token(HUB, "hf_x")
    delete_token(HUB)
