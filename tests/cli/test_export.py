"""What leaves Kith comes back: as JSON what the user said, as vCards the people; spreadsheets calculate nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import _vcard
from connectors._address import clean
from connectors.contacts import Book, Contact
from daemon import names
from daemon.cli.sheets import TABLES, sheet
from daemon.cli.vcards import Told, vcard
from daemon.detect import card_decision
from daemon.detect.cards import read
from daemon.imports import cards_of
from daemon.ledger import open_ledger
from daemon.model import Decision, Me, Opinion, Person
from daemon.returning import Export, decisions_of
from tests.cli.conftest import NOW, Kith, quietly

LATE = datetime(2100, 1, 1, tzinfo=UTC)


def at(world: Path) -> tuple[str, str]:
    return "--config", str(world / "config.toml")


def decisions(world: Path) -> list[Decision]:
    with open_ledger(world / "state", write=False) as ledger:
        return [item for item in ledger.decisions() if item.kind != "confirm"]


# -- JSON --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def well_told(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's world after its user said something of every sort, with the export of it."""
    world = Path(shutil.copytree(made, tmp_path_factory.mktemp("told") / "world", copy_function=shutil.copy2))
    for words in (
        ("mark", "nora lindqvist", "muted"),
        ("mark", "ben fischer", "target"),
        ("mark", "ben fischer", "target", "--remove"),
        ("note", "maria huber", "needs: a CFO, p-aaaaaaaaaa or so"),
        ("note", "maria huber", "called", "2026-11-01"),
        ("note", "georg lang", "du"),
        ("merge", "anna berger", "milan kovač"),
    ):
        quietly(*words, *at(world))
    (world / "book.vcf").write_text(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Rosa Klein\nTITLE:Baker\nREV:20260101T080000Z\nEND:VCARD\n"
    )
    quietly("import", world / "book.vcf", *at(world))
    quietly("note", "rosa klein", "likes the fair", *at(world))
    quietly("export", world / "all.json", *at(world))
    return world


@pytest.fixture
def world(well_told: Path, tmp_path: Path) -> Path:
    """A copy of that world."""
    return Path(shutil.copytree(well_told, tmp_path / "world", copy_function=shutil.copy2))


@pytest.fixture
def told(world: Path) -> Path:
    """The export of it."""
    return world / "all.json"


def shown(kith: Kith, world: Path) -> dict[str, Any]:
    """What the user said, as it shows, without ids."""
    document = kith("export", *at(world)).json
    names = {row["id"]: row["name"] for row in document["people"]}
    return {
        "people": sorted((row["name"], row["addresses"], row["marks"], row["circle"]) for row in document["people"]),
        "notes": sorted((names[row["person"]], row["at"], row["text"]) for row in document["notes"]),
        "cards": sorted((row["name"], row["at"], row["source"], row["note"]) for row in document["cards"]),
        "touches": sorted((row["at"], row["kind"], names[row["person"]]) for row in document["touchpoints"]),
    }


def test_an_export_brings_back_what_the_user_said(kith: Kith, world: Path, told: Path) -> None:
    """Into a state that began anew, under another secret: marks, notes, tones, merges, cards, touches told by hand."""
    before = shown(kith, world)
    shutil.rmtree(world / "state")
    assert kith("once", *at(world), "--now", NOW).code in {0, 65}
    assert shown(kith, world) != before
    ran = kith("import", told, *at(world))
    assert (ran.code, "left out" in ran.out) == (0, False), ran
    assert shown(kith, world) == before


def test_twice_is_once_and_at_home_nothing_is_new(kith: Kith, world: Path, told: Path) -> None:
    """The same export again, under its own secret and under another: no decision more."""
    before = decisions(world)
    for again in (False, True):
        if again:
            shutil.rmtree(world / "state")
            assert kith("once", *at(world), "--now", NOW).code in {0, 65}
            assert kith("import", told, *at(world)).code == 0
            before = decisions(world)
        ran = kith("import", told, *at(world))
        assert (ran.code, ran.out.startswith("imported: 0 of what you said")) == (0, True), ran
        assert decisions(world) == before


def test_what_is_said_here_stays(kith: Kith, world: Path, told: Path) -> None:
    """Decisions made since are not overwritten by those of the export, though their keys may be the same."""
    shutil.rmtree(world / "state")
    assert kith("once", *at(world), "--now", NOW).code in {0, 65}
    for number in range(12):
        assert kith("note", "maria huber", f"note {number}", *at(world)).code == 0
    here = decisions(world)
    assert kith("import", told, *at(world)).code == 0
    assert {item.key: item for item in decisions(world)}.items() >= {item.key: item for item in here}.items()
    assert "needs: a CFO, p-aaaaaaaaaa or so" in {item.value for item in decisions(world)}


def test_the_forgotten_stay_forgotten(kith: Kith, world: Path, told: Path) -> None:
    """Nothing about somebody erased comes back from an export of before, and nothing that names them."""
    assert kith("note", "georg lang", "knows Nora Lindqvist", *at(world)).code == 0
    assert kith("export", told, *at(world)).code == 0
    assert kith("forget", "nora lindqvist", "--yes", *at(world)).code == 0
    ran = kith("import", told, *at(world))
    assert (ran.code, "forgotten" in ran.err) == (0, True)
    assert not [item for item in decisions(world) if "Nora" in item.value]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"told": [], "ids": 3}',
        '{"told": [{"key": "k"}], "ids": {}}',
        '{"told": [{"key": "k", "at": "2026-01-01T00:00:00", "kind": "note", "about": ""}], "ids": {}}',
        '{"told": ' + "[" * 100_000 + "]" * 100_000 + ', "ids": {}}',
        '{"told": [',
    ],
)
def test_what_is_no_export_is_refused(kith: Kith, world: Path, text: str) -> None:
    """Bad data (65), in words, and nothing is stored."""
    before = decisions(world)
    (world / "x.json").write_text(text)
    ran = kith("import", world / "x.json", *at(world))
    assert (ran.code, "nothing was imported" in ran.err) == (65, True)
    assert decisions(world) == before


def test_no_yes_comes_with_an_import(kith: Kith, world: Path, told: Path) -> None:
    """An export holds no yes to writing; one that was written into it is left out."""
    document = json.loads(told.read_text())
    assert "confirm" not in {row["kind"] for row in document["told"]}
    document["told"].append({"key": "confirm/x", "at": "2026-01-01T00:00:00Z", "kind": "confirm", "about": ""})
    told.write_text(json.dumps(document))
    with open_ledger(world / "state", write=False) as ledger:
        before = ledger.decisions()
    assert "of a kind that is not read back" in kith("import", told, *at(world)).err
    with open_ledger(world / "state", write=False) as ledger:
        assert ledger.decisions() == before


@pytest.mark.parametrize(
    ("kind", "about", "value"),
    [
        ("keep", "ada@x.example", ""),
        ("split", "p-bbbbbbbbbb", "ada@x.example"),
        ("mark", "p-aaaaaaaaaa", "key"),
        ("merge", "p-bbbbbbbbbb", "p-aaaaaaaaaa"),
    ],
)
def test_nothing_leads_back_to_the_forgotten(kind: str, about: str, value: str) -> None:
    """By address or by id, as the one it is about or the other one."""
    item = Decision(key="k", at=LATE, kind=kind, about=about, value=value)
    export = Export(told=(item,), ids={"p-aaaaaaaaaa": "ada@x.example", "p-bbbbbbbbbb": "bob@x.example"})
    for forgotten, new in (("ada@x.example", 0), ("eve@x.example", 1)):
        made = decisions_of(export, (), new_id=lambda address: f"id of {address}", is_forgotten=forgotten.__eq__)
        assert (len(made.new), len(made.skipped)) == (new, 1 - new)


IDS = st.sampled_from([f"p-{letter * 10}" for letter in "abcde"])
SAID = st.builds(
    Decision,
    key=st.text("abc/", max_size=4),
    at=st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)),
    kind=st.sampled_from(["note", "mark", "merge", "tone"]),
    about=IDS,
    value=IDS | st.text(max_size=9),
)


@settings(deadline=None)
@given(st.lists(SAID, max_size=6), st.lists(SAID, max_size=6), st.booleans())
def test_an_import_adds_and_never_changes(there: list[Decision], told: list[Decision], home: bool) -> None:
    """Whatever is there and whatever comes: what is there stays, all that is known arrives, and twice is once."""

    def new_id(address: str) -> str:
        return address if home else f"p-{address[2] * 5}zzzzz"

    def run(before: dict[str, Decision]) -> tuple[dict[str, Decision], int]:
        made = decisions_of(export, before.values(), new_id=new_id, is_forgotten=lambda _: False)
        assert not made.new.keys() & before.keys()
        return {**before, **made.new}, len(made.new)

    export = Export(told=tuple(told), ids={f"p-{letter * 10}": f"p-{letter * 10}" for letter in "abcd"})
    before = {item.key: item for item in there}
    once, _ = run(before)
    assert run(once) == (once, 0)
    arrived = {(item.kind, item.about, item.at) for item in once.values()}
    wanted = [item for item in told if "e" not in item.about and "e" not in item.value]
    assert arrived >= {(item.kind, new_id(item.about), item.at) for item in wanted}


# -- vCards ------------------------------------------------------------------------------------------------------------


def opinion(who: str) -> Opinion:
    """What Kith thinks of somebody whose name alone is known."""
    nothing: dict[str, Any] = dict.fromkeys(("gate", "stage", "first_touch", "last_touch", "silence", "depth", "due"))
    return Opinion(
        person=who, circle="correspondent", circle_why="", marks=frozenset(), strength=0.0, touches=0,
        two_way_days=(), ideal=0.0, worst=0.0, ahead=None, silent=False, **nothing,
    )  # fmt: skip


ME = Me(name="Clara Winter", addresses=("clara@x.example",), zone=ZoneInfo("Europe/Vienna"))
LINE = st.text(st.characters(exclude_categories=("Cs",)), max_size=60) | st.text("abÄ ,;:\\\n\r\t\"'=", max_size=90)
ADDRESSES = st.lists(st.from_regex(r"[a-z0-9.+_-]{1,12}@[a-z]{1,8}\.example", fullmatch=True), max_size=3, unique=True)
MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2099, 1, 1), timezones=st.just(UTC))


@settings(deadline=None, max_examples=300)
@given(LINE, ADDRESSES, LINE, MOMENTS, st.lists(LINE, max_size=2))
def test_a_card_comes_back_from_a_vcard_as_it_was(
    name: str, addresses: list[str], note: str, when: datetime, notes: list[str]
) -> None:
    """Whatever the name and the work are: the card that an import makes of the export is the card of before."""
    first = _entries(f"BEGIN:VCARD\r\nFN:Ada {clean(name)}\r\nEND:VCARD\r\n")
    if not isinstance(first, Contact):
        return
    first = replace(first, addresses=tuple(addresses), note=clean(note), saved=when.replace(microsecond=0))
    before = _cards(first)
    if before is None or names.written(before.value) not in {before.value, ""}:
        return  # a name is read once: what is left of "Ada '," would be read differently a second time
    card = read(before)
    who = Person(id=card.id, name=card.name, addresses=(), card=True)
    text = vcard(who, opinion(card.id), Told(cards=(card,), notes=notes, at=card.at))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.count("BEGIN:VCARD") == 1
    again = _entries(text)
    assert isinstance(again, Contact)
    assert _cards(again) == before


def _entries(text: str) -> object:
    return next(iter(_vcard.entries(text)))


def _cards(contact: Contact) -> Decision | None:
    book = Book(kind="vcard", contacts=(contact,))
    made = cards_of(book, (), me=ME, new_id=lambda text: text, is_forgotten=lambda _: False, now=LATE)
    return next(iter(made.new.values()), None)


def test_everybody_is_on_a_card(kith: Kith, world: Path, told: Path) -> None:
    """One vCard 4 a person, with name, addresses, notes, circle, stage and marks, and when something last happened."""
    people = kith("people", "--json", *at(world)).json
    text = kith("export", "--format", "vcard", *at(world)).out
    cards = re.findall(r"BEGIN:VCARD.*?END:VCARD", text, re.DOTALL)
    assert len(cards) == len(people)
    maria = next(card.replace("\n ", "") for card in cards if "FN:Maria Huber" in card)
    assert re.split(r"\r?\n", maria)[1:] == [
        "VERSION:4.0",
        f"UID:{next(row['id'] for row in people if row['name'] == 'Maria Huber')}",
        "KIND:individual",
        "FN:Maria Huber",
        "N:Huber;Maria;;;",
        "EMAIL;PREF=1:maria.huber@huber-technik.example",
        "NOTE:needs: a CFO\\, p-aaaaaaaaaa or so",
        "CATEGORIES:network,established,key",
        next(line for line in maria.splitlines() if line.startswith("REV:")),
        "END:VCARD",
    ]
    rosa = next(card for card in cards if "Rosa Klein" in card)
    assert "TITLE:Baker" in rosa
    assert "NOTE:likes the fair" in rosa


def test_an_address_book_survives_the_way_through_kith(kith: Kith, made: Path, tmp_path: Path) -> None:
    """Imported, exported and imported into a state that knows nobody: the same cards."""
    world = Path(shutil.copytree(made, tmp_path / "plain", copy_function=shutil.copy2))
    book = "".join(
        f"BEGIN:VCARD\nVERSION:4.0\nFN:Rosa {name}\nTITLE:{work}\nREV:2026010{number}T080000Z\n{mail}END:VCARD\n"
        for number, (name, work, mail) in enumerate(
            [("Klein", "Baker\\, retired", "EMAIL:rosa@klein.example\n"), ("Groß", "", ""), ("Müller-Ött", "CFO", "")],
            1,
        )
    )
    (world / "book.vcf").write_text(book)
    assert kith("import", world / "book.vcf", *at(world)).code == 0
    cards = [item for item in decisions(world) if item.kind == "card"]
    assert kith("export", "--format", "vcard", world / "out.vcf", *at(world)).code == 0
    assert (world / "out.vcf").stat().st_mode & 0o777 == 0o600
    secret = (world / "state" / "secret").read_bytes()
    shutil.rmtree(world / "state")
    (world / "state").mkdir(0o700)
    (world / "state" / "secret").write_bytes(secret)
    assert kith("import", world / "out.vcf", *at(world)).code == 0
    again = {item.key: item for item in decisions(world) if item.kind == "card"}
    assert again.items() >= {item.key: item for item in cards}.items()
    assert len(cards) == 3


# -- CSV ---------------------------------------------------------------------------------------------------------------


def test_csv_is_a_folder_of_tables(kith: Kith, world: Path, told: Path) -> None:
    """Each table of the JSON, row by row; private; without a folder the command says so."""
    assert kith("export", "--format", "csv", *at(world)).code == 2
    assert kith("export", "--format", "csv", world / "sheets", *at(world)).code == 0
    document = json.loads(told.read_text())
    assert {path.name for path in (world / "sheets").iterdir()} == {f"{name}.csv" for name in TABLES}
    for name in TABLES:
        path = world / "sheets" / f"{name}.csv"
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
        assert len(rows) == len(document[name])
        assert path.stat().st_mode & 0o777 == 0o600
    assert (world / "sheets").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+49 30 1", "'+49 30 1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        (["=1", "b"], "'=1; b"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (True, "true"),
        (-1.5, "-1.5"),
    ],
)
def test_no_cell_is_a_formula(value: object, cell: str) -> None:
    """A text that a spreadsheet would calculate stands behind an apostrophe; numbers stay numbers (C14)."""
    assert list(csv.DictReader(io.StringIO(sheet([{"a": value, "b": 1}]), newline=""))) == [{"a": cell, "b": "1"}]


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=1, max_size=4))
def test_whatever_a_title_is_the_table_keeps_its_shape(texts: list[str]) -> None:
    """Quotes, commas and line feeds stay in their cell, and no cell begins as a formula does."""
    rows = list(csv.reader(io.StringIO(sheet([{"a": text, "b": "end"} for text in texts]), newline="")))
    assert [row[1] for row in rows] == ["b", *["end"] * len(texts)]
    assert all(row[0] in {text, f"'{text}"} for row, text in zip(rows[1:], texts, strict=True))
    assert not [row for row in rows[1:] if row[0].strip()[:1] in set("=+-@")]


def test_card_decision_is_what_the_import_makes() -> None:
    """The round trip above compares what is stored: name, day, source, addresses and what they do."""
    made = card_decision("Ada Love", LATE, "vcard", new_id=lambda text: text, addresses=("a@x.example",), note="CFO")
    assert (made.value, made.reason) == ("Ada Love", "source: vcard\naddress: a@x.example\nnote: CFO")
