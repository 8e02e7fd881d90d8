"""Is this the address of a person? What the address alone says (PRACTICE 1, codes A2..A7 of RULINGS U3).

Names never decide alone: whoever is not recognised here may be a person, in any script, at any host.
"""

from __future__ import annotations

import re
from collections.abc import Set

from daemon.model import Vocabulary

OWN, MACHINE, ROLE, TOKEN, LIST, RESOURCE, PLATFORM = "A1", "A2", "A3", "A4", "A5", "A6", "A7"
COPIED, CROWD, UNANSWERED, COLD, BROADCAST = "A8", "A9", "A10", "A11", "A12"

WORDS = {
    OWN: "one of your own addresses",
    MACHINE: "a machine's address",
    ROLE: "an office's address",
    TOKEN: "an address that stands for one conversation",
    LIST: "a mailing list or group",
    RESOURCE: "a room or a calendar",
    PLATFORM: "an event platform, scheduler or note-taking bot",
    COPIED: "only ever copied",
    CROWD: "only ever one of a crowd",
    UNANSWERED: "invited, but never said yes",
    COLD: "no contact of yours that counts",
    BROADCAST: "only ever among many",
}

_PARTS = re.compile(r"[._+\-]+")
_TOKEN = re.compile(
    r"[0-9a-f]{16,}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-.*|(?=(?:.*\d){4})(?=(?:.*[a-z]){4})[0-9a-z]{24,}"
)
_VERP = re.compile(r".+[+=-].+=[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:-.*)?$")


def code(address: str, vocabulary: Vocabulary, lists: frozenset[str]) -> str | None:
    """Return the code A2..A7 of an address that is no person's by itself, None if it may be one.

    ``lists`` are the configured mailing lists: addresses, or ``@host``.
    """
    local, _, host = address.rpartition("@")
    parts = tuple(part for part in _PARTS.split(local) if part)
    squeezed = "".join(_PARTS.split(local.partition("+")[0]))
    tests = (
        (LIST, address in lists or f"@{host}" in lists),
        (RESOURCE, _is_resource(host, parts, vocabulary)),
        (PLATFORM, _is_platform(address, host, {squeezed, *parts[:1]}, vocabulary)),
        (LIST, _is_list(local, host, vocabulary)),
        (MACHINE, _is_machine(local, squeezed, vocabulary)),
        (TOKEN, _is_token(local, parts, host, vocabulary)),
        (ROLE, _is_role(squeezed, parts, vocabulary)),
    )
    return next((found for found, true in tests if true), None)


def is_nobody(address: str, vocabulary: Vocabulary, lists: frozenset[str]) -> bool:
    """Tell whether ``address`` is no person's by itself; ``lists`` as for ``code``."""
    return code(address, vocabulary, lists) is not None


def is_free_mail(host: str, vocabulary: Vocabulary) -> bool:
    """Tell whether anybody may have an address at ``host``."""
    return host in vocabulary["free-mail"]


def at_host(host: str, hosts: frozenset[str]) -> bool:
    """Tell whether ``host`` or a domain above it is one of ``hosts``."""
    while host:
        if host in hosts:
            return True
        host = host.partition(".")[2]
    return False


def _is_machine(local: str, squeezed: str, vocabulary: Vocabulary) -> bool:
    if squeezed in vocabulary["machine-locals"] or ("=" in local and _VERP.match(local)):
        return True
    return any(local.startswith(word) or squeezed.startswith(word) for word in vocabulary["machine-beginnings"])


def _is_resource(host: str, parts: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    return at_host(host, vocabulary["resource-hosts"]) or bool(parts and parts[0] in vocabulary["resource-parts"])


def _is_platform(address: str, host: str, said: Set[str], vocabulary: Vocabulary) -> bool:
    if address in vocabulary["platform-addresses"]:
        return True
    known = any(at_host(host, vocabulary[name]) for name in ("platform-hosts", "scheduler-hosts", "bot-hosts"))
    return known and not vocabulary["platform-locals"].isdisjoint(said)


def _is_list(local: str, host: str, vocabulary: Vocabulary) -> bool:
    """Rule L of RULINGS C2, as far as the address alone tells."""
    if host.partition(".")[0] in vocabulary["list-labels"] or at_host(host, vocabulary["list-hosts"]):
        return True
    if local in vocabulary["group-locals"]:
        return True
    return "-" in local and (
        local.endswith(tuple(vocabulary["list-endings"])) or any(part in local for part in vocabulary["list-infixes"])
    )


def _is_token(local: str, parts: tuple[str, ...], host: str, vocabulary: Vocabulary) -> bool:
    if at_host(host, vocabulary["token-hosts"]) or host.partition(".")[0] in vocabulary["token-labels"]:
        return True
    if local.startswith(tuple(vocabulary["token-beginnings"])):
        return True
    return len(local) >= 16 and any(_TOKEN.fullmatch(part) for part in (local, *parts))


def _is_role(squeezed: str, parts: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    roles = vocabulary["role-locals"]
    if squeezed in roles or (parts and all(part in roles for part in parts)):
        return True
    return bool(parts) and not vocabulary["role-parts"].isdisjoint({parts[0], parts[-1]})
