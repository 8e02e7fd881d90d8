"""What does Gmail hold? Messages, threads, drafts and the history of what changed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import letters
from .letters import Headers

FIRST_ID = 0x19A0000000000000
BIN = frozenset({"SPAM", "TRASH"})


def is_id(text: str) -> bool:
    """Whether *text* has the form of a message's or thread's id."""
    return 0 < len(text) <= 16 and all(letter in "0123456789abcdef" for letter in text)


@dataclass(slots=True, kw_only=True)
class Message:
    """One message; *at* is epoch milliseconds, *headers* stand as in the mail."""

    id: str
    thread: str
    labels: frozenset[str]
    at: int
    headers: Headers
    body: str = ""
    raw: bytes = b""
    history: int = 0
    ghost: bool = False
    """In a thread by its id alone: Gmail's thread view does not show it."""

    def header(self, name: str) -> str:
        """Give the first value of a header (lower case), decoded, or ''."""
        return letters.decoded(letters.value(self.headers, name))

    @property
    def message_id(self) -> str:
        """The RFC 5322 Message-ID, with its brackets."""
        return letters.value(self.headers, "message-id")

    def bytes(self) -> bytes:
        """Give the mail as bytes."""
        return self.raw or letters.compose(self.headers, self.body)


@dataclass(slots=True, kw_only=True)
class Draft:
    """A container that stays while the message in it is replaced."""

    id: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One record of the history."""

    id: int
    kind: str
    message: str
    thread: str
    labels: frozenset[str]
    changed: frozenset[str] = frozenset()


@dataclass(slots=True)
class Mailbox:
    """All of it, for one account."""

    address: str
    messages: dict[str, Message] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)
    current: int = 100_000
    floor: int = 0
    """startHistoryId below this is too old."""
    _times: list[datetime] = field(default_factory=list)
    _order: list[tuple[int, str]] = field(default_factory=list)
    _threads: Counter[str] = field(default_factory=Counter)
    _by_message_id: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def next_id(self) -> str:
        """Give a new id: ids grow, with gaps."""
        self._count += 1
        return f"{FIRST_ID + self._count * 0x10A3:016x}"

    def put(self, message: Message, now: datetime) -> Message:
        """Add a message and tell it in the history."""
        self._hold(message)
        insort(self._order, (message.at, message.id))
        self._tell("messageAdded", message, now)
        return message

    def load(self, messages: Iterable[Message]) -> int:
        """Add many that were there before anybody looked: the history tells nothing of them."""
        before = len(self.messages)
        for message in messages:
            message.history = self.current
            self._hold(message)
            self._order.append((message.at, message.id))
        self._order.sort()
        return len(self.messages) - before

    def _hold(self, message: Message) -> None:
        self.messages[message.id] = message
        self._threads[message.thread] += 1
        if message.message_id:
            self._by_message_id[message.message_id] = message.id

    def take(self, message: Message, now: datetime) -> None:
        """Remove a message for good."""
        del self.messages[message.id]
        self._threads[message.thread] -= 1
        if not self._threads[message.thread]:
            del self._threads[message.thread]
        if self._by_message_id.get(message.message_id) == message.id:
            del self._by_message_id[message.message_id]
        spot = bisect_left(self._order, (message.at, message.id))
        del self._order[spot]
        self._tell("messageDeleted", message, now)

    def label(self, message: Message, now: datetime, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Change a message's labels."""
        for kind, names, labels in (
            ("labelAdded", frozenset(add), message.labels | set(add)),
            ("labelRemoved", frozenset(remove), message.labels - set(remove)),
        ):
            if names:
                message.labels = frozenset(labels)
                self._tell(kind, message, now, names)

    def _tell(self, kind: str, message: Message, now: datetime, changed: frozenset[str] = frozenset()) -> None:
        self.current += 7 + self.current % 5
        message.history = self.current
        change = Change(
            id=self.current,
            kind=kind,
            message=message.id,
            thread=message.thread,
            labels=message.labels,
            changed=changed,
        )
        self.history.append(change)
        self._times.append(now)

    def forget(self) -> None:
        """Make every history id given out so far too old."""
        self.current += 11
        self.floor = self.current

    def since(self, start: int, now: datetime, life: timedelta) -> list[Change] | None:
        """Give the changes after *start*; None if that is too long ago or never was."""
        old = bisect_right(self._times, now - life)
        oldest = max(self.floor, self.history[old - 1].id if old else 0)
        if not oldest <= start <= self.current:
            return None
        first = bisect_right(self.history, start, key=lambda change: change.id)
        return self.history[first:]

    def newest(
        self, labels: frozenset[str], *, bin_too: bool = False, below: tuple[int, str] | None = None
    ) -> Iterable[Message]:
        """Give the messages that have all of *labels*, newest first, from below a place in the order."""
        top = len(self._order) if below is None else bisect_left(self._order, below)
        for spot in range(top - 1, -1, -1):
            message = self.messages[self._order[spot][1]]
            if labels <= message.labels and (bin_too or labels & BIN or not message.labels & BIN):
                yield message

    def threads(self) -> int:
        """Count the threads."""
        return len(self._threads)

    def thread(self, thread: str) -> list[Message]:
        """Give a thread's messages."""
        if not self._threads.get(thread):
            return []
        return [message for message in self.messages.values() if message.thread == thread]

    def by_message_id(self, message_id: str) -> Message | None:
        """Find a message by its RFC 5322 Message-ID."""
        found = self._by_message_id.get(message_id)
        return self.messages.get(found) if found else None

    def answered(self, headers: Headers) -> str | None:
        """Give the thread that a mail with *headers* belongs to by what it answers and its subject."""
        subject = letters.base_subject(letters.value(headers, "subject"))
        for message_id in letters.named_ids(headers):
            known = self.by_message_id(message_id)
            if known and letters.base_subject(known.header("subject")) == subject:
                return known.thread
        return None

    @property
    def ghosts(self) -> list[Message]:
        """Drafts that sit in a thread without being shown there."""
        return [message for message in self.messages.values() if message.ghost]
