"""Where does Clara live? The same house on files, on the stand-in for Google, and with Google Tasks for reminders.

A home plays her part: what she puts into her calendar, whom she writes to, what she types into Kith's entries, and what
her program makes of it. What is asked of Kith is asked by its commands.
"""

from __future__ import annotations

import html
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from connectors._google import wire
from tests.cli.conftest import Kith
from tests.google import story
from tests.google.server import Server

VIENNA = ZoneInfo("Europe/Vienna")
ME = "clara@winter.example"
HEAD = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
"""
FILES = """\
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"
[accounts.phone]
kind = "ics"
path = "calls.ics"
role = "calls"
[accounts.mail]
kind = "maildir"
path = "Mail"
inbox = "Inbox"
hints = ["linkedin"]
[write]
reminders = "agenda"
drafts = "mail"
"""
GOOGLE = """\
[accounts.google]
kind = "google"
pace = 0
endpoint = "{endpoint}"
hints = ["linkedin"]
{more}
[accounts.google.calendars]
primary = "work"
"{calls}" = "calls"
[write]
reminders = "google"
drafts = "google"
"""
Editor = Callable[[str], str]


@dataclass(frozen=True)
class Found:
    """An entry of Kith's as it stands in the calendar: the text as it is stored, and as she reads it."""

    id: str
    title: str
    stored: str
    text: str
    at: str


@dataclass
class Home(ABC):
    """Clara's house, and the commands on a given day."""

    folder: Path
    kith: Kith
    number: int = 0
    typed: dict[str, str] = field(default_factory=dict)
    """What she has typed, by the id of the entry, as she sees it."""
    evenings: dict[str, str] = field(default_factory=dict)
    """Ids of the meetups, by day."""

    def at(self, now: str) -> tuple[str, ...]:
        self.comes(when(now))
        return "--config", str(self.folder / "config.toml"), "--now", now

    def once(self, now: str, *more: str) -> Any:
        ran = self.kith("once", *more, *self.at(now))
        assert ran.code == 0, ran.err
        return ran

    def people(self, now: str) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self.kith("people", "--json", *self.at(now)).json}

    def exported(self, now: str) -> dict[str, Any]:
        return self.kith("export", "--json", *self.at(now)).json

    def why(self, person: str, now: str) -> str:
        return " ".join(self.kith("why", person, *self.at(now)).out.split())

    def entries(self) -> dict[str, Found]:
        """What stands in the calendar Kith, by title."""
        return {found.title: found for found in self.found()}

    def times(self) -> dict[str, str]:
        """When it stands, by title."""
        return {title: found.at for title, found in self.entries().items()}

    def moment(self, text: str) -> str:
        """A time as this home can tell it."""
        return text

    def types(self, title: str, change: Callable[[str], str]) -> None:
        """Clara's hand: put what ``change`` makes of the description of an entry into the calendar."""
        found = self.entries()[title]
        self.typed[found.id] = change(found.text)
        self.puts(found.id, text=self.typed[found.id])

    def retitles(self, title: str, new: str) -> None:
        """Clara's hand: give an entry another title."""
        self.puts(self.entries()[title].id, title=new)

    @abstractmethod
    def comes(self, now: datetime) -> None:
        """The day comes."""

    @abstractmethod
    def found(self) -> Iterator[Found]:
        """Yield what stands in the calendar Kith."""

    @abstractmethod
    def puts(self, name: str, *, title: str | None = None, text: str | None = None) -> None:
        """Change an entry as her program does."""

    @abstractmethod
    def plans(self, title: str, start: str, minutes: int = 60, *, by: str = "", calls: bool = False) -> str:
        """Put an event into her calendar, by somebody else if said so, or into the call log; return its id."""

    @abstractmethod
    def calls_off(self, name: str) -> None:
        """Delete an event of her calendar."""

    @abstractmethod
    def puts_off(self, name: str, start: str, minutes: int) -> None:
        """Move an event of her calendar."""

    @abstractmethod
    def writes(self, at: str, to: str, subject: str) -> None:
        """Send a mail."""

    @abstractmethod
    def receives(self, at: str, sender: str, subject: str) -> None:
        """Get a mail."""

    @abstractmethod
    def drafts(self) -> Mapping[str, str]:
        """The drafts, by recipient."""

    @abstractmethod
    def state(self) -> object:
        """Everything that stands in the calendar Kith, to the letter."""

    @abstractmethod
    def slips_in(self, title: str, start: str) -> None:
        """Somebody puts an entry of theirs into the calendar Kith."""


def when(text: str) -> datetime:
    """A time in Vienna."""
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA)


# -- files -------------------------------------------------------------------------------------------------------------


class Files(Home):
    """A calendar, a Maildir, a file of Kith's own."""

    def moves_in(self) -> None:
        (self.folder / "config.toml").write_text(HEAD + FILES)
        (self.folder / "Mail" / "Inbox" / "cur").mkdir(parents=True)
        for name in ("calendar.ics", "calls.ics"):
            self._save(name, {})

    def comes(self, now: datetime) -> None:
        """Files have no clock."""

    def _events(self, name: str) -> dict[str, icalendar.Event]:
        calendar = icalendar.Calendar.from_ical((self.folder / name).read_bytes())
        return {str(item["UID"]): item for item in calendar.walk("VEVENT")}

    def _save(self, name: str, events: Mapping[str, icalendar.Event]) -> None:
        calendar = icalendar.Calendar()
        calendar.add("VERSION", "2.0")
        calendar.add("PRODID", "clara")
        for item in events.values():
            calendar.add_component(item)
        (self.folder / name).write_bytes(calendar.to_ical())

    def found(self) -> Iterator[Found]:
        for uid, item in self._events("kith.ics").items():
            at = item.decoded("DTSTART").astimezone(VIENNA)
            text = str(item.get("DESCRIPTION", ""))
            yield Found(uid, str(item["SUMMARY"]), text, text, f"{at:%a %d %b %H:%M}")

    def puts(self, name: str, *, title: str | None = None, text: str | None = None) -> None:
        path = self.folder / "kith.ics"
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        for item in calendar.walk("VEVENT"):
            if str(item["UID"]) == name:
                item.update({} if title is None else {"SUMMARY": icalendar.vText(title)})
                item.update({} if text is None else {"DESCRIPTION": icalendar.vText(text)})
        path.write_bytes(calendar.to_ical())

    def plans(self, title: str, start: str, minutes: int = 60, *, by: str = "", calls: bool = False) -> str:
        self.number += 1
        item = icalendar.Event()
        item.add("UID", f"e{self.number}@winter.example")
        item.add("SUMMARY", title)
        item.add("DTSTART", when(start).astimezone(ZoneInfo("UTC")))
        item.add("DTEND", (when(start) + timedelta(minutes=minutes)).astimezone(ZoneInfo("UTC")))
        if by:
            item.add("ORGANIZER", f"mailto:{by}")
            item.add("ATTENDEE", f"mailto:{ME}", parameters={"PARTSTAT": "ACCEPTED"})
        name = "calls.ics" if calls else "calendar.ics"
        self._save(name, {**self._events(name), str(item["UID"]): item})
        return str(item["UID"])

    def calls_off(self, name: str) -> None:
        self._save("calendar.ics", {uid: item for uid, item in self._events("calendar.ics").items() if uid != name})

    def puts_off(self, name: str, start: str, minutes: int) -> None:
        events = self._events("calendar.ics")
        for key, at in (("DTSTART", when(start)), ("DTEND", when(start) + timedelta(minutes=minutes))):
            del events[name][key]
            events[name].add(key, at.astimezone(ZoneInfo("UTC")))
        self._save("calendar.ics", events)

    def slips_in(self, title: str, start: str) -> None:
        item = icalendar.Event()
        item.add("UID", "theirs@elsewhere.example")
        item.add("SUMMARY", title)
        item.add("DTSTART", when(start))
        item.add("DTEND", when(start) + timedelta(hours=1))
        path = self.folder / "kith.ics"
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
        calendar.add_component(item)
        path.write_bytes(calendar.to_ical())

    def _mail(self, folder: str, at: str, head: Mapping[str, str]) -> None:
        self.number += 1
        moment = when(at)
        head = {"Message-ID": f"<m{self.number}@winter.example>", "Date": f"{moment:%a, %d %b %Y %H:%M:%S %z}", **head}
        place = self.folder / "Mail" / folder / "cur"
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{int(moment.timestamp())}.m{self.number}:2,S"
        path.write_text("".join(f"{name}: {value}\n" for name, value in head.items()) + "\nNever read.\n")
        os.utime(path, (moment.timestamp(), moment.timestamp()))

    def writes(self, at: str, to: str, subject: str) -> None:
        self._mail("Sent", at, {"From": f"Clara Winter <{ME}>", "To": to, "Subject": subject})

    def receives(self, at: str, sender: str, subject: str) -> None:
        self._mail("Inbox", at, {"From": sender, "To": f"Clara Winter <{ME}>", "Subject": subject})

    def drafts(self) -> Mapping[str, str]:
        folder = self.folder / "Mail" / "Drafts" / "cur"
        found = [message_from_bytes(path.read_bytes(), policy=default) for path in folder.glob("*")]
        return {str(mail["To"]): mail.get_content() for mail in found}

    def state(self) -> object:
        return (self.folder / "kith.ics").read_bytes()


# -- Google ------------------------------------------------------------------------------------------------------------


@dataclass
class Google(Home):
    """Google Calendar and Gmail; ``editor`` is what her program makes of the text she types."""

    server: Server = field(kw_only=True)
    editor: Editor = field(kw_only=True)
    log: str = field(default="", kw_only=True)
    more: str = ""
    grants: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: story.GRANTS)

    def moves_in(self) -> None:
        self.log = self.server.user.add_calendar("Calls").id
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(story, "GRANTS", self.grants)
            patch.setattr(
                story, "_CONFIGURATION", HEAD + GOOGLE.format(endpoint="{endpoint}", more=self.more, calls=self.log)
            )
            story.put_configuration(self.server, self.folder)

    def comes(self, now: datetime) -> None:
        self.server.now = max(self.server.now, now)

    @property
    def own(self) -> Any:
        """The calendar Kith."""
        return next(one for one in self.server.account().calendars.calendars.values() if one.summary == "Kith")

    def found(self) -> Iterator[Found]:
        for name, event in self.own.events.items():
            if not event.cancelled:
                stored = event.data.get("description", "")
                at = f"{event.start.astimezone(VIENNA):%a %d %b %H:%M}"
                yield Found(name, event.data.get("summary", ""), stored, self.typed.get(name, stored), at)

    def puts(self, name: str, *, title: str | None = None, text: str | None = None) -> None:
        fields = {} if title is None else {"summary": title}
        self.server.user.edit_event(name, **(fields if text is None else {**fields, "description": self.editor(text)}))

    def plans(self, title: str, start: str, minutes: int = 60, *, by: str = "", calls: bool = False) -> str:
        first, last = when(start), when(start) + timedelta(minutes=minutes)
        if by:
            return str(self.server.user.receive_event(by, title, first, last, response="accepted").data["id"])
        calendar = self.log if calls else "primary"
        return str(self.server.user.add_event(title, first, last, calendar=calendar).data["id"])

    def calls_off(self, name: str) -> None:
        self.server.user.delete_event(name)

    def puts_off(self, name: str, start: str, minutes: int) -> None:
        self.server.user.move_event(name, when(start), when(start) + timedelta(minutes=minutes))

    def slips_in(self, title: str, start: str) -> None:
        self.server.user.add_event(title, when(start), calendar=self.own.id)

    def writes(self, at: str, to: str, subject: str) -> None:
        self.server.user.send_mail(to, subject, at=when(at))

    def receives(self, at: str, sender: str, subject: str) -> None:
        self.server.user.receive_mail(sender, subject, to=f"Clara Winter <{ME}>", at=when(at))

    def drafts(self) -> Mapping[str, str]:
        return {draft.message.header("to"): draft.message.body for draft in self.server.user.find_drafts()}

    def state(self) -> object:
        return {name: event.data for name, event in self.own.events.items()}


class Tasks(Google):
    """Google Tasks for reminders: a day, no time; ticked off they are done."""

    @property
    def own(self) -> Any:
        """The list Kith."""
        return next(one for one in self.server.account().tasks.lists.values() if one.data["title"] == "Kith")

    def found(self) -> Iterator[Found]:
        for name, task in self.own.tasks.items():
            if not task.get("deleted"):
                notes, at = task.get("notes", ""), date.fromisoformat(task["due"][:10])
                bare = re.sub(r"\s*\[ref:[^\]]*\]", "", notes)  # the mark, which is ours and goes along
                yield Found(name, task["title"], bare, notes, f"{at:%a %d %b}")

    def moment(self, text: str) -> str:
        return text[:10]

    def puts(self, name: str, *, title: str | None = None, text: str | None = None) -> None:
        change = {"title": title, "notes": text}
        self.server.user._task(name, **{key: value for key, value in change.items() if value is not None})

    def slips_in(self, title: str, start: str) -> None:
        self.server.user.add_task(title, when(start).date(), tasklist=self.own.data["id"])

    def state(self) -> object:
        return dict(self.own.tasks)


# -- what editors make of a text ---------------------------------------------------------------------------------------


def plainly(text: str) -> str:
    """As it was typed: an app that leaves texts alone."""
    return text


def web(text: str) -> str:
    """The editor of Google's web page: breaks and a list for what begins with a dash, spaces that do not break."""
    lines = html.escape(text, quote=False).split("\n")
    parts = [f"<ul><li>{line[2:]}</li></ul>" if line.startswith("- ") else f"{_kept(line)}<br>" for line in lines]
    return f"<html-blob><span>{''.join(parts)}</span></html-blob>"


def blocks(text: str) -> str:
    """A mail program's editor: each line in a block of its own, empty ones with a break, addresses as links."""
    lines = html.escape(text).split("\n")
    linked = [
        re.sub(r"[\w.]+@[\w.]+", lambda found: f'<a href="mailto:{found[0]}">{found[0]}</a>', line) for line in lines
    ]
    return "".join(f'<div dir="ltr">{line or "<br>"}</div>\r\n' for line in linked)


def phone(text: str) -> str:
    """A phone: quotes that lean, long dashes, three dots in one, a capital at the beginning, and a space at the end."""
    text = re.sub(r'"([^"\n]*)"', "“\\1”", text).replace("'", "’").replace(" - ", " – ").replace("...", "…")
    return "\r\n".join(f"{line[:1].upper()}{line[1:]} " if line else line for line in text.split("\n"))


def _kept(line: str) -> str:
    return line.replace("  ", "&nbsp; ").replace(", ", ",&nbsp;")


EDITORS: Mapping[str, Editor] = {"google": plainly, "google-web": web, "google-blocks": blocks, "google-phone": phone}
HOMES = ("files", *EDITORS, "tasks")
CALENDAR = ("calendar.events.readonly", "calendar.calendarlist.readonly")


@contextmanager
def home(kind: str, folder: Path, kith: Kith, patch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Give a home of a kind, ready to live in."""
    if kind == "files":
        made = Files(folder, kith)
        made.moves_in()
        yield made
        return
    patch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    wire._KEPT.clear()
    with Server(now=when("2026-01-12T08:00"), email=ME, zone="Europe/Vienna") as server:
        at = Tasks if kind == "tasks" else Google
        house = at(folder, kith, server=server, editor=EDITORS.get(kind, plainly))
        if kind == "tasks":
            house.more = 'as = "tasks"'
            house.grants = {**story.GRANTS, "calendar": (*CALENDAR, "tasks")}
        house.moves_in()
        yield house
        for _, wires in wire._KEPT.values():
            wires.close()
