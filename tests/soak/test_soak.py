"""A month of Kith in bad weather: it does not grow, it loses nothing, it writes nothing twice.

Kith is a process of its own that goes on from tick to tick (``goes_on``); Google is the stand-in, by real HTTP, with a
fault in one request of 25, hours in which nothing works, lost logins and forgotten cursors. News comes and the user's
hand is at work all the while; the oracle of ``tests/hand`` judges every change. ``KITH_LONG=1``: 30 days of 96 ticks.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from daemon.cli.ticks import _confirm
from daemon.session import open_session
from daemon.status import read_status
from daemon.tick import rehearse
from tests.google import story
from tests.hand.google_home import GoogleHome
from tests.hand.machine import Machine
from tests.hand.past import Meeting, mails
from tests.soak.process import Figures, Process

LONG = bool(os.environ.get("KITH_LONG"))
DAY = 96
TICKS = 30 * DAY if LONG else DAY + DAY // 3
QUARTER = timedelta(minutes=15)
RATE = 0.04
"""Share of requests that meet a fault of their own."""
KINDS = ("drop before", "drop after", "half body", "not json", "expire", 429, 500, 502, 503, 403)
GROWTH = 1.05
HISTORY = timedelta(days=6)
NEWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a_mail_is_written", ("who", "what")),
    ("a_mail_is_written", ("who", "what")),
    ("a_mail_is_heard", ("who", "what")),
    ("a_meeting_is_made", ("who", "others", "when")),
    ("a_meeting_is_changed", ("which", "how")),
    ("an_open_event_is_made", ("when",)),
)
HAND: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("a_reminder_is_moved", ("which", "by")),
    ("a_reminder_is_deleted", ("which",)),
    ("a_word_is_added", ("which",)),
    ("a_debrief_is_filled", ("which", "how", "who")),
    ("a_draft_is_sent", ("which",)),
    ("a_draft_is_edited", ("which",)),
    ("a_draft_is_thrown_away", ("which",)),
)
"""What may happen, and the numbers that say how."""
MORE: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "a_word_is_added": lambda chance: {
        "word": chance.choice(("done", "called", "later 3w", "key", "x", "hm")),
        "place": chance.choice(("{} {}", "{1}, {0}")),
    },
    "a_draft_is_sent": lambda chance: {"edited": chance.random() < 0.5},
    "a_draft_is_edited": lambda _: {"text": "And more.", "subject": ""},
}


class Month(Machine):
    """The life that ``tests/hand`` draws, with a Kith that goes on in a process of its own."""

    make_home = GoogleHome

    def __init__(self) -> None:
        super().__init__()
        self.kith = Process(self.home.config)
        self.over: list[Meeting] = []
        """Meetings that are history: whoever changes one so late is tidying up, and it stays as it was (C13)."""
        self._seen = 0

    def teardown(self) -> None:
        self.kith.close()
        super().teardown()

    def _tick(self) -> None:  # type: ignore[override]
        self.kith.tick(self.now)

    def _yes(self) -> None:  # type: ignore[override]
        session = open_session(self.home.config, self.now)
        with session.ledger(write=True) as ledger:
            _confirm(session, ledger)
        self.confirmed = True
        self._tick()

    def _act(self, act: Callable[[], Any]) -> None:  # type: ignore[override]
        """Let Kith act, and judge it if it wrote anything."""
        act()
        log = self.home.server.log
        wrote = any(entry.verb != "GET" and entry.method for entry in log[self._seen :])
        self._seen = len(log)
        if wrote or not self.oracle.things:
            peace = not read_status(self.folder / "state").get("troubles")
            self.oracle.kith_did(self._rows()[1], self.now, in_peace=peace)

    def happens(self, what: tuple[str, tuple[str, ...]], chance: random.Random) -> None:
        """Let one of the rules happen, if it can now."""
        name, numbers = what
        self.over += [meeting for meeting in self.meetings if self.now - meeting.end > HISTORY]
        self.meetings = [meeting for meeting in self.meetings if self.now - meeting.end <= HISTORY]
        rule = getattr(self, name)
        before = getattr(type(self), name).hypothesis_stateful_rule.preconditions
        if all(holds(self) for holds in before):
            rule(**{number: chance.randrange(1000) for number in numbers}, **MORE.get(name, lambda _: {})(chance))


@contextmanager
def month() -> Iterator[Month]:
    made = Month()
    try:
        yield made
    finally:
        made.teardown()


def weather(life: Month, number: int, chance: random.Random) -> None:
    """Let the day bring its troubles: hours without Google, a lost login and the new one, cursors too old."""
    server, hour = life.home.server, number % DAY // 4
    if number % 4:
        return
    if hour == 5:
        server.fault(503, times=None)
    elif hour in {8, 21}:
        server.calm()
        server.random_faults(chance.randrange(1 << 30), RATE, KINDS)
    elif hour == 11:
        server.user.revoke()
    elif hour == 13:
        for name, scopes in story.GRANTS.items():
            (life.folder / "state" / "tokens" / f"google.{name}.json").write_text(json.dumps(server.grant(scopes)))
    elif hour == 16:
        server.expire_sync_tokens()
    elif hour == 19:
        server.forget_history()
        server.hang_up()


def test_a_month_in_bad_weather(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first day memory grows by less than 5 %, open files and the lines of a tick do not grow at all; at the
    end what stands is the plan, each thing once, and everything that happened is known."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    chance = random.Random(1126)
    with month() as life:
        life.begins()
        life.home.server.random_faults(1, RATE, KINDS)
        for number in range(1, TICKS):
            life._let_pass(QUARTER)
            weather(life, number, chance)
            if chance.random() < 6 / DAY:
                life.happens(chance.choice(NEWS), chance)
            if chance.random() < 5 / DAY:
                life.happens(chance.choice(HAND), chance)
            life._act(life._tick)
            if number % DAY == 0:
                print(life.now.date(), life.kith.figures.worst("resident", number - DAY, number), flush=True)
        rest(life)
        told = life.kith.figures
        tell(told, life)
        assert told.worst("resident", TICKS - DAY // 3, TICKS) < GROWTH * told.worst("resident", 0, DAY)
        assert told.worst("files", DAY, TICKS) <= told.worst("files", 0, DAY)
        assert told.worst("lines", 1, TICKS) <= 2, "more than a tick's line and that of a page before its last"
        assert sum(told.lines[1:]) <= 1.01 * len(told.lines[1:])
        assert "Traceback" not in life.kith.log.read_text()


def rest(life: Month) -> None:
    """Let all be well, and look: the plan stands, nothing twice, nothing lost."""
    life.home.server.calm()
    life._let_pass(timedelta(hours=26))  # whatever was to be left alone for a while is over
    for _ in range(3):
        life._let_pass(QUARTER)
        life._act(life._tick)
    session = open_session(life.home.config, life.now)
    with session.ledger(write=False) as ledger:
        plan = rehearse(ledger, session.world(), session.now).plan
        records, memory = ledger.records(), session.memory(ledger)
        again = memory.derive()
        assert (set(ledger.people()), set(ledger.touchpoints())) == (set(again.people), set(again.touchpoints))
    assert (plan.write, plan.amend, plan.withdraw) == ((), (), ()), "more is planned, though all is quiet"
    entries, rows = life._rows()
    life.oracle.at_rest(entries, rows)
    known = {message.key for message in records.messages.values()}
    sent = [mail for mail in (*mails(), *life.mails) if not mail.heard]
    assert [mail.id for mail in sent if f"{mail.id}@winter.example" not in known] == []
    starts = {event.source_id.rpartition("/")[2]: event.start for event in records.events.values()}
    meetings = (*life.over, *life.meetings)
    assert {meeting.uid: starts.get(life.home._ids[meeting.uid]) for meeting in meetings} == {
        meeting.uid: meeting.start for meeting in meetings
    }


def tell(told: Figures, life: Month) -> None:
    """Say what it took."""
    megabytes = [round(told.worst("resident", at, at + DAY) / 1e6, 1) for at in range(0, TICKS, DAY)]
    asked, happened = len(life.home.server.log), (len(life.mails), len(life.over) + len(life.meetings))
    print(f"\n{TICKS} ticks, {asked} requests, {happened[0]} mails and {happened[1]} meetings of news")
    print(f"MB, the most of each day: {megabytes}; open files {max(told.files)}; lines {sum(told.lines)}")
    faults = sum(entry.status >= 400 or not entry.status for entry in life.home.server.log)
    print(f"requests that failed: {faults}; steps of people and hand: {life.taken}")
