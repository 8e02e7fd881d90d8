"""What may be on the disk after a power cut? A model of a disk under the calls of ``os`` that the ledger makes.

The calls work on a real folder, as processes see it; beside them the model keeps what is certain and what is not. Of a
file, every page of 4096 bytes that was written since its last fsync may be there or not, each by itself, in any version
it had; the size may be any it had; a page that never was there reads as zeros. Of a folder, the names made, moved and
taken away since its last fsync may be there or not, in their order. A failed fsync loses what chance says, and no later
fsync brings it back: the pages count as written.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

PAGE = 4096
FOLDER = -1
CHANGING = ("open", "write", "fsync", "ftruncate", "replace", "rename", "link", "unlink", "mkdir", "close")


class Killed(BaseException):
    """The process is gone; the machine runs on."""


@dataclass
class Inode:
    """A file: what processes see, what is certain, and the versions of pages and sizes since the last fsync."""

    seen: bytes = b""
    certain: bytes = b""
    pages: dict[int, list[bytes]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def write(self, start: int, data: bytes) -> None:
        self.seen = self.seen[:start].ljust(start, b"\0") + data + self.seen[start + len(data) :]
        self._touch(start, start + len(data))

    def truncate(self, size: int) -> None:
        self.seen = self.seen[:size].ljust(size, b"\0")
        self._touch(size, size + 1)

    def _touch(self, start: int, end: int) -> None:
        for page in range(start // PAGE, (end - 1) // PAGE + 1):
            self.pages.setdefault(page, []).append(self.seen[page * PAGE : (page + 1) * PAGE].ljust(PAGE, b"\0"))
        self.sizes.append(len(self.seen))

    def settle(self) -> None:
        self.certain, self.pages, self.sizes = self.seen, {}, []

    def lose(self, chance: random.Random) -> None:
        """Let chance say what of it a failed fsync wrote; what processes see stays."""
        self.certain, self.pages, self.sizes = self.drawn(chance), {}, []

    def drawn(self, chance: random.Random | None, *, size: bool | None = None, pages: bool | None = None) -> bytes:
        """Return what may be on the disk: the ``size`` and ``pages`` new (True), old (False) or as chance has it."""
        sizes = [len(self.certain), *self.sizes]
        length = _pick(sizes, size, chance)
        found = bytearray(self.certain[:length].ljust(length, b"\0"))
        for page, versions in self.pages.items():
            old = self.certain[page * PAGE : (page + 1) * PAGE].ljust(PAGE, b"\0")
            found[page * PAGE : (page + 1) * PAGE] = _pick([old, *versions], pages, chance)
        return bytes(found[:length])

    def copy(self) -> Inode:
        return replace(self, pages={page: list(items) for page, items in self.pages.items()}, sizes=list(self.sizes))


def _pick(items: list[Any], new: bool | None, chance: random.Random | None) -> Any:
    if new is None:
        assert chance is not None
        return chance.choice(items)
    return items[-1] if new else items[0]


Change = tuple[str, str, Any]


@dataclass
class Names:
    """A folder: the names that processes see, those that are certain, and the changes since the last fsync."""

    seen: dict[str, int] = field(default_factory=dict)
    certain: dict[str, int] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)

    def change(self, what: str, name: str, other: Any = None) -> None:
        _change(self.seen, (what, name, other))
        self.pending.append((what, name, other))

    def settle(self) -> None:
        self.certain, self.pending = dict(self.seen), []

    def after(self, count: int) -> dict[str, int]:
        found = dict(self.certain)
        for item in self.pending[:count]:
            _change(found, item)
        return found

    def copy(self) -> Names:
        return Names(dict(self.seen), dict(self.certain), list(self.pending))


def _change(names: dict[str, int], change: Change) -> None:
    what, name, other = change
    if what == "set":
        names[name] = other
    elif what == "move":
        names[other] = names.pop(name)
    else:
        names.pop(name)


State = Mapping[str, Mapping[str, tuple[int, bytes]]]
"""What a disk holds: by folder, by name, a file's number (the same for two names of it) and its bytes."""


@dataclass(frozen=True)
class Moment:
    """The disk just before an operation: ``name`` of that, and what whoever opens it then may find (``allowed``)."""

    number: int
    name: str
    inodes: Mapping[int, Inode]
    folders: Mapping[str, Names]
    allowed: tuple[Any, ...]

    def states(self, count: int, seed: int = 0) -> Iterator[State]:
        """Yield up to ``count`` different states after a power cut: the extremes first, then as chance has them."""
        chance = random.Random(self.number * 1_000_003 + seed)
        wishes = [(False, False, False), (True, True, True), (True, False, True), (False, True, True)]
        wishes += [(True, True, False), (False, False, True)]
        known = set()
        for at in range(4 * count):
            names, size, pages = wishes[at] if at < len(wishes) else (None, None, None)
            state = self._drawn(chance, names, size, pages)
            mark = repr(state)
            if mark not in known:
                known.add(mark)
                yield state
            if len(known) == count:
                return

    def _drawn(self, chance: random.Random, names: bool | None, size: bool | None, pages: bool | None) -> State:
        data = {number: inode.drawn(chance, size=size, pages=pages) for number, inode in self.inodes.items()}
        found: dict[str, dict[str, tuple[int, bytes]]] = {}
        for folder, item in sorted(self.folders.items()):
            parent, _, own = folder.rpartition("/")
            if folder and own not in found.get(parent, {}):
                continue
            kept = item.after(_pick(list(range(len(item.pending) + 1)), names, chance))
            found[folder] = {name: (number, data.get(number, b"")) for name, number in kept.items()}
        return found


def lay_out(state: State, root: Path) -> None:
    """Make the folder ``root`` hold ``state``."""
    places: dict[int, Path] = {}
    for folder, files in sorted(state.items()):
        (root / folder).mkdir()
        for name, (number, data) in files.items():
            path = root / folder / name
            if number == FOLDER:
                continue
            if number in places:
                os.link(places[number], path)
            else:
                path.write_bytes(data)
                places[number] = path


@dataclass
class Disk:
    """The disk under the folder ``root``, which is certain as it is when recording begins."""

    root: Path
    allowed: tuple[Any, ...] = ()
    kill_at: int | None = None
    """The number of the operation that never happens, the process being killed."""
    fail: Callable[[str, int], OSError | None] = lambda _name, _number: None
    """Says with what an operation (its name and number) fails."""
    moments: list[Moment] = field(default_factory=list)
    keep: bool = True
    count: int = 0
    dead: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(5))
    inodes: dict[int, Inode] = field(default_factory=dict)
    folders: dict[str, Names] = field(default_factory=dict)
    open: dict[int, tuple[str | int, bool]] = field(default_factory=dict)
    real: dict[str, Callable[..., Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers: dict[int, int] = {}
        for path in sorted([self.root, *self.root.rglob("*")]):
            folder, name = self._place(path)
            number = FOLDER
            if path.is_dir():
                self.folders["" if path == self.root else f"{folder}/{name}".lstrip("/")] = Names()
            else:
                number = numbers.setdefault(path.stat().st_ino, len(numbers) + 1)
                self.inodes[number] = Inode(path.read_bytes(), path.read_bytes())
            if path != self.root:
                self.folders[folder].change("set", name, number)
        for item in self.folders.values():
            item.settle()

    @contextmanager
    def recording(self) -> Iterator[Disk]:
        """Let what is inside work on this disk."""
        with pytest.MonkeyPatch.context() as patch:
            for name in CHANGING:
                self.real[name] = getattr(os, name)
                patch.setattr(os, name, getattr(self, f"_{name}"))
            yield self
            self.note("end")

    def revive(self, *others: int | None) -> None:
        """Start the next process: the files of the one before are closed, but for those of ``others``."""
        for file in self.open.keys() - set(others):
            with suppress(OSError):
                self._close(file)
        self.dead = False

    def note(self, name: str) -> None:
        """Remember this moment."""
        if self.keep:
            inodes = {number: inode.copy() for number, inode in self.inodes.items()}
            folders = {path: names.copy() for path, names in self.folders.items()}
            self.moments.append(Moment(len(self.moments), name, inodes, folders, self.allowed))

    def _step(self, name: str) -> None:
        if self.dead:
            raise Killed
        self.note(name)
        self.count += 1
        if self.count == self.kill_at:
            self.dead = True
            raise Killed
        error = self.fail(name, self.count)
        if error is not None:
            raise error

    def _place(self, path: str | Path) -> tuple[str, str]:
        near = Path(path).relative_to(self.root.parent)
        return "/".join(near.parts[1:-1]), near.name

    def _is_ours(self, path: str | Path) -> bool:
        return Path(path).is_relative_to(self.root)

    # -- the calls -----------------------------------------------------------------------------------------------------

    def _open(self, path: Any, flags: int, mode: int = 0o777, **other: Any) -> int:
        if not self._is_ours(path):
            return self.real["open"](path, flags, mode, **other)
        folder, name = self._place(path)
        fresh = flags & os.O_CREAT and name not in self.folders[folder].seen
        if fresh:
            self._step("create")
        assert not flags & os.O_TRUNC
        file: int = self.real["open"](path, flags, mode, **other)
        if fresh:
            number = max(self.inodes, default=0) + 1
            self.inodes[number] = Inode()
            self.folders[folder].change("set", name, number)
        whole = f"{folder}/{name}".lstrip("/") if Path(path) != self.root else ""
        self.open[file] = (
            whole if whole in self.folders else self.folders[folder].seen[name],
            bool(flags & os.O_APPEND),
        )
        return file

    def _close(self, file: int) -> None:
        self.open.pop(file, None)
        self.real["close"](file)

    def _write(self, file: int, data: Any) -> int:
        if file not in self.open:
            return self.real["write"](file, data)
        number, appends = self.open[file]
        assert isinstance(number, int)
        start = len(self.inodes[number].seen) if appends else os.lseek(file, 0, os.SEEK_CUR)
        try:
            self._step("write")
        except OSError:  # half of it was written before it failed
            count = self.real["write"](file, bytes(data)[: len(data) // 2])
            self.inodes[number].write(start, bytes(data)[:count])
            raise
        count = self.real["write"](file, data)
        self.inodes[number].write(start, bytes(data)[:count])
        return int(count)

    def _fsync(self, file: int) -> None:
        if file not in self.open:
            self.real["fsync"](file)
            return
        place, _ = self.open[file]
        try:
            self._step("fsync" if isinstance(place, int) else "fsync folder")
        except OSError:
            if isinstance(place, int):
                self.inodes[place].lose(self.chance)
            raise
        (self.inodes[place] if isinstance(place, int) else self.folders[place]).settle()

    def _ftruncate(self, file: int, size: int) -> None:
        self._step("ftruncate")
        number, _ = self.open[file]
        assert isinstance(number, int)
        self.real["ftruncate"](file, size)
        self.inodes[number].truncate(size)

    def _replace(self, old: Any, new: Any, **_: Any) -> None:
        self._step("replace")
        (folder, name), (other, target) = self._place(old), self._place(new)
        assert folder == other, "moved to another folder: not modelled"
        self.real["replace"](old, new)
        self.folders[folder].change("move", name, target)

    _rename = _replace

    def _link(self, old: Any, new: Any, **other: Any) -> None:
        self._step("link")
        (folder, name), (beside, target) = self._place(old), self._place(new)
        self.real["link"](old, new, **other)
        self.folders[beside].change("set", target, self.folders[folder].seen[name])

    def _unlink(self, path: Any, **_: Any) -> None:
        folder, name = self._place(path)
        if name in self.folders[folder].seen:
            self._step("unlink")
        self.real["unlink"](path)
        self.folders[folder].change("take", name)

    def _mkdir(self, path: Any, mode: int = 0o777, **_: Any) -> None:
        self._step("mkdir")
        folder, name = self._place(path)
        self.real["mkdir"](path, mode)
        self.folders[folder].change("set", name, FOLDER)
        self.folders[f"{folder}/{name}".lstrip("/")] = Names()
