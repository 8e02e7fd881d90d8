"""Does mail at Gmail come through any weather? A machine over HTTP: people who write, faults, restarts, lost places.

The outbox of the daemon is played in its shortest form: a row waits until a receipt is there, what is gone is settled.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from connectors.records import Cursor, Draft, Edited, Mailbox, NeedsLogin, Receipt, Unavailable
from tests.connectors.contracts import DRAFT
from tests.connectors.google_mail_world import World
from tests.google import Server
from tests.google.mailbox import Draft as Standing
from tests.google.weather import WEATHER

FAULTS = st.sampled_from(sorted(WEATHER))
METHODS = st.sampled_from(["drafts.create", "drafts.create", "drafts.*", "messages.get", "*"])
ROWS = st.integers(0, 2)


@dataclass
class Row:
    """One row of the outbox: what is to stand, and what is known of it."""

    item: Draft
    receipt: Receipt | None = None
    over: bool = False
    leaving: bool = False
    words: str = ""
    """What the user typed into it."""
    done: bool = False
    """The user sent it, or threw it away."""


class Weather(RuleBasedStateMachine):
    """Drafts are written, looked at and withdrawn, and mail is read, while everything goes wrong now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.server = Server()
        self.world = World(self.server, Path(self.folder.name))
        self.rows = [Row(self.item(number)) for number in range(3)]
        self.cursor: Cursor | None = None
        self.read: set[str] = set()
        self.sent: set[str] = set()
        self.writes_mail(20)

    def item(self, number: int) -> Draft:
        to = Mailbox(address=f"person{number}@friends.example", name=f"Person {number}")
        sender = Mailbox(address="clara@winter.example", name="Clara Winter")
        item = replace(DRAFT, key=f"draft/{number}", to=to, sender=sender, in_reply_to=None, at=self.server.now)
        return replace(item, subject=f"About {number}", body=f"Dear you,\n\nnumber {number}.\n")

    def teardown(self) -> None:
        try:
            self.come_to_rest()
        finally:
            self.world.wires.close()
            self.server.close()
            self.folder.cleanup()

    def come_to_rest(self) -> None:
        """In good weather every row is settled, and every mail that was sent is read."""
        self.server.calm()
        self.world.log_in()
        for minutes in (2 * 24 * 60, 15):  # a day's quota that was used up is there again
            self.tick(minutes)
        assert all(row.over or row.receipt is not None for row in self.rows)
        self.read |= {item.key for item in self.world.read(self.cursor)[0]}
        assert self.sent <= self.read
        assert self.server.sent_paths() == []

    # -- what Kith does ------------------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 15, 60 * 24]))
    def tick(self, minutes: int) -> None:
        self.server.advance(timedelta(minutes=minutes))
        for step in (self.pull, self.look, *(lambda row=row: self.settle(row) for row in self.rows)):
            try:
                step()
            except (Unavailable, NeedsLogin):
                continue

    def pull(self) -> None:
        page = self.world.pull(self.cursor)
        self.cursor = page.cursor
        self.read |= {item.key for item in page.items}

    def look(self) -> None:
        there = [(row, row.receipt) for row in self.rows if row.receipt is not None and not row.over]
        fates = self.world.drafts().look([receipt for _, receipt in there])
        for (row, _), fate in zip(there, fates, strict=True):
            row.over = fate.state == "gone"
            assert row.over == (not self.standing(row))
            assert fate.state != "untouched" or not row.words

    def settle(self, row: Row) -> None:
        drafts = self.world.drafts()
        if row.receipt is None:
            row.receipt = drafts.find(row.item.key) or drafts.create(row.item)
        elif row.leaving and not row.over:
            try:
                drafts.withdraw(row.receipt)
                row.over = True
            except Edited:
                row.leaving = False

    @rule(number=ROWS)
    def wants_it_back(self, number: int) -> None:
        self.rows[number].leaving = self.rows[number].receipt is not None

    # -- what the user does --------------------------------------------------------------------------------------------

    def standing(self, row: Row) -> list[Standing]:
        return [one for one in self.server.user.find_drafts() if row.item.to.address in one.message.header("to")]

    @rule(number=ROWS, moved=st.booleans(), keeps=st.booleans())
    def edits(self, number: int, *, moved: bool, keeps: bool) -> None:
        self.server.switches.keeps_message_id_on_edit = keeps
        row = self.rows[number]
        for one in self.standing(row):
            row.words += "My own words.\n"
            self.server.user.edit_draft(one.id, body=row.words, new_draft_id=moved)

    @rule(number=ROWS, sends=st.booleans(), opens=st.booleans())
    def reads_it_over(self, number: int, *, sends: bool, opens: bool) -> None:
        row = self.rows[number]
        for one in self.standing(row):
            if opens:
                self.server.user.autosave_draft(one.id, 2)
            elif row.receipt is not None:  # of the others nobody could know
                row.done = True
                if sends:
                    self.sent.add(self.server.user.send_draft(one.id).message_id.strip("<>"))
                else:
                    self.server.user.delete_draft(one.id)

    @rule(count=st.integers(1, 60))
    def writes_mail(self, count: int) -> None:
        made = [self.server.user.send_mail("ada@lovelace.example", f"Mail {number}") for number in range(count)]
        self.sent |= {message.message_id.strip("<>") for message in made}

    # -- the weather ---------------------------------------------------------------------------------------------------

    @rule(what=FAULTS, method=METHODS, nth=st.integers(1, 6), times=st.integers(1, 4), effect=st.booleans())
    def something_breaks(self, what: str, method: str, nth: int, times: int, *, effect: bool) -> None:
        kind, details = WEATHER[what]
        happened = {"effect": True} if effect and kind != "drop before" else {}
        self.server.fault(kind, method=f"gmail.users.{method}", nth=nth, times=times, **details, **happened)

    @rule()
    def logs_in_again(self) -> None:
        self.world.log_in()

    @rule(forgets=st.booleans(), restarts=st.booleans(), stale=st.booleans())
    def the_place_is_lost(self, *, forgets: bool, restarts: bool, stale: bool) -> None:
        if forgets:
            self.server.forget_history()
        if restarts:
            self.world.restart()
        if stale and self.cursor is not None and "token" in self.cursor:
            self.cursor = {**self.cursor, "token": "c3RhbGU"}

    @invariant()
    def no_draft_stands_twice_or_again_and_no_word_of_the_users_is_lost(self) -> None:
        for row in self.rows:
            found = self.standing(row)
            assert len(found) <= (0 if row.done or row.over else 1)
            if row.words and not row.done:
                assert [one.message.body for one in found] == [row.words]


Weather.TestCase.settings = settings(max_examples=20, stateful_step_count=30)
TestWeather = Weather.TestCase
