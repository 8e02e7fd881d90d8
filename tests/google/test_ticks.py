"""Does Kith as a whole keep its word to Google over many ticks? Real ticks on a real ledger, by real HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors._google import meter, wire
from connectors._google.grants import Grant
from connectors._google.token import read_token
from connectors.records import Standing
from daemon.cli.check import check
from daemon.cli.persons import why
from daemon.session import open_session
from daemon.tick import catch_up, tick
from daemon.world import Report
from tests.google import story
from tests.google.server import Server
from tests.google.switches import Switches

DATA = Path(__file__).parent.parent / "data" / "crash"
NOW = datetime(2026, 2, 12, 8, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 20, 8, tzinfo=UTC)
"""The day of the world in ``DATA``."""
ME = "clara@winter.example"
QUARTER = timedelta(minutes=15)
GRANTS: dict[str, tuple[str, ...]] = dict(story.GRANTS)
_CONFIGURATION = """\
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.google]
kind = "google"
pace = 0
endpoint = "{endpoint}"
{more}
[write]
reminders = "google"
drafts = "google"
confirmed = true
"""


@dataclass
class House:
    """A Kith that ticks, and the Google it speaks with; both go by the server's clock."""

    server: Server
    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def once(self) -> Report:
        """Tick until all is read."""
        session = open_session(self.config, self.server.now)
        with session.ledger(write=True) as ledger:
            report = catch_up(ledger, session.world(), session.now, lambda _: None)
        session.settle()
        return report

    def ticks(self, count: int, every: timedelta = QUARTER) -> list[Report]:
        """Let the time pass, with a tick now and then."""
        found = []
        for _ in range(count):
            self.server.advance(every)
            session = open_session(self.config, self.server.now)
            with session.ledger(write=True) as ledger:
                found.append(tick(ledger, session.world(), session.now))
            session.settle()
        return found

    def logs_in(self, name: Any) -> None:
        """The user gives a permission, once more."""
        token = read_token(self.server.grant(GRANTS[name], ME))
        Grant(self.folder / "state", "google", name).store(token, self.server.now)

    def standing(self) -> Standing:
        account = open_session(self.config).configuration.accounts["google"]
        return account.standing("google", "UTC", frozenset({"reminders", "drafts"}), self.server.now)

    def asked(self, since: int) -> Counter[str]:
        """Return the requests since, by method; those to the token endpoint as ``token``."""
        return Counter(entry.method or entry.path.strip("/") for entry in self.server.log[since:])


def house(
    folder: Path, patch: pytest.MonkeyPatch, more: str = "", now: datetime = NOW, **about: Any
) -> Iterator[House]:
    with Server(now=now, email=ME, zone="Europe/Vienna", **about) as server:

        def seconds() -> float:
            return server.now.timestamp()

        clock = partial(meter.Clock, now=lambda: server.now, monotonic=seconds, sleep=lambda _: None)
        patch.setattr(meter, "Clock", clock)
        wire._KEPT.clear()
        (folder / "config.toml").write_text(_CONFIGURATION.format(endpoint=server.endpoint, more=more))
        made = House(server, folder)
        for name in GRANTS:
            made.logs_in(name)
        yield made
        for _, wires in wire._KEPT.values():
            wires.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    yield from house(tmp_path, monkeypatch)


def meets(server: Server, who: str, days: float) -> None:
    name, _, address = who.partition(" <")
    guest = {"email": address.strip(">"), "displayName": name, "responseStatus": "accepted"}
    server.user.add_event(f"Coffee {name}", server.now + timedelta(days=days), attendees=[guest])


# -- what an idle tick costs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("calendars", "drafts", "most"), [(1, False, 4), (2, False, 5), (1, True, 5), (3, True, 7)])
def test_an_idle_tick_costs_four_requests_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calendars: int, drafts: bool, most: int
) -> None:
    """With reminders standing: four for one calendar, one more for each other one and while drafts are open; the
    ledger keeps every byte."""
    for home in house(tmp_path, monkeypatch, now=NOVEMBER):
        story.put_calendar(home.server, DATA / "calendar.ics", ME)
        story.put_mail(home.server, DATA / "Sent.mbox")
        others = [home.server.user.add_calendar(f"Team {number}").id for number in range(calendars - 1)]
        chosen = ", ".join(f'"{name}" = "work"' for name in ("primary", *others))
        text = home.config.read_text().replace("pace = 0", f"pace = 0\ncalendars = {{ {chosen} }}")
        home.config.write_text(text if drafts else text.replace('drafts = "google"\n', ""))
        home.once()
        home.ticks(6)  # what was put there just now is told once more within the hour
        assert [event for one in _kith(home.server) for event in one.events]
        assert bool(home.server.user.find_drafts()) == drafts
        before = {path: path.read_bytes() for path in (tmp_path / "state").glob("ledger*")}
        for _ in range(8):
            asked = len(home.server.log)
            (report,) = home.ticks(1)
            found = home.asked(asked)
            found.pop("token", None)
            assert report.troubles == ()
            assert found.total() <= most, found
        assert {path: path.read_bytes() for path in (tmp_path / "state").glob("ledger*")} == before


def _kith(server: Server) -> list[Any]:
    return [one for one in server.account().calendars.calendars.values() if one.summary == "Kith"]


# -- logins ------------------------------------------------------------------------------------------------------------


def test_a_changed_password_stops_the_mail_and_nothing_else(home: House) -> None:
    """Mail loses its grant, the calendar goes on; each dead one that is needed is shown once in two days of ticks."""
    home.server.user.send_mail("ada@lovelace.example", "Before")
    home.once()
    home.server.user.change_password()
    meets(home.server, "Grace Hopper <grace@hopper.example>", -0.5)
    home.server.user.send_mail("ada@lovelace.example", "Lost for now")
    asked = len(home.server.log)
    reports = home.ticks(2 * 96)
    assert all(trouble.code == "needs-login" for report in reports for trouble in report.troubles)
    assert all(report.troubles for report in reports)
    refused = [entry for entry in home.server.log[asked:] if entry.path == "/token" and entry.status == 400]
    assert len(refused) == 1, "nothing lies in Drafts: that grant was not needed"
    assert home.asked(asked)["gmail.users.history.list"] <= 1
    assert "grace@hopper.example" in _addresses(home)
    assert {login.name for login in home.standing().logins if login.trouble} == {"mail"}
    for name in ("mail", "drafts"):
        home.logs_in(name)
    (report,) = home.ticks(1)
    assert report.troubles == ()
    assert {"Before", "Lost for now"} <= _subjects(home)


def test_a_login_that_is_gone_is_never_hammered(home: House) -> None:
    """All of it taken back: each grant hears no once, and then nothing is asked for a week of ticks."""
    meets(home.server, "Ada Lovelace <ada@lovelace.example>", -1)
    home.once()
    home.server.user.revoke()
    asked = len(home.server.log)
    home.ticks(1)
    first = home.asked(asked)
    assert 1 <= first["token"] <= 3
    asked = len(home.server.log)
    home.ticks(7 * 24, timedelta(hours=1))
    assert home.asked(asked).total() <= 3 - first["token"]


def _addresses(home: House) -> set[str]:
    session = open_session(home.config, home.server.now)
    with session.ledger(write=False) as ledger:
        return {address for person in ledger.people() for address in person.addresses}


def _subjects(home: House) -> set[str]:
    session = open_session(home.config, home.server.now)
    with session.ledger(write=False) as ledger:
        return {mail.subject for mail in ledger.records().messages.values()}


@pytest.mark.parametrize(
    ("testing", "words"),
    [(False, "has outlived the seven days of test mode"), (True, "ended after seven days: the OAuth project is in")],
)
def test_after_eight_days_status_says_what_test_mode_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, testing: bool, words: str
) -> None:
    """Ticks every three hours; on the ninth day the question is answered for all three logins in one line."""
    for home in house(tmp_path, monkeypatch, switches=Switches(testing=testing)):
        home.once()
        assert "you will see here whether it outlives" in " ".join(home.standing().notes)
        home.ticks(8 * 8 + 1, timedelta(hours=3))
        (note,) = [note for note in home.standing().notes if "calendar" in note]
        assert words in note


# -- what is read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False])
def test_received_mail_of_strangers_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    """Whom the user wrote to is heard, though both mails come in one pull; a stranger's is nowhere in the state."""
    for home in house(tmp_path, monkeypatch, "received = true"):
        home.once()
        written = home.server.user.send_mail("Ada Lovelace <ada@lovelace.example>", "Question")
        if not together:
            home.ticks(1)
        home.server.user.receive_mail("Ada Lovelace <ada@lovelace.example>", "Answer", reply_to_message=written)
        home.server.user.receive_mail("Mallory Stranger <mallory@stranger.example>", "Buy this")
        home.ticks(2)
        assert _subjects(home) == {"Question", "Answer"}
        state = [path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file()]
        assert not any(b"mallory" in text.lower() or b"Buy this" in text for text in state)


def test_birthday_events_give_birthdays(home: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Google's birthday of a contact is shown by ``why`` of the one who bears that name; others are asked about."""
    user = home.server.user
    user.send_mail("Ada Lovelace <ada@lovelace.example>", "The engine")
    user.add_birthday("Ada Lovelace", date(1815, 2, 20))
    user.add_birthday("Grace", date(1906, 2, 21))
    home.once()
    why.main(["ada", "--config", str(home.config), "--now", home.server.now.isoformat()], standalone_mode=False)
    assert "Birthday: 20 February, as your calendar says." in capsys.readouterr().out
    check.main(["--config", str(home.config)], standalone_mode=False)
    assert "1 birthday in your calendar names nobody Kith knows by full name." in capsys.readouterr().out
