"""The outside world, normalised; knows nothing of people or relationships."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from connectors.records import Account

KINDS: Mapping[str, str] = {
    "google": "connectors.google:Google",
    "ics": "connectors.ics:Ics",
    "mbox": "connectors.mbox:Mbox",
    "maildir": "connectors.maildir:Maildir",
    "feed": "connectors.feed:Feed",
}
"""Kind of account -> where its class is; imported when first asked for."""

LATER = frozenset({"caldav", "imap"})
"""Kinds the design names that this version cannot do yet."""


def account_class(kind: str) -> type[Account] | None:
    """Return the class of accounts of ``kind``, None if there is no such kind (see ``LATER``)."""
    place = KINDS.get(kind)
    if place is None:
        return None
    module, _, name = place.partition(":")
    return cast("type[Account]", getattr(import_module(module), name))
