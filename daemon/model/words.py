"""Which words does Kith have for what it finds, writes and makes of it? Code words, each with one meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

TouchKind: TypeAlias = Literal[
    "one-to-one",
    "small-group",
    "gathering",
    "routine-meeting",
    "call",
    "wrote",
    "heard",
    "copied",
    "introduction",
    "forwarded",
    "note",
]
Circle: TypeAlias = Literal["colleague", "household", "service", "correspondent", "network"]
Stage: TypeAlias = Literal["met", "growing", "established", "dormant"]
Mark: TypeAlias = Literal["key", "target", "admired", "muted", "never"]
CardSource: TypeAlias = Literal["debrief", "typed", "vcard", "connections", "linkedin"]
"""What told a name: a debrief, the user in other ways, an address book, LinkedIn's list, LinkedIn's mail."""
EntryKind: TypeAlias = Literal[
    "follow-up",
    "reconnect",
    "roundup",
    "draft",
    "handshake",
    "notice",
    "sentinel",
    "brief",
    "debrief",
    "promise",
    "review",
    "review-draft",
    "letter",
    "introduction",
]
EntryState: TypeAlias = Literal[
    "waiting",
    "written",
    "edited",
    "moved",
    "dismissed",
    "done",
    "sent",
    "overtaken",
    "discarded",
    "withdrawn",
    "passed",
    "failed",
    "noted",
]
OPEN_STATES: frozenset[str] = frozenset({"waiting", "written", "edited", "moved"})
"""States of an entry that still stands, or is about to stand, where the user sees it."""
ANSWERED: Mapping[str, EntryState] = {
    "passed": "passed",
    "overtaken": "overtaken",
    "done": "done",
    "dismissed": "dismissed",
}
"""What an entry is once it was taken back, by why: all else is only withdrawn."""
UNDONE = "undone"
"""Why an entry leaves that the user takes back (``kith undo``): the matter rests, and nobody was refused."""
WEAK: frozenset[str] = frozenset({"gathering", "routine-meeting", "copied", "note"})
MEETINGS: frozenset[str] = frozenset({"one-to-one", "small-group", "call"})
"""Kinds that make a two-way day by themselves (PRACTICE 3, P8)."""
MARKS: frozenset[str] = frozenset({"key", "target", "admired", "muted", "never"})
NOTICES: frozenset[str] = frozenset({"handshake", "notice", "sentinel"})
"""Kinds of entry that are about Kith itself: of no person, outside the budget, written whatever else is held back."""
LOOKING_BACK: frozenset[str] = frozenset({"review", "review-draft", "letter"})
"""Kinds of entry that look back on a week or a year: of no person, outside the budget (PRACTICE 7)."""
PROPOSED: frozenset[str] = frozenset({"follow-up", "reconnect", "roundup"})
"""Kinds of reminder that Kith proposes by itself: those that count when it asks whether it asks too much."""
CIRCLES: frozenset[str] = frozenset({"colleague", "household", "service", "correspondent", "network"})
OUTSIDE: frozenset[str] = frozenset({"colleague", "household", "service"})
"""Circles that are no networking: nobody in them is followed up with, and the review leaves them out."""
