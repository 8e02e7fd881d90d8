"""Is every sent mail at Gmail read, once, newest first, headers only, whatever happens on the way?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._google import mail
from connectors._google.mail_letters import read_shown, record
from connectors._google.mail_place import TOP
from connectors.records import BadData, Cursor, Mailbox, Message, NeedsLogin, Source, Unavailable
from tests.connectors.contracts import SourceContract
from tests.connectors.google_mail_world import Killed, World
from tests.google import Server

ADA = "Ada Lovelace <ada@lovelace.example>"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture
def world(server: Server, tmp_path: Path) -> Iterator[World]:
    made = World(server, tmp_path)
    yield made
    made.wires.close()


def keys(items: list[Message]) -> list[str]:
    return [item.key for item in items]


class TestContract(SourceContract):
    """The promises of every source."""

    @pytest.fixture(autouse=True)
    def _world(self, world: World) -> None:
        world.server.load_mails(130)
        world.server.user.send_mail(ADA, message_id="<same@winter.example>", subject="One")
        world.server.user.send_mail(ADA, message_id="<same@winter.example>", subject="Two")
        self.world = world

    def opened(self) -> Source:
        return self.world.source()


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_the_first_import_reads_newest_first_and_headers_only(world: World) -> None:
    """A plan can be shown soon: the newest hundred come first, each asked for once, nothing but its headers."""
    world.server.load_mails(250, days=600)
    first = world.pull(None)
    assert (len(first.items), first.caught_up) == (100, False)
    items, _ = world.read(first.cursor)
    times = [item.at for item in (*first.items, *items) if isinstance(item, Message) and item.at]
    assert len(times) == 250
    assert times == sorted(times, reverse=True)
    assert Counter(entry.method for entry in world.server.requests()) == {
        "gmail.users.getProfile": 1,
        "gmail.users.messages.list": 3,
        "gmail.users.messages.get": 250,
        "gmail.users.history.list": 1,
    }
    asked = [dict(entry.query) for entry in world.server.requests("gmail.users.messages.get")]
    assert {query["format"] for query in asked} == {"metadata"}
    assert not any("q" in dict(entry.query) for entry in world.server.requests())


def test_nothing_new_is_one_request(world: World) -> None:
    """An idle pull asks the history once and moves nothing."""
    world.server.load_mails(3)
    _, cursor = world.read()
    with world.asking() as asked:
        page = world.pull(cursor)
    assert asked == ["history.list"]
    assert (page.items, page.cursor, page.caught_up) == ((), cursor, True)


def test_a_new_mail_is_two_requests(world: World) -> None:
    """What was sent since the last pull comes with the next one."""
    world.server.load_mails(3)
    _, cursor = world.read()
    world.server.user.send_mail(ADA, "Notes")
    with world.asking() as asked:
        page = world.pull(cursor)
    assert [item.subject for item in page.items if isinstance(item, Message)] == ["Notes"]
    assert (asked, page.caught_up) == (["history.list", "messages.get"], True)


def test_an_empty_mailbox_is_asked_twice(world: World) -> None:
    """That there is no sent mail at all ends the scan only when it was said twice."""
    world.server.load_mails(3)
    world.server.fault("empty", method="gmail.users.messages.list")
    assert len(world.read()[0]) == 3


# -- pacing ------------------------------------------------------------------------------------------------------------


def test_the_import_keeps_to_its_pace(server: Server, tmp_path: Path) -> None:
    """At 60 header reads a minute none has more, every pull brings something or has waited, and all come."""
    world = World(server, tmp_path, pace=60)
    server.load_mails(150)
    cursor: Cursor | None = None
    read: list[tuple[timedelta, int]] = []
    while True:
        page = world.pull(cursor)
        cursor = page.cursor
        read.append((world.slept, len(page.items)))
        if page.caught_up:
            break
    world.wires.close()
    assert sum(count for _, count in read) == 150
    for start, _ in read:
        assert sum(count for at, count in read if start <= at < start + timedelta(minutes=1)) <= 60
    assert timedelta(minutes=2) < world.slept < timedelta(minutes=4)


def test_with_two_years_in_the_import_is_current_and_stays_so(world: World) -> None:
    """Before the import is over, decisions may begin: what is sent meanwhile is read first, and only once (C17)."""
    world.server.load_mails(400, days=1400)
    first, second = world.pull(None), world.pull(world.pull(None).cursor)
    third = world.pull(second.cursor)
    assert [(page.current, page.caught_up) for page in (first, second, third)] == [
        (False, False),
        (False, False),
        (True, False),
    ]
    world.server.user.send_mail(ADA, "Just now")
    fourth = world.pull(third.cursor)
    assert next(item.subject for item in fourth.items if isinstance(item, Message)) == "Just now"
    assert [item.subject for item in world.read(fourth.cursor)[0]] == []
    assert (fourth.current, len(fourth.items)) == (False, 101)


# -- what counts as sent -----------------------------------------------------------------------------------------------


def test_drafts_are_no_mail(world: World) -> None:
    """Neither the scan nor the history ever brings a draft, however often Gmail saves it."""
    user = world.server.user
    user.compose(ADA.partition("<")[2][:-1])
    user.send_mail(ADA, "Sent")
    items, cursor = world.read()
    draft = user.compose("ada@lovelace.example", "Later")
    user.autosave_draft(draft.id, 5)
    page = world.pull(cursor)
    assert ([item.subject for item in items], page.items) == (["Sent"], ())
    user.send_draft(draft.id)
    assert [item.subject for item in world.read(cursor)[0]] == ["Later"]


def test_a_mail_without_labels_is_what_the_list_says(world: World) -> None:
    """Sent mail was asked for: an answer that leaves the labels out takes nothing away."""
    world.server.user.send_mail(ADA, "Sent")
    world.server.fault("empty", method="gmail.users.messages.get")
    assert [(item.subject, item.sent) for item in world.read()[0]] == [("Sent", True)]


def test_a_mail_that_vanished_is_passed_over(world: World) -> None:
    """A mail deleted between the list and its turn is no trouble."""
    world.server.load_mails(150)
    first = world.pull(None)
    kept = list(world.server.account().mailbox.messages.values())
    for message in kept[:10]:
        world.server.user.delete_message(message.id)
    items, cursor = world.read(first.cursor)
    assert len(items) == 40
    gone = world.server.user.send_mail(ADA, "Regret")
    world.server.user.delete_message(gone.id)
    assert world.read(cursor)[0] == []


def test_empty_pages_of_the_history_are_turned(world: World) -> None:
    """Google cuts pages before it filters them: a page without anything has more behind it."""
    world.server.user.send_mail(ADA, "First")
    _, cursor = world.read()
    for number in range(1100):
        world.server.user.receive_mail(f"list{number}@lists.example", "Noise")
    world.server.user.send_mail(ADA, "Behind them")
    page = world.pull(cursor)
    assert ([item.subject for item in page.items if isinstance(item, Message)], page.caught_up) == (
        ["Behind them"],
        True,
    )


def test_the_next_walk_begins_where_the_first_page_of_this_one_stood(server: Server, tmp_path: Path) -> None:
    """What comes while pages are turned is between two walks: the earlier historyId is the one to go on from."""
    world = World(server, tmp_path, pace=60)
    server.user.send_mail(ADA, "First")
    _, cursor = world.read()
    for number in range(15):
        server.user.send_mail(ADA, f"Second {number}")
    for number in range(600):
        server.user.receive_mail(f"list{number}@lists.example", "Noise")
    stood = server.account().mailbox.current
    page = world.pull(cursor)
    assert (len(page.items), page.caught_up) == (10, False)
    server.user.send_mail(ADA, "Third")
    items, cursor = world.read(page.cursor)
    again, _ = world.read(cursor)
    world.wires.close()
    assert {item.subject for item in (*items, *again) if item.subject[:6] != "Second"} == {"Third"}
    starts = [dict(entry.query)["startHistoryId"] for entry in server.requests("gmail.users.history.list")]
    assert str(stood) in starts


def test_a_walk_that_was_broken_off_is_not_the_end(server: Server, tmp_path: Path) -> None:
    """A walk finished long after its pages were listed has not caught up: what was sent since is asked for first."""
    world = World(server, tmp_path, pace=60)
    _, cursor = world.read()
    for number in range(15):
        server.user.send_mail(ADA, f"First {number}")
    page = world.pull(cursor)
    server.advance(timedelta(days=2))
    server.user.send_mail(ADA, "Meanwhile")
    items, _ = world.read(page.cursor)
    world.wires.close()
    assert len(items) == 6
    assert items[-1].subject == "Meanwhile"


# -- where the thread is lost ------------------------------------------------------------------------------------------


def test_a_forgotten_history_is_scanned_down_to_known_ground(world: World) -> None:
    """After weeks away the new mails are read, and of the old ones none is."""
    world.server.load_mails(400)
    _, cursor = world.read()
    world.server.advance(timedelta(days=20))
    world.server.forget_history()
    new = [world.server.user.send_mail(ADA, f"New {number}").id for number in range(60)]
    before = len(world.gets())
    with world.asking() as asked:
        items, cursor = world.read(cursor)
    assert len(items) == 60
    assert sorted(world.gets()[before:]) == sorted(new)
    assert Counter(asked) == {
        "history.list": 3,
        "getProfile": 1,
        "messages.list": 3,
        "messages.get": 60,
    }
    assert world.read(cursor)[0] == []


def test_known_ground_is_found_when_the_newest_were_deleted(world: World) -> None:
    """Who empties the last year of Sent does not have the other nine read again."""
    world.server.load_mails(400)
    _, cursor = world.read()
    newest = sorted(world.server.account().mailbox.messages.values(), key=lambda message: -message.at)
    for message in newest[: TOP + 10]:
        world.server.user.delete_message(message.id)
    world.server.advance(timedelta(days=20))
    world.server.forget_history()
    before = len(world.gets())
    world.server.user.send_mail(ADA, "New")
    items, _ = world.read(cursor)
    assert "New" in [item.subject for item in items]
    assert len(world.gets()) - before <= 2 * 40


def test_a_history_that_is_never_known_is_told(world: World) -> None:
    """Without any history there is no scan after scan, but a trouble; it ends as soon as there is one."""
    world.server.load_mails(30)
    _, cursor = world.read()
    world.server.fault(404, method="gmail.users.history.list", times=None)
    with world.asking() as asked, pytest.raises(Unavailable, match="its own history"):
        world.pull(cursor)
    assert asked == ["history.list", "getProfile", "history.list"]
    world.server.calm()
    world.server.user.send_mail(ADA, "New")
    assert [item.subject for item in world.read(cursor)[0]] == ["New"]


def test_a_dead_page_token_does_not_begin_again(world: World) -> None:
    """When Google does not know the page any more, the place is found by the ids read last: none is read twice."""
    world.server.load_mails(450)
    page = world.pull(world.pull(None).cursor)
    world.server.user.send_mail(ADA, "Meanwhile")
    cursor = {**page.cursor, "token": "c3RhbGU"}
    items, _ = world.read(cursor)
    assert len(items) == 251
    assert max(Counter(world.gets()).values()) == 1


def test_a_dead_page_token_whose_neighbours_are_gone_reads_on(world: World) -> None:
    """When nothing of the anchor is left either, all is read again: twice is better than never."""
    world.server.load_mails(230)
    page = world.pull(None)
    for name in str(page.cursor["anchor"]).split():
        world.server.user.delete_message(name)
    items, _ = world.read({**page.cursor, "token": "c3RhbGU"})
    assert len({*keys(items), *(item.key for item in page.items)}) == 230
    assert len(items) == 210


def test_a_dead_page_token_on_the_way_to_known_ground_loses_nothing(world: World) -> None:
    """The page on which the place was found again is no known ground, though nothing of it is left to read."""
    world.server.load_mails(200)
    _, cursor = world.read()
    world.server.forget_history()
    for number in range(60):
        world.server.user.send_mail(ADA, f"New {number}")
    page = world.pull(cursor)
    items, _ = world.read({**page.cursor, "token": "c3RhbGU"})
    assert (len(page.items), len(items)) == (40, 20)


def test_a_dead_page_token_of_the_history_begins_the_walk_anew(world: World) -> None:
    """The walk through the history starts again where it began."""
    world.server.user.send_mail(ADA, "First")
    _, cursor = world.read()
    world.server.user.send_mail(ADA, "Second")
    stale = {**cursor, "token": "c3RhbGU", "begun": True, "after": "999999"}
    assert [item.subject for item in world.read(stale)[0]] == ["Second"]


@pytest.mark.parametrize("cursor", [{"v": 0}, {"v": 99, "history": "1"}, {}])
def test_a_cursor_of_another_version_reads_from_the_beginning(world: World, cursor: Cursor) -> None:
    """What cannot be understood is no place."""
    world.server.load_mails(3)
    assert len(world.read(cursor)[0]) == 3


# -- faults ------------------------------------------------------------------------------------------------------------

FAULTS: list[tuple[Any, dict[str, Any]]] = [
    ("drop before", {}),
    ("drop after", {}),
    ("half body", {}),
    ("not json", {}),
    ("slow", {"seconds": 0.3}),
    ("huge", {"size": 5 << 20}),
    ("redirect", {}),
    ("expire", {}),
    (500, {}),
    (503, {"retry_after": 2}),
    (429, {"retry_after": 90}),
    (403, {"reason": "userRateLimitExceeded"}),
    (403, {"reason": "dailyLimitExceeded"}),
    (403, {"reason": "forbidden"}),
]


@pytest.mark.parametrize("method", ["getProfile", "messages.list", "messages.get", "history.list"])
@pytest.mark.parametrize(
    ("what", "details"), FAULTS, ids=lambda value: str(value) if not isinstance(value, dict) else ""
)
def test_every_fault_is_a_trouble_and_nothing_is_lost(world: World, what: Any, details: Any, method: str) -> None:
    """Whatever goes wrong, in the first try or in all: Unavailable, and the next ticks read the rest."""
    world.server.load_mails(12)
    for times in (1, 3):
        world.server.fault(what, method=f"gmail.users.{method}", nth=1 + times % 2, times=times, **details)
        found: list[str] = []
        cursor: Cursor | None = None
        for _ in range(20):
            try:
                page = world.pull(cursor)
            except Unavailable:
                world.server.advance(timedelta(days=1))
                continue
            cursor = page.cursor
            found += [item.key for item in page.items]
            if page.caught_up:
                break
        assert sorted(found) == sorted(f"bulk{number}@winter.example" for number in range(12))
        world.server.calm()


def test_a_revoked_grant_needs_a_login(world: World) -> None:
    """Access taken back in the middle of a page: what was read is kept, then the login is asked for."""
    world.server.load_mails(12)
    world.server.fault("revoke", method="gmail.users.messages.get", nth=5)
    page = world.pull(None)
    assert len(page.items) == 4
    assert isinstance(page.troubles[0], NeedsLogin)
    assert not page.caught_up
    with pytest.raises(NeedsLogin):
        world.pull(page.cursor)


def test_a_mail_that_never_comes_is_skipped_at_last(world: World) -> None:
    """One mail that Gmail cannot give does not end the import: after three pulls it is skipped, and told."""
    world.server.load_mails(12)
    name = next(iter(world.server.account().mailbox.messages))
    world.server.fault(500, path=f"*/messages/{name}", times=None)
    skipped, items, cursor = [], [], None
    for _ in range(8):
        page = world.pull(cursor)
        cursor, items, skipped = page.cursor, [*items, *page.items], [*skipped, *page.skipped]
        if page.caught_up:
            break
    assert (len(items), [item.where for item in skipped], page.caught_up) == (11, [f"mail {name}"], True)


def test_while_no_mail_comes_none_is_skipped(world: World) -> None:
    """An outage of the headers alone is waited for, however long."""
    world.server.load_mails(12)
    cursor = None
    world.server.fault(500, method="gmail.users.messages.get", times=None)
    for _ in range(5):
        with pytest.raises(Unavailable):
            world.pull(cursor)
    world.server.calm()
    assert len(world.read(cursor)[0]) == 12


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pace", [0, 240])
def test_an_import_killed_ten_times_reads_nothing_twice_but_its_page(
    server: Server, tmp_path: Path, seed: int, pace: int
) -> None:
    """Killed at ten random requests and begun anew from the last cursor: all mails come, each is asked for once but
    those that no cursor was saved after. Paced, cursors are saved in the middle of pages."""
    world, die = World(server, tmp_path, pace=pace, patience=30), random.Random(seed)
    server.load_mails(700)
    cursor: Cursor | None = None
    found: list[str] = []
    lost: list[str] = []
    halves = 0
    for left in range(10, -1, -1):
        world.lives = die.randrange(1, 140 if not pace else 600) if left else None
        committed = len(world.gets())
        try:
            while True:
                page = world.pull(cursor)
                cursor, committed = page.cursor, len(world.gets())
                halves += "todo" in cursor
                found += [item.key for item in page.items]
                if page.caught_up:
                    break
        except Killed:
            lost += world.gets()[committed:]
            assert len(world.gets()) - committed <= 100
        world.restart()
    world.wires.close()
    assert sorted(found) == sorted(f"bulk{number}@winter.example" for number in range(700))
    once = Counter(world.gets())
    once.subtract(lost)
    assert set(once.values()) == {1}
    assert (halves > 10) == bool(pace)


# -- received mail -----------------------------------------------------------------------------------------------------


def test_received_mail_comes_from_the_day_it_is_switched_on(world: World) -> None:
    """What came before stays unread; afterwards a mail in is one, junk and the bin are none, and nothing is "sent"."""
    user = world.server.user
    user.receive_mail(ADA, "Before")
    user.send_mail(ADA, "Sent")
    items, cursor = world.read()
    assert [item.subject for item in items] == ["Sent"]
    user.receive_mail(ADA, "After", headers={"List-Id": "<talk.lists.example>"})
    user.put_raw(b"From: spam@junk.example\nSubject: Win\n\nWin", labels=["SPAM"])
    user.compose("ada@lovelace.example", "Draft")
    page = world.pull(cursor, received=True)
    assert [(item.subject, item.sent, item.bulk) for item in page.items if isinstance(item, Message)] == [
        ("After", False, True)
    ]
    assert (page.known_only, page.hints_only) == (True, False)
    assert world.pull(page.cursor).items == ()


def test_who_listens_for_hints_reads_received_mail_for_them_alone(world: World) -> None:
    """With ``hints`` received mail comes from that day on, marked as to be kept only if it is a hint."""
    user = world.server.user
    user.send_mail(ADA, "Sent")
    user.receive_mail("Ines via LinkedIn <invitations@linkedin.com>", "Before")
    _, cursor = world.read()
    user.receive_mail("Ines via LinkedIn <invitations@linkedin.com>", "Ines accepted your invitation")
    page = world.pull(cursor, hints=("linkedin",))
    assert [(item.subject, item.sent) for item in page.items if isinstance(item, Message)] == [
        ("Ines accepted your invitation", False)
    ]
    assert page.hints_only


# -- what a mail says --------------------------------------------------------------------------------------------------


def one(world: World) -> Message:
    items, _ = world.read()
    return items[0]


def test_the_record_of_a_mail(world: World) -> None:
    """Everybody, the thread by all its names, the time: as the headers have it, in any case of their names."""
    raw = (
        b"from: =?utf-8?q?Clara_W=C3=ADnter?= <Clara@Winter.example>\r\n"
        b"To: Ada Lovelace <ada@lovelace.example>, bare@b.example\r\n"
        b"TO: <second@b.example>\r\nCC: c@c.example\r\nBcc: d@d.example\r\n"
        b"Date: Mon, 9 Feb 2026 10:00:00 +0100\r\nSubject: =?utf-8?b?w5xiZXIgQW5hbHl0aWs=?=\r\n"
        b"MESSAGE-ID: <one@winter.example>\r\nIn-Reply-To: <two@lovelace.example>\r\n"
        b"References: <root@lovelace.example> <two@lovelace.example>\r\n\r\nHello\r\n"
    )
    made = world.server.user.put_raw(raw, at=datetime(2026, 2, 9, 9, tzinfo=UTC))
    assert one(world) == Message(
        key="one@winter.example",
        account="home",
        at=datetime(2026, 2, 9, 9, tzinfo=UTC),
        message_id="one@winter.example",
        sender=Mailbox(address="clara@winter.example", name="Clara Wínter"),
        to=(
            Mailbox(address="ada@lovelace.example", name="Ada Lovelace"),
            Mailbox(address="bare@b.example"),
            Mailbox(address="second@b.example"),
        ),
        cc=(Mailbox(address="c@c.example"),),
        bcc=(Mailbox(address="d@d.example"),),
        subject="Über Analytik",
        in_reply_to="two@lovelace.example",
        root="root@lovelace.example",
        thread=made.thread,
    )


def test_headers_come_decoded_or_not(world: World) -> None:
    """Google decodes encoded words or leaves them: both read the same."""
    world.server.user.send_mail("Jürgen Groß <j@gross.example>", "Größe – 100 €")
    decoded = one(world)
    world.server.switches.decodes_headers = False
    world.restart()
    assert one(world) == decoded
    assert (decoded.subject, decoded.to[0].name) == ("Größe – 100 €", "Jürgen Groß")


@pytest.mark.parametrize(("hours", "by_date"), [(35, True), (-35, True), (37, False), (-37, False)])
def test_the_date_holds_within_36_hours_of_gmails_time(world: World, hours: int, *, by_date: bool) -> None:
    """A Date that is far from Gmail's own time for the mail is not believed."""
    at = datetime(2026, 1, 20, 12, tzinfo=UTC)
    date = at + timedelta(hours=hours)
    world.server.user.send_mail(ADA, headers={"Date": date.strftime("%a, %d %b %Y %H:%M:%S +0000")}, at=at)
    assert one(world).at == (date if by_date else at)


def test_a_reused_message_id_hides_no_mail(world: World) -> None:
    """Two mails that bear one Message-ID are two; one without any has a key all the same (T15)."""
    user = world.server.user
    for subject in ("One", "Two"):
        user.send_mail(ADA, subject, message_id="<same@winter.example>")
    user.put_raw(b"From: clara@winter.example\nTo: ada@lovelace.example\nSubject: Three\n\nHello")
    items, _ = world.read()
    assert len(set(keys(items))) == 3
    assert sum(key.startswith("same@winter.example") for key in keys(items)) == 2


def test_whose_an_id_is_is_forgotten_after_the_past(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the past is read every Message-ID is remembered, afterwards a few only; what it came to stays so."""
    monkeypatch.setattr(mail, "LATELY", 3)
    for number in (1, 2, 3, 4, 1, 2, 3, 4):
        world.server.user.send_mail(ADA, f"Mail {number}", message_id=f"<{number}@winter.example>")
        world.server.advance(timedelta(minutes=1))
    items, _ = world.read()
    assert len(set(keys(items))) == 8
    assert mail._BEARERS[world.wires.meter] == {}


def test_requests_of_one_moment_are_one_count(world: World) -> None:
    """What the last minute cost is remembered by the moment, not by the request."""
    world.server.load_mails(30)
    world.read()
    assert world.wires.meter.units_last_minute() >= 30
    assert len(world.wires.meter._minute) == 1


@pytest.mark.parametrize(
    ("headers", "automatic", "bulk"),
    [
        ({"Auto-Submitted": "auto-replied"}, True, False),
        ({"Content-Type": "text/calendar; method=REPLY"}, True, False),
        ({"Precedence": "bulk"}, False, True),
        ({"auto-submitted": "no"}, False, False),
    ],
)
def test_machines_are_known_by_their_headers(world: World, headers: Any, *, automatic: bool, bulk: bool) -> None:
    """What tells an automatic mail and a list is asked of Gmail too."""
    world.server.user.send_mail(ADA, headers=headers)
    assert (one(world).automatic, one(world).bulk) == (automatic, bulk)


def test_a_mail_without_headers_is_skipped_and_told(world: World) -> None:
    """One item that cannot be read never stops the rest."""
    bad = world.server.user.put_raw(b"X-Odd: yes\n\nHello")
    world.server.user.send_mail(ADA, "Good")
    page = world.pull(None)
    assert [item.subject for item in page.items if isinstance(item, Message)] == ["Good"]
    assert [item.where for item in page.skipped] == [f"mail {bad.id}"]


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
HEADER = st.fixed_dictionaries(
    {"name": st.sampled_from(["To", "FROM", "subject", "Date", "Message-ID", "References", "Bcc"]) | JSON},
    optional={"value": st.text(max_size=200) | JSON},
)


@settings(max_examples=150)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": JSON,
            "threadId": JSON | st.just("19a0"),
            "labelIds": JSON | st.lists(st.sampled_from(["SENT", "DRAFT"])),
            "internalDate": JSON | st.integers().map(str),
            "payload": JSON | st.fixed_dictionaries({"headers": JSON | st.lists(HEADER, max_size=8)}),
        },
    )
)
def test_nothing_that_gmail_could_answer_is_a_crash(answer: dict[str, Any]) -> None:
    """Whatever stands where a message should, it is a clean record or none."""
    message = record(read_shown(answer), "home", {}, datetime(2026, 2, 12, tzinfo=UTC), sent=True)
    if message is not None:
        texts = [message.key, message.subject, *(box.name + box.address for box in (*message.to, *message.bcc))]
        assert not any(c in text for text in texts for c in "\r\n\0\u202e")


def test_an_answer_that_is_no_listing_is_no_mail(world: World) -> None:
    """Ids of an odd form are never asked for."""
    box = world.server.account().mailbox
    good = world.server.user.send_mail(ADA, "Good")
    odd = replace(good, id="../../token")
    box.messages[odd.id] = odd
    box._order.append((odd.at + 1, odd.id))
    items, _ = world.read()
    assert [item.subject for item in items] == ["Good"]
    assert not any("token" in name for name in world.gets())


def test_bad_data_moves_nothing(world: World) -> None:
    """A history that Google can make nothing of begins a scan; a scan that it refuses is told."""
    world.server.load_mails(3)
    _, cursor = world.read()
    world.server.fault(400, method="gmail.users.history.list")
    world.server.fault(400, method="gmail.users.messages.list")
    with pytest.raises(BadData):
        world.pull(cursor)
    assert world.read(cursor)[0] == []
