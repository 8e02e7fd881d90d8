"""Which article does a line of text name? An address of the web, and perhaps a title; nothing is asked for."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import unquote, urlsplit

from connectors._address import clean
from connectors._reach import Refused, target
from connectors.records import Article

LONGEST_LINK = 500
TITLE, ABOUT = 200, 200
"""Characters of a title, and of what else an article is found by."""
RAW = 4000
"""Characters of a text that are looked at before it is cleaned."""
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MARKDOWN = re.compile(r"\[([^\[\]]{0,300})\]\((https?://[^\s<>\"()]+)\)", re.IGNORECASE)
_EDGES = " \t-–—*•|:;,.<>()[]\"'"


def of_text(text: str, account: str, at: datetime | None = None) -> Article | None:
    """Return the article that the user saved in one line of ``text``: an address, and perhaps a title beside it."""
    line = text[:RAW]
    if marked := _MARKDOWN.search(line):
        title, link = marked[1], marked[2]
    elif found := _LINK.search(line):
        link = found[0].rstrip(".,;:!?'\"")
        if link.endswith(")") and "(" not in link:
            link = link.rstrip(")")
        title = f"{line[: found.start()].rstrip(_EDGES)} {line[found.end() :].lstrip(_EDGES)}"
    else:
        return None
    key = link_of(link)
    if key is None:
        return None
    return Article(
        key=key, account=account, title=clean(title, TITLE).strip(_EDGES), at=at, saved=True, about=_words_of(key)
    )


def link_of(text: str) -> str | None:
    """Return ``text`` as the address of an article, None if it cannot be one that a person may be shown."""
    link = text.strip()
    try:
        found = target(f"https{link[4:]}" if link[:5].lower() == "http:" else link)
    except Refused:
        return None
    url = found.url if link[:6].lower() == "https:" else f"http{found.url.removeprefix('https')}"
    fragment = urlsplit(link).fragment
    url = f"{url}#{fragment}" if fragment.isascii() and fragment.isalnum() else url
    return url if len(url) <= LONGEST_LINK else None


def _words_of(link: str) -> str:
    """Return the words in the last part of an address: often all that tells what it is about."""
    last = urlsplit(link).path.rstrip("/").rpartition("/")[2]
    return clean(re.sub(r"[-_+.]+", " ", unquote(last)), ABOUT)
