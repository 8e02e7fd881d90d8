"""How does the connector speak with Google? ``Wire`` is one API under one grant, ``Wires`` are those of an account.

For the halves (calendar, mail)::

    wires = wires_of(account, name, zone)       # light: nothing heavy is imported, no file is read
    wire = wires.calendar                       # API and grant: calendar/calendar, .tasks: tasks/calendar,
                                                # .mail: gmail/mail, .drafts: gmail/drafts
    events = wire.resource("events")            # googleapiclient's resource, built once and kept: ask for it each time
    page = wire.read(events.list(calendarId=..., fields=...))       # -> dict, {} for an empty answer
    request = events.update(calendarId=..., eventId=..., body=...)
    request.headers["If-Match"] = etag
    wire.write(request)                         # sent exactly once
    wires.mail.allowance()                      # how many messages.get may follow now; sleeps 2 s at most when it is 0

``read`` tries up to twice more where that can help; ``write`` never does. Both raise the errors of ``errors``
(``NotThere``, ``Conflict``, ``Changed``, ``Unchanged``, ``Outdated``, ``Forbidden``, ``Invalid``, ``Unsure``) and those
of ``records`` (``Unavailable``, ``NeedsLogin``, ``Rejected``). No error holds an id, an address or a title. Whoever
does not expect one lets it pass: the tick makes a trouble of it. A method that is not in ``methods`` raises
``Refused``.

googleapiclient, google-auth and requests are imported with the first request (reference/speed.md 5).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors._google.described import described
from connectors._google.endpoints import Endpoints
from connectors._google.errors import API_NAMES, Answer, Unsure, Verdict, judge
from connectors._google.grants import Grant, GrantName
from connectors._google.later import put_off
from connectors._google.meter import Clock, Meter, counts_path
from connectors._google.methods import METHODS, Api, Method
from connectors.records import Unavailable

if TYPE_CHECKING:
    from connectors._google.session import Limits
    from connectors._google.transport import Http
    from connectors.google import Google

TRIES = 3
PATIENCE = 10.0
"""Seconds a read waits at most before it tries again; a longer wait is left to the next tick."""
ALLOWANCE_PATIENCE = 2.0
_VERSIONS: dict[Api, str] = {"calendar": "v3", "gmail": "v1", "tasks": "v1"}


class Wire:
    """One API of Google's under one grant."""

    def __init__(
        self, api: Api, grant: Grant, meter: Meter, endpoints: Endpoints, limits: Limits | None = None
    ) -> None:
        """Take what to speak with, as whom, and who counts. ``limits`` bounds each request (None: ``Limits()``)."""
        self.api: Api = api
        self.grant, self.meter, self.endpoints, self._limits = grant, meter, endpoints, limits
        self._resources: dict[str, Any] = {}

    def resource(self, path: str) -> Any:
        """Return the resource at ``path``, such as ``events`` or ``users.messages``; the same one each time."""
        if path not in self._resources:
            found = self._service
            for part in path.split("."):
                found = getattr(found, part)()
            self._resources[path] = found
        return self._resources[path]

    def read(self, request: Any) -> dict[str, Any]:
        """Return what ``request``, a GET of googleapiclient's, gets. Raises as the module says."""
        method = self._known(request)
        for tries in range(1, TRIES + 1):
            try:
                return self._execute(request, method)
            except Answer as answer:
                verdict = self._judge(answer, method)
            except Unavailable as cut:
                verdict = Verdict(error=cut, again=True)
            wait = max(verdict.wait, self._backoff(tries))
            if not verdict.again or tries == TRIES or wait > PATIENCE:
                break
            self.meter.clock.sleep(wait)
        self._stay_away(verdict, method)
        raise verdict.error from None

    def write(self, request: Any) -> dict[str, Any]:
        """Return the answer to ``request``, sent exactly once. Raises Unsure when it may have happened all the same."""
        method = self._known(request)
        try:
            return self._execute(request, method)
        except Answer as answer:
            verdict = self._judge(answer, method)
        self._stay_away(verdict, method)
        raise verdict.error from None

    def allowance(self, patience: float = ALLOWANCE_PATIENCE) -> int:
        """Return how many header reads (``messages.get``) may be made now, 0 or more.

        While there are none, sleeps ``patience`` seconds at most for the next. Each read is counted when it is made.
        """
        return self.meter.await_one(patience)

    def close(self) -> None:
        """Close the connections and forget what was built; the next request builds it again."""
        if "_http" in self.__dict__:
            self._http.close()
        for name in ("_http", "_service"):
            self.__dict__.pop(name, None)
        self._resources = {}

    @cached_property
    def _http(self) -> Http:
        put_off()
        from connectors._google.session import Limits
        from connectors._google.transport import Http, Login

        login = Login(self.grant, self.endpoints, self.meter.clock)
        return Http(self.endpoints.base(self.api), login, self.meter, self._limits or Limits())

    @cached_property
    def _service(self) -> Any:
        put_off()
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc

        document = described(get_static_doc(self.api, _VERSIONS[self.api]))
        document["rootUrl"] = self.endpoints.base(self.api)
        return build_from_document(document, http=self._http)

    def _known(self, request: Any) -> Method:
        """Return the method of ``request``, or stay away while Google does not want to hear of it."""
        from connectors._google.methods import Refused

        method = METHODS.get(request.methodId)
        if method is None:
            raise Refused(f"{request.methodId} is not on the list of what Kith may do")
        held = self.meter.held(method.api, *([f"{method.api}.writes"] if method.writes else []))
        if held is not None:
            raise Unavailable(f"{API_NAMES[method.api]} asked to be left alone until {held:%H:%M} UTC")
        return method

    def _execute(self, request: Any, method: Method) -> dict[str, Any]:
        try:
            content = request.execute(http=self._http, num_retries=0)
        except (ValueError, RecursionError):  # a body that is no JSON
            content = None
        if content in ("", b""):
            return {}
        if not isinstance(content, dict):
            text = f"{API_NAMES[method.api]} answers with something that is no answer"
            raise (Unsure if method.writes else Unavailable)(text)
        return content

    def _judge(self, answer: Answer, method: Method) -> Verdict:
        return judge(answer, method, self.grant.remedy, self.meter.clock.now())

    def _stay_away(self, verdict: Verdict, method: Method) -> None:
        if seconds := max(verdict.wait, verdict.rest):
            self.meter.hold(f"{method.api}.writes" if verdict.writes_only else method.api, seconds)

    def _backoff(self, tries: int) -> float:
        return 2.0 ** (tries - 1) * (0.5 + self.meter.clock.jitter() / 2)


@dataclass
class Wires:
    """The wires of one account, each made when it is first asked for; they share one meter."""

    state: Path
    name: str
    endpoints: Endpoints
    meter: Meter
    limits: Limits | None = None
    memory: dict[str, Any] = field(default_factory=dict)
    """What a half remembers as long as the process lives; losing it loses no more than a request."""

    @cached_property
    def calendar(self) -> Wire:
        """Google Calendar, under the calendar grant."""
        return self._wire("calendar", "calendar")

    @cached_property
    def tasks(self) -> Wire:
        """Google Tasks, under the calendar grant."""
        return self._wire("tasks", "calendar")

    @cached_property
    def mail(self) -> Wire:
        """Gmail, under the mail grant: headers, nothing else."""
        return self._wire("gmail", "mail")

    @cached_property
    def drafts(self) -> Wire:
        """Gmail, under the drafts grant."""
        return self._wire("gmail", "drafts")

    def grant(self, name: GrantName) -> Grant:
        """Return a grant of this account."""
        return Grant(self.state, self.name, name)

    def close(self) -> None:
        """Close all connections."""
        for name in ("calendar", "tasks", "mail", "drafts"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def _wire(self, api: Api, grant: GrantName) -> Wire:
        return Wire(api, self.grant(grant), self.meter, self.endpoints, self.limits)


_KEPT: dict[tuple[Path, str], tuple[object, Wires]] = {}
"""Wires outlive a tick: access tokens, connections and the pace belong to the process."""


def wires_of(account: Google, name: str, zone: str = "UTC", clock: Clock | None = None) -> Wires:
    """Return the wires of ``account``, the same ones for the same settings as long as the process lives."""
    state = account.where()
    settings = (account.endpoints(), account.pace, zone)
    kept = _KEPT.get((state, name))
    if kept is not None and kept[0] == settings and clock is None:
        return kept[1]
    meter = Meter(counts_path(state, name), account.pace, zone, clock)
    wires = Wires(state=state, name=name, endpoints=account.endpoints(), meter=meter)
    _KEPT[state, name] = (settings, wires)
    return wires


def settle(state: Path, name: str) -> None:
    """Write down what the account ``name`` spent of its quota since the last time."""
    if kept := _KEPT.get((state, name)):
        kept[1].meter.save()
