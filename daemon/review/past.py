"""What happened? The events attended and the mails written, out of the records and what detection made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from connectors.records import Event
from daemon.detect import copies, doubt, series_of
from daemon.model import Records, Verdict, instant
from daemon.review.values import Doubt, Letter, Occasion, Past

WRITTEN: frozenset[str] = frozenset({"M1", "M2", "M5", "M6"})
"""Rules of mails that the user wrote, a broadcast too: that is activity."""
DAY = timedelta(days=1)
WHOLE_DAY = 8.0
LONGEST = 12.0
"""Hours that one event counts at most unless it is of whole days."""


def past(records: Records, verdicts: Mapping[str, Verdict], own: frozenset[str], zone: ZoneInfo) -> Past:
    """Return what happened, in order of time: ``verdicts`` and ``own`` addresses are those of ``Facts``. A call is no
    occasion."""
    events = copies.events(records.events.values(), own)
    known = [(event, verdicts[event.key]) for event in events if event.key in verdicts]
    occasions = [_occasion(event, verdict, zone) for event, verdict in known if _is_occasion(verdict)]
    return Past(
        occasions=tuple(sorted(occasions, key=lambda item: (item.start, item.key))),
        letters=tuple(sorted(_letters(records, verdicts), key=lambda item: (item.at, item.key))),
        doubts=tuple(sorted(_doubts(known, zone), key=lambda item: (item.at, item.key))),
    )


def _is_occasion(verdict: Verdict) -> bool:
    return verdict.counted and verdict.kind not in {None, "call"}


def _occasion(event: Event, verdict: Verdict, zone: ZoneInfo) -> Occasion:
    start, end = instant(event.start, zone), instant(event.end, zone)
    days = max(round((end - start) / DAY), 1)
    hours = WHOLE_DAY * days if event.all_day else min((end - start) / timedelta(hours=1), LONGEST)
    return Occasion(
        key=event.key,
        start=start,
        end=end,
        hours=hours,
        title=event.title,
        series=series_of(event),
        recurring=event.series is not None,
        kind=verdict.kind or "",
        open=verdict.open,
        private=event.private,
    )


def _letters(records: Records, verdicts: Mapping[str, Verdict]) -> Iterator[Letter]:
    sent = {mail.key: mail.at for mail in records.messages.values() if mail.sent and mail.at is not None}
    for key, at in sent.items():
        if key in verdicts and verdicts[key].rule in WRITTEN:
            yield Letter(key=key, at=at)


def _doubts(known: list[tuple[Event, Verdict]], zone: ZoneInfo) -> Iterator[Doubt]:
    for event, verdict in known:
        kind = doubt(verdict)
        if kind is not None and not event.private:
            yield Doubt(key=event.key, at=instant(event.start, zone), kind=kind, title=event.title)
