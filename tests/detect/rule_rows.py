"""Reads the tables in ``tests/data/rules``: each row is a small world in plain words and what must come of it.

``me`` is Clara Winter <clara@winter.example>, in Vienna; unless a row says otherwise it is noon on 20 March 2026.
``wrote`` lists people she once wrote to, so that they are known; what that counts as is not listed again.
A person is written ``Ada Lovelace <ada@x.example>``, a guest ends with the answer: ``Ada <ada@x.example> declined``.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.records import Event, Guest, Mailbox, Message
from daemon.detect import detect
from daemon.model import Decision, Facts, Me, Person, Records, Settings
from daemon.vocabulary import load_vocabulary

FOLDER = Path(__file__).parent.parent / "data" / "rules"
ZONE = ZoneInfo("Europe/Vienna")
ME = Mailbox(address="clara@winter.example", name="Clara Winter")
NOW = datetime(2026, 3, 20, 12, tzinfo=ZONE)
ANSWERS = {"accepted": "accepted", "declined": "declined", "tentative": "tentative", "unanswered": "needs-action"}
KINDS = {"room": "room", "group": "group"}


@dataclass(frozen=True, kw_only=True)
class World:
    """What a row describes, as detection gets it; ``asked`` are the keys of the records the row is about."""

    records: Records
    settings: Settings
    decisions: tuple[Decision, ...] = ()
    known: tuple[Person, ...] = ()
    now: datetime = NOW
    caught_up: bool = True
    asked: tuple[str, ...] = field(default=())


def tables() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name of each row and the row."""
    for path in sorted(FOLDER.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8"))["row"]:
            yield f"{path.stem}: {row['case']}", row


def new_id(address: str) -> str:
    """Return a stable id for an address."""
    return "p-" + hashlib.sha256(address.encode()).hexdigest()[:10]


def facts(world: World) -> Facts:
    """Return what detection makes of ``world``."""
    return detect(
        world.records,
        settings=world.settings,
        vocabulary=load_vocabulary(),
        decisions=world.decisions,
        now=world.now,
        known=world.known,
        new_id=new_id,
        caught_up=world.caught_up,
    )


def world(row: Mapping[str, Any]) -> World:
    """Build the world of one row."""
    events = [event for number, text in enumerate(row.get("events", ())) for event in _events(f"e{number + 1}", text)]
    mails = [mail for number, text in enumerate(row.get("mails", ())) for mail in _mails(f"m{number + 1}", text)]
    before = [
        _mail(f"known{number}", {"to": [who], "when": "2026-02-01 09:00"})
        for number, who in enumerate(row.get("wrote", ()))
    ]
    me = Me(
        name=ME.name,
        addresses=(ME.address, *row.get("also_me", ())),
        zone=ZONE,
    )
    return World(
        records=Records(
            events={item.key if item.account == "a" else f"{item.account}/{item.key}": item for item in events},
            messages={f"{item.account}/{item.key}": item for item in (*mails, *before)},
        ),
        settings=Settings(me=me, lists=frozenset(row.get("lists", ()))),
        decisions=tuple(_decision(number, text) for number, text in enumerate(row.get("decisions", ()))),
        now=_when(row["now"]) if "now" in row else NOW,
        caught_up=row.get("caught_up", True),
        asked=tuple(dict.fromkeys(item.key for item in (*events, *mails))),
    )


def outcome(found: Facts, asked: Sequence[str]) -> dict[str, list[str]]:
    """Return what a row may state, in the row's own words."""
    before = {key for key in found.verdicts if key.startswith("known")}
    counts = Counter(
        f"{item.address} {item.kind} {item.rule}" for item in found.touchpoints if item.source not in before
    )
    return {
        "counts": sorted(text if number == 1 else f"{text} x{number}" for text, number in counts.items()),
        "verdicts": _runs(_verdict(found, key) for key in asked),
        "absent": sorted(f"{key.partition(chr(9))[2]} {item.rule}" for key, item in found.guest_verdicts.items()),
        "ignored": sorted(f"{item.address} {item.rule} {item.count}" for item in found.ignored if item.rule != "A1"),
        "own": sorted(found.own - {ME.address}),
        "people": sorted(f"{item.name or '?'}: {' '.join(item.addresses)}" for item in found.people),
        "certain": sorted(item.name for item in found.people if item.certain_name),
        "dead": sorted(address for item in found.people for address in item.dead),
        "questions": sorted(f"{item.kind} x{item.count}" if item.count else item.kind for item in found.questions),
        "birthdays": _birthdays(found),
        "began": sorted({f"{item.address} {item.began}" for item in found.touchpoints if item.source not in before}),
        "mine": sorted(
            f"{item.address} {item.kind} {item.mine or '-'}" for item in found.touchpoints if item.source not in before
        ),
        "others": sorted(item.address for item in found.touchpoints if item.others and item.source not in before),
        "times": sorted(item.at.strftime("%Y-%m-%d %H:%M") for item in found.touchpoints if item.source not in before),
    }


def _birthdays(found: Facts) -> list[str]:
    called = {item.id: item.name for item in found.people}
    return sorted(f"{called[item.person]} {item.day}" for item in found.birthdays)


def _verdict(found: Facts, key: str) -> str:
    verdict = found.verdicts[key]
    said = verdict.kind if verdict.counted else "nothing"
    return f"{verdict.rule} {said}{' open' if verdict.open else ''}"


def _runs(texts: Iterable[str]) -> list[str]:
    counted = Counter(texts)
    return [text if number == 1 else f"{text} x{number}" for text, number in counted.items()]


def _events(key: str, text: Mapping[str, Any]) -> Iterator[Event]:
    first = _event(key, text)
    days = text.get("every", 7)
    for number in range(text.get("times", 1)):
        step = timedelta(days=days * number)
        yield replace(
            first, key=f"{first.key}/{number}" if number else first.key, start=first.start + step, end=first.end + step
        )


def _event(key: str, text: Mapping[str, Any]) -> Event:
    start: datetime | date = _when(text["when"]) if " " in text["when"] else date.fromisoformat(text["when"])
    length = (
        timedelta(minutes=text.get("minutes", 60))
        if isinstance(start, datetime)
        else timedelta(days=text.get("days", 1))
    )
    crowd = tuple(f"Guest {n} <guest{n}@crowd.example> accepted" for n in range(1, text.get("crowd", 0) + 1))
    organiser = text.get("organiser")
    uid = text.get("uid", key)
    return Event(
        key=text.get("key", key),
        uid=uid,
        source_id=uid,
        account=text.get("account", "a"),
        start=start,
        end=start + length,
        title=text.get("title", ""),
        role=text.get("role", "work"),
        owned=text.get("owned", True),
        series=text.get("series"),
        organiser=None if organiser is None else _person(organiser),
        guests=tuple(_guest(guest) for guest in (*text.get("guests", ()), *crowd)),
        status=text.get("status", "confirmed"),
        free=text.get("free", False),
        kind=text.get("kind", "default"),
        private=text.get("private", False),
        guests_hidden=text.get("guests_hidden", False),
        tagged=text.get("tagged", False),
        ours=text.get("ours", False),
    )


def _mails(key: str, text: Mapping[str, Any]) -> Iterator[Message]:
    for number in range(1, text.get("each", 1) + 1):
        said = {name: _numbered(value, number) for name, value in text.items()}
        yield _mail(key if number == 1 else f"{key}/{number}", said)


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, list):
        return [_numbered(item, number) for item in value]
    return value.replace("{n}", str(number)) if isinstance(value, str) else value


def _mail(key: str, text: Mapping[str, Any]) -> Message:
    sent = text.get("sent", "from" not in text)
    many = tuple(f"Person {n} <p{n}@many.example>" for n in range(1, text.get("many", 0) + 1))
    answers = text.get("answers")
    return Message(
        key=text.get("id", key),
        account=text.get("account", "a"),
        at=None if text.get("when") == "unknown" else _when(text.get("when", "2026-03-02 10:00")),
        message_id=text.get("id", key),
        sender=_person(text.get("from", "me")),
        to=tuple(_person(who) for who in (*text.get("to", ()), *many)),
        cc=tuple(_person(who) for who in text.get("cc", ())),
        bcc=tuple(_person(who) for who in text.get("bcc", ())),
        subject=text.get("subject", "Saturday"),
        in_reply_to=answers,
        root=text.get("root", answers),
        sent=sent,
        draft=text.get("draft", False),
        automatic=text.get("automatic", False),
        bulk=text.get("bulk", False),
    )


def _person(text: str) -> Mailbox:
    if text == "me":
        return ME
    name, _, address = text.rpartition("<")
    return Mailbox(address=address.rstrip("> ").strip() if name else text.strip("<> "), name=name.strip())


def _guest(text: str) -> Guest:
    found = re.fullmatch(r"(.*?)(?: (accepted|declined|tentative|unanswered))?(?: (room|group|myself))?", text)
    assert found is not None
    who, answer, kind = found.groups()
    box = _person(who)
    return Guest(
        address=box.address,
        name=box.name,
        answer=ANSWERS[answer or "accepted"],  # type: ignore[arg-type]
        kind=KINDS.get(kind or "", "person"),  # type: ignore[arg-type]
        me=kind == "myself" or box == ME,
    )


def _decision(number: int, text: str) -> Decision:
    """Read ``keep info@x.example``, ``merge a@x.example b@y.example``, ``sign a@x.example call``,
    ``title think about workshop open``."""
    kind, about, *value = text.split()
    if kind == "title":
        about, value = " ".join((about, *value[:-1])), value[-1:]
    is_id = kind not in {"keep", "title"}
    second = value[0] if value else ""
    return Decision(
        key=f"d{number}",
        at=datetime(2026, 3, 10, 12, number, tzinfo=UTC),
        kind=kind,
        about=new_id(about) if is_id else about,
        value=new_id(second) if kind == "merge" else second,
    )


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)
