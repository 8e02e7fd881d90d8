"""The user's hand in the situations of ``tests/data/situations``: on what stands in the calendar and in Drafts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.memory import MemorySink
from connectors.records import Draft, Item, Mailbox, Message, Reminder

VIENNA = ZoneInfo("Europe/Vienna")
ME = Mailbox(address="clara@winter.example", name="Clara Winter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happens at a time."""

    at: datetime
    word: str
    rest: str


def when(text: str) -> datetime:
    """A time in Vienna, a day at its noon."""
    moment = datetime.fromisoformat(text if " " in text else f"{text} 12:00")
    return moment.replace(tzinfo=VIENNA)


@dataclass
class Hand:
    """What the user can do; subclasses say who is who."""

    number: int = field(init=False, default=0)
    mails: list[Item] = field(init=False, default_factory=list)
    """Written since the last look."""
    reminders: MemorySink[Reminder] = field(init=False, default_factory=MemorySink)
    drafts: MemorySink[Draft] = field(init=False, default_factory=MemorySink)

    def box(self, name: str) -> Mailbox:
        """Return somebody's mailbox."""
        raise NotImplementedError

    def _thing(self, part: str) -> Reminder:
        found = [item for item in self.reminders.standing.values() if part in item.title]
        assert len(found) == 1, f"{part!r}: {[item.title for item in self.reminders.standing.values()]}"
        return found[0]

    def _letter(self, name: str) -> Draft:
        return next(item for item in self.drafts.standing.values() if item.to.address == self.box(name).address)

    def _deletes(self, one: Moment) -> None:
        del self.reminders.standing[self._thing(one.rest).key]

    def _moves(self, one: Moment) -> None:
        part, _, to = one.rest.partition(" -> ")
        item = self._thing(part)
        start = when(to)
        self.reminders.standing[item.key] = replace(item, start=start, end=start + (item.end - item.start))

    def _retitles(self, one: Moment) -> None:
        part, _, title = one.rest.partition(" -> ")
        item = self._thing(part)
        self.reminders.standing[item.key] = replace(item, title=title)

    def _fills(self, one: Moment) -> None:
        part, _, line = one.rest.partition(" -> ")
        item = self._thing(part)
        name = line.partition(":")[0]
        lines = item.body.split("\n")
        place = next(
            number for number, text in enumerate(lines) if text in {f"{name}:", f"- {name}"} or name in text[:40]
        )
        lines[place] = line
        self.reminders.standing[item.key] = replace(item, body="\n".join(lines))

    def _sends(self, one: Moment) -> None:
        item = self._letter(one.rest)
        del self.drafts.standing[item.key]
        self.number += 1
        key = f"m{self.number}@winter.example"
        thread = {"in_reply_to": item.in_reply_to, "root": next(iter(item.references), None)}
        about: dict[str, Any] = {"subject": item.subject, "sender": ME, "to": (item.to,), **thread}
        self.mails.append(Message(key=key, message_id=key, account="post", at=one.at, **about))

    def _discards(self, one: Moment) -> None:
        del self.drafts.standing[self._letter(one.rest).key]

    def _edits(self, one: Moment) -> None:
        item = self._letter(one.rest)
        self.drafts.standing[item.key] = replace(item, body=f"{item.body}\nAnd more.")
