"""A home of files: a calendar file and sent mail to read, ``kith.ics`` and a Drafts Maildir to write."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar

from tests.hand.home import Home, Letter, Thing
from tests.hand.past import ME, ZONE, Mail, Meeting, address, mailbox, mails, meetings

_CONFIGURATION = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"
[accounts.sent]
kind = "mbox"
path = "Sent.mbox"
[accounts.mail]
kind = "maildir"
path = "Mail"
[write]
reminders = "agenda"
drafts = "mail"
"""


class FilesHome(Home):
    """Everything in one folder."""

    weather = ("half-written reminders", "no reminders", "no drafts", "half-written calendar")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("cur", "new", "tmp"):
            (folder / "Mail" / "Sent" / name).mkdir(parents=True)
        (folder / "state").mkdir(mode=0o700)
        (folder / "state" / "secret").write_bytes(bytes(range(32)))
        self.config.write_text(_CONFIGURATION)
        self._meetings: dict[str, Meeting] = {meeting.uid: meeting for meeting in meetings()}
        self._write_calendar()
        self._mails = 0
        for mail in mails():
            self.put_mail(mail)
        self._put_aside: list[tuple[Path, bytes | None]] = []
        self._read: tuple[bytes, dict[str, Thing]] = (b"", {})

    # -- what stands there ---------------------------------------------------------------------------------------------

    @property
    def _reminders(self) -> Path:
        return self.folder / "kith.ics"

    @property
    def _drafts(self) -> Path:
        return self.folder / "Mail" / "Drafts"

    def things(self) -> dict[str, Thing]:
        data = self._reminders.read_bytes() if self._reminders.exists() else b""
        if not data:
            return {}
        if self._read[0] != data:
            events = icalendar.Calendar.from_ical(data).walk("VEVENT")
            found = [self._thing(event) for event in events]
            assert len(found) == len({thing.name for thing in found}), "one reminder stands there twice"
            self._read = (data, {thing.name: thing for thing in found})
        return dict(self._read[1])

    def _thing(self, event: Any) -> Thing:
        name = str(event["X-KITH-KEY"])
        start = event.decoded("DTSTART")
        return Thing(name=name, title=str(event["SUMMARY"]), body=str(event["DESCRIPTION"]), start=start, mark=name)

    def letters(self) -> dict[str, Letter]:
        found = {}
        for path in self._draft_files():
            data = path.read_bytes()
            mail = message_from_bytes(data, policy=policy.default)
            name = str(mail["Message-ID"]).strip("<>").partition("@")[0]
            assert name not in found, "one draft stands there twice"
            to = parseaddr(str(mail["To"]))[1]
            body = mail.get_content()  # type: ignore[attr-defined]
            found[name] = Letter(name=name, to=to, subject=str(mail["Subject"]), body=body, whole=data, mark=name)
        return found

    def _draft_files(self) -> list[Path]:
        return sorted(path for place in ("cur", "new") for path in (self._drafts / place).glob("*"))

    def own(self) -> Any:
        names = ("calendar.ics", "Sent.mbox")
        kept = {name: (self.folder / name).read_bytes() for name in names}
        return kept | {path.name: path.read_bytes() for path in (self.folder / "Mail" / "Sent" / "cur").iterdir()}

    def spent(self) -> Any:
        run = self.folder / "state" / "run"
        files = (path for path in self.folder.rglob("*") if path.is_file() and run not in path.parents)
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files if path.name != "lock"}

    # -- the hand ------------------------------------------------------------------------------------------------------

    def retype(self, thing: Thing) -> None:
        calendar, event = self._event(thing.name)
        length = event.decoded("DTEND") - event.decoded("DTSTART")
        event["SUMMARY"], event["DESCRIPTION"] = icalendar.vText(thing.title), icalendar.vText(thing.body)
        if event.decoded("DTSTART") != thing.start:
            start = thing.start.astimezone(ZoneInfo(ZONE))
            del event["DTSTART"], event["DTEND"]
            event.add("dtstart", start)
            event.add("dtend", start + length)
        self._reminders.write_bytes(calendar.to_ical())

    def delete(self, name: str) -> None:
        calendar, event = self._event(name)
        calendar.subcomponents.remove(event)
        self._reminders.write_bytes(calendar.to_ical())

    def _event(self, name: str) -> tuple[Any, Any]:
        calendar = icalendar.Calendar.from_ical(self._reminders.read_bytes())
        return calendar, next(item for item in calendar.walk("VEVENT") if str(item["X-KITH-KEY"]) == name)

    def _file(self, letter: Letter) -> Path:
        return next(path for path in self._draft_files() if f"<{letter.mark}@".encode() in path.read_bytes())

    def edit(self, letter: Letter, body: str, *, subject: str = "") -> None:
        path, mail = self._file(letter), message_from_bytes(letter.whole, policy=policy.default)
        mail.set_content(body)  # type: ignore[attr-defined]
        if subject:
            del mail["Subject"]
            mail["Subject"] = subject
        path.write_bytes(mail.as_bytes())

    def send(self, letter: Letter, at: datetime) -> None:
        path, mail = self._file(letter), message_from_bytes(letter.whole, policy=policy.default)
        del mail["Date"]
        mail["Date"] = format_datetime(at)
        self._put_sent(mail.as_bytes(), at)
        path.unlink()

    def throw_away(self, letter: Letter) -> None:
        self._file(letter).unlink()

    # -- the world -----------------------------------------------------------------------------------------------------

    def put_meeting(self, meeting: Meeting) -> None:
        self._meetings[meeting.uid] = meeting
        self._write_calendar()

    def _write_calendar(self) -> None:
        events = "".join(_vevent(meeting) for meeting in self._meetings.values())
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//clara//EN\r\n{events}END:VCALENDAR\r\n"
        (self.folder / "calendar.ics").write_bytes(text.encode())

    def put_mail(self, mail: Mail) -> None:
        made = EmailMessage()
        made["Message-ID"], made["Date"] = f"<{mail.id}@winter.example>", format_datetime(mail.at)
        made["From"], made["To"] = f"Clara Winter <{ME}>", mailbox(mail.who)
        made["Subject"] = mail.subject
        if mail.answers:
            made["In-Reply-To"] = made["References"] = f"<{mail.answers}>"
        made.set_content("Never read.\n")
        self._mails += 1
        if self._mails % 2:
            self._put_sent(made.as_bytes(), mail.at)
            return
        with (self.folder / "Sent.mbox").open("ab") as file:
            file.write(f"From - {mail.at:%a %b %d %H:%M:%S %Y}\n".encode() + made.as_bytes() + b"\n")

    def _put_sent(self, data: bytes, at: datetime) -> None:
        folder = self.folder / "Mail" / "Sent" / "cur"
        path = folder / f"{int(at.timestamp())}.M{len(list(folder.iterdir()))}.host:2,S"
        path.write_bytes(data)
        os.utime(path, (at.timestamp(), at.timestamp()))

    def pass_time(self, by: timedelta) -> None:
        """Files know no time."""

    def close(self) -> None:
        """Files need no farewell."""

    # -- faults --------------------------------------------------------------------------------------------------------

    def spoil(self, what: str, nth: int) -> None:
        path = {
            "half-written reminders": self._reminders,
            "no reminders": self._reminders,
            "no drafts": self._drafts,
            "half-written calendar": self.folder / "calendar.ics",
        }[what]
        if not path.exists():
            return
        if what.startswith("no "):
            path.rename(path.with_name("away"))
            self._put_aside.append((path, None))
        else:
            data = path.read_bytes()
            self._put_aside.append((path, data))
            path.write_bytes(data[: len(data) * 2 // 3])

    def calm(self) -> None:
        while self._put_aside:
            path, data = self._put_aside.pop()
            if data is None:
                assert not path.exists(), "what the user had taken away was begun anew"
                path.with_name("away").rename(path)
            else:
                assert path.read_bytes() == data[: len(data) * 2 // 3], "a half-written file was written to"
                path.write_bytes(data)


def _vevent(meeting: Meeting) -> str:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{meeting.uid}@agenda.example",
        f"DTSTART:{_utc(meeting.start)}",
        f"DTEND:{_utc(max(meeting.end, meeting.start + timedelta(minutes=1)))}",
        f"SUMMARY:{meeting.title}",
        *(["STATUS:CANCELLED"] if meeting.called_off else []),
    ]
    if meeting.guests:
        lines += [f"ORGANIZER;CN=Clara Winter:mailto:{ME}", f"ATTENDEE;CN=Clara Winter;PARTSTAT=ACCEPTED:mailto:{ME}"]
        lines += [f"ATTENDEE;CN={name};PARTSTAT=ACCEPTED:mailto:{address(name)}" for name in meeting.guests]
    return "".join(f"{line}\r\n" for line in [*lines, "END:VEVENT"])


def _utc(at: datetime) -> str:
    return at.astimezone(ZoneInfo("UTC")).strftime("%Y%m%dT%H%M%SZ")
