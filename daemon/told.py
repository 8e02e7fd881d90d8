"""What did the user promise in an own event's title, or in a mail to themselves? (PRACTICE 5.3, N1): pure.

Two steps, for records come page by page and names are known only when all is read: a record whose title promises
something is remembered as ``told``, under the record's key; and of every ``told`` comes a promise, under its key and
words. A record that changes, or goes within the bounds of RULINGS C12 and C13, takes back what it told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from connectors.records import Event, Item, Message
from daemon.detect import card_decision
from daemon.grammar import Report, plain, report
from daemon.model import Decision, Me, State, Vocabulary, instant, local_day
from daemon.whom import cards_alone, meant

TOLD = "told/"
PROMISED = "promised/"
DEFAULT = timedelta(days=7)
"""When a promise without a day is due."""
TITLE_LIMIT = 300


def of_records(items: Iterable[Item], me: Me, vocabulary: Vocabulary) -> Iterator[Decision]:
    """Yield what ``items`` tell; an event tells it when it begins, a mail when it was written."""
    words = vocabulary["said-promised"]
    for item in items:
        title = item.title if isinstance(item, Event) else item.subject
        folded = title.casefold()
        if not any(word in folded for word in words):
            continue
        at = instant(item.start, me.zone) if isinstance(item, Event) else item.at
        if at is not None and is_own(item, frozenset(me.addresses)):
            text = " ".join(plain(title).split())[:TITLE_LIMIT]
            told = Decision(key=f"{TOLD}{item.key}", at=at, kind="told", about="", value=text)
            if _read(told, me, vocabulary) is not None:
                yield told


def is_own(item: Item, own: Collection[str]) -> bool:
    """Tell whether the user alone wrote it: an event of their own without guests, or a mail to themselves."""
    if isinstance(item, Message):
        everybody = [box.address for box in (*item.to, *item.cc, *item.bcc)]
        mine = item.sent and not (item.draft or item.automatic or item.bulk)
        return mine and bool(everybody) and all(address in own for address in everybody)
    if item.ours or not item.owned or item.role != "work" or item.kind != "default" or item.status == "cancelled":
        return False
    by_me = item.organiser is None or item.organiser.address in own
    return by_me and not item.guests_hidden and all(guest.address in own or guest.me for guest in item.guests)


def _read(told: Decision, me: Me, vocabulary: Vocabulary) -> Report | None:
    said = report(told.value, local_day(told.at, me.zone), vocabulary)
    return said if said is not None and said.kind == "promised" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What comes of all that was told: decisions to store, and the keys of those that rest on nothing any more."""

    made: tuple[Decision, ...] = ()
    undone: tuple[str, ...] = ()


def promises(state: State, new_id: Callable[[str], str]) -> Promises:
    """Return the promises that the user told of; somebody unknown, or one of several of a name, gets a card.

    What was made of the same words before stays as it is, whoever else came to bear the name since.
    """
    before = {item.key: item for item in state.decisions if item.kind == "promise" and item.key.startswith(PROMISED)}
    made: list[Decision] = []
    wanted: set[str] = set()
    for told in state.decisions:
        if told.kind == "told" and (said := _read(told, state.settings.me, state.vocabulary)) is not None:
            key = f"{PROMISED}{told.key.removeprefix(TOLD)}/{sha256(told.value.encode()).hexdigest()[:10]}"
            wanted.add(key)
            if key not in before:
                made.extend(_made(key, told, said, state, new_id))
    gone = {key: item for key, item in before.items() if key not in wanted}
    return Promises(made=tuple(made), undone=(*sorted(gone), *cards_alone(gone, (*state.decisions, *made))))


def source_of(promise: Decision) -> str:
    """Return the key of the record that ``promise`` comes from; "" for one that was made otherwise."""
    return promise.key.removeprefix(PROMISED).rpartition("/")[0] if promise.key.startswith(PROMISED) else ""


def _made(key: str, told: Decision, said: Report, state: State, new_id: Callable[[str], str]) -> Iterator[Decision]:
    person = meant(said.names[0], state.people, state.touchpoints, state.vocabulary, told.at)
    about = "" if person is None else person.id
    if person is None:
        card = card_decision(said.names[0], told.at, "typed", new_id=new_id)
        about = card.about
        yield card
    day = said.day or local_day(told.at, state.settings.me.zone) + DEFAULT
    yield Decision(key=key, at=told.at, kind="promise", about=about, value=said.text, reason=day.isoformat())
