"""What does the person do in Gmail? Mail written, received and deleted; drafts edited, sent and thrown away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from . import letters
from .accounts import Account
from .mailbox import Draft, Mailbox, Message

if TYPE_CHECKING:
    from .server import Server


class MailUser:
    """The person at Gmail."""

    _server: Server
    _account: Account

    @property
    def _box(self) -> Mailbox:
        return self._account.mailbox

    def send_mail(
        self,
        to: str | Iterable[str],
        subject: str = "Hello",
        body: str = "Hello.\n",
        *,
        cc: str = "",
        bcc: str = "",
        reply_to_message: Message | None = None,
        message_id: str = "",
        sender: str = "",
        headers: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> Message:
        """Write and send a mail in Gmail."""
        sender = sender or f"Clara Winter <{self._account.email}>"
        fields = {"From": sender, "To": _listed(to), "Cc": cc, "Bcc": bcc, "Subject": subject, "Message-ID": message_id}
        return self._mail(fields | dict(headers or {}), body, reply_to_message, {"SENT"}, at)

    def receive_mail(
        self,
        sender: str,
        subject: str = "Hello",
        body: str = "Hello.\n",
        *,
        to: str = "",
        cc: str = "",
        reply_to_message: Message | None = None,
        message_id: str = "",
        headers: Mapping[str, str] | None = None,
        at: datetime | None = None,
    ) -> Message:
        """Get a mail from somebody."""
        fields = {
            "From": sender,
            "To": to or self._account.email,
            "Cc": cc,
            "Subject": subject,
            "Message-ID": message_id,
        }
        return self._mail(fields | dict(headers or {}), body, reply_to_message, {"INBOX", "UNREAD"}, at)

    def _mail(
        self, fields: dict[str, str], body: str, answers: Message | None, labels: set[str], at: datetime | None
    ) -> Message:
        name, when = self._box.next_id(), at or self._server.now
        fields["Message-ID"] = fields["Message-ID"] or f"<CA{name}@mail.gmail.com>"
        fields = {"Date": format_datetime(when), **fields}
        if answers is not None:
            fields |= {"In-Reply-To": answers.message_id, "References": answers.message_id}
        headers = tuple((head, text) for head, text in fields.items() if text)
        return self._put(name, headers, body, labels, when)

    def put_raw(self, raw: bytes, labels: Iterable[str] = ("SENT",), at: datetime | None = None) -> Message:
        """Put in any mail as bytes."""
        headers, body = letters.parse(raw)
        return self._put(self._box.next_id(), headers, body, set(labels), at or self._server.now, raw)

    def _put(
        self, name: str, headers: letters.Headers, body: str, labels: set[str], at: datetime, raw: bytes = b""
    ) -> Message:
        thread = self._box.answered(headers) or name
        message = Message(
            id=name,
            thread=thread,
            labels=frozenset(labels),
            at=int(at.timestamp() * 1000),
            headers=headers,
            body=body,
            raw=raw,
        )
        return self._box.put(message, self._server.now)

    def delete_message(self, name: str) -> None:
        """Delete a message for good."""
        self._box.take(self._box.messages[name], self._server.now)

    def trash_message(self, name: str) -> None:
        """Put a message into the bin."""
        self._box.label(
            self._box.messages[name],
            self._server.now,
            add={"TRASH"},
            remove={"INBOX"} & self._box.messages[name].labels,
        )

    # Drafts

    def compose(
        self, to: str, subject: str = "Hello", body: str = "Hel", *, reply_to_message: Message | None = None
    ) -> Draft:
        """Begin a draft of the user's own."""
        message = self._mail(
            {"From": self._account.email, "To": to, "Subject": subject, "Message-ID": ""},
            body,
            reply_to_message,
            {"DRAFT"},
            None,
        )
        draft = Draft(id=f"r{int(message.id, 16)}", message=message)
        self._box.drafts[draft.id] = draft
        return draft

    def edit_draft(
        self,
        name: str,
        *,
        subject: str | None = None,
        body: str | None = None,
        to: str | None = None,
        new_draft_id: bool = False,
    ) -> Draft:
        """Edit a draft in Gmail: another message id, and another thread if the subject changes."""
        draft = self._box.drafts[name]
        old = draft.message
        changes = [(head, text) for head, text in (("Subject", subject), ("To", to)) if text is not None]
        if not self._server.switches.keeps_message_id_on_edit:
            changes.append(("Message-ID", f"<CA{old.id}e@mail.gmail.com>"))
        headers = letters.replaced(tuple(pair for pair in old.headers if not pair[0].lower().startswith("x-")), changes)
        moved = subject is not None and letters.base_subject(subject) != letters.base_subject(old.header("subject"))
        raw = letters.saved_again(old.raw, headers, body)
        self._replace(draft, headers, old.body if body is None else body, moved=moved, raw=raw)
        if new_draft_id:
            del self._box.drafts[name]
            draft.id = f"r{int(draft.message.id, 16)}"
            self._box.drafts[draft.id] = draft
        return draft

    def autosave_draft(self, name: str, times: int = 1) -> Draft:
        """Let Gmail save an open draft: its message id changes, nothing else."""
        draft = self._box.drafts[name]
        for _ in range(times):
            old = draft.message
            self._replace(draft, old.headers, old.body, moved=False, raw=letters.saved_again(old.raw, old.headers))
        return draft

    def _replace(self, draft: Draft, headers: letters.Headers, body: str, *, moved: bool, raw: bytes = b"") -> None:
        old, now, name = draft.message, self._server.now, self._box.next_id()
        self._box.take(old, now)
        draft.message = Message(
            id=name,
            thread=name if moved else old.thread,
            labels=old.labels,
            at=int(now.timestamp() * 1000),
            headers=headers,
            body=body,
            raw=raw,
        )
        self._box.put(draft.message, now)

    def send_draft(self, name: str, at: datetime | None = None) -> Message:
        """Send a draft: the draft is gone, a new message with the label SENT is there."""
        draft, switches = self._box.drafts.pop(name), self._server.switches
        old, when, own = draft.message, at or self._server.now, self._box.next_id()
        self._box.take(old, self._server.now)
        changes = [("Date", format_datetime(when))]
        if not switches.keeps_message_id_on_send:
            changes.append(("Message-ID", f"<CA{own}@mail.gmail.com>"))
        thread = (
            old.thread
            if switches.keeps_thread_on_send and (old.thread != old.id)
            else self._box.answered(old.headers) or own
        )
        headers = letters.replaced(tuple(pair for pair in old.headers if not pair[0].lower().startswith("x-")), changes)
        sent = Message(
            id=own,
            thread=thread,
            labels=frozenset({"SENT"}),
            at=int(when.timestamp() * 1000),
            headers=headers,
            body=old.body,
            raw=letters.saved_again(old.raw, headers),
        )
        return self._box.put(sent, self._server.now)

    def delete_draft(self, name: str) -> None:
        """Throw a draft away."""
        self._box.take(self._box.drafts.pop(name).message, self._server.now)

    def find_drafts(self) -> list[Draft]:
        """Give all drafts that stand there."""
        return list(self._box.drafts.values())


def _listed(to: str | Iterable[str]) -> str:
    return to if isinstance(to, str) else ", ".join(to)
