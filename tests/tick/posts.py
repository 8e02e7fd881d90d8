"""A life with two friends, and the Drafts folder that Kith and the user share: on disk, or at Gmail's stand-in."""

from __future__ import annotations

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from connectors.maildir import Maildir
from connectors.memory import MemorySink, MemorySource
from connectors.records import Draft, Event, Guest, Mailbox, Reminder, Sink, Source
from daemon.ledger import Ledger, open_ledger
from daemon.model import Decision, Entry
from daemon.tick import tick
from daemon.vocabulary import load_templates, load_vocabulary
from daemon.world import Report, World
from tests.connectors.google_mail_world import World as Gmail
from tests.google import Server
from tests.histories import ME, NOW, SETTINGS, days

ADA, BEN = "ada@far.example", "ben@near.example"
NAMES = {ADA: "Ada Berger", BEN: "Ben Huber"}
WORDS = re.compile(r"\S+")


class Post(ABC):
    """The user's mailbox, and the user at it."""

    source: Source

    @property
    @abstractmethod
    def drafts(self) -> Sink[Draft]: ...

    @abstractmethod
    def standing(self) -> list[EmailMessage]:
        """Return what stands in Drafts, in order of recipients."""

    @abstractmethod
    def save(self, index: int, mail: EmailMessage) -> None:
        """Save a draft again, as a mail program does."""

    @abstractmethod
    def remove(self, index: int) -> None:
        """Delete a draft."""

    @abstractmethod
    def send(self, index: int, at: datetime) -> None:
        """Send a draft."""

    @abstractmethod
    def write(self, to: str, subject: str, at: datetime, **headers: str) -> str:
        """Write and send a mail; return its Message-ID."""

    def add(self, index: int, text: str) -> None:
        """Put ``text`` at the end of a draft."""
        mail = self.standing()[index]
        body = mail.get_content()
        mail.set_content(f"{body.rstrip()}\n{text}")
        self.save(index, mail)


def letter(to: str, subject: str, at: datetime, headers: dict[str, str]) -> EmailMessage:
    made = EmailMessage()
    made["Message-ID"] = f"<{at:%Y%m%d%H%M}-{subject.casefold().replace(' ', '-').replace(':', '')}@winter.example>"
    made["Date"] = format_datetime(at)
    made["From"], made["Subject"] = "Clara Winter <clara@winter.example>", subject
    made["To"] = ", ".join(f"{NAMES.get(one, '')} <{one}>" for one in to.split())
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("Hello.\n")
    return made


class MaildirPost(Post):
    """A folder of Maildirs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("cur", "new", "tmp"):
            (path / "Sent" / name).mkdir(parents=True)
        self.account = Maildir(path=path)
        source = self.account.open_source("home", "UTC")
        assert source is not None
        self.source = source

    @property
    def drafts(self) -> Sink[Draft]:
        sink = self.account.open_drafts("home", "UTC")
        assert sink is not None
        return sink

    def files(self) -> list[Path]:
        found = [path for path in (self.path / "Drafts").rglob("*") if path.is_file()]
        return sorted(found, key=lambda path: (str(self._read(path)["To"]), path.name))

    @staticmethod
    def _read(path: Path) -> EmailMessage:
        return message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[return-value]

    def standing(self) -> list[EmailMessage]:
        return [self._read(path) for path in self.files()]

    def save(self, index: int, mail: EmailMessage) -> None:
        self.files()[index].write_bytes(mail.as_bytes())

    def remove(self, index: int) -> None:
        self.files()[index].unlink()

    def send(self, index: int, at: datetime) -> None:
        mail = self.standing()[index]
        del mail["Date"]
        mail["Date"] = format_datetime(at)
        self._file(mail, at)
        self.remove(index)

    def write(self, to: str, subject: str, at: datetime, **headers: str) -> str:
        made = letter(to, subject, at, headers)
        self._file(made, at)
        return str(made["Message-ID"]).strip("<>")

    def _file(self, mail: EmailMessage, at: datetime) -> None:
        file = self.path / "Sent" / "cur" / f"{len(list((self.path / 'Sent' / 'cur').iterdir()))}.M.host:2,S"
        file.write_bytes(mail.as_bytes())
        os.utime(file, (at.timestamp(), at.timestamp()))


class GmailPost(Post):
    """An account at the stand-in."""

    def __init__(self, server: Server, path: Path) -> None:
        self.server = server
        self.world = Gmail(server, path)
        self.source = self.world.source()

    @property
    def drafts(self) -> Sink[Draft]:
        return self.world.drafts()

    def _ids(self) -> list[str]:
        found = self.server.user.find_drafts()
        return [draft.id for draft in sorted(found, key=lambda draft: (draft.message.header("to"), draft.id))]

    def standing(self) -> list[EmailMessage]:
        box = self.server.account().mailbox.drafts
        mails = (message_from_bytes(box[name].message.bytes(), policy=policy.default) for name in self._ids())
        return list(mails)  # type: ignore[arg-type]

    def save(self, index: int, mail: EmailMessage) -> None:
        draft = self.server.user.autosave_draft(self._ids()[index])
        draft.message.raw = mail.as_bytes()

    def remove(self, index: int) -> None:
        self.server.user.delete_draft(self._ids()[index])

    def send(self, index: int, at: datetime) -> None:
        self.server.user.send_draft(self._ids()[index], at)

    def write(self, to: str, subject: str, at: datetime, **headers: str) -> str:
        made = letter(to, subject, at, headers)
        return self.server.user.put_raw(made.as_bytes(), at=at).message_id.strip("<>")


@dataclass
class Life:
    """A ledger, a calendar of the user's, a mailbox, and days that go by."""

    folder: Path
    post: Post
    now: datetime = NOW
    agenda: MemorySource = field(default_factory=lambda: MemorySource("agenda"))
    calendar: MemorySink[Reminder] = field(default_factory=MemorySink)

    def met(self, address: str, ago: float, title: str) -> None:
        start = NOW - days(ago)
        key = f"{title}-{ago}"
        guests = (Guest(address="clara@winter.example", answer="accepted", me=True),)
        guests += (Guest(address=address, name=NAMES[address], answer="accepted"),)
        made = Event(key=key, uid=key, source_id=key, account="agenda", start=start, end=start + timedelta(hours=1))
        self.agenda.script.append(
            [replace(made, title=title, guests=guests, organiser=Mailbox(address=ME.addresses[0]))]
        )

    def wrote(self, address: str, ago: float, subject: str, **headers: str) -> str:
        return self.post.write(address, subject, NOW - days(ago), **headers)

    def world(self, drafts: Sink[Draft] | None = None) -> World:
        return World(
            settings=replace(SETTINGS, reminders="calendar", drafts="home"),
            vocabulary=load_vocabulary(),
            templates=load_templates(),
            sources={"agenda": self.agenda, "home": self.post.source},
            kinds={"agenda": "ics", "home": "maildir"},
            reminders=self.calendar,
            drafts=drafts or self.post.drafts,
            write_confirmed=True,
        )

    def tick(self, after: timedelta = timedelta(0), drafts: Sink[Draft] | None = None) -> Report:
        """Let time pass, then tick until everything is read."""
        self.now += after
        with open_ledger(self.folder) as ledger:
            for _ in range(60):
                report = tick(ledger, self.world(drafts), self.now)
                if report.caught_up:
                    return report
        raise AssertionError("it never comes to an end")

    def mark(self, address: str, word: str) -> None:
        with open_ledger(self.folder) as ledger, ledger.unit():
            who = ledger.person_id(address)
            at = self.now - days(1)
            ledger.save_decisions([Decision(key=f"mark/{who}/{word}", at=at, kind="mark", about=who, value=word)])

    def entries(self, kind: str = "draft") -> list[Entry]:
        with open_ledger(self.folder, write=False) as ledger:
            found = [entry for entry in ledger.entries() if entry.kind == kind]
        return sorted(found, key=lambda entry: (entry.to or "", entry.decided or NOW, entry.key))

    def reminders(self) -> list[str]:
        """Return the titles in the calendar, in order; what Kith says of itself aside."""
        return sorted(item.title for item in self.calendar.standing.values() if not item.title.startswith("Kith "))

    def states(self, kind: str = "draft") -> list[str]:
        return [entry.state for entry in self.entries(kind)]


def old_friends(life: Life, addresses: Iterable[str] = (ADA,), **headers: str) -> dict[str, str]:
    """Meetings month by month, then a mail 40 days ago that nothing has followed; return its Message-ID by person."""
    found = {}
    for address in addresses:
        for ago in range(310, 60, -30):
            life.met(address, ago, f"Lunch {address}")
        found[address] = life.wrote(address, 40, "Pumps for the valley", **headers)
    return found


def a_pen_friend(life: Life, address: str = ADA) -> str:
    """Somebody key whom the user only ever wrote to; return the Message-ID of the last mail."""
    for ago in range(320, 60, -30):
        life.wrote(address, ago, f"Notes of day {ago} on the valley")
    life.mark(address, "key")
    return life.wrote(address, 40, "Pumps for the valley")


def text(mail: Any) -> str:
    return " ".join(WORDS.findall(mail.get_content()))


def opened(folder: Path) -> Ledger:
    return open_ledger(folder)
