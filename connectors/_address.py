"""How is an address written once and for all? Folding and cleaning, the same for every connector."""

from __future__ import annotations

import re
import unicodedata

ADDRESS_LIMIT = 320
NAME_LIMIT = 200

_DROPPED = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]+@[^\s@<>()\[\],;:\\\"]+")
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def fold(address: str) -> str | None:
    """Return ``address`` as Kith knows it, or None if it is no address.

    Lower case throughout, the domain as A-labels (IDNA), no trailing dot. No NFKC and no folding of look-alikes: a
    different character is a different address (reliability C9, C10).
    """
    text = address.strip().removeprefix("mailto:").removeprefix("MAILTO:").strip()
    if len(text) > ADDRESS_LIMIT or not _ADDRESS.fullmatch(text):
        return None
    local, _, domain = text.rpartition("@")
    try:
        domain = _a_labels(domain.rstrip(".").lower())
    except UnicodeError:
        return None
    if not _DOMAIN.fullmatch(domain) or any(unicodedata.category(c) in _DROPPED for c in local):
        return None
    return f"{local.lower()}@{domain}"


def _a_labels(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna

    return idna.encode(domain).decode("ascii")


def clean(text: str, limit: int = NAME_LIMIT) -> str:
    """Return ``text`` as one line: controls, format and direction characters out, spaces folded, at most ``limit``.

    Joiners inside emoji and scripts that need them (ZWJ, ZWNJ) are kept (reliability C8, C12).
    """
    if text.isascii() and text.isprintable():
        return " ".join(text[: limit * 8].split())[:limit].rstrip()
    kept = (
        c
        if unicodedata.category(c) not in _DROPPED or c in "\u200c\u200d"
        else " "
        if c in "\t\r\n\v\f\u2028\u2029\x85"
        else ""
        for c in text[: limit * 8]
    )
    return " ".join("".join(kept).split())[:limit].rstrip()
