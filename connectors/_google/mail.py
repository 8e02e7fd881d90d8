"""Which mail did the user send (and, where switched on, receive) at Gmail? Headers only, under ``gmail.metadata``.

Sent mail is scanned newest first, then the history tells what came: ``mail_place`` says how the place is kept.
A pull reads one page of headers at most, as far as the pace allows; when there is nothing new it is one request.
"""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from connectors._google.errors import Invalid, NotThere
from connectors._google.mail_letters import FIELDS, HEADERS, Shown, read_shown, record
from connectors._google.mail_pages import Pages
from connectors._google.mail_place import FIRST_PAGE, Owner, Place, packed, unpacked
from connectors._google.meter import Meter
from connectors.records import BadData, ConnectorError, Cursor, Message, NeedsLogin, Pull, Skipped, Unavailable

if TYPE_CHECKING:
    from connectors._google.wire import Wire, Wires
    from connectors.google import Google

PAGES = 10
"""Pages without anything to read that are turned in one pull."""
ENOUGH = 10
"""Headers for which a slow pace is waited in one pull; where the pace allows more, a whole page is read."""
ENOUGH_PAST = timedelta(days=730)
"""How much of the past must be in before anything is decided (RULINGS C17)."""
ANY = "any"
"""Stands for the id of a mail in the request that all are made of."""
REMEMBERED, LATELY = 100_000, 2_000
"""Message-IDs of which a process remembers whose they are, while it reads the past and afterwards."""
NOT_RECEIVED = frozenset({"SPAM", "TRASH", "CHAT"})

_BEARERS: WeakKeyDictionary[Meter, dict[str, str]] = WeakKeyDictionary()
"""Which mail bears each Message-ID, as far as this process read, for ``key_of``."""


@dataclass(slots=True)
class Haul:
    """What one pull brings in, and the place it has come to."""

    place: Place
    now: datetime
    items: list[Message] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    trouble: ConnectorError | None = None
    put_off: bool = False
    """A mail was refused in this pull while others could be had."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was learned that is worth keeping beside a trouble."""
        return not (self.items or self.skipped or self.put_off)


@dataclass(frozen=True, kw_only=True)
class MailSource:
    """Reads the mail of one Google account."""

    name: str
    zone: str
    account: Google
    wires: Wires

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return the next mails, at most one page of them. Raises Unavailable, NeedsLogin or BadData."""
        known = Owner.of(cursor)
        owner, history = self._owner(known)
        if cursor is not None and known.is_another(owner):
            return Pull(cursor=cursor, caught_up=False, foreign=True)
        haul = Haul(unpacked(cursor) or Place(history=history or self._pages.history_id()), now)
        resumed = haul.place.begun
        if haul.place.is_current(now - ENOUGH_PAST):
            self._read_newest(haul)
        self._list(haul)
        self._read(haul)
        if haul.trouble is not None and haul.is_empty:
            raise haul.trouble
        with suppress(NeedsLogin):  # who reads next hears of that
            owner, _ = self._owner(read := owner)  # a login that was replaced meanwhile has answered, too
            if read.is_another(owner):
                return Pull(cursor=cursor or {}, caught_up=False, foreign=True)
        place = haul.place
        caught_up = place.is_done and not place.scanning and not resumed  # one that was begun long ago knows no more
        if place.is_done:
            place = place.scanned() if place.scanning else place.walked()
        if caught_up and len(self._bearers) > LATELY:
            self._bearers.clear()
        return Pull(
            cursor=packed(place, owner),
            items=tuple(haul.items),
            skipped=tuple(haul.skipped),
            caught_up=caught_up,
            current=place.is_current(now - ENOUGH_PAST),
            troubles=(haul.trouble,) if haul.trouble else (),
            known_only=True,
            worth_saving=owner != known,
            hints_only=not self.account.received,
        )

    def _owner(self, known: Owner) -> tuple[Owner, str]:
        """Return whose mailbox this is, and the historyId of now if it was asked for: by a login not seen before."""
        login = self._wire.grant.token().mark()
        if login == known.login:
            return known, ""
        history, box = self._pages.profile()
        return Owner(login=login, box=box or known.box), history

    # -- what is there -------------------------------------------------------------------------------------------------

    def _list(self, haul: Haul) -> None:
        """Turn pages until there is one with something to read, or the last."""
        for _ in range(PAGES):
            place = haul.place
            if place.todo or place.is_done:
                return
            try:
                haul.place = self._turned(place)
            except (NotThere, Invalid):
                if place.scanning and not place.token:
                    raise
                haul.place = place.token_died() if place.token else self._begun_anew(place)

    def _turned(self, place: Place) -> Place:
        if place.scanning:
            page = self._pages.of_sent(place.token, place.size)
            return place.listed(page.names, page.token)
        page = self._pages.of_history(place.history, place.token)
        return place.told(page.names, page.token, page.history)

    def _begun_anew(self, place: Place) -> Place:
        """Return where to go on when Google has forgotten the historyId. Raises Unavailable if it knows none at all."""
        known = self._pages.history_id()
        try:
            self._pages.of_history(known, "")
        except (NotThere, Invalid):
            raise Unavailable("Gmail does not know its own history") from None
        return place.forgotten(known)

    # -- what it says --------------------------------------------------------------------------------------------------

    def _read_newest(self, haul: Haul) -> None:
        """Read what was sent since a long scan began: whoever decides before its end must know of that."""
        place = haul.place
        try:
            page = self._pages.of_history(place.history, "")
        except (NotThere, Invalid):
            return  # the end of the scan will see to that
        new = tuple(name for name in page.names if name not in place.head)
        if page.token or (new and len(new) > min(self._wire.allowance(), FIRST_PAGE)):
            return
        well = all(self._read_one(haul, name) for name in new) and not haul.put_off
        haul.place = replace(place, history=page.history, newest=haul.place.newest) if well else place

    def _read(self, haul: Haul) -> None:
        """Read headers as far as the pace allows, one page of them at most."""
        done = 0
        while haul.trouble is None and haul.place.todo and done < ENOUGH:
            allowed = min(self._wire.allowance(), FIRST_PAGE)
            for name in haul.place.todo[:allowed]:
                if not self._read_one(haul, name):
                    return
                done += 1
            if not allowed:
                return

    def _read_one(self, haul: Haul, name: str) -> bool:
        """Read one mail; tell whether others may follow."""
        try:
            self._take(haul, name, read_shown(self._wire.read(self._asking_for(name))))
        except NotThere:
            haul.place = haul.place.dealt_with(name, None)
        except Invalid:
            self._skip(haul, name, "Gmail can make nothing of its id")
        except (Unavailable, NeedsLogin, BadData) as error:
            haul.trouble = self._put_off(haul, name, error)
        return haul.trouble is None

    def _take(self, haul: Haul, name: str, shown: Shown) -> None:
        labels, only_sent = shown.labels, haul.place.scanning or not self.account.listens
        sent = "SENT" in labels or (only_sent and not labels)
        received = not (only_sent or labels & NOT_RECEIVED)
        if "DRAFT" in labels or not (sent or received):
            haul.place = haul.place.dealt_with(name, None)
            return
        at = shown.at if sent else None
        message = record(shown, self.name, self._bearers, haul.now, sent=sent)
        if message is None:
            self._skip(haul, name, "has no headers that can be read", at)
            return
        haul.items.append(message)
        haul.place = haul.place.dealt_with(name, at)

    def _skip(self, haul: Haul, name: str, why: str, at: int | None = None) -> None:
        haul.skipped.append(Skipped(where=f"mail {name}", why=why))
        haul.place = haul.place.dealt_with(name, at)

    def _put_off(self, haul: Haul, name: str, error: ConnectorError) -> ConnectorError | None:
        """Put the mail off if others can be had, and skip it when it failed in three pulls; else return the trouble."""
        if haul.put_off or isinstance(error, NeedsLogin) or not self._others_come(haul.place):
            return error
        haul.put_off, haul.place = True, haul.place.refused(name)
        if haul.place.is_hopeless(name):
            self._skip(haul, name, "Gmail gives no answer for it")
        return None

    def _others_come(self, place: Place) -> bool:
        """Tell whether a mail that was read before can be had now."""
        before = next(iter((*place.anchor, *place.top)), None)
        if before is None:
            return False
        try:
            self._wire.read(self._messages.get(userId="me", id=before, format="minimal", fields="id"))
        except NotThere:
            return True
        except (Unavailable, NeedsLogin, BadData):
            return False
        return True

    @property
    def _wire(self) -> Wire:
        return self.wires.mail

    def _asking_for(self, name: str) -> Any:
        """Return the request for the headers of ``name``. Only its path differs: to build each takes a third longer."""
        request = copy(self._any)
        request.uri = request.uri.replace(f"/{ANY}?", f"/{name}?")
        return request

    @cached_property
    def _any(self) -> Any:
        return self._messages.get(userId="me", id=ANY, format="metadata", metadataHeaders=HEADERS, fields=FIELDS)

    @property
    def _pages(self) -> Pages:
        return Pages(self._wire, self.account.listens)

    @property
    def _messages(self) -> Any:
        return self._wire.resource("users.messages")

    @property
    def _bearers(self) -> dict[str, str]:
        found = _BEARERS.setdefault(self.wires.meter, {})
        if len(found) > REMEMBERED:
            found.clear()
        return found
