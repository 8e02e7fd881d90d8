"""How much of a message does a request see? The four formats, and the limits of gmail.metadata."""

from __future__ import annotations

import base64
from typing import Any

from . import letters
from .accounts import Context
from .answers import Refused
from .checking import Call
from .mailbox import Message

Body = dict[str, Any]


METADATA = "https://www.googleapis.com/auth/gmail.metadata"


def restricted(context: Context) -> bool:
    """gmail.metadata poisons a token: its limits win over any wider scope."""
    return METADATA in context.scopes


def check_form(call: Call, context: Context) -> str:
    """Give the format of a request. Raises Refused (403) where gmail.metadata does not allow it."""
    form: str = call.get("format", "full")
    if form in {"full", "raw"} and restricted(context):
        raise Refused(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}")
    return form


def no_search(call: Call, context: Context) -> None:
    """Raise Refused (403) for any q, even an empty one, under gmail.metadata."""
    if "q" in call.query and restricted(context):
        raise Refused(403, "forbidden", "Metadata scope does not support 'q' parameter")


def shown(message: Message, form: str, context: Context, only: list[str] | None = None) -> Body:
    """Give *message* in a format; *only* names the headers that are wanted."""
    raw = len(message.raw) or sum(len(name) + len(text) + 4 for name, text in message.headers) + len(message.body)
    body: Body = {"id": message.id, "threadId": message.thread, "labelIds": sorted(message.labels)}
    if not restricted(context) or context.switches.snippet_under_metadata:
        body["snippet"] = " ".join(message.body.split())[:100]
    body |= {"historyId": str(message.history), "internalDate": str(message.at), "sizeEstimate": raw}
    if form == "raw":
        return body | {"raw": base64.urlsafe_b64encode(message.bytes()).decode()}
    if form == "minimal":
        return body
    return body | {"payload": _payload(message, form, context, only)}


def _payload(message: Message, form: str, context: Context, only: list[str] | None) -> Body:
    wanted = None if only is None or form != "metadata" else {name.lower() for name in only}
    show = letters.decoded if context.switches.decodes_headers else None
    headers = [
        {"name": name, "value": show(text) if show else letters.encoded(name, text)}
        for name, text in message.headers
        if wanted is None or name.lower() in wanted
    ]
    payload: Body = {
        "mimeType": (letters.value(message.headers, "content-type") or "text/plain").split(";")[0].strip().lower(),
        "headers": headers,
    }
    if form == "full":
        text = message.body.encode()
        payload |= {
            "partId": "",
            "filename": "",
            "body": {"size": len(text), "data": base64.urlsafe_b64encode(text).decode()},
        }
    return payload
