"""Which mails hang together? Threads, broadcasts, bounces and introductions, kept so that one mail more or less costs
only those it hangs together with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from connectors.records import Message
from daemon.detect import identities, mails, threads
from daemon.detect.mails import Post, SubjectDay
from daemon.detect.many import Many
from daemon.detect.people import Directory
from daemon.detect.threads import Archive, Pair

Read: TypeAlias = Callable[[str], Message | None]


class Correspondence:
    """All mails as they hang together; ``read`` returns a mail by key, as it is after a change."""

    def __init__(self, post: Post, *, caught_up: bool, zone: ZoneInfo, read: Read) -> None:
        self._read = read
        self._zone = zone
        self._ids = Many()
        self._naming = Many()
        self._sent: Counter[str] = Counter()
        self._received = Many()
        self._days = Many()
        self._changed_days: set[SubjectDay] = set()
        self._same: set[str] = set()
        self._pairs: dict[str, Pair] = {}
        self._pairs_of: dict[str, set[Pair]] = {}
        self._letters: dict[Pair, set[str]] = {}
        self._first: dict[Pair, str] = {}
        self._bounces = Many()
        self._changed_bounces: set[str] = set()
        self._unreached: dict[str, Set[str]] = {}
        received = _Received(self._received, read)
        self.archive = Archive(self._sent, received, caught_up)
        self.post = replace(post, same=self._same, authors=_Authors(received, post.directory))

    def at(self, now: datetime) -> None:
        """Judge as of ``now`` from here on."""
        self.post = replace(self.post, now=now)

    # -- one mail more or less -----------------------------------------------------------------------------------------

    def change(self, old: Message | None, new: Message | None) -> set[str]:
        """Put ``new`` where ``old`` was; return the keys of the mails whose threads that may change."""
        found: set[str] = set()
        for message in (old, new):
            if message is not None:
                found.add(message.key)
                for name in {threads.own_id(message), message.key}:
                    found.update(self._naming.get(name), self._ids.get(name))
                    self._changed_bounces.update(self._bounces.get(name))
        if old is not None:
            self._file(old, -1)
        if new is not None:
            self._file(new, 1)
        return found

    def _file(self, message: Message, sign: int) -> None:
        own, key = threads.own_id(message), message.key
        mine = message.sender is not None and message.sender.address in self.post.own
        self._put(self._ids, own, key, sign)
        for name in {message.in_reply_to, message.root} - {None}:
            self._put(self._naming, name or "", key, sign)
        for name in {own, key} if mine else ():
            self._sent[name] += sign
            if not self._sent[name]:
                del self._sent[name]
        if not mine:
            self._put(self._received, own, key, sign)
        day = mails.subject_day(message, self.post, self._zone)
        if day is not None:
            self._put(self._days, day, key, sign)
            self._changed_days.add(day)
        if message.automatic and not message.sent:
            self._changed_bounces.add(key)
            self._put(self._bounces, message.in_reply_to or message.root or "", key, sign)

    @staticmethod
    def _put(index: Many, mark: str, key: str, sign: int) -> None:
        (index.add if sign > 0 else index.drop)(mark, key)

    def several(self) -> set[str]:
        """Weigh again what went out to several one by one (M2); return the keys of mails it is said of no more, or now.

        Call it when the directory is right again.
        """
        found: set[str] = set()
        for day in self._changed_days:
            keys = {*self._days.get(day)}
            if mails.is_broadcast([*self._reading(keys)], self.post):
                found |= keys - self._same
                self._same |= keys
            else:
                found |= keys & self._same
                self._same -= keys
        self._changed_days.clear()
        return found

    def _reading(self, keys: Iterable[str]) -> Iterator[Message]:
        found = (self._read(key) for key in sorted(keys))
        return (message for message in found if message is not None)

    def unreached(self) -> set[str]:
        """Weigh bounces again (M4); return the addresses whose death they show no more, or now."""
        found: set[str] = set()
        for key in self._changed_bounces:
            before = self._unreached.pop(key, frozenset())
            after = self._shown_by(key)
            if after:
                self._unreached[key] = after
            found.update(before ^ after)
        self._changed_bounces.clear()
        return found

    def _shown_by(self, key: str) -> Set[str]:
        bounce = self._read(key)
        name = None if bounce is None else identities.bounced(bounce, self.post.directory)
        sent = [message for message in self._reading(self._ids.get(name or "")) if message.sent]
        return identities.unreached(sent[-1], self.post.own) if sent else frozenset()

    def dead(self, addresses: Iterable[str]) -> set[str]:
        """Return which of ``addresses`` bounces show to be dead."""
        shown = {address for found in self._unreached.values() for address in found}
        return shown & {*addresses}

    def answering(self, name: str) -> Iterable[str]:
        """Return the keys of mails that name the Message-ID ``name`` as what they answer, or as their root."""
        return self._naming.get(name)

    # -- introductions (M5) --------------------------------------------------------------------------------------------

    def pair_up(self, key: str, pair: Pair | None) -> set[Pair]:
        """Note whom the mail ``key`` would introduce; return the pairs that must be weighed again."""
        before = self._pairs.pop(key, None)
        if before is not None:
            self._letters[before].discard(key)
        if pair is not None:
            self._pairs[key] = pair
            self._letters.setdefault(pair, set()).add(key)
            for who in pair:
                self._pairs_of.setdefault(who, set()).add(pair)
        return {both for both in (before, pair) if both is not None}

    def within(self, leaders: Set[str]) -> set[Pair]:
        """Return the pairs both of whom are among ``leaders``: a record that names them may be their first together."""
        near = (pair for who in leaders for pair in self._pairs_of.get(who, ()))
        return {pair for pair in near if leaders >= {*pair}}

    def weigh(self, pairs: Iterable[Pair], first: Mapping[Pair, str]) -> set[str]:
        """Take the keys of the ``first`` records of ``pairs``; return the mails that introduce them no more, or now."""
        found: set[str] = set()
        for pair in pairs:
            before, after = self._first.pop(pair, None), first.get(pair)
            if after is not None:
                self._first[pair] = after
            if before != after:
                letters = self._letters.get(pair, set())
                found.update(key for key in (before, after) if key is not None and key in letters)
        return found

    def is_weighed(self, pair: Pair) -> bool:
        """Tell whether any mail would introduce ``pair``."""
        return bool(self._letters.get(pair))

    def introduces(self, key: str) -> bool:
        """Tell whether the mail ``key`` introduced two people to each other."""
        pair = self._pairs.get(key)
        return pair is not None and self._first.get(pair) == key


class _Received(Mapping[str, Message]):
    """Received mails by Message-ID, each read when it is asked for."""

    def __init__(self, keys: Many, read: Read) -> None:
        self._keys = keys
        self._read = read

    def __contains__(self, name: object) -> bool:
        return name in self._keys

    def __getitem__(self, name: str) -> Message:
        found = self._read(min(self._keys.get(name))) if name in self._keys else None
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError


class _Authors(Mapping[str, str]):
    """The leaders who wrote received mails, by Message-ID."""

    def __init__(self, received: Mapping[str, Message], directory: Directory) -> None:
        self._received = received
        self._directory = directory

    def __getitem__(self, name: str) -> str:
        sender = self._received[name].sender
        who = None if sender is None else self._directory.who(sender.address)
        if who is None:
            raise KeyError(name)
        return who

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError
