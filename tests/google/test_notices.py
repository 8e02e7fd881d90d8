"""Kith shakes hands while it still reads, and tells of a lost login through the grant that lives: over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path

import pytest

from daemon.cli.status import status_json
from daemon.session import open_session
from daemon.tick import catch_up, tick
from daemon.world import Report
from tests.google import story
from tests.google.server import Server

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SENTINEL = "Kith stopped, if this is today"
DATA = Path(__file__).parent.parent / "data" / "crash"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(now=NOW, email=story.ME, zone="Europe/Vienna") as made:
        story.put_calendar(made, DATA / "calendar.ics", story.ME)
        story.put_mail(made, DATA / "Sent.mbox")
        yield made


@pytest.fixture
def config(server: Server, tmp_path: Path) -> Path:
    return story.put_configuration(server, tmp_path, confirmed=True)


def once(config: Path, now: datetime, *, whole: bool = True) -> Report:
    session = open_session(config, now)
    with session.ledger(write=True) as ledger:
        world = session.world()
        return catch_up(ledger, world, now, lambda _: None) if whole else tick(ledger, world, now)


def standing(server: Server) -> list[str]:
    """The titles in the calendar Kith."""
    return sorted(events(server))


def events(server: Server) -> dict[str, str]:
    """The ids in the calendar Kith, by title."""
    own = [one for one in server.account().calendars.calendars.values() if one.summary == "Kith"]
    return {
        str(event.data["summary"]): name for one in own for name, event in one.events.items() if not event.cancelled
    }


def test_the_handshake_waits_for_no_import(server: Server, config: Path) -> None:
    """After the first page of many mails the handshake and the sentinel stand, alone; the pages after it write no
    others."""
    server.load_mails(1800, days=700)
    report = once(config, NOW, whole=False)
    assert not report.caught_up
    own = ["Kith is here. Delete me.", SENTINEL]
    assert standing(server) == own
    assert not server.user.find_drafts()
    once(config, NOW, whole=False)
    assert standing(server) == own
    once(config, NOW)
    assert [standing(server).count(title) for title in own] == [1, 1]
    assert len(standing(server)) > 3


def test_deleting_the_handshake_is_heard(server: Server, config: Path) -> None:
    """It does not come back, and the ledger knows that the user saw it."""
    once(config, NOW)
    server.user.delete_event(events(server)["Kith is here. Delete me."])
    once(config, NOW + timedelta(hours=1))
    assert "Kith is here. Delete me." not in standing(server)
    with open_session(config, NOW).ledger(write=False) as ledger:
        assert [item.state for item in ledger.entries() if item.kind == "handshake"] == ["dismissed"]
    session = open_session(config, NOW + timedelta(days=9))
    with session.ledger(write=False) as ledger:
        assert status_json(session, ledger)["handshake"] == "heard"


def test_a_handshake_that_stands_for_days_was_perhaps_not_seen(server: Server, config: Path) -> None:
    """For three days it stands, then status asks whether the calendar is shown at all."""
    once(config, NOW)
    for later, said in ((2, "standing"), (4, "unseen")):
        session = open_session(config, NOW + timedelta(days=later))
        with session.ledger(write=False) as ledger:
            assert status_json(session, ledger)["handshake"] == said
    assert standing(server)


def test_a_changed_password_is_told_in_the_calendar_and_taken_back_when_mended(server: Server, config: Path) -> None:
    """Mail and drafts end, the calendar's grant lives and says so, once; after a new login both entries go."""
    once(config, NOW)
    before = standing(server)
    server.user.change_password()
    server.advance(timedelta(hours=2))
    report = once(config, NOW + timedelta(hours=2))
    assert {trouble.code for trouble in report.troubles} == {"needs-login"}
    lost = ["Kith cannot see your mail: log in", "Kith cannot write drafts: log in"]
    assert sorted(set(standing(server)) - set(before)) == lost
    asked = len(server.requests("token"))
    for hours in (3, 4, 5):
        once(config, NOW + timedelta(hours=hours))
    assert sorted(standing(server)) == sorted([*before, *lost])
    assert len(server.requests("token")) == asked
    for name in ("mail", "drafts"):
        token = config.parent / "state" / "tokens" / f"google.{name}.json"
        token.write_text(json.dumps(server.grant(story.GRANTS[name])))
    once(config, NOW + timedelta(hours=6))
    assert not set(standing(server)) & set(lost)


@pytest.mark.parametrize("calendar", [True, False], ids=["its login is lost", "none is written"])
def test_where_no_calendar_lives_a_draft_to_oneself_tells(server: Server, config: Path, *, calendar: bool) -> None:
    """At once, with the command that mends it, and once; thrown away it rests for a week, mended it goes by itself."""
    if not calendar:
        config.write_text(config.read_text().replace('reminders = "google"\n', ""))
    once(config, NOW)
    before, lost = drafts(server), "calendar" if calendar else "mail"
    token = config.parent / "state" / "tokens" / f"google.{lost}.json"
    server.user.revoke(json.loads(token.read_text()))
    server.expire_access_tokens()
    for hours in (2, 3):
        once(config, NOW + timedelta(hours=hours))
        (name,) = drafts(server).keys() - before.keys()
        told = drafts(server)[name]
        assert (told[0], f"Kith cannot see your {lost}: log in" in told[1]) == (story.ME, True)
        assert "kith login google" in told[2].replace("\xa0", " ")
    server.user.delete_draft(name)
    once(config, NOW + timedelta(hours=4))
    assert drafts(server).keys() == before.keys()
    once(config, NOW + timedelta(days=8))
    (again,) = (name for name, told in drafts(server).items() if told[0] == story.ME)
    token.write_text(json.dumps(server.grant(story.GRANTS[lost])))
    once(config, NOW + timedelta(days=8, hours=1))
    assert again not in drafts(server)
    with open_session(config, NOW).ledger(write=False) as ledger:
        rows = [item.state for item in ledger.entries() if item.kind == "notice"]
    assert rows == ["dismissed", "withdrawn"]


def drafts(server: Server) -> dict[str, tuple[str, str, str]]:
    """To whom, subject and text of what stands among the drafts, by id."""
    found = {draft.id: draft.message for draft in server.user.find_drafts()}
    return {name: (parseaddr(one.header("to"))[1], one.header("subject"), one.body) for name, one in found.items()}
