"""How do drafts get into the Drafts Maildir, and what became of them there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors import files
from connectors._folders import PLACES, maildir, mails, place_for
from connectors._letter import Letter, write_letter
from connectors._text import name_of
from connectors.records import Draft, Edited, Fate, Receipt, Unavailable

LETTER_LIMIT = 4 << 20


@dataclass(frozen=True)
class MaildirDrafts:
    """Writes drafts into the Drafts folder, each as a file named for its key, with the flag D (ruling U18)."""

    path: Path
    drafts: str

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``. Raises Unavailable if the folder cannot be read."""
        return tuple(self._fate(receipt) for receipt in receipts)

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of the draft written under ``key``, with the fingerprint of what it says now."""
        file = self._file(key)
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
        file = self._untouched(receipt)
        if file is None:
            raise Edited("the draft is not there any more")
        self._deliver(file.parent.parent, file.name, letter, place=file.parent.name)
        return _receipt(item, letter)

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

    def _fate(self, receipt: Receipt) -> Fate:
        file = self._file(receipt.key)
        if file is None:
            return Fate(key=receipt.key, state="gone")
        letter = _read(file)
        state = "untouched" if letter.says(receipt.fingerprint) else "edited"
        return Fate(key=receipt.key, state=state, title=letter.subject, body=letter.body)  # type: ignore[arg-type]

    def _untouched(self, receipt: Receipt) -> Path | None:
        file = self._file(receipt.key)
        if file is not None and not _read(file).says(receipt.fingerprint):
            raise Edited("the draft was edited: it is the user's")
        return file

    def _file(self, key: str) -> Path | None:
        """Return the file of ``key``, whatever its flags; one that was trashed is gone."""
        folder = maildir(self.path, self.drafts)
        if folder is None:
            return None
        mark = f".H{name_of(key)}."
        try:
            names = mails(folder)
        except OSError as error:
            raise Unavailable(f"the Drafts folder cannot be read: {error.strerror}") from error
        return next((file for base, file in names.items() if mark in base), None)

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


def _read(file: Path) -> Letter:
    try:
        return Letter(files.read_start(file, LETTER_LIMIT))
    except OSError as error:
        raise Unavailable(f"a draft cannot be read: {error.strerror}") from error


def _receipt(item: Draft, letter: bytes) -> Receipt:
    return Receipt(key=item.key, ref=name_of(item.key), fingerprint=Letter(letter).fingerprint())
