"""What does each answer of Google's become, in words that help and name nobody?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors._google import errors
from connectors._google.errors import judge, retry_after
from connectors._google.meter import Meter, counts_path
from connectors._google.methods import METHODS
from connectors._google.wire import Wires
from connectors.records import BadData, ConnectorError, NeedsLogin, Rejected, Unavailable
from tests.connectors.small_server import Small, answer, error
from tests.connectors.wired import NOW, Time, listing, put, small, time, wires

__all__ = ["small", "time", "wires"]


MEANINGS: list[tuple[int, str, type[ConnectorError], type[ConnectorError], str]] = [
    (400, "badRequest", errors.Invalid, Rejected, "make nothing"),
    (401, "authError", NeedsLogin, NeedsLogin, "login"),
    (403, "forbidden", errors.Forbidden, errors.Forbidden, "forbids"),
    (403, "insufficientPermissions", NeedsLogin, NeedsLogin, "calendar.app.created"),
    (403, "accessNotConfigured", NeedsLogin, NeedsLogin, "not switched on"),
    (403, "domainPolicy", NeedsLogin, NeedsLogin, "administrator"),
    (403, "rateLimitExceeded", Unavailable, Unavailable, "left alone"),
    (403, "userRateLimitExceeded", Unavailable, Unavailable, "left alone"),
    (403, "quotaExceeded", Unavailable, Unavailable, "six hours"),
    (403, "dailyLimitExceeded", Unavailable, Unavailable, "the day's quota"),
    (304, "", errors.Unchanged, errors.Unchanged, "unchanged"),
    (404, "notFound", errors.NotThere, errors.NotThere, "404"),
    (409, "duplicate", errors.Conflict, errors.Conflict, "409"),
    (410, "deleted", errors.Outdated, errors.Outdated, "410"),
    (412, "conditionNotMet", errors.Changed, errors.Changed, "412"),
    (413, "uploadTooLarge", Unavailable, Rejected, "413"),
    (429, "rateLimitExceeded", Unavailable, Unavailable, "left alone"),
    (500, "backendError", Unavailable, errors.Unsure, "500"),
]


@pytest.mark.parametrize(("status", "reason", "reading", "writing", "words"), MEANINGS, ids=lambda x: str(x)[:20])
def test_what_an_answer_means(
    wires: Wires, small: Small, status: int, reason: str, reading: Any, writing: Any, words: str
) -> None:
    """Each status and reason becomes its error, in words that name nobody: not even an id, which can be an address."""
    for kind, call in ((reading, lambda: wires.calendar.read(listing(wires))), (writing, lambda: put(wires))):
        wires.meter._holds = {}
        small.replies = [error(status, reason)] * 3
        with pytest.raises(ConnectorError, match=words) as caught:
            call()
        assert type(caught.value) is kind
        assert not {"@", "clara"} & set(str(caught.value).lower().split())
        assert "winter" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"error": "x"}',
        b'{"error": {"errors": {}, "details": "x"}}',
        b'{"error": {"errors": [1, {}]}}',
        b"[" * 100_000,
    ],
)
def test_an_odd_error_body_is_no_crash(body: bytes) -> None:
    """A 403 whose body is damaged is a plain refusal."""
    method = METHODS["calendar.events.list"]
    assert isinstance(judge(errors.Answer(403, {}, body), method, "", NOW).error, errors.Forbidden)


def test_the_new_shape_of_errors(wires: Wires, small: Small) -> None:
    """``details`` with RATE_LIMIT_EXCEEDED is read like the old reasons."""
    body = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"reason": "RATE_LIMIT_EXCEEDED"}]}}
    small.replies = [answer(body, 403)] * 3
    with pytest.raises(Unavailable, match="left alone"):
        wires.calendar.read(listing(wires))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("-5", 1.0),
        ("1000000000", 21600.0),
        ("9" * 400, 21600.0),
        ("Sun, 22 Nov 2026 09:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 08:00:00 GMT", 1.0),
        ("Sun, 99 Nov", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds or a date, from a second to six hours; nonsense is nothing."""
    assert retry_after(value, NOW) == seconds


def test_a_short_wait_is_waited(wires: Wires, small: Small, time: Time) -> None:
    """A Retry-After of a few seconds is honoured within the call."""
    small.replies = [error(429, "rateLimitExceeded", Retry_After="7"), answer({"items": []})]
    wires.calendar.read(listing(wires))
    assert time.slept == [7.0]


def test_a_long_wait_is_left_to_a_later_tick(wires: Wires, small: Small, time: Time, tmp_path: Path) -> None:
    """A Retry-After of minutes ends the call; until then nothing is sent, by this process or the next."""
    small.replies = [error(429, "rateLimitExceeded", Retry_After="600")]
    with pytest.raises(Unavailable):
        wires.calendar.read(listing(wires))
    for _ in range(2):
        with pytest.raises(Unavailable, match="left alone until 09:10 UTC"):
            wires.calendar.read(listing(wires))
    wires.mail.read(wires.mail.resource("users").getProfile(userId="me"))
    wires.meter.save()
    after = Wires(
        state=tmp_path,
        name="home",
        endpoints=wires.endpoints,
        meter=Meter(counts_path(tmp_path, "home"), 120, "UTC", time.clock()),
    )
    with pytest.raises(Unavailable, match="left alone"):
        after.calendar.read(listing(after))
    assert (len(small.paths("/v3")), time.slept) == (1, [])
    time.at += timedelta(seconds=601)
    assert after.calendar.read(listing(after)) == {}
    after.close()


def test_calendars_general_limits_stop_writing_only(wires: Wires, small: Small, time: Time) -> None:
    """After quotaExceeded on a write nothing is created for six hours; reading goes on."""
    small.replies = [error(403, "quotaExceeded")]
    with pytest.raises(Unavailable, match="six hours"):
        put(wires)
    with pytest.raises(Unavailable, match="until 15:00"):
        put(wires)
    assert wires.calendar.read(listing(wires)) == {}
    time.at += timedelta(hours=6, seconds=1)
    put(wires)
    assert len(small.paths("/v3")) == 3


def test_a_spent_day_ends_at_googles_midnight(wires: Wires, small: Small, time: Time) -> None:
    """dailyLimitExceeded at 09:00 UTC in November: nothing until 08:00 UTC, midnight in California."""
    small.replies = [error(403, "dailyLimitExceeded")]
    with pytest.raises(Unavailable):
        wires.calendar.read(listing(wires))
    with pytest.raises(Unavailable, match="until 08:00"):
        wires.calendar.read(listing(wires))


def test_errors_are_a_closed_set() -> None:
    """Everything the wire raises on purpose is of the tree that a tick knows: no answer of Google's ends a tick."""
    known = (Unavailable, NeedsLogin, BadData, Rejected)
    kinds = {item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, ConnectorError)}
    assert len(kinds) >= 10
    assert all(issubclass(item, known) for item in kinds - {ConnectorError})
