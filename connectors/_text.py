"""Is this still the text we wrote? Compared as a reader sees it, whatever a program did to its form (ruling C40)."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,2000}>")
_DROPPED = {"Cc", "Cf", "Cs"}


def plain(text: str) -> str:
    """Return ``text`` without tags, entities decoded, lines kept."""
    bare = _TAG.sub("", _BREAK.sub("\n", text))
    if "&" in bare:
        from html import unescape

        bare = unescape(bare)
    return bare.replace("\r\n", "\n")


def digest(*texts: str) -> str:
    """Return a short hash of ``texts`` with tags stripped, entities decoded and spaces folded."""
    folded = (" ".join(unicodedata.normalize("NFC", plain(text)).split()) for text in texts)
    return blake2b("\0".join(folded).encode("utf-8", "replace"), digest_size=12).hexdigest()


def name_of(key: str) -> str:
    """Return the name under which ``key`` is written where others may read it: a hash (ruling U16)."""
    return blake2b(key.encode("utf-8", "replace"), digest_size=15, person=b"kith key").hexdigest()


def paragraphs(text: str) -> str:
    """Return ``text`` with its line ends as LF and without controls, format and direction characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or c in "\u200c\u200d" or unicodedata.category(c) not in _DROPPED)
