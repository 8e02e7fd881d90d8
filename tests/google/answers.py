"""How does Google say yes and no? Requests as they came, answers as they go, and refusals in Google's JSON shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

JSON = "application/json; charset=UTF-8"
HTML = "text/html; charset=UTF-8"

STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
REASON = {
    400: "invalidArgument",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "duplicate",
    410: "deleted",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    501: "notImplemented",
}
MESSAGE = {
    "accessNotConfigured": "Access Not Configured. The API has not been used in project 1234 before or it is disabled.",
    "authError": "Invalid Credentials",
    "backendError": "Backend Error",
    "conditionNotMet": "Precondition Failed",
    "dailyLimitExceeded": "Daily Limit Exceeded",
    "deleted": "Resource has been deleted",
    "duplicate": "The requested identifier already exists.",
    "forbidden": "Forbidden",
    "fullSyncRequired": "Sync token is no longer valid, a full sync is required.",
    "insufficientPermissions": "Insufficient Permission",
    "notFound": "Not Found",
    "quotaExceeded": "Calendar usage limits exceeded.",
    "rateLimitExceeded": "Rate Limit Exceeded",
    "required": "Login Required.",
    "timeRangeEmpty": "The specified time range is empty.",
    "updatedMinTooLongAgo": "The requested minimum modification time lies too far in the past.",
    "userRateLimitExceeded": "User Rate Limit Exceeded",
}
DOMAIN = {
    "accessNotConfigured": "usageLimits",
    "dailyLimitExceeded": "usageLimits",
    "fullSyncRequired": "calendar",
    "quotaExceeded": "usageLimits",
    "rateLimitExceeded": "usageLimits",
    "timeRangeEmpty": "calendar",
    "updatedMinTooLongAgo": "calendar",
    "userRateLimitExceeded": "usageLimits",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came: header names in lower case, the target split and decoded."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer as it goes."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON

    def encoded(self) -> bytes:
        """Give the whole answer as bytes, for one write."""
        phrase = HTTPStatus(self.status).phrase
        lines = [f"HTTP/1.1 {self.status} {phrase}"]
        if self.status not in {204, 304}:
            lines += [f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if self.status in {204, 304} else self.body)


class Refused(Exception):
    """A request that Google would refuse: status, reason, words, and where the trouble lies."""

    def __init__(self, status: int, reason: str = "", message: str = "", **more: Any) -> None:
        self.status = status
        self.reason = reason or REASON.get(status, "backendError")
        self.message = message or MESSAGE.get(self.reason, "Bad Request")
        self.location: dict[str, str] = more.pop("location", {})
        self.headers: tuple[tuple[str, str], ...] = more.pop("headers", ())
        self.details: list[dict[str, Any]] = more.pop("details", [])
        super().__init__(f"{status} {self.reason}: {self.message}")

    def answer(self, *, api: str = "gmail") -> Answer:
        """Give the answer in the JSON shape of *api*; Calendar's has no ``status``."""
        one = {
            "message": self.message,
            "domain": DOMAIN.get(self.reason, "global"),
            "reason": self.reason,
            **self.location,
        }
        error: dict[str, Any] = {"code": self.status, "message": self.message, "errors": [one]}
        if api != "calendar":
            error["status"] = STATUS.get(self.status, "UNKNOWN")
        if self.details:
            error["details"] = self.details
        return as_json({"error": error}, status=self.status, headers=self.headers)


def as_json(value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Give *value* as an answer in JSON."""
    return Answer(status=status, body=msgspec.json.encode(value), headers=headers)


def as_page(status: int, words: str, *, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Give a page for people, as Google does for addresses that it does not know."""
    told = f"<b>{status}.</b> <ins>That's an error.</ins><p>{words}"
    page = f"<!DOCTYPE html><html lang=en><title>Error {status}</title><p>{told}</html>"
    return Answer(status=status, body=page.encode(), headers=headers, content_type=HTML)


def invalid(message: str, name: str = "", *, reason: str = "", where: str = "parameter") -> Refused:
    """Give the 400 for a value that Google does not take."""
    location = {"location": name, "locationType": where} if name else {}
    return Refused(400, reason or "invalidArgument", message, location=location)
