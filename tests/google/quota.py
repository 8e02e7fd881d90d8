"""What does a request cost, and is there anything left? Units and requests in a minute of the server's clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from .accounts import Account
from .answers import Refused
from .discovery import Method

MINUTE = timedelta(minutes=1)
UNITS = {
    "gmail.users.getProfile": 1,
    "gmail.users.labels.list": 1,
    "gmail.users.history.list": 2,
    "gmail.users.messages.list": 5,
    "gmail.users.messages.get": 20,
    "gmail.users.threads.get": 40,
    "gmail.users.drafts.list": 5,
    "gmail.users.drafts.create": 10,
    "gmail.users.drafts.update": 15,
    "gmail.users.drafts.get": 20,
    "gmail.users.drafts.delete": 10,
    "gmail.users.messages.send": 100,
    "gmail.users.drafts.send": 100,
}
"""Units for projects made since May 2026; requests of the other services count one each, apart from these."""


def units(method: str) -> int:
    """Give the units of *method*."""
    return UNITS.get(method, 5 if method.startswith("gmail.") else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Units or requests in a minute for each service, and the status of the refusal."""

    most: Mapping[str, int] = field(default_factory=dict)
    status: int = 429


def spend(account: Account, method: Method, now: datetime, limits: Limits) -> int:
    """Count a request's units. Raises Refused when the last minute leaves no room for it."""
    cost, limit = units(method.id), limits.most.get(method.api)
    if limit is not None:
        recent = account.recent.setdefault(method.api, deque())
        while recent and recent[0][0] <= now - MINUTE:
            recent.popleft()
        if sum(one for _, one in recent) + cost > limit:
            wait = ceil((recent[0][0] + MINUTE - now).total_seconds()) if recent else 60
            about = (("Retry-After", str(max(1, wait))),)
            raise Refused(
                limits.status, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'.", headers=about
            )
        recent.append((now, cost))
    if method.api == "gmail":
        account.units[method.id] += cost
    return cost
