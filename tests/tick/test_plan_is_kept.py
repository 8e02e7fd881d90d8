"""What ``kith plan`` shows is what the next ``kith once`` does: every write and every withdrawal, by its key.

A small world on real files is lived through: days pass, the user writes mails and answers by hand, Kith is killed in
the middle of a tick, the Drafts folder is away for a while, something is undone. Before every tick the plan is seen.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.memory import MemorySource
from connectors.records import Mailbox, Message
from daemon.demo import make_world
from daemon.model import UNDONE, Plan
from daemon.tick import catch_up, rehearse
from daemon.world import Report
from tests.tick.test_crash import power, world
from tests.tick.test_undo import CONFIRMED, T0, change_config, letters, rows, session, titles, undo_in, waiting

DONE = {"withdrawn", "overtaken", "passed"}


def shown(folder: Path, later: float) -> Plan:
    ground = session(folder, later)
    with ground.ledger(write=False) as ledger:
        return rehearse(ledger, ground.world(), ground.now).plan


def done(folder: Path, later: float) -> Report:
    ground = session(folder, later)
    with ground.ledger(write=True) as ledger:
        return catch_up(ledger, ground.world(), ground.now, lambda _: None)


def check(plan: Plan, report: Report) -> None:
    amended = {row.key for row in plan.amend}
    assert sorted(row.key for row in plan.write) == sorted(
        row.key for row in report.delivered if row.state == "written" and row.key not in amended
    )
    assert sorted(item.key for item in plan.withdraw) == sorted(
        row.key for row in report.delivered if row.state in DONE and row.key not in amended
    )
    assert amended <= {row.key for row in report.delivered}


def test_a_plan_is_kept_for_weeks(tmp_path: Path) -> None:
    """The demo's year, looked at and carried out every few days from the first one on."""
    make_world(tmp_path, T0)
    done(tmp_path, 0)
    seen = [0, 0]
    for later in (0, 3, 12, 19, 33, 60):
        plan = shown(tmp_path, later)
        check(plan, done(tmp_path, later))
        seen = [seen[0] + len(plan.write), seen[1] + len(plan.withdraw)]
    assert min(seen) >= 5, "the world is worth looking at"


# -- many lives --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All is read, and the yes to writing was just given."""
    folder = tmp_path_factory.mktemp("begun")
    world(folder)
    change_config(folder, CONFIRMED, "")
    done(folder, 0)
    change_config(folder, 'drafts = "mail"\n', f'drafts = "mail"\n{CONFIRMED}')
    assert len(shown(folder, 0).write) >= 4
    return folder


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        yield Path(shutil.copytree(folder, Path(place) / "here", copy_function=shutil.copy2))


def send_mail(folder: Path, number: int, later: float) -> None:
    """The user writes to somebody about whom something stands, or stood."""
    people = sorted({row.to for row in rows(folder) if row.to}) or ["ruth@steiner.example"]
    at = session(folder, later - 0.1).now
    with (folder / "Sent.mbox").open("a") as file:
        file.write(
            f"From - {at:%a %b %d %H:%M:%S %Y}\nMessage-ID: <m{number}-{later}@winter.example>\n"
            f"Date: {at:%a, %d %b %Y %H:%M:%S} +0000\nFrom: Clara Winter <clara@winter.example>\n"
            f"To: {people[number % len(people)]}\nSubject: By the way\n\n\n"
        )


def edit_calendar(folder: Path, what: str, number: int) -> None:
    stand = titles(folder)
    if stand:
        title, path = stand[number % len(stand)], folder / "kith.ics"
        head, *events = path.read_text().split("BEGIN:VEVENT\n")
        tail = "END:VCALENDAR\n"
        events = [event.removesuffix(tail) for event in events]
        if what == "delete":
            events = [event for event in events if f"SUMMARY:{title}\n" not in event]
        else:
            events = [event.replace(f"SUMMARY:{title}\n", f"SUMMARY:{title} !\n") for event in events]
        path.write_text("BEGIN:VEVENT\n".join([head, *events]) + tail)


def edit_drafts(folder: Path, what: str, number: int) -> None:
    stand = sorted(letters(folder).values())
    if stand:
        path = stand[number % len(stand)]
        path.unlink() if what == "throw away" else path.write_bytes(path.read_bytes() + b"\nP.S.\n")


def act(folder: Path, what: str, number: int, later: float) -> None:
    drafts, away = folder / "Mail" / "Drafts", folder / "away"
    if what == "mail":
        send_mail(folder, number, later)
    elif what in {"delete", "rename"}:
        edit_calendar(folder, what, number)
    elif what in {"throw away", "add to"} and drafts.exists():
        edit_drafts(folder, what, number)
    elif what == "drafts go" and drafts.exists():
        drafts.rename(away)
    elif what == "drafts come" and away.exists():
        away.rename(drafts)
    elif what == "killed":
        with power(number):
            done(folder, later)
    elif what == "undo" and rows(folder):
        person = rows(folder)[number % len(rows(folder))].person
        undo_in(folder, lambda row: row.person == person, unconfirm=False)
    elif what == "never settled" and any(row.kind != "draft" for row in rows(folder)):
        waiting(folder, settled=number % 2 == 0)


ACTS = (
    "mail",
    "delete",
    "rename",
    "throw away",
    "add to",
    "drafts go",
    "drafts come",
    "killed",
    "undo",
    "never settled",
)
LIVES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0, 4.0, 8.0, 23.0]), st.sampled_from(ACTS), st.integers(1, 60)),
    min_size=2,
    max_size=6,
)


def test_a_plan_has_what_a_killed_tick_left(begun: Path) -> None:
    """Killed at any call of a tick that writes, whatever it left undone stands in the next plan."""
    with copied(begun) as folder, power() as count:
        done(folder, 0)
    numbers = set()
    for at in range(1, len(count.calls) + 1, 3):
        with copied(begun) as folder:
            with power(at):
                done(folder, 0)
            plan = shown(folder, 0)
            check(plan, done(folder, 0))
            numbers.add(len(plan.write))
    assert max(numbers) - min(numbers) >= 4, "killed before, between and after the writes"


@pytest.mark.parametrize("leaving", ["passed", UNDONE])
def test_a_plan_has_what_could_not_be_taken_back(begun: Path, leaving: str) -> None:
    """Drafts that were to go while their folder was away: while it is, no plan has them; then the next one does."""
    with copied(begun) as folder:
        done(folder, 0)
        with session(folder).ledger(write=True) as ledger, ledger.unit():
            ledger.save_entries(replace(row, leaving=leaving) for row in ledger.entries() if row.kind == "draft")
        act(folder, "drafts go", 0, 0)
        check(shown(folder, 0), done(folder, 0))
        assert shown(folder, 0).withdraw == ()
        act(folder, "drafts come", 0, 0)
        assert {item.why for item in shown(folder, 0).withdraw} == {leaving}
        check(shown(folder, 0), done(folder, 0))


def test_a_plan_reads_on_where_a_source_begins_anew(begun: Path) -> None:
    """A mail on the second page of a source, while all had been read before, is in the plan already."""
    with copied(begun) as folder:
        done(folder, 0)
        to = next(row.to for row in rows(folder) if row.to)
        ground = session(folder, 1)
        me = Mailbox(address="clara@winter.example")
        mail = Message(key="late", account="late", at=ground.now, sender=me, to=(Mailbox(address=to or ""),))
        bare = ground.world()
        pages: tuple[list[Message], list[Message]] = ([], [mail])
        more = {"sources": {**bare.sources, "late": MemorySource("late", *pages)}, "kinds": {**bare.kinds, "late": ""}}
        with ground.ledger(write=True) as ledger:
            plan = rehearse(ledger, replace(bare, **more), ground.now).plan
            assert {item.why for item in plan.withdraw} == {"overtaken"}
            check(plan, catch_up(ledger, replace(bare, **more), ground.now, lambda _: None))


@settings(max_examples=25)
@given(life=LIVES)
def test_a_plan_is_kept_whatever_happened(begun: Path, life: list[tuple[float, str, int]]) -> None:
    """Whatever the user, the disk and the power did before: plan first, then tick, and both name the same keys."""
    with copied(begun) as folder:
        later = 0.0
        for days, what, number in life:
            later += days
            act(folder, what, number, later)
            check(shown(folder, later), done(folder, later))
