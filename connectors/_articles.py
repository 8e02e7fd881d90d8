"""Which articles does a feed or a reading list name? Titles and addresses, cleaned; nothing is followed.

``parse`` runs in a child (``connectors._child``): a feed is hostile, and feedparser builds it whole before it can be
measured. What comes back is cleaned again here: nothing of it is believed but that it is text.
"""

from __future__ import annotations

import json
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from connectors._address import clean
from connectors._child import Limits, read_in_child
from connectors._links import ABOUT, RAW, TITLE, link_of, of_text
from connectors._text import plain
from connectors.records import Article, BadData

NEWEST = 50
"""Articles of a feed that are read: the newest."""
LOOKED_AT = 500
"""Entries of a feed that are looked at at all."""
OLDEST = timedelta(days=90)
"""How long an article of a feed is of use."""
LIMITS = Limits(seconds=8.0, memory=256 << 20, answer=1 << 20)


def of_feed(body: bytes, url: str, kind: str, account: str, now: datetime) -> tuple[Article, ...]:
    """Return the newest articles of the feed ``body``, which came from ``url`` with the Content-Type ``kind``.

    Those that came out in the future came out ``now``. Raises BadData if it is no feed or goes beyond its bounds.
    """
    said = json.dumps({"url": url, "kind": kind[:200]}).encode()
    rows = read_in_child("connectors._articles:parse", said + b"\n" + body, LIMITS)
    found = {item.key: item for row in reversed(_rows(rows)) if (item := _article(row, account, now)) is not None}
    return tuple(item for item in reversed(found.values()) if item.at is None or now - item.at <= OLDEST)


def parse(data: bytes) -> list[dict[str, Any]]:
    """Return link, title, time and what it is about of the newest entries of a feed: in the child."""
    import feedparser

    said, _, body = data.partition(b"\n")
    about = json.loads(said)
    headers = {"content-location": about["url"], "content-type": about["kind"]}
    # a stream: bytes that spell a file's name or an address would be opened
    found = feedparser.parse(BytesIO(body), response_headers=headers)
    if not found.get("version") and not found.entries:
        raise ValueError("no feed")
    rows = [_row(entry) for entry in found.entries[:LOOKED_AT]]
    return sorted(rows, key=lambda row: row["at"] or "9999", reverse=True)[:NEWEST]


def _row(entry: Any) -> dict[str, Any]:
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    tags = " ".join(str(tag.get("term") or "") for tag in entry.get("tags", ())[:10])
    return {
        "link": str(entry.get("link") or "")[:RAW],
        "title": str(entry.get("title") or "")[:RAW],
        "at": None if when is None else datetime.fromtimestamp(timegm(when), UTC).isoformat(),
        "about": f"{tags} {str(entry.get('summary') or '')[:RAW]}",
    }


def of_list(data: bytes, account: str, most: int) -> Iterator[Article]:
    """Yield what a reading list holds, one address a line; lines without one, and notes behind a #, are passed over."""
    for line in data.decode("utf-8", "replace").splitlines()[: most * 4]:
        if not line.lstrip().startswith("#") and (found := of_text(line, account)) is not None:
            yield found


def _rows(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or len(found) > NEWEST or not all(isinstance(row, dict) for row in found):
        raise BadData("is no feed")
    return found


def _article(row: dict[str, Any], account: str, now: datetime) -> Article | None:
    link, title, about = (str(row.get(name) or "") for name in ("link", "title", "about"))
    key = link_of(link)
    if key is None:
        return None
    try:
        at = datetime.fromisoformat(row["at"]) if row.get("at") else None
    except (TypeError, ValueError):
        at = None
    return Article(
        key=key,
        account=account,
        title=clean(plain(title), TITLE),
        at=None if at is None or at.tzinfo is None else min(at, now),
        about=clean(plain(about), ABOUT),
    )
