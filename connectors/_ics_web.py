"""What stands in a calendar that an address gives out? Read as a file is, out of the last good copy of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from connectors._blocks import lay_out
from connectors._copy import Copy, copy
from connectors._fetch import Bounds, Guard
from connectors._reading import Reader, Reading, horizon
from connectors._visits import visits
from connectors.records import BadData, ConnectorError, Cursor, Pull, Role, Unavailable

BOUNDS = Bounds(size=10 << 20, seconds=30.0)
"""A calendar of ten megabytes takes a quarter of a minute to read (reliability N5)."""


@dataclass(frozen=True)
class WebIcsSource:
    """Reads the calendar at one address. ``zone`` is the user's, for floating times; ``state`` keeps the copy."""

    name: str
    url: str
    role: Role
    zone: str
    guard: Guard
    state: Path

    def pull(self, cursor: Cursor | None, now: datetime) -> Pull:
        """Return what ``IcsSource.pull`` returns, out of the newest copy there is.

        While the address has no answer the last good copy is read, and the trouble told beside it. Raises it where
        there is no copy.
        """
        kept, trouble = copy(self.state, self.name), self._renewed(now)
        label = kept.label(self.url)
        if label is None:
            raise trouble or Unavailable("the calendar was not read yet")
        before, until = horizon(cursor, self.zone, now)
        troubles = (trouble,) if trouble else ()
        if cursor is not None and before is not None and before.file == label.stamp and before.until == until:
            return Pull(cursor=cursor, listed=before.listed, notes=before.notes, troubles=troubles)
        page = Reading(Reader(self.name, self.role, self.zone), lay_out(self._body(kept)), before, until)
        return replace(page.pull(label.stamp), troubles=troubles)

    def _renewed(self, now: datetime) -> ConnectorError | None:
        """Ask, if it is time to; return the trouble with that."""
        kept = copy(self.state, self.name)
        label = kept.label(self.url)
        known = None if label is None else label.known
        try:
            found = visits(self.state, self.name).look(self.url, self.guard, BOUNDS, now, known=known, check=lay_out)
        except (Unavailable, BadData) as error:
            return type(error)(f"the calendar's address: {error}")
        if found is not None:
            kept.keep(self.url, found.body, found.known)
        return None

    def _body(self, kept: Copy) -> bytes:
        body = kept.body(self.url, BOUNDS.size)
        if body is None:
            kept.drop()
            raise Unavailable("the copy of the calendar cannot be read")
        return body


def settle(state: Path, name: str) -> None:
    """Write down, once a tick, what was heard: the body before the note that it was."""
    copy(state, name).save()
    visits(state, name).save()
