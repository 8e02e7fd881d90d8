"""Does a Google account hold what its table says: problems, permissions, two halves as one source, and its standing?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors._google.endpoints import read_endpoints
from connectors._google.grants import Grant, GrantName
from connectors._google.meter import Meter, counts_path
from connectors._google.methods import METHODS
from connectors._google.source import GoogleSource
from connectors._google.token import Token
from connectors.google import Google
from connectors.memory import MemorySource
from connectors.records import Cursor, Keeping, Message, NeedsLogin, Pull, Source, Standing, Unavailable
from daemon import exchange
from daemon.model import Me, Settings
from daemon.vocabulary import load_vocabulary
from daemon.world import World

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MAILS = [Message(key=f"{number}@winter.example", account="home", at=NOW) for number in range(4)]
LOST = NeedsLogin("the login is gone", "kith login home")
LOCAL = "http://127.0.0.1:8000"


def log_in(state: Path, name: GrantName, *scopes: str, born: datetime = NOW) -> Grant:
    grant = Grant(state, "home", name)
    granted = tuple(f"https://www.googleapis.com/auth/{scope}" for scope in scopes)
    uri = f"{LOCAL}/token"
    token = Token(client_id="i", client_secret="s", refresh_token=f"r{born}", token_uri=uri, scopes=granted)  # noqa: S106
    grant.store(token, born)
    return grant


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "keys"),
    [
        ({}, []),
        ({"calendars": {"primary": "work", "abc@group.calendar.google.com": "busy"}}, []),
        ({"calendars": {}}, []),
        ({"calendars": {"": "work"}}, ["calendars"]),
        ({"calendars": {"..": "work"}}, ["calendars"]),
        ({"calendars": {"a/b": "work"}}, ["calendars"]),
        ({"pace": 240}, []),
        ({"pace": 0}, ["pace"]),
        ({"pace": 241}, ["pace"]),
        ({"pace": 0, "endpoint": LOCAL}, []),
        ({"pace": 100_000, "endpoint": LOCAL}, []),
        ({"pace": -1, "endpoint": LOCAL}, ["pace"]),
        ({"pace": 0, "endpoint": {"calendar": LOCAL}}, ["pace"]),
        ({"popup": 40321}, ["popup"]),
        ({"popup": -1}, ["popup"]),
        ({"received": True}, []),
        ({"received": True, "mail": False}, ["received"]),
        ({"hints": ("linkedin",)}, []),
        ({"hints": ("linkedin",), "mail": False}, ["hints"]),
        ({"endpoint": "http://google.example", "popup": -1}, ["endpoint", "popup"]),
    ],
)
def test_problems(fields: dict[str, Any], keys: list[str]) -> None:
    """What is wrong with the values together is named by its key, everything at once."""
    assert [key for key, _ in Google(**fields).problems()] == keys


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://emulator.example:8000",
        "ftp://127.0.0.1",
        "127.0.0.1:8000",
        "",
        "http://127.0.0.1@evil.example/",
        "http://u:p@127.0.0.1/",
        "https://x.example/?a=b",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:99999999/",
        "http://[::1",
        7,
        [],
        {},
        {"gmail": 7},
        {"gmial": LOCAL},
        {"token": "http://tokens.example"},
    ],
)
def test_an_endpoint_that_is_none(endpoint: Any) -> None:
    """https anywhere, http on this machine only, nothing else: no secret leaves by a slip in the configuration."""
    assert [key for key, _ in Google(endpoint=endpoint).problems()] == ["endpoint"]


def test_endpoints() -> None:
    """One address is for all four; a table names each by itself, and the rest stays at Google."""
    one = read_endpoints(f"{LOCAL}/emu/")
    assert (one.base("gmail"), one.token) == (f"{LOCAL}/emu/", f"{LOCAL}/emu/token")
    some = read_endpoints({"calendar": "https://c.example", "token": LOCAL})
    assert (some.base("calendar"), some.token) == ("https://c.example/", f"{LOCAL}/token")
    assert some.base("gmail") == "https://gmail.googleapis.com/"
    assert read_endpoints({"token": f"{LOCAL}/o/token"}).token == f"{LOCAL}/o/token"
    assert [read_endpoints(f"http://{host}:1").gmail for host in ("localhost", "[::1]", "127.0.0.2")]


def test_what_is_local() -> None:
    """Only an account whose four services are all on this machine may be written to from another day (U12)."""
    assert Google(endpoint=LOCAL).is_local()
    assert not Google().is_local()
    assert not Google(endpoint={"gmail": LOCAL, "calendar": LOCAL, "tasks": LOCAL}).is_local()


@pytest.mark.parametrize(
    ("fields", "writes", "wanted"),
    [
        ({}, (), {"calendar": {"events.readonly", "calendarlist.readonly"}, "mail": {"gmail.metadata"}}),
        ({"mail": False}, (), {"calendar": {"events.readonly", "calendarlist.readonly"}}),
        (
            {"mail": False},
            ("reminders",),
            {"calendar": {"events.readonly", "calendarlist.readonly", "app.created"}},
        ),
        (
            {"mail": False, "written_as": "tasks"},
            ("reminders",),
            {"calendar": {"events.readonly", "calendarlist.readonly", "tasks"}},
        ),
        ({"mail": False, "calendars": {}}, ("drafts",), {"drafts": {"gmail.compose"}}),
        ({"calendars": {}, "mail": False}, ("reminders",), {"calendar": {"calendarlist.readonly", "app.created"}}),
    ],
)
def test_only_what_is_needed_is_asked(
    fields: dict[str, Any], writes: tuple[str, ...], wanted: Mapping[str, set[str]]
) -> None:
    """The scopes follow from the configuration, grant by grant."""
    found = Google(**fields).wanted(frozenset(writes))
    assert {name: {scope.removeprefix("calendar.") for scope in scopes} for name, scopes in found.items()} == wanted


# -- two halves --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Halves(GoogleSource):
    """A Google source whose halves live in memory."""

    halves: Mapping[GrantName, Source]

    def _sources(self) -> Iterator[tuple[GrantName, Source]]:
        yield from self.halves.items()


class Lost(MemorySource):
    """A source whose login is gone."""

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        raise LOST


def halves(state: Path, calendar: MemorySource, mail: MemorySource) -> Halves:
    account = Google().kept_in(state)
    return Halves(name="home", zone="UTC", account=account, halves={"calendar": calendar, "mail": mail})


@pytest.fixture
def both(tmp_path: Path) -> Path:
    for name in ("calendar", "mail"):
        log_in(tmp_path, name)  # type: ignore[arg-type]
    return tmp_path


def test_both_halves_are_one_source(both: Path) -> None:
    """A pull brings a page of each half, counts them together, and goes on from both cursors."""
    source = halves(both, MemorySource("home", MAILS[:1]), MemorySource("home", MAILS[1:2], MAILS[2:]))
    first = source.pull(None, NOW)
    second = source.pull(first.cursor, NOW)
    assert [len(page.items) for page in (first, second)] == [2, 2]
    assert [page.caught_up for page in (first, second)] == [False, True]
    assert (first.listed, second.listed) == (4, 4)
    assert source.pull(second.cursor, NOW).cursor == second.cursor


def test_a_lost_grant_stops_its_half_only(both: Path) -> None:
    """The other half goes on, the trouble is told, the place of the lost half is kept until it is back."""
    source = halves(both, MemorySource("home", MAILS[:1]), MemorySource("home", MAILS[1:2], LOST, MAILS[2:]))
    first = source.pull(None, NOW)
    second = source.pull(first.cursor, NOW)
    assert (second.items, second.troubles, second.listed) == ((), (LOST,), None)
    assert second.cursor == first.cursor
    assert (second.caught_up, second.half_read) == (True, True)
    assert len(source.pull(second.cursor, NOW).items) == 2


def test_a_half_that_was_read_before_leaves_nothing_half_read(both: Path) -> None:
    """Lost before its end was ever reached, a half makes a half-read past; lost later, it is only blind."""
    source = halves(both, MemorySource("home", MAILS[:1]), MemorySource("home", LOST, MAILS[1:]))
    first = source.pull(None, NOW)
    second = source.pull(first.cursor, NOW)
    third = halves(both, MemorySource("home", MAILS[:1]), Lost("home", MAILS)).pull(second.cursor, NOW)
    assert [page.half_read for page in (first, second, third)] == [True, False, False]
    assert third.troubles == (LOST,)


def test_when_nothing_is_left_the_trouble_is_the_accounts(both: Path) -> None:
    """With both halves failing the pull fails as any source's does."""
    source = halves(both, MemorySource("home", LOST), MemorySource("home", Unavailable("away")))
    with pytest.raises(NeedsLogin):
        source.pull(None, NOW)


def test_a_rung_not_climbed_is_a_note(tmp_path: Path) -> None:
    """With the calendar alone Kith works, and says how to add the mail; a grant that was there once is trouble."""
    log_in(tmp_path, "calendar")
    source = halves(tmp_path, MemorySource("home", MAILS[:1]), MemorySource("home", LOST))
    page = source.pull(None, NOW)
    assert (len(page.items), page.troubles) == (1, ())
    assert page.notes == ("sent mail is not read: kith login home --only mail",)
    log_in(tmp_path, "mail").path.unlink()
    assert source.pull(None, NOW).troubles == (LOST,)


def test_nobody_ever_logged_in(tmp_path: Path) -> None:
    """The first tick of all says what to do."""
    source = halves(tmp_path, MemorySource("home", MAILS), MemorySource("home", MAILS))
    with pytest.raises(NeedsLogin) as caught:
        source.pull(None, NOW)
    assert caught.value.remedy == "kith login home"


def test_a_tick_keeps_what_came_and_tells_the_trouble(both: Path) -> None:
    """Of a half-failed pull the items and the cursor are used, the account is not well, and its problem has a birth."""
    source = halves(both, MemorySource("home", MAILS[:1]), MemorySource("home", LOST, LOST, MAILS[1:]))
    world = World(
        settings=Settings(me=Me(name="Clara", addresses=("clara@winter.example",), zone=UTC)),  # type: ignore[arg-type]
        vocabulary=load_vocabulary(),
        templates={},
        sources={"home": source},
        kinds={"home": "google"},
    )
    (found,) = exchange.pull(world, {}, NOW)
    assert found.pull is not None
    assert len(found.pull.items) == 1
    assert (found.state.problem, found.state.remedy, found.state.problem_since) == ("needs-login", LOST.remedy, NOW)
    assert not found.state.caught_up, "half a past is none to decide from"
    assert found.pull.caught_up, "but there is nothing more to read for now"
    assert found.state.cursor == found.pull.cursor
    assert found.trouble is not None
    (after,) = exchange.pull(world, {"home": found.state}, NOW + timedelta(hours=1))
    assert (after.state.problem_since, after.state.cursor) == (NOW, found.state.cursor)
    (well,) = exchange.pull(world, {"home": after.state}, NOW + timedelta(hours=2))
    assert (well.state.problem, well.trouble, well.state.last_success) == ("", None, NOW + timedelta(hours=2))
    assert well.state.caught_up


def test_pulls_name_their_troubles_only_when_there_are_some() -> None:
    """The new field changes nothing for the other connectors."""
    assert Pull(cursor={}).troubles == ()


# -- how it stands -----------------------------------------------------------------------------------------------------


def standing(state: Path, now: datetime, *writes: str, **fields: Any) -> Standing:
    account = Google(**fields).kept_in(state)
    assert isinstance(account, Keeping)
    return account.standing("home", "UTC", frozenset(writes), now)


def test_the_age_of_a_login_says_what_test_mode_does(tmp_path: Path) -> None:
    """Before eight days it is to be seen, after a refresh that worked later it stays; then nothing is said any more."""
    grant = log_in(tmp_path, "mail", "gmail.metadata")

    def notes(days: float) -> str:
        return " ".join(standing(tmp_path, NOW + timedelta(days=days), calendars={}).notes)

    assert "The login of 2026-11-22 (mail): on 2026-11-30 you will see" in notes(1)
    assert "was not used since its eighth day" in notes(9)  # nobody asked Google since: nothing is known
    grant.accept(grant.token(), NOW + timedelta(days=8, hours=1))
    assert "has outlived the seven days of test mode" in notes(9)
    assert notes(60) == ""


def test_after_eight_days_nobody_waits_for_a_ninth(tmp_path: Path) -> None:
    """A login that works every hour is known to have outlived test mode with the first hour of its ninth day."""
    grant = log_in(tmp_path, "mail", "gmail.metadata")
    for hour in range(5, 8 * 24 + 2):
        grant.accept(grant.token(), NOW + timedelta(hours=hour))
    (note,) = standing(tmp_path, NOW + timedelta(days=8, hours=1), calendars={}).notes
    assert "has outlived the seven days of test mode" in note


def test_a_login_that_died_of_test_mode(tmp_path: Path) -> None:
    """Refused when seven days were over, having worked before: the project is in testing, and what mends it is said."""
    grant = log_in(tmp_path, "calendar", "calendar.events.readonly", "calendar.calendarlist.readonly")
    grant.accept(grant.token(), NOW + timedelta(days=6))
    grant.refuse("invalid_grant", NOW + timedelta(days=7, hours=1))
    found = standing(tmp_path, NOW + timedelta(days=7, hours=2), mail=False)
    assert "ended after seven days: the OAuth project is in testing" in found.notes[0]
    assert (found.logins[0].trouble[:6], found.logins[0].remedy) == ("Google", "kith login home")


def test_a_login_that_died_of_something_else(tmp_path: Path) -> None:
    """A login refused on its third day is not blamed on test mode."""
    grant = log_in(tmp_path, "mail", "gmail.metadata")
    grant.refuse("invalid_grant", NOW + timedelta(days=3))
    assert standing(tmp_path, NOW + timedelta(days=4), calendars={}).notes == ()


def test_the_birth_of_a_login_that_was_put_there_by_hand(tmp_path: Path) -> None:
    """A token file that nobody logged in with is born when it first works; another refresh token begins a new life."""
    grant = log_in(tmp_path, "mail", "gmail.metadata")
    (tmp_path / "tokens" / "home.logins.json").unlink()
    grant.accept(grant.token(), NOW + timedelta(days=1))
    assert grant.life().born == NOW + timedelta(days=1)
    log_in(tmp_path, "mail", "gmail.metadata", born=NOW + timedelta(days=2))
    assert grant.life().born == NOW + timedelta(days=2)
    assert grant.life().worked is None


def test_a_working_login_writes_once_a_day(tmp_path: Path) -> None:
    """An idle day of refreshes changes its file once."""
    grant = log_in(tmp_path, "mail", "gmail.metadata")
    lives = tmp_path / "tokens" / "home.logins.json"
    grant.accept(grant.token(), NOW)
    before = lives.stat().st_mtime_ns, lives.stat().st_ino
    for hour in range(24):
        grant.accept(grant.token(), NOW + timedelta(hours=hour))
    assert (lives.stat().st_mtime_ns, lives.stat().st_ino) == before


def test_each_login_stands_by_itself(tmp_path: Path) -> None:
    """One that is well, one that lacks a permission, one that was never given: each with what mends it."""
    log_in(tmp_path, "mail", "gmail.metadata")
    log_in(tmp_path, "calendar", "calendar.events.readonly")
    rows = {row.name: row for row in standing(tmp_path, NOW, "drafts").logins}
    assert (rows["mail"].trouble, rows["mail"].since) == ("", NOW)
    assert "lacks a permission: calendar.calendarlist.readonly" in rows["calendar"].trouble
    assert (rows["drafts"].missing, rows["drafts"].remedy) == (True, "kith login home")


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (172_800, "Google's clock is 2 days ahead of this machine's, which Kith goes by"),
        (-3_600, "Google's clock is 1 hour behind this machine's, which Kith goes by"),
        (400, "Google's clock is 7 minutes ahead of this machine's, which Kith goes by"),
        (301, "Google's clock is 5 minutes ahead of this machine's, which Kith goes by"),
        (30, ""),
        (0, ""),
        (10**30, ""),
        ("soon", ""),
    ],
)
def test_a_clock_that_differs_is_told(tmp_path: Path, ahead: object, words: str) -> None:
    """Status says by how much, and what sets it."""
    path = counts_path(tmp_path, "home")
    path.parent.mkdir()
    path.write_text(json.dumps({"clock_ahead": ahead}))
    notes = " ".join(standing(tmp_path, NOW, calendars={}).notes)
    assert notes == (f"{words}: set it if it is wrong (timedatectl)." if words else "")


def test_what_was_spent_today_is_told(tmp_path: Path) -> None:
    """Status reads the counts that the ticks left, of the user's day."""
    meter = Meter(counts_path(tmp_path, "home"), 120)
    meter.spend(METHODS["gmail.users.messages.get"])
    meter.save()
    assert standing(tmp_path, datetime.now(UTC)).spent == {"gmail": {"requests": 1, "units": 20}}
