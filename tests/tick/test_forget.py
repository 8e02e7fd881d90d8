"""Whoever is forgotten is gone: out of the records, the outbox, the calendar and the drafts, and stays gone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from connectors.records import Event, Guest, Mailbox, Message, Reminder, Sink
from daemon import forgotten
from daemon.cli import main
from daemon.delivery import deliver
from daemon.forget import forget_person
from daemon.ledger import open_ledger
from daemon.model import Amendment, Decision, Entry
from daemon.relate import opinions
from daemon.session import Session, open_session

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
LATER = "2026-11-20T12:00:00"
FORGOTTEN = {
    "ada@love.example",
    forgotten.name_key(["Maria", "Huber"]),
    forgotten.name_key(["Rita", "Gruber-Nagy"]),
    forgotten.name_key(["Siobhán", "O'Brien"]),
    forgotten.name_key(["山本", "恵子"]),
}


def event(title: str, **more: object) -> Event:
    start = NOW - timedelta(days=3)
    made = Event(key="u", uid="u", source_id="u", account="agenda", start=start, end=start + timedelta(hours=1))
    return replace(made, title=title, **more)  # type: ignore[arg-type]


def mail(subject: str, **more: object) -> Message:
    made = Message(key="m", account="sent", at=NOW, subject=subject, to=(Mailbox(address="bob@y.example"),))
    return replace(made, **more)  # type: ignore[arg-type]


# -- titles ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("Maria Huber", "…"),
        ("Maria Huber's birthday", "…'s birthday"),
        ("MARIA HUBER’S BIRTHDAY", "…’S BIRTHDAY"),
        ("Maria Hubers Geburtstag", "… Geburtstag"),
        ("Party at Maria Huber', bring wine", "Party at …', bring wine"),
        ("Huber, Maria: tender", "…: tender"),
        ("Maria Huber/Clara", "…/Clara"),
        ("Clara<>Maria Huber🎂", "Clara<>…🎂"),
        ("Lunch with Rita Gruber-Nagy's team", "Lunch with …'s team"),
        ("Rita Gruber Nagy", "…"),
        ("Siobhan O’Brien's talk", "…'s talk"),
        ("Siobha\u0301n O'Brien", "…"),
        ("山本恵子さんと会議", "…さんと会議"),
        ("ada@love.example pays", "… pays"),
        ("Pay <Ada@Love.Example>, at once", "Pay <…>, at once"),
        ("ask ada@love.example.", "ask …."),
        ("ada@love.example's invoice", "…'s invoice"),
        ("Maria Huber (maria.huber@x.example), Rita Gruber-Nagy", "… (…@x.example), …"),
    ],
)
def test_a_title_that_names_somebody_forgotten_is_blanked(title: str, left: str) -> None:
    """Any order, case, accent, genitive or punctuation; an address is a name too. In longer text only the name goes."""
    assert forgotten.without_forgotten(event(title), FORGOTTEN.__contains__) == event("")
    assert forgotten.without_forgotten(mail(title), FORGOTTEN.__contains__) == mail("")
    assert forgotten.redacted(title, FORGOTTEN.__contains__) == left


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Maria Miller",
        "Huber Technik",
        "Maria and Georg Huber",
        "bada@love.example",
        "ada@love.example.org",
        "山本さん",
    ],
)
def test_a_title_that_names_somebody_else_stays(title: str) -> None:
    """A first name, a surname or a longer address is not the person."""
    assert forgotten.without_forgotten(event(title), FORGOTTEN.__contains__) == event(title)
    assert forgotten.redacted(title, FORGOTTEN.__contains__) == title


def test_a_forgotten_name_beside_another_address_goes() -> None:
    """The full name is not kept as the display name of an office; the office is."""
    office = Mailbox(address="office@huber.example", name="Maria Huber (Office)")
    bare = replace(office, name="")
    met = event("Tender", organiser=office, guests=(Guest(address=office.address, name=office.name),))
    clean = forgotten.without_forgotten(met, FORGOTTEN.__contains__)
    assert clean == replace(met, organiser=bare, guests=(Guest(address=office.address),))
    clean = forgotten.without_forgotten(mail("Tender", to=(office,)), FORGOTTEN.__contains__)
    assert clean == mail("Tender", to=(bare,))


def test_a_title_remembered_for_a_first_name_is_blanked_in_its_series_only() -> None:
    """What was read as a meeting with the forgotten stays blank when it is read again, in any occurrence."""
    lunch = event("Lunch with Ada", key="u/1")
    known = {forgotten.title_mark(lunch)}.__contains__
    assert forgotten.without_forgotten(replace(lunch, key="u/2"), known) == replace(lunch, key="u/2", title="")
    for other in (replace(lunch, uid="v"), replace(lunch, title="Lunch with Bob")):
        assert forgotten.without_forgotten(other, known) == other


# -- the whole of it ---------------------------------------------------------------------------------------------------


def kith(*words: str | Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["kith", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0)


TITLES = (
    "Maria Huber's birthday",
    "Maria Hubers Firmenfest",
    "Lunch with Milan",
    "Prep: Wenz, Karl",
    "maria.huber@huber-technik.example pays",
    "Georg Lang/Petra Moser: intro",
    "Gift for Siobhan O Briain",
    "山本恵子さんと会議",
)


def add_events(world: Path, *titles: str) -> None:
    calendar = world / "calendar.ics"
    rows = "".join(
        f"BEGIN:VEVENT\r\nUID:added-{number}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261102T{number + 6:02}0000Z\r\n"
        f"DTEND:20261102T{number + 6:02}3000Z\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"
        for number, title in enumerate(titles)
    )
    text = calendar.read_bytes()
    calendar.write_bytes(text.replace(b"END:VCALENDAR", rows.encode() + b"END:VCALENDAR"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world, with events whose titles name people of its network and nobody else."""
    folder = tmp_path_factory.mktemp("demo") / "world"
    assert kith("demo", "--out", folder, "--now", "2026-11-20T09:00:00") == 0
    add_events(folder, *TITLES)
    assert kith("once", "--config", folder / "config.toml", "--now", "2026-11-20T09:15:00") == 0
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "world", copy_function=shutil.copy2))


def session(world: Path, now: datetime = NOW) -> Session:
    return open_session(world / "config.toml", now)


def written(world: Path) -> Iterator[tuple[str, str]]:
    """Yield all that Kith keeps, wrote and would export: where, and the text with folded lines joined."""
    assert kith("export", world / "export.json", "--config", world / "config.toml", "--now", LATER) == 0
    for path in sorted(world.rglob("*")):
        name = str(path.relative_to(world))
        if path.is_file() and name not in {"config.toml", "calendar.ics", "Sent.mbox", "state/secret"}:
            yield name, path.read_bytes().replace(b"\r\n ", b"").replace(b"=\n", b"").decode("utf-8", "replace")


def folded(text: str) -> str:
    return "".join(c for c in normalize("NFD", text.casefold()) if not "\u0300" <= c <= "\u036f")


def patterns(name: str, addresses: tuple[str, ...]) -> Iterator[str]:
    words = [re.escape(word) for word in folded(name).split()]
    if len(words) > 1:
        yield r"[\W_]+".join(words)
        yield r"[\W_]+".join((words[-1], *words[:-1]))
    yield from map(re.escape, addresses)


def network(world: Path) -> list[tuple[str, tuple[str, ...]]]:
    ground = session(world)
    with ground.ledger(write=False) as ledger:
        state = ground.memory(ledger).state()
        thoughts = opinions(state).values()
    found = [(state.people[item.person].name, state.people[item.person].addresses) for item in thoughts if item.stage]
    return sorted(found)


def test_nobody_of_the_network_leaves_a_trace(world: Path) -> None:
    """Everybody forgotten one after the other: neither full name nor address is anywhere, nor comes back."""
    people = network(world)
    assert len(people) > 30
    chosen = [person for person in people if person[0].split()[0] in {"Maria", "Milan", "Karl", "Siobhán", "山本"}]
    chosen += [person for person in people[::25] if person not in chosen]
    assert len(chosen) >= 6
    before = dict(written(world))["state/ledger.jsonl"]
    for _, addresses in chosen:
        assert kith("forget", addresses[0], "--yes", "--config", world / "config.toml") == 0
    wanted = [pattern for person in chosen for pattern in patterns(*person)]
    assert all(re.search(pattern, folded(before)) for pattern in wanted[:1])
    check = re.compile("|".join(f"(?<![^\\W_]){pattern}" for pattern in wanted))

    def traces() -> list[tuple[str, str]]:
        return [(name, found[0]) for name, text in written(world) for found in check.finditer(folded(text))]

    assert traces() == []
    assert "Lunch with Milan" not in dict(written(world))["state/ledger.jsonl"]
    add_events(world, "Nothing")
    source = ("once", "--config", world / "config.toml", "--now", LATER)
    assert kith(*source) == 0
    assert traces() == []
    assert "Lunch with Milan" not in dict(written(world))["state/ledger.jsonl"]
    assert "Prep: Wenz" not in dict(written(world))["state/ledger.jsonl"]


def forget(world: Path, name: str) -> tuple[str, ...]:
    ground = session(world)
    with ground.ledger(write=True) as ledger:
        memory = ground.memory(ledger)
        (person,) = [item for item in memory.facts.people if item.name == name]
        return forget_person(ledger, ground.world(), memory, person)


def entry(world: Path, **more: Any) -> Entry:
    """Write a reminder for Georg Lang that says what ``more`` says, and put its row into the outbox."""
    ground = session(world)
    with ground.ledger(write=True) as ledger:
        people = {item.name: item for item in ground.memory(ledger).facts.people}
        row = Entry(
            key="reconnect/test",
            kind="reconnect",
            person=people["Georg Lang"].id,
            account="calendar",
            reason="due",
            fact="",
            cycle=0,
            evidence=(),
            title="Write to Georg Lang",
            body="",
            start=NOW + timedelta(days=2),
            end=NOW + timedelta(days=2, minutes=15),
            decided=NOW,
        )
        row = replace(row, **{key: value(people) if callable(value) else value for key, value in more.items()})
        if row.state == "written":
            sink: Sink[Reminder] = ground.world().reminders  # type: ignore[assignment]
            assert row.start is not None
            assert row.end is not None
            key = ledger.alias(row.key)
            made = sink.create(Reminder(key=key, title=row.title, body=row.body, start=row.start, end=row.end))
            row = replace(row, ref=made.ref, fingerprint=made.fingerprint)
        with ledger.unit():
            ledger.save_entries([replace(row, ref=None) if more.get("state") == "waiting" else row])
        return row


def row_of(world: Path) -> Entry | None:
    with open_ledger(world / "state", write=False) as ledger:
        return next((item for item in ledger.entries() if item.key == "reconnect/test"), None)


def reminders(world: Path) -> str:
    return (world / "kith.ics").read_text().replace("\n ", "")


def maria(people: dict[str, Any]) -> tuple[str, ...]:
    return (people["Maria Huber"].id,)


@pytest.mark.parametrize(
    "more",
    [
        {"body": "Topic: Maria Huber's birthday"},
        {"title": "Ask about Huber, Maria"},
        {"body": "maria.huber@huber-technik.example pays"},
        {"also": maria},
    ],
)
def test_what_quotes_the_forgotten_to_others_is_taken_back(world: Path, more: dict[str, Any]) -> None:
    """A round-up or a reminder for somebody else goes out of calendar and outbox: it may be written anew without."""
    row = entry(world, state="written", **more)
    assert (row.ref or "?") in reminders(world)
    assert forget(world, "Maria Huber") == ()
    assert (row.ref or "?") not in reminders(world)
    assert row_of(world) is None


def test_a_row_never_settled_is_looked_for(world: Path) -> None:
    """Written just before a crash, so without a receipt in the outbox: taken back all the same."""
    row = entry(world, state="written", body="Maria Huber")
    with open_ledger(world / "state") as ledger, ledger.unit():
        ledger.save_entries([replace(row, state="waiting", ref=None, fingerprint=None)])
    forget(world, "Maria Huber")
    assert (row.ref or "?") not in reminders(world)


def test_what_the_user_made_of_it_stays_and_is_named(world: Path) -> None:
    """An edited reminder is the user's; its row remembers that much, without the name."""
    row = entry(world, state="written", body="Topic: Maria Huber's birthday")
    text = (world / "kith.ics").read_text()
    (world / "kith.ics").write_text(text.replace("Topic: Maria", "My topic: Maria"))
    (left,) = forget(world, "Maria Huber")
    assert left.startswith("calendar: reminder ")
    after = row_of(world)
    assert after is not None
    assert (after.body, after.ref) == ("Topic: …'s birthday", row.ref)


def amended(world: Path, row: Entry, **more: Any) -> Entry:
    """Let ``row`` wait to become something that names Maria Huber."""
    assert row.start is not None
    assert row.end is not None
    new = Amendment(title="Noted: Maria Huber", body="Maria Huber", start=row.start, end=row.end)
    row = replace(row, amended=new, **more)
    with open_ledger(world / "state") as ledger, ledger.unit():
        ledger.save_entries([row])
    return row


def test_what_was_amended_just_before_a_crash_is_taken_back(world: Path) -> None:
    """Amended and never settled: what stands differs from the row by Kith's own words, and goes all the same."""
    row = amended(world, entry(world, state="written"))
    ground = session(world)
    with ground.ledger(write=True) as ledger:
        deliver(ledger, ground.world(), ground.now)
        with ledger.unit():
            ledger.save_entries([row])
    assert "Noted: Maria Huber" in reminders(world)
    assert forget(world, "Maria Huber") == ()
    assert "Maria Huber" not in reminders(world)
    assert row_of(world) is None


def test_what_the_user_typed_stays_after_it_was_amended(world: Path) -> None:
    """The receipt of an amended row is that of the user's words: they are named, not taken, and nothing is added."""
    row = entry(world, state="written", body="Topic: Maria Huber's birthday")
    text = (world / "kith.ics").read_text()
    (world / "kith.ics").write_text(text.replace("Topic: Maria", "My topic: Maria"))
    row = amended(world, row, state="edited")
    ground = session(world)
    with ground.ledger(write=True) as ledger:
        deliver(ledger, ground.world(), ground.now)
        assert not [item for item in ledger.entries() if item.amended]
        new = Amendment(title="Maria Huber", body="", start=NOW, end=NOW)
        with ledger.unit():
            ledger.save_entries(replace(item, amended=new) for item in ledger.entries() if item.key == row.key)
    (left,) = forget(world, "Maria Huber")
    assert left.startswith("calendar: reminder ")
    assert "My topic: Maria" in reminders(world)
    assert re.findall(r"SUMMARY:.*Maria.*", reminders(world)) == ["SUMMARY:Noted: Maria Huber"]
    after = row_of(world)
    assert after is not None
    assert "Maria" not in repr(after)


def test_an_answer_given_for_others_too_is_remembered_without_the_name(world: Path) -> None:
    """A round-up the user has deleted does not come again for the others on it."""
    row = entry(
        world,
        state="dismissed",
        kind="roundup",
        body="Georg Lang\nMaria Huber",
        person=lambda people: people["Maria Huber"].id,
        also=lambda people: (people["Georg Lang"].id,),
        evidence=("a\tmaria.huber@huber-technik.example", "a\tgeorg.lang@langfinanz.example"),
    )
    forget(world, "Maria Huber")
    after = row_of(world)
    assert after is not None
    assert (after.person, after.also, after.state) == (row.also[0], (), "dismissed")
    assert (after.body, after.evidence) == ("Georg Lang\n…", ("a\tgeorg.lang@langfinanz.example",))


def test_a_note_about_somebody_else_loses_the_name_only(world: Path) -> None:
    """What the user noted about others is kept, what was noted about the forgotten is not."""
    with open_ledger(world / "state") as ledger, ledger.unit():
        people = {item.name: item.id for item in ledger.people()}
        ledger.save_decisions(
            Decision(key=f"note/{name}", at=NOW, kind="note", about=people[name], value="knows Maria Huber's sister")
            for name in ("Georg Lang", "Maria Huber")
        )
    forget(world, "Maria Huber")
    with open_ledger(world / "state", write=False) as ledger:
        notes = {item.key: item.value for item in ledger.decisions() if item.kind == "note"}
    assert notes["note/Georg Lang"] == "knows …'s sister"
    assert "note/Maria Huber" not in notes


def test_a_name_that_another_person_bears_too_stays_theirs(world: Path) -> None:
    """Two people of one name: forgetting one of them takes nothing from the other; forgetting both leaves nothing."""
    first, second = "maria.huber@huber-technik.example", "maria@other.example"
    rows = (
        f"From - Mon Nov 16 11:00:00 2026\nMessage-ID: <h{day}@new.example>\nDate: {day} Nov 2026 11:00:00 +0100\n"
        f"From: Clara Winter <clara@winter-consulting.example>\nTo: Maria Huber <{second}>\nSubject: Hello\n\n\n"
        for day in (16, 17, 18)
    )
    with (world / "Sent.mbox").open("a") as file:
        file.writelines(rows)
    config = ("--config", str(world / "config.toml"))
    assert kith("once", *config, "--now", "2026-11-20T09:30:00") == 0
    kith("split", first, second, *config)
    assert kith("forget", first, "--yes", *config) == 0
    text = (world / "state" / "ledger.jsonl").read_text()
    assert first not in text
    assert f'{{"address":"{second}","name":"Maria Huber"}}' in text
    assert kith("forget", second, "--yes", *config) == 0
    assert "Maria Huber" not in (world / "state" / "ledger.jsonl").read_text()
