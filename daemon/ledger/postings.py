"""Which rows may hold a value? Codes of values, sorted, and beside each the id of a row.

Postings answer with ids that *may* match, never with fewer than do: whoever asks tests the rows themselves. So they may
keep what is gone or changed, and two values may share a code; both only cost a look. A code is a number of 30 bits:
a checksum of the value, or for times the day. Two arrays of 4 bytes an entry; what is new waits in a dictionary until
there is enough to be worth sorting in.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from zlib import crc32

import msgspec

NONE: Any = msgspec.UNSET
"""The value of a row that has none."""
_CODES = (1 << 30) - 1
_IDS = (1 << 32) - 1
_SKIP = -1
_FEW = 4096


def _array(items: Iterable[int] = ()) -> array[int]:
    return array("I", items)


@dataclass(slots=True)
class Postings:
    """The postings of one index; ``order`` True: of dates and times in ISO 8601 and UTC, to be asked for in ranges."""

    order: bool
    codes: array[int] = field(default_factory=_array)
    numbers: array[int] = field(default_factory=_array)
    fresh: dict[int, list[int]] = field(default_factory=dict)
    odd: list[int] = field(default_factory=list)
    """Ids of rows that always may match: their value has no code."""
    waiting: int = 0

    # -- taking in -----------------------------------------------------------------------------------------------------

    def add(self, number: int, value: Any) -> None:
        """Let the row ``number`` be found by ``value``."""
        if value is NONE:
            return
        code = self.code(value)
        if code is None or not 0 <= number <= _IDS:
            self.odd.append(number)
            return
        self.fresh.setdefault(code, []).append(number)
        self.waiting += 1
        if self.waiting > max(_FEW, len(self.codes) // 2):
            self.pack()

    def fill(self, numbers: Sequence[int], column: Sequence[Any]) -> None:
        """Begin with these rows and, in the same order, their values."""
        codes = self._codes(column)
        if None in codes or _SKIP in codes or (numbers and not 0 <= min(numbers) <= max(numbers) <= _IDS):
            for number, value in zip(numbers, column, strict=True):
                self.add(number, value)
            self.pack()
        else:
            self._sort(codes, numbers)

    def _codes(self, column: Sequence[Any]) -> list[Any]:
        if not self.order:
            return [crc32(item.encode()) & _CODES if type(item) is str else self._odd(item) for item in column]
        dates = [item[:10] if type(item) is str else item for item in column]
        known = {date: day(date) for date in {date for date in dates if type(date) is str}}
        return [known[date] if type(date) is str else self._odd(date) for date in dates]

    def _odd(self, value: Any) -> int | None:
        return _SKIP if value is NONE else self.code(value)

    def pack(self) -> None:
        """Sort in what is new."""
        codes = [*self.codes, *chain.from_iterable([code] * len(ids) for code, ids in self.fresh.items())]
        self._sort(codes, [*self.numbers, *chain.from_iterable(self.fresh.values())])
        self.fresh, self.waiting = {}, 0

    def _sort(self, codes: Sequence[int], numbers: Sequence[int]) -> None:
        order = sorted(range(len(codes)), key=codes.__getitem__)
        self.codes = _array([codes[place] for place in order])
        self.numbers = _array([numbers[place] for place in order])

    # -- asking --------------------------------------------------------------------------------------------------------

    def code(self, value: Any) -> int | None:
        """Return what stands for ``value``, the same for equal values, for times in their order; None: nothing does."""
        if self.order:
            return day(value[:10]) if isinstance(value, str) else None
        if isinstance(value, str):
            return crc32(value.encode("utf-8", "surrogatepass")) & _CODES
        if value is None or isinstance(value, bool | float) or (isinstance(value, int) and value.bit_length() <= 64):
            return crc32(repr(value if value is None else float(value) + 0.0).encode()) & _CODES
        return None

    def at(self, value: Any) -> list[int] | None:
        """Return the ids of rows that may hold ``value``, in order; None if any may."""
        code = self.code(value)
        return None if code is None else self._between(code, code)

    def between(self, first: str | None, last: str | None) -> list[int] | None:
        """Return the ids of rows whose time may lie from ``first`` to ``last`` (None: open); None if any may."""
        low = 0 if first is None else self.code(first)
        high = _CODES if last is None else self.code(last)
        return None if low is None or high is None or not self.order else self._between(low, high)

    def _between(self, low: int, high: int) -> list[int]:
        start = bisect_left(self.codes, low)
        found = self.numbers[start : bisect_left(self.codes, high + 1, start)]
        if low == high:
            fresh: Iterable[int] = self.fresh.get(low, ())
        else:
            fresh = chain.from_iterable(ids for code, ids in self.fresh.items() if low <= code <= high)
        return sorted({*found, *fresh, *self.odd})

    # -- as text -------------------------------------------------------------------------------------------------------

    def dump(self) -> bytes:
        """Return all of it as JSON, for a snapshot."""
        self.pack()
        return msgspec.json.encode([_packed(self.codes), _packed(self.numbers), self.odd])

    @classmethod
    def load(cls, raw: bytes, *, order: bool) -> Postings:
        """Return what ``dump`` wrote. Raises ValueError for anything else."""
        try:
            codes, numbers, odd = msgspec.json.decode(raw, type=tuple[bytes, bytes, list[int]])
            return cls(order, _unpacked(codes), _unpacked(numbers), odd=odd)
        except (msgspec.MsgspecError, ValueError) as error:
            raise ValueError("no postings") from error


def _packed(items: array[int]) -> bytes:
    """Return the bytes of ``items``, the lowest first, whatever machine this is; JSON has them in base64."""
    if sys.byteorder == "big":
        items = _array(items)
        items.byteswap()
    return items.tobytes()


def _unpacked(raw: bytes) -> array[int]:
    found = _array()
    found.frombytes(raw)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def day(text: str) -> int | None:
    """Return a number for ``YYYY-MM-DD`` that grows with the text; None for other texts."""
    digits = text[:4] + text[5:7] + text[8:]
    plain = len(digits) == 8 and digits.isascii() and digits.isdigit() and text[4] == "-" == text[7]
    return int(digits) if plain else None
