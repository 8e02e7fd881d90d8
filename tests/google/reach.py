"""Which calendars does a token reach, and may it write there?"""

from __future__ import annotations

from .accounts import Context
from .answers import Refused
from .calendars import Calendar
from .checking import Call

PREFIX = "https://www.googleapis.com/auth/calendar"


APP_CREATED = PREFIX + ".app.created"


OWNED = {PREFIX + ".events.owned", PREFIX + ".events.owned.readonly"}


PUBLIC = PREFIX + ".events.public.readonly"


ROLES = ["none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner"]


def calendar_of(call: Call, context: Context, *, write: bool = False) -> Calendar:
    """Find the request's calendar. Raises Refused: 404 also beyond the token's reach, 403 without the role to write."""
    found = context.account.calendars.find(call.path["calendarId"])
    if found is None or not _reaches(found, context):
        raise Refused(404, "notFound")
    if write and ROLES.index(found.role) < ROLES.index("writer"):
        raise Refused(403, "requiredAccessLevel", "You need to have writer access to this calendar.")
    return found


def _reaches(calendar: Calendar, context: Context) -> bool:
    """calendar.app.created reaches only what this project made, events.owned only the user's own calendars."""
    wide = context.useful - {APP_CREATED, PUBLIC} - OWNED
    made_here = APP_CREATED in context.useful and calendar.project == context.project
    return bool(wide or made_here or (context.useful & OWNED and calendar.role == "owner"))


def match(call: Call, current: str) -> None:
    """Raise Refused (412) if the request counts on another version."""
    wanted = call.headers.get("if-match", "*")
    if wanted not in {"*", current}:
        raise Refused(412, "conditionNotMet", location={"location": "If-Match", "locationType": "header"})
