"""What goes wrong, and when? Faults by method, path and count, or drawn by a seeded die."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from .answers import Answer, Refused, Request, as_page
from .wire import Cut

KINDS = ("drop before", "drop after", "slow", "half body", "not json", "huge", "redirect", "expire", "revoke", "empty")
EFFECTLESS = ("drop before", "not json", "huge", "expire", "revoke")
"""Faults that come before anything happens, unless ``effect=True``."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One trouble: what, where, from the n-th matching request on, how often."""

    what: int | str
    method: str = "*"
    path: str = "*"
    verb: str = "*"
    nth: int = 1
    times: int | None = 1
    details: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        if self.what not in KINDS and not (isinstance(self.what, int) and 300 <= self.what < 600):
            raise ValueError(f"no such fault: {self.what}")

    def strikes(self, request: Request, method: str) -> bool:
        """Count *request* if it matches and tell whether it is hit."""
        if not (
            fnmatchcase(method, self.method)
            and fnmatchcase(request.path, self.path)
            and fnmatchcase(request.verb, self.verb)
        ):
            return False
        self.seen += 1
        hit = self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)
        self.hits += hit
        return hit

    @property
    def effect(self) -> bool:
        """Whether the request does its work all the same."""
        default = isinstance(self.what, str) and self.what not in EFFECTLESS
        return bool(self.details.get("effect", default))


class Faults:
    """The faults in force, in the order in which they were ordered."""

    def __init__(self) -> None:
        self.ordered: list[Fault] = []
        self._die: tuple[Random, float, tuple[int | str, ...], str, dict[str, Any]] | None = None

    def order(self, fault: Fault) -> Fault:
        """Put *fault* in force."""
        self.ordered.append(fault)
        return fault

    def throw(self, seed: int, rate: float, kinds: tuple[int | str, ...], method: str, details: dict[str, Any]) -> None:
        """Draw a fault of *kinds* for each request of *method* with probability *rate*."""
        self._die = (Random(seed), rate, kinds, method, details)

    def calm(self) -> None:
        """End all faults."""
        self.ordered.clear()
        self._die = None

    def strike(self, request: Request, method: str) -> Fault | None:
        """Give the fault that hits *request*; each fault counts the requests it matches."""
        hit = [fault for fault in self.ordered if fault.strikes(request, method)]
        if hit or self._die is None:
            return hit[0] if hit else None
        die, rate, kinds, pattern, details = self._die
        if not fnmatchcase(method, pattern) or die.random() >= rate:
            return None
        return Fault(what=die.choice(kinds), hits=1, details=details)


def refusal(fault: Fault) -> Refused:
    """Give the refusal that a fault with a status stands for."""
    assert isinstance(fault.what, int)
    wait = fault.details.get("retry_after")
    if isinstance(wait, datetime):
        wait = format_datetime(wait, usegmt=True)
    headers = () if wait is None else (("Retry-After", str(wait)),)
    default = {403: "rateLimitExceeded"}.get(fault.what, "")
    return Refused(fault.what, fault.details.get("reason", default), fault.details.get("message", ""), headers=headers)


def spoiled(fault: Fault, answer: Answer) -> Answer:
    """Give what goes out instead of *answer*. Raises Cut where the connection ends."""
    reset = bool(fault.details.get("reset"))
    if fault.what in {"drop before", "drop after"}:
        raise Cut(reset=reset)
    if fault.what == "half body":
        whole = answer.encoded()
        head = len(whole) - len(answer.body)
        raise Cut(whole[: head + len(answer.body) // 2], reset=reset)
    if fault.what == "not json":
        return as_page(fault.details.get("status", 200), "We're sorry, but this is not what you asked for.")
    if fault.what == "huge":
        return Answer(
            status=fault.details.get("status", 200),
            body=b'{"kind": "' + b"x" * fault.details.get("size", 64 << 20) + b'"}',
        )
    if fault.what == "redirect":
        return as_page(302, "Moved.", headers=(("Location", fault.details.get("location", "http://127.0.0.1:9/")),))
    return answer
