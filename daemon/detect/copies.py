"""Which copy of a record counts, when it came through two accounts? (E11, M1: the same mail twice is one)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.records import Event, Message

_ANSWERS: Mapping[str, int] = {"accepted": 0, "tentative": 1, "needs-action": 2, "declined": 3}
_ROLES: Mapping[str, int] = {"work": 0, "calls": 1, "busy": 2}


def messages(items: Iterable[Message]) -> list[Message]:
    """Return one mail for each key, in order of key: the sent copy before the received one."""
    best: dict[str, Message] = {}
    for item in items:
        held = best.get(item.key)
        if held is None or _mail_rank(item) < _mail_rank(held):
            best[item.key] = item
    return [best[key] for key in sorted(best)]


def events(items: Iterable[Event], own: frozenset[str]) -> list[Event]:
    """Return one event for each key, in order of key: the user's own copy, accepted before declined."""
    best: dict[str, Event] = {}
    for item in items:
        held = best.get(item.key)
        if held is None or _event_rank(item, own) < _event_rank(held, own):
            best[item.key] = item
    return [best[key] for key in sorted(best)]


def _mail_rank(item: Message) -> tuple[object, ...]:
    return (item.draft, not item.sent, item.at is None, item.account, repr(item))


def _event_rank(item: Event, own: frozenset[str]) -> tuple[object, ...]:
    mine = [_ANSWERS[guest.answer] for guest in item.guests if guest.me or guest.address in own]
    return (
        not item.owned,
        _ROLES[item.role],
        item.status == "cancelled",
        min(mine, default=0),
        -len(item.guests),
        item.account,
        repr(item),
    )
