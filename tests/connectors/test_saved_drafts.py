"""A draft that a mail program saved again: still ours, or the user's? The same answer from both folders of drafts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors._letter import Letter, check_letter, write_letter
from connectors.maildir import Maildir
from connectors.records import Draft, Edited, Mailbox, Receipt, Rejected, Sink
from tests.connectors.google_mail_world import World
from tests.google import Server

SAVED = sorted((Path(__file__).parent.parent / "data" / "drafts").glob("*.eml"))
ITEM = Draft(
    key="draft/p-1/first",
    sender=Mailbox(address="clara@winter.example", name="Clara Winter"),
    to=Mailbox(address="anna@helio.example", name="Anna Berger"),
    subject="Messe Graz & Umgebung: für 2027",
    body=(
        "Guten Tag Anna Berger,\n\nam 14. Oktober habe ich Ihnen zu „Messe Graz & Umgebung“ geschrieben. Wie steht es "
        "heute darum? Wenn ein Kontakt oder ein zweiter Blick helfen würde, schreiben Sie mir, welcher. Auch ein Nein "
        "ist in Ordnung, dann lasse ich es dabei.\n\nBeste Grüße\nClara Winter"
    ),
    at=datetime(2026, 11, 20, 8, tzinfo=UTC),
)

WITH_HTML = sorted((Path(__file__).parent.parent / "data" / "drafts" / "html").glob("*.eml"))
PAGE = Draft(
    key="review-draft//2026-W47/0",
    sender=ITEM.sender,
    to=ITEM.sender,
    subject="Your week: met 2, followed up 1",
    body=("Open: Karl Wenz (Tue, workshop).\n\nEvents 2, 3 h -> new people 3 (usual: 1 -> 1)\nGiven 2, received 1.\n"),
    at=ITEM.at,
    html=(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Your week</title></head>\n<body>\n'
        "<h1>Your week 2026-W47</h1>\n<p>Open: Karl Wenz (Tue, workshop).</p>\n<table>\n<tr><th>Events attended</th>"
        "<td>2, 3 hours</td><th>New people met there</th><td>3</td></tr>\n</table>\n<h2>Groups &amp; circles</h2>\n"
        "<ul><li>Breakfast club: rut</li></ul>\n</body></html>\n"
    ),
)

Opened = tuple[Sink[Draft], Callable[[Receipt, bytes], None]]


@pytest.fixture(params=["maildir", "gmail"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Give a folder of drafts, and what saves one again."""
    if request.param == "maildir":
        sink = Maildir(path=tmp_path).open_drafts("home", "UTC")
        assert sink is not None

        def put(receipt: Receipt, raw: bytes) -> None:
            _file(tmp_path, receipt).write_bytes(raw)

        yield sink, put
        return
    with Server(email="clara@winter.example") as server:
        world = World(server, tmp_path)

        def save(receipt: Receipt, raw: bytes) -> None:
            server.user.autosave_draft(receipt.ref.split()[0]).message.raw = raw

        yield world.drafts(), save
        world.wires.close()


def _file(path: Path, receipt: Receipt) -> Path:
    (found,) = [file for file in (path / "Drafts" / "cur").iterdir() if receipt.ref in file.name]
    return found


@pytest.mark.parametrize("saved", [*SAVED, *WITH_HTML], ids=lambda path: path.stem)
def test_a_draft_saved_again(opened: Opened, saved: Path) -> None:
    """What a program does by itself is no edit and can be taken back; one word of the user's makes it the user's."""
    sink, save = opened
    receipt = sink.create(PAGE if saved in WITH_HTML else ITEM)
    save(receipt, saved.read_bytes())
    expected = "untouched" if saved.stem.startswith("same-") else "edited"
    assert [fate.state for fate in sink.look([receipt])] == [expected]
    if expected == "edited":
        with pytest.raises(Edited):
            sink.withdraw(receipt)
    else:
        sink.withdraw(receipt)
    assert [fate.state for fate in sink.look([receipt])] == ["gone" if expected == "untouched" else "edited"]


def test_there_are_as_many_ways_as_programs_have() -> None:
    """The table holds what Gmail, Outlook, Thunderbird and phones do, and what only a person does."""
    names = [path.stem.partition("-")[0] for path in SAVED]
    assert (names.count("same"), names.count("edited")) == (15, 12)
    names = [path.stem.partition("-")[0] for path in WITH_HTML]
    assert (names.count("same"), names.count("edited")) == (8, 11)


def test_a_draft_to_two(opened: Opened) -> None:
    """An introduction goes to both in To, stands untouched as written, and is taken back like any other."""
    sink, _ = opened
    both = replace(ITEM, key="draft/p-1/both", second=Mailbox(address="georg@lang.example", name="Georg Lang"))
    receipt = sink.create(both)
    assert sink.find(both.key) is not None
    (fate,) = sink.look([receipt])
    assert fate.state == "untouched"
    sink.withdraw(receipt)
    assert [item.state for item in sink.look([receipt])] == ["gone"]


def test_two_recipients_and_no_third() -> None:
    """To names just the two; a letter to anybody else is refused."""
    both = replace(ITEM, second=Mailbox(address="georg@lang.example", name="Georg, Lang"))
    letter = write_letter(both)
    assert Letter(letter).to == "anna@helio.example,georg@lang.example"
    for wrong in (ITEM, replace(both, second=Mailbox(address="eve@evil.example", name=""))):
        with pytest.raises(Rejected):
            check_letter(letter, wrong)
