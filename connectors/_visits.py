"""When was an address last asked, what was heard, and may it be asked again? Politeness towards other people's servers.

An address is asked once an hour at most, with what is known of its last answer (ETag, Last-Modified), and not before a
server that asked for patience wants to hear of us. What was heard is noted in ``run/web-ACCOUNT.json`` in the state, by
``settle`` only (once a tick); losing that file costs one request. Addresses stand there as hashes: they may be secrets.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from connectors._address import clean
from connectors._fetch import Answer, Bounds, Guard, get
from connectors.files import make_folder, read_bounded, write_atomically
from connectors.records import BadData, ConnectorError, Unavailable

EVERY = timedelta(hours=1)
PATIENCE = timedelta(days=1)
"""The longest that a server can have us wait: one with a wrong clock must not silence an account for ever."""
LONG_AGO = datetime.min.replace(tzinfo=UTC)
_LIMIT = 1 << 20
_VALIDATOR = 300

Known = Mapping[str, str]
"""What is known of an address's last answer: ``etag`` and ``modified``, as far as it said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An address was asked ``at`` a moment and answered; ``why`` that was no use, "" when all was well."""

    at: datetime
    until: datetime | None = None
    why: str = ""
    bad: bool = False
    """What it said cannot be believed."""

    def holds(self, now: datetime) -> bool:
        """Tell whether it is too early to ask again; a clock that was put back makes nothing wait."""
        rested = self.at <= now < self.at + EVERY
        return rested or (self.until is not None and self.at <= now < min(self.until, self.at + PATIENCE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """What an address says now, and how to ask whether it still does."""

    body: bytes
    known: Known
    kind: str = ""
    """The Content-Type, as the server says."""


class Visits:
    """The visits to the addresses of one account."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notes = _read(path)
        self._told = dict(self._notes)

    def look(
        self,
        url: str,
        guard: Guard,
        bounds: Bounds,
        now: datetime,
        *,
        known: Known | None = None,
        check: Callable[[bytes], Any] = len,
    ) -> Fresh | None:
        """Return what ``url`` says, None if it is too early to ask, or it says what is ``known`` still.

        ``known`` None: what it said is lost, so that it may be asked at once. ``check`` raises BadData for an answer
        that is no use. Raises Unavailable, BadData: until it is asked again, the same as the last time.
        """
        note = self._notes.get(name_of(url))
        if note is not None and not self.is_due(url, now, known=known is not None):
            if note.why:
                raise BadData(note.why) if note.bad else Unavailable(note.why)
            return None
        answer = get(url, guard, _conditions(known or {}), bounds)
        try:
            found = _judged(answer, known or {})
            if found is not None:
                check(found.body)
        except (Unavailable, BadData) as error:
            self._note(url, error, now, _later(answer, now))
            raise
        self._notes[name_of(url)] = Note(at=now)
        return found

    def is_due(self, url: str, now: datetime, *, known: bool) -> bool:
        """Tell whether ``url`` may be asked; ``known`` False: what it said is lost."""
        note = self._notes.get(name_of(url))
        return note is None or not note.holds(now) or not (known or note.why)

    def last(self, url: str) -> datetime:
        """Return when ``url`` was asked last, long ago if it never was."""
        note = self._notes.get(name_of(url))
        return LONG_AGO if note is None else note.at

    def spoil(self, url: str, error: ConnectorError, now: datetime) -> None:
        """Note that what ``url`` said just now is no use after all; where it said nothing there is nothing to note."""
        note = self._notes.get(name_of(url))
        if note is not None and note.at == now and not note.why:
            self._note(url, error, now, None)

    def _note(self, url: str, error: ConnectorError, now: datetime, until: datetime | None) -> None:
        self._notes[name_of(url)] = Note(at=now, until=until, why=str(error), bad=isinstance(error, BadData))

    def save(self) -> None:
        """Write down what is new, if anything is. A disk that is full costs a request."""
        if self._notes == self._told:
            return
        rows = {name: {k: _text(v) for k, v in asdict(note).items() if v} for name, note in self._notes.items()}
        with suppress(OSError):
            make_folder(self._path.parent)
            write_atomically(self._path, json.dumps(rows, indent=1, sort_keys=True).encode())
            self._told = dict(self._notes)


_KEPT: dict[Path, Visits] = {}


def visits(state: Path, account: str) -> Visits:
    """Return the visits of ``account``: the same ones throughout this process."""
    path = state / "run" / f"web-{account}.json"
    if path not in _KEPT:
        _KEPT[path] = Visits(path)
    return _KEPT[path]


def name_of(url: str) -> str:
    """Return the name under which ``url`` is remembered: it says nothing of it."""
    return blake2b(url.encode("utf-8", "replace"), digest_size=15, person=b"kith web").hexdigest()


def _conditions(known: Known) -> Known:
    asked = {"If-None-Match": known.get("etag", ""), "If-Modified-Since": known.get("modified", "")}
    return {name: value for name, value in asked.items() if value}


def _judged(answer: Answer, known: Known) -> Fresh | None:
    if answer.status == 304 and known:
        return None
    if answer.status != 200:
        raise Unavailable(f"the server has no answer for us ({answer.status})")
    said = {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}
    return Fresh(
        body=answer.body,
        kind=clean(answer.headers.get("content-type", "")),
        known={
            name: value
            for name, value in said.items()
            if value and len(value) <= _VALIDATOR and value.isascii() and value.isprintable() and clean(value) == value
        },
    )


def _later(answer: Answer, now: datetime) -> datetime | None:
    """Return when a server that asked for patience may be asked again."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return now + timedelta(seconds=min(int(text[:9]), PATIENCE.total_seconds()))
    with suppress(TypeError, ValueError, OverflowError):
        found = parsedate_to_datetime(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _text(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(path: Path) -> dict[str, Note]:
    found: dict[str, Note] = {}
    try:
        rows = json.loads(read_bounded(path, _LIMIT))
        for name, row in rows.items():
            until = datetime.fromisoformat(row["until"]) if "until" in row else None
            why, bad = clean(str(row.get("why", ""))), row.get("bad") is True
            found[name] = Note(at=datetime.fromisoformat(row["at"]), until=until, why=why, bad=bad)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {name: note for name, note in found.items() if note.at.tzinfo and (not note.until or note.until.tzinfo)}
