"""Does mail at Gmail come through any weather? A machine over HTTP: people who write, faults, restarts, lost places.

The outbox of the daemon is played in its shortest form: a row waits until a receipt is there, what is gone is settled.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connectors.records import Cursor, Draft, Edited, Mailbox, Receipt, Unavailable
from tests.connectors.contracts import DRAFT
from tests.connectors.google_mail_world import World
from tests.google import Server
from tests.google.mailbox import Draft as Standing

WEATHER: tuple[int | str, ...] = (
    *("drop before", "drop after", "half body", "not json", "redirect", "expire", "empty"),
    *(429, 403, 500, 503),
)


@dataclass
class Row:
    """One row of the outbox: what is to stand, and what is known of it."""

    item: Draft
    receipt: Receipt | None = None
    over: bool = False
    leaving: bool = False
    user: str = ""
    """What the user typed into it, or did with it."""

    @property
    def to(self) -> str:
        return self.item.to.address


class Weather(RuleBasedStateMachine):
    """Drafts are written, looked at and withdrawn, and mail is read, while everything goes wrong now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.server = Server()
        self.world = World(self.server, Path(self.folder.name))
        self.rows: list[Row] = []
        self.cursor: Cursor | None = None
        self.read: list[str] = []
        self.sent: list[str] = []
        self.seed = 0

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
        for _ in range(4):
            self.server.advance(timedelta(minutes=15))
            self.tick()
        for row in self.rows:
            assert row.over or row.receipt is not None
        items, _ = self.world.read(self.cursor)
        assert set(self.sent) <= {*self.read, *(item.key for item in items)}
        assert self.server.sent_paths() == []

    # -- what Kith does ------------------------------------------------------------------------------------------------

    @rule()
    def wants_a_draft(self) -> None:
        number = len(self.rows)
        to = Mailbox(address=f"person{number}@friends.example", name=f"Person {number}")
        sender = Mailbox(address="clara@winter.example", name="Clara Winter")
        item = replace(DRAFT, key=f"draft/{number}", to=to, sender=sender, in_reply_to=None, at=self.server.now)
        self.rows.append(Row(replace(item, subject=f"About {number}", body=f"Dear you,\n\nnumber {number}.\n")))

    @rule()
    def tick(self) -> None:
        drafts = self.world.drafts()
        try:
            there = [row for row in self.rows if row.receipt is not None and not row.over]
            for row, fate in zip(there, drafts.look([row.receipt for row in there if row.receipt]), strict=True):
                row.over = fate.state == "gone"
                assert row.over == (not self.standing(row))
                assert fate.state != "untouched" or not row.user
            for row in self.rows:
                self.settle(row)
        except Unavailable:
            return

    def settle(self, row: Row) -> None:
        drafts = self.world.drafts()
        if row.over:
            return
        if row.receipt is None:
            row.receipt = drafts.find(row.item.key) or drafts.create(row.item)
        elif row.leaving:
            try:
                drafts.withdraw(row.receipt)
                row.over = True
            except Edited:
                row.leaving = False

    @rule(number=st.integers(0, 9))
    def wants_it_back(self, number: int) -> None:
        for row in self.rows[number : number + 1]:
            row.leaving = row.receipt is not None

    @rule()
    def reads_mail(self) -> None:
        try:
            page = self.world.pull(self.cursor)
        except Unavailable:
            return
        self.cursor = page.cursor
        self.read += [item.key for item in page.items]

    @rule()
    def restarts(self) -> None:
        self.world.restart()

    # -- what the user does --------------------------------------------------------------------------------------------

    def standing(self, row: Row) -> list[Standing]:
        return [one for one in self.server.user.find_drafts() if row.to in one.message.header("to")]

    @rule(number=st.integers(0, 9), moved=st.booleans())
    def edits(self, number: int, *, moved: bool) -> None:
        for row in self.rows[number : number + 1]:
            for one in self.standing(row):
                row.user = f"{row.user}\nMy own words."
                self.server.user.edit_draft(one.id, body=row.user, new_draft_id=moved)

    @rule(number=st.integers(0, 9))
    def opens_and_closes(self, number: int) -> None:
        for row in self.rows[number : number + 1]:
            for one in self.standing(row):
                self.server.user.autosave_draft(one.id, 2)

    @rule(number=st.integers(0, 9), sends=st.booleans())
    def is_done_with_it(self, number: int, *, sends: bool) -> None:
        for row in self.rows[number : number + 1]:
            for one in self.standing(row) if row.receipt is not None else []:  # nobody knows of the others yet
                row.user = "done"
                if sends:
                    self.sent.append(self.server.user.send_draft(one.id).message_id.strip("<>"))
                else:
                    self.server.user.delete_draft(one.id)

    @rule(count=st.integers(1, 30))
    def writes_mail(self, count: int) -> None:
        made = [self.server.user.send_mail("ada@lovelace.example", f"Mail {number}") for number in range(count)]
        self.sent += [message.message_id.strip("<>") for message in made]

    # -- the weather ---------------------------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 15, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        self.server.advance(timedelta(minutes=minutes))

    @rule(rate=st.sampled_from([0.1, 0.5]), effect=st.booleans())
    def weather_turns_bad(self, rate: float, *, effect: bool) -> None:
        self.seed += 1
        details: dict[str, Any] = {"effect": True} if effect else {}
        self.server.random_faults(self.seed, rate, WEATHER, "gmail.*", **details)

    @rule()
    def weather_turns_good(self) -> None:
        self.server.calm()

    @rule()
    def google_forgets(self) -> None:
        self.server.forget_history()

    @rule(keeps=st.booleans())
    def gmail_changes_its_ways(self, *, keeps: bool) -> None:
        self.server.switches.keeps_message_id_on_edit = keeps

    @precondition(lambda self: self.rows)
    @invariant()
    def no_draft_stands_twice_or_again_and_no_word_of_the_users_is_lost(self) -> None:
        for row in self.rows:
            found = self.standing(row)
            assert len(found) <= (0 if row.user == "done" or row.over else 1)
            if row.user and row.user != "done":
                assert [one.message.body for one in found] == [row.user]


Weather.TestCase.settings = settings(max_examples=12, stateful_step_count=30)
TestWeather = Weather.TestCase
