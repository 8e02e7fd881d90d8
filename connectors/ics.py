"""What stands in a calendar, and how do reminders get into a calendar file of Kith's own?

Reading costs what changed: the file is split into events by bytes, only those with a new hash are parsed (with
icalendar), only recurring ones expanded (with recurring-ical-events), from their beginning to 60 days ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from connectors import files
from connectors._blocks import Layout, lay_out
from connectors._reach import address_problems, is_on_this_machine
from connectors._reading import Reader, Reading, horizon
from connectors.records import BadData, Cursor, Draft, Pull, ReminderSink, Role, Sink, Source, Standing, Unavailable

FILE_LIMIT = 64 << 20


@dataclass(frozen=True)
class Ics:
    """A calendar to read, in a file (``path``) or at an address (``url``); one to write (``reminders``); or both.

    ``private_hosts`` are those at home that the address may lead to. ``state`` keeps a copy: ``kept_in`` says where.
    """

    path: Path | None = None
    url: str | None = None
    private_hosts: tuple[str, ...] = ()
    role: Role = "work"
    reminders: Path | None = None
    state: Path | None = field(default=None, init=False, compare=False)

    def open_source(self, name: str, zone: str) -> Source | None:
        """Return the reader of ``path`` or ``url``."""
        if self.url is not None and self.state is not None:
            from connectors._fetch import guard_for
            from connectors._ics_web import WebIcsSource

            return WebIcsSource(name, self.url, self.role, zone, guard_for(self.private_hosts), self.state)
        return None if self.path is None else IcsSource(name, self.path, self.role, zone)

    def open_reminders(self, name: str, zone: str) -> ReminderSink | None:  # noqa: ARG002 - a file has one calendar
        """Return the writer of ``reminders``."""
        from connectors._reminders import IcsReminders

        return None if self.reminders is None else IcsReminders(self.reminders, zone)

    def open_drafts(self, name: str, zone: str) -> Sink[Draft] | None:  # noqa: ARG002 - calendars hold no mail
        """Return None: a calendar file holds no drafts."""
        return None

    def problems(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong with the values together."""
        found = address_problems(self.url, self.private_hosts)
        if self.path is None and self.url is None and self.reminders is None:
            found.append(("path", "is missing (a calendar to read; or url), or reminders (a calendar to write)"))
        if self.path is not None and self.url is not None:
            found.append(("url", "cannot stand beside path: one account is one calendar"))
        if self.path is not None and self.reminders is not None and _same(self.path, self.reminders):
            found.append(("reminders", "must be another file than path: Kith writes only into a calendar of its own"))
        return tuple(found)

    def kept_in(self, state: Path) -> Ics:
        """Return this account, keeping a copy of what the address says below the folder ``state``."""
        account = replace(self)
        object.__setattr__(account, "state", state)
        return account

    def is_local(self) -> bool:
        """Tell whether the calendar that is read lies on this machine."""
        return self.url is None or is_on_this_machine(self.url)

    def settle(self, name: str) -> None:
        """Write down, once a tick, what the address said."""
        if self.url is not None and self.state is not None:
            from connectors._ics_web import settle

            settle(self.state, name)

    def standing(self, name: str, zone: str, writes: frozenset[str], now: datetime) -> Standing:  # noqa: ARG002 - no login
        """Return nothing: there is no login, and nothing is counted."""
        return Standing()


def _same(one: Path, other: Path) -> bool:
    return one == other or one.resolve() == other.resolve()


@dataclass(frozen=True)
class IcsSource:
    """Reads one calendar file. ``zone`` is the user's, for floating times."""

    name: str
    path: Path
    role: Role
    zone: str

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return the occurrences of every event that changed, up to 60 days after ``now``.

        A file that did not change since a pull of the same day is not read. A changed UID comes with all its
        occurrences and a Listing; one that is no longer there with the Listing alone. Raises Unavailable if the file
        cannot be read, BadData if it is no calendar, half-written or larger than 64 MiB.
        """
        before, until = horizon(cursor, self.zone, now)
        found = self._stamp()
        if cursor is not None and before is not None and before.file == found and before.until == until:
            return Pull(cursor=cursor, listed=before.listed, notes=before.notes)
        layout = self._read(found)
        return Reading(Reader(self.name, self.role, self.zone), layout, before, until).pull(found)

    def _stamp(self) -> files.Stamp:
        try:
            return files.stamp(self.path)
        except OSError as error:
            raise Unavailable(f"the calendar file cannot be read: {error.strerror}") from error

    def _read(self, found: files.Stamp) -> Layout:
        try:
            data = files.read_bounded(self.path, FILE_LIMIT)
        except files.TooLarge as error:
            raise BadData(f"the calendar file is {error}") from error
        except OSError as error:
            raise Unavailable(f"the calendar file cannot be read: {error.strerror or 'not a file'}") from error
        if self._stamp() != found:
            raise Unavailable("the calendar file was being written")
        return lay_out(data)
