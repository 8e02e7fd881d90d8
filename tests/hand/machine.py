"""What may happen, in any order? People, time, the user's hand, crashes and faults, with Kith ticking among them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from connectors._text import name_of
from daemon.cli.answers import _decide
from daemon.cli.ticks import _confirm
from daemon.ledger import Ledger
from daemon.loop import read_quiet, write_status
from daemon.model import Entry
from daemon.session import Session, open_session
from daemon.tick import catch_up, rehearse
from daemon.undo import undo
from daemon.world import Report
from tests.google.test_crash import power
from tests.hand.home import Home, Letter, Thing
from tests.hand.oracle import Oracle, Rows
from tests.hand.past import EVERYBODY, KNOWN, LATEST, NOW, STRANGERS, TOPICS, Mail, Meeting, address

NUMBERS = st.integers(0, 999)
PASSES = tuple(timedelta(minutes=minutes) for minutes in (7, 15, 55, 180, 600, 1440, 2880, 7200, 12960, 30240))
AWAY = tuple(timedelta(hours=hours) for hours in (-50, -20, -2, 1, 4, 20, 70, 150))
"""When a meeting is, from now."""
WORDS = ("done", "called", "met", "spoke", "no", "never", "key", "x", "later 3w", "later", "promised the study", "hm")
FILLED = ("{name}: nice talk x", "{name}: x", "{name}: no", "{name}: promised the figures", "{name}: tall, packaging")
NEW = ("new: {name} {address} x", "new: {name}, needs a CFO", "new: {name}", "new: {name} {address}, promised the report")
OPEN = ("Founders meetup", "Stammtisch")
LOOSE = ("[{}]", "{} - and more", "{}!")


class Life(RuleBasedStateMachine):
    """A life in one home; subclasses say which."""

    make_home: ClassVar[Callable[[Path], Home]]
    steps: ClassVar[int] = 0

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
        open_ones = (entry for entry in entries if entry.state in {"written", "edited", "moved"} and entry.ref is not None)
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
        type(self).steps += 1

    @rule(which=NUMBERS)
    def time_passes(self, which: int) -> None:
        """Minutes to weeks, with a tick at their end."""
        self._step()
        by = PASSES[which % len(PASSES)]
        self.now += by
        self.home.pass_time(by)
        self._act(self._tick)

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
        made = Meeting(uid=f"n{self.number}", title=title, start=start, end=start + timedelta(hours=hours), guests=guests)
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

    # -- the hand, in the calendar -------------------------------------------------------------------------------------

    def _thing(self, which: int) -> Thing:
        """Return one of the reminders; those of people before those of Kith itself."""
        things = sorted(self.home.things().values(), key=lambda thing: (thing.start, thing.name))
        return things[which % len(things)]

    @precondition(lambda self: self.oracle.things)
    @rule(which=NUMBERS, by=NUMBERS)
    def a_reminder_is_moved(self, which: int, by: int) -> None:
        """Snoozed."""
        self._step()
        thing = self._thing(which)
        self.home.move(thing, thing.start + timedelta(days=1 + by % 9, hours=by % 5 - 2))
        self.oracle.user_did(thing.name, "time")

    @precondition(lambda self: self.oracle.things)
    @rule(which=NUMBERS)
    def a_reminder_is_deleted(self, which: int) -> None:
        """Dismissed."""
        self._step()
        name = self._thing(which).name
        self.home.delete(name)
        self.oracle.user_deleted(name, self.now)

    @precondition(lambda self: self.oracle.things)
    @rule(which=NUMBERS, how=NUMBERS)
    def a_reminder_is_renamed(self, which: int, how: int) -> None:
        """Wholly, or by signs around its words."""
        self._step()
        thing = self._thing(which)
        title = LOOSE[how % len(LOOSE)].format(thing.title) if how % 4 else f"My own words {how}"
        self._retype(replace(thing, title=title), "title")

    @precondition(lambda self: self.oracle.things)
    @rule(which=NUMBERS, word=st.sampled_from(WORDS), place=st.sampled_from(("{} {}", "{}: {}", "{1} {0}", "{1}, {0}")))
    def a_word_is_added(self, which: int, word: str, place: str) -> None:
        """In front of the title, or behind it."""
        self._step()
        thing = self._thing(which)
        self._said(thing, word)
        self._retype(replace(thing, title=place.format(word, thing.title)), "title")

    @precondition(lambda self: self.oracle.things)
    @rule(which=NUMBERS, word=st.sampled_from(WORDS), front=st.booleans())
    def a_line_is_typed(self, which: int, word: str, front: bool) -> None:
        """Into the description."""
        self._step()
        thing = self._thing(which)
        self._said(thing, word)
        body = f"{word}\n{thing.body}" if front else f"{thing.body}\n{word}"
        self._retype(replace(thing, body=body), "body")

    def _said(self, thing: Thing, word: str) -> None:
        if word.startswith("later"):
            self.oracle.user_did(thing.name, "later")

    def _retype(self, thing: Thing, *fields: str) -> None:
        self.home.retype(thing)
        self.oracle.user_did(thing.name, *fields)

    def _asking(self) -> list[Thing]:
        return sorted(
            (thing for thing in self.oracle.things.values() if "\nnew:" in thing.body), key=lambda thing: thing.name
        )

    @precondition(lambda self: self._asking())
    @rule(which=NUMBERS, how=NUMBERS, who=NUMBERS)
    def a_debrief_is_filled(self, which: int, how: int, who: int) -> None:
        """A line of somebody expected, or one for somebody new."""
        self._step()
        things = self._asking()
        thing = things[which % len(things)]
        lines = thing.body.split("\n")
        empty = [number for number, line in enumerate(lines) if line.endswith(":") and line != "promised:"]
        if not empty:
            return
        at = empty[how % len(empty)]
        name = STRANGERS[who % len(STRANGERS)] if lines[at] == "new:" else lines[at][:-1]
        forms = NEW if lines[at] == "new:" else FILLED
        lines[at] = forms[who % len(forms)].format(name=name, address=address(name) if name in EVERYBODY else "")
        self._retype(replace(thing, body="\n".join(lines)), "body")

    @precondition(lambda self: self._asking())
    @rule(which=NUMBERS, how=NUMBERS)
    def a_line_is_taken_out_again(self, which: int, how: int) -> None:
        """The user changes their mind."""
        self._step()
        things = self._asking()
        thing = things[which % len(things)]
        lines = thing.body.split("\n")
        filled = [number for number, line in enumerate(lines) if ": " in line]
        if filled:
            del lines[filled[how % len(filled)]]
            self._retype(replace(thing, body="\n".join(lines)), "body")

    @precondition(lambda self: self.home.completes and self.oracle.things)
    @rule(which=NUMBERS)
    def a_task_is_ticked_off(self, which: int) -> None:
        """Done."""
        self._step()
        thing = self._thing(which)
        self.home.complete(thing.name)
        self.oracle.user_did(thing.name, "done")

    # -- the hand, in Drafts -------------------------------------------------------------------------------------------

    def _letter(self, which: int) -> Letter:
        letters = sorted(self.home.letters().values(), key=lambda letter: letter.name)
        return letters[which % len(letters)]

    @precondition(lambda self: self.oracle.letters)
    @rule(which=NUMBERS, edited=st.booleans())
    def a_draft_is_sent(self, which: int, edited: bool) -> None:
        """As it is, or with other words."""
        self._step()
        letter = self._letter(which)
        if edited:
            self.home.edit(letter, f"{letter.body}\nAnd more.\n")
            letter = self.home.letters()[letter.name]
        self.home.send(letter, self.now)
        self.oracle.user_sent(letter.name)

    @precondition(lambda self: self.oracle.letters)
    @rule(which=NUMBERS, text=st.sampled_from(("And more.", "See you.", "x")), subject=st.sampled_from(("", "", "New words")))
    def a_draft_is_edited(self, which: int, text: str, subject: str) -> None:
        """It is the user's now."""
        self._step()
        letter = self._letter(which)
        self.home.edit(letter, f"Dear friend,\n{letter.body}\n{text}\n", subject=subject)
        self.oracle.user_did(letter.name, "whole")

    @precondition(lambda self: self.oracle.letters)
    @rule(which=NUMBERS)
    def a_signature_is_added(self, which: int) -> None:
        """By the program: no edit."""
        self._step()
        self.home.sign(self._letter(which))
        self.oracle.user_did()

    @precondition(lambda self: self.oracle.letters)
    @rule(which=NUMBERS)
    def a_draft_is_thrown_away(self, which: int) -> None:
        """No."""
        self._step()
        letter = self._letter(which)
        self.home.throw_away(letter)
        self.oracle.user_deleted(letter.name, self.now)

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

    @rule(at=st.integers(1, 45), after=st.booleans(), which=NUMBERS)
    def it_is_killed(self, at: int, after: bool, which: int) -> None:
        """Before or after a change of the disk, or a request; then nothing, or a start anew."""
        self._step()
        self._act(lambda: self._killed(at, after))
        self.home.calm()
        if which % 2:
            self._act(self._tick)

    def _killed(self, at: int, after: bool) -> None:
        with power(at, after=after):
            self._tick()

    @rule(what=NUMBERS, nth=st.integers(1, 12))
    def something_goes_wrong(self, what: int, nth: int) -> None:
        """A fault for the length of a tick."""
        self._step()
        self.home.spoil(self.home.weather[what % len(self.home.weather)], nth)
        self._act_spoiled()
        self.home.calm()
        self.oracle.user_did()

    def _act_spoiled(self) -> None:
        report = self._tick()
        assert report is not None

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


def _newest_last(entries: list[Entry]) -> list[Entry]:
    """Where one stands in the place of another, the one that stands now wins."""
    return sorted(entries, key=lambda entry: (entry.state in {"written", "edited", "moved"}, str(entry.decided)))


def _parts(ref: str) -> list[str]:
    for sign in "@ :/":
        ref = ref.replace(sign, "\n")
    return [part for part in ref.split("\n") if len(part) > 9 and part != "google"]
