"""What does Gmail make of drafts? Containers that stay, messages that are replaced, and the thread they belong to."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from . import letters
from .accounts import Context
from .answers import Refused, invalid
from .checking import Call
from .mailbox import Draft, Message, is_id
from .paging import page_of, place, searched
from .showing import check_form, no_search, shown

Body = dict[str, Any]


RAW_LIMIT = 35 * 1024 * 1024


def list_drafts(call: Call, context: Context) -> Body:
    """Answer drafts.list."""
    no_search(call, context)
    box = context.account.mailbox
    containers = {draft.message.id: draft.id for draft in box.drafts.values()}
    found = (message for message in box.newest(frozenset({"DRAFT"}), below=place(call)) if message.id in containers)
    page, token = page_of(searched(found, call, context), call)
    shown = [
        {"id": containers[message.id], "message": {"id": message.id, "threadId": message.thread}} for message in page
    ]
    body: Body = {"drafts": shown} if shown else {}
    if token:
        body["nextPageToken"] = token
    return body | {"resultSizeEstimate": len(page) + bool(token)}


def _draft(call: Call, context: Context) -> Draft:
    found = context.account.mailbox.drafts.get(call.path["id"])
    if found is None:
        raise Refused(404, "notFound", "Requested entity was not found.")
    return found


def get_draft(call: Call, context: Context) -> Body:
    """Answer drafts.get."""
    form = check_form(call, context)
    draft = _draft(call, context)
    return {"id": draft.id, "message": shown(draft.message, form, context)}


def create_draft(call: Call, context: Context) -> Body:
    """Answer drafts.create."""
    box = context.account.mailbox
    message = _written(call, context)
    draft = Draft(id=f"r{int(message.id, 16)}", message=message)
    box.drafts[draft.id] = draft
    box.put(message, context.now)
    return _told(draft)


def update_draft(call: Call, context: Context) -> Body:
    """Replace the whole message: it gets a new id, and no thread unless the request names it again."""
    draft = _draft(call, context)
    message = _written(call, context)
    context.account.mailbox.take(draft.message, context.now)
    draft.message = context.account.mailbox.put(message, context.now)
    return _told(draft)


def _told(draft: Draft) -> Body:
    message = draft.message
    return {
        "id": draft.id,
        "message": {"id": message.id, "threadId": message.thread, "labelIds": sorted(message.labels)},
    }


def delete_draft(call: Call, context: Context) -> None:
    """Answer drafts.delete: gone for good."""
    draft = _draft(call, context)
    del context.account.mailbox.drafts[draft.id]
    context.account.mailbox.take(draft.message, context.now)


def _written(call: Call, context: Context) -> Message:
    """Make the draft's message of the request's bytes. Raises Refused (400)."""
    given = call.body.get("message", {})
    raw = _raw(given)
    headers, body = letters.parse(raw)
    for name in ("to", "cc", "bcc"):
        if not letters.deliverable(letters.value(headers, name)):
            raise invalid(f"Invalid {name.capitalize()} header")
    name = context.account.mailbox.next_id()
    missing = {"From": context.account.email, "Message-ID": f"<CA{name}@mail.gmail.com>"}
    missing = {head: text for head, text in missing.items() if not letters.value(headers, head.lower())}
    headers = (*headers, *missing.items())
    raw = "".join(f"{head}: {text}\r\n" for head, text in missing.items()).encode() + raw
    thread, ghost = _threaded(given.get("threadId"), headers, name, context)
    at = int(context.now.timestamp() * 1000)
    return Message(
        id=name, thread=thread, labels=frozenset({"DRAFT"}), at=at, headers=headers, body=body, raw=raw, ghost=ghost
    )


def _raw(given: Body) -> bytes:
    if not given.get("raw"):
        raise invalid(
            "Missing draft message"
            if not given
            else "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        )
    if set(given.get("labelIds", ())) - {"DRAFT"}:
        raise invalid("Draft messages cannot have any label other than DRAFT")
    try:
        raw = base64.b64decode(given["raw"] + "=" * (-len(given["raw"]) % 4), altchars=b"-_")
    except binascii.Error:
        raise invalid("Invalid value at 'message.raw' (TYPE_BYTES), Base64 decoding failed") from None
    if len(raw) > RAW_LIMIT:
        raise Refused(413, "uploadTooLarge", "Request Entity Too Large")
    return raw


def _threaded(asked: str | None, headers: letters.Headers, name: str, context: Context) -> tuple[str, bool]:
    """Give the draft's thread and whether it is a ghost: id, In-Reply-To or References, and subject must be right."""
    if asked is None:
        return name, False
    if not is_id(asked):
        raise invalid("Invalid thread_id value", "threadId")
    there = context.account.mailbox.thread(asked)
    if not there:
        raise Refused(404, "notFound", "Requested entity was not found.")
    subject = letters.base_subject(letters.value(headers, "subject"))
    if subject not in {letters.base_subject(message.header("subject")) for message in there}:
        return name, False
    known = {message.message_id for message in there}
    return asked, not known & set(letters.named_ids(headers))
