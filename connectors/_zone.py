"""Which time zone does a name in a calendar mean?

In this order: the name in the IANA database, whatever its case or prefix; a name of Windows' (CLDR); a VTIMEZONE of the
file's own; X-WR-TIMEZONE; the user's zone. A name from outside reaches ``ZoneInfo`` only when it stands in the list of
known names (reliability T7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

RULE = re.compile(r"^RRULE[^:\n]*:(.*)$", re.MULTILINE | re.IGNORECASE)
UNSAFE = re.compile(r"FREQ=(?!YEARLY)|BYSETPOS|BYHOUR|BYMINUTE|BYSECOND|INTERVAL=0", re.IGNORECASE)
ZONE_LIMIT = 64 * 1024


@cache
def _names() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@cache
def named(name: str) -> tzinfo | None:
    """Return the zone called ``name`` by IANA or by Windows, None if nobody calls a zone so."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    wanted = name.strip().strip('"').replace(" ", "_").casefold()
    parts = wanted.strip("/").split("/")
    tails = ("/".join(parts[-count:]) for count in (len(parts), 3, 2, 1) if count <= len(parts))
    found = next((_names()[tail] for tail in tails if tail in _names()), None)
    found = found or WINDOWS_TO_OLSON.get(name.strip().strip('"'))
    return UTC if found == "UTC" else ZoneInfo(found) if found else None


class Zones:
    """The zones of one calendar file; remembers whether a name had to be guessed."""

    def __init__(self, user: str, preferred: str | None, own: Mapping[str, str]) -> None:
        """Take the user's zone, the file's X-WR-TIMEZONE and the text of its VTIMEZONEs by TZID."""
        self.user = named(user) or UTC
        self.guessed = False
        self._preferred = named(preferred) if preferred else None
        self._own = own
        self._found: dict[str, tzinfo] = {}

    def find(self, name: str | None) -> tzinfo:
        """Return the zone meant by TZID ``name``; the user's for None (a floating time)."""
        if name is None:
            return self.user
        if name not in self._found:
            self._found[name] = named(name[:200]) or _built(self._own.get(name)) or self._guess()
        return self._found[name]

    def _guess(self) -> tzinfo:
        self.guessed = True
        return self._preferred or self.user


def _built(text: str | None) -> tzinfo | None:
    """Build the zone a VTIMEZONE describes; None where there is none, or none that can be trusted to end."""
    if text is None or len(text) > ZONE_LIMIT or any(UNSAFE.search(rule) for rule in RULE.findall(text)):
        return None
    from icalendar import Timezone

    try:
        component = Timezone.from_ical(text)
        if not isinstance(component, Timezone):
            return None
        zone: tzinfo = component.to_tz(lookup_tzid=False)
        datetime(2020, 7, 1, tzinfo=zone).utcoffset()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError):
        return None
    return zone
