"""The file is damaged: what can be proven comes back, what is lost is told, and nothing is overwritten in doubt."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from daemon.ledger import Damaged, NewerFormat
from daemon.ledger.storage import JournalStorage
from tests.ledger.oracle import NotWhole, Tables, apply, cells, read, same, tables_of

pytestmark = pytest.mark.usefixtures("no_real_fsync")

KEPT = "kept"
PAGE = 4096


@dataclass
class Made:
    """A ledger's folder, and the state after each commit as plain dictionaries."""

    folder: Path
    states: list[Tables]
    snapshot: int
    """The commit after which the file begins."""

    @property
    def path(self) -> Path:
        return self.folder / "j"


def make(folder: Path, *, fold_at: tuple[int, ...] = (4,), commits: int = 8, size: int = 3) -> Made:
    """Make a ledger of two tables, one of them lasting, with a snapshot and commits since."""
    folder.mkdir()
    storage = JournalStorage(folder / "j", lasting={KEPT})
    states: list[Tables] = [{}]
    for number in range(1, commits + 1):
        with storage.transaction():
            storage.stage("t", number, {"n": number, "text": "x" * size})
            storage.stage(KEPT, number, {"n": number})
            if number % 3 == 0:
                storage.stage("t", number - 1, None)
        states.append(tables_of(storage.read()))
        if number in fold_at:
            storage.fold(force=True)
    storage.close()
    return Made(folder, states, max(fold_at, default=0))


def expected(made: Made) -> tuple[Tables, list[int]]:
    """Return what can be proven of the damaged folder, and the commits that cannot: by the oracle's own reading.

    The best whole start (the file's, or a generation's), the commits that follow it without a gap, wherever they stand,
    and behind the gap what lasts.
    """
    files = [path for path in (*(made.folder / f"j.{n}" for n in (3, 2, 1)), made.path) if path.exists()]
    commits: dict[int, list[tuple[str, str, object]]] = {}
    starts = []
    for path in files:
        commits.update({mark: found for mark, found in whole_lines(path.read_bytes()) if isinstance(mark, int)})
        if (start := longest_start(path)) is not None:
            starts.append(start)
    number = max(starts)
    tables = {name: dict(rows) for name, rows in made.states[number].items()}
    while number + 1 in commits:
        number += 1
        apply(tables, commits[number])  # type: ignore[arg-type]
    for later in sorted(at for at in commits if at > number):
        apply(tables, [cell for cell in commits[later] if cell[0] == KEPT])  # type: ignore[arg-type]
    return tables, list(range(number + 1, max([number, *commits]) + 1))


def whole_lines(data: bytes) -> Iterator[tuple[int | str, list[tuple[str, str, object]]]]:
    """Yield every line that stands whole in ``data``, also where a line feed became something else."""
    for line in data.split(b"\n"):
        rest = line
        while rest:
            comma = rest.find(b",", 12)
            length = int(rest[12:comma]) if rest[12:comma].isdigit() else -1
            end = comma + length + 2
            try:
                yield cells(rest[: end if length > 0 else 0])
            except (NotWhole, ValueError, IndexError, TypeError, AttributeError):
                break
            rest = rest[end + 1 :]


def longest_start(path: Path) -> int | None:
    """Return the number of the commit up to which the file is whole from its beginning, None if its snapshot is not."""
    lines = path.read_bytes().split(b"\n")
    for count in range(len(lines) - 1, 0, -1):
        trial = path.with_name("trial")
        unique = [line for at, line in enumerate(lines[:count]) if at == 0 or line != lines[at - 1]]
        trial.write_bytes(b"\n".join(unique) + b"\n")
        try:
            mark = cells(unique[-1])[0]
            _, sequence = read(trial)
        except (NotWhole, ValueError, IndexError, TypeError, AttributeError):
            continue
        finally:
            trial.unlink()
        if isinstance(mark, int) or mark.split(" ")[3] == mark.split(" ")[5]:
            return sequence
    return None


def check(made: Made, about: object) -> str:
    """Open the damaged ledger: it is well, torn, healed as promised, or refused and untouched. Return which."""
    data = made.path.read_bytes()
    try:
        wanted, lost = expected(made)
    except ValueError:  # nothing to begin with
        with pytest.raises((Damaged, NewerFormat)):
            JournalStorage(made.path, lasting={KEPT})
        assert made.path.read_bytes() == data, f"{about}: touched"
        assert not (made.folder / "corrupt").exists()
        return "refused"
    storage = JournalStorage(made.path, lasting={KEPT})
    found = tables_of(storage.read())
    evidence = [path.read_bytes() for path in (made.folder / "corrupt").glob("*")]
    if storage.healing is not None:
        assert same_rows(found, wanted), f"{about}: {storage.healing}"
        assert storage.healing.lost == len(lost), f"{about}: {storage.healing}, not {lost}"
        assert data in evidence, f"{about}: no evidence"
        kind = "healed"
    elif storage.torn:
        kind = "torn"
        assert data[-storage.torn :] in evidence, f"{about}: no evidence"
        assert len(list(whole_lines(data[-storage.torn :]))) < 2, f"{about}: more than the last line was called torn"
        assert same(found, made.states[storage.sequence]), about
    else:
        kind = "well"
        assert same(found, made.states[storage.sequence]), about
        assert len(data.splitlines()) < 2 or data.endswith(b"\n")
    with storage.transaction():
        storage.stage("t", 99, {"after": True})
    storage.close()
    found.setdefault("t", {})[99] = {"after": True}
    assert same(read(made.path)[0], found), f"{about}: writing went wrong"
    return kind


def same_rows(first: Tables, second: Tables) -> bool:
    return {k: v for k, v in first.items() if v} == {k: v for k, v in second.items() if v}


def again(made: Made, folder: Path, data: bytes) -> Made:
    """Return a copy of the ledger whose file holds ``data``."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(made.folder, folder)
    (folder / "j").write_bytes(data)
    return Made(folder, made.states, made.snapshot)


@pytest.mark.slow
@pytest.mark.parametrize("fold_at", [(), (2, 4)])
def test_one_bit_flipped_in_every_byte(fold_at: tuple[int, ...], tmp_path: Path, effort: int) -> None:
    """Wherever one bit is wrong: healed without losing more than the line it stands in, or refused and untouched."""
    made = make(tmp_path / "made", fold_at=fold_at, commits=6)
    data = made.path.read_bytes()
    kinds: dict[str, int] = {}
    for at in range(len(data)):
        for bit in range(8) if effort > 1 or data[at : at + 1] == b"\n" else (at % 8,):
            flipped = data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]
            kind = check(again(made, tmp_path / "flipped", flipped), f"bit {bit} of byte {at}")
            kinds[kind] = kinds.get(kind, 0) + 1
    assert kinds.get("well", 0) == 0
    assert bool(fold_at) != bool(kinds.get("refused")), "with a generation nothing is refused"
    assert kinds["torn"] <= 8 * len(data.splitlines()[-1])


@pytest.mark.parametrize("fold_at", [(), (4,)])
def test_cut_off_at_every_byte(fold_at: tuple[int, ...], tmp_path: Path) -> None:
    """A file that ends anywhere opens with the commits that are whole, or from its generation, or not at all."""
    made = make(tmp_path / "made", fold_at=fold_at, commits=5)
    data = made.path.read_bytes()
    kinds = [check(again(made, tmp_path / "cut", data[:at]), f"cut at {at}") for at in range(len(data))]
    assert kinds.count("well") == 5 - made.snapshot
    assert "torn" in kinds
    assert ("healed" if fold_at else "refused") in kinds


SPOILED = {
    "emptied": lambda data: b"",
    "all NUL": lambda data: bytes(len(data)),
    "first page NUL": lambda data: bytes(PAGE) + data[PAGE:],
    "second page NUL": lambda data: data[:PAGE] + bytes(PAGE) + data[2 * PAGE :],
    "last page NUL": lambda data: data[: -len(data) % PAGE - PAGE] + bytes(PAGE - -len(data) % PAGE),
    "NUL behind": lambda data: data + bytes(PAGE),
    "rubbish behind": lambda data: data + b"rubbish\nand more\x00\xff",
    "lines of rubbish behind": lambda data: data + b"rubbish\n" * 3,
    "last line twice": lambda data: data + data.splitlines(keepends=True)[-1],
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "CR LF": lambda data: data.replace(b"\n", b"\r\n"),
    "another file": lambda data: b'{"_default": {"1": {"a": 1}}}',
    "a line feed in the middle": lambda data: data[: len(data) // 2] + b"\n" + data[len(data) // 2 :],
}


@pytest.mark.parametrize("what", SPOILED)
@pytest.mark.parametrize("fold_at", [(), (3,)])
def test_spoiled(what: str, fold_at: tuple[int, ...], tmp_path: Path) -> None:
    """Emptied, overwritten, something put behind: each is healed, torn, harmless or refused as promised."""
    made = make(tmp_path / "made", fold_at=fold_at, commits=8, size=1500)
    check(again(made, tmp_path / "spoiled", SPOILED[what](made.path.read_bytes())), what)


@pytest.mark.parametrize("fold_at", [(), (4,)])
def test_every_line_twice_moved_or_missing(fold_at: tuple[int, ...], tmp_path: Path) -> None:
    """Lines that stand twice, in another place or not at all lose nothing but what is not there."""
    made = make(tmp_path / "made", fold_at=fold_at, commits=7)
    lines = made.path.read_bytes().splitlines(keepends=True)
    for at, line in enumerate(lines):
        for to in range(at, len(lines)):
            twice = [*lines[: to + 1], line, *lines[to + 1 :]]
            check(again(made, tmp_path / "twice", b"".join(twice)), f"line {at} again behind {to}")
            moved = [*lines[:at], *lines[at + 1 : to + 1], line, *lines[to + 1 :]]
            check(again(made, tmp_path / "moved", b"".join(moved)), f"line {at} behind {to}")
        check(again(made, tmp_path / "missing", b"".join(lines[:at] + lines[at + 1 :])), f"line {at} missing")


@pytest.mark.parametrize("broken", ["snapshot", "all", "gone"])
def test_a_generation_makes_up_for_a_damaged_snapshot(broken: str, tmp_path: Path) -> None:
    """With generation 1 whole, a damaged snapshot costs nothing; a lost file costs what came after the fold."""
    made = make(tmp_path / "made", fold_at=(2, 5), commits=8)
    data = made.path.read_bytes()
    if broken == "snapshot":
        made.path.write_bytes(b"?" + data[1:])
    elif broken == "all":
        made.path.write_bytes(b"")
    else:
        made.path.unlink()
    storage = JournalStorage(made.path, lasting={KEPT})
    assert storage.healing is not None
    assert storage.healing.believed == "j.1"
    assert same(tables_of(storage.read()), made.states[8 if broken == "snapshot" else 5])


def test_damaged_generations_are_passed_over(tmp_path: Path) -> None:
    """The newest generation that is whole is believed, and the commits of damaged ones still count."""
    made = make(tmp_path / "made", fold_at=(2, 4, 6), commits=8)
    for name in ("j", "j.1"):
        path = made.folder / name
        path.write_bytes(b"?" + path.read_bytes()[1:])
    storage = JournalStorage(made.path, lasting={KEPT})
    assert storage.healing is not None
    assert storage.healing.believed == "j.2"
    assert storage.healing.lost == 0
    assert same_rows(tables_of(storage.read()), made.states[8])


def test_a_reader_heals_in_memory_only(tmp_path: Path) -> None:
    """Whoever only reads gets what can be proven, and leaves every file as it was."""
    made = make(tmp_path / "made", fold_at=(4,), commits=8)
    made.path.write_bytes(b"?" + made.path.read_bytes()[1:])
    before = {path: path.read_bytes() for path in made.folder.rglob("*")}
    reader = JournalStorage(made.path, write=False, lasting={KEPT})
    assert same_rows(tables_of(reader.read()), made.states[8])
    assert {path: path.read_bytes() for path in made.folder.rglob("*")} == before


def test_a_healed_ledger_is_healed_once(tmp_path: Path) -> None:
    """After healing the file is whole: the next opening finds nothing to heal, and the numbers went on."""
    made = make(tmp_path / "made", fold_at=(4,), commits=8)
    made.path.write_bytes(b"?" + made.path.read_bytes()[1:])
    first = JournalStorage(made.path, lasting={KEPT})
    assert first.sequence > 8
    first.close()
    again_open = JournalStorage(made.path, lasting={KEPT})
    assert again_open.healing is None
    assert again_open.sequence == first.sequence
    assert len(list((made.folder / "corrupt").iterdir())) == 1


def test_a_whole_line_without_its_line_feed_is_torn_not_damaged(tmp_path: Path) -> None:
    """A power cut may lose just the page that holds the last line feed: that is no damage."""
    for tail in (b"", b"\0", b"\0" * 100):
        made = make(tmp_path / f"made{len(tail)}", commits=6)
        made.path.write_bytes(made.path.read_bytes()[:-1] + tail)
        storage = JournalStorage(made.path, lasting={KEPT})
        assert storage.healing is None
        assert storage.torn > 0
        assert storage.sequence == 5


def test_a_file_of_another_format_is_refused_in_words(tmp_path: Path) -> None:
    """A snapshot of format 3 is from a newer Kith: refused, and untouched, though there are generations."""
    made = make(tmp_path / "made")
    body = b'"snapshot 4 part 1 of 1 format 3"'
    data = b'["%08x",%d,%s]\n' % (zlib.crc32(body), len(body), body)
    made.path.write_bytes(data)
    for write in (True, False):
        with pytest.raises(NewerFormat, match="format 3; this Kith knows 2"):
            JournalStorage(made.path, write=write, lasting={KEPT})
    assert made.path.read_bytes() == data
    assert not (made.folder / "corrupt").exists()
