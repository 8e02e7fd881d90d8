"""What does a new login see? One cheap call for each service, in words for the person who just logged in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors._address import fold
from connectors._google.grants import LIST_CALENDARS, READ_EVENTS, TASKS, GrantName

if TYPE_CHECKING:
    from connectors._google.wire import Wires
    from connectors.google import Google


def seen(account: Google, wires: Wires, grant: GrantName, mine: tuple[str, ...]) -> Iterator[str]:
    """Yield what the grant ``grant`` sees; ``mine`` are the user's addresses. Raises ConnectorError."""
    if grant == "calendar":
        yield from _calendars(account, wires)
        return
    wire = wires.mail if grant == "mail" else wires.drafts
    profile = wire.read(wire.resource("users").getProfile(userId="me", fields="emailAddress,messagesTotal"))
    count = profile.get("messagesTotal")
    yield f"sees a mailbox of {count} mails" if isinstance(count, int) else "sees the mailbox"
    address = fold(str(profile.get("emailAddress", "")))
    if address and address not in mine:
        yield f"this is the mailbox of {address}, which is not among [me] addresses: add it there if it is yours"


def _calendars(account: Google, wires: Wires) -> Iterator[str]:
    token = wires.calendar.grant.token()
    if token.has(LIST_CALENDARS):
        request = wires.calendar.resource("calendarList").list(maxResults=250, fields="items(id,primary)")
        items = wires.calendar.read(request).get("items")
        rows = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        there = {str(item.get("id", "")) for item in rows} | {"primary"}
        yield f"sees {len(rows)} calendar{'' if len(rows) == 1 else 's'}"
        for name in account.calendars:
            if name not in there:
                yield f"the calendar {name!r} of the configuration is not among them: check its id in Google's settings"
    elif token.has(READ_EVENTS) and account.calendars:
        first = next(iter(account.calendars))
        wires.calendar.read(wires.calendar.resource("events").list(calendarId=first, maxResults=1, fields="timeZone"))
        yield "sees the events of the calendar"
    if account.written_as == "tasks" and token.has(TASKS):
        wires.tasks.read(wires.tasks.resource("tasklists").list(maxResults=1, fields="items(id)"))
        yield "sees the lists of tasks"
