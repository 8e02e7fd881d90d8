"""What does an answer of Google's mean for us? Status and reason -> the error tree of ``records``.

Texts name no id: the id of a calendar can be an address. What Google writes into ``message`` is never repeated.

Answers that a caller may expect are errors of their own; whoever does not expect them lets them pass as trouble::

    Unavailable
    +-- Unsure      a write without a believable answer: look for its key before trying again
    +-- NotThere    404
    +-- Outdated    410: deleted already, or a sync token or ``updatedMin`` that is too old
    +-- Conflict    409: the id is taken
    +-- Changed     412: not as ``If-Match`` says
    +-- Unchanged   304: still as ``If-None-Match`` says
    +-- Forbidden   403 forbidden: not ours, or not any more
    BadData
    +-- Invalid     400 to a read: Google can make nothing of it (a stale page or sync token)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors._google.methods import Api, Method
from connectors.records import BadData, ConnectorError, NeedsLogin, Rejected, Unavailable

SHORT, LONG, DAY = 60.0, 6 * 3600.0, 24 * 3600.0
"""Seconds to stay away: after a rate limit, after Calendar's general limits, until a new day of quota at most."""
PACIFIC = ZoneInfo("America/Los_Angeles")
"""Where Google's days of quota begin."""

API_NAMES: Mapping[Api, str] = {"calendar": "Google Calendar", "gmail": "Gmail", "tasks": "Google Tasks"}
_ENABLE: Mapping[Api, str] = {
    "calendar": "calendar-json.googleapis.com",
    "gmail": "gmail.googleapis.com",
    "tasks": "tasks.googleapis.com",
}
_RATE = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
_SCOPE = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
_DISABLED = {"accessNotConfigured", "SERVICE_DISABLED"}


class Unsure(Unavailable):
    """A write was sent and no believable answer came: it may have happened."""


class NotThere(Unavailable):
    """404: what was named is not there."""


class Outdated(Unavailable):
    """410: it was deleted before, or the token that was shown is too old."""


class Conflict(Unavailable):
    """409: the id is taken, by something live or deleted."""


class Changed(Unavailable):
    """412: it is not any more as ``If-Match`` says."""


class Unchanged(Unavailable):
    """304: it is still as ``If-None-Match`` says."""


class Forbidden(Unavailable):
    """403 without a better reason: this is not ours to read or write."""


class Invalid(BadData):
    """400 to a read: Google can make nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an answer means: the error, and whether a read may try again."""

    error: ConnectorError
    again: bool = False
    wait: float = 0.0
    """Seconds to wait before that, as Google asked."""
    rest: float = 0.0
    """Seconds to stay away once it was given up."""
    writes_only: bool = False
    """Reads may go on meanwhile."""


_PLAIN: Mapping[int, tuple[type[ConnectorError], str]] = {
    304: (Unchanged, "unchanged"),
    404: (NotThere, "not there"),
    409: (Conflict, "there already"),
    410: (Outdated, "gone, or too old"),
    412: (Changed, "changed meanwhile"),
}


class Answer(Exception):
    """An answer that is no success, on its way out of the transport."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body
        super().__init__(status)


def judge(answer: Answer, method: Method, remedy: str, now: datetime) -> Verdict:
    """Return what ``answer`` to ``method`` means; ``remedy`` is the command that logs in again, ``now`` aware."""
    api, status = API_NAMES[method.api], answer.status
    after = retry_after(answer.headers.get("retry-after"), now) or 0.0
    if status in _PLAIN:
        kind, words = _PLAIN[status]
        return Verdict(error=kind(f"{api}: {words} ({status})"))
    if status == 403:
        return _forbidden(set(_reasons(answer.body)), method, remedy, after, now)
    if status == 429:
        return _limited(api, after)
    return Verdict(error=_error(status, method, remedy), again=status >= 500, wait=after if status >= 500 else 0.0)


def _error(status: int, method: Method, remedy: str) -> ConnectorError:
    api = API_NAMES[method.api]
    if status == 401:
        return NeedsLogin(f"{api} does not accept the login any more", remedy)
    if status >= 500:
        return (Unsure if method.writes else Unavailable)(f"{api} has trouble of its own ({status})")
    if status < 400:
        text = f"{api} answers with a redirection ({status}): something stands between"
        return (Unsure if method.writes else Unavailable)(text)
    invalid = Invalid if status == 400 else Unavailable
    return (Rejected if method.writes else invalid)(f"{api} can make nothing of a request ({status})")


def _forbidden(reasons: set[str], method: Method, remedy: str, after: float, now: datetime) -> Verdict:
    api = API_NAMES[method.api]
    if "quotaExceeded" in reasons:
        error = Unavailable(f"{api}: its general limits are used up; nothing is tried for six hours")
        return Verdict(error=error, rest=LONG, writes_only=method.writes)
    if "dailyLimitExceeded" in reasons:
        error = Unavailable(f"{api}: the day's quota is used up; nothing is tried until it begins anew")
        return Verdict(error=error, rest=until_pacific_midnight(now))
    if reasons & _RATE:
        return _limited(api, after)
    return Verdict(error=_not_permitted(reasons, method, remedy))


def _not_permitted(reasons: set[str], method: Method, remedy: str) -> ConnectorError:
    api = API_NAMES[method.api]
    if reasons & _SCOPE:
        return NeedsLogin(f"{api}: the login lacks a permission: {' or '.join(method.scopes)}", remedy)
    if reasons & _DISABLED:
        place = f"https://console.cloud.google.com/apis/library/{_ENABLE[method.api]}"
        return NeedsLogin(f"{api} is not switched on in your Google Cloud project", f"enable it: {place}")
    if "domainPolicy" in reasons:
        text = f"{api}: the administrator of this Google Workspace forbids it"
        return NeedsLogin(text, "ask the administrator to allow your OAuth client")
    return Forbidden(f"{api} forbids it (403)")


def _limited(api: str, after: float) -> Verdict:
    error = Unavailable(f"{api} asks to be left alone for a while (rate limit)")
    return Verdict(error=error, again=True, wait=after, rest=SHORT)


def _reasons(body: bytes) -> Iterator[str]:
    """Yield the reasons in an error body of Google's, in the old and the new shape; none for anything else."""
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return
    rows = [error.get("errors"), error.get("details")]
    found = [error.get("status")]
    found += [item.get("reason") for row in rows if isinstance(row, list) for item in row if isinstance(item, dict)]
    yield from (reason for reason in found if isinstance(reason, str))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, from 1 second to 6 hours; None when it says nothing."""
    if value is None:
        return None
    seconds = float(value) if re.fullmatch(r"-?[0-9]+", value) else _until(value, now)
    return None if seconds is None else min(max(seconds, 1.0), LONG)


def _until(text: str, now: datetime) -> float | None:
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def until_pacific_midnight(now: datetime) -> float:
    """Return the seconds until Google's next day of quota."""
    there = now.astimezone(PACIFIC)
    midnight = datetime.combine(there.date() + timedelta(days=1), datetime.min.time(), PACIFIC)
    return min(max(midnight.timestamp() - now.timestamp(), 1.0), DAY + 3600)
