"""What goes wrong at Google? Every fault that Kith must live with, as the machines and the crash test draw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REASONS = (
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
    "dailyLimitExceeded",
    "forbidden",
    "insufficientPermissions",
    "accessNotConfigured",
    "domainPolicy",
)
"""Those of a 403."""

WEATHER: Mapping[str, tuple[int | str, dict[str, Any]]] = {
    "drop before": ("drop before", {}),
    "drop after": ("drop after", {}),
    "slow": ("slow", {"seconds": 0.25}),
    "half body": ("half body", {}),
    "not json": ("not json", {}),
    "huge": ("huge", {"size": 5 << 20}),
    "redirect": ("redirect", {}),
    "expire": ("expire", {}),
    "revoke": ("revoke", {}),
    "429": (429, {}),
    "429 Retry-After": (429, {"retry_after": 90}),
    "500": (500, {}),
    "502": (502, {}),
    "503": (503, {"retry_after": 2}),
    **{f"403 {reason}": (403, {"reason": reason}) for reason in REASONS},
}
"""By name: what to order, with which details. An emptied listing stands apart: what it means depends on the list."""
