"""What stands in a calendar file, and how do reminders get into a calendar file of Kith's own?

Reading costs what changed: the file is split into events by bytes, only those with a new hash are parsed (with
icalendar), only recurring ones expanded (with recurring-ical-events), from their beginning to 60 days ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors import files
from connectors._blocks import Layout, lay_out
from connectors._reading import Reader, Reading, State
from connectors.records import BadData, Cursor, Draft, Pull, ReminderSink, Role, Sink, Source, Unavailable

FILE_LIMIT = 64 << 20
AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Ics:
    """A calendar file to read (``path``), a calendar file of Kith's own to write (``reminders``), or both."""

    path: Path | None = None
    role: Role = "work"
    reminders: Path | None = None

    def open_source(self, name: str, zone: str) -> Source | None:
        """Return the reader of ``path``."""
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
        if self.path is None and self.reminders is None:
            return (("path", "is missing (a calendar to read), or reminders (a calendar to write)"),)
        if self.path is not None and self.reminders is not None and _same(self.path, self.reminders):
            return (("reminders", "must be another file than path: Kith writes only into a calendar of its own"),)
        return ()


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
        before = State.load(cursor, self.zone)
        until = (now.astimezone(UTC) + AHEAD).date()
        if before is not None and before.until > until:
            until = before.until  # a look from an earlier day forgets nothing
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
