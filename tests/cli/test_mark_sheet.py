"""kith mark without a person: thirty on a sheet, guesses in front; whatever the editor does, nothing typed is lost."""

from __future__ import annotations

import os
import pty
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Kith

Editor = Callable[[str], None]


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Somebody sits there, whose editor does what the given code makes of ``text``."""
    monkeypatch.setattr("daemon.cli.marks.is_watched", lambda: True)
    monkeypatch.delenv("VISUAL", raising=False)

    def use(code: str) -> None:
        script = tmp_path / "editor.py"
        script.write_text(
            "import os, re, sys, pathlib\npath = pathlib.Path(sys.argv[-1])\ntext = path.read_text()\n"
            f"{code}\npath.write_text(text)\n"
        )
        monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")

    return use


def marked(kith: Kith, world: Path) -> dict[str, list[str]]:
    rows = kith("people", "--json", "--config", world / "config.toml").json
    return {row["id"]: row["marks"] for row in rows if row["marks"]}


def mark(kith: Kith, world: Path, *words: Any) -> Any:
    return kith("mark", *words, "--config", world / "config.toml")


def stored(world: Path) -> Path:
    return world / "state" / "mark.txt"


def test_the_sheet_has_thirty_and_proposes_key_people(kith: Kith, world: Path) -> None:
    """Without a terminal it is printed: the strongest first, colleagues and household left out, ten guesses at most."""
    ran = mark(kith, world)
    assert ran.code == 0
    rows = lines(ran.out)
    guessed = [row for row in rows if row.startswith("key?")]
    assert len(rows) <= 40
    assert 0 < len(guessed) <= 10
    people = {row["id"]: row for row in kith("people", "--json", "--config", world / "config.toml").json}
    ids = [re.findall(r"\[(p-\w+)\]$", row)[0] for row in rows]
    assert {people[who]["circle"] for who in ids} <= {"network", "correspondent"}
    assert all(people[who]["stage"] is not None for who in ids[: len(guessed)] if who in guessed)
    assert marked(kith, world) == marked(kith, world)
    assert not stored(world).exists()


def test_what_is_left_alone_changes_nothing_and_a_guess_is_made_once(kith: Kith, world: Path, editor: Editor) -> None:
    """A guess is nobody's word; once the sheet was gone through it is not made again."""
    before = marked(kith, world)
    editor('text = text + "# looked at it\\n"')
    ran = mark(kith, world)
    assert (ran.code, ran.out) == (0, "nothing was changed\n")
    assert marked(kith, world) == before
    assert not stored(world).exists()
    assert not any(row.startswith("key?") for row in lines(mark(kith, world, *()).out))


def test_a_yes_a_word_and_a_circle(kith: Kith, world: Path, editor: Editor) -> None:
    """The question mark taken away, another word, a dash for a mark that goes, a circle: each is stored as said."""
    editor("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("daemon.cli.marks.is_watched", lambda: False)
        rows = lines(mark(kith, world).out)
    yes = next(row for row in rows if row.startswith("key?"))
    others = [row for row in rows if row.startswith("- ")]
    ids = [row[-13:-1] for row in (yes, *others[:2])]
    editor(
        f"""
for who, word in ((\"{ids[0]}\", \"key\"), (\"{ids[1]}\", \"admired, target\"), (\"{ids[2]}\", \"household\")):
    text = re.sub(r\"(?m)^[^|#]*(\\|.*\" + who + r\"\\])$\", word + r\" \\1\", text)
"""
    )
    ran = mark(kith, world)
    assert (ran.code, ran.out) == (0, "4 changes stored\n"), ran.err
    found = marked(kith, world)
    assert (found[ids[0]], found[ids[1]]) == (["key"], ["admired", "target"])
    people = {row["id"]: row for row in kith("people", "--json", "--config", world / "config.toml").json}
    assert people[ids[2]]["circle"] == "household"
    editor(f'text = re.sub(r"(?m)^[^|#]*(\\|.*{ids[0]}\\])$", r"- \\1", text)')
    assert mark(kith, world).out == "1 change stored\n"
    assert ids[0] not in marked(kith, world)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("path.write_text(text + 'typed'); os.kill(os.getpid(), 9)", "was killed (signal 9)"),
        ("path.write_text(text + 'typed'); sys.exit(1)", "ended with 1"),
    ],
)
def test_a_killed_editor_loses_nothing(kith: Kith, world: Path, editor: Editor, code: str, said: str) -> None:
    """Nothing is decided, the file stays with what was typed, and the next call opens just that."""
    before = marked(kith, world)
    editor(code)
    ran = mark(kith, world)
    assert ran.code == 2
    assert said in ran.err
    assert marked(kith, world) == before
    assert stored(world).read_text().endswith("typed")
    assert stored(world).stat().st_mode & 0o777 == 0o600
    editor('assert text.endswith("typed"); text = text.removesuffix("typed").replace("key?", "key ", 1)')
    assert mark(kith, world).out == "1 change stored\n"
    assert not stored(world).exists()


def test_bad_lines_are_said_and_kept(kith: Kith, world: Path, editor: Editor) -> None:
    """What is understood is stored; each other line is named by its number, and the sheet waits to be mended."""
    editor(
        """
rows = [row for row in text.splitlines() if row.startswith("key?")]
text = "\\n".join([rows[0].replace("key?", "key"), rows[1].replace("key?", "kye"), "what is this?", rows[2][:-14], ""])
"""
    )
    ran = mark(kith, world)
    assert (ran.code, ran.out) == (2, "1 change stored\n")
    assert "line 2: no mark is called 'kye'" in ran.err
    assert "line 3: nobody is meant by that" in ran.err
    assert "line 4: nobody is meant by that" in ran.err
    assert "kye" in stored(world).read_text()


def test_an_eleventh_key_person_is_refused(kith: Kith, world: Path, tmp_path: Path) -> None:
    """Ten at most; the lines above hold."""
    rows = lines(mark(kith, world).out)
    path = tmp_path / "sheet.txt"
    path.write_text("\n".join("key " + row[row.index("|") :] for row in rows[:12]))
    already = sum("key" in marks for marks in marked(kith, world).values())
    ran = mark(kith, world, "--sheet", path)
    assert ran.code == 2
    assert "10 people are key already" in ran.err
    assert sum("key" in marks for marks in marked(kith, world).values()) == 10
    assert already <= 10


def test_without_an_editor_the_sheet_waits(
    kith: Kith, world: Path, editor: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    ran = mark(kith, world)
    assert ran.code == 2
    assert f"kith mark --sheet {stored(world)}" in ran.err
    assert lines(stored(world).read_text())
    monkeypatch.setenv("EDITOR", "/nowhere/ed")
    assert "cannot be started" in mark(kith, world).err


def test_a_waiting_sheet_forgets_whom_the_user_forgets(kith: Kith, world: Path, editor: Editor) -> None:
    """Nothing of them stays in it; the others' lines do."""
    editor("sys.exit(1)")
    mark(kith, world)
    rows = lines(stored(world).read_text())
    who = rows[0][-13:-1]
    assert kith("forget", who, "--yes", "--config", world / "config.toml").code == 0
    assert lines(stored(world).read_text()) == rows[1:]


@pytest.mark.parametrize(
    "words", [["anna"], ["--remove"], ["anna", "key", "--sheet", "x"], ["--sheet", "/nowhere/x"], ["anna", "nonsense"]]
)
def test_wrong_usage(kith: Kith, world: Path, words: list[str]) -> None:
    assert mark(kith, world, *words).code == 2


def test_in_a_real_terminal(world: Path) -> None:
    """The command itself, on a terminal, with an editor that saves what it was given with one yes."""
    config, editor = world / "config.toml", "sed -i 0,/^key?/s//key/"
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the other process
        os.environ["EDITOR"] = editor
        os.environ.pop("VISUAL", None)
        words = [sys.executable, "-m", "daemon.cli", "mark", "--config", str(config)]
        os.execv(sys.executable, words)  # noqa: S606 - no shell is wanted
    seen = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    assert (os.waitstatus_to_exitcode(status), b"1 change stored" in seen) == (0, True), seen
