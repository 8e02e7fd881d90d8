"""Articles are kept within bounds, what the user saved by mail among them; a feed that is ill holds nothing back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.memory import MemorySource
from connectors.records import Article, Cursor, Item, Mailbox, Message, Pull, Unavailable
from daemon.articles import MOST, change, in_sight
from daemon.forget import forget_person
from daemon.ledger import DERIVED, Ledger, articles, open_ledger
from daemon.model import Me, Settings
from daemon.state import Memory
from daemon.tick import tick
from daemon.vocabulary import load_templates, load_vocabulary
from daemon.world import Report, World

NOW = datetime(2026, 2, 12, 8, tzinfo=UTC)
CLARA, ADA = Mailbox(address="clara@winter.example", name="Clara Winter"), Mailbox(address="ada@lovelace.example")
DAY = timedelta(days=1)


def article(name: str, at: datetime | None = NOW, **more: Any) -> Article:
    return Article(key=f"https://example.org/{name}", account="reading", title=name, at=at, **more)


def mail(key: str, subject: str, to: Mailbox = CLARA, **more: Any) -> Message:
    return Message(key=key, message_id=key, account="home", at=NOW, sender=CLARA, to=(to,), subject=subject, **more)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = open_ledger(tmp_path)
    yield made
    made.close()


@dataclass(frozen=True)
class Says:
    """A feed that says the same whenever it is asked."""

    page: Pull
    name: str = "reading"

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        return self.page


def world(feed: Pull | None = None, mails: tuple[Item, ...] = ()) -> World:
    me = Me(name="Clara Winter", addresses=("clara@winter.example",), zone=ZoneInfo("Europe/Berlin"))
    return World(
        settings=Settings(me=me),
        vocabulary=load_vocabulary(),
        templates=load_templates(None),
        sources={"reading": Says(feed or page()), "home": MemorySource("home", mails)},
        kinds={"reading": "feed", "home": "mbox"},
    )


def page(*items: Article, gone: tuple[str, ...] = (), **more: Any) -> Pull:
    return Pull(cursor={"page": len(items)}, articles=items, gone=gone, **more)


def kept(ledger: Ledger) -> dict[str, datetime | None]:
    return {item.title: item.at for item in articles(ledger).values()}


def test_an_article_has_the_day_of_its_first_reading(ledger: Ledger) -> None:
    """Where it has none of its own; one that it has, or a new title, is taken as it comes."""
    tick(ledger, world(page(article("a", None), article("b", NOW - DAY))), NOW)
    assert kept(ledger) == {"a": NOW, "b": NOW - DAY}
    again = page(article("a", None), article("b", NOW - 2 * DAY), replace(article("c", None), title="new"))
    report = tick(ledger, world(again), NOW + 3 * DAY)
    assert kept(ledger) == {"a": NOW, "b": NOW - 2 * DAY, "new": NOW + 3 * DAY}
    assert report.new == 2


def test_what_the_user_takes_off_the_list_is_gone(ledger: Ledger) -> None:
    """And only that: another account's stays, though it has the same address."""
    mails = (mail("m", "https://example.org/a read this"),)
    tick(ledger, world(page(article("a", saved=True), article("b", saved=True)), mails), NOW)
    tick(ledger, world(page(gone=("https://example.org/a",)), mails), NOW)
    assert sorted(articles(ledger)) == ["home\thttps://example.org/a", "reading\thttps://example.org/b"]


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("https://example.org/x What changes for packaging", "What changes for packaging"),
        ("What changes: https://example.org/x", "What changes"),
        ("https://example.org/x", ""),
        ("Packaging", None),
        ("javascript://example.org/x", None),
        ("https://ada:pw@example.org/x", None),
    ],
)
def test_a_mail_to_oneself_saves_an_article(ledger: Ledger, subject: str, title: str | None) -> None:
    """If a link stands in its subject; a mail to somebody else does not, whatever it holds."""
    tick(ledger, world(None, (mail("m1", subject), mail("m2", "https://example.org/y", ADA))), NOW)
    found = [(item.key, item.title, item.saved, item.at) for item in articles(ledger).values()]
    assert found == ([] if title is None else [("https://example.org/x", title, True, NOW)])


def test_the_mail_that_saved_it_may_go(ledger: Ledger) -> None:
    """Absence is not deletion (C12)."""
    tick(ledger, world(None, (mail("m1", "https://example.org/x"),)), NOW)
    tick(ledger, world(None, ()), NOW + DAY)
    assert len(articles(ledger)) == 1


def test_no_fact_is_derived_anew_for_an_article(ledger: Ledger) -> None:
    """Facts rest on events and mails alone."""
    tick(ledger, world(None, (mail("m1", "Hello", ADA),)), NOW)
    before = ledger.meta(DERIVED)
    with ledger.unit():
        assert before is not None
    tick(ledger, world(page(article("a")), (mail("m1", "Hello", ADA),)), NOW)
    assert ledger.meta(DERIVED) == before
    assert kept(ledger) == {"a": NOW}


def state(ledger: Ledger, made: World, now: datetime) -> Any:
    return Memory(ledger, made.settings, made.vocabulary, now, made.sources).state()


def test_articles_are_in_sight_for_their_time(ledger: Ledger) -> None:
    """A feed's for 90 days, the user's own for a year; once each, the user's first; what comes later is invisible."""
    mails = (mail("m", "https://example.org/m me"),)
    made = world(page(article("a"), article("b", saved=True), article("m")), mails)
    tick(ledger, made, NOW)

    def seen(now: datetime) -> list[str]:
        return [item.title for item in state(ledger, made, now).articles]

    assert seen(NOW) == ["a", "b", "me"]
    assert seen(NOW - DAY) == []
    assert seen(NOW + 91 * DAY) == ["b", "me"]
    assert seen(NOW + 366 * DAY) == []


def test_no_more_are_kept_than_the_latest() -> None:
    """Five hundred of feeds and five hundred saved; another account's are left alone."""
    other = replace(article("other"), account="else")
    known = {f"else\t{other.key}": other}
    many = [article(f"f{n:04}", NOW - timedelta(minutes=n)) for n in range(MOST + 20)]
    many += [article(f"s{n:04}", NOW - timedelta(minutes=n), saved=True) for n in range(MOST + 20)]
    found = change(many, (), "reading", known, NOW)
    assert sorted(item.title for item in found.items) == [f"{k}{n:04}" for k in "fs" for n in range(MOST)]
    before = {f"reading\t{item.key}": item for item in found.items} | known
    later = change([article("new")], (), "reading", before, NOW)
    assert later.removed == (f"reading\t{article(f'f{MOST - 1:04}').key}",)
    old = change([article("new", NOW + 91 * DAY)], (), "reading", before, NOW + 91 * DAY)
    assert len(old.removed) == MOST
    assert in_sight(before.values(), NOW)


def test_a_feed_that_is_ill_holds_nothing_back(ledger: Ledger) -> None:
    """Its trouble is told; what is known of people is decided on all the same, on the first day and after a week."""
    ill = page(troubles=(Unavailable("feed 1: no connection"),))
    for now in (NOW, NOW + 8 * DAY):
        made = world(ill, (mail("m1", "Hello", ADA),))
        report: Report = tick(ledger, made, now)
        assert [trouble.text for trouble in report.troubles] == ["feed 1: no connection"]
        assert report.caught_up
        assert report.state is not None
        assert set(report.state.sources) == {"home"}
    assert ledger.sources()["reading"].problem == "unavailable"


def test_whoever_was_forgotten_stands_in_no_article(ledger: Ledger) -> None:
    """Neither in what was read before nor in what comes after: in a title, in what it is about, in an address."""
    named = (
        article("Ada Lovelace remembered"),
        replace(article("b"), about="a talk by Lovelace, Ada"),
        replace(article("c"), key="https://example.org/ada-lovelace%20remembered"),
    )
    made = world(page(*named, article("Pumps")), (mail("m1", "Hello", replace(ADA, name="Ada Lovelace")),))
    tick(ledger, made, NOW)
    memory = Memory(ledger, made.settings, made.vocabulary, NOW, made.sources)
    (ada,) = memory.facts.people
    assert len(kept(ledger)) == 4
    forget_person(ledger, made, memory, ada)
    assert list(kept(ledger)) == ["Pumps"]
    tick(ledger, made, NOW + DAY)
    assert list(kept(ledger)) == ["Pumps"]
