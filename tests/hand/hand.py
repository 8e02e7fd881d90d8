"""What can the user's hand do to what Kith wrote? Every row of PRACTICE 6, to an entry chosen at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.hand.home import Letter, Thing
from tests.hand.life import NUMBERS, Life
from tests.hand.past import EVERYBODY, STRANGERS, address

WORDS = ("done", "called", "met", "spoke", "no", "never", "key", "x", "later 3w", "later", "promised the study", "hm")
FILLED = ("{name}: nice talk x", "{name}: x", "{name}: no", "{name}: promised the figures", "{name}: tall, packaging")
NEW = (
    "new: {name} {address} x",
    "new: {name}, needs a CFO",
    "new: {name}",
    "new: {name} {address}, promised the report",
)
REPLIES = ("yes", "no", "called yesterday", "hm", "never")
LOOSE = ("[{}]", "{} - and more", "{}!")


class Hand(Life):
    """A life with a calendar and Drafts in reach."""

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

    def _looking_back(self) -> list[Thing]:
        return sorted(
            (thing for thing in self.oracle.things.values() if "\nspoke:" in thing.body), key=lambda thing: thing.name
        )

    @precondition(lambda self: self._looking_back())
    @rule(which=NUMBERS, how=NUMBERS, who=NUMBERS)
    def a_review_is_answered(self, which: int, how: int, who: int) -> None:
        """Yes, no or a word behind a question, or somebody she spoke with."""
        self._step()
        things = self._looking_back()
        thing = things[which % len(things)]
        lines = thing.body.split("\n")
        open_ = [number for number, line in enumerate(lines) if line.endswith("?") or line == "spoke:"]
        if not open_:
            return
        at = open_[how % len(open_)]
        everybody = (*EVERYBODY, *STRANGERS)
        lines[at] += f" {everybody[who % len(everybody)] if lines[at] == 'spoke:' else REPLIES[who % len(REPLIES)]}"
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
    @rule(
        which=NUMBERS,
        text=st.sampled_from(("And more.", "See you.", "x")),
        subject=st.sampled_from(("", "", "New words")),
    )
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
