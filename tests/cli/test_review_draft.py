"""What do the commands say of the review that is a draft to oneself, and what takes it back?"""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.cli.conftest import Kith
from tests.tick import test_crash

AT = "2026-11-20T15:30:00"
LATER = "2026-11-20T16:30:00"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A world of a few people, whose review is wanted as a draft."""
    test_crash.world(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("[write]", "[routine]\nreview_draft = true\n[write]"))
    return tmp_path


def on(world: Path, now: str) -> tuple[str, ...]:
    return "--config", str(world / "config.toml"), "--now", now


def own(world: Path) -> list[str]:
    """Text and HTML of the drafts to oneself."""
    mails = [
        message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in sorted((world / "Mail" / "Drafts" / "cur").iterdir())
    ]
    return ["".join(str(part.get_content()) for part in mail.iter_parts()) for mail in mails if mail.is_multipart()]


def test_the_commands_know_whose_it_is(kith: Kith, world: Path) -> None:
    """To yourself, in plan, once, status, undo and the export; undone it does not come again in that week."""
    kith("once", *on(world, "2026-11-20T14:30:00"))
    planned = kith("plan", *on(world, AT)).out
    assert "+ Draft to yourself <clara@winter.example>\n  Subject: Your week: met" in planned
    (row,) = [one for one in kith("plan", "--json", *on(world, AT)).json["write"] if one["kind"] == "review-draft"]
    assert (row["person"], row["at"], row["reason"], row["evidence"]) == (None, None, "week", ["2026-W47"])
    before = kith("status", "--json", *on(world, AT)).json["drafts"]
    assert kith("once", *on(world, AT)).code == 0
    assert len(own(world)) == 1
    assert kith("status", "--json", *on(world, AT)).json["drafts"] == before + 1
    exported = kith("export", *on(world, AT)).json
    (row,) = [one for one in exported["drafts"] if one["kind"] == "review-draft"]
    assert (row["person"], row["fate"], row["written"], "html" in row) == (None, "written", True, False)
    assert "review-draft" not in {one["kind"] for one in exported["reminders"]}
    taken = kith("undo", "--since", "2026-11-20", *on(world, AT))
    assert "- draft to yourself: Your week: met" in taken.out
    assert kith("once", *on(world, LATER)).code == 0
    assert own(world) == []


def test_whoever_is_forgotten_takes_it_along(kith: Kith, world: Path) -> None:
    """Named or not: its HTML stands outside alone, and may tell of anybody. The week's is made again without them;
    one that the user has changed stays, and is told."""
    kith("once", *on(world, AT))
    assert "Ruth Steiner" in own(world)[0]
    for name in ("Ruth Steiner", "Maria Huber"):
        assert kith("forget", name, "--yes", *on(world, AT)[:2]).code == 0
        assert own(world) == []
        kith("once", *on(world, LATER))
        assert "Ruth" not in own(world)[0]
    (file,) = [file for file in (world / "Mail" / "Drafts" / "cur").iterdir() if b"multipart" in file.read_bytes()]
    file.write_bytes(file.read_bytes().replace(b"Activity", b"My activity"))
    ran = kith("forget", "Thomas Aigner", "--yes", *on(world, LATER)[:2])
    assert "mail: draft" in ran.out + ran.err
    assert len(own(world)) == 1
