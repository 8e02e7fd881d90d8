"""Is there a page for each week whose review came due, in the state, readable by its user alone, and gone in time?"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon import pages
from daemon.cli import main
from daemon.model import Block
from daemon.review import Week
from tests.page.pages import Looked

pytestmark = pytest.mark.xdist_group("page")
VIENNA = ZoneInfo("Europe/Vienna")
FRIDAY = Block(weekday=4, at=time(16))
DUE = [
    # The hour of the review is Friday, 16:00; its page is there an hour before, and stays the last until the next.
    ("2026-11-20T14:59", "2026-W46"),
    ("2026-11-20T15:00", "2026-W47"),
    ("2026-11-22T23:00", "2026-W47"),
    ("2026-11-27T14:59", "2026-W47"),
    ("2026-11-27T15:00", "2026-W48"),
    ("2027-01-01T15:30", "2026-W53"),
    ("2026-03-27T15:30", "2026-W13"),
]


@pytest.mark.parametrize(("now", "week"), DUE)
def test_the_page_that_is_due(now: str, week: str) -> None:
    """The week of the last review's hour, in the user's zone."""
    at = datetime.fromisoformat(now).replace(tzinfo=VIENNA).astimezone(UTC)
    assert str(pages.due(FRIDAY, VIENNA, at)) == week


def test_without_reviews_there_are_no_pages() -> None:
    """``[routine] review = false``: no page is due."""
    assert pages.due(None, VIENNA, datetime(2026, 11, 20, 18, tzinfo=UTC)) is None


@pytest.fixture
def world(looked: Looked, tmp_path: Path) -> Path:
    """A copy of the demo world, which ends in the hour of a review."""
    return Path(shutil.copytree(looked.folder, tmp_path / "world", copy_function=shutil.copy2))


def kith(monkeypatch: pytest.MonkeyPatch, world: Path, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["kith", *words, "--config", str(world / "config.toml")])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def kept(world: Path) -> list[str]:
    return sorted(path.name for path in (world / "state" / "reviews").glob("*"))


def test_a_tick_keeps_the_page_of_the_week(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written once when its hour has come, for the user's eyes alone, with links to the weeks before, and an index.

    Whoever is forgotten takes all pages along, because any may tell of them; the next one tells of everybody else.
    """
    assert kept(world) == ["2026-W47.html", "index.html"]
    first = world / "state/reviews/2026-W47.html"
    written = first.read_bytes()
    for path in first.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert kith(monkeypatch, world, "once", "--now", "2026-11-21T15:30") == 0
    assert first.read_bytes() == written
    assert kith(monkeypatch, world, "once", "--now", "2026-11-27T15:30") == 0
    assert kept(world) == ["2026-W47.html", "2026-W48.html", "index.html"]
    links = re.findall(r'href="([^"]*)"', (first.parent / "2026-W48.html").read_text("utf-8"))
    assert links == ["2026-W47.html", "index.html"]
    index = (first.parent / "index.html").read_text("utf-8")
    assert re.findall(r'href="([^"]*)"', index) == ["2026-W48.html", "2026-W47.html"]
    assert "default-src 'none'" in index
    assert "Maria Huber" in written.decode()
    (first.parent / "notes.html").write_text("my own", "utf-8")
    assert kith(monkeypatch, world, "forget", "Maria Huber", "--yes") == 0
    assert kept(world) == ["notes.html"]
    assert kith(monkeypatch, world, "once", "--now", "2026-11-27T15:45") == 0
    assert kept(world) == ["2026-W48.html", "index.html", "notes.html"]
    assert "Huber" not in (first.parent / "2026-W48.html").read_text("utf-8")


def test_a_page_that_cannot_be_made_ends_nothing(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Something stands in the way: one line says so, without a name of anybody, and the tick is fine."""
    shutil.rmtree(world / "state" / "reviews")
    (world / "state" / "reviews").write_text("in the way", "utf-8")
    capsys.readouterr()
    assert kith(monkeypatch, world, "once", "--now", "2026-11-20T15:30") == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "page" in line]
    assert told == ["kith: the page of 2026-W47 could not be made: NotADirectoryError"]


def test_two_years_of_pages_stay(tmp_path: Path) -> None:
    """The oldest page goes when there are more than two years of them; files of other names are nobody's business."""
    folder = tmp_path / "reviews"
    folder.mkdir(mode=0o700)
    for back in range(1, 111):
        (folder / f"{Week(2026, 47).before(back)}.html").write_text("", "utf-8")
    (folder / "2026-W99.html").write_text("no week", "utf-8")
    pages.put(tmp_path, Week(2026, 47), "a page")
    assert len(pages.kept(tmp_path)) == pages.KEPT
    assert pages.kept(tmp_path)[-1] == Week(2026, 47)
    assert (folder / "2026-W47.html").read_text("utf-8") == "a page"
    assert (folder / "2026-W99.html").exists()
    assert (folder / "index.html").read_text("utf-8").count("<li>") == pages.KEPT


@pytest.mark.parametrize("end", ["put", "erase"])
def test_what_a_crash_left_goes(tmp_path: Path, end: str) -> None:
    """Killed in the middle of a page: its half goes with the next page, and when somebody is forgotten."""
    pages.erase(tmp_path)
    pages.put(tmp_path, Week(2026, 46), "a page")
    half = tmp_path / "reviews" / ".2026-W47.html.4711.kith-tmp"
    half.write_text("<h1>Anna Ber", "utf-8")
    if end == "put":
        pages.put(tmp_path, Week(2026, 47), "a page")
    else:
        pages.erase(tmp_path)
    assert not half.exists()
    assert len(pages.kept(tmp_path)) == (2 if end == "put" else 0)


@pytest.mark.parametrize("told", ["", "NotADirectoryError"])
def test_a_page_made_apart_tells_what_went_wrong(told: str) -> None:
    """What is done in a process of its own is told by the one that goes on; nothing of it stays in its memory."""
    here: list[str] = []

    def work() -> str:
        here.append("made")
        return told

    assert pages._told_apart(work) == told
    assert here == []


def test_a_page_whose_process_is_ended_is_no_page() -> None:
    """Ended from outside, for its memory, say, or by itself: that is told, too."""
    assert pages._told_apart(lambda: sys.exit(0) or "").startswith("ended by")
    assert pages._told_apart(lambda: os.kill(os.getpid(), signal.SIGKILL) or "").startswith("ended by")


def test_a_failed_page_is_tried_again_later(tmp_path: Path) -> None:
    """After a failure six hours pass before the next attempt: a tick is to stay cheap."""
    keeper = pages.Keeper()
    now = datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert not keeper._rests(now)
    keeper._failed = now
    assert keeper._rests(now + timedelta(hours=5))
    assert not keeper._rests(now + timedelta(hours=6))


def test_review_html_writes_one_file(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``kith review --html FILE``: the page of any week, 0600; nothing on stdout. Its numbers are those of
    ``--json``, together with which it is refused."""
    file = tmp_path / "week.html"
    asked = ("review", "--now", "2026-11-20T15:30", "--week", "2026-W46")
    capsys.readouterr()
    assert kith(monkeypatch, world, *asked, "--html", str(file)) == 0
    assert capsys.readouterr().out == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = file.read_text("utf-8")
    assert "<h1>Your week 2026-W46</h1>" in page
    assert "href=" not in page
    first = re.search(r'<th scope="row"><bdi>2026-W46</bdi></th><td><bdi>(.*?)</bdi></td><td><bdi>(.*?)</bdi>', page)
    assert first is not None
    assert kith(monkeypatch, world, *asked, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert tuple(map(float, first.groups())) == (told["activity"]["events"], told["productivity"]["new_people"])
    assert kith(monkeypatch, world, *asked, "--html", str(file), "--json") == 2
    assert kith(monkeypatch, world, *asked, "--html", str(tmp_path / "nowhere/week.html")) == 2
