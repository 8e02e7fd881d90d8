"""Whose is each field of a reminder that stands somewhere: still ours, or the user's by now (ruling C40)?

A field is a text that can be compared: hashes of title and body, and the time in the form of the fingerprint's second
half. So whatever is forgiven when a fate is told is forgiven here.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from connectors._text import digest

Field: TypeAlias = Literal["title", "body", "time"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a reminder says, field by field."""

    title: str
    body: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``ours`` are the fields to write; ``typed``: the title or the body is the user's; ``time``: the time that the
    fingerprint goes on with."""

    ours: AbstractSet[Field]
    typed: bool
    time: str

    def fingerprint(self, standing: str, receipt: str, *, seen: bool) -> str:
        """Return the fingerprint of a receipt; ``standing`` is that of what stands there after the write.

        An edit that the caller has not ``seen`` keeps the text of ``receipt``, so that the next look tells it.
        """
        said = receipt if self.typed and not seen else standing
        return f"{text_of(said)}.{self.time}"


def judge(stands: Fields, before: Fields, after: Fields, wrote: str) -> Verdict:
    """Tell which fields of what ``stands`` there may be brought from ``before`` to ``after``.

    ``wrote`` is the fingerprint of what we wrote last: a time other than that was chosen by the user even where
    ``before`` knows of it, and goes on being told as moved. Where ``wrote`` tells of no time, that of ``before`` is.
    """
    ours: set[Field] = set()
    if stands.title == before.title != after.title:
        ours.add("title")
    if stands.body == before.body != after.body:
        ours.add("body")
    time = time_of(wrote) or before.time
    if before.time != after.time:
        if stands.time == before.time == time:
            ours.add("time")
        if stands.time == after.time or "time" in ours:
            time = after.time
    typed = stands.title not in {before.title, after.title} or stands.body not in {before.body, after.body}
    return Verdict(ours=ours, typed=typed, time=time)


def text_of(fingerprint: str) -> str:
    """Return the half of ``fingerprint`` that stands for the text."""
    return fingerprint.partition(".")[0]


def time_of(fingerprint: str) -> str:
    """Return the half of ``fingerprint`` that stands for the time."""
    return fingerprint.partition(".")[2]


def fields(title: str, body: str, start: datetime, end: datetime) -> Fields:
    """Return what a reminder with a beginning and an end says."""
    times = " ".join(when.astimezone(UTC).isoformat() for when in (start, end))
    return Fields(title=digest(title), body=digest(body), time=digest(times))


def fingerprint(title: str, body: str, start: datetime, end: datetime) -> str:
    """Return the hash of the text, a dot, and the hash of the time: a moved one is told from an edited one."""
    return f"{digest(title, body)}.{fields(title, body, start, end).time}"
