"""What does the demo's year look like at Google? The same calendar and the same sent mail, put into a stand-in.

``python -m tests.google.story`` (``make demo-google``) runs Kith over it by real HTTP and shows what it finds and what
it writes.
"""

from __future__ import annotations

import json
import mailbox
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar

from daemon.demo import make_world
from tests.google.calendars import Event
from tests.google.server import Server

ME = "clara@winter-consulting.example"
ZONE = "Europe/Vienna"
GRANTS: Mapping[str, tuple[str, ...]] = {
    "calendar": ("calendar.events.readonly", "calendar.calendarlist.readonly", "calendar.app.created"),
    "mail": ("gmail.metadata",),
    "drafts": ("gmail.compose",),
}
_CONFIGURATION = """\
state = "state"

[me]
name = "Clara Winter"
addresses = ["clara@winter-consulting.example", "clara.winter@mail.example"]
timezone = "Europe/Vienna"

[accounts.google]
kind = "google"
pace = 0
endpoint = "{endpoint}"

[write]
reminders = "google"
drafts = "google"
"""


def stand_in(now: datetime) -> Server:
    """Return a stand-in for Google that holds the demo's year up to ``now``."""
    server = Server(now=now, email=ME, zone=ZONE)
    with tempfile.TemporaryDirectory() as folder:
        make_world(Path(folder), now)
        put_calendar(server, Path(folder) / "calendar.ics")
        put_mail(server, Path(folder) / "Sent.mbox")
    return server


def put_calendar(server: Server, path: Path, me: str = ME) -> None:
    """Put the events of an iCalendar file into the user's calendar, moved occurrences after their series."""
    made: dict[str, Event] = {}
    found = list(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"))
    for item in sorted(found, key=lambda event: "RECURRENCE-ID" in event):
        uid = str(item["UID"])
        if "RECURRENCE-ID" in item:
            original = item.decoded("RECURRENCE-ID").astimezone(UTC)
            name = f"{made[uid].data['id']}_{original:%Y%m%dT%H%M%SZ}"
            server.user.move_event(name, item.decoded("DTSTART"), item.decoded("DTEND"))
        else:
            made[uid] = _put_event(server, item, me)


def _put_event(server: Server, item: icalendar.Event, me: str) -> Event:
    organiser = _guest(item["ORGANIZER"], me) if "ORGANIZER" in item else None
    named = item.get("ATTENDEE", [])
    guests = [_guest(one, me) for one in (named if isinstance(named, list) else [named])]
    fields: dict[str, Any] = {"iCalUID": str(item["UID"]), "status": str(item.get("STATUS", "CONFIRMED")).lower()}
    if organiser is not None:
        fields["organizer"] = {"email": organiser["email"], "displayName": organiser.get("displayName", "")}
        for guest in guests:
            guest["organizer"] = guest["email"] == organiser["email"]
    if "RRULE" in item:
        fields["recurrence"] = [f"RRULE:{item['RRULE'].to_ical().decode()}"]
        left_out = item.get("EXDATE", [])
        for one in left_out if isinstance(left_out, list) else [left_out]:
            zone = one.params.get("TZID", ZONE)
            fields["recurrence"].append(f"EXDATE;TZID={zone}:{one.to_ical().decode()}")
    if str(item.get("TRANSP")) == "TRANSPARENT":
        fields["transparency"] = "transparent"
    if str(item.get("CLASS")) == "PRIVATE":
        fields["visibility"] = "private"
    if str(item.get("X-MICROSOFT-CDO-BUSYSTATUS")) == "OOF":
        fields["eventType"] = "outOfOffice"
    start, end = item.decoded("DTSTART"), item.decoded("DTEND")
    return server.user.add_event(str(item["SUMMARY"]), start, end, guests, **fields)


def _guest(box: icalendar.vCalAddress, me: str) -> dict[str, Any]:
    email = str(box).removeprefix("mailto:")
    answer = str(box.params.get("PARTSTAT", "NEEDS-ACTION"))
    words = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
    found: dict[str, Any] = {"email": email, "responseStatus": words.get(answer, "needsAction")}
    if "CN" in box.params:
        found["displayName"] = str(box.params["CN"])
    if str(box.params.get("CUTYPE")) in {"ROOM", "RESOURCE"}:
        found["resource"] = True
    return found | ({"self": True} if email == me else {})


def put_mail(server: Server, path: Path) -> None:
    """Put the mails of an mbox among the sent ones, each at the time of its From line."""
    box = mailbox.mbox(path, create=False)
    for message in box:
        at = datetime.strptime(message.get_from().partition(" ")[2] + " +0000", "%a %b %d %H:%M:%S %Y %z")
        server.user.put_raw(message.as_bytes(), at=at)
    box.close()


def put_configuration(server: Server, folder: Path, *, confirmed: bool = False) -> Path:
    """Write a configuration for ``server`` into ``folder`` and log in: three grants, three token files."""
    tokens = folder / "state" / "tokens"
    tokens.mkdir(parents=True, mode=0o700)
    for name, scopes in GRANTS.items():
        token = tokens / f"google.{name}.json"
        token.touch(0o600)
        token.write_text(json.dumps(server.grant(scopes)))
    path = folder / "config.toml"
    text = _CONFIGURATION.format(endpoint=server.endpoint)
    path.write_text(text + ("confirmed = true\n" if confirmed else ""))
    return path


def main() -> None:
    """Show what Kith makes of it: people, plan, what then stands in Google Calendar and in Gmail's drafts."""
    from daemon.cli import main as kith

    folder = Path(tempfile.mkdtemp(prefix="kith-demo-google-"))
    with stand_in(datetime.now(UTC)) as server:
        config = put_configuration(server, folder)
        for command in (["once", "--yes"], ["people"], ["status"]):
            print(f"\n$ kith {' '.join(command)}", flush=True)
            _run(kith, [*command, "--config", str(config)])
        _tell(server)
    print(f"\nThe configuration and the state are in {folder}; the stand-in ended with this command.")


def _run(kith: Any, arguments: list[str]) -> None:
    sys.argv = ["kith", *arguments]
    try:
        kith()
    except SystemExit as end:
        if end.code not in {0, None}:
            raise


def _tell(server: Server) -> None:
    print("\nIn Google Calendar, the calendar Kith:")
    for calendar in server.account().calendars.calendars.values():
        if calendar.summary == "Kith":
            for event in sorted(calendar.events.values(), key=lambda one: str(one.data.get("start"))):
                print(f"  {event.data['start'].get('dateTime', '')[:16]}  {event.data.get('summary')}")
    print("\nIn Gmail, among the drafts:")
    for draft in server.user.find_drafts():
        print(f"  to {draft.message.header('to')}: {draft.message.header('subject')}")
    print(f"\n{len(server.log)} requests, {server.units.total()} Gmail units; paths that send: {server.sent_paths()}")


if __name__ == "__main__":
    os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")
    main()
