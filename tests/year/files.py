"""What lies on Clara's disk? Her calendar, her mail, the calendar Kith writes: read and changed as her programs do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from tests.year.cast import CLARA, VIENNA, Figure

CONFIG = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
country = "AT"
[accounts.past]
kind = "ics"
path = "past.ics"
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"
[accounts.mail]
kind = "maildir"
path = "Mail"
[write]
reminders = "agenda"
drafts = "mail"
confirmed = true
"""
SECRET = bytes(range(32))
"""The state's secret, so that the same year has the same ids."""
_BLOCK = re.compile(r"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One entry of the calendar Kith as Clara sees it."""

    uid: str
    title: str
    body: str
    start: datetime


@dataclass(slots=True)
class Disk:
    """Clara's files in ``folder``."""

    folder: Path
    events: dict[str, str] = field(default_factory=dict)
    mails: int = 0
    written: list[tuple[datetime, Path, bytes]] = field(default_factory=list)
    """Mails of a day that is not over: on the disk from their time on."""

    def begin(self) -> None:
        """Make everything that is there on the first day."""
        (self.folder / "state").mkdir(mode=0o700, parents=True)
        (self.folder / "state" / "secret").write_bytes(SECRET)
        (self.folder / "config.toml").write_text(CONFIG)
        for name in ("Sent", "Drafts"):
            for part in ("cur", "new", "tmp"):
                (self.folder / "Mail" / name / part).mkdir(parents=True)

    # -- her calendar --------------------------------------------------------------------------------------------------

    def put(self, uid: str, title: str, start: datetime | date, length: timedelta, guests: tuple[Figure, ...]) -> None:
        """Put an event into the calendar, in place of one with the same ``uid``."""
        lines = ["BEGIN:VEVENT", f"UID:{uid}@winter.example", f"SUMMARY:{title}"]
        lines += [f"DTSTART{_stamp(start)}", f"DTEND{_stamp(start + length)}"]
        if guests:
            lines += ["ORGANIZER;CN=Clara Winter:mailto:clara@winter.example"]
            lines += ["ATTENDEE;CN=Clara Winter;PARTSTAT=ACCEPTED:mailto:clara@winter.example"]
            lines += [f"ATTENDEE;CN={one.name};PARTSTAT=ACCEPTED:mailto:{one.address}" for one in guests]
        self.events[uid] = "\r\n".join((*lines, "END:VEVENT", ""))

    def cancel(self, uid: str) -> None:
        """Call an event off."""
        self.events[uid] = self.events[uid].replace("END:VEVENT", "STATUS:CANCELLED\r\nEND:VEVENT")

    def save(self, name: str = "calendar.ics") -> None:
        """Write the calendar into ``name``, if anything changed."""
        head, tail = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:clara\r\n", "END:VCALENDAR\r\n"
        text = head + "".join(self.events.values()) + tail
        path = self.folder / name
        if not path.exists() or path.read_bytes() != text.encode():
            path.write_bytes(text.encode())

    # -- her mail ------------------------------------------------------------------------------------------------------

    def send(self, to: Figure, subject: str, at: datetime, more: Mapping[str, str] | None = None) -> str:
        """Write a mail of Clara's, which ``post`` puts into Sent; return its Message-ID."""
        self.mails += 1
        ident = f"<m{self.mails}@winter.example>"
        head = {"From": CLARA, "To": to.mailbox, "Subject": subject, "Date": format_datetime(at), "Message-ID": ident}
        mail = EmailMessage(policy=policy.SMTP)
        for name, value in (head | dict(more or {})).items():
            mail[name] = value
        mail.set_content("Never read.\n")
        path = self.folder / "Mail" / "Sent" / "cur" / f"{int(at.timestamp())}.m{self.mails}:2,S"
        self.written.append((at, path, mail.as_bytes()))
        return ident

    def post(self, now: datetime) -> None:
        """Put into Sent what was sent by ``now``."""
        for when, path, data in self.written:
            if when <= now:
                path.write_bytes(data)
                os.utime(path, (when.timestamp(), when.timestamp()))
        self.written = [item for item in self.written if item[0] > now]

    def drafts(self) -> dict[str, Path]:
        """Return what lies in Drafts, by the address it is to."""
        found = {}
        for path in sorted((self.folder / "Mail" / "Drafts" / "cur").iterdir()):
            found[_recipient(path.read_bytes())] = path
        return found

    # -- the calendar Kith ---------------------------------------------------------------------------------------------

    def shown(self) -> list[Shown]:
        """Return what stands in the calendar Kith."""
        path = self.folder / "kith.ics"
        text = path.read_bytes().decode() if path.exists() else ""
        return [_shown(block[0]) for block in _BLOCK.finditer(text)]

    def remove(self, uid: str) -> None:
        """Delete an entry of Kith's."""
        self._change(uid, lambda _: "")

    def retitle(self, uid: str, title: str) -> None:
        """Give an entry another title."""
        self._change(uid, lambda block: _with(block, "SUMMARY", f":{_escape(title)}"))

    def rewrite(self, uid: str, body: str) -> None:
        """Give an entry another description."""
        self._change(uid, lambda block: _with(block, "DESCRIPTION", f":{_escape(body)}"))

    def move(self, uid: str, start: datetime) -> None:
        """Move an entry of Kith's."""
        end = start + timedelta(minutes=15)
        self._change(uid, lambda block: _with(_with(block, "DTSTART", _stamp(start)), "DTEND", _stamp(end)))

    def _change(self, uid: str, change: Callable[[str], str]) -> None:
        path = self.folder / "kith.ics"
        text = path.read_bytes().decode()
        block = next(found[0] for found in _BLOCK.finditer(text) if _shown(found[0]).uid == uid)
        path.write_bytes(text.replace(block, change(block)).encode())


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return that time of ``day`` in Vienna."""
    return datetime.combine(day, time(hour, minute), tzinfo=VIENNA)


def _stamp(when: datetime | date) -> str:
    if not isinstance(when, datetime):
        return f";VALUE=DATE:{when:%Y%m%d}"
    return f":{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _fields(block: str) -> dict[str, str]:
    lines = block.partition("BEGIN:VALARM")[0].replace("\r\n ", "").split("\r\n")
    found = {}
    for line in lines:
        name, _, value = line.partition(":")
        found.setdefault(name.partition(";")[0], value)
    return found


@cache
def _shown(block: str) -> Shown:
    found = _fields(block)
    when = found["DTSTART"]
    zone = UTC if when.endswith("Z") else VIENNA
    start = datetime.strptime(when.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=zone).astimezone(VIENNA)
    title, body = (_ESCAPED.sub(_plain, found.get(name, "")) for name in ("SUMMARY", "DESCRIPTION"))
    return Shown(uid=found["UID"], title=title, body=body, start=start)


@cache
def _recipient(mail: bytes) -> str:
    return str(message_from_bytes(mail, policy=policy.default)["To"].addresses[0].addr_spec)


def _plain(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]


def _escape(text: str) -> str:
    for sign in "\\;,":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _with(block: str, name: str, value: str) -> str:
    """Return ``block`` with another value of its first property ``name``."""
    unfolded = block.replace("\r\n ", "")
    return re.sub(rf"(?m)^{name}[;:].*?\r$", lambda _: f"{name}{value}\r", unfolded, count=1)
