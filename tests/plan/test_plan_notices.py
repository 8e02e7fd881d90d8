"""What Kith says of itself: once, at a waking hour, as long as it is true, and never twice after a no (PRACTICE 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.model import Entry, Loss
from daemon.plan import notices
from daemon.plan.notices import CONFIGURATION, DISK
from daemon.vocabulary import load_templates
from tests.histories import NOW, SETTINGS, ZONE, days, entry

MAIL = Loss(account="home", login="mail", remedy="kith login home")
DRAFTS = replace(MAIL, login="drafts")
TEMPLATES = load_templates()
GREETED = entry("handshake", about="", fact="handshake", account="home", state="dismissed")


def said(entries: Sequence[Entry], losses: Sequence[Loss] = (), now: datetime = NOW) -> dict[str, Entry]:
    """What is written, by its title; the sentinel has tests of its own."""
    written = notices(entries, losses, SETTINGS, now, TEMPLATES).write
    return {item.title: item for item in written if item.kind != "sentinel"}


def stood(item: Entry, **more: object) -> Entry:
    """``item`` as it stands once it was written."""
    return replace(item, **{"state": "written", "ref": "r", "settled": item.decided, **more})  # type: ignore[arg-type]


def test_the_first_event_is_a_handshake_within_a_quarter_of_an_hour() -> None:
    """It is silent, of no person, and stands alone in front of everything else."""
    (first,) = said(()).values()
    assert (first.title, first.kind, first.person, first.alarm) == ("Kith is here. Delete me.", "handshake", "", None)
    assert first.start is not None
    assert NOW < first.start <= NOW + timedelta(minutes=15)


@pytest.mark.parametrize("state", ["waiting", "written", "dismissed", "withdrawn", "edited"])
def test_the_handshake_is_said_once(state: str) -> None:
    """Whatever became of it, it is not said again; a user of long standing is not greeted at all."""
    (first,) = said(()).values()
    assert not said([stood(first, state=state)])
    assert not said([entry("reconnect", account="home", state=state)])


@pytest.mark.parametrize(
    ("login", "title"),
    [
        ("mail", "Kith cannot see your mail: log in"),
        ("drafts", "Kith cannot write drafts: log in"),
        ("calendar", "Kith cannot see your calendar: log in"),
    ],
)
def test_a_lost_login_is_told_with_the_one_command_that_mends_it(login: str, title: str) -> None:
    """The title says what is lost, the text the command on a line of its own; the phone rings where it can."""
    found = said([GREETED], [replace(MAIL, login=login)])[title]
    assert "kith login home" in found.body.splitlines()
    rings = login != "calendar"  # else no calendar can be written, and a draft says it
    assert (found.alarm, found.is_draft, found.account) == ((0, False, "home") if rings else (None, True, "post"))


def test_a_refused_configuration_is_told_and_taken_back_when_it_is_mended() -> None:
    """Nothing of a login is said; the command is `kith check`, and the entry goes with the mistake."""
    loss = Loss(account="", login=CONFIGURATION, remedy="kith check")
    (first,) = (item for item in said([GREETED], [loss]).values() if item.kind == "notice")
    assert (first.title, first.reason) == ("Kith has a mistake in its configuration", "refused")
    assert "kith check" in first.body.splitlines()
    assert "log" not in first.body
    assert [item.why for item in notices([GREETED, stood(first)], [], SETTINGS, NOW, TEMPLATES).withdraw] == ["mended"]


def test_a_disk_that_is_almost_full_is_told_while_it_can_be() -> None:
    """The command is that of the remedy; the entry goes with the trouble."""
    loss = Loss(account="", login=DISK, remedy="df -h /var/lib/kith")
    (first,) = (item for item in said([GREETED], [loss]).values() if item.kind == "notice")
    assert (first.title, first.reason) == ("Kith has hardly any room left", "disk-full")
    assert "df -h /var/lib/kith" in first.body.splitlines()
    assert [item.why for item in notices([GREETED, stood(first)], [], SETTINGS, NOW, TEMPLATES).withdraw] == ["mended"]


@pytest.mark.parametrize(
    ("hour", "rings"), [(0, "08:00"), (7, "08:00"), (8, "08:15"), (12, "12:15"), (20, "20:15"), (21, "08:00")]
)
def test_nobody_is_woken_for_trouble(hour: int, rings: str) -> None:
    """At night it waits for eight in the morning."""
    at = NOW.astimezone(ZONE).replace(hour=hour, minute=3)
    (found,) = said([GREETED], [MAIL], at).values()
    assert found.start is not None
    assert found.start.astimezone(ZONE).strftime("%H:%M") == rings
    assert at < found.start <= at + timedelta(hours=12)


def test_each_loss_is_told_once_and_comes_again_after_a_week() -> None:
    """While it stands, and for a week after it was deleted, nothing is said twice; then it is said anew."""
    (first,) = said([GREETED], [MAIL]).values()
    deleted = stood(first, state="dismissed", settled=NOW)
    assert not said([GREETED, stood(first)], [MAIL], NOW + days(1))
    assert not said([GREETED, deleted], [MAIL], NOW + days(6.9))
    (again,) = said([GREETED, deleted], [MAIL], NOW + days(7)).values()
    assert again.key != first.key
    plan = notices([GREETED, stood(first)], [MAIL], SETTINGS, NOW + days(8), TEMPLATES)
    assert [(item.key, item.why) for item in plan.withdraw] == [(first.key, "passed")]
    assert [item.kind for item in plan.write if item.kind != "sentinel"] == ["notice"]
    assert said([GREETED, stood(first)], [MAIL, DRAFTS]).keys() == {"Kith cannot write drafts: log in"}


def test_what_was_mended_goes_away_unless_it_was_edited() -> None:
    """The notice is withdrawn; one that the user wrote into stays."""
    (first,) = said([GREETED], [MAIL]).values()
    gone = notices([GREETED, stood(first)], [], SETTINGS, NOW, TEMPLATES).withdraw
    assert [(item.key, item.why) for item in gone] == [(first.key, "mended")]
    assert not notices([GREETED, stood(first, state="edited")], [], SETTINGS, NOW, TEMPLATES).withdraw


def test_without_a_calendar_a_draft_says_it_and_without_drafts_nobody() -> None:
    """No handshake and no sentinel there; the draft is to oneself; where the drafts' login is lost, too, it waits."""
    (told,) = notices([], [MAIL], replace(SETTINGS, reminders=None), NOW, TEMPLATES).write
    assert (told.kind, told.account, told.to, told.start) == ("notice", "post", SETTINGS.me.addresses[0], None)
    assert not notices([], [MAIL], replace(SETTINGS, reminders=None, drafts=None), NOW, TEMPLATES).write
    both = [replace(MAIL, login="calendar"), replace(MAIL, account="post", login="drafts")]
    assert not any(entry.is_draft for entry in notices([GREETED], both, SETTINGS, NOW, TEMPLATES).write)


@given(
    st.lists(st.tuples(st.sampled_from([(), (MAIL,), (MAIL, DRAFTS)]), st.integers(0, 9), st.booleans()), max_size=25)
)
def test_saying_it_is_having_said_it(steps: list[tuple[tuple[Loss, ...], int, bool]]) -> None:
    """Carried out, a plan leaves nothing more to say at that moment; keys are never used twice."""
    outbox: dict[str, Entry] = {}
    now = NOW
    for losses, later, deleted in steps:
        now += days(later)
        plan = notices(tuple(outbox.values()), losses, SETTINGS, now, TEMPLATES)
        assert not outbox.keys() & {item.key for item in plan.write}
        for gone in plan.withdraw:
            outbox[gone.key] = replace(outbox[gone.key], state="withdrawn", settled=now)
        outbox |= {item.key: stood(item) for item in plan.write}
        again = notices(tuple(outbox.values()), losses, SETTINGS, now, TEMPLATES)
        assert (again.write, again.withdraw) == ((), ())
        if deleted and plan.write:
            outbox[plan.write[-1].key] = replace(plan.write[-1], state="dismissed", settled=now)
