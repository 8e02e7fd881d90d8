"""Does what passes between Kith and Google pass once, in bounds, and only where it may?"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests
from googleapiclient.discovery_cache import get_static_doc

from connectors._google import errors
from connectors._google.endpoints import read_endpoints
from connectors._google.meter import Meter, ahead_in, counts_path, spent_on
from connectors._google.methods import METHODS, Refused, permitted
from connectors._google.session import Limits
from connectors._google.wire import Wires, wires_of
from connectors.google import Google
from connectors.records import ConnectorError, Unavailable
from tests.connectors.small_server import Small, answer, drip, drop, error, raw, slow, small_server
from tests.connectors.wired import EVENT, NOW, Time, inserting, listing, log_in, small, time, wires

__all__ = ["small", "time", "wires"]


def test_it_reads_and_writes(wires: Wires, small: Small) -> None:
    """One token request serves all calls; resources are built once; parameters and bodies arrive."""
    small.replies = [answer({"items": [1]}), answer({"id": "a"})]
    assert wires.calendar.read(listing(wires)) == {"items": [1]}
    assert wires.calendar.write(inserting(wires)) == {"id": "a"}
    assert wires.calendar.resource("events") is wires.calendar.resource("events")
    path = "/calendar/v3/calendars/clara%40winter.example/events"
    assert small.paths() == [f"GET {path}", f"POST {path}"]
    assert (json.loads(small.seen[2].body), small.of_tokens()) == (EVENT, 1)
    assert small.seen[1].headers["authorization"] == "Bearer at"


def test_each_api_has_its_path(wires: Wires, small: Small) -> None:
    """Calendar, Gmail and Tasks are asked below one endpoint, each under its own path."""
    wires.mail.read(wires.mail.resource("users").getProfile(userId="me"))
    wires.drafts.read(wires.drafts.resource("users.drafts").list(userId="me"))
    wires.tasks.read(wires.tasks.resource("tasklists").list())
    assert small.paths() == [
        "GET /gmail/v1/users/me/profile",
        "GET /gmail/v1/users/me/drafts",
        "GET /tasks/v1/users/@me/lists",
    ]


def test_a_read_is_like_the_one_before_in_nothing_but_what_it_says(wires: Wires, small: Small, time: Time) -> None:
    """Reads after others have their own address, as the library would quote it, their own headers and the new token."""
    events = wires.calendar.resource("events")
    tokens = iter(("first", "second"))
    small.token = lambda: answer({"access_token": next(tokens), "expires_in": 3600})
    asked = [events.get(calendarId="a b@winter.example", eventId=f"{name}/é~ü%2e+", timeZone=name) for name in "wxyz"]
    asked[2].headers["If-None-Match"] = "etag"
    for request in asked:
        wires.calendar.read(request)
    time.sleep(3600)
    wires.calendar.read(asked[0])
    seen = [item for item in small.seen if item.verb == "GET"]
    assert [item.path for item in seen] == [
        requests.Request("GET", request.uri).prepare().path_url for request in (*asked, asked[0])
    ]
    assert [item.headers.get("if-none-match") for item in seen] == [None, None, "etag", None, None]
    assert [item.headers["authorization"][7:] for item in seen] == [*["first"] * 4, "second"]


# -- once --------------------------------------------------------------------------------------------------------------


NO_ANSWER = [drop, slow, answer(b"<html>"), raw(b'{"id"', length=99), error(500), error(503)]


@pytest.mark.parametrize("reply", NO_ANSWER)
def test_a_write_is_sent_once(wires: Wires, small: Small, reply: Any) -> None:
    """Whatever becomes of the answer, one POST leaves, and the caller hears that it may have happened."""
    small.replies = [reply]
    with pytest.raises(errors.Unsure):
        wires.calendar.write(inserting(wires))
    assert len(small.paths("/v3")) == 1


@pytest.mark.parametrize("reply", NO_ANSWER)
def test_a_read_is_tried_again(wires: Wires, small: Small, time: Time, reply: Any) -> None:
    """A read that got no whole answer is tried twice more, with growing pauses, then left to the next tick."""
    small.replies = [reply, reply, answer({"items": []})]
    assert wires.calendar.read(listing(wires)) == {"items": []}
    small.replies = [reply, reply, reply]
    with pytest.raises(Unavailable) as caught:
        wires.calendar.read(listing(wires))
    assert not isinstance(caught.value, errors.Unsure)
    assert len(small.paths("/v3")) == 6
    assert time.slept == [1.0, 2.0, 1.0, 2.0]


def test_an_answer_byte_by_byte_is_not_waited_for(tmp_path: Path, small: Small) -> None:
    """A server that sends a byte now and then meets the bound for the whole, not only that for the next bytes."""
    log_in(tmp_path, "calendar")
    limits = Limits(connect=2, read=1, total=0.1)
    wires = Wires(state=tmp_path, name="home", endpoints=read_endpoints(small.url), meter=Meter(None, 0), limits=limits)
    small.replies = [drip]
    begun = monotonic()
    with pytest.raises(errors.Unsure, match="no answer in time"):
        wires.calendar.write(inserting(wires))
    assert monotonic() - begun < 0.6
    wires.close()


def test_nothing_listens(tmp_path: Path, time: Time) -> None:
    """A write that never left, for want of a connection, is no ambiguous one."""
    log_in(tmp_path, "calendar")
    with small_server() as gone:
        url = gone.url
    meter = Meter(None, 0, "UTC", time.clock())
    with small_server() as tokens:
        endpoints = read_endpoints({"calendar": url, "token": tokens.url})
        wires = Wires(state=tmp_path, name="home", endpoints=endpoints, meter=meter)
        with pytest.raises(Unavailable) as caught:
            wires.calendar.write(inserting(wires))
    assert not isinstance(caught.value, errors.Unsure)


@pytest.mark.parametrize("packed", [False, True])
def test_a_long_answer_is_not_taken_in(wires: Wires, small: Small, *, packed: bool) -> None:
    """An answer beyond the bound of size is dropped on the way: counted as it is when unpacked (N5, N6)."""
    body = b" " * 5_000_000
    small.replies = [answer(gzip.compress(body), content_encoding="gzip") if packed else answer(body)] * 3
    with pytest.raises(Unavailable, match="too large"):
        wires.calendar.read(listing(wires))


@pytest.mark.parametrize(
    "body", [b"[" * 9_000, b'{"a":' * 1_500, b"9" * 9_000, b"NaN", b"\xff\xfe", b"<html>log in</html>"]
)
def test_an_answer_that_is_no_object_is_no_answer(wires: Wires, small: Small, body: bytes) -> None:
    """Deep, endless or of another kind: trouble of the account at most, never a crash (N8, C21)."""
    small.replies = [answer(body)] * 3
    with suppress(ConnectorError):
        assert wires.calendar.read(listing(wires)) == {}


def test_a_redirection_is_not_followed(wires: Wires, small: Small) -> None:
    """A captive portal sees one request, and no token is shown to where it points."""
    small.replies = [answer({}, 302, Location=f"{small.url}/elsewhere")]
    with pytest.raises(Unavailable, match="redirection"):
        wires.calendar.read(listing(wires))
    assert len(small.paths("/v3")) == 1
    assert not small.paths("/elsewhere")


def test_a_netrc_does_not_replace_the_login(wires: Wires, small: Small) -> None:
    """Whatever the user's .netrc says, the access token is what is shown."""
    Path(os.environ["HOME"], ".netrc").write_text("machine 127.0.0.1 login ada password wrong\n")
    wires.calendar.read(listing(wires))
    assert small.seen[-1].headers["authorization"] == "Bearer at"


def test_a_proxy_is_not_asked_for_this_machine(wires: Wires, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is for the world outside, not for loopback."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert wires.calendar.read(listing(wires)) == {}


def test_a_long_address_stays_a_read(wires: Wires, small: Small) -> None:
    """googleapiclient makes a POST of an address beyond 2,048 characters; the wire makes it a GET again."""
    request = wires.calendar.resource("events").list(calendarId="primary", pageToken="t" * 3000)
    wires.calendar.read(request)
    assert small.seen[-1].verb == "GET"
    assert "t" * 3000 in small.seen[-1].path


def test_if_match_arrives(wires: Wires, small: Small) -> None:
    """A header that the caller sets is sent; a deletion may be answered with nothing."""
    small.replies = [answer(b"", 204), answer(b"", 200)]
    request = wires.calendar.resource("events").delete(calendarId="k", eventId="e")
    request.headers["If-Match"] = '"1"'
    assert wires.calendar.write(request) == {}
    assert small.seen[-1].headers["if-match"] == '"1"'
    assert wires.calendar.write(wires.calendar.resource("events").delete(calendarId="k", eventId="e")) == {}


# -- what may leave ----------------------------------------------------------------------------------------------------


def _methods() -> Iterator[tuple[str, str, str]]:
    def walk(resource: dict[str, Any], root: str) -> Iterator[tuple[str, str, str]]:
        for item in resource.get("methods", {}).values():
            yield item["id"], item["httpMethod"], root + item["path"]
        for inner in resource.get("resources", {}).values():
            yield from walk(inner, root)

    for name, version in (("gmail", "v1"), ("calendar", "v3"), ("tasks", "v1")):
        document = json.loads(get_static_doc(name, version))
        yield from walk(document, document["servicePath"])


def test_exactly_these_methods_pass() -> None:
    """Of all methods of the three APIs, those on the list pass, as themselves; nothing else does, none that sends."""
    passed = set()
    for name, verb, path in _methods():
        filled = path.replace("{userId}", "me")
        while "{" in filled:
            filled = f"{filled.partition('{')[0]}x1{filled.partition('}')[2]}"
        try:
            assert permitted(verb, f"https://api.example/{filled}", "https://api.example/").id == name
        except Refused:
            continue
        passed.add(name)
    assert passed == set(METHODS)
    assert len(list(_methods())) > 120
    words = {"send", "watch", "acl", "import", "move", "modify", "forwarding", "delegates", "filters", "clear"}
    assert not [name for name in passed for word in words if word in name]
    assert {name for name in passed if name.endswith("delete")} == {
        "gmail.users.drafts.delete",
        "calendar.events.delete",
        "tasks.tasks.delete",
    }


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "calendar/v3/calendars/../acl"),
        ("DELETE", "calendar/v3/calendars/k/events/.."),
        ("DELETE", "calendar/v3/calendars/k/events/%2e%2E"),
        ("DELETE", "calendar/v3/calendars/k"),
        ("POST", "gmail/v1/users/me/drafts/send"),
        ("POST", "upload/gmail/v1/users/me/drafts"),
        ("POST", "gmail/v1/users/me/drafts?uploadType=media"),
        ("POST", "batch"),
        ("GET", "gmail/v1/users/clara@winter.example/messages"),
        ("POST", "calendar/v3/calendars/k/events?sendUpdates=all"),
        ("POST", "calendar/v3/calendars/k/events?sendNotifications=true"),
        ("GET", "calendar/v3/calendars/k/events#/acl"),
        ("OPTIONS", "calendar/v3/calendars/k/events"),
    ],
)
def test_what_could_be_read_in_two_ways_does_not_leave(verb: str, path: str) -> None:
    """Dot segments, uploads, batches, other users and anything that would tell others are refused."""
    with pytest.raises(Refused):
        permitted(verb, f"https://api.example/{path}", "https://api.example/")


def test_another_host_is_refused() -> None:
    """A link in an answer cannot lead the token elsewhere."""
    with pytest.raises(Refused):
        permitted("GET", "https://bad.example/gmail/v1/users/me/profile", "https://api.example/")


def test_an_event_has_no_guests(wires: Wires, small: Small) -> None:
    """A body with attendees is a bug that stays in the process."""
    body = {**EVENT, "attendees": [{"email": "ada@example.com"}]}
    with pytest.raises(Refused, match="guests"):
        wires.calendar.write(wires.calendar.resource("events").insert(calendarId="k", body=body))
    assert small.paths("/v3") == []


def test_a_method_that_sends_is_refused(wires: Wires, small: Small) -> None:
    """Nothing that sends can be said with a wire, even by mistake."""
    with pytest.raises(Refused):
        wires.drafts.write(wires.drafts.resource("users.drafts").send(userId="me", body={"id": "d"}))
    assert small.seen == []


# -- pace and counts ---------------------------------------------------------------------------------------------------


def reads(wires: Wires, count: int) -> None:
    for _ in range(count):
        wires.mail.read(wires.mail.resource("users.messages").get(userId="me", id="m", format="metadata"))


def test_no_minute_has_more_reads_than_the_pace(wires: Wires, time: Time) -> None:
    """Over ten minutes of asking and reading what is allowed, every minute stays within 120, and few waits are long."""
    made: list[float] = []
    while time.at < NOW + timedelta(minutes=10):
        for _ in range(wires.mail.allowance()):
            wires.meter.spend(METHODS["gmail.users.messages.get"])
            made.append(time.at.timestamp())
    assert len(made) >= 990
    assert max(sum(at <= other < at + 60 for other in made) for at in made) <= 120
    assert max(time.slept) <= 2.0


def test_by_default_no_more_than_120_headers_a_minute(tmp_path: Path) -> None:
    """Who configures nothing gives two fifths of Gmail's quota to Kith, and the rest to other programs."""
    wires = wires_of(Google().kept_in(tmp_path), "home")
    assert (wires.meter.pace, METHODS["gmail.users.messages.get"].paced) == (120, True)
    assert 120 * METHODS["gmail.users.messages.get"].units == 2400


def test_a_debt_is_paid_back(wires: Wires, time: Time) -> None:
    """Whoever reads more than allowed waits the longer for the next."""
    for _ in range(60):
        wires.meter.spend(METHODS["gmail.users.messages.get"])
    assert wires.mail.allowance() == 0
    time.at += timedelta(seconds=30)
    assert wires.mail.allowance() > 0


def test_without_a_pace_there_is_no_bound(time: Time) -> None:
    """``pace = 0`` lets everything through at once."""
    meter = Meter(None, 0, "UTC", time.clock())
    for _ in range(5000):
        meter.spend(METHODS["gmail.users.messages.get"])
    assert meter.allowance() > 10_000


def test_units_are_counted_by_day(wires: Wires, time: Time, tmp_path: Path) -> None:
    """What was spent is kept for each day, added up over processes, and read by status; only save writes."""
    path = counts_path(tmp_path, "home")
    reads(wires, 3)
    wires.calendar.read(listing(wires))
    assert not path.exists()
    assert wires.meter.units_last_minute() == 60
    wires.meter.save()
    wires.meter.save()
    other = Meter(path, 120, "UTC", time.clock())
    other.spend(METHODS["gmail.users.drafts.create"])
    other.save()
    time.at += timedelta(days=1)
    reads(wires, 1)
    wires.meter.save()
    assert spent_on(path, NOW.date()) == {
        "calendar": {"requests": 1, "units": 1},
        "gmail": {"requests": 4, "units": 70},
    }
    assert spent_on(path, time.at.date()) == {"gmail": {"requests": 1, "units": 20}}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text", ["", "[]", '{"days": 7, "not_before": [1]}', '{"days": {"2026-11-22": 3}}', "[" * 9999]
)
def test_a_damaged_count_is_begun_anew(tmp_path: Path, time: Time, text: str) -> None:
    """Whatever stands in the file of the counts, counting goes on."""
    path = counts_path(tmp_path, "home")
    path.parent.mkdir()
    path.write_text(text)
    meter = Meter(path, 120, "UTC", time.clock())
    assert meter.held("gmail") is None
    meter.spend(METHODS["gmail.users.getProfile"])
    meter.save()
    assert spent_on(path, NOW.date()) == {"gmail": {"requests": 1, "units": 1}}


def test_a_wrong_clock_does_not_silence_an_account(tmp_path: Path, time: Time) -> None:
    """A moment far ahead, written while the clock was wrong, holds for a day at most."""
    path = counts_path(tmp_path, "home")
    path.parent.mkdir()
    path.write_text('{"not_before": {"gmail": "2069-01-01T00:00:00+00:00"}}')
    held = Meter(path, 120, "UTC", time.clock()).held("gmail")
    assert held is not None
    assert held <= NOW + timedelta(hours=25)


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Tue, 24 Nov 2026 09:00:00 GMT", timedelta(days=2)),
        ("Sat, 21 Nov 2026 21:00:00 GMT", timedelta(hours=-12)),
        ("Sun, 22 Nov 2026 09:05:01 GMT", timedelta(minutes=5, seconds=1)),
        ("Sun, 22 Nov 2026 09:05:00 GMT", timedelta()),
        ("Sun, 22 Nov 2026 08:55:00 GMT", timedelta()),
        ("yesterday", timedelta()),
        ("Sun, 99 Nov 99999 09:05:00 GMT", timedelta()),
    ],
)
def test_a_clock_that_differs_is_noted(wires: Wires, small: Small, tmp_path: Path, date: str, ahead: timedelta) -> None:
    """By more than five minutes, in the file of the counts; ours is gone by. It goes when the clocks agree again."""
    path = counts_path(tmp_path, "home")
    for said, noted in ((date, ahead), ("Sun, 22 Nov 2026 09:00:01 GMT", timedelta())):
        small.replies.append(answer({}, Date=said))
        wires.mail.read(wires.mail.resource("users.messages").get(userId="me", id="m", format="metadata"))
        wires.meter.save()
        assert ahead_in(path) == noted
        assert spent_on(path, NOW.date())
        Meter(path, 120, "UTC").save()
        assert ahead_in(path) == noted


# -- the account -------------------------------------------------------------------------------------------------------


def test_wires_outlive_a_look_at_the_configuration(tmp_path: Path) -> None:
    """The same settings give the same wires, so that token, connection and pace last; other settings give others."""
    account = Google().kept_in(tmp_path)
    first = wires_of(account, "home")
    assert wires_of(Google().kept_in(tmp_path), "home") is first
    assert wires_of(Google(pace=60).kept_in(tmp_path), "home") is not first


HEAVY = ("googleapiclient", "google.auth", "google.oauth2", "requests", "httplib2", "urllib3", "oauthlib")


CONFIGURED = """from daemon.config import load
made = load(Path(sys.argv[1]), dict(os.environ), date(2026, 11, 22))
made.accounts['home'].open_source('home', 'UTC')"""
HELP = """from click.testing import CliRunner
from daemon.cli import kith
assert CliRunner().invoke(kith, ['login', '--help']).exit_code == 0
assert CliRunner().invoke(kith, ['--help']).exit_code == 0"""

TICK = """from click.testing import CliRunner
from daemon.cli import kith
Path(sys.argv[1]).write_text(Path(sys.argv[1]).read_text().replace('"google"', '"mbox"\\npath = "Sent.mbox"'))
Path(sys.argv[1]).with_name('Sent.mbox').touch()
CliRunner().invoke(kith, ['once', '--config', sys.argv[1]])
assert list(Path(os.environ['XDG_STATE_HOME'], 'kith').glob('ledger*'))"""


@pytest.mark.parametrize("code", [CONFIGURED, HELP, TICK], ids=["configuration", "help", "tick"])
def test_the_libraries_are_imported_when_google_is_asked(tmp_path: Path, code: str) -> None:
    """Reading the configuration of a Google account, any help, a tick over files: none imports the heavy libraries."""
    config = tmp_path / "config.toml"
    me = '[me]\nname = "Clara"\naddresses = ["clara@winter.example"]\ntimezone = "UTC"\n'
    config.write_text(f'{me}[accounts.home]\nkind = "google"\n')
    script = f"import os, sys\nfrom datetime import date\nfrom pathlib import Path\n{code}\nprint(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", script, str(config)], capture_output=True, text=True, check=True, timeout=60
    )
    assert not set(HEAVY) & set(ran.stdout.split())
