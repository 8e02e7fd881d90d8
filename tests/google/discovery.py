"""Which methods are there, and which one does a request call? Read from the discovery documents of googleapiclient."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from .answers import Request
from .wire import segments

SERVICES = {"gmail": "gmail.v1", "calendar": "calendar.v3", "tasks": "tasks.v1"}

_SENDS = re.compile(
    r"gmail\.users\.(messages|drafts)\.send|gmail\.users\.settings\..*\.(create|update|patch)|gmail\.users\.settings\.update.*"
    r"|calendar\.acl\.(insert|update|patch)|calendar\.events\.quickAdd"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of a discovery document."""

    id: str
    api: str
    verb: str
    parameters: dict[str, dict[str, Any]]
    scopes: frozenset[str]
    body: dict[str, Any] | None
    answer: dict[str, Any] | None
    schemas: dict[str, Any]

    @property
    def sends(self) -> bool:
        """Whether the method itself lets mail go out."""
        return _SENDS.fullmatch(self.id) is not None


@cache
def document(api: str) -> dict[str, Any]:
    """Read the discovery document of *api*."""
    spec = find_spec("googleapiclient")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0]) / "discovery_cache/documents"
    found: dict[str, Any] = msgspec.json.decode((folder / f"{SERVICES[api]}.json").read_bytes())
    return found


@cache
def scopes() -> frozenset[str]:
    """Give every scope that Google's consent page knows here."""
    known = {scope for api in SERVICES for scope in document(api)["auth"]["oauth2"]["scopes"]}
    prefix = "https://www.googleapis.com/auth/"
    return frozenset(
        known
        | {"openid", "email", "profile"}
        | {
            prefix + name
            for name in ("userinfo.email", "userinfo.profile", "contacts.readonly", "contacts.other.readonly")
        }
    )


def whole(given: Iterable[str]) -> frozenset[str]:
    """Give scopes with their prefix. Raises ValueError for one that Google does not know."""
    found = frozenset(scope if scope in scopes() else f"https://www.googleapis.com/auth/{scope}" for scope in given)
    if unknown := found - scopes():
        raise ValueError(f"no such scopes: {sorted(unknown)}")
    return found


@cache
def _routes() -> dict[Any, Any]:
    """Build the tree of path segments; ``None`` leads to a variable one."""
    tree: dict[Any, Any] = {}
    for api in SERVICES:
        found = document(api)
        for method in methods(api):
            node = tree
            for piece in (found["servicePath"] + method["path"]).split("/"):
                node = node.setdefault(None if piece.startswith("{") else piece, {})
            names = [p[1:-1] for p in (found["servicePath"] + method["path"]).split("/") if p.startswith("{")]
            node.setdefault("methods:", {})[method["httpMethod"]] = (_method(api, found, method), names)
    return tree


def methods(api: str) -> list[dict[str, Any]]:
    """Give every method of *api* as its document tells it."""
    return _below(document(api))


def _below(resource: dict[str, Any]) -> list[dict[str, Any]]:
    deeper = [one for inner in resource.get("resources", {}).values() for one in _below(inner)]
    return [*resource.get("methods", {}).values(), *deeper]


def _method(api: str, found: dict[str, Any], method: dict[str, Any]) -> Method:
    return Method(
        id=method["id"],
        api=api,
        verb=method["httpMethod"],
        parameters={**found["parameters"], **method.get("parameters", {})},
        scopes=frozenset(method.get("scopes", ())),
        body=method.get("request"),
        answer=method.get("response"),
        schemas=found["schemas"],
    )


def find(request: Request) -> tuple[Method, dict[str, str]] | None:
    """Find the method that *request* calls and the values in its path; None if there is none."""
    pieces = segments(request.path)
    found = _walk(_routes(), pieces, request.verb)
    if found is None:
        return None
    method, names, values = found
    return method, dict(zip(names, values, strict=True))


def _walk(node: dict[Any, Any], pieces: list[str], verb: str) -> tuple[Method, list[str], list[str]] | None:
    if not pieces:
        hit = node.get("methods:", {}).get(verb)
        return None if hit is None else (hit[0], hit[1], [])
    head, rest = pieces[0], pieces[1:]
    if head in node and (found := _walk(node[head], rest, verb)):
        return found
    if None in node and head and (found := _walk(node[None], rest, verb)):
        return found[0], found[1], [head, *found[2]]
    return None
