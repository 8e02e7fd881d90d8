"""What may happen, in any order? Commands, crashes and faults, beside people, time and the user's hand; and rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from requests.adapters import HTTPAdapter

from daemon.cli.answers import _decide
from daemon.ledger import Ledger
from daemon.session import open_session
from daemon.tick import rehearse
from daemon.undo import undo
from daemon.world import Report
from tests.google.test_crash import power
from tests.hand.hand import Hand
from tests.hand.life import NUMBERS
from tests.hand.past import EVERYBODY, KNOWN, LATEST, address

HOURS = st.sampled_from((0, 0, 1, 9, 30, 100))
"""What passes before a tick in which something happens."""


class Machine(Hand):
    """All of it; subclasses say in which home."""

    # -- commands ------------------------------------------------------------------------------------------------------

    def _person(self, ledger: Ledger, who: int) -> Any:
        people = sorted(ledger.people(), key=lambda person: person.id)
        return people[who % len(people)] if people else None

    @rule(who=NUMBERS, word=st.sampled_from(("key", "target", "admired", "muted", "network", "unmark muted")))
    def somebody_is_marked(self, who: int, word: str) -> None:
        """``kith mark``."""
        self._step()
        kind = "circle" if word == "network" else "unmark" if word.startswith("unmark") else "mark"
        with self._ground() as (session, ledger):
            _decide(session, ledger, self._person(ledger, who), kind, word.removeprefix("unmark "))

    @rule(one=NUMBERS, other=NUMBERS)
    def two_are_said_to_be_one(self, one: int, other: int) -> None:
        """``kith merge``."""
        self._step()
        first, second = (self.oracle.person(address((*KNOWN, LATEST)[number % 9])) for number in (one, other))
        with self._ground() as (session, ledger):
            homes = {found: person for person in ledger.people() for found in person.addresses}
            if first not in homes or second not in homes or homes[first].id == homes[second].id:
                return
            _decide(session, ledger, homes[first], "merge", homes[second].id)
        names = {address(name): name for name in EVERYBODY}
        self.oracle.user_merged(names[first], names[second])

    @rule(who=NUMBERS, everything=st.booleans())
    def it_is_undone(self, who: int, everything: bool) -> None:
        """``kith undo``, of a person, or of all; then a tick and the yes anew."""
        self._step()
        everything = everything and who % 3 == 0
        self._act(lambda: self._undo(None if everything else who))
        if everything:
            self.confirmed = False
            before = (self.home.things().keys(), self.home.letters().keys())
            self._act(self._tick)
            after = (self.home.things().keys(), self.home.letters().keys())
            assert all(new <= old for new, old in zip(after, before, strict=True)), "written without a yes"

    def _undo(self, who: int | None) -> None:
        with self._ground() as (session, ledger):
            person = None if who is None else self._person(ledger, who)
            state = session.memory(ledger).state()
            undo(
                ledger,
                tuple(session.worlds(state.entries)),
                state,
                lambda entry: person is None or person.id in (entry.person, *entry.also),
                unconfirm=person is None,
            )

    @precondition(lambda self: not self.confirmed)
    @rule()
    def yes_is_said_again(self) -> None:
        """``kith once --yes``."""
        self._step()
        self._act(self._yes)

    # -- crashes and faults --------------------------------------------------------------------------------------------

    @rule(hours=HOURS, at=st.integers(1, 45), after=st.booleans(), again=st.booleans())
    def it_is_killed(self, hours: int, at: int, after: bool, again: bool) -> None:
        """Before or after a change of the disk, or a request; then nothing, or a start anew."""
        self._step()
        self._let_pass(timedelta(hours=hours))
        self._act(lambda: self._killed(at, after))
        self.home.calm()
        if again:
            self._act(self._tick)

    def _killed(self, at: int, after: bool) -> None:
        with power(at, after=after):
            self._tick()

    @rule(hours=HOURS, what=NUMBERS, nth=st.integers(1, 12))
    def something_goes_wrong(self, hours: int, what: int, nth: int) -> None:
        """A fault for the length of a tick."""
        self._step()
        self._let_pass(timedelta(hours=hours))
        weather = self.home.weather[what % len(self.home.weather)]
        if not weather.startswith("no ") or self._is_watched(weather.removeprefix("no ")):
            self.home.spoil(weather, nth)
        self._act(self._tick_in_bad_weather)

    def _is_watched(self, part: str) -> bool:
        """Tell whether something stands there that is not settled: where all is, a place may be begun anew (U17)."""
        standing = self.home.letters() if part == "drafts" else self.home.things()
        rows = [self.oracle.rows[name] for name in standing if name in self.oracle.rows]
        return any(row.state in {"written", "edited", "moved"} for row in rows)

    def _tick_in_bad_weather(self) -> Report:
        report = self._tick()
        self.home.calm()
        return report

    @precondition(lambda self: self.home.hears and self.oracle.things)
    @rule(hours=HOURS, at=st.integers(1, 14), which=NUMBERS, what=st.sampled_from(("rename", "move", "delete")))
    def the_hand_is_quicker(self, hours: int, at: int, which: int, what: str) -> None:
        """Between two requests of a tick the user changes a reminder: what Kith knew of it is true no more."""
        self._step()
        self._let_pass(timedelta(hours=hours))
        with pytest.MonkeyPatch.context() as patch:
            real, requests = HTTPAdapter.send, []

            def send(*args: Any, **kwargs: Any) -> Any:
                requests.append(args)
                if len(requests) == at:
                    self._quickly(which, what)
                return real(*args, **kwargs)

            patch.setattr(HTTPAdapter, "send", send)
            self._act(self._tick)

    def _quickly(self, which: int, what: str) -> None:
        thing = self._thing(which)
        if what == "delete":
            self.home.delete(thing.name)
            self.oracle.user_quickly_deleted(thing, self.now)
        else:
            after = replace(thing, title="Quicker than you") if what == "rename" else thing
            after = replace(thing, start=thing.start + timedelta(days=2)) if what == "move" else after
            self.home.retype(after)
            self.oracle.user_quickly_did(after, "title" if what == "rename" else "time")

    # -- rest ----------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.confirmed)
    @rule()
    def all_is_quiet(self) -> None:
        """Two ticks in peace: what stands is the plan, nothing more is planned, and a third tick writes nothing."""
        self._step()
        for _ in range(2):
            report = self._act(self._tick)
            assert report is not None
            assert report.troubles == ()
        with open_session(self.home.config, self.now).ledger(write=False) as ledger:
            plan = rehearse(ledger, open_session(self.home.config, self.now).world(), self.now).plan
        assert (plan.write, plan.amend, plan.withdraw) == ((), (), ()), "more is planned, though all is quiet"
        entries, rows = self._rows()
        self.oracle.at_rest(entries, rows)
        before = self.home.spent()
        self._tick()
        assert self.home.spent() == before, "a third tick wrote something"
