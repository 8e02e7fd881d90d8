"""Does ``kith login`` bring a person to a working login, whatever they paste, untick or refuse?"""

from __future__ import annotations

import io
import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors._google.grants import Grant
from connectors.google import Google
from daemon.cli import login as command
from tests.cli.conftest import Kith, Ran
from tests.google.fixtures import google
from tests.google.server import Server

__all__ = ["google"]
CALENDAR = ["calendar.calendarlist.readonly", "calendar.events.readonly"]
Deed = Callable[[str], str]
"""What the person does with the address that is shown: returns what they paste."""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def consent(url: str) -> str:
    """Say yes, and copy the address at which the browser ends."""
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        opener.open(url, timeout=5)
    except HTTPError as answer:
        with answer:
            return str(answer.headers["Location"])
    pytest.fail("no redirection came")


def skip(_: str) -> str:
    return "skip"


class Person(io.TextIOBase):
    """Sits at the terminal: reads what is shown, and types what the deeds say, one for each question."""

    def __init__(self, capsys: pytest.CaptureFixture[str], deeds: list[Deed]) -> None:
        self.capsys, self.deeds, self.read = capsys, deeds, ""

    def readline(self, _: int | None = -1) -> str:  # type: ignore[override]
        self.look()
        return self.deeds.pop(0)(self.urls()[-1]) + "\n" if self.deeds else ""

    def look(self) -> None:
        self.read += self.capsys.readouterr().out

    def urls(self) -> list[str]:
        return re.findall(r"^https?://\S+$", self.read, re.MULTILINE)


@dataclass
class Desk:
    """A configuration that points at the stand-in, and somebody who logs in with it."""

    folder: Path
    kith: Kith
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    shown: str = field(default="")

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def login(self, *deeds: Deed, words: tuple[str, ...] = ()) -> Ran:
        person = Person(self.capsys, list(deeds))
        self.monkeypatch.setattr("sys.stdin", person)
        ran = self.kith("login", "home", "--config", self.config, *words)
        self.shown = person.read + ran.out
        assert not person.deeds
        return ran

    def grant(self, name: Any) -> Grant:
        return Grant(self.folder / "state", "home", name)

    def scopes(self, name: Any) -> list[str]:
        return sorted(scope.rpartition("/auth/")[2] for scope in self.grant(name).token().scopes)


@pytest.fixture
def desk(
    tmp_path: Path,
    google: Server,
    kith: Kith,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    text = f"""
state = "state"
[me]
name = "Clara Winter"
addresses = ["clara@winter.example"]
timezone = "Europe/Vienna"
[accounts.home]
kind = "google"
endpoint = "{google.url}"
"""
    (tmp_path / "config.toml").write_text(text)
    (tmp_path / "client.json").write_text(json.dumps(google.client()))
    (tmp_path / "client.json").chmod(0o600)
    return Desk(tmp_path, kith, capsys, monkeypatch)


def test_from_nothing_to_a_login(desk: Desk, google: Server) -> None:
    """Two permissions are needed, explained and given; the tokens are private files in the form google-auth reads."""
    google.user.send_mail(to="ada@lovelace.example", subject="The paper")
    ran = desk.login(consent, consent)
    assert ran.code == 0
    assert (desk.scopes("calendar"), desk.scopes("mail")) == (CALENDAR, ["gmail.metadata"])
    assert "1 of 2: Your calendar." in desk.shown
    assert "sees 1 calendar." in desk.shown
    assert "sees a mailbox of 1 mails." in desk.shown
    assert "Next: kith once" in desk.shown
    assert not desk.grant("drafts").is_there()
    path = desk.grant("mail").path
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    document = json.loads(path.read_text())
    assert document.keys() == {"type", "client_id", "client_secret", "refresh_token", "token_uri", "scopes"}
    assert (document["type"], document["token_uri"]) == ("authorized_user", f"{google.url}/token")
    assert abs((desk.grant("mail").life().born or datetime.max.replace(tzinfo=UTC)) - datetime.now(UTC)).seconds < 60


def test_the_client_may_be_a_credential(desk: Desk, tmp_path: Path) -> None:
    """What systemd hands in is read in place of a file (U15); where nothing was handed in, the file is named."""
    handed = tmp_path / "credentials"
    handed.mkdir()
    (desk.folder / "client.json").rename(handed / "client")
    (handed / "client").chmod(0o440)
    text = desk.config.read_text()
    desk.config.write_text(text.replace("[accounts.home]", '[accounts.home]\nclient = { credential = "client" }'))
    ran = desk.login()
    assert (ran.code, "there is no /run/credentials/client" in ran.err) == (78, True)
    desk.monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    assert desk.login(consent, consent).code == 0


def test_each_permission_is_explained_before_its_page(desk: Desk) -> None:
    """Whoever is asked knows for what: each explanation stands above the address of its page, and below the last."""
    write_into(desk, drafts="home", reminders="home")
    desk.login(skip, skip, skip)
    rows = [
        found
        for line in desk.shown.splitlines()
        if (found := re.match(r"\d of 3|https?://", line.strip()))  # a rung, or a page
    ]
    assert [row[0][:4] for row in rows] == ["1 of", "http", "2 of", "http", "3 of", "http"]


def test_every_permission_has_words_for_its_loss() -> None:
    """Whatever box can be left unticked, it is said what will not work without it."""
    accounts = [Google(received=True), Google(written_as="tasks")]
    asked = {
        scope
        for account in accounts
        for scopes in account.wanted(frozenset({"reminders", "drafts"})).values()
        for scope in scopes
    }
    assert asked == command.LOST.keys()
    assert set(command.EXPLAINED) == {"calendar", "mail", "drafts"}


def test_what_is_asked(desk: Desk) -> None:
    """PKCE, state, a refresh token, and only the scopes of this grant: nothing that was given before is merged in."""
    desk.login(consent, consent)
    for url in re.findall(r"^https?://\S+$", desk.shown, re.MULTILINE):
        ask = parse_qs(urlsplit(url).query)
        assert ask["code_challenge_method"] == ["S256"]
        assert ask["access_type"] == ["offline"]
        assert len(ask["state"][0]) > 20
        assert "include_granted_scopes" not in ask
        assert not {"gmail.metadata", "calendar.events.readonly"} <= {
            s.rpartition("/")[2] for s in ask["scope"][0].split()
        }


def test_what_works_is_not_asked_again(desk: Desk) -> None:
    """A second login asks nothing; --again asks; --only asks for one."""
    desk.login(consent, consent)
    before = desk.grant("mail").path.read_text()
    assert desk.login().code == 0
    assert desk.shown.count("You are logged in already.") == 2
    assert desk.grant("mail").path.read_text() == before
    assert desk.login(consent, words=("--again", "--only", "mail")).code == 0
    assert desk.grant("mail").path.read_text() != before


def test_each_rung_can_be_skipped(desk: Desk) -> None:
    """Skipping one leaves the other; skipping all is no login."""
    assert desk.login(skip, skip).code == 77
    assert desk.login(consent, skip).code == 0
    assert (desk.grant("calendar").is_there(), desk.grant("mail").is_there()) == (True, False)


def write_into(desk: Desk, **lines: str) -> None:
    table = "".join(f'{key} = "{value}"\n' for key, value in lines.items())
    desk.config.write_text(f"{desk.config.read_text()}[write]\n{table}")


def test_drafts_are_explained(desk: Desk) -> None:
    """Who wants drafts hears what Google will say and why, and what is stored is that one scope."""
    write_into(desk, drafts="home")
    assert desk.login(skip, skip, consent).code == 0
    assert '"and send emails": there is no smaller permission for drafts, and Kith has no code that sends' in desk.shown
    assert desk.scopes("drafts") == ["gmail.compose"]


def test_reminders_need_a_calendar_of_their_own(desk: Desk) -> None:
    """Only who wants reminders there is asked for it; a login from before is seen to lack it and asked anew."""
    desk.login(consent, words=("--only", "calendar"))
    write_into(desk, reminders="home")
    assert desk.login(consent, words=("--only", "calendar")).code == 0
    assert "lacks: calendar.app.created" in desk.shown
    assert desk.scopes("calendar") == ["calendar.app.created", *CALENDAR]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda url: "yes please", "not the address"),
        (lambda url: url, "not the address"),
        (lambda url: re.sub(r"state=[^&]*", "", consent(url)), "only a part"),
        (lambda url: re.sub(r"state=[^&]*", "state=another", consent(url)), "an earlier question"),
        (lambda url: re.sub(r"code=[^&]*", "code=4/madeup", consent(url)), "too old, or was used before"),
    ],
)
def test_a_wrong_paste_is_asked_again(desk: Desk, wrong: Deed, words: str) -> None:
    """What is not the answer is said in words, and the same question takes the right one."""
    assert desk.login(wrong, wrong, consent, skip).code == 0
    assert desk.shown.count(words) == 2
    assert desk.grant("calendar").is_there()


def test_the_query_alone_is_enough(desk: Desk) -> None:
    """Some terminals break the address: its query is all that is needed."""
    assert desk.login(lambda url: f"  {consent(url).partition('?')[2]}  ", skip).code == 0


def test_no_is_no(desk: Desk, google: Server) -> None:
    """Who says no at Google hears that nothing was given; the next permission is asked all the same."""
    google.user.consents(deny=True)
    ran = desk.login(consent, consent)
    assert (ran.code, desk.shown.count("Not given: you said no.")) == (77, 2)
    assert not desk.grant("calendar").is_there()


def test_unticked_boxes_are_named(desk: Desk, google: Server) -> None:
    """A permission left out is named with what will not work; the rest is kept and used."""
    google.user.consents(untick=("calendar.calendarlist.readonly",))
    assert desk.login(consent, skip).code == 0
    assert "unticked (calendar.calendarlist.readonly): calendars cannot be listed" in desk.shown
    assert desk.scopes("calendar") == ["calendar.events.readonly"]
    google.user.consents()
    assert desk.login(consent, skip).code == 0
    assert desk.scopes("calendar") == CALENDAR


def test_a_grant_with_nothing_useful_is_not_kept(desk: Desk, google: Server) -> None:
    """A list of calendars without their events is worth nothing: no file, and words that say so."""
    google.user.consents(untick=("calendar.events.readonly",))
    assert desk.login(consent, skip).code == 77
    assert "nothing is kept" in desk.shown
    assert not desk.grant("calendar").is_there()


def test_a_foreign_mailbox_is_said(desk: Desk) -> None:
    """The address Google names is compared with the configuration's."""
    desk.config.write_text(desk.config.read_text().replace("clara@winter.example", "clara@other.example"))
    desk.login(skip, consent)
    assert "mailbox of clara@winter.example, which is not among [me] addresses" in desk.shown


def test_an_api_that_is_off_is_said(desk: Desk, google: Server) -> None:
    """The commonest slip in the console, found at once, with the page that mends it."""
    google.fault(403, method="gmail.users.getProfile", reason="accessNotConfigured", times=None)
    assert desk.login(skip, consent).code == 77
    assert "https://console.cloud.google.com/apis/library/gmail.googleapis.com" in desk.shown
    assert desk.grant("mail").is_there()


def test_a_token_endpoint_that_is_away(desk: Desk, google: Server) -> None:
    """Nothing is stored, and the person hears to come back."""
    google.fault("drop before", path="/token", times=None)
    assert desk.login(consent, consent).code == 77
    assert "cannot be reached" in desk.shown


# -- listening ---------------------------------------------------------------------------------------------------------


def _fetch(url: str) -> int:
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return int(error.code)
    except URLError:
        return 0


def test_a_listener_survives_favicons_and_probes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A favicon, a port probe and the answer to another question come first; the right answer is still taken."""
    codes: list[int] = []
    show = command._show

    def shown(ladder: Any, question: Any) -> None:
        show(ladder, question)
        threading.Thread(target=browse, args=(question.url,), daemon=True).start()

    def browse(url: str) -> None:
        back = consent(url)
        base = back.partition("?")[0]
        other = re.sub(r"state=[^&]*", "state=another", back)
        codes.extend(_fetch(item) for item in (f"{base}favicon.ico", base, f"{base}?code=x", other, back))

    monkeypatch.setattr(command, "_show", shown)
    assert desk.login(words=("--only", "mail", "--listen", "0")).code == 0
    assert codes == [404, 404, 404, 404, 200]
    assert desk.scopes("mail") == ["gmail.metadata"]


def test_nobody_comes_to_the_listener(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its patience the command says so and ends."""
    monkeypatch.setattr(command, "PATIENCE", 0.1)
    begun = time.monotonic()
    assert desk.login(words=("--only", "mail", "--listen", "0")).code == 77
    assert "No answer came" in desk.shown
    assert time.monotonic() - begun < 3


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no"),
        ("<html>", "is no JSON"),
        ("[]", "is no OAuth client"),
        ('{"web": {"client_id": "a"}}', "type Web application"),
        ('{"installed": {"client_id": "a"}}', "is no OAuth client"),
        (
            '{"installed": {"client_id": "a", "client_secret": "b", "auth_uri": "https://evil.example/"}}',
            "not Google's",
        ),
    ],
)
def test_a_client_file_that_is_none(desk: Desk, text: str | None, words: str) -> None:
    """Each way the client file can be wrong is a problem of the configuration, with its path."""
    path = desk.folder / "client.json"
    path.unlink() if text is None else path.write_text(text)
    ran = desk.login()
    assert ran.code == 78
    assert "accounts.home.client" in ran.err
    assert words in ran.err


def test_a_client_file_that_others_can_read(desk: Desk) -> None:
    """It is refused by login and check, with the command that mends it."""
    (desk.folder / "client.json").chmod(0o644)
    for ran in (desk.login(), desk.kith("check", "--config", desk.config)):
        assert ran.code == 78
        assert f"chmod 600 {desk.folder / 'client.json'}" in ran.err


def test_which_accounts_can_log_in(desk: Desk) -> None:
    """An account that is not there or is of another kind, and a permission nobody needs, are usage errors."""
    (desk.folder / "Sent.mbox").touch()
    desk.config.write_text(f'{desk.config.read_text()}[accounts.old]\nkind = "mbox"\npath = "Sent.mbox"\n')
    assert desk.kith("login", "hoem", "--config", desk.config).code == 2
    ran = desk.kith("login", "old", "--config", desk.config)
    assert (ran.code, "needs no login" in ran.err) == (2, True)
    assert desk.login(words=("--only", "drafts")).code == 2


# -- status ------------------------------------------------------------------------------------------------------------


def test_status_knows_who_is_logged_in(desk: Desk, google: Server) -> None:
    """Before the login status ends with 77 and its remedy; after it, it tells since when, and what was spent today."""
    before = desk.kith("status", "--json", "--config", desk.config)
    (row,) = before.json["accounts"]
    assert (before.code, row["problem"], row["remedy"]) == (77, "needs-login", "kith login home")
    desk.login(consent, consent)
    after = desk.kith("status", "--json", "--config", desk.config)
    (row,) = after.json["accounts"]
    assert (after.code, row["ok"], row["problem"]) == (0, True, None)
    assert {(item["name"], item["ok"], item["remedy"]) for item in row["logins"]} == {
        ("calendar", True, None),
        ("mail", True, None),
    }
    assert all(datetime.fromisoformat(item["since"]).tzinfo for item in row["logins"])
    assert row["spent"] == {"calendar": {"requests": 1, "units": 1}, "gmail": {"requests": 1, "units": 1}}
    text = desk.kith("status", "--config", desk.config).out
    assert "requests today: 1 to calendar (1 units), 1 to gmail (1 units)" in text
    assert text.count("you will see here whether it outlives seven days of test mode") == 1


def test_status_of_a_ladder_half_climbed(desk: Desk) -> None:
    """With the calendar alone all is well: the mail is named with what adds it, not as a trouble."""
    desk.login(consent, skip)
    ran = desk.kith("status", "--config", desk.config)
    assert (ran.code, "home (google): ok" in ran.out) == (0, True)
    assert "mail: Kith is not logged in to Google (mail)   mend it with: kith login home" in ran.out


def test_status_of_a_lost_login(desk: Desk) -> None:
    """A grant that Google took back is told at once, with the words for it."""
    desk.login(consent, consent)
    desk.grant("mail").refuse("invalid_grant", datetime.now(UTC))
    ran = desk.kith("status", "--json", "--config", desk.config)
    (row,) = ran.json["accounts"]
    assert (ran.code, row["remedy"]) == (77, "kith login home")
    assert "Google has ended the login (mail)" in row["detail"]
    assert [item["ok"] for item in row["logins"]] == [True, False]


def test_another_day_writes_nothing_at_google(desk: Desk) -> None:
    """``once --now`` is refused for an account whose endpoint is not on this machine (U12)."""
    text = re.sub(r"endpoint = .*", "", desk.config.read_text())
    desk.config.write_text(f'{text}[write]\nreminders = "home"\n')
    ran = desk.kith("once", "--now", "2026-12-01", "--config", desk.config)
    assert (ran.code, "--now" in ran.err) == (2, True)
