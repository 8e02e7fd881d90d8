"""Feeds and reading lists give titles and addresses, cleaned and bounded; nothing of theirs is executed or believed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _articles, _visits
from connectors._articles import NEWEST, of_feed
from connectors._links import link_of, of_text
from connectors.feed import ASKED, LIST_LINES, Feed, FeedSource
from connectors.records import Article, BadData, Pull
from tests.connectors.contracts import NOW
from tests.connectors.small_server import Small, drop, raw, small_server

DATA = Path(__file__).parents[1] / "data" / "feeds"
HOUR = timedelta(hours=1)
URL = "https://feed.example/feed.xml"


def rss(*titles: str) -> bytes:
    rows = "".join(f"<item><title>{t}</title><link>https://a.example/{t}</link></item>" for t in titles)
    return f'<rss version="2.0"><channel><title>x</title>{rows}</channel></rss>'.encode()


def shown(item: Article) -> Mapping[str, Any]:
    return {"key": item.key, "title": item.title, "at": item.at and item.at.isoformat(), "about": item.about}


@pytest.mark.parametrize("path", sorted(DATA.glob("*.[ra]*[sm]")), ids=lambda path: path.name)
def test_golden_pairs(path: Path) -> None:
    """Each feed of tests/data/feeds is read as the JSON beside it says."""
    found = of_feed(path.read_bytes(), URL, "text/xml", "reading", NOW)
    assert [shown(item) for item in found] == json.loads(path.with_suffix(".json").read_text())
    assert not any(item.saved for item in found)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BAD = {
    "nothing": b"",
    "a web page": b"<!DOCTYPE html><html><head><title>Log in</title></head><body><p>Log in</p></body></html>",
    "the name of a file": str(DATA / "plain.rss").encode(),
    "an address": b"https://127.0.0.1:1/feed.xml",
    "billions of laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><rss version="2.0"><channel><item>'
    f"<title>&l9;</title></item></channel></rss>".encode(),
    "a hundred thousand deep": b"<rss>" + b"<a>" * 100_000,
    "bytes": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_feed_gives_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, or read as far as it goes: no file is opened, no address asked, nothing expanded without end.

    feedparser takes minutes over what is nested deeply: it is ended.
    """
    monkeypatch.setattr(_articles, "LIMITS", replace(_articles.LIMITS, seconds=3.0))
    try:
        found = of_feed(BAD[name], URL, "", "reading", NOW)
    except BadData:
        return
    assert found == ()


def test_no_entity_reads_a_file(tmp_path: Path) -> None:
    """Neither a file nor an address of the outside is read for one (XXE)."""
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for uri in (secret.as_uri(), "https://127.0.0.1:1/x"):
        text = (
            f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "{uri}"><!ENTITY % p SYSTEM "{uri}"> %p;]>'
            f'<rss version="2.0"><channel><item><title>a &x; b</title><link>https://a.example/1</link></item></channel></rss>'
        )
        found = of_feed(text.encode(), URL, "text/xml", "reading", NOW)
        assert "secret" not in repr(found)


def test_only_the_newest_are_read() -> None:
    """Fifty, however many there are, and those that came out last."""
    rows = "".join(
        f"<item><title>n{n}</title><link>https://a.example/{n}</link>"
        f"<pubDate>{(NOW - n * HOUR).strftime('%a, %d %b %Y %H:%M:%S GMT')}</pubDate></item>"
        for n in reversed(range(200))
    )
    text = f'<rss version="2.0"><channel><title>x</title>{rows}</channel></rss>'.encode()
    found = of_feed(text, URL, "text/xml", "reading", NOW)
    assert [item.title for item in found] == [f"n{n}" for n in range(NEWEST)]


# -- the account -------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Small]:
    with small_server() as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "state"


def opened(home: Path, *urls: str, reading_list: Path | None = None) -> FeedSource:
    account = Feed(urls=urls, reading_list=reading_list, private_hosts=("127.0.0.1",)).kept_in(home)
    assert account.problems() == () or not (urls or reading_list)
    source = account.open_source("reading", "UTC")
    assert isinstance(source, FeedSource)
    return source


def settle(home: Path) -> None:
    """End a tick, and the process too."""
    Feed().kept_in(home).settle("reading")
    _visits._KEPT.clear()


def titles(page: Pull) -> list[str]:
    return [item.title for item in page.articles]


def test_a_feed_is_asked_once_an_hour_and_only_whether_it_changed(server: Small, home: Path) -> None:
    """Its validators go with the cursor: where that is lost, the articles are had again."""
    server.replies += [raw(rss("one"), ETag='"1"'), raw(b"", 304), raw(rss("one", "two"), ETag='"2"')]
    page = opened(home, server.url).pull(None, NOW)
    assert (titles(page), page.troubles, page.caught_up) == (["one"], (), True)
    seen = []
    for minutes in (15, 59, 60, 119, 120):
        settle(home)
        page = opened(home, server.url).pull(page.cursor, NOW + timedelta(minutes=minutes))
        seen.append((titles(page), len(server.seen)))
    assert seen == [([], 1), ([], 1), ([], 2), ([], 2), (["one", "two"], 3)]
    assert [item.headers.get("if-none-match") for item in server.seen] == [None, '"1"', '"1"']
    server.replies.append(raw(rss("one", "two"), ETag='"2"'))
    assert titles(opened(home, server.url).pull(None, NOW + 2 * HOUR)) == ["one", "two"]


def test_a_feed_that_is_ill_holds_up_no_other(server: Small, home: Path) -> None:
    """Told by its number, not its address; asked again when it is time, and well then."""
    server.replies += [drop, raw(b"<html>Log in</html>"), raw(rss("three"), ETag="3")]
    urls = [f"{server.url}/{n}" for n in range(3)]
    page = opened(home, *urls).pull(None, NOW)
    assert titles(page) == ["three"]
    assert [str(item).partition(":")[0] for item in page.troubles] == ["feed 1", "feed 2"]
    assert not any("127.0" in str(item) for item in page.troubles)
    settle(home)
    server.replies.append(raw(rss("one")))
    page = opened(home, *urls).pull(page.cursor, NOW + HOUR / 4)
    assert (titles(page), [str(item)[:6] for item in page.troubles]) == (["one"], ["feed 2"])
    server.replies += [raw(rss("two")), raw(b"", 304)]
    page = opened(home, *urls).pull(page.cursor, NOW + HOUR)
    assert page.troubles == ()


def test_many_feeds_have_their_turns(server: Small, home: Path) -> None:
    """A few in a tick, those that waited longest first: the last one on the list starves never."""
    server.replies += [raw(b"", 404)] * 100
    urls = [f"{server.url}/{n}" for n in range(9)]
    cursor = None
    for tick in range(6):
        cursor = opened(home, *urls).pull(cursor, NOW + tick * HOUR).cursor
    asked = [item.path for item in server.seen]
    assert len(asked) == 6 * ASKED
    assert {asked.count(f"/{n}") for n in range(9)} == {2, 3}


def test_a_reading_list_is_a_line_an_article(home: Path, tmp_path: Path) -> None:
    """With a title beside it or not; comments and other lines are passed over; a line taken out is gone."""
    path = tmp_path / "reading.txt"
    path.write_text(
        "\ufeff# mine\n\nhttps://a.example/reusable-packaging_2028\n"
        "https://b.example/x?y=1  New rules for packaging\n"
        "Older title - https://c.example/z.\n"
        "- [Marked down](https://d.example/q)\n"
        "nothing here\njavascript:alert(1) x\nhttps://ada:pw@e.example/ x\n# https://f.example/ off\n"
    )
    page = opened(home, reading_list=path).pull(None, NOW)
    found = {item.key: (item.title, item.about, item.saved, item.at) for item in page.articles}
    assert found == {
        "https://a.example/reusable-packaging_2028": ("", "reusable packaging 2028", True, None),
        "https://b.example/x?y=1": ("New rules for packaging", "x", True, None),
        "https://c.example/z": ("Older title", "z", True, None),
        "https://d.example/q": ("Marked down", "q", True, None),
    }
    again = opened(home, reading_list=path).pull(page.cursor, NOW)
    assert (again.articles, again.gone) == ((), ())
    path.write_text("https://b.example/x?y=1 New rules for packaging, again\n")
    page = opened(home, reading_list=path).pull(page.cursor, NOW)
    assert titles(page) == ["New rules for packaging, again"]
    assert set(page.gone) == found.keys() - {"https://b.example/x?y=1"}
    assert set(opened(home).pull(page.cursor, NOW).gone) == {"https://b.example/x?y=1"}


def test_a_reading_list_is_bounded_and_its_absence_is_no_removal(home: Path, tmp_path: Path) -> None:
    """What stands last was added last. A file that is gone for a while takes nothing back."""
    path = tmp_path / "reading.txt"
    path.write_text("".join(f"https://a.example/{n}\n" for n in range(LIST_LINES + 10)))
    page = opened(home, reading_list=path).pull(None, NOW)
    assert len(page.articles) == LIST_LINES
    assert page.articles[-1].key == f"https://a.example/{LIST_LINES + 9}"
    path.write_bytes(b"x" * ((1 << 20) + 1))
    for _ in range(2):
        other = opened(home, reading_list=path).pull(page.cursor, NOW)
        assert (other.articles, other.gone, len(other.troubles)) == ((), (), 1)
        path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("account", "key"),
    [
        (Feed(), "urls"),
        (Feed(urls=("http://a.example/",)), "urls"),
        (Feed(urls=("https://ada:pw@a.example/",)), "urls"),
        (Feed(urls=tuple(f"https://a.example/{n}" for n in range(21))), "urls"),
        (Feed(urls=("https://a.example/",), private_hosts=("a b",)), "private_hosts"),
    ],
)
def test_what_is_wrong_with_the_values_is_told(account: Feed, key: str) -> None:
    """Without repeating an address."""
    found = dict(account.problems())
    assert list(found) == [key]
    assert "a.example" not in found[key]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_line_is_an_article_or_none(before: str, after: str) -> None:
    """Whatever stands around an address, its parts are clean and bounded, and read again they are the same."""
    for line in (before, f"{before} https://a.example/{after}", f"https://{after} {before}"):
        found = of_text(line, "reading", datetime(2026, 1, 1, tzinfo=NOW.tzinfo))
        if found is not None:
            assert link_of(found.key) == found.key
            assert found.key.isascii()
            assert found.key.isprintable()
            assert " " not in found.key
            assert "\n" not in found.title
            assert len(found.title) <= 200
