"""What stands in a unit file? Directives in their order, each with the line before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "systemd"
SYSTEM = ("kith.service", "kith@.service", "kith-once.service")
OFFICE = "kith-once@.service"
TIMERS = ("kith.timer", "kith-once@.timer")
STAND_IN = "/opt/kith/bin/python"


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """``name=value``, in a section, below another line."""

    section: str
    name: str
    value: str
    above: str


def directives(text: str) -> Iterator[Directive]:
    section, above = "", ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield Directive(section=section, name=name, value=value, above=above)
        above = line


def settings(text: str, specifiers: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the values of each directive of [Service], words apart, ``%S`` and the like filled in."""
    found: dict[str, list[str]] = {}
    for item in directives(text):
        value = item.value
        for key, meant in specifiers.items():
            value = value.replace(key, meant)
        if item.section == "Service":
            found.setdefault(item.name, []).extend(value.split())
    return found


def without(text: str, name: str) -> str:
    """Return the unit without any line of the directive ``name``."""
    kept = [line for line in text.splitlines() if not line.startswith(f"{name}=")]
    assert len(kept) < len(text.splitlines()), f"{name} does not stand in the unit"
    return "\n".join(kept)
