"""Is what we wrote into Google still as we wrote it? The same for events and tasks: by content, never by etag alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connectors._fields import Fields, Verdict, judge, text_of
from connectors._text import name_of
from connectors.records import Edited, Fate, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Something of ours as it stands there now.

    Fingerprints are a hash of the text, a dot, and what stands for the time: a moved one is told from an edited one.
    """

    ref: str
    etag: str
    title: str
    body: str
    start: datetime | None
    """None where the user took the time away."""
    end: datetime | None
    print: str
    """The fingerprint of what it says now."""
    wrote: str
    """The fingerprint of what we wrote last, as it says itself: it settles a change whose answer was lost."""
    fields: Fields
    """What it says now, field by field."""
    done: bool = False
    shared: bool = False
    """Whoever invited others to it, or made it repeat, owns it."""
    kith: str = ""
    """What it says it was written as: the hash of the key, or the beginning of it."""

    def receipt(self, key: str) -> Receipt:
        """Return the proof that it was written under ``key``: an edit made since then remains one."""
        return Receipt(key=key, ref=self.ref, fingerprint=self.wrote or self.print)


def fate(receipt: Receipt, found: Written | None) -> Fate:
    """Tell what became of what ``receipt`` names; ``found`` is what stands there."""
    if found is None:
        return Fate(key=receipt.key, state="gone")
    return Fate(key=receipt.key, state=_state(receipt, found), at=found.start, title=found.title, body=found.body)


def _state(receipt: Receipt, found: Written) -> Literal["untouched", "edited", "moved", "done"]:
    if found.done:
        return "done"
    if not _is_ours(receipt, found) or found.start is None:
        return "edited"
    return "moved" if is_moved(receipt, found) else "untouched"


def ours(receipt: Receipt, found: Written | None) -> Written | None:
    """Return ``found`` if its text is as we wrote it, moved or not. Raises Edited if not, or if it was ticked off."""
    if found is not None and (found.done or found.start is None or not _is_ours(receipt, found)):
        raise Edited("the reminder was edited: it is the user's")
    return found


def is_moved(receipt: Receipt, found: Written) -> bool:
    """Tell whether the time is not the one we wrote."""
    return found.print != _last(receipt, found)


def is_amendable(receipt: Receipt, found: Written) -> bool:
    """Tell whether ``found`` carries the key of ``receipt``, and would tell nobody else of a change."""
    return found.kith != "" and name_of(receipt.key).startswith(found.kith) and not found.shared


def verdict(receipt: Receipt, found: Written, before: Fields, after: Fields) -> Verdict:
    """Tell which fields of ``found`` may be brought from ``before`` to ``after``."""
    return judge(found.fields, before, after, _last(receipt, found))


def amended(receipt: Receipt, decided: Verdict, found: Written, *, seen: bool) -> Receipt:
    """Return the receipt of ``found``, which is as it was ``decided``."""
    said = decided.fingerprint(found.print, receipt.fingerprint, seen=seen)
    ref = found.ref if found.fields.time == decided.time else receipt.ref  # which may have the day we wrote it to
    return Receipt(key=receipt.key, ref=ref, fingerprint=said)


def _is_ours(receipt: Receipt, found: Written) -> bool:
    return text_of(found.print) == text_of(_last(receipt, found))


def _last(receipt: Receipt, found: Written) -> str:
    """Return what we wrote last: as it says itself if its text is just that, else as the receipt says."""
    itself = found.wrote and text_of(found.wrote) == text_of(found.print)
    return found.wrote if itself else receipt.fingerprint
