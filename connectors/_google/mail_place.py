"""How far was Gmail read? The place that a cursor holds, in bounded space.

Sent mail is *scanned* once, newest first, in pages of ids; after that the *history* tells what came, from the historyId
that stood before the scan began. When Google has forgotten that id, another scan goes down to known ground: what
``top`` holds (the newest ids at the end of the last scan, and those that came since) and every mail whose own time lies
more than 36 hours before the newest one known. Page tokens may die: ``anchor`` holds the ids dealt with last, by which
the place is found again without reading anything twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from connectors.records import Cursor

VERSION = 1
TOP = 100
ANCHOR = 20
MARGIN = 36 * 3600 * 1000
"""Milliseconds by which the times of two mails may stand in the wrong order."""
FIRST_PAGE, LATER_PAGE = 100, 40
"""Ids of a page: of the first scan, and of one down to known ground (``TOP`` always covers a whole one of those)."""
FAILURES = 3
"""So often a mail may be refused while others come; then it is skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a mailbox was read. Ids of mails are Gmail's own, times are milliseconds."""

    history: str
    """The historyId after which the history is to be read."""
    scanning: bool = True
    token: str = ""
    """Names the next page; "" before the first one and after the last one."""
    begun: bool = False
    """A page of this scan, or of this walk through the history, was listed."""
    todo: tuple[str, ...] = ()
    """What is listed and not read yet."""
    after: str = ""
    """The historyId to go on from when this walk is done: that of its first page, a lower bound."""
    fresh: bool = False
    """The present page of a scan has a mail that was not known."""
    seeking: bool = False
    """The page token died: pages are passed over until one of ``anchor`` turns up."""
    anchor: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    """The newest ids of this scan."""
    top: tuple[str, ...] = ()
    newest: int = 0
    """The time of the newest mail read."""
    known_to: int = 0
    """Every mail of before this time was read."""
    reached: int = 0
    """The time of the oldest mail that this scan read, 0 before the first."""
    sick: Mapping[str, int] = field(default_factory=dict)
    """How often a mail could not be had while others could."""

    @property
    def size(self) -> int:
        """How many ids a page has: the same for a whole scan, for a page token holds for one size only."""
        return LATER_PAGE if self.known_to else FIRST_PAGE

    @property
    def is_done(self) -> bool:
        """Whether nothing is left of this scan or walk: its last page was read, or a page was known ground."""
        ground = self.scanning and self.begun and self.known_to > 0 and not (self.fresh or self.seeking)
        return not self.todo and self.begun and (not self.token or ground)

    def is_current(self, since: datetime) -> bool:
        """Tell whether the first scan has come down to ``since``, and goes on."""
        first = self.scanning and not self.known_to
        return first and 0 < self.reached < since.timestamp() * 1000

    def listed(self, names: Sequence[str], token: str) -> Place:
        """Return the place with a page of a scan listed."""
        met = next((number for number, name in enumerate(names) if name in self.anchor), None)
        ahead = names if not self.seeking else () if met is None else names[met:]
        head = self.head if self.seeking else tuple(dict.fromkeys((*self.head, *names)))[:TOP]
        if self.seeking and met is None and not token:  # nothing of the anchor is there any more
            return replace(self, token="", begun=False, seeking=False, anchor=())
        return replace(
            self,
            token=token,
            begun=True,
            todo=tuple(name for name in ahead if name not in self.anchor and name not in self.top),
            fresh=self.seeking,  # what stood above the anchor may have been new
            seeking=self.seeking and met is None,
            head=head,
        )

    def told(self, names: Sequence[str], token: str, after: str) -> Place:
        """Return the place with a page of the history listed; ``after`` is the historyId that it bears."""
        new = (name for name in dict.fromkeys(names) if name not in self.top)
        return replace(self, token=token, begun=True, todo=tuple(new), after=self.after or after)

    def token_died(self) -> Place:
        """Return the place to go on from when Google does not know the page token any more."""
        if not self.scanning:
            return replace(self, token="", begun=False, after="")
        return replace(self, token="", begun=False, seeking=bool(self.anchor))

    def dealt_with(self, name: str, at: int | None) -> Place:
        """Return the place with ``name`` read; ``at`` is None where it was not there, or is no sent mail."""
        grown = () if self.scanning or at is None else (name,)
        return replace(
            self,
            todo=tuple(other for other in self.todo if other != name),
            anchor=(*self.anchor, name)[-ANCHOR:] if self.scanning else (),
            top=(*grown, *self.top)[:TOP],
            newest=max(self.newest, at or 0),
            reached=min(self.reached or at, at) if at and self.scanning else self.reached,
            fresh=self.fresh or (at is not None and at > self.known_to),
            sick={other: count for other, count in self.sick.items() if other != name},
        )

    def refused(self, name: str) -> Place:
        """Return the place with ``name`` put off to the end of the page: others could be had, it could not."""
        todo = (*(other for other in self.todo if other != name), name)
        return replace(self, todo=todo, sick={**self.sick, name: self.sick.get(name, 0) + 1})

    def is_hopeless(self, name: str) -> bool:
        """Tell whether ``name`` was refused too often to be asked for again."""
        return self.sick.get(name, 0) >= FAILURES

    def scanned(self) -> Place:
        """Return the place after a scan: what stood on top is known."""
        top = tuple(dict.fromkeys((*self.head, *self.top)))[:TOP]
        return Place(
            history=self.history,
            scanning=False,
            top=top,
            newest=self.newest,
            known_to=self._known_to(),
        )

    def walked(self) -> Place:
        """Return the place after a walk through the history to its end."""
        return replace(self, history=self.after, after="", begun=False, known_to=self._known_to(), sick={})

    def _known_to(self) -> int:
        return max(self.newest - MARGIN, 1)

    def forgotten(self, history: str) -> Place:
        """Return the place from which a scan goes down to known ground; ``history`` is the historyId of now."""
        return Place(history=history, top=self.top, newest=self.newest, known_to=self._known_to())


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose mailbox is read: ``box`` was seen through the login ``login``, digests both; "" for not known."""

    login: str = ""
    box: str = ""

    @classmethod
    def of(cls, cursor: Cursor | None) -> Owner:
        """Return what ``cursor`` says of it."""
        return cls() if cursor is None else cls(login=str(cursor.get("login", "")), box=str(cursor.get("box", "")))

    def is_another(self, other: Owner) -> bool:
        """Tell whether ``other`` is known to be of another mailbox."""
        return bool(self.box and other.box) and self.box != other.box


# -- the cursor --------------------------------------------------------------------------------------------------------

_IDS = frozenset({"todo", "anchor", "head", "top"})


def packed(place: Place, owner: Owner) -> Cursor:
    """Return ``place`` as a cursor: JSON values, what is as it is by default left out, ids in one line."""
    found: dict[str, Any] = {"v": VERSION, "login": owner.login, "box": owner.box}
    bare = Place(history="")
    for name in (item.name for item in fields(Place)):
        value = getattr(place, name)
        if value != getattr(bare, name):
            found[name] = " ".join(value) if name in _IDS else dict(value) if name == "sick" else value
    return found


def unpacked(cursor: Cursor | None) -> Place | None:
    """Return the place in ``cursor``, None if it is none of ours or of another version."""
    if cursor is None or cursor.get("v") != VERSION:
        return None
    values: dict[str, Any] = {item.name: cursor[item.name] for item in fields(Place) if item.name in cursor}
    values |= {name: tuple(values[name].split()) for name in _IDS & values.keys()}
    return Place(**values)
