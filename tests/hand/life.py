"""How does Kith tick in a home, and what do time and people do meanwhile? Each tick is judged."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from connectors._text import name_of
from daemon.cli.ticks import _confirm
from daemon.ledger import Ledger
from daemon.model import Entry
from daemon.session import Session, open_session
from daemon.status import read_quiet, write_status
from daemon.tick import catch_up
from daemon.world import Report
from tests.hand.home import Home, Letter, Thing
from tests.hand.oracle import Oracle, Rows
from tests.hand.past import EVERYBODY, NOW, TOPICS, Mail, Meeting

NUMBERS = st.integers(0, 999)
AWAY = tuple(timedelta(hours=hours) for hours in (-50, -20, -2, 1, 4, 20, 70, 150))
"""When a meeting is, from now."""
OPEN = ("Founders meetup", "Stammtisch")


class Life(RuleBasedStateMachine):
    """A life in one home; subclasses say which."""

    make_home: ClassVar[Callable[[Path], Home]]
    taken: ClassVar[int] = 0
    """Steps, in all lives."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="kith-hand-"))
        self.home = type(self).make_home(self.folder)
        self.oracle = Oracle(self.home)
        self.now = NOW
        self.number = 0
        self.meetings: list[Meeting] = []
        self.mails: list[Mail] = []
        self.confirmed = False

    def teardown(self) -> None:
        self.home.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @initialize()
    def begins(self) -> None:
        """A plan is seen, the user says yes, everything is read."""
        self.oracle.user_did()
        self._act(self._yes)

    # -- Kith ----------------------------------------------------------------------------------------------------------

    @contextmanager
    def _ground(self) -> Iterator[tuple[Session, Ledger]]:
        session = open_session(self.home.config, self.now)
        with session.ledger(write=True) as ledger:
            yield session, ledger
        session.settle()

    def _tick(self) -> Report:
        with self._ground() as (session, ledger):
            state = session.configuration.state
            report = catch_up(ledger, session.world(quiet=read_quiet(state)), session.now, lambda _: None)
            write_status(state, report, session.now)
            ledger.fold()
        return report

    def _yes(self) -> Report:
        with self._ground() as (session, ledger):
            _confirm(session, ledger)
        self.confirmed = True
        return self._tick()

    def _rows(self) -> tuple[list[Entry], Rows]:
        """Return the ledger's rows, and those of what stands or stood, by the name it has outside."""
        with open_session(self.home.config, self.now).ledger(write=False) as ledger:
            entries = list(ledger.entries())
            marks = {name_of(ledger.alias(entry.outside)): entry for entry in _newest_last(entries)}
        by_ref = {part: entry for entry in _newest_last(entries) for part in _parts(entry.ref or "")}
        rows: dict[str, Entry] = {}
        stands: dict[str, Thing | Letter] = {**self.home.things(), **self.home.letters()}
        for name, item in stands.items():
            found = by_ref.get(name) or next(
                (entry for mark, entry in marks.items() if item.mark and mark.startswith(item.mark)), None
            )
            if found is not None:
                rows[name] = found
        known = {row.key for row in rows.values()}
        open_ones = (
            entry for entry in entries if entry.state in {"written", "edited", "moved"} and entry.ref is not None
        )
        return entries, rows | {f"lost {entry.key}": entry for entry in open_ones if entry.key not in known}

    def _act(self, act: Callable[[], Report | None]) -> Report | None:
        """Let Kith act, and judge it."""
        report = act()
        _, rows = self._rows()
        in_peace = report is not None and not report.troubles
        self.oracle.kith_did(rows, self.now, in_peace=in_peace)
        return report

    # -- time and people -----------------------------------------------------------------------------------------------

    def _step(self) -> None:
        type(self).taken += 1

    @rule(minutes=st.sampled_from((0, 7, 15, 55, 180)))
    def minutes_pass(self, minutes: int) -> None:
        """And a tick at their end."""
        self._step()
        self._pass(timedelta(minutes=minutes))

    @rule(hours=st.sampled_from((6, 11, 24, 31)))
    def a_day_passes(self, hours: int) -> None:
        """And a tick at its end."""
        self._step()
        self._pass(timedelta(hours=hours))

    @rule(days=st.sampled_from((2, 3, 6, 9, 21, 40)))
    def weeks_pass(self, days: int) -> None:
        """With a tick at their end only: the machine was off."""
        self._step()
        self._pass(timedelta(days=days))

    def _pass(self, by: timedelta) -> None:
        self._let_pass(by)
        self._act(self._tick)

    def _let_pass(self, by: timedelta) -> None:
        self.now += by
        self.home.pass_time(by)

    @rule(who=NUMBERS, others=NUMBERS, when=NUMBERS)
    def a_meeting_is_made(self, who: int, others: int, when: int) -> None:
        """One-to-one or a small group, with people known or new."""
        self._step()
        guests = tuple(dict.fromkeys(EVERYBODY[(who + 5 * turn) % len(EVERYBODY)] for turn in range(1 + others % 3)))
        self._meet(f"Talk about {TOPICS[others % 5].lower()}", guests, when)

    @rule(when=NUMBERS)
    def an_open_event_is_made(self, when: int) -> None:
        """An evening without a guest list."""
        self._step()
        self._meet(OPEN[when % len(OPEN)], (), when, hours=3)

    def _meet(self, title: str, guests: tuple[str, ...], when: int, *, hours: int = 1) -> None:
        start = (self.now + AWAY[when % len(AWAY)]).replace(minute=0, second=0)
        self.number += 1
        made = Meeting(
            uid=f"n{self.number}", title=title, start=start, end=start + timedelta(hours=hours), guests=guests
        )
        self.meetings.append(made)
        self.home.put_meeting(made)
        self.oracle.user_did()

    @precondition(lambda self: self.meetings)
    @rule(which=NUMBERS, how=NUMBERS)
    def a_meeting_is_changed(self, which: int, how: int) -> None:
        """Moved, or called off."""
        self._step()
        at = which % len(self.meetings)
        meeting = self.meetings[at]
        by = AWAY[how % len(AWAY)]
        if how % 3 == 0:
            changed = replace(meeting, called_off=True)
            self.meetings.pop(at)
        else:
            changed = self.meetings[at] = replace(meeting, start=meeting.start + by, end=meeting.end + by)
        self.home.put_meeting(changed)
        self.oracle.user_did()

    @rule(who=NUMBERS, what=NUMBERS)
    def a_mail_is_written(self, who: int, what: int) -> None:
        """To somebody known or new, on a new subject or in a thread."""
        self._step()
        self._mail(who, what, heard=False)

    @precondition(lambda self: self.home.hears)
    @rule(who=NUMBERS, what=NUMBERS)
    def a_mail_is_heard(self, who: int, what: int) -> None:
        """From somebody."""
        self._step()
        self._mail(who, what, heard=True)

    def _mail(self, who: int, what: int, *, heard: bool) -> None:
        name = EVERYBODY[who % len(EVERYBODY)]
        before = [mail for mail in self.mails if mail.who == name]
        answers = before[-1] if before and what % 2 else None
        subject = f"Re: {answers.subject}".replace("Re: Re:", "Re:") if answers else f"{TOPICS[what % 5]} {what % 7}"
        self.number += 1
        at = self.now - timedelta(minutes=3 + what % 90)
        made = Mail(
            id=f"m{self.number}", who=name, subject=subject, at=at, answers=answers.id if answers else "", heard=heard
        )
        self.mails.append(made)
        self.home.put_mail(made)
        self.oracle.user_did()


def _newest_last(entries: list[Entry]) -> list[Entry]:
    """Where one stands in the place of another, the one that stands now wins."""
    return sorted(entries, key=lambda entry: (entry.state in {"written", "edited", "moved"}, str(entry.decided)))


def _parts(ref: str) -> list[str]:
    for sign in "@ :/":
        ref = ref.replace(sign, "\n")
    return [part for part in ref.split("\n") if len(part) > 9 and part != "google"]
