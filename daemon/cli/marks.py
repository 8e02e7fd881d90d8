"""mark without a person: the strongest on a sheet, gone through in an editor. Nothing that was typed is ever lost.

The sheet is a file in the state until all of it was understood: an editor that is killed, or a line that cannot be
read, leaves it there, and the next ``kith mark`` opens it again. The state is not locked while the editor is open.
"""

from __future__ import annotations

import os
import shlex
import subprocess  # the user's own editor
import sys
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import click

from connectors.files import make_folder, read_bounded, write_atomically
from daemon.cli import marking
from daemon.cli.codes import say
from daemon.ledger import Ledger
from daemon.model import Decision
from daemon.relate import opinions
from daemon.session import Session

NAME = "mark.txt"
LIMIT = 1 << 20
USAGE = 2


def go_through(session: Session, given: Path | None) -> int:
    """Have the user go through the sheet, or take the one ``given``; return the exit code. Raises click.UsageError."""
    path = session.configuration.state / NAME
    if given is not None:
        return _take(session, _text(given), None)
    if not is_watched():
        click.echo(_fresh(session).text, nl=False)
        say("kith: no terminal. Save this, change the words in front, and: kith mark --sheet FILE")
        return 0
    before = _ready(session, path)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        say(f"kith: no $EDITOR. Change the words in front in {path}, and: kith mark --sheet {path}")
        return USAGE
    if trouble := _edited(editor, path):
        say(f"kith: the editor {trouble}. Nothing was decided; what you typed is in {path}: kith mark goes on with it")
        return USAGE
    text = _text(path)
    if text == before:
        path.unlink(missing_ok=True)
        say("kith: nothing was changed")
        return 0
    return _take(session, text, path)


def let_go(session: Session, ids: Collection[str]) -> None:
    """Take the lines of people who are forgotten out of a sheet that waits."""
    path = session.configuration.state / NAME
    if path.exists():
        lines = _text(path).splitlines(keepends=True)
        kept = [line for line in lines if not any(f"[{who}]" in line for who in ids)]
        write_atomically(path, "".join(kept).encode())


def is_watched() -> bool:
    """Tell whether somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _ready(session: Session, path: Path) -> str:
    """Return the sheet in ``path``, made unless one lies there that was not understood to its end."""
    if path.exists():
        say("kith: the sheet of last time is opened again")
        return ""
    made = _fresh(session)
    make_folder(path.parent)
    write_atomically(path, made.text.encode())
    return made.text


def _fresh(session: Session) -> marking.Sheet:
    with session.ledger(write=False) as ledger:
        state = session.memory(ledger).state()
        return marking.sheet(state, opinions(state), _offered(ledger))


def _offered(ledger: Ledger) -> set[tuple[str, str]]:
    return {(item.about, item.value) for item in ledger.decisions() if item.kind == "offered"}


def _edited(editor: str, path: Path) -> str:
    """Open ``path`` in the editor; return what went wrong with it, "" if nothing."""
    try:
        code = subprocess.run([*shlex.split(editor), str(path)], check=False).returncode  # noqa: S603 - the user's own
    except (OSError, ValueError) as error:
        return f"cannot be started ({type(error).__name__})"
    if code:
        return f"was killed (signal {-code})" if code < 0 else f"ended with {code}"
    return ""


def _text(path: Path) -> str:
    try:
        return read_bounded(path, LIMIT).decode("utf-8", errors="replace")
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path} cannot be read ({type(error).__name__})") from None


def _take(session: Session, text: str, path: Path | None) -> int:
    """Store what ``text`` says; a sheet with lines that say nothing stays in ``path``."""
    with session.ledger(write=True) as ledger:
        memory = session.memory(ledger)
        state = memory.state()
        thoughts = opinions(state)
        shown = marking.sheet(state, thoughts, _offered(ledger)).guesses
        wanted = marking.read(text, thoughts, memory.aliases(), state.settings.capacity.key)
        made = [*_decisions(session, ledger, wanted), *_guesses(session, shown, text)]
        with ledger.unit():
            ledger.save_decisions(made)
            session.memory(ledger).save()
    for number, line, why in wanted.bad:
        say(f"kith: line {number}: {why}: {' '.join(line.split())[:60]}")
    said = len(wanted.decisions)
    click.echo(f"{said} {'change' if said == 1 else 'changes'} stored" if said else "nothing was changed")
    if wanted.bad and path is not None:
        say(f"kith: the sheet stays in {path}: kith mark opens it again")
    elif path is not None:
        path.unlink(missing_ok=True)
    return USAGE if wanted.bad else 0


def _decisions(session: Session, ledger: Ledger, wanted: marking.Wanted) -> list[Decision]:
    number = len(ledger.decisions())
    return [
        Decision(
            key=f"{kind}/{person}/{value if kind != 'circle' else ''}/{number + place}",
            at=session.now,
            kind=kind,
            about=person,
            value=value,
        )
        for place, (kind, person, value) in enumerate(wanted.decisions, 1)
    ]


def _guesses(session: Session, shown: tuple[tuple[str, str], ...], text: str) -> list[Decision]:
    """Return that the guesses which stood on the sheet were offered: each is made once."""
    there: Mapping[str, bool] = {person: f"[{person}]" in text for person, _ in shown}
    plain = Decision(key="", at=session.now, kind="offered", about="")
    return [
        replace(plain, key=f"offered/{person}/{mark}", about=person, value=mark)
        for person, mark in shown
        if there[person]
    ]
