"""The state in one file and back: the same, once, for nobody who was forgotten, and never by a file that lies."""

from __future__ import annotations

import errno
import fcntl
import gzip
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from daemon.ledger import Ledger, open_ledger
from daemon.ledger.archive import LIST, verify
from tests.cli.conftest import NOW, Kith

Files = dict[str, bytes]


def at(world: Path) -> tuple[str, str]:
    return "--config", str(world / "config.toml")


def held(folder: Path) -> dict[str, list[bytes]]:
    """Every row of the state, by table, in order."""
    with open_ledger(folder, write=False) as ledger:
        return {name: list(rows.values()) for name, rows in sorted(ledger._storage.tables.items()) if rows}


def bytes_of(folder: Path) -> Files:
    """Every file but the locks, which hold nothing."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock" and path.name != "lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture
def saved(kith: Kith, world: Path) -> Path:
    """A backup of the demo's state, with the logins of an account ``home``."""
    tokens = world / "state" / "tokens"
    tokens.mkdir(mode=0o700)
    for name in ("home.mail.json", "home.logins.json", "notes.txt"):
        (tokens / name).write_text('{"refresh_token": "canary-of-a-login"}')
        (tokens / name).chmod(0o600)
    assert kith("backup", world / "b.tar", *at(world)).code == 0
    return world / "b.tar"


# -- the same state ----------------------------------------------------------------------------------------------------


def test_a_backup_comes_back_as_the_same_state(kith: Kith, world: Path, saved: Path) -> None:
    """On a new machine: every row, the secret, and the next tick writes nothing new."""
    before, secret = held(world / "state"), (world / "state" / "secret").read_bytes()
    calendar = (world / "kith.ics").read_bytes()
    shutil.rmtree(world / "state")
    assert kith("restore", saved, *at(world)).code == 0
    assert held(world / "state") == before
    assert (world / "state" / "secret").read_bytes() == secret
    assert kith("once", *at(world), "--now", NOW).code == 0
    assert (world / "kith.ics").read_bytes() == calendar
    assert {path.stat().st_mode & 0o777 for path in (world / "state").rglob("*") if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (world / "state").rglob("*") if path.is_dir()} <= {0o700}


def test_the_same_state_is_the_same_file(kith: Kith, world: Path, saved: Path) -> None:
    """Byte for byte, however the ledger's file came to hold it; 0600; restored, it is the same still."""
    first = saved.read_bytes()
    assert saved.stat().st_mode & 0o777 == 0o600
    with open_ledger(world / "state") as ledger:
        ledger._storage.fold(force=True)
    assert kith("backup", world / "c.tar", *at(world)).code == 0
    assert (world / "c.tar").read_bytes() == first
    shutil.rmtree(world / "state")
    assert kith("restore", saved, *at(world)).code == 0
    assert kith("backup", world / "d.tar", *at(world)).code == 0
    assert (world / "d.tar").read_bytes() == first


def test_any_tar_reads_it(saved: Path) -> None:
    """It is a plain tar archive: a list first, then files of nobody, 0600, that say what they are."""
    with tarfile.open(saved, "r:") as found:
        names = found.getnames()
        about = json.load(found.extractfile(LIST))  # type: ignore[arg-type]
        assert {(item.uid, item.gid, item.mode, item.mtime, item.type) for item in found} == {(0, 0, 0o600, 0, b"0")}
    assert names == [LIST, "ledger.jsonl", "secret", "never"]
    assert list(about["files"]) == names[1:]


def test_logins_only_when_asked_for(kith: Kith, world: Path, saved: Path) -> None:
    """Without --with-secrets no byte of a login is in the file; with it they come back, 0600 in a folder 0700."""
    assert b"canary" not in saved.read_bytes()
    assert kith("backup", world / "s.tar", "--with-secrets", *at(world)).code == 0
    assert list(verify(world / "s.tar").logins) == ["tokens/home.logins.json", "tokens/home.mail.json"]
    shutil.rmtree(world / "state")
    assert kith("restore", world / "s.tar", *at(world)).code == 0
    token = world / "state" / "tokens" / "home.mail.json"
    assert (token.read_text(), token.stat().st_mode & 0o777) == ('{"refresh_token": "canary-of-a-login"}', 0o600)
    assert token.parent.stat().st_mode & 0o777 == 0o700


def test_a_login_that_is_there_stays(kith: Kith, world: Path, saved: Path) -> None:
    """A backup without logins takes none away."""
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    assert (world / "state" / "tokens" / "home.mail.json").exists()


def test_while_somebody_writes_it_is_one_commits_state(world: Path) -> None:
    """A unit that is under way, and one that ended after the backup began, are not in it, not even in part."""
    from daemon.backup import back_up

    state = world / "state"
    before = held(state)
    with open_ledger(state, write=False) as reader, open_ledger(state) as writer:
        with writer.unit():
            writer.set_meta("one", 1)
        with writer.unit():
            writer.set_meta("two", 2)
            back_up(reader, world / "b.tar", logins=False)
            with open_ledger(state, write=False) as later:
                back_up(later, world / "c.tar", logins=False)
    for name, more in (("b", []), ("c", [b'{"key":"one","value":1}'])):
        target = world / name
        target.mkdir()
        with tarfile.open(world / f"{name}.tar") as found:
            found.extractall(target, filter="data")
        assert held(target) == {**before, "meta": [*before["meta"], *more]}


def test_a_good_backup_is_not_lost_to_a_bad_disk(
    kith: Kith, world: Path, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read back is something else: that is said, and the file of before stays."""
    good, real = saved.read_bytes(), os.read

    def rotten(file: int, size: int) -> bytes:
        data = real(file, size)
        return data.replace(b'"kind"', b'"kinb"') if data.startswith(b'["') is False else data

    kept = open_ledger(world / "state", write=False)
    from daemon.backup import back_up
    from daemon.ledger.archive import NoBackup

    monkeypatch.setattr(os, "read", rotten)
    with pytest.raises(NoBackup, match="damaged"):
        back_up(kept, saved, logins=False)
    monkeypatch.undo()
    assert saved.read_bytes() == good
    assert not list(world.glob(".*kith-tmp"))


def test_a_file_of_somebody_elses_is_not_overwritten(kith: Kith, world: Path) -> None:
    """A mistyped name does not cost a letter."""
    (world / "letter.txt").write_text("Dear Maria")
    ran = kith("backup", world / "letter.txt", *at(world))
    assert (ran.code, "not overwritten" in ran.err) == (2, True)
    assert (world / "letter.txt").read_text() == "Dear Maria"


def test_nothing_to_save(kith: Kith, world: Path) -> None:
    """Before the first tick there is nothing, and that is said."""
    shutil.rmtree(world / "state")
    ran = kith("backup", world / "b.tar", *at(world))
    assert (ran.code, "kith once" in ran.err, (world / "b.tar").exists()) == (2, True, False)


# -- over a state that is there ----------------------------------------------------------------------------------------


def test_a_state_that_holds_something_is_kept(kith: Kith, world: Path, saved: Path) -> None:
    """Without --yes nothing happens (2); with it what was there lies beside it, logins too, and can come back."""
    assert kith("note", "maria huber", "likes tea", *at(world)).code == 0
    later = bytes_of(world / "state")
    ran = kith("restore", saved, *at(world))
    assert (ran.code, "--yes" in ran.err, bytes_of(world / "state")) == (2, True, later)
    rows = held(world / "state")
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    assert held(world / "state")["decisions"] == rows["decisions"][:-1]
    kept = world / "state" / "before-restore-1.tar"
    assert verify(kept).logins
    assert kith("restore", kept, "--yes", *at(world)).code == 0
    assert held(world / "state") == rows


def test_of_what_restores_replaced_three_are_kept(kith: Kith, world: Path, saved: Path) -> None:
    """The newest, under numbers that go on."""
    for _ in range(5):
        assert kith("restore", saved, "--yes", *at(world)).code == 0
    assert sorted(path.name for path in (world / "state").glob("before-*")) == [
        f"before-restore-{number}.tar" for number in (3, 4, 5)
    ]


def test_the_numbers_of_commits_never_fall(kith: Kith, world: Path, saved: Path) -> None:
    """Whoever knows what stood at a number is not told the same number for something else."""
    for text in ("one", "two"):
        assert kith("note", "maria huber", text, *at(world)).code == 0
    with open_ledger(world / "state", write=False) as ledger:
        before = ledger.sequence
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    with open_ledger(world / "state", write=False) as ledger:
        assert ledger.sequence > before


def test_older_generations_of_another_state_heal_nothing(kith: Kith, world: Path, saved: Path) -> None:
    """They go: a damage after a restore must not bring back what was there before."""
    with open_ledger(world / "state") as ledger:
        ledger._storage.fold(force=True)
    assert (world / "state" / "ledger.jsonl.1").exists()
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    assert not list((world / "state").glob("ledger.jsonl.*"))


@pytest.mark.parametrize("harm", ["ledger.jsonl", "secret", "secret-gone"])
def test_a_damaged_state_is_what_backups_are_for(kith: Kith, world: Path, saved: Path, harm: str) -> None:
    """The ledger or the secret is beyond healing: --yes, and all is well; the damaged ledger is kept as evidence."""
    before, path = held(world / "state"), world / "state" / harm.removesuffix("-gone")
    for item in (world / "state").glob("ledger.jsonl.*"):
        item.unlink()
    path.write_bytes(b"nonsense" * 100)
    if harm == "secret-gone":
        path.unlink()
    assert kith("status", *at(world)).code == 74
    assert kith("restore", saved, *at(world)).code == 2
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    assert held(world / "state") == before
    evidence = world / "state" / "corrupt" / "ledger.jsonl.replaced"
    assert (harm == "ledger.jsonl") == (evidence.read_bytes() == b"nonsense" * 100)


def test_not_under_a_running_kith(kith: Kith, world: Path, saved: Path) -> None:
    """A `run` holds its lock between ticks, too: 75, the process is named, nothing is changed."""
    before = bytes_of(world / "state")
    lock = os.open(world / "state" / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    os.pwrite(lock, b"4711\n", 0)
    fcntl.flock(lock, fcntl.LOCK_EX)
    ran = kith("restore", saved, "--yes", *at(world))
    os.close(lock)
    assert (ran.code, "4711" in ran.err, bytes_of(world / "state")) == (75, True, before)


def test_not_under_a_tick(kith: Kith, world: Path, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that writes is at work: 75, nothing is changed."""
    monkeypatch.setattr("daemon.session.LOCK_PATIENCE", 0.0)
    before = bytes_of(world / "state")
    with open_ledger(world / "state"):
        assert kith("restore", saved, "--yes", *at(world)).code == 75
    assert bytes_of(world / "state") == before


# -- what outlives a restore -------------------------------------------------------------------------------------------


def test_whoever_was_forgotten_since_stays_forgotten(kith: Kith, world: Path, saved: Path) -> None:
    """An older backup holds her still; after the restore nothing of her is left, in no file but the backup itself."""
    assert b"nora@" in saved.read_bytes()
    assert kith("forget", "nora lindqvist", "--yes", *at(world)).code == 0
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    check_forgotten(kith, world, "nora@")


def test_forgotten_under_another_secret(kith: Kith, world: Path, saved: Path) -> None:
    """The machine died, Kith began anew, somebody was forgotten there; then the old state came back: so is she here."""
    shutil.rmtree(world / "state")
    assert kith("once", *at(world), "--now", NOW).code in {0, 65}
    assert kith("forget", "nora lindqvist", "--yes", *at(world)).code == 0
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    check_forgotten(kith, world, "nora@")
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    check_forgotten(kith, world, "nora@")


def check_forgotten(kith: Kith, world: Path, address: str) -> None:
    for found in (True, False):
        assert kith("why", "nora", *at(world), "--now", NOW).code == 2
        texts = [data for name, data in bytes_of(world / "state").items() if not name.startswith("before-")]
        assert not [data for data in texts if address.encode() in data or b"Lindqvist" in data]
        assert not found or kith("once", *at(world), "--now", NOW).code == 0


def test_forgetting_forgets_what_restores_replaced(kith: Kith, world: Path, saved: Path) -> None:
    """The backups that restores leave in the state hold people, too."""
    assert kith("restore", saved, "--yes", *at(world)).code == 0
    assert kith("forget", "nora lindqvist", "--yes", *at(world)).code == 0
    assert not list((world / "state").glob("before-*"))


@pytest.mark.parametrize("anew", [False, True])
def test_never_stays_never(kith: Kith, world: Path, saved: Path, anew: bool) -> None:
    """A mark younger than the backup outlives the restore, under another secret too; one taken back does not."""
    if anew:
        shutil.rmtree(world / "state")
        assert kith("once", *at(world), "--now", NOW).code in {0, 65}
    assert kith("mark", "nora lindqvist", "never", *at(world)).code == 0
    assert kith("mark", "ben fischer", "never", *at(world)).code == 0
    assert kith("mark", "ben fischer", "never", "--remove", *at(world)).code == 0
    for _ in range(2):
        assert kith("restore", saved, "--yes", *at(world)).code == 0
        marks = {row["name"]: row["marks"] for row in kith("people", "--json", *at(world)).json}
        assert (marks["Nora Lindqvist"], "never" in marks["Ben Fischer"]) == (["never"], False)


def test_a_backup_of_three_weeks_ago_writes_nothing_twice(kith: Kith, world: Path) -> None:
    """What was written after the backup stands outside and is known again, not written anew (reliability F13)."""
    assert kith("backup", world / "b.tar", *at(world)).code == 0
    later = (*at(world), "--now", "2026-12-11T09:00:00")
    assert kith("once", *later).code == 0
    standing = (world / "kith.ics").read_bytes().count(b"BEGIN:VEVENT")
    drafts = sorted(path.name for path in (world / "Mail" / "Drafts" / "cur").iterdir())
    assert kith("restore", world / "b.tar", "--yes", *at(world)).code == 0
    assert kith("once", *later).code == 0
    assert (world / "kith.ics").read_bytes().count(b"BEGIN:VEVENT") == standing
    assert len(list((world / "Mail" / "Drafts" / "cur").iterdir())) == len(drafts)


# -- files that lie ----------------------------------------------------------------------------------------------------


def unpacked(path: Path) -> Files:
    with tarfile.open(path) as found:
        return {item.name: found.extractfile(item).read() for item in found if item.name != LIST}  # type: ignore[union-attr]


def packed(state: Files, change: Callable[[tarfile.TarInfo], None] = lambda _: None, **about: Any) -> bytes:
    """A backup as somebody with a tar library would make it, checksums and all; ``about`` is what the list says."""
    listed = {name: {"size": len(data), "sha256": sha256(data).hexdigest()} for name, data in state.items()}
    document = {"kith": "backup", "format": 1, "schema": 2, "sequence": 1, "files": listed, "check": "", **about}
    check = sha256(json.dumps(document, separators=(",", ":")).encode()).hexdigest()
    text = json.dumps({**document, "check": check}, indent=1).encode() + b"\n"
    made = io.BytesIO()
    for name, data in {LIST: text, **state}.items():
        item = tarfile.TarInfo(name)
        item.size, item.mode = len(data), 0o600
        change(item)
        made.write(item.tobuf(tarfile.USTAR_FORMAT, "ascii"))
        made.write(data if item.isreg() else b"")
        made.write(bytes(-len(data) % 512 if item.isreg() else 0))
    return made.getvalue() + bytes(1024)


def member(of: str, **fields: Any) -> Callable[[tarfile.TarInfo], None]:
    def change(item: tarfile.TarInfo) -> None:
        if item.name == of:
            for field, value in fields.items():
                setattr(item, field, value)

    return change


def with_rows(files: Files, *rows: tuple[str, str]) -> Files:
    """The state with one more snapshot's worth of rows, checksums and all."""
    from daemon.ledger import lines

    tables = {table: {1: row.encode()} for table, row in rows}
    meta = {1: b'{"key":"schema","value":2}'}
    return {**files, "ledger.jsonl": b"".join(lines.snapshot(1, {**tables, "meta": meta}, {}))}


LIES: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "a way out": (lambda files: packed({**files, "../../out": b"x"}), "no backup of Kith's has"),
    "from the root": (lambda files: packed({**files, "/etc/cron.d/x": b"x"}), "no backup of Kith's has"),
    "a way out in tokens": (lambda files: packed({**files, "tokens/../x.mail.json": b"x"}), "no backup of Kith's has"),
    "another name": (lambda files: packed(files, member("secret", name="../../out")), "where secret should be"),
    "a link": (lambda files: packed(files, member("secret", type=tarfile.SYMTYPE, linkname="/etc/passwd")), "a link"),
    "a hard link": (lambda files: packed(files, member("never", type=tarfile.LNKTYPE, linkname="secret")), "a link"),
    "a device": (lambda files: packed(files, member("never", type=tarfile.CHRTYPE, devmajor=1)), "no plain file"),
    "a pipe": (lambda files: packed(files, member("never", type=tarfile.FIFOTYPE)), "no plain file"),
    "holes": (lambda files: packed(files, member("never", type=tarfile.GNUTYPE_SPARSE)), "a way that Kith"),
    "setuid": (lambda files: packed(files, member("secret", mode=0o4755)), "mode 4755"),
    "for everybody": (lambda files: packed(files, member("secret", mode=0o644)), "mode 644"),
    "another owner": (lambda files: packed(files, member("secret", uid=1000)), "owner 1000"),
    "another owner by name": (lambda files: packed(files, member("secret", uname="mallory")), "a way that Kith"),
    "a short secret": (lambda files: packed({**files, "secret": b"short"}), "cannot be"),
    "no secret": (lambda files: packed({k: v for k, v in files.items() if k != "secret"}), "list"),
    "a wrong checksum": (
        lambda files: packed(files).replace(files["secret"], bytes(32)),
        "damaged: secret is not what was written",
    ),
    "a size beyond belief": (
        lambda files: packed(files, files={"ledger.jsonl": {"size": 1 << 40, "sha256": "0" * 64}, "secret": {}}),
        "damaged list",
    ),
    "a bomb of a size": (
        lambda files: packed(
            files,
            files={"ledger.jsonl": {"size": 1 << 40, "sha256": "0" * 64}, "secret": {"size": 32, "sha256": "0" * 64}},
        ),
        "cannot be",
    ),
    "a list without end": (lambda files: packed(files, files=json.loads("[" * 500 + "]" * 500)), "damaged list"),
    "no list": (lambda files: packed(files)[1024:], "is no backup"),
    "nothing": (lambda _: b"", "is no backup"),
    "something behind": (lambda files: packed(files) + b"\0", "added"),
    "something between": (lambda files: packed({**files, "never": b"x"})[:-1025] + b"y" + bytes(1024), "between"),
    "a ledger cut off": (lambda files: packed({**files, "ledger.jsonl": files["ledger.jsonl"][:-9]}), "not whole"),
    "no ledger": (lambda files: packed({**files, "ledger.jsonl": b""}), "not whole"),
    "a line without end": (lambda files: packed({**files, "ledger.jsonl": bytes(70 << 20)}), "longer than any"),
    "rows of no Kith": (lambda files: packed(with_rows(files, ("decisions", '{"key":"k","at":3}'))), "no Kith wrote"),
    "rows without keys": (lambda files: packed(with_rows(files, ("events", "[]"))), "no Kith wrote"),
    "rows as deep as the sea": (
        lambda files: packed(with_rows(files, ("events", '{"key":"k","x":' + "[" * 9000 + "]" * 9000 + "}"))),
        "no Kith wrote",
    ),
    "a compressed one": (lambda files: gzip.compress(packed(files)), "is no backup"),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("fresh", [False, True])
def test_a_file_that_lies_changes_nothing(kith: Kith, world: Path, saved: Path, lie: str, fresh: bool) -> None:
    """Refused in words (65), over a state and where none is; nothing anywhere is made, changed or removed."""
    make, words = LIES[lie]
    (world / "lie.tar").write_bytes(make(unpacked(saved)))
    if fresh:
        shutil.rmtree(world / "state")
    before = bytes_of(world.parent)
    ran = kith("restore", world / "lie.tar", "--yes", *at(world))
    assert (ran.code, words in ran.err, "nothing was changed" in ran.err) == (65, True, True), ran.err
    assert bytes_of(world.parent) == before


def test_the_tests_own_archive_is_believed(kith: Kith, world: Path, saved: Path) -> None:
    """What the lies are made of is true: without one it is restored."""
    (world / "true.tar").write_bytes(packed(unpacked(saved)))
    assert kith("restore", world / "true.tar", "--yes", *at(world)).code == 0


def test_cut_anywhere(kith: Kith, world: Path, saved: Path) -> None:
    """A backup that was cut off at any of many places is refused."""
    data, state = saved.read_bytes(), bytes_of(world / "state")
    places = [0, 1, 511, 512, 513, 1024, 1536, len(data) // 2, len(data) - 1024, len(data) - 513, len(data) - 1]
    for place in places:
        (world / "cut.tar").write_bytes(data[:place])
        assert kith("restore", world / "cut.tar", "--yes", *at(world)).code == 65, place
    assert bytes_of(world / "state") == state


def test_one_bit_anywhere(world: Path, saved: Path) -> None:
    """A bit turned in any of many bytes is found, wherever it is."""
    from daemon.ledger.archive import NewerBackup, NoBackup

    data = bytearray(saved.read_bytes())
    step = max(len(data) // 150, 1)
    for place in (*range(0, 1536, 31), *range(1536, len(data), step), len(data) - 1):
        data[place] ^= 1
        (world / "bit.tar").write_bytes(data)
        with pytest.raises((NoBackup, NewerBackup)):
            verify(world / "bit.tar")
        data[place] ^= 1


@pytest.mark.parametrize("what", ["format", "schema", "lines"])
def test_a_newer_backup(kith: Kith, world: Path, saved: Path, what: str) -> None:
    """Made by a newer Kith: 78, in words, nothing changed."""
    files = unpacked(saved)
    if what == "schema":
        files = with_rows(files)
        files["ledger.jsonl"] = remade(files["ledger.jsonl"], b'"value":2', b'"value":9')
    if what == "lines":
        files["ledger.jsonl"] = remade(files["ledger.jsonl"], b"format 2", b"format 3")
    (world / "new.tar").write_bytes(packed(files, **({"format": 2} if what == "format" else {})))
    before = bytes_of(world / "state")
    ran = kith("restore", world / "new.tar", "--yes", *at(world))
    assert (ran.code, "this Kith knows" in ran.err) == (78, True), ran.err
    assert bytes_of(world / "state") == before


def remade(data: bytes, old: bytes, new: bytes) -> bytes:
    """The lines of a ledger with something replaced, their checksums made anew."""
    from zlib import crc32

    found = []
    for line in data.splitlines():
        body = line.split(b",", 2)[2][:-1].replace(old, new)
        found.append(b'["%08x",%d,%s]\n' % (crc32(body), len(body), body))
    return b"".join(found)


def test_a_backup_of_an_older_schema_is_brought_forward(kith: Kith, world: Path, saved: Path) -> None:
    """As a state of that schema would be."""
    files = with_rows(unpacked(saved))
    files["ledger.jsonl"] = remade(files["ledger.jsonl"], b'"value":2', b'"value":1')
    (world / "old.tar").write_bytes(packed(files, schema=1))
    assert kith("restore", world / "old.tar", "--yes", *at(world)).code == 0
    with open_ledger(world / "state", write=False) as ledger:
        assert (ledger.meta("schema"), isinstance(ledger, Ledger)) == (2, True)


def test_a_planted_link_is_not_followed(kith: Kith, world: Path, saved: Path) -> None:
    """Links in the state where a restore works are refused or replaced, never followed."""
    outside = world / "outside"
    outside.mkdir()
    (outside / "keep").write_text("mine")
    (world / "state" / "restoring").symlink_to(outside)
    assert kith("restore", saved, "--yes", *at(world)).code == 74
    assert (outside / "keep").read_text() == "mine"
    (world / "state" / "restoring").unlink()
    (world / "state" / "never").symlink_to(outside / "keep")
    assert kith("restore", saved, "--yes", *at(world)).code in {0, 74}
    assert (outside / "keep").read_text() == "mine"


def test_no_pipe_and_no_folder(kith: Kith, world: Path) -> None:
    """Something that is no file is refused at once, not waited for; a place that is not there is named."""
    os.mkfifo(world / "pipe")
    ran = kith("restore", world / "pipe", "--yes", *at(world))
    assert (ran.code, "no plain file" in ran.err) == (2, True)
    ran = kith("backup", world / "nowhere" / "b.tar", *at(world))
    assert (ran.code, "cannot be written: No such file" in ran.err) == (74, True)


def test_no_room_for_a_backup(kith: Kith, world: Path, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full in the middle: that is said, and the backup of before is whole."""
    before, real = saved.read_bytes(), os.write

    def full(file: int, data: bytes) -> int:
        if len(data) > 400:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, data)

    monkeypatch.setattr(os, "write", full)
    ran = kith("backup", saved, *at(world))
    monkeypatch.undo()
    assert (ran.code, "No space left" in ran.err, saved.read_bytes() == before) == (74, True, True)
    assert not list(world.glob(".*kith-tmp"))


def test_no_room_for_a_restore(kith: Kith, world: Path, saved: Path) -> None:
    """The disk is full at any write before the decision: nothing changed; the next restore works."""
    before, real, count = held(world / "state"), os.write, 0

    for at_write in range(1, 12):
        count = 0

        def full(file: int, data: bytes, at_write: int = at_write) -> int:
            nonlocal count
            count += 1
            if count >= at_write:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return real(file, data)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "write", full)
            ran = kith("restore", saved, "--yes", *at(world))
        assert held(world / "state") == before
        if ran.code == 0:
            break
    assert at_write > 3
    assert kith("restore", saved, "--yes", *at(world)).code == 0
