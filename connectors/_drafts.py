"""How do drafts get into the Drafts Maildir, and what became of them there?

A draft is known by the name of its file, which carries a hash of its key; where a program has saved it again under a
name of its own, by its Message-ID, which carries the same hash.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from connectors import files
from connectors._folders import PLACES, maildir, mails, place_for
from connectors._letter import Letter, letter_of, write_letter
from connectors._mime import end_of_headers, message_id, read_headers
from connectors._text import name_of
from connectors.records import Draft, Edited, Fate, Gone, Receipt, Unavailable

LETTER_LIMIT = 4 << 20
HEAD_LIMIT = 64 << 10
"""Bytes in which the Message-ID of a draft is looked for."""
SAVED_AGAIN = 500
"""Files under other names, the newest by name, that are opened to find a draft of ours."""
OTHERS = 10
"""Other drafts of ours that are read to know a signature; there are three at most that nobody edited."""
_OUR_NAME = re.compile(r"\.H[0-9a-f]{30}\.")
_OUR_HASH = re.compile(r"[0-9a-f]{30}")


@dataclass(frozen=True)
class _Standing:
    """The mails in the Drafts folder, listed once for all that is asked of them."""

    names: dict[str, Path]

    def of(self, key: str) -> Path | None:
        """Return the file of ``key``, whatever its flags; one that was trashed is gone."""
        mark = f".H{name_of(key)}."
        found = next((file for base, file in self.names.items() if mark in base), None)
        return found or self._saved_again.get(name_of(key))

    def lines_but(self, key: str) -> frozenset[str]:
        """Return the lines of our other drafts here: what a program adds to several is a signature (ruling C41)."""
        name = name_of(key)
        ours = [file for base, file in self.names.items() if (mark := _OUR_NAME.search(base)) and name not in mark[0]]
        ours += [file for other, file in self._saved_again.items() if other != name and _OUR_HASH.fullmatch(other)]
        return frozenset().union(*(_read(file).lines for file in ours[-OTHERS:]))

    @cached_property
    def _saved_again(self) -> dict[str, Path]:
        """Mails under names that are not ours, by what stands before the @ in their Message-ID; the newest wins."""
        others = [file for base, file in self.names.items() if not _OUR_NAME.search(base)]
        return {name: file for file in others[-SAVED_AGAIN:] if (name := _name_in(file))}


def _name_in(file: Path) -> str:
    try:
        head = files.read_start(file, HEAD_LIMIT)
    except (FileNotFoundError, PermissionError):
        return ""  # taken away meanwhile, or not for us to read: no draft of ours
    except OSError as error:
        raise Unavailable(f"a mail in the Drafts folder cannot be read: {error.strerror}") from error
    end = end_of_headers(head)
    return (message_id(read_headers(head if end < 0 else head[:end])) or "").partition("@")[0].lower()


@dataclass(frozen=True)
class MaildirDrafts:
    """Writes drafts into the Drafts folder, each as a file named for its key, with the flag D (ruling U18).

    The folder is made by the first ``create``. Its absence later is no answer to anything written there (ruling U17):
    ``look``, ``change`` and ``withdraw`` raise Gone then.
    """

    path: Path
    drafts: str

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``. Raises Gone if the folder is, Unavailable if it cannot be read."""
        if not receipts:
            return ()
        standing = self._present()
        return tuple(_fate(receipt, standing) for receipt in receipts)

    def count(self) -> int:
        """Return how many files in the folder are named as Kith names them."""
        standing = self._standing()
        return 0 if standing is None else sum(_OUR_NAME.search(base) is not None for base in standing.names)

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of the draft written under ``key``, with the fingerprint of what it says now."""
        standing = self._standing()
        file = standing.of(key) if standing is not None else None
        if file is None:
            return None
        return Receipt(key=key, ref=name_of(key), fingerprint=_read(file).fingerprint())

    def create(self, item: Draft) -> Receipt:
        """Put ``item`` into Drafts unless something stands under its key. Raises Rejected if it is no safe mail."""
        letter = write_letter(item)
        standing = self.find(item.key)
        if standing is not None:
            return standing
        folder = self._made()
        self._deliver(folder, f"{int(item.at.timestamp())}.H{name_of(item.key)}.localhost:2,D", letter)
        return _receipt(item, letter)

    def change(self, receipt: Receipt, item: Draft) -> Receipt:
        """Replace the draft ``receipt`` names by ``item``. Raises Edited unless it is as we wrote it."""
        letter = write_letter(item)
        standing = self._present()
        file = standing.of(receipt.key)
        if file is None:
            raise Edited("the draft is not there any more")
        made = _receipt(item, letter)
        if _says(_read(file), made, standing):
            return made
        if not _says(_read(file), receipt, standing):
            raise Edited("the draft was edited: it is the user's")
        self._deliver(file.parent.parent, file.name, letter, place=file.parent.name)
        return made

    def withdraw(self, receipt: Receipt) -> None:
        """Take the draft back; gone is fine. Raises Edited unless it is as we wrote it."""
        file = self._untouched(receipt)
        if file is None:
            return
        try:
            file.unlink(missing_ok=True)
            files.sync_folder(file.parent)
        except OSError as error:
            raise Unavailable(f"the draft cannot be taken back: {error.strerror}") from error

    def _untouched(self, receipt: Receipt) -> Path | None:
        standing = self._present()
        file = standing.of(receipt.key)
        if file is not None and not _says(_read(file), receipt, standing):
            raise Edited("the draft was edited: it is the user's")
        return file

    def _present(self) -> _Standing:
        standing = self._standing()
        if standing is None:
            raise Gone("the Drafts folder is gone; nothing is written until it is back or chosen anew")
        return standing

    def _standing(self) -> _Standing | None:
        try:
            folder = maildir(self.path, self.drafts)
            return None if folder is None else _Standing(mails(folder))
        except OSError as error:
            raise Unavailable(f"the Drafts folder cannot be read: {error.strerror}") from error

    def _made(self) -> Path:
        """Return the Drafts Maildir, made if absent in the manner of its neighbours."""
        try:
            folder = maildir(self.path, self.drafts) or place_for(self.path, self.drafts)
            for place in ("tmp", *PLACES):
                files.make_folder(folder / place)
        except OSError as error:
            raise Unavailable(f"the Drafts folder cannot be made: {error.strerror}") from error
        return folder

    def _deliver(self, folder: Path, name: str, letter: bytes, *, place: str = "cur") -> None:
        try:
            files.write_atomically(folder / place / name, letter, through=folder / "tmp")
        except OSError as error:
            raise Unavailable(f"the draft cannot be written: {error.strerror}") from error


def _fate(receipt: Receipt, standing: _Standing) -> Fate:
    file = standing.of(receipt.key)
    if file is None:
        return Fate(key=receipt.key, state="gone")
    letter = _read(file)
    state = "untouched" if _says(letter, receipt, standing) else "edited"
    return Fate(key=receipt.key, state=state, title=letter.subject, body=letter.body)  # type: ignore[arg-type]


def _says(letter: Letter, receipt: Receipt, standing: _Standing) -> bool:
    return letter.says(receipt.fingerprint, lambda: standing.lines_but(receipt.key))


def _read(file: Path) -> Letter:
    try:
        return letter_of(files.read_start(file, LETTER_LIMIT))
    except OSError as error:
        raise Unavailable(f"a draft cannot be read: {error.strerror}") from error


def _receipt(item: Draft, letter: bytes) -> Receipt:
    return Receipt(key=item.key, ref=name_of(item.key), fingerprint=letter_of(letter).fingerprint())
