"""How is one request answered? Fault, route, token, scope, quota, checks, the method itself, field mask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from . import consent, discovery, faults, gmail, google_calendar, masks, oauth, quota, tasks, tokens
from .accounts import Context
from .answers import Answer, Refused, Request, as_json, as_page
from .checking import Call, understood
from .discovery import Method

if TYPE_CHECKING:
    from .server import Server

PLAYS = {"gmail": gmail.answer, "calendar": google_calendar.answer, "tasks": tasks.answer}
NOTIFIES = {"all", "externalOnly"}
Found = tuple[Method, dict[str, str]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request in the log; *status* 0 is a connection cut without a whole answer."""

    at: datetime
    verb: str
    path: str
    query: tuple[tuple[str, str], ...]
    method: str
    status: int
    units: int
    account: str
    fault: str = ""
    sends: str = ""
    """Why the request would have let mail go out."""


@dataclass(slots=True)
class Turn:
    """One request being answered, and what is learned about it meanwhile."""

    server: Server
    request: Request
    method: str = ""
    account: str = ""
    units: int = 0
    fault: str = ""
    sends: str = ""
    late: float = 0
    """Seconds for which the answer is held back."""

    def answer(self) -> Answer:
        """Give the answer, spoiled by the fault that strikes. Raises Cut where the connection ends."""
        found = discovery.find(self.request)
        self.method = found[0].id if found else ""
        fault = self.server.faults.strike(self.request, self.method)
        if fault is None:
            return self._played(found)
        self.fault = str(fault.what)
        if fault.what in {"expire", "revoke"}:
            self._spoil_token(revoke=fault.what == "revoke")
            return self._played(found)
        answer = self._played(found) if fault.effect else Answer()
        if isinstance(fault.what, int):
            return faults.refusal(fault).answer(api=found[0].api if found else "")
        if fault.what == "slow":
            self.late = float(fault.details.get("seconds", 0.3))
        return emptied(answer) if fault.what == "empty" else faults.spoiled(fault, answer)

    def entry(self, status: int) -> Entry:
        """Give the line for the log."""
        return Entry(
            at=self.server.now,
            verb=self.request.verb,
            path=self.request.path,
            query=self.request.query,
            method=self.method,
            status=status,
            units=self.units,
            account=self.account,
            fault=self.fault,
            sends=self.sends or _looks_like_sending(self.request),
        )

    def _spoil_token(self, *, revoke: bool) -> None:
        state = self.server.oauth
        token = self.request.headers.get("authorization", "").partition(" ")[2].strip()
        access = state.access.get(token)
        if revoke and access:
            state.end(access.grant)
        state.expire(token or "none")

    def _played(self, found: Found) -> Answer:
        if found is None:
            return self._page()
        try:
            return self._called(*found)
        except Refused as refused:
            return refused.answer(api=found[0].api)

    def _page(self) -> Answer:
        server, request = self.server, self.request
        if request.path == "/token":
            return tokens.token_endpoint(server.oauth, request, server.now)
        if request.path == "/revoke" and request.verb == "POST":
            return tokens.revoke_endpoint(server.oauth, request)
        if request.path == "/o/oauth2/auth" and request.verb == "GET":
            return consent.consent_page(server.oauth, request, server.account().email, server.now)
        return as_page(404, "The requested URL was not found on this server.")

    def _called(self, method: Method, path: dict[str, str]) -> Answer:
        if method.sends:
            self.sends = method.id
        access = self.server.oauth.shown(self.request, self.server.now)
        self.account = access.grant.account
        context = Context(
            account=self.server.account(self.account),
            now=self.server.now,
            scopes=access.scopes,
            useful=oauth.permit(access, method),
            project=access.grant.project,
            switches=self.server.switches,
        )
        self.units = quota.spend(context.account, method, self.server.now, self.server.limits)
        call = understood(method, path, self.request)
        self.sends = self.sends or _invites(call)
        if method.sends:
            raise Refused(403, "forbidden", "The stand-in sends nothing.")
        return _masked(call, PLAYS[method.api](call, context))


def _masked(call: Call, value: dict[str, object] | None) -> Answer:
    if value is None:
        return Answer(status=204)
    etags = (("ETag", str(value["etag"])),) if "etag" in value else ()
    if "fields" in call.query:
        value = masks.apply(masks.parse(call.query["fields"]), value)
    return as_json(value, headers=etags)


def _invites(call: Call) -> str:
    """Tell why a request on an event would mail its guests."""
    if call.method.api != "calendar" or call.method.verb == "GET":
        return ""
    if call.get("sendUpdates") in NOTIFIES or call.get("sendNotifications"):
        return "sendUpdates"
    return "attendees" if call.body.get("attendees") else ""


def _looks_like_sending(request: Request) -> str:
    """Catch what never got so far as to be a method: uploads and batches that send."""
    path = request.path.rstrip("/")
    batched = path.startswith("/batch") and b"/send" in request.body
    return "send" if path.endswith("/send") or batched else ""


def emptied(answer: Answer) -> Answer:
    """Give a listing's answer with nothing in it."""
    if answer.status != 200:
        return answer
    body = msgspec.json.decode(answer.body)
    for name, value in list(body.items()):
        if isinstance(value, list) and name != "defaultReminders":
            body[name] = []
    body.pop("nextPageToken", None)
    return as_json(body)
