"""What does Kith remember? The state on disk, as the rest of the daemon sees it: values in, values out.

Tables: ``events``, ``mails`` and ``articles`` (records), ``people`` and ``touchpoints`` (derived facts), ``decisions``,
``entries`` (the outbox), ``sources`` (cursors) and ``meta``. A unit of work spans them all: one line, one fsync.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from connectors.records import Event, Message
from daemon.ledger.codec import encode, parse, parser
from daemon.ledger.folder import LEDGER, NEVER, SECRET, Contents, Lock, SecretLost, read_secret
from daemon.ledger.healing import Healing
from daemon.ledger.indexes import Index, key_of
from daemon.ledger.never import Never, mac
from daemon.ledger.records import Reading, ends_since, event_of, has_source, message_of, record_key
from daemon.ledger.storage import JournalStorage
from daemon.ledger.table import JournalDB, JournalTable
from daemon.model import Decision, Entry, Person, Records, SourceState, Touchpoint

T = TypeVar("T")

DERIVED = "derived"
"""Under this name of ``meta`` stands for what the facts hold; None once a record has changed."""
LASTING = frozenset({"events", "mails", "articles", "decisions", "entries"})
"""Tables whose rows are true by themselves: what was read, what the user answered, what was written outside."""
BULKY = frozenset({"events", "mails", "touchpoints"})
"""Tables that grow with the years, and of which a tick reads a few rows."""
REMEMBERED = frozenset({"decisions", "entries"})
"""Tables that are read whole several times a tick: their values are kept between two reads."""
INDEXES: Mapping[str, tuple[Index, ...]] = {
    "touchpoints": (Index("person"), Index("address"), Index("kind"), Index("at", order=True)),
    "events": (Index("end", order=True),),
    "mails": (Index("at", order=True),),
    "entries": (Index("person"), Index("state")),
    "decisions": (Index("kind"), Index("about")),
}


class _Over(Exception):
    """A rehearsal has come to its end."""


class Ledger:
    """The state in one folder. Open it with ``open_ledger``; close it, or use it as a context manager."""

    exposed = False  # could others look into the folder before it was opened?

    def __init__(self, folder: Path, storage: JournalStorage, key: bytes, lock: Lock | None = None) -> None:
        self.folder = folder
        self._key = key
        self._lock = lock
        self._storage = storage
        self._db = JournalDB(storage=lambda: storage)
        self._tables: dict[str, JournalTable] = {}
        self._parsed: dict[str, dict[bytes, Any]] = {}
        self._never = Never(folder, key)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files and let the lock go."""
        self._db.close()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the one writer for a while: what other processes wrote meanwhile is read first, the lock let go after.

        Raises Busy, ``Damaged``, ``NewerFormat``, OSError.
        """
        assert self._lock is not None, "opened for reading"  # noqa: S101 - a mistake of ours, not of the world
        fresh = self._lock.take()
        try:
            if fresh:
                self._storage.refresh()
                self._never = Never(self.folder, self._key)
            yield
        finally:
            self._lock.release()

    @property
    def torn(self) -> int:
        """Bytes of an unfinished commit that were set aside when the ledger was opened."""
        return self._storage.torn

    @property
    def healing(self) -> Healing | None:
        """What was done about a damaged file when the ledger was opened, None if it was well."""
        return self._storage.healing

    @property
    def sequence(self) -> int:
        """The number of the last commit: the same number means that nothing was stored since. It never falls."""
        return self._storage.sequence

    @property
    def next_sequence(self) -> int:
        """The number that what was saved in this unit of work will have; ``sequence`` when nothing was."""
        return self._storage.next_sequence

    def changed(self, since: int) -> Mapping[str, Mapping[str, bytes | None]] | None:
        """Return the rows put or dropped after commit ``since``, by table and key, as they were then (None: not there).

        None when that is not known.
        """
        return self._storage.changed(since)

    def forget_changes(self, until: int) -> None:
        """Let ``changed`` know nothing of what changed up to the commit ``until``: it takes memory."""
        self._storage.forget_changes(until)

    # -- units of work -------------------------------------------------------------------------------------------------

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Commit everything saved inside at once, or nothing of it."""
        with self._storage.transaction():
            yield

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """Let everything saved inside be seen there, and take it all back at the end: nothing reaches the disk."""
        with suppress(_Over), self.unit():
            yield
            raise _Over

    def fold(self) -> None:
        """Rewrite the file without what was replaced, when that pays."""
        self._storage.fold()

    def tidy(self) -> None:
        """Hold no more than it takes: for whoever is about to take much memory."""
        self._storage.tidy()

    def pack(self) -> None:
        """Hold what is new as what is old: that takes a tenth of the memory."""
        self._storage.pack()

    def table(self, name: str) -> JournalTable:
        """Return a table by name: a TinyDB table, with its queries."""
        if name not in self._tables:
            self._tables[name] = self._db.table(name, cache_size=0)  # type: ignore[assignment]
        return self._tables[name]

    # -- what is stored ------------------------------------------------------------------------------------------------

    def records(self) -> Records:
        """Return every record. Mappings are by account, tab and the record's key."""
        reading = Reading()
        events = map(reading.event, self.table("events").raw())
        mails = map(reading.message, self.table("mails").raw())
        return Records(
            events={record_key(item): item for item in events}, messages={record_key(item): item for item in mails}
        )

    def events_since(self, day: date) -> tuple[Event, ...]:
        """Return the stored events that end on ``day`` (UTC) or later; the others are not even read, or not parsed."""
        found = self.table("events").raw_since("end", day.isoformat())
        return tuple(event_of(parse(raw)) for raw in found if ends_since(raw, day))

    def related(self, account: str, keys: Collection[str], source_ids: Collection[str] | None) -> Records:
        """Return the records of ``account`` with one of ``keys``, and its events under ``source_ids`` (None: all).

        Mappings are by account, tab and key. Costs what is returned, and a look at each stored event's first bytes.
        """
        events: dict[str, Event] = {}
        if source_ids is None or source_ids:
            prefix = f"{account}\t"
            rows = ((key_of(raw) or "", raw) for raw in self.table("events").raw())
            near = (raw for key, raw in rows if key.startswith(prefix) and has_source(raw, source_ids))
            events = {record_key(item): item for item in (event_of(parse(raw)) for raw in near)}
        for key in {f"{account}\t{key}" for key in keys} - events.keys():
            if (row := self.table("events").by_key(key)) is not None:
                events[key] = event_of(row)
        mails = (self.table("mails").by_key(f"{account}\t{key}") for key in keys)
        found = (message_of(row) for row in mails if row is not None)
        return Records(events=events, messages={record_key(item): item for item in found})

    def people(self) -> tuple[Person, ...]:
        """Return the persons as last derived."""
        return self._all("people", Person)

    def touchpoints(self) -> tuple[Touchpoint, ...]:
        """Return the facts as last derived."""
        reading = Reading()
        return tuple(reading.fact(raw) for raw in self.table("touchpoints").raw())

    def decisions(self) -> tuple[Decision, ...]:
        """Return every decision, in order of time."""
        return tuple(sorted(self._all("decisions", Decision), key=lambda item: (item.at, item.key)))

    def entries(self) -> tuple[Entry, ...]:
        """Return the outbox, settled rows too."""
        return self._all("entries", Entry)

    def sources(self) -> dict[str, SourceState]:
        """Return how each source stood at the end of the last tick, by account."""
        return {item.account: item for item in self._all("sources", SourceState)}

    def meta(self, name: str) -> Any:
        """Return a single value kept under ``name``, None if there is none."""
        document = self.table("meta").by_key(name)
        return None if document is None else document["value"]

    # -- saving: call inside a unit ------------------------------------------------------------------------------------

    def save_records(self, items: Iterable[Event | Message], removed: Iterable[str] = ()) -> None:
        """Store records; ``removed`` are keys of ``records()`` that are gone. Facts derived before hold no longer."""
        items, removed = tuple(items), tuple(removed)
        if items or removed:
            self.set_meta(DERIVED, None)
        for item in items:
            table = "events" if isinstance(item, Event) else "mails"
            self.table(table).put({**encode(item), "key": record_key(item)})
        for key in removed:
            self.table("events").drop(key)
            self.table("mails").drop(key)

    def save_facts(self, people: Iterable[Person], touchpoints: Iterable[Touchpoint]) -> None:
        """Make the stored persons and facts exactly these; only differences are written."""
        self._replace("people", people, lambda item: item.id)
        self._replace("touchpoints", touchpoints, lambda item: item.key)

    def save_decisions(self, decisions: Iterable[Decision]) -> None:
        """Add decisions."""
        self._save("decisions", decisions, lambda item: item.key)

    def save_entries(self, entries: Iterable[Entry]) -> None:
        """Add or change outbox rows."""
        self._save("entries", entries, lambda item: item.key)

    def save_sources(self, sources: Iterable[SourceState]) -> None:
        """Save how sources stand."""
        self._save("sources", sources, lambda item: item.account)

    def set_meta(self, name: str, value: Any) -> None:
        """Keep a single JSON value under ``name``."""
        self.table("meta").put({"key": name, "value": value})

    # -- names that say nothing ----------------------------------------------------------------------------------------

    def person_id(self, address: str) -> str:
        """Return the id a person with this first address has: opaque, and the same for ever (RULINGS U1)."""
        return "p-" + b32encode(self._mac("person", address)).decode().lower()[:10]

    def alias(self, key: str) -> str:
        """Return a short name for ``key`` that says nothing about it: for logs, files and the other side."""
        return self._mac("key", key).hex()[:32]

    # -- forgetting ----------------------------------------------------------------------------------------------------

    def is_forgotten(self, text: str) -> bool:
        """Tell whether this address or full name was erased for good."""
        return text in self._never

    @property
    def forgets(self) -> bool:
        """Tell whether anybody was ever forgotten."""
        return bool(self._never)

    def never_again(self, texts: Iterable[str]) -> None:
        """Remember salted hashes of addresses and names, so that they never come back."""
        self._never.add(texts)

    def never_again_as(self, folder: Path) -> None:
        """Remember whom the state in ``folder`` forgot, too, whatever became of its ledger."""
        with suppress(SecretLost):  # no hash says anything without it
            self._never.join(Never(folder, read_secret(folder, make=False)))

    def erase(self, table: str, keys: Iterable[str]) -> None:
        """Delete rows by key."""
        for key in keys:
            self.table(table).drop(key)

    def burn(self) -> None:
        """Rewrite the file and drop every older generation, so that nothing erased is left on the disk."""
        self._storage.fold(force=True)
        self._storage.drop_generations()

    @property
    def descriptors(self) -> frozenset[int]:
        """The open files that rows are read from: a copy of this process must keep them."""
        return self._storage.descriptors

    # -- as a whole ----------------------------------------------------------------------------------------------------

    def contents(self) -> Contents:
        """Return what makes the files of this state, as of its last commit."""
        return {LEDGER: self._storage.dump, SECRET: lambda: (self._key,), NEVER: lambda: (self._never.raw(),)}

    def count_on(self, sequence: int) -> None:
        """Let the last commit have this number at least: where a state takes another's place, it never falls."""
        self._storage.count_on(sequence)

    # -- within --------------------------------------------------------------------------------------------------------

    def _mac(self, use: str, text: str) -> bytes:
        return mac(self._key, use, text)

    def _all(self, table: str, kind: type[T]) -> tuple[T, ...]:
        """Return the rows of ``table``; one that did not change since the last call is not parsed again."""
        reader, known = parser(kind), self._parsed.get(table, {})
        found = {raw: known.get(raw) or reader(raw) for raw in self.table(table).raw()}
        if table in REMEMBERED:
            self._parsed[table] = found
        return tuple(found.values())

    def _save(self, table: str, items: Iterable[T], key: Callable[[T], str]) -> None:
        for item in items:
            self.table(table).put({"key": key(item), **encode(item)})

    def _replace(self, table: str, items: Iterable[T], key: Callable[[T], str]) -> None:
        kept = set()
        for item in items:
            kept.add(key(item))
            self.table(table).put({"key": key(item), **encode(item)})
        for old in set(self.table(table).keys()) - kept:
            self.table(table).drop(old)
