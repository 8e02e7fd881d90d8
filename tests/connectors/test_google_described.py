"""What is kept of Google's descriptions makes the same requests as all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc

from connectors._google.described import described
from connectors._google.methods import METHODS

TEXTS: dict[str, str] = {
    "calendar": get_static_doc("calendar", "v3"),
    "gmail": get_static_doc("gmail", "v1"),
    "tasks": get_static_doc("tasks", "v1"),
}
SAMPLES = {"string": "x", "integer": 7, "boolean": True}


class NoHttp:
    """Nothing is sent here."""


def methods(resource: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from methods(inner)


def sample(about: Mapping[str, Any]) -> Any:
    """A value that the parameter ``about`` may have."""
    value = about["enum"][0] if "enum" in about else SAMPLES[about["type"]]
    return [value, value] if about.get("repeated") else value


def made(document: dict[str, Any], method: Mapping[str, Any]) -> tuple[Any, ...]:
    """The request of ``method`` with a value for every parameter, as ``document`` makes it."""
    found: Any = build_from_document(document, http=NoHttp())
    *path, name = method["id"].split(".")[1:]
    for part in path:
        found = getattr(found, part)()
    values = {key: sample(about) for key, about in method.get("parameters", {}).items()}
    if "request" in method:
        values["body"] = {"summary": "x"}
    request = getattr(found, name)(**values)
    return request.methodId, request.method, request.uri, request.headers, request.body, request.postproc.__qualname__


@pytest.mark.parametrize("name", METHODS)
def test_the_requests_are_the_same(name: str) -> None:
    """Each method that Kith may call, with every parameter it has: by the whole description, and by what is kept."""
    text = TEXTS[METHODS[name].api]
    (method,) = (item for item in methods(json.loads(text)) if item["id"] == name)
    assert made(described(text), method) == made(json.loads(text), method)


@pytest.mark.parametrize("api", TEXTS)
def test_words_and_schemas_are_gone_and_every_method_is_there(api: str) -> None:
    """A third is left of it at most; what is not on the list is refused by the list, not by chance."""
    kept = described(TEXTS[api])
    assert [item["id"] for item in methods(kept)] == [item["id"] for item in methods(json.loads(TEXTS[api]))]
    assert len(json.dumps(kept)) < len(json.dumps(json.loads(TEXTS[api]))) / 3
    assert '"description": "' not in json.dumps(kept)
