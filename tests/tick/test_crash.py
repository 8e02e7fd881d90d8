"""Killed anywhere, nothing is lost and nothing is done twice: every call that changes the disk, before and after it.

The tick runs on real files. The n-th changing call of the operating system never happens (killed before) or happens and
nothing after it does (killed after); then Kith is started again. The world must be the one of a run without a crash.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import icalendar
import pytest

from daemon.session import open_session
from daemon.tick import tick

NOW = "2026-11-20T08:00:00+00:00"
CHANGING = ("open", "write", "fsync", "replace", "rename", "link", "unlink", "mkdir", "ftruncate", "rmdir", "truncate")


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Power:
    """Counts changing calls and cuts the power at one of them: after that nothing reaches the disk."""

    at: int | None = None
    after: bool = False
    calls: list[str] = field(default_factory=list)
    off: bool = False

    def through(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if name == "open" and not args[1] & (os.O_CREAT | os.O_TRUNC):
                return real(*args, **kwargs)
            if self.off:
                raise Killed
            self.calls.append(name)
            if len(self.calls) != self.at:
                return real(*args, **kwargs)
            self.off = True
            if self.after:
                real(*args, **kwargs)
            raise Killed

        return call


@contextmanager
def power(at: int | None = None, *, after: bool = False) -> Iterator[Power]:
    """Run what is inside with the power cut at the ``at``-th changing call (None: only count)."""
    cut = Power(at=at, after=after)
    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGING:
            patch.setattr(os, name, cut.through(name, getattr(os, name)))
        try:
            yield cut
        except Killed:
            assert cut.off


def cuts(calls: int) -> list[tuple[int, bool]]:
    """Every moment to die at, for ``power``: before a call is after the one before it, as nothing lies between."""
    return [(1, False), *((at, True) for at in range(1, calls + 1))]


def world(folder: Path, *, secret: bool = True) -> None:
    """Two people due with a topic to pick up, and one first meeting: two or more reminders and drafts."""
    shutil.copytree(Path(__file__).parent.parent / "data" / "crash", folder, dirs_exist_ok=True)
    for name in ("cur", "new", "tmp"):
        (folder / "Mail" / "Sent" / name).mkdir(parents=True, exist_ok=True)
    if secret:  # the same in every run, so that ids and the choice of words are the same
        (folder / "state").mkdir(mode=0o700)
        (folder / "state" / "secret").write_bytes(bytes(range(32)))


def once(folder: Path) -> None:
    session = open_session(folder / "config.toml", datetime.fromisoformat(NOW))
    with session.ledger(write=True) as ledger:
        tick(ledger, session.world(), session.now)
        ledger.fold()


def seen(folder: Path) -> dict[str, Any]:
    """What a person and the ledger hold afterwards, without ids that hang on the secret."""
    session = open_session(folder / "config.toml", datetime.fromisoformat(NOW))
    with session.ledger(write=False) as ledger:
        memory = session.memory(ledger)
        state, again = memory.state(), memory.derive()
        assert memory.facts.full is None, "the facts of this day are stored"
        assert (set(ledger.people()), set(ledger.touchpoints())) == (set(again.people), set(again.touchpoints))
        facts = sorted((item.source, item.address, item.kind) for item in ledger.touchpoints())
        entries = sorted(
            (item.kind, state.people[item.person].name if item.person else "", item.title, item.state)
            for item in ledger.entries()
        )
        records = sorted(ledger.table("events").keys()) + sorted(ledger.table("mails").keys())
    calendar = icalendar.Calendar.from_ical((folder / "kith.ics").read_bytes())
    reminders = sorted((str(item["SUMMARY"]), item.decoded("DTSTART").isoformat()) for item in calendar.walk("VEVENT"))
    parsed = [message_from_bytes(path.read_bytes()) for path in (folder / "Mail" / "Drafts" / "cur").iterdir()]
    drafts = sorted((str(mail["To"]), str(mail["Subject"])) for mail in parsed)
    return {"facts": facts, "entries": entries, "records": records, "reminders": reminders, "drafts": drafts}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    folder = tmp_path_factory.mktemp("whole")
    world(folder)
    with power() as count:
        once(folder)
    return seen(folder), len(count.calls)


def test_the_world_is_worth_crashing(expected: tuple[dict[str, Any], int]) -> None:
    """Without a crash there are at least two reminders and two drafts, each once, all written."""
    whole, calls = expected
    assert len(whole["reminders"]) >= 2
    assert len(whole["drafts"]) >= 2
    assert {state for *_, state in whole["entries"]} == {"written"}
    assert calls >= 40


def test_killed_at_every_call_nothing_is_lost_and_nothing_is_twice(
    expected: tuple[dict[str, Any], int], tmp_path: Path
) -> None:
    """Each call that changes the disk, killed before and after its effect: started again, the world is the same."""
    whole, calls = expected
    for at, after in cuts(calls):
        folder = tmp_path / f"{at}-{after}"
        world(folder)
        with power(at, after=after):
            once(folder)
        once(folder)
        assert seen(folder) == whole, f"killed {'after' if after else 'before'} call {at}"
        shutil.rmtree(folder)


def test_killed_while_the_state_is_made(expected: tuple[dict[str, Any], int], tmp_path: Path) -> None:
    """The very first calls make the folder, the lock, the journal and the secret: killed there, the start works."""
    whole, _ = expected
    for at in range(1, 20):
        folder = tmp_path / str(at)
        world(folder, secret=False)
        with power(at, after=at % 2 == 0):
            once(folder)
        once(folder)
        found = seen(folder)
        assert [found[name] for name in ("facts", "records", "reminders")] == [
            whole[name] for name in ("facts", "records", "reminders")
        ], f"killed at call {at}"


def test_killed_again_while_recovering(expected: tuple[dict[str, Any], int], tmp_path: Path) -> None:
    """A second crash during the start after the first changes nothing either."""
    whole, calls = expected
    for at in range(3, calls + 1, 10):
        for again in (1, 4, 11):
            folder = tmp_path / f"{at}-{again}"
            world(folder)
            with power(at, after=True):
                once(folder)
            with power(again):
                once(folder)
            once(folder)
            assert seen(folder) == whole, f"killed at call {at}, then at call {again}"
            shutil.rmtree(folder)


def test_killed_and_the_world_goes_on(tmp_path: Path) -> None:
    """Between the crash and the next start the user writes to somebody: nothing stands that nobody knows of."""
    world(tmp_path / "whole")
    once(tmp_path / "whole")
    write_to_ruth(tmp_path / "whole")
    with power() as count:
        once(tmp_path / "whole")
    whole = seen(tmp_path / "whole")
    assert not [title for title, _ in whole["reminders"] if "Ruth" in title]
    for at in range(1, len(count.calls) + 30, 2):
        folder = tmp_path / str(at)
        world(folder)
        with power(at, after=True):
            once(folder)
        write_to_ruth(folder)
        once(folder)
        found = seen(folder)
        for name in ("facts", "records", "reminders", "drafts"):
            assert found[name] == whole[name], f"killed after call {at}: {name}"
        shutil.rmtree(folder)


def write_to_ruth(folder: Path) -> None:
    with (folder / "Sent.mbox").open("ab") as file:
        file.write(
            b"From - Fri Nov 20 07:30:00 2026\nMessage-ID: <late@winter.example>\n"
            b"Date: Fri, 20 Nov 2026 07:30:00 +0000\nFrom: Clara Winter <clara@winter.example>\n"
            b"To: Ruth Steiner <ruth@steiner.example>\nSubject: Your question of yesterday\n\n\n"
        )


def test_an_idle_tick_changes_nothing(tmp_path: Path) -> None:
    """A second tick with nothing new writes no byte to the ledger, the calendar or the drafts."""
    world(tmp_path)
    once(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with power() as count:
        once(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert "write" not in count.calls


def test_no_module_changes_files_behind_the_tests_back() -> None:
    """Files are written through os.* only, so that this test sees every change."""
    root = Path(__file__).parent.parent.parent
    writers = (".write_bytes(", ".write_text(", 'open(path, "w', "shutil.move", "tempfile.Named")
    for path in (*root.glob("connectors/*.py"), *root.glob("daemon/*.py"), *root.glob("daemon/ledger/*.py")):
        text = path.read_text()
        assert not [word for word in writers if word in text], path.name
