"""Which permissions did the user give, where are they kept, and which of them has Google taken back?

Three grants of one account, each useful alone: *calendar*, *mail*, *drafts* (DESIGN 3). Each is one token file in
``tokens/`` in the state: ``ACCOUNT.GRANT.json`` in google-auth's "authorized_user" form, 0600 in a folder 0700. Beside
them ``ACCOUNT.logins.json`` keeps what that form has no room for (T25): when a login was born, when it last worked, and
with which words Google refused it. A refused token is not shown again until its file changes. The standard library
only; nothing here speaks to anybody.
"""

from __future__ import annotations

import json
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from connectors import files
from connectors._google.token import Token, read_token, refusal_words, text_of
from connectors.records import NeedsLogin, Unavailable

GrantName = Literal["calendar", "mail", "drafts"]
GRANTS: tuple[GrantName, ...] = ("calendar", "mail", "drafts")

READ_EVENTS = "calendar.events.readonly"
LIST_CALENDARS = "calendar.calendarlist.readonly"
OWN_CALENDAR = "calendar.app.created"
TASKS = "tasks"
SENT_HEADERS = "gmail.metadata"
WRITE_DRAFTS = "gmail.compose"

TEST_MODE = timedelta(days=7)
"""How long a login lives while the OAuth project is in testing."""
PROVEN = timedelta(days=8)
_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What is known of one login: its birth, when it last worked, and Google's word when it was refused."""

    token: str = ""
    """Hash of the refresh token that was born."""
    born: datetime | None = None
    worked: datetime | None = None
    refused: str = ""
    refused_at: datetime | None = None
    stamp: str = ""
    """Which file was refused: size, time and inode."""

    def outlived_test_mode(self) -> bool:
        """Tell whether the login has worked after the seven days that test mode gives it."""
        return bool(self.born and self.worked and self.worked - self.born >= PROVEN)

    def died_of_test_mode(self) -> bool:
        """Tell whether the login was refused for good when test mode would have ended it."""
        if not (self.refused == "invalid_grant" and self.born and self.refused_at):
            return False
        last = self.worked or self.born
        return last - self.born <= TEST_MODE <= self.refused_at - self.born and not self.outlived_test_mode()


class Grant:
    """One grant of one account: its token file and its life."""

    def __init__(self, state: Path, account: str, name: GrantName) -> None:
        """Take the state's folder and whose grant it is."""
        self.account, self.name = account, name
        self.folder = state / "tokens"
        self.path = self.folder / f"{account}.{name}.json"
        self._lives = self.folder / f"{account}.logins.json"
        self._refused: tuple[str, str] | None = None

    @property
    def remedy(self) -> str:
        """The command that logs in again."""
        return f"kith login {self.account}"

    def is_there(self) -> bool:
        """Tell whether there is a token file."""
        return self.path.is_file()

    def was_given(self) -> bool:
        """Tell whether this grant is or ever was given: a rung that was not climbed yet is no trouble."""
        return self.is_there() or self.life().born is not None

    def token(self) -> Token:
        """Return what the token file holds.

        Raises NeedsLogin if it is missing, is a link, belongs to or can be read by others, is damaged, or was refused
        and has not changed since; Unavailable if the disk cannot be read.
        """
        try:
            if what := files.objection(self.path):
                raise NeedsLogin(f"the token file of {self.name} {what}, and is not believed", self.remedy)
            if stat.S_IMODE(self.path.lstat().st_mode) & 0o077:
                raise NeedsLogin("the token file can be read by others on this machine", f"chmod 600 {self.path}")
            self._refuse_again()
            return read_token(json.loads(files.read_bounded(self.path, _LIMIT)))
        except FileNotFoundError:
            raise NeedsLogin(f"Kith is not logged in to Google ({self.name})", self.remedy) from None
        except (ValueError, RecursionError):
            raise NeedsLogin(f"the token file of {self.name} is damaged", self.remedy) from None
        except OSError as error:
            raise Unavailable(f"the token file of {self.name} cannot be read: {error.strerror}") from None

    def stamp(self) -> str:
        """Return what tells one content of the token file from another, empty when there is none."""
        try:
            return "/".join(map(str, files.stamp(self.path)))
        except OSError:
            return ""

    def store(self, token: Token, born: datetime | None = None) -> None:
        """Write ``token`` durably, 0600; ``born`` is the moment of the login, None for a rotated token. Raises OSError.

        The life of a rotated token goes on.
        """
        life = self.life()
        self._save(Life(token=token.mark(), born=born or life.born, worked=None if born else life.worked))
        files.write_atomically(self.path, json.dumps(token.document(), indent=1).encode(), 0o600)
        self._refused = None

    def refuse(self, code: str, at: datetime) -> None:
        """Remember that Google refused this token file with ``code``: it is not shown again until it changes."""
        self._refused = (self.stamp(), code)
        life = self.life()
        with suppress(OSError):
            self._save(
                Life(
                    token=life.token,
                    born=life.born,
                    worked=life.worked,
                    refused=code,
                    refused_at=at,
                    stamp=self.stamp(),
                )
            )

    def accept(self, token: Token, at: datetime) -> None:
        """Remember that the login works; written once a day, when a life begins, and when it outlives test mode."""
        life, known = self.life(), token.mark()
        same = life.token == known
        new = Life(token=known, born=life.born if same and life.born else at, worked=at)
        rested = not life.worked or at - life.worked >= timedelta(days=1)
        if same and not life.refused and not rested and life.outlived_test_mode() == new.outlived_test_mode():
            return
        with suppress(OSError):
            self._save(new)

    def life(self) -> Life:
        """Return what is known of this login."""
        row = self._document().get(self.name)
        if not isinstance(row, dict):
            return Life()
        return Life(
            token=text_of(row.get("token")),
            born=_moment(row.get("born")),
            worked=_moment(row.get("worked")),
            refused=text_of(row.get("refused")),
            refused_at=_moment(row.get("refused_at")),
            stamp=text_of(row.get("stamp")),
        )

    def refusal(self) -> str:
        """Return the word with which Google refused this very token file, empty when it did not."""
        stamp = self.stamp()
        if self._refused is not None and self._refused[0] == stamp:
            return self._refused[1]
        life = self.life()
        return life.refused if life.refused and life.stamp == stamp else ""

    def _refuse_again(self) -> None:
        if code := self.refusal():
            raise refused(code, self)

    def _document(self) -> dict[str, Any]:
        try:
            document = json.loads(files.read_bounded(self._lives, _LIMIT))
        except (OSError, ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    def _save(self, life: Life) -> None:
        row = {
            "token": life.token,
            "born": life.born.isoformat() if life.born else None,
            "worked": life.worked.isoformat() if life.worked else None,
            "refused": life.refused,
            "refused_at": life.refused_at.isoformat() if life.refused_at else None,
            "stamp": life.stamp,
        }
        files.make_folder(self.folder)
        files.write_atomically(self._lives, json.dumps({**self._document(), self.name: row}, indent=1).encode())


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def refused(code: str, grant: Grant) -> NeedsLogin:
    """Return the error that says why Google refused ``grant``, and what mends it."""
    return NeedsLogin(refusal_words(code, grant.name), grant.remedy)
