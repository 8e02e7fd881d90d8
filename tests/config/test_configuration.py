"""Does the configuration mean what it says, and does everything wrong with it come out at once?"""

from __future__ import annotations

import os
import sys
import zoneinfo
from collections.abc import Mapping
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.config import ConfigError, Configuration, Problem, default_path, load, missing_files, places
from daemon.config.tables import ENTRIES, TABLES
from daemon.model import Block, Settings, Wish

TODAY = date(2026, 11, 22)
MINIMAL = """
[me]
name = "Ada Example"
addresses = ["Ada@Example.com"]
timezone = "Europe/Berlin"

[accounts.agenda]
kind = "ics"
path = "calendar.ics"
reminders = "kith.ics"
"""


def read(folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None) -> Configuration:
    """Load ``text`` as the configuration of ``folder``."""
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, environ or {"HOME": "/home/ada"}, TODAY)


def problems(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """Return what is wrong with ``text``."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return caught.value.problems


def test_ten_lines_are_enough(tmp_path: Path) -> None:
    """Name, addresses, zone and one account make a configuration; everything else has the model's defaults."""
    made = read(tmp_path, MINIMAL)
    assert made.settings == Settings(me=made.settings.me)
    assert (made.settings.me.addresses, made.settings.me.zone.key) == (("ada@example.com",), "Europe/Berlin")
    assert made.kinds == {"agenda": "ics"}
    assert (made.every, made.write_confirmed, made.templates_folder) == (timedelta(minutes=15), None, None)


def test_paths_start_at_the_file(tmp_path: Path) -> None:
    """Relative paths start at the configuration's folder, a tilde is the home folder."""
    text = MINIMAL.replace('"kith.ics"', '"~/kith.ics"') + '[words]\nfolder = "texts"\n'
    made = read(tmp_path, 'state = "var"\n' + text)
    account = made.accounts["agenda"]
    assert (made.state, made.templates_folder) == (tmp_path / "var", tmp_path / "texts")
    assert account == type(account)(path=tmp_path / "calendar.ics", reminders=Path("/home/ada/kith.ics"))


STATES: list[tuple[str, dict[str, str], str, bool]] = [
    ('state = "var"\n', {"STATE_DIRECTORY": "/var/lib/kith"}, "{folder}/var", True),
    ('state = "/srv/kith"\n', {}, "/srv/kith", True),
    ("", {"STATE_DIRECTORY": "/var/lib/kith:/var/lib/more"}, "/var/lib/kith", True),
    ("", {"XDG_STATE_HOME": "/x", "HOME": "/home/ada"}, "/x/kith", False),
    ("", {"XDG_STATE_HOME": "relative", "HOME": "/home/ada"}, "/home/ada/.local/state/kith", False),
    ("", {"HOME": "/home/ada"}, "/home/ada/.local/state/kith", False),
]


@pytest.mark.parametrize(("line", "environ", "state", "named"), STATES)
def test_where_the_state_lies(tmp_path: Path, line: str, environ: dict[str, str], state: str, named: bool) -> None:
    """The key first, then systemd's directory, then the user's; only the last is worth a word on stderr."""
    made = read(tmp_path, line + MINIMAL, environ)
    assert (str(made.state), made.state_named) == (state.format(folder=tmp_path), named)


def test_which_configuration_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$KITH_CONFIG, then the user's own, then the machine's if only that is there."""
    system = tmp_path / "etc.toml"
    monkeypatch.setattr(places, "SYSTEM_PATH", system)
    own = tmp_path / ".config" / "kith" / "config.toml"
    home = {"HOME": str(tmp_path)}
    assert default_path({"KITH_CONFIG": "/a.toml", **home}) == Path("/a.toml")
    assert default_path({"XDG_CONFIG_HOME": "/x", **home}) == Path("/x/kith/config.toml")
    assert default_path(home) == own
    system.write_text("")
    assert default_path(home) == system
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert default_path(home) == own
    assert default_path({}) == system


def test_values_are_read(tmp_path: Path) -> None:
    """Days, hours, intervals, wishes, lists and holidays come out in the model's form."""
    made = read(
        tmp_path,
        MINIMAL.replace('"Europe/Berlin"', '"Europe/Vienna"\nhours = "08:30-16:00"\ncountry = "at"')
        + """
[routine]
blocks = ["wednesday 13:15"]
days_off = ["Fri", "Sat", "Sun"]
ignore_titles = ["Piano LESSON"]
review_draft = true
[write]
drafts = "post"
[accounts.post]
kind = "maildir"
path = "Mail"
[strength]
weights = { call = 4 }
[cadence]
growing = [7, 21]
[people."Grace@Example.org"]
every = "3w"
tags = ["mentors"]
[tags.mentors]
every = 10
tone = "familiar"
[lists]
addresses = ["Salon@example.net", "@Lists.example"]
[run]
every = "1h"
""",
    )
    known = made.settings
    assert known.me.hours == (time(8, 30), time(16))
    assert known.routine.blocks == (Block(weekday=2, at=time(13, 15)),)
    assert (known.routine.days_off, known.routine.ignore_titles) == ({4, 5, 6}, ("piano lesson",))
    assert known.routine.review_draft
    assert not read(tmp_path, MINIMAL).settings.routine.review_draft
    assert {date(2025, 12, 8), date(2026, 10, 26), date(2028, 1, 6)} <= known.routine.holidays
    assert (known.strength.weights["call"], known.strength.weights["wrote"]) == (4.0, 1.0)
    assert (known.cadence.growing, known.cadence.key) == ((7, 21), (21, 42))
    assert known.people == {"grace@example.org": Wish(every=21, tags=("mentors",))}
    assert known.tags == {"mentors": Wish(every=10, tone="familiar")}
    assert known.lists == {"salon@example.net", "@lists.example"}
    assert made.every == timedelta(hours=1)


def test_the_hash_is_of_what_was_confirmed(tmp_path: Path) -> None:
    """Another target asks for a new confirmation; the word ``confirmed`` itself changes nothing."""
    plain = read(tmp_path, MINIMAL + '[write]\nreminders = "agenda"\n')
    said = read(tmp_path, MINIMAL + '[write]\nreminders = "agenda"\nconfirmed = false\n')
    other = read(tmp_path, MINIMAL + "[write]\n")
    assert plain.write_hash == said.write_hash != other.write_hash
    assert (plain.write_confirmed, said.write_confirmed) == (None, False)


WRONG: list[tuple[str, str, str, str]] = [
    # instead of this line, this one; then the path of the problem, and words of it
    ('name = "Ada Example"', "", "me.name", "is missing"),
    ('name = "Ada Example"', 'name = " "', "me.name", "not empty"),
    ('addresses = ["Ada@Example.com"]', "addresses = []", "me.addresses", "1 or more"),
    ('addresses = ["Ada@Example.com"]', 'addresses = ["ada"]', "me.addresses", "entry 1"),
    ('addresses = ["Ada@Example.com"]', 'addresses = "ada@x.example"', "me.addresses", "list"),
    ("timezone", "timezon", "me.timezon", "did you mean timezone?"),
    ('"Europe/Berlin"', '"Europe/Atlantis"', "me.timezone", "is no time zone"),
    ('"Europe/Berlin"', '"../../etc/passwd"', "me.timezone", "is no time zone"),
    ('"Europe/Berlin"', '"Europe"', "me.timezone", "is no time zone"),
    ("[accounts.agenda]", '[me.x]\n[accounts.agenda]', "me.x", "not a known key"),
    ("[accounts.agenda]", 'hours = "17:00-09:00"\n[accounts.agenda]', "me.hours", "span of the day"),
    ("[accounts.agenda]", 'language = "tlh"\n[accounts.agenda]', "me.language", "one of the languages"),
    ("[accounts.agenda]", 'country = "Austria"\n[accounts.agenda]', "me.country", "two letters"),
    ("[accounts.agenda]", "[routine]\nlength = 600\n[accounts.agenda]", "routine.length", "120 or less"),
    ("[accounts.agenda]", '[routine]\nblocks = ["Tue"]\n[accounts.agenda]', "routine.blocks", "weekday and a time"),
    ("[accounts.agenda]", '[routine]\nblocks = ["Sun 09:00"]\n[accounts.agenda]', "routine.blocks", "days off"),
    ("[accounts.agenda]", "[routine]\nreview = true\n[accounts.agenda]", "routine.review", "false for no review"),
    ("[accounts.agenda]", "[routine]\nreview_draft = 1\n[accounts.agenda]", "routine.review_draft", "true or false"),
    ("[accounts.agenda]", "[routine]\nreview_draft = true\n[accounts.agenda]", "routine.review_draft",
     "choose one in [write] drafts"),
    ("[accounts.agenda]", "[routine]\nreview = false\nreview_draft = true\n[accounts.agenda]", "routine.review_draft",
     "there is no review"),
    ("[accounts.agenda]", "[capacity]\nkey = -1\n[accounts.agenda]", "capacity.key", "0 or more"),
    ("[accounts.agenda]", "[capacity]\nkey = true\n[accounts.agenda]", "capacity.key", "whole number"),
    ("[accounts.agenda]", "[strength]\nhalf_life = nan\n[accounts.agenda]", "strength.half_life", "finite"),
    ("[accounts.agenda]", "[strength.weights]\nhug = 1\n[accounts.agenda]", "strength.weights", "these kinds"),
    ("[accounts.agenda]", "[cadence]\nkey = [42, 21]\n[accounts.agenda]", "cadence.key", "two numbers of days"),
    ("[accounts.agenda]", '[run]\nevery = "1s"\n[accounts.agenda]', "run.every", "a minute to a day"),
    ("[accounts.agenda]", '[tags.a]\nevery = "3y"\n[accounts.agenda]', "tags.a.every", "number of days"),
    ("[accounts.agenda]", '[people."a@b.example"]\ntone = "du"\n[accounts.agenda]', "people.#1.tone", "familiar"),
    ("[accounts.agenda]", '[people."a@b.example"]\ntags = ["x"]\n[accounts.agenda]', "people.#1.tags", "no table"),
    ("[accounts.agenda]", "[people.bob]\n[accounts.agenda]", "people.#1", "mail address"),
    ("[accounts.agenda]", '[write]\nreminders = "agnda"\n[accounts.agenda]', "write.reminders", "did you mean agenda?"),
    ("[accounts.agenda]", '[write]\ndrafts = "agenda"\n[accounts.agenda]', "write.drafts", "cannot take drafts"),
    ("[accounts.agenda]", '[write]\nconfirmed = "yes"\n[accounts.agenda]', "write.confirmed", "true or false"),
    ("[accounts.agenda]", "[acounts.x]\n[accounts.agenda]", "acounts", "did you mean accounts?"),
    ("[accounts.agenda]", '[accounts."my agenda"]', 'accounts."my agenda"', "letters, digits"),
    ('kind = "ics"', "", "accounts.agenda.kind", "is missing"),
    ('kind = "ics"', 'kind = "isc"', "accounts.agenda.kind", "did you mean ics?"),
    ('kind = "ics"', 'kind = "caldav"', "accounts.agenda.kind", "come later"),
    ('path = "calendar.ics"', "path = 7", "accounts.agenda.path", "file name"),
    ('path = "calendar.ics"', 'pth = "calendar.ics"', "accounts.agenda.pth", "did you mean path?"),
    ('path = "calendar.ics"', 'path = "kith.ics"', "accounts.agenda.reminders", "of its own"),
    ('path = "calendar.ics"', 'path = "a\\u0000b"', "accounts.agenda.path", "cannot be seen"),
    ('path = "calendar.ics"', 'role = "fun"', "accounts.agenda.role", "'work'"),
    ('reminders = "kith.ics"', '[accounts.b]\nkind = "ics"\npath = "x/../calendar.ics"',
     "accounts.b.path", "same file"),
    ("[me]", "accounts = 3\n[me2]", "accounts", "must be a table"),
]  # fmt: skip


@pytest.mark.parametrize(("instead_of", "written", "path", "words"), WRONG)
def test_each_problem_has_its_path_and_a_hint(
    tmp_path: Path, instead_of: str, written: str, path: str, words: str
) -> None:
    """What is wrong is told under the path the user wrote, in words that help."""
    text = MINIMAL.replace(instead_of, written)
    if path == "accounts":
        text = text.partition("[accounts.agenda]")[0]
    found = problems(tmp_path, text)
    assert any(problem.path == path and words in f"{problem.text} ({problem.hint})" for problem in found), found


def test_all_problems_at_once(tmp_path: Path) -> None:
    """Mistakes in every table come out together; nobody mends one to be told the next."""
    text = """
stat = "x"
[me]
name = 3
timezone = "Nowhere"
[routine]
length = 1
[capacity]
drafts = -1
[run]
every = 15
[accounts.a]
kind = "ics"
pth = "x"
role = "fun"
[write]
drafts = "a"
reminders = "c"
confirmed = 1
"""
    assert {problem.path for problem in problems(tmp_path, text)} == {
        "stat", "me.name", "me.addresses", "me.timezone", "routine.length", "capacity.drafts", "run.every",
        "accounts.a.pth", "accounts.a.role", "write.reminders", "write.confirmed",
    }  # fmt: skip


def test_no_address_or_name_is_repeated(tmp_path: Path) -> None:
    """Problems go to logs: what the user wrote as a value, or as a key that is an address, stays in the file."""
    text = """
"secret@key.example" = 1
[me]
name = ["Secret Name"]
addresses = ["secret address"]
timezone = "Secret/Zone"
[people."secret@person.example"]
every = "secret"
tags = ["secret"]
secret@ = 1
[accounts."secret@account.example"]
kind = "secret kind"
"""
    for variant in (text, text.replace("secret@ = 1", "")):
        for problem in problems(tmp_path, variant):
            assert "secret" not in str(problem).casefold()


FILES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "is missing"),
    ("no value", b"[me]\nname = Ada", "line 2, column 8"),
    ("a table twice", b"[me]\n[me]", "line 2, column 4: the same key or table stands here twice"),
    ("a key twice", b"[me]\nname = 'a'\nname = 'b'", "twice"),
    ("cut in the middle", b'[me]\nname = "Ad', "line 2, column 1: unterminated string"),
    ("not UTF-8", b"[me]\nname = '\xff'", "line 2 is not UTF-8"),
    ("binary", bytes(range(256)), "line 2 is not UTF-8"),
    ("controls", bytes(range(32)), "line 1, column 1"),
    ("lists in lists", b"x = " + b"[" * 100_000, "nested too deeply"),
    ("tables in tables", b"x = " + b"{ a = " * 10_000, "nested too deeply"),
    ("a very long key", b"a" + b".a" * 100_000 + b" = 1", "more than 200 dots"),
    ("a very long number", b"x = " + b"9" * 10_000, "too long"),
    ("large", b"#" * 300_000, "larger than 256 KiB"),
]


@pytest.mark.parametrize(("what", "content", "words"), FILES, ids=[row[0] for row in FILES])
def test_a_bad_file_is_a_problem(tmp_path: Path, what: str, content: bytes, words: str) -> None:
    """Whatever stands in the file, the answer is words with a place, and soon."""
    assert words in "\n".join(map(str, problems(tmp_path, content)))


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    """Editors of other systems write one."""
    assert read(tmp_path, b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode()).settings.me.name == "Ada Example"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, a folder, a pipe that would never end: a problem each, and no waiting."""
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("none.toml", "there is no file"), ("", "is not a file"), ("pipe", "is not a file")):
        with pytest.raises(ConfigError, match=words):
            load(tmp_path / name, {}, TODAY)
    with pytest.raises(ConfigError, match="not a file name"):
        load(tmp_path / "a\0b", {}, TODAY)


def test_a_folder_chosen_for_drafts_may_not_be_there_yet(tmp_path: Path) -> None:
    """It is made when the first draft is written; the same folder, only read, has to be there."""
    text = '[me]\nname = "Ada"\naddresses = ["ada@x.example"]\ntimezone = "UTC"\n'
    text += '[accounts.mail]\nkind = "maildir"\npath = "Mail"\n'
    config = tmp_path / "config.toml"
    config.write_text(text)
    assert [item.path for item in missing_files(load(config, {}, date(2026, 1, 1)))] == ["accounts.mail.path"]
    config.write_text(f'{text}[write]\ndrafts = "mail"\n')
    assert missing_files(load(config, {}, date(2026, 1, 1))) == ()


def test_missing_files_are_told(tmp_path: Path) -> None:
    """A calendar that is not there, and a folder that reminders cannot go to."""
    made = read(tmp_path, MINIMAL.replace('"kith.ics"', '"none/kith.ics"'))
    assert {problem.path for problem in missing_files(made)} == {"accounts.agenda.path", "accounts.agenda.reminders"}
    (tmp_path / "calendar.ics").write_text("")
    (tmp_path / "none").mkdir()
    assert missing_files(made) == ()


TOML = st.recursive(
    st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=8), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)
KEYS = st.sampled_from(
    [
        "state",
        *TABLES,
        *ENTRIES,
        "accounts",
        "name",
        "addresses",
        "kind",
        "path",
        "weights",
        "blocks",
        "every",
        "folder",
    ]
)
DOCUMENTS = st.dictionaries(KEYS, st.one_of(TOML, st.dictionaries(KEYS, st.one_of(TOML, st.dictionaries(KEYS, TOML)))))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(document=DOCUMENTS)
def test_nothing_but_problems(document: dict[str, object]) -> None:
    """Whatever values the tables hold, examining them ends in problems with a path, never in another error."""
    from daemon.config.document import examine

    said = examine(document, Path("/nowhere"), {})
    assert said.problems
    assert all(problem.text and "\n" not in str(problem) for problem in said.problems)


def test_the_accounts_that_hear_are_known(tmp_path: Path) -> None:
    """The silence rule looks where received mail is read, hints are heard where they were asked for."""
    home = (
        '\n[accounts.home]\nkind = "google"\nreceived = true\n[accounts.old]\nkind = "google"\nhints = ["linkedin"]\n'
    )
    settings = read(tmp_path, MINIMAL + home).settings
    assert settings.received == {"home"}
    assert settings.hints == {"old": ("linkedin",)}
    bare = read(tmp_path, MINIMAL).settings
    assert (bare.received, dict(bare.hints)) == (frozenset(), {})


def test_a_secret_may_be_handed_in(tmp_path: Path) -> None:
    """The OAuth client and the watcher's address may be credentials (U15): files of $CREDENTIALS_DIRECTORY, there for
    whom systemd started; by hand nobody is pinged, and one that the unit forgot is a problem with the line it needs."""
    text = (
        '[me]\nname = "Ada"\naddresses = ["ada@example.com"]\ntimezone = "UTC"\n'
        '[accounts.home]\nkind = "google"\nclient = { credential = "client" }\n[run]\nping = { credential = "ping" }\n'
    )
    handed = tmp_path / "credentials"
    handed.mkdir()
    (handed / "ping").write_text("https://hc-ping.example/uuid\n")
    environ = {"CREDENTIALS_DIRECTORY": str(handed)}
    made = read(tmp_path, text, environ)
    assert made.ping == "https://hc-ping.example/uuid"
    assert vars(made.accounts["home"])["client"] == handed / "client"
    assert read(tmp_path, text, {}).ping is None
    (handed / "ping").write_text("http://evil.example/\n")
    with pytest.raises(ConfigError, match=r"run\.ping: must be an https"):
        read(tmp_path, text, environ)
    (handed / "ping").unlink()
    with pytest.raises(ConfigError, match=r"run\.ping: no such credential .*LoadCredential=ping:FILE"):
        read(tmp_path, text, environ)
    for odd in ('"../x"', '""', "1", '"a", path = "b"'):
        with pytest.raises(ConfigError, match=r"accounts\.home\.client"):
            read(tmp_path, text.replace('{ credential = "client" }', f"{{ credential = {odd} }}"), environ)


@pytest.mark.parametrize(("mode", "said"), [(0o400, False), (0o440, False), (0o444, True)])
def test_a_credential_is_roots(mode: int, said: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its group may read it, as newer versions of systemd have it; the world may not."""
    text = (
        '[me]\nname = "Ada"\naddresses = ["ada@example.com"]\ntimezone = "UTC"\n'
        '[accounts.home]\nkind = "google"\nclient = { credential = "client" }\n'
    )
    (tmp_path / "client").touch(mode=mode)
    (tmp_path / "client").chmod(mode)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    problems = missing_files(read(tmp_path, text, {"CREDENTIALS_DIRECTORY": str(tmp_path)}))
    assert [problem.path for problem in problems] == (["accounts.home.client"] if said else [])


def test_a_machine_without_time_zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the system's zones nor the package's: the configuration is refused in words, nothing is guessed (P7)."""
    for name in {"tzdata", "tzdata.zoneinfo.Asia", *(name for name in sys.modules if name.startswith("tzdata."))}:
        monkeypatch.setitem(sys.modules, name, None)
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    try:
        with pytest.raises(ConfigError, match=r"me\.timezone: is no time zone"):
            read(tmp_path, '[me]\nname = "Ada"\naddresses = ["ada@example.com"]\ntimezone = "Asia/Kathmandu"\n')
    finally:
        monkeypatch.undo()
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
