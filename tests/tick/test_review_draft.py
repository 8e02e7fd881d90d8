"""The review as a draft to oneself: one a week, text and HTML, the user's once touched; in a Maildir and at Gmail."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from connectors.records import Draft, Receipt, Sink, Unavailable
from daemon import knowledge, state
from daemon.knowledge import Knowledge
from daemon.plan import is_due
from daemon.world import World
from tests.google import Server
from tests.histories import ME, NOW, days
from tests.tick.posts import ADA, BEN, GmailPost, Life, MaildirPost, old_friends

HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 6, 5, 14, 0, tzinfo=UTC)
"""The hour of the review of week 23."""


class Looking(Life):
    """A life whose review is wanted as a draft."""

    def world(self, drafts: Sink[Draft] | None = None) -> World:
        made = super().world(drafts)
        routine = replace(made.settings.routine, review_draft=True)
        capacity = replace(made.settings.capacity, drafts=2)
        return replace(made, settings=replace(made.settings, routine=routine, capacity=capacity))

    def until(self, at: datetime, drafts: Sink[Draft] | None = None) -> Any:
        return self.tick(at - self.now, drafts)

    def own(self) -> list[EmailMessage]:
        """Return the drafts to oneself."""
        return [mail for mail in self.post.standing() if ME.addresses[0] in str(mail["To"])]

    def place(self) -> int:
        """Return the place of the first of them among all."""
        return next(at for at, mail in enumerate(self.post.standing()) if ME.addresses[0] in str(mail["To"]))


@pytest.fixture
def files(tmp_path: Path) -> Looking:
    return Looking(tmp_path / "state", MaildirPost(tmp_path / "Mail"))


@pytest.fixture(params=["maildir", "gmail"])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Looking]:
    if request.param == "maildir":
        yield Looking(tmp_path / "state", MaildirPost(tmp_path / "Mail"))
        return
    with Server(now=NOW, email=ME.addresses[0]) as server:
        post = GmailPost(server, tmp_path / "google")
        yield Looking(tmp_path / "state", post)
        post.world.wires.close()


def a_week(life: Looking) -> None:
    """An old friend with a draft ahead, and a coffee with somebody new on the Wednesday of that week."""
    old_friends(life)
    life.met(BEN, -2, "Coffee & cake")


def a_secret(life: Looking) -> None:
    """So that what is named after a key has the same name in every ledger."""
    life.folder.mkdir(mode=0o700)
    (life.folder / "secret").write_bytes(bytes(range(32)))


def said(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))  # type: ignore[arg-type]
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def edit(mail: EmailMessage, *kinds: str) -> EmailMessage:
    for kind in kinds:
        part = mail.get_body(preferencelist=(kind,))  # type: ignore[arg-type]
        assert part is not None
        part.set_content(said(mail, kind).replace("Your", "Our").replace("new people", "nobody"), subtype=kind)
    return mail


def test_one_a_week_of_text_and_html(life: Looking) -> None:
    """In the hour of the review event, from the user to the user, with its very words but for what is filled in there;
    the one of the week before goes when the next one comes. The ledger does not keep the HTML."""
    a_week(life)
    life.until(FRIDAY - 2 * HOUR)
    assert life.own() == []
    life.until(FRIDAY)
    (mail,) = life.own()
    assert (str(mail["From"]), str(mail["To"])) == (f"{ME.name} <{ME.addresses[0]}>",) * 2
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    (event,) = (item for item in life.calendar.standing.values() if item.title.startswith("Your week"))
    assert mail["Subject"] == event.title
    text, html = said(mail, "plain").strip().split("\n"), said(mail, "html")
    assert set(text) - set(event.body.split("\n")) == {"Answer these in the review in your calendar:"}
    assert "spoke:" in set(event.body.split("\n")) - set(text)
    assert "Events 1, 1 h -> new people 1 (usual: 0 -> 0)" in text
    assert "<h1>Your week 2026-W23</h1>" in html
    for row in life.entries("review-draft"):
        assert (row.state, row.html, row.fingerprint is not None) == ("written", "", True)
    life.tick(HOUR / 4)
    life.until(FRIDAY + 5 * days(1))
    assert [str(one["Message-ID"]) for one in life.own()] == [str(mail["Message-ID"])]
    life.until(FRIDAY + days(7))
    (after,) = life.own()
    assert "2026-W24" in said(after, "html")
    assert life.states("review-draft") == ["passed", "written"]


@pytest.mark.parametrize("kinds", [("html",), ("plain", "html")], ids="-".join)
def test_what_the_user_changed_in_it_stays(life: Looking, kinds: tuple[str, ...]) -> None:
    """One word in the HTML alone, or in both as Gmail's editor writes them: it is the user's, beside the next one."""
    a_week(life)
    life.until(FRIDAY)
    life.post.save(life.place(), edit(life.own()[0], *kinds))
    changed = said(life.own()[0], "html")
    assert "Our week" in changed
    life.until(FRIDAY + days(7))
    assert life.states("review-draft") == ["edited", "written"]
    assert sorted("Our week" in said(mail, "html") for mail in life.own()) == [False, True]
    life.until(FRIDAY + days(14))
    assert life.states("review-draft") == ["edited", "passed", "written"]
    assert changed in [said(mail, "html") for mail in life.own()]


def test_a_program_that_only_opened_it_changes_nothing(life: Looking) -> None:
    """The text was made anew of the HTML: no edit, so it goes when the next one comes."""
    a_week(life)
    life.until(FRIDAY)
    mail = life.own()[0]
    text = mail.get_body(preferencelist=("plain",))
    assert text is not None
    text.set_content("\n".join(shown(said(mail, "html"))))  # type: ignore[attr-defined]
    life.post.save(life.place(), mail)
    life.until(FRIDAY + days(7))
    assert life.states("review-draft") == ["passed", "written"]
    assert len(life.own()) == 1


def shown(html: str) -> list[str]:
    """The texts of an HTML, as a reader of it sees them."""
    from html.parser import HTMLParser

    found: list[str] = []
    reader = HTMLParser()
    reader.handle_data = found.append  # type: ignore[method-assign]
    reader.feed(html[html.index("<body>") :])
    return found


def test_deleted_it_is_gone_for_that_week(life: Looking) -> None:
    """Not written again, and nobody is told no by it: the review events go on, and so does the next draft."""
    life.until(FRIDAY)
    life.post.remove(life.place())
    life.until(FRIDAY + HOUR)
    life.until(FRIDAY + 2 * days(1))
    assert (life.own(), life.states("review-draft")) == ([], ["dismissed"])
    life.until(FRIDAY + days(7))
    assert len(life.own()) == 1
    assert life.states("review") == ["written", "written"]


def test_sent_it_tells_nothing_and_touches_nobody(life: Looking) -> None:
    """A mail to oneself is a place to tell Kith something; this one tells nothing, though names stand in it."""
    a_week(life)
    before = life.until(FRIDAY).state
    life.post.send(life.place(), life.now + HOUR)
    after = life.until(FRIDAY + 2 * HOUR).state
    assert before is not None
    assert after is not None
    assert (after.touchpoints, after.people.keys()) == (before.touchpoints, before.people.keys())
    assert [item for item in after.decisions if item.kind in {"told", "promise", "note", "card"}] == []
    assert (life.own(), life.states("review-draft")) == ([], ["dismissed"])
    life.until(FRIDAY + 3 * HOUR)
    assert life.own() == []


def test_it_takes_no_place_among_the_drafts_to_people(life: Looking) -> None:
    """Two drafts may wait, and one a person: the review's is none of them, and goes to nobody."""
    life.until(FRIDAY)
    a_week(life)
    life.until(FRIDAY + days(4))
    to = [f"Ada Berger <{ADA}>", f"Ben Huber <{BEN}>", f"{ME.name} <{ME.addresses[0]}>"]
    assert sorted(str(mail["To"]) for mail in life.post.standing()) == to
    assert life.states() == ["written", "written"]


# -- where Kith goes on beside much ------------------------------------------------------------------------------------


class Lasting(Looking):
    """A life that Kith goes on beside, whatever is stored being much."""

    def world(self, drafts: Sink[Draft] | None = None) -> World:
        return replace(super().world(drafts), knowledge=Knowledge(lasting=True))


def lived(life: Looking) -> tuple[list[str], list[str]]:
    """Live up to the second review; return what was written of both, and the drafts' HTML."""
    a_secret(life)
    a_week(life)
    for week in range(2):
        life.until(FRIDAY + days(7 * week))
    told = [item.body for item in life.calendar.standing.values() if item.title.startswith("Your week")]
    return told, [said(mail, "html") for mail in life.own()]


def test_a_copy_of_the_process_looks_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a copy of it read and decided in that hour is what it would have itself; without one it does."""
    here, happened, ways = os.getpid(), state.past, []

    def noted(*about: Any) -> Any:
        ways.append("here") if os.getpid() == here else (tmp_path / "apart").touch()
        return happened(*about)

    def no_process(*_: Any, **__: Any) -> Any:
        raise BlockingIOError

    monkeypatch.setattr(state, "past", noted)
    found = [lived(Looking(tmp_path / "few", MaildirPost(tmp_path / "a")))]
    assert (ways, (tmp_path / "apart").exists()) == (["here"] * 2, False)
    monkeypatch.setattr(knowledge, "MANY", 0)
    found.append(lived(Lasting(tmp_path / "much", MaildirPost(tmp_path / "b"))))
    assert (ways, (tmp_path / "apart").exists()) == (["here"] * 2, True)
    monkeypatch.setattr("os.fork", no_process)
    found.append(lived(Lasting(tmp_path / "none", MaildirPost(tmp_path / "c"))))
    assert ways == ["here"] * 4
    assert found[0] == found[1] == found[2]
    assert [len(each) for each in found[0]] == [2, 1]


def test_no_copy_is_made_where_nothing_would_be_written(files: Looking) -> None:
    """In its hour a review is due, but not while an account is in doubt."""
    a_week(files)
    found = files.until(FRIDAY - 2 * HOUR).state
    assert found is not None
    assert not is_due(found)
    in_time = replace(found, now=FRIDAY)
    doubtful = {name: replace(source, problem="suspicious") for name, source in found.sources.items()}
    assert [is_due(in_time), is_due(replace(in_time, sources=doubtful))] == [True, False]


# -- when it goes wrong ------------------------------------------------------------------------------------------------


@dataclass
class Broken:
    """A folder of drafts that cannot be reached for one verb, before or after it did what it was asked."""

    sink: Sink[Draft]
    verb: str
    after: bool = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real: Callable[..., Any] = getattr(self.sink, name)
        return self._fails(real) if name == self.verb else real

    def _fails(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def fails(*given: Any) -> Receipt:
            if self.after:
                real(*given)
            raise Unavailable("out of reach")

        return fails


def broken(life: Looking, verb: str, *, after: bool = False) -> Any:
    return Broken(life.post.drafts, verb, after)


@pytest.mark.parametrize("after", [False, True], ids=["nothing written", "the answer lost"])
def test_written_later_it_is_what_was_decided(files: Looking, tmp_path: Path, *, after: bool) -> None:
    """Cut off before or after the write: later it stands once, byte for byte what it would have been at once."""
    other = Looking(tmp_path / "other", MaildirPost(tmp_path / "Elsewhere"))
    for one in (files, other):
        a_secret(one)
        a_week(one)
        one.until(FRIDAY - 2 * HOUR)
    files.until(FRIDAY, broken(files, "create", after=after))
    (row,) = files.entries("review-draft")
    assert row.state == "waiting"
    assert "<h1>" in row.html
    files.wrote(ADA, -4.5, "Something new")
    files.until(FRIDAY + 20 * HOUR)
    other.until(FRIDAY)
    assert files.states("review-draft") == ["written"]
    assert [mail.as_bytes() for mail in files.own()] == [mail.as_bytes() for mail in other.own()]
    assert files.entries("review-draft") == [
        replace(item, settled=files.entries("review-draft")[0].settled) for item in other.entries("review-draft")
    ]


def test_never_two_even_where_the_old_one_cannot_be_taken_back(files: Looking) -> None:
    """The next one waits until that of the week before is gone."""
    files.until(FRIDAY)
    (first,) = files.own()
    files.until(FRIDAY + days(7), broken(files, "withdraw"))
    assert [str(mail["Message-ID"]) for mail in files.own()] == [str(first["Message-ID"])]
    assert files.states("review-draft") == ["written", "waiting"]
    files.tick(HOUR)
    assert [str(mail["Message-ID"]) for mail in files.own()] != [str(first["Message-ID"])]
    assert files.states("review-draft") == ["passed", "written"]


def test_an_hour_that_was_over_before_it_could_be_written_is_over(files: Looking) -> None:
    """After three days out of reach nobody wants to read it: the row goes, its HTML too."""
    files.until(FRIDAY, broken(files, "create"))
    files.until(FRIDAY + days(3) + HOUR)
    (row,) = files.entries("review-draft")
    assert (row.state, row.problem, row.html, files.own()) == ("withdrawn", "late", "", [])
