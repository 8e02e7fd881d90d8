"""A home at Google: everything over real HTTP with the stand-in, whose ``user`` plays the hand."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors._google import wire
from tests.google import story
from tests.google.server import Server
from tests.google.weather import WEATHER
from tests.hand.home import Home, Letter, Thing
from tests.hand.past import ME, NOW, ZONE, Mail, Meeting, address, mailbox, mails, meetings

_CONFIGURATION = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.google]
kind = "google"
pace = 0
received = true
endpoint = "{endpoint}"
{more}
[write]
reminders = "google"
drafts = "google"
"""
_MARK = re.compile(r"\s*\[ref:([0-9a-f]+)-[^\]]*\]")


class GoogleHome(Home):
    """An account at the stand-in; reminders are events."""

    weather = (
        "drop before",
        "drop after",
        "half body",
        "not json",
        "429",
        "500",
        "503",
        "expire",
        "403 rateLimitExceeded",
    )
    hears = True
    has_tombstones = True
    more = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Server(now=NOW, email=ME, zone=ZONE)
        self.user = self.server.user
        self._ids: dict[str, str] = {}
        for meeting in meetings():
            self.put_meeting(meeting)
        for mail in mails():
            self.put_mail(mail)
        config = story.put_configuration(self.server, folder)
        config.write_text(_CONFIGURATION.format(endpoint=self.server.endpoint, more=self.more))
        (folder / "state" / "secret").write_bytes(bytes(range(32)))

    def close(self) -> None:
        self._hang_up()
        self.server.close()

    # -- what stands there ---------------------------------------------------------------------------------------------

    def things(self) -> dict[str, Thing]:
        account = self.server.account()
        calendars = [one for one in account.calendars.calendars.values() if one.summary == "Kith"]
        assert len(calendars) <= 1, "there are two calendars of Kith's"
        events = [event for one in calendars for event in one.events.values() if not event.cancelled]
        found = [self._thing(event) for event in events]
        marks = [thing.mark for thing in found]
        assert len(marks) == len(set(marks)), "one reminder stands there twice"
        return {thing.name: thing for thing in found}

    def _thing(self, event: Any) -> Thing:
        data = event.data
        mark = data.get("extendedProperties", {}).get("private", {}).get("kith", "")
        title, body = data.get("summary", ""), data.get("description", "")
        return Thing(name=data["id"], title=title, body=body, start=event.start, mark=mark)

    def letters(self) -> dict[str, Letter]:
        found = {}
        for draft in self.user.find_drafts():
            mail = draft.message
            mark = mail.message_id.strip("<>").partition("@")[0]
            whole = (mail.headers, mail.body)
            to, subject = parseaddr(mail.header("to"))[1], mail.header("subject")
            found[draft.id] = Letter(name=draft.id, to=to, subject=subject, body=mail.body, whole=whole, mark=mark)
        return found

    def own(self) -> Any:
        account = self.server.account()
        drafts = {draft.message.id for draft in account.mailbox.drafts.values()}
        mails_ = {name: mail for name, mail in account.mailbox.messages.items() if name not in drafts}
        events = {name: event.data for name, event in account.calendars.primary.events.items()}
        return events, {name: (mail.labels, mail.headers, mail.body, mail.thread) for name, mail in mails_.items()}

    def spent(self) -> Any:
        run = self.folder / "state" / "run"
        files = (path for path in (self.folder / "state").rglob("*") if path.is_file() and run not in path.parents)
        state = {path: path.read_bytes() for path in files if path.name != "lock" and "tokens" not in path.parts}
        return state, [entry.path for entry in self.server.log if entry.verb != "GET" and entry.method]

    def sent_paths(self) -> list[str]:
        return self.server.sent_paths()

    # -- the hand ------------------------------------------------------------------------------------------------------

    def retype(self, thing: Thing) -> None:
        event = self.user.event(thing.name)
        if event.start != thing.start:
            self.user.move_event(thing.name, thing.start.astimezone(ZoneInfo(ZONE)))
        self.user.edit_event(thing.name, summary=thing.title, description=thing.body)

    def delete(self, name: str) -> None:
        self.user.delete_event(name)

    def edit(self, letter: Letter, body: str, *, subject: str = "") -> None:
        self.user.edit_draft(letter.name, body=body, subject=subject or None)

    def send(self, letter: Letter, at: datetime) -> None:
        self.user.send_draft(letter.name, at)

    def throw_away(self, letter: Letter) -> None:
        self.user.delete_draft(letter.name)

    # -- the world -----------------------------------------------------------------------------------------------------

    def put_meeting(self, meeting: Meeting) -> None:
        known = self._ids.get(meeting.uid)
        if known is None:
            guests = [
                {"email": address(name), "displayName": name, "responseStatus": "accepted"} for name in meeting.guests
            ]
            event = self.user.add_event(meeting.title, meeting.start, meeting.end, guests)
            self._ids[meeting.uid] = event.data["id"]
        elif meeting.called_off:
            self.user.delete_event(known)
        else:
            self.user.move_event(known, meeting.start, meeting.end)

    def put_mail(self, mail: Mail) -> None:
        headers = {"In-Reply-To": f"<{mail.answers}>", "References": f"<{mail.answers}>"} if mail.answers else {}
        name = f"<{mail.id}@winter.example>"
        more: dict[str, Any] = {"message_id": name, "headers": headers, "at": mail.at}
        if mail.heard:
            self.user.receive_mail(mailbox(mail.who), mail.subject, **more)
        else:
            self.user.send_mail(mailbox(mail.who), mail.subject, **more)

    def pass_time(self, by: timedelta) -> None:
        self.server.advance(by)

    # -- faults --------------------------------------------------------------------------------------------------------

    def spoil(self, what: str, nth: int) -> None:
        kind, details = WEATHER[what]
        self.server.fault(kind, nth=nth, times=1 + nth % 2, **details)

    def calm(self) -> None:
        """End the faults; what is to be left alone for a while goes by the real clock, so start anew."""
        self.server.calm()
        self._hang_up()
        (self.folder / "state" / "run" / "google-google.json").unlink(missing_ok=True)

    def _hang_up(self) -> None:
        for _, wires in wire._KEPT.values():
            wires.close()
        wire._KEPT.clear()


class TasksHome(GoogleHome):
    """The same; reminders are tasks, which have a day and no time."""

    more = 'as = "tasks"'
    completes = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        scopes = ("calendar.events.readonly", "calendar.calendarlist.readonly", "tasks")
        (folder / "state" / "tokens" / "google.calendar.json").write_text(json.dumps(self.server.grant(scopes)))

    def things(self) -> dict[str, Thing]:
        lists = [one for one in self.server.account().tasks.lists.values() if one.data["title"] == "Kith"]
        assert len(lists) <= 1, "there are two lists of Kith's"
        found = [self._task(task) for one in lists for task in one.tasks.values() if not task.get("deleted")]
        marks = [thing.mark for thing in found]
        assert len(marks) == len(set(marks)), "one task stands there twice"
        return {thing.name: thing for thing in found}

    def _task(self, task: dict[str, Any]) -> Thing:
        notes = task.get("notes", "")
        mark = _MARK.search(notes)
        due = date.fromisoformat(task["due"][:10])
        start = datetime(due.year, due.month, due.day, tzinfo=UTC)
        return Thing(
            name=task["id"],
            title=task["title"],
            body=_MARK.sub("", notes),
            start=start,
            mark=mark[1] if mark else "",
            completed=task["status"] == "completed",
        )

    def retype(self, thing: Thing) -> None:
        where = next(one for one in self.server.account().tasks.lists.values() if thing.name in one.tasks)
        old = where.tasks[thing.name]
        mark = _MARK.search(old.get("notes", ""))
        notes = thing.body + (mark[0] if mark else "")
        self.user._task(thing.name, title=thing.title, notes=notes, due=f"{thing.start.date()}T00:00:00.000Z")

    def delete(self, name: str) -> None:
        self.user.delete_task(name)

    def complete(self, name: str) -> None:
        self.user.complete_task(name)
