"""Is a request well formed? Parameters, field mask and body against what the discovery document says of its method."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from . import masks
from .answers import Refused, Request, invalid
from .discovery import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was understood: its method, its values by name (lists where repeated), its body."""

    method: Method
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    signature: tuple[tuple[str, str], ...] = ()

    def get(self, name: str, default: Any = None) -> Any:
        """Give a query parameter, converted."""
        return self.query.get(name, default)


PAGE_LIMITS = {
    "gmail.users.messages.list": 500,
    "gmail.users.history.list": 500,
    "gmail.users.drafts.list": 500,
    "calendar.events.list": 2500,
    "calendar.events.instances": 2500,
    "calendar.calendarList.list": 250,
    "tasks.tasks.list": 100,
    "tasks.tasklists.list": 1000,
}
"""Google cuts a larger maxResults down; the stand-in refuses it, so that nobody counts on the larger page."""


def understood(method: Method, path: dict[str, str], request: Request) -> Call:
    """Check parameters, field mask and body. Raises Refused (400) as Google words it."""
    query = _query(method, request)
    if "fields" in query:
        mask = masks.parse(query["fields"])
        if method.answer:
            masks.check(mask, method.answer, method.schemas)
    signature = tuple(
        sorted(pair for pair in request.query if pair[0] not in {"pageToken", "fields", "alt", "prettyPrint"})
    )
    body = _body(method, request)
    return Call(method=method, path=path, query=query, body=body, headers=request.headers, signature=signature)


def _query(method: Method, request: Request) -> dict[str, Any]:
    query: dict[str, Any] = {}
    for name, text in request.query:
        about = method.parameters.get(name)
        if about is None or about.get("location") != "query":
            raise invalid(
                f'Invalid JSON payload received. Unknown name "{name[:60]}": Cannot bind query parameter.', name[:60]
            )
        value = _value(name, text, about)
        if about.get("repeated"):
            query.setdefault(name, []).append(value)
        elif name in query:
            raise invalid(f'Invalid value at "{name}": the field is not repeated.', name)
        else:
            query[name] = value
    _limits(method, query)
    return query


def _limits(method: Method, query: dict[str, Any]) -> None:
    limit = PAGE_LIMITS.get(method.id)
    if limit and not 1 <= query.get("maxResults", 1) <= limit:
        raise invalid(f"maxResults must be between 1 and {limit}.", "maxResults")
    for name, about in method.parameters.items():
        if about.get("required") and about["location"] == "query" and name not in query:
            raise Refused(
                400, "required", f"Required parameter: {name}", location={"location": name, "locationType": "parameter"}
            )
    if query.get("alt", "json") != "json":
        raise invalid("The stand-in speaks JSON only.", "alt")


def _value(name: str, text: str, about: dict[str, Any]) -> Any:
    """Convert one query value. Raises Refused (400) if it has not the parameter's type."""
    if "enum" in about and text not in about["enum"]:
        raise invalid(f'Invalid value at "{name}": "{text[:60]}"', name)
    try:
        if about["type"] == "boolean":
            return {"true": True, "false": False}[text]
        if about["type"] == "integer":
            return _bounded(int(text), about)
        return _formatted(text, about.get("format", ""))
    except (ValueError, KeyError):
        raise invalid(f'Invalid value at "{name}": "{text[:60]}"', name) from None


def _bounded(value: int, about: dict[str, Any]) -> int:
    low, high = (
        int(about.get("minimum", "0" if about.get("format") == "uint32" else -(2**31))),
        int(about.get("maximum", 2**32 - 1)),
    )
    if not low <= value <= high:
        raise ValueError(value)
    return value


def _formatted(text: str, form: str) -> str:
    if form == "date-time":
        moment(text)
    elif form == "date":
        date.fromisoformat(text)
    elif (form in {"uint64", "int64"} and not text.lstrip("-").isdecimal()) or (
        form == "byte" and not re.fullmatch(r"[A-Za-z0-9_\-+/]*={0,2}", text)
    ):
        raise ValueError(text)
    return text


def moment(text: str) -> datetime:
    """Read an RFC 3339 time. Raises ValueError without an offset or with any other form."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", text):
        raise ValueError(text)
    return datetime.fromisoformat(text.upper())


def _body(method: Method, request: Request) -> dict[str, Any]:
    if method.body is None:
        if request.body and method.verb in {"GET", "DELETE"}:
            raise invalid("The request has a body, but the method takes none.")
        return {}
    if not request.body:
        return {}
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise invalid(
            "Unsupported content with type: " + request.headers.get("content-type", "")[:60],
            "Content-Type",
            where="header",
        )
    try:
        found = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid("Invalid JSON payload received. Parse Error", reason="parseError") from None
    _fits(found, method.body, method.schemas, "")
    if found is None:
        raise _misfit(found, ".")
    body: dict[str, Any] = found if method.verb == "PATCH" else _without_nulls(found)
    return body


def _without_nulls(value: Any) -> Any:
    """A null is a field that is not there, but in a patch."""
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _fits(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> None:
    """Raise Refused (400) if *value* holds a field or a type that *schema* does not."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    if value is None:
        return
    kind = schema.get("type", "any")
    if kind == "object":
        _object(value, schema, schemas, where)
    elif kind == "array":
        if not isinstance(value, list):
            raise _misfit(value, where)
        for number, item in enumerate(value):
            if item is None:
                raise _misfit(item, where)
            _fits(item, schema["items"], schemas, f"{where}[{number}]")
    elif not _scalar(value, kind, schema):
        raise _misfit(value, where)


def _object(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> None:
    if not isinstance(value, dict):
        raise _misfit(value, where)
    for name, inner in value.items():
        below = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
        if below is None:
            raise invalid(
                f"Invalid JSON payload received. Unknown name \"{name[:60]}\" at '{where[1:]}': Cannot find field."
            )
        _fits(inner, below, schemas, f"{where}.{name}")


def _scalar(value: Any, kind: str, schema: dict[str, Any]) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in {"integer", "number"}:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind != "string":
        return True
    if not isinstance(value, str) or ("enum" in schema and value not in schema["enum"]):
        return False
    try:
        # An event's dateTime may do without an offset if its timeZone says it: judged where events are.
        _formatted(value, "" if schema.get("format") == "date-time" else schema.get("format", ""))
    except ValueError:
        return False
    return True


def _misfit(value: Any, where: str) -> Refused:
    return invalid(f"Invalid value at '{where[1:]}': {msgspec.json.encode(value)[:60].decode(errors='replace')}")
