"""What does Gmail answer? The methods that Kith uses, as the discovery document and Google's guides describe them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import drafts
from .accounts import Context
from .answers import Refused, invalid
from .checking import Call
from .mailbox import Change, Message, is_id
from .paging import page_of, place, searched, token_at, unpacked
from .showing import check_form, no_search, shown

Body = dict[str, Any]
_FIELD = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


def answer(call: Call, context: Context) -> Body | None:
    """Answer *call*; None is an empty answer (204). Raises Refused."""
    if call.path.get("userId") not in {"me", context.account.email}:
        raise Refused(403, "forbidden", "Delegation denied")
    play = METHODS.get(call.method.id)
    if play is None:
        raise Refused(501, "notImplemented", "The stand-in does not play this method.")
    return play(call, context)


def _profile(_: Call, context: Context) -> Body:
    box = context.account.mailbox
    return {
        "emailAddress": context.account.email,
        "messagesTotal": len(box.messages),
        "threadsTotal": box.threads(),
        "historyId": str(box.current),
    }


def _list_messages(call: Call, context: Context) -> Body:
    no_search(call, context)
    labels = frozenset(call.get("labelIds", ()))
    found = context.account.mailbox.newest(labels, bin_too=call.get("includeSpamTrash", False), below=place(call))
    page, token = page_of(searched(found, call, context), call)
    body: Body = {"messages": [{"id": message.id, "threadId": message.thread} for message in page]} if page else {}
    if token:
        body["nextPageToken"] = token
    return body | {"resultSizeEstimate": len(page) + bool(token)}


def _message(call: Call, context: Context) -> Message:
    name = call.path["id"]
    found = context.account.mailbox.messages.get(name)
    if found is None and not is_id(name):
        raise invalid("Invalid id value", reason="invalidArgument")
    if found is None:
        raise Refused(404, "notFound", "Requested entity was not found.")
    return found


def _get_message(call: Call, context: Context) -> Body:
    return shown(_message(call, context), check_form(call, context), context, call.get("metadataHeaders"))


def _history(call: Call, context: Context) -> Body:
    box = context.account.mailbox
    if "startHistoryId" not in call.query:
        raise invalid("Missing startHistoryId", "startHistoryId")
    changes = box.since(int(call.get("startHistoryId")), context.now, context.switches.history_life)
    if changes is None:
        raise Refused(404, "notFound", "Requested entity was not found.")
    size, place = call.get("maxResults", 100), int(unpacked(call) or 0)
    changes = [change for change in changes if change.id > place]
    page, rest = changes[:size], changes[size:]
    body: Body = {"historyId": str(box.current)}
    # A page is cut before it is filtered: it can be empty and still have another behind it.
    records = [_record(change, context) for change in page if _asked(change, call, context)]
    if records:
        body["history"] = records
    if rest:
        body["nextPageToken"] = token_at(str(page[-1].id), call)
    return body


def _asked(change: Change, call: Call, context: Context) -> bool:
    types, label = call.get("historyTypes"), call.get("labelId")
    now = context.account.mailbox.messages.get(change.message)
    labels = change.labels | change.changed | (now.labels if now else frozenset())
    return (types is None or change.kind in types) and (label is None or label in labels)


def _record(change: Change, context: Context) -> Body:
    plain = {"id": change.message, "threadId": change.thread}
    told = plain | (
        {"labelIds": sorted(change.labels)} if context.switches.history_tells_labels and change.labels else {}
    )
    one: Body = {"message": told}
    if change.changed:
        one["labelIds"] = sorted(change.changed)
    return {"id": str(change.id), "messages": [plain], _FIELD[change.kind]: [one]}


METHODS: dict[str, Callable[[Call, Context], Body | None]] = {
    "gmail.users.getProfile": _profile,
    "gmail.users.messages.list": _list_messages,
    "gmail.users.messages.get": _get_message,
    "gmail.users.history.list": _history,
    "gmail.users.drafts.list": drafts.list_drafts,
    "gmail.users.drafts.get": drafts.get_draft,
    "gmail.users.drafts.create": drafts.create_draft,
    "gmail.users.drafts.update": drafts.update_draft,
    "gmail.users.drafts.delete": drafts.delete_draft,
}
