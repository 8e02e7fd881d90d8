"""How do drafts get into Gmail, and what became of them there? Under ``gmail.compose``; nothing here can send.

A draft keeps its id while its message is replaced, by Gmail on every save, even without an edit. So the same message id
means untouched, and with another one the content decides. Where the id is gone too, it is found again by the Message-ID
we gave it, which carries a hash of its key, or by a thread that began with it. A receipt's ``ref`` is the ids of draft,
message and thread; a message id of "-" is one whose content was never proven to be ours.

What Google did with a write whose answer was lost is settled by looking, two minutes later at the earliest (T13).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors._google.errors import NotThere, Unsure
from connectors._google.mail_desk import Desk, Listed, listed
from connectors._google.mail_letters import is_id
from connectors._letter import Letter, answers, write_letter
from connectors._text import name_of
from connectors.records import Draft, Edited, Fate, Receipt

if TYPE_CHECKING:
    from connectors._google.wire import Wires
    from connectors.google import Google

SETTLE = 120.0
"""Seconds before a write whose answer was lost is looked for: a listing may lag behind."""
SLACK = 10 * 60 * 1000
"""Milliseconds by which Google's clock may be behind ours."""
UNPROVEN = "-"
_OUR_NAME = re.compile(r"[0-9a-f]{30}")
_IDS = "id,message(id,threadId)"


@dataclass(frozen=True, kw_only=True)
class MailDrafts:
    """Writes drafts into Gmail, each by exactly one POST.

    An answer goes into the thread of what it answers where the draft names both (``in_reply_to`` and ``thread``), else
    it is a new mail. The fate of an untouched draft has no title and body: it was not read again.
    """

    name: str
    zone: str
    account: Google
    wires: Wires

    def look(self, receipts: Sequence[Receipt]) -> tuple[Fate, ...]:
        """Tell what became of each of ``receipts``: one request, and one or two for each that was saved again."""
        if not receipts:
            return ()
        desk = self._desk()
        found = [_of(receipt, desk) for receipt in receipts]
        for receipt, ids in zip(receipts, found, strict=True):
            if ids is not None and ids.message != _handle(receipt).message:
                desk.learn(receipt.key, ids)
        return tuple(_fate(receipt, ids, desk) for receipt, ids in zip(receipts, found, strict=True))

    def count(self) -> int:
        """Return how many drafts of the last forty days bear a Message-ID such as Kith gives."""
        return sum(_OUR_NAME.fullmatch(head.name) is not None for _, head in self._desk().recent())

    def find(self, key: str) -> Receipt | None:
        """Return the receipt of the draft written under ``key``, with the fingerprint of what it says now.

        Where it may have been edited since, the receipt holds no fingerprint: the draft is then the user's.
        """
        desk, name = self._desk(), name_of(key)
        found = next((item for item, head in desk.recent() if head.name == name), None)
        if found is None:
            return None
        letter = desk.letter(found) if found.message == found.thread else None  # as it was created: no save since
        if letter is None:
            return Receipt(key=key, ref=_ref(found, proven=False), fingerprint="")
        return Receipt(key=key, ref=_ref(found), fingerprint=letter.fingerprint())

    def create(self, item: Draft) -> Receipt:
        """Put ``item`` into Drafts unless it stands there. Raises Rejected, Unsure where it may have happened."""
        letter = write_letter(item)
        meant = Letter(letter)
        desk = self._desk()
        found = _standing(item, meant.subject, desk)
        if found is None:
            made = self._created(item, letter)
            return Receipt(key=item.key, ref=_ref(made), fingerprint=meant.fingerprint())
        stands = desk.letter(found)
        proven = stands is not None and stands.says(meant.fingerprint())
        return Receipt(key=item.key, ref=_ref(found, proven=proven), fingerprint=meant.fingerprint())

    def change(self, receipt: Receipt, item: Draft) -> Receipt:
        """Replace the draft ``receipt`` names by ``item``. Raises Edited unless it is as we wrote it."""
        letter = write_letter(item)
        meant, desk = Letter(letter).fingerprint(), self._desk()
        found = _of(receipt, desk)
        if found is not None and found.message != _handle(receipt).message and _says(desk, receipt, found, meant):
            return Receipt(key=item.key, ref=_ref(found), fingerprint=meant)
        found = _untouched(receipt, desk)
        if found is None:
            raise Edited("the draft is not there any more")
        try:
            made = self._put(self._resource.update(userId="me", id=found.draft, body=_body(letter, item), fields=_IDS))
        except NotThere:
            raise Edited("the draft is not there any more") from None
        return Receipt(key=item.key, ref=_ref(made), fingerprint=meant)

    def withdraw(self, receipt: Receipt) -> None:
        """Take the draft back; gone is fine. Raises Edited unless it is as we wrote it."""
        found = _untouched(receipt, self._desk())
        if found is None:
            return
        try:
            self.wires.drafts.write(self._resource.delete(userId="me", id=found.draft))
        except NotThere:
            return

    def _created(self, item: Draft, letter: bytes) -> Listed:
        body = _body(letter, item)
        try:
            return self._put(self._resource.create(userId="me", body=body, fields=_IDS))
        except NotThere:
            if "threadId" not in body["message"]:
                raise
        # nothing was written: the thread is not there any more
        return self._put(self._resource.create(userId="me", body=_body(letter), fields=_IDS))

    def _put(self, request: Any) -> Listed:
        """Write once. After an answer that was lost nothing is written for two minutes."""
        try:
            made = listed(self.wires.drafts.write(request))
        except Unsure:
            self.wires.meter.hold("gmail.writes", SETTLE)
            raise
        if made is None:
            self.wires.meter.hold("gmail.writes", SETTLE)
            raise Unsure("Gmail answers with something that is no draft")
        return made

    def _desk(self) -> Desk:
        return Desk(self.wires.drafts)

    @property
    def _resource(self) -> Any:
        return self.wires.drafts.resource("users.drafts")


def _ref(ids: Listed, *, proven: bool = True) -> str:
    return f"{ids.draft} {ids.message if proven else UNPROVEN} {ids.thread}"


def _handle(receipt: Receipt) -> Listed:
    draft, message, thread = (*receipt.ref.split(" "), "", "", "")[:3]
    return Listed(draft=draft, message=message, thread=thread)


def _body(letter: bytes, item: Draft | None = None) -> dict[str, Any]:
    """Return the body of a write. Without In-Reply-To, a draft in a thread would be a ghost that nobody sees."""
    message = {"raw": base64.urlsafe_b64encode(letter.replace(b"\n", b"\r\n")).decode()}
    if item is not None and is_id(item.thread) and answers(letter):
        message["threadId"] = str(item.thread)
    return {"message": message}


def _standing(item: Draft, subject: str, desk: Desk) -> Listed | None:
    """Return the draft that ``item`` became already: by its Message-ID; or newer than it, with its recipient and
    subject, where Gmail has put another Message-ID in that place (T13)."""
    name, since = name_of(item.key), item.at.timestamp() * 1000 - SLACK
    recent = list(desk.recent())
    for ids, head in recent:
        if head.name == name:
            return ids
    for ids, head in recent:
        alike = item.to.address in head.to and head.subject == subject.casefold()
        if alike and head.at >= since and not _OUR_NAME.fullmatch(head.name):
            return ids
    return None


def _of(receipt: Receipt, desk: Desk) -> Listed | None:
    """Return the draft that ``receipt`` names, under whatever id it stands now."""
    handle, name = _handle(receipt), name_of(receipt.key)
    found = desk.of(handle.draft)
    if found is not None:
        return found
    began_it = handle.thread != "" and handle.message == handle.thread
    for ids, head in desk.recent():
        if head.name == name or (began_it and ids.thread == handle.thread and not head.answers):
            return ids
    return None


def _fate(receipt: Receipt, found: Listed | None, desk: Desk) -> Fate:
    if found is None:
        return Fate(key=receipt.key, state="gone")
    if found.message == _handle(receipt).message:
        return Fate(key=receipt.key, state="untouched")
    letter = desk.letter(found)
    if letter is None:
        return Fate(key=receipt.key, state="edited")
    state = "untouched" if _says(desk, receipt, found, receipt.fingerprint) else "edited"
    return Fate(key=receipt.key, state=state, title=letter.subject, body=letter.body)  # type: ignore[arg-type]


def _untouched(receipt: Receipt, desk: Desk) -> Listed | None:
    found = _of(receipt, desk)
    if found is None or found.message == _handle(receipt).message:
        return found
    if not _says(desk, receipt, found, receipt.fingerprint):
        raise Edited("the draft was edited: it is the user's")
    return found


def _says(desk: Desk, receipt: Receipt, found: Listed, fingerprint: str) -> bool:
    """Tell whether ``found``, the draft of ``receipt``, says what has this ``fingerprint``, a signature aside."""
    letter = desk.letter(found)
    return letter is not None and letter.says(fingerprint, lambda: desk.lines_but(receipt.key))
