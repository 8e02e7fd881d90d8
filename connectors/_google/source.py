"""How do the halves of a Google account become one source? Calendar and mail, side by side, each under its own grant.

A grant that Google took back stops its half only; a rung that was never climbed is a note, as long as another one was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors._google.grants import Grant, GrantName
from connectors._google.wire import wires_of
from connectors.records import (
    BadData,
    ConnectorError,
    Cursor,
    Draft,
    NeedsLogin,
    Pull,
    ReminderSink,
    Sink,
    Source,
    Unavailable,
)

if TYPE_CHECKING:
    from connectors.google import Google

VERSION = 1
_UNREAD: Mapping[GrantName, str] = {"calendar": "calendars are", "mail": "sent mail is"}


@dataclass(frozen=True, kw_only=True)
class GoogleSource:
    """Reads calendars and mail, one page of each a pull."""

    name: str
    zone: str
    account: Google

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return what is new in both halves.

        Raises NeedsLogin if nobody ever logged in, and what a half raises when there is no other half to go on.
        """
        parts, notes = self._parts()
        places: dict[str, Any] = dict(cursor.get("parts", {})) if cursor and cursor.get("v") == VERSION else {}
        opened: list[GrantName] = list(cursor.get("open", ())) if cursor else []
        pulls: dict[str, Pull] = {}
        troubles: list[ConnectorError] = []
        for part, source in parts.items():
            try:
                pulls[part] = source.pull(places.get(part), now)
            except (Unavailable, NeedsLogin, BadData) as error:
                troubles.append(error)
        if not pulls:
            raise troubles[0]
        if any(page.foreign for page in pulls.values()):
            return Pull(cursor=cursor or {}, caught_up=False, foreign=True)
        half = [part for part in parts if part not in pulls and (part not in places or part in opened)]
        opened = [part for part in parts if part in half or (part in pulls and not pulls[part].caught_up)]
        places |= {part: dict(page.cursor) for part, page in pulls.items()}
        place: dict[str, Any] = {"v": VERSION, "parts": places, **({"open": opened} if opened else {})}
        page = _together(tuple(pulls.values()), place, tuple(notes), tuple(troubles))
        return replace(page, half_read=bool(half))

    def _parts(self) -> tuple[dict[GrantName, Source], list[str]]:
        state = self.account.where()
        wanted = [part for part in ("calendar", "mail") if part in self.account.wanted(frozenset())]
        grants = [Grant(state, self.name, part) for part in _UNREAD if part in wanted]
        climbed = [grant.name for grant in grants if grant.was_given()]
        if not climbed:
            raise NeedsLogin("Kith is not logged in to Google", grants[0].remedy)
        notes = [
            f"{_UNREAD[grant.name]} not read: kith login {self.name} --only {grant.name}"
            for grant in grants
            if grant.name not in climbed
        ]
        return {part: source for part, source in self._sources() if part in climbed}, notes

    def _sources(self) -> Iterator[tuple[GrantName, Source]]:
        wires = wires_of(self.account, self.name, self.zone)
        if self.account.calendars:
            from connectors._google.calendar import CalendarSource

            yield "calendar", CalendarSource(name=self.name, zone=self.zone, account=self.account, wires=wires)
        if self.account.mail:
            from connectors._google.mail import MailSource

            yield "mail", MailSource(name=self.name, zone=self.zone, account=self.account, wires=wires)


def _together(pulls: tuple[Pull, ...], cursor: Cursor, notes: tuple[str, ...], troubles: tuple[Any, ...]) -> Pull:
    counts = [page.listed for page in pulls if page.listed is not None]  # mail cannot say; nothing of it disappears
    return Pull(
        cursor=cursor,
        items=tuple(item for page in pulls for item in page.items),
        gone=tuple(item for page in pulls for item in page.gone),
        complete=tuple(item for page in pulls for item in page.complete),
        skipped=tuple(item for page in pulls for item in page.skipped),
        caught_up=all(page.caught_up for page in pulls),
        current=all(page.caught_up or page.current for page in pulls),
        listed=sum(counts) if counts and not troubles else None,
        notes=(*(note for page in pulls for note in page.notes), *notes),
        troubles=(*(trouble for page in pulls for trouble in page.troubles), *troubles),
        known_only=any(page.known_only for page in pulls),
        worth_saving=any(page.worth_saving for page in pulls),
        hints_only=any(page.hints_only for page in pulls),
    )


def reminders(account: Google, name: str, zone: str) -> ReminderSink:
    """Return the writer of reminders."""
    wires = wires_of(account, name, zone)
    if account.written_as == "tasks":
        from connectors._google.calendar_tasks import TaskReminders

        return TaskReminders(name=name, zone=zone, account=account, wires=wires)
    from connectors._google.calendar_reminders import CalendarReminders

    return CalendarReminders(name=name, zone=zone, account=account, wires=wires)


def drafts(account: Google, name: str, zone: str) -> Sink[Draft]:
    """Return the writer of drafts."""
    from connectors._google.mail_drafts import MailDrafts

    return MailDrafts(name=name, zone=zone, account=account, wires=wires_of(account, name, zone))
