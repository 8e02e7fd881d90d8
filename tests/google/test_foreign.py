"""Somebody else's login stands where ours stood: nothing of theirs is read, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors._google.mail import Haul, MailSource
from daemon.session import open_session
from daemon.tick import catch_up
from daemon.world import Report
from tests.google import story
from tests.google.server import Server
from tests.google.user import User

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
READ = MailSource._read
SENT = 7
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
    return story.put_configuration(server, tmp_path, confirmed=True)


def once(config: Path, now: datetime, accept: frozenset[str] = frozenset()) -> Report:
    session = open_session(config, now)
    with session.ledger(write=True) as ledger:
        report = catch_up(ledger, session.world(accept), now, lambda _: None)
    session.settle()
    return report


def known(config: Path) -> dict[str, Any]:
    with open_session(config, NOW).ledger(write=False) as ledger:
        return {name: set(ledger.table(name).keys()) for name in ("mails", "events", "touchpoints")}


def log_in(server: Server, config: Path, email: str, *grants: str) -> None:
    """Put logins of that account in the place of those there."""
    for name in grants or story.GRANTS:
        path = config.parent / "state" / "tokens" / f"google.{name}.json"
        path.touch(0o600)
        path.write_text(json.dumps(server.grant(story.GRANTS[name], email)))


def stands(server: Server, config: Path) -> dict[str, str]:
    """How every row of the outbox stands, but for what goes by days alone."""
    with open_session(config, NOW).ledger(write=False) as ledger:
        return {entry.key: entry.state for entry in ledger.entries()}


def asked(server: Server, method: str, since: int) -> int:
    return sum(entry.method == method for entry in server.log[since:])


def test_a_login_of_another_mailbox_reads_nothing_until_it_is_accepted(server: Server, config: Path) -> None:
    """Said as suspicious, with the command that takes it; what was known stays, and comes on with the old login.
    Accepted, the other's mails are read from the beginning, beside what is known."""
    once(config, NOW)
    before = known(config)
    log_in(server, config, OTHER, "mail")
    at = len(server.log)
    report = once(config, NOW + HOUR)
    assert {(item.code, item.remedy) for item in report.troubles} == {("suspicious", "kith once --accept google")}
    assert "of another account" in report.troubles[0].text
    assert known(config) == before
    assert asked(server, "gmail.users.messages.get", at) == 0
    log_in(server, config, story.ME)
    server.user.send_mail("Ada Berger <ada@berger.example>", "Back again", at=NOW + HOUR)
    assert once(config, NOW + DAY).troubles == ()
    assert len(known(config)["mails"]) == len(before["mails"]) + 1
    log_in(server, config, OTHER, "mail")
    once(config, NOW + 2 * DAY, accept=frozenset({"google"}))
    assert len(known(config)["mails"]) == len(before["mails"]) + 1 + 120
    assert once(config, NOW + 3 * DAY).troubles == ()


@pytest.mark.parametrize("first", [True, False])
def test_nothing_is_written_into_anothers_account_nor_believed_of_it(
    server: Server, config: Path, *, first: bool
) -> None:
    """With all three logins another's: no draft and no event comes to be there, nothing that waits is written, and that
    ours do not stand there is no answer of the user's. ``first``: what is to be written waited for a login."""
    if first:
        (config.parent / "state" / "tokens" / "google.drafts.json").unlink()
    once(config, NOW)
    stood, drafts, events = stands(server, config), server.user.find_drafts(), titles(server, story.ME)
    assert ("waiting" in stood.values()) is first
    log_in(server, config, OTHER)
    report = once(config, NOW + HOUR)
    assert {item.part for item in report.troubles} == {"", "drafts", "reminders"}
    assert {item.code for item in report.troubles} == {"suspicious"}
    assert stood.items() <= stands(server, config).items()
    assert User(server, server.account(OTHER)).find_drafts() == []
    assert titles(server, OTHER) == []
    log_in(server, config, story.ME)
    assert once(config, NOW + 2 * HOUR).troubles == ()
    assert "discarded" not in stands(server, config).values()
    assert {one.id for one in drafts} <= {one.id for one in server.user.find_drafts()}
    assert set(events) <= set(titles(server, story.ME))


def titles(server: Server, email: str) -> list[str]:
    """What stands in calendars called Kith."""
    own = [one for one in server.account(email).calendars.calendars.values() if one.summary == "Kith"]
    return sorted(str(event.data["summary"]) for one in own for event in one.events.values() if not event.cancelled)


def test_a_new_login_of_the_same_mailbox_goes_on(server: Server, config: Path) -> None:
    """It is asked once whose it is, and that is kept; then an idle look costs what it did."""
    once(config, NOW)
    counts = []
    for number, anew in enumerate((False, True, False, False), 1):
        if anew:
            log_in(server, config, story.ME)
        at = len(server.log)
        assert once(config, NOW + number * QUARTER).troubles == ()
        counts.append(asked(server, "gmail.users.getProfile", at))
        assert asked(server, "gmail.users.messages.list", at) == 0
    assert counts == [0, 1, 0, 0]


def test_a_login_replaced_while_it_reads(server: Server, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other's mailbox does not have is not taken for gone: the page is read again with the old login."""

    def replaced(source: MailSource, haul: Haul) -> None:
        log_in(server, config, OTHER, "mail")
        READ(source, haul)

    with monkeypatch.context() as patch:
        patch.setattr(MailSource, "_read", replaced)
        assert "suspicious" in [item.code for item in once(config, NOW).troubles]
    assert known(config)["mails"] == set()
    log_in(server, config, story.ME)
    once(config, NOW + HOUR)
    assert len(known(config)["mails"]) == SENT
