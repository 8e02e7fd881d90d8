"""Whose received mail is kept, and does an import without a catch come forward? A tick on a real ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.memory import MemorySource
from connectors.records import Item, Mailbox, Message, Pull
from daemon.ledger import Ledger, open_ledger
from daemon.model import Me, Settings
from daemon.tick import tick
from daemon.vocabulary import load_templates, load_vocabulary
from daemon.world import World

NOW = datetime(2026, 2, 12, 8, tzinfo=UTC)
CLARA = Mailbox(address="clara@winter.example", name="Clara Winter")
ADA, EVE = Mailbox(address="ada@lovelace.example", name="Ada Lovelace"), Mailbox(address="eve@stranger.example")
DAEMON = Mailbox(address="mailer-daemon@winter.example")


def sent(key: str, to: Mailbox) -> Message:
    return Message(key=key, message_id=key, account="home", at=NOW, sender=CLARA, to=(to,))


def heard(key: str, sender: Mailbox, **more: Any) -> Message:
    return Message(key=key, message_id=key, account="home", at=NOW, sender=sender, to=(CLARA,), sent=False, **more)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = open_ledger(tmp_path)
    yield made
    made.close()


def world(*pages: Pull, hints: tuple[str, ...] = ()) -> World:
    me = Me(name="Clara Winter", addresses=("clara@winter.example",), zone=ZoneInfo("Europe/Berlin"))
    return World(
        settings=Settings(me=me, hints={"home": hints} if hints else {}),
        vocabulary=load_vocabulary(),
        templates=load_templates(None),
        sources={"home": MemorySource("home", *pages)},
        kinds={"home": "google"},
    )


def page(*items: Item) -> Pull:
    return Pull(cursor={}, items=items, known_only=True)


def stored(ledger: Ledger) -> set[str]:
    return {item.key for item in ledger.records().messages.values()}


def test_received_mail_of_strangers_is_never_stored(ledger: Ledger) -> None:
    """Mail from somebody the user wrote to is kept, a stranger's leaves no trace, sent mail always stays."""
    first, second = page(sent("s1", ADA)), page(heard("h1", ADA), heard("h2", EVE))
    tick(ledger, world(first), NOW)
    tick(ledger, world(first, second), NOW)
    assert stored(ledger) == {"s1", "h1"}


def test_an_answer_that_comes_with_the_question_is_kept(ledger: Ledger) -> None:
    """After a day away both are in one page: whom the user wrote to in it is no stranger; a crowd's answers are."""
    crowd = tuple(Mailbox(address=f"guest{number}@crowd.example") for number in range(5))
    many = replace(sent("s2", ADA), to=(EVE, *crowd))
    tick(ledger, world(page(heard("h1", ADA), sent("s1", ADA), heard("h2", EVE), many)), NOW)
    assert stored(ledger) == {"s1", "h1", "s2"}


def test_a_bounce_of_the_users_own_mail_is_kept(ledger: Ledger) -> None:
    """That a mail came back tells that an address is dead; a machine's mail about anything else is a stranger's."""
    bounce = heard("b1", DAEMON, automatic=True, in_reply_to="s1")
    other = heard("b2", DAEMON, automatic=True, in_reply_to="unknown")
    tick(ledger, world(page(sent("s1", ADA))), NOW)
    tick(ledger, world(page(sent("s1", ADA)), page(bounce, other)), NOW)
    assert stored(ledger) == {"s1", "b1"}


INES = Mailbox(address="invitations@linkedin.com", name="Ines Moreau via LinkedIn")


@pytest.mark.parametrize(
    ("listens", "hints_only", "kept"),
    [
        (("linkedin",), True, {"s1", "hint"}),
        (("linkedin",), False, {"s1", "hint", "h1"}),
        ((), False, {"s1", "h1"}),
        ((), True, {"s1"}),
    ],
)
def test_hints_alone_are_kept_of_strangers(
    ledger: Ledger, listens: tuple[str, ...], hints_only: bool, kept: set[str]
) -> None:
    """Of LinkedIn's mails the acceptance is kept where the account listens, an invitation and an advert never; a known
    person's mail only where received mail is read for its own sake."""
    hint = heard("hint", INES, subject="Ines accepted your invitation")
    other = [heard("i", INES, subject="I want to connect"), heard("e", EVE), heard("h1", ADA)]
    pages = [page(sent("s1", ADA)), replace(page(hint, *other), known_only=True, hints_only=hints_only)]
    tick(ledger, world(pages[0], hints=listens), NOW)
    tick(ledger, world(*pages, hints=listens), NOW)
    assert stored(ledger) == kept
    assert {person.name for person in ledger.people() if person.card} == ({"Ines Moreau"} if listens else set())


def test_a_source_that_promises_nothing_keeps_all(ledger: Ledger) -> None:
    """An archive with received mail in it is stored as it is: who is a person is decided later."""
    tick(ledger, world(Pull(cursor={}, items=(heard("h2", EVE),))), NOW)
    assert stored(ledger) == {"h2"}


def test_a_page_without_anything_moves_the_import_forward(ledger: Ledger) -> None:
    """While there is more to read, the place is kept even where nothing stood: the next tick goes on from there."""
    script = world(Pull(cursor={}, caught_up=False), Pull(cursor={}, caught_up=False), page(sent("s1", ADA)))
    for _ in range(4):
        tick(ledger, script, NOW)
    assert stored(ledger) == {"s1"}
