"""Which of Google's methods may Kith call at all, and what does each cost?

An allow-list: what is not in ``METHODS`` does not leave the process. Nothing here sends a mail, invites a guest, shares
a calendar, sets a forwarding or a filter, watches, or deletes anything but drafts, events and tasks (whose owner the
caller checks). Units are Google's of 2026-05 for Gmail; Calendar and Tasks count requests. The standard library only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Api = Literal["calendar", "gmail", "tasks"]
ID = r"(?!\.{1,2}(?:/|$))[^/]+"
"""One segment of a path; never a dot segment, which the HTTP library would fold into another path."""
MAIL = "gmail/v1/users/me"
LISTS = "tasks/v1/users/@me/lists"


class Refused(RuntimeError):
    """Something in this process tried what Kith never does: a bug. Nothing left the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of Google's: its id in the discovery document, verb and path, and its price."""

    id: str
    verb: str
    path: re.Pattern[str]
    units: int = 1
    paced: bool = False
    """It reads the headers of a mail: ``pace`` bounds how many of these there are in a minute."""
    scopes: tuple[str, ...] = ()
    """The scopes (short) of ours that it needs, any one of them."""

    @property
    def api(self) -> Api:
        """The API it belongs to."""
        name = self.id.partition(".")[0]
        return "calendar" if name == "calendar" else "gmail" if name == "gmail" else "tasks"

    @property
    def writes(self) -> bool:
        """Whether it changes something on the other side."""
        return self.verb != "GET"


def _method(row: str, units: int = 1, *scopes: str, paced: bool = False) -> Method:
    name, verb, path = row.split()
    pattern = re.escape(path).replace(r"\{id\}", ID).replace("{id}", ID)
    return Method(id=name, verb=verb, path=re.compile(pattern), units=units, paced=paced, scopes=scopes)


_READ, _LIST, _OWN = "calendar.events.readonly", "calendar.calendarlist.readonly", "calendar.app.created"
_SEEN, _DRAFT, _TASKS = "gmail.metadata", "gmail.compose", "tasks"
_ONE = "calendar/v3/calendars/{id}"
_TASK = "tasks/v1/lists/{id}/tasks"

METHODS: Mapping[str, Method] = {
    item.id: item
    for item in (
        _method(f"gmail.users.getProfile GET {MAIL}/profile", 1, _SEEN, _DRAFT),
        _method(f"gmail.users.history.list GET {MAIL}/history", 2, _SEEN),
        _method(f"gmail.users.messages.list GET {MAIL}/messages", 5, _SEEN),
        _method(f"gmail.users.messages.get GET {MAIL}/messages/{{id}}", 20, _SEEN, paced=True),
        _method(f"gmail.users.drafts.list GET {MAIL}/drafts", 5, _DRAFT),
        _method(f"gmail.users.drafts.get GET {MAIL}/drafts/{{id}}", 20, _DRAFT),
        _method(f"gmail.users.drafts.create POST {MAIL}/drafts", 10, _DRAFT),
        _method(f"gmail.users.drafts.update PUT {MAIL}/drafts/{{id}}", 15, _DRAFT),
        _method(f"gmail.users.drafts.delete DELETE {MAIL}/drafts/{{id}}", 10, _DRAFT),
        _method("calendar.calendarList.list GET calendar/v3/users/me/calendarList", 1, _LIST),
        _method("calendar.calendarList.get GET calendar/v3/users/me/calendarList/{id}", 1, _LIST, _OWN),
        _method("calendar.calendarList.patch PATCH calendar/v3/users/me/calendarList/{id}", 1, _OWN),
        _method("calendar.calendars.insert POST calendar/v3/calendars", 1, _OWN),
        _method(f"calendar.calendars.get GET {_ONE}", 1, _OWN),
        _method(f"calendar.calendars.patch PATCH {_ONE}", 1, _OWN),
        _method(f"calendar.events.list GET {_ONE}/events", 1, _READ, _OWN),
        _method(f"calendar.events.get GET {_ONE}/events/{{id}}", 1, _READ, _OWN),
        _method(f"calendar.events.insert POST {_ONE}/events", 1, _OWN),
        _method(f"calendar.events.update PUT {_ONE}/events/{{id}}", 1, _OWN),
        _method(f"calendar.events.patch PATCH {_ONE}/events/{{id}}", 1, _OWN),
        _method(f"calendar.events.delete DELETE {_ONE}/events/{{id}}", 1, _OWN),
        _method(f"tasks.tasklists.list GET {LISTS}", 1, _TASKS),
        _method(f"tasks.tasklists.get GET {LISTS}/{{id}}", 1, _TASKS),
        _method(f"tasks.tasklists.insert POST {LISTS}", 1, _TASKS),
        _method(f"tasks.tasks.list GET {_TASK}", 1, _TASKS),
        _method(f"tasks.tasks.get GET {_TASK}/{{id}}", 1, _TASKS),
        _method(f"tasks.tasks.insert POST {_TASK}", 1, _TASKS),
        _method(f"tasks.tasks.update PUT {_TASK}/{{id}}", 1, _TASKS),
        _method(f"tasks.tasks.patch PATCH {_TASK}/{{id}}", 1, _TASKS),
        _method(f"tasks.tasks.delete DELETE {_TASK}/{{id}}", 1, _TASKS),
    )
}


def permitted(verb: str, uri: str, base: str, body: str | bytes | None = None) -> Method:
    """Return the method that ``verb`` on ``uri`` is. Raises Refused unless it is on the list and harmless.

    ``base`` is where the API lives, ending in a slash. An event is written without guests, and nobody is told of it.
    """
    path, query = _inside(uri, base)
    for method in METHODS.values():
        if method.verb == verb and method.path.fullmatch(path):
            _harmless(method, query, body)
            return method
    raise Refused(f"a {verb} that is not on the list of what Kith may do")


def _inside(uri: str, base: str) -> tuple[str, str]:
    if not uri.startswith(base):
        raise Refused("a request to somewhere else than the configured API")
    parts = urlsplit(uri[len(base) :])
    if parts.scheme or parts.netloc or parts.fragment or "%2e" in parts.path.lower() or "\\" in parts.path:
        raise Refused("a request with a path that can be read in two ways")
    return parts.path, parts.query


def _harmless(method: Method, query: str, body: str | bytes | None) -> None:
    _discreet(query)
    if method.id.startswith("calendar.events.") and method.writes and body:
        content = json.loads(body)
        if not isinstance(content, dict) or content.keys() & {"attendees", "conferenceData"}:
            raise Refused("an event with guests")


@lru_cache(maxsize=64)
def _discreet(query: str) -> None:
    """Raise Refused for a query that would tell others; that of the many header reads is always the same."""
    asked = parse_qs(query, keep_blank_values=True)
    if "sendNotifications" in asked or any(value != "none" for value in asked.get("sendUpdates", ())):
        raise Refused("a write that would tell others")
    if "uploadType" in asked:
        raise Refused("an upload")
