"""Somebody else's login stands where ours stood: nothing of theirs is read, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.session import open_session
from daemon.tick import catch_up
from daemon.world import Report
from tests.google import story
from tests.google.server import Server
from tests.google.user import User

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
DAY = timedelta(days=1)
OTHER = "dora@summer.example"
DATA = Path(__file__).parent.parent / "data" / "crash"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(now=NOW, email=story.ME, zone=story.ZONE) as made:
        story.put_calendar(made, DATA / "calendar.ics", story.ME)
        story.put_mail(made, DATA / "Sent.mbox")
        for number in range(120):
            at = NOW - timedelta(days=number + 1)
            User(made, made.account(OTHER)).send_mail(f"Zoe <zoe{number % 7}@other.example>", f"No. {number}", at=at)
        yield made


@pytest.fixture
def config(server: Server, tmp_path: Path) -> Path:
    path = story.put_configuration(server, tmp_path)
    path.write_text(path.read_text().replace("[write]", "[write]\nconfirmed = true"))
    return path


def once(config: Path, now: datetime, accept: frozenset[str] = frozenset()) -> Report:
    session = open_session(config, now)
    with session.ledger(write=True) as ledger:
        report = catch_up(ledger, session.world(accept), now, lambda _: None)
    session.settle()
    return report


def known(config: Path) -> dict[str, Any]:
    with open_session(config, NOW).ledger(write=False) as ledger:
        return {name: set(ledger.table(name).keys()) for name in ("mails", "events", "touchpoints")}


def log_in(server: Server, config: Path, email: str) -> None:
    """Put a login of that mailbox in the place of the one there."""
    path = config.parent / "state" / "tokens" / "google.mail.json"
    path.write_text(json.dumps(server.grant(story.GRANTS["mail"], email)))


def asked(server: Server, method: str, since: int) -> int:
    return sum(entry.method == method for entry in server.log[since:])


def test_a_login_of_another_mailbox_reads_nothing_until_it_is_accepted(server: Server, config: Path) -> None:
    """Said as suspicious, with the command that takes it; what was known stays, and comes on with the old login.
    Accepted, the other's mails are read from the beginning, beside what is known."""
    once(config, NOW)
    before = known(config)
    log_in(server, config, OTHER)
    at, held = len(server.log), server.user.find_drafts()
    report = once(config, NOW + DAY)
    (trouble,) = [item for item in report.troubles if item.code == "suspicious"]
    assert "of another account" in trouble.text
    assert trouble.remedy == "kith once --accept google"
    assert report.plan.write == ()
    assert (known(config), server.user.find_drafts()) == (before, held)
    assert asked(server, "gmail.users.messages.get", at) == 0
    log_in(server, config, story.ME)
    server.user.send_mail("Ada Berger <ada@berger.example>", "Back again", at=NOW + DAY)
    assert once(config, NOW + 2 * DAY).troubles == ()
    assert len(known(config)["mails"]) == len(before["mails"]) + 1
    log_in(server, config, OTHER)
    once(config, NOW + 3 * DAY, accept=frozenset({"google"}))
    assert len(known(config)["mails"]) == len(before["mails"]) + 1 + 120
    assert once(config, NOW + 4 * DAY).troubles == ()


def test_a_new_login_of_the_same_mailbox_goes_on(server: Server, config: Path) -> None:
    """It is asked once whose it is; then an idle look costs what it did."""
    once(config, NOW)
    counts = []
    for number, anew in enumerate((False, True, False), 1):
        if anew:
            log_in(server, config, story.ME)
        at = len(server.log)
        assert once(config, NOW + number * DAY).troubles == ()
        counts.append(asked(server, "gmail.users.getProfile", at))
        assert asked(server, "gmail.users.messages.list", at) == 0
    assert counts == [0, 1, 0]
