"""A small world to compose in: one person, some touches, a proposal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.model import Me, Opinion, Person, Proposal, Settings, State, Touchpoint
from daemon.vocabulary import load_templates, load_vocabulary

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAY = datetime(2026, 10, 14, 10, tzinfo=UTC)
ANNA = "anna@helio.example"


class World:
    """Builds values with sensible fields, so that a test names only what it is about."""

    vocabulary = load_vocabulary(("en", "de"))
    templates = load_templates()
    now = NOW
    day = DAY

    @staticmethod
    def person(name: str = "Anna Berger", **fields: Any) -> Person:
        fields = {"id": "p-anna", "addresses": (ANNA,), "certain_name": True, **fields}
        return Person(name=name, **fields)

    @staticmethod
    def touch(kind: str = "one-to-one", title: str = "Tender review", at: datetime = DAY, **fields: Any) -> Touchpoint:
        source = f"{kind}-{at:%Y%m%dT%H%M}-{fields.get('person', 'p-anna')}"
        whole: dict[str, Any] = {
            "source": source,
            "address": ANNA,
            "person": "p-anna",
            "rule": "E6" if kind in {"one-to-one", "small-group", "call", "gathering"} else "M1",
            "account": "agenda",
            **fields,
        }
        return Touchpoint(kind=kind, title=title, at=at, **whole)  # type: ignore[arg-type]

    def state(
        self,
        *touches: Touchpoint,
        person: Person | None = None,
        others: Iterable[Person] = (),
        settings: Settings | None = None,
        **fields: Any,
    ) -> State:
        people = {p.id: p for p in (person or self.person(), *others)}
        whole: dict[str, Any] = {
            "now": NOW,
            "settings": settings or self.settings(),
            "vocabulary": self.vocabulary,
            "people": people,
            "touchpoints": {id_: tuple(t for t in touches if t.person == id_) for id_ in people},
            "ahead": {},
            "calendar": (),
            "open_events": frozenset(),
            "entries": (),
            "decisions": (),
            "sources": {},
            "earliest": None,
            **fields,
        }
        return State(**whole)

    @staticmethod
    def settings(language: str = "en", name: str = "Clara Winter", **fields: Any) -> Settings:
        me = Me(name=name, addresses=("clara@winter.example",), zone=ZoneInfo("Europe/Vienna"), language=language)
        return Settings(me=me, **fields)

    @staticmethod
    def proposal(kind: str, reason: str, *touches: Touchpoint, cycle: int = 0, **fields: Any) -> Proposal:
        whole: dict[str, Any] = {
            "person": "p-anna",
            "fact": touches[0].key if touches else "",
            "evidence": tuple(touch.key for touch in touches),
            **fields,
        }
        return Proposal(kind=kind, reason=reason, cycle=cycle, **whole)  # type: ignore[arg-type]

    @staticmethod
    def opinion(**fields: Any) -> Opinion:
        whole: dict[str, Any] = {
            "person": "p-anna",
            "circle": "network",
            "circle_why": "",
            "gate": "meetings",
            "stage": "established",
            "marks": frozenset(),
            "strength": 4.0,
            "touches": 3,
            "first_touch": None,
            "last_touch": None,
            "two_way_days": (),
            "ideal": 28.0,
            "worst": 56.0,
            "silence": 30.0,
            "depth": 30.0,
            "due": 0.1,
            "ahead": None,
            "silent": False,
            **fields,
        }
        return Opinion(**whole)


@pytest.fixture(scope="session")
def world() -> World:
    return World()
