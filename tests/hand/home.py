"""What stands outside, and how does the hand change it? The face that the homes (files, Google) share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.hand.past import Mail, Meeting

SIGNATURE = "-- \nClara Winter\nWinter Consulting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A reminder as it stands there. ``mark`` is what Kith wrote beside it to know it again."""

    name: str
    title: str
    body: str
    start: datetime
    mark: str = ""
    completed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A draft as it stands there; ``whole`` is all of it, to the byte."""

    name: str
    to: str
    subject: str
    body: str
    whole: Any
    mark: str = ""


class Home(ABC):
    """Where the user lives: a calendar and mail, read raw, and changed as the user's own programs do."""

    folder: Path
    weather: tuple[str, ...] = ()
    """What can go wrong here."""
    hears: bool = False
    """Whether received mail is read."""
    completes: bool = False
    """Whether a reminder can be ticked off."""
    has_tombstones: bool = False
    """Whether a deleted reminder leaves a trace by its id, whoever asks."""

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "config.toml"

    @abstractmethod
    def things(self) -> dict[str, Thing]:
        """Return what stands of Kith's in the calendar, by name."""

    @abstractmethod
    def letters(self) -> dict[str, Letter]:
        """Return what stands of Kith's in Drafts, by name."""

    @abstractmethod
    def own(self) -> Any:
        """Return all that is the user's own: meetings and mails, to the byte."""

    @abstractmethod
    def spent(self) -> Any:
        """Return what differs if anything at all was written, outside or into the state."""

    @abstractmethod
    def put_meeting(self, meeting: Meeting) -> None:
        """Put a meeting into the calendar, or change the one of its uid."""

    @abstractmethod
    def put_mail(self, mail: Mail) -> None:
        """Let a mail be sent, or heard."""

    @abstractmethod
    def retype(self, thing: Thing) -> None:
        """Give a reminder the title, text and time of ``thing``."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Delete a reminder."""

    def complete(self, name: str) -> None:
        """Tick a reminder off."""
        raise NotImplementedError

    @abstractmethod
    def edit(self, letter: Letter, body: str, *, subject: str = "") -> None:
        """Give a draft another text."""

    @abstractmethod
    def send(self, letter: Letter, at: datetime) -> None:
        """Send a draft as it stands."""

    @abstractmethod
    def throw_away(self, letter: Letter) -> None:
        """Throw a draft away."""

    @abstractmethod
    def spoil(self, what: str, nth: int) -> None:
        """Let something go wrong until ``calm``."""

    @abstractmethod
    def calm(self) -> None:
        """Let all be well again."""

    @abstractmethod
    def pass_time(self, by: timedelta) -> None:
        """Let time pass here, too."""

    def sent_paths(self) -> list[str]:
        """Return requests that would have let mail go out."""
        return []

    @abstractmethod
    def close(self) -> None:
        """Leave."""

    def sign(self, letter: Letter) -> None:
        """Let the mail program put a signature below."""
        self.edit(letter, f"{letter.body.rstrip()}\n{SIGNATURE}\n")

    def move(self, thing: Thing, start: datetime) -> None:
        """Drag a reminder to another time."""
        self.retype(replace(thing, start=start))
