"""Which list in Google Tasks is Kith's own, and what stands in it? Known by its title, remembered by its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors._google.calendar_event import Body, rows_in, text_in
from connectors._google.errors import NotThere
from connectors._google.wire import Wire, Wires
from connectors.records import BadData, Gone, Unavailable

TITLE = "Kith"
GONE = "the list of reminders in Google Tasks is gone; nothing is written until it is back or chosen anew"
_FIELDS = "id,etag,title,notes,due,status,deleted"
_ID = "own task list"
_MOST_PAGES = 400


@dataclass(frozen=True)
class TaskList:
    """The list that Kith made in one account."""

    wires: Wires

    @property
    def _wire(self) -> Wire:
        return self.wires.tasks

    def find(self) -> str | None:
        """Return its id, None when there is none. Raises Unavailable, NeedsLogin."""
        if _ID not in self.wires.memory:
            asked = {"maxResults": 100, "fields": "nextPageToken,items(id,title)"}
            rows = (row for page in self._pages("tasklists", asked) for row in rows_in(page, "items"))
            found = [text_in(row, "id") for row in rows if text_in(row, "title") == TITLE and text_in(row, "id")]
            if not found:
                return None
            self.wires.memory[_ID] = min(found)
        known: str = self.wires.memory[_ID]
        return known

    def make(self) -> str:
        """Make it and return its id. Raises Unsure when the answer was lost: ``find`` finds it then."""
        request = self._wire.resource("tasklists").insert(body={"title": TITLE}, fields="id")
        made = text_in(self._wire.write(request), "id")
        if not made:
            raise Unavailable("Google Tasks made a list and did not say which")
        self.wires.memory[_ID] = made
        return made

    def rows(self, name: str, *, everything: bool) -> Iterator[Body]:
        """Yield the open tasks of a list; with ``everything`` those that are done, hidden or deleted too. Raises Gone.

        A task completed in Google's own apps is hidden (google.md 3.3).
        """
        asked = {"tasklist": name, "maxResults": 100, "fields": f"nextPageToken,items({_FIELDS})"}
        asked |= {"showCompleted": everything, "showHidden": everything, "showDeleted": everything}
        try:
            for page in self._pages("tasks", asked):
                yield from (row for row in rows_in(page, "items") if isinstance(row, Mapping))
        except NotThere:
            self.wires.memory.pop(_ID, None)
            raise Gone(GONE) from None
        self.wires.memory[_ID] = name

    def task(self, name: str, task: str) -> Body | None:
        """Return one task, None if it is not there (any more). Raises Unavailable."""
        request = self._wire.resource("tasks").get(tasklist=name, task=task, fields=_FIELDS)
        try:
            found = self._wire.read(request)
        except NotThere:
            return None
        if text_in(found, "id") != task:
            raise Unavailable("Google Tasks answers with another task than it was asked for")
        return found

    def write(self, verb: str, etag: str = "", **about: Any) -> Body:
        """Call ``insert``, ``patch`` or ``delete`` of tasks; with ``etag`` only if nothing changed. Raises Changed."""
        request = getattr(self._wire.resource("tasks"), verb)(**about)
        if etag:
            request.headers["If-Match"] = etag
        return self._wire.write(request)

    def _pages(self, resource: str, asked: dict[str, Any]) -> Iterator[Body]:
        for _ in range(_MOST_PAGES):
            page = self._wire.read(self._wire.resource(resource).list(**asked))
            yield page
            token = text_in(page, "nextPageToken")
            if not token:
                return
            asked = {**asked, "pageToken": token}
        raise BadData("Google Tasks: a listing that does not end")
