"""Who is nobody, and by which rule? The codes A1..A12 of every address that is no person's (U3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from daemon.detect import addresses, guests, mails
from daemon.detect.events import Reading
from daemon.detect.guests import NOBODY
from daemon.detect.mails import Letter
from daemon.detect.people import Directory
from daemon.detect.sightings import Sightings, mailboxes
from daemon.model import Ignored, Verdict

_CLOSEST = (
    addresses.OWN, addresses.COPIED, addresses.UNANSWERED, addresses.CROWD, addresses.BROADCAST, addresses.COLD,
)  # fmt: skip
_RANK: Mapping[str, int] = {code: rank for rank, code in enumerate(_CLOSEST)}
_GUESTS: Mapping[str, str] = {
    "E3": addresses.UNANSWERED,
    "E5": addresses.UNANSWERED,
    "E6": addresses.CROWD,
    "E7": addresses.CROWD,
}


def codes(
    seen: Sightings, directory: Directory, persons: Set[str], letters: Iterable[Letter], readings: Iterable[Reading]
) -> dict[str, str]:
    """Return the code of every address seen that is no person's: by itself (A1..A7), else by its closest contact."""
    strange = {address: addresses.COLD for address in seen.counts if directory.who(address) not in persons}
    for letter in letters:
        code = _by_mail(letter.verdict)
        if code is not None:
            for box in mailboxes(letter.message):
                _closer(strange, box.address, code)
    for reading in readings:
        for address, verdict in reading.absent:
            _closer(strange, address, _GUESTS.get(verdict.rule, addresses.COLD))
        for guest in reading.event.guests:
            if guest.me and reading.event.owned:
                _closer(strange, guest.address, addresses.OWN)
    return {address: directory.codes.get(address, code) for address, code in strange.items()}


def _closer(strange: dict[str, str], address: str, code: str) -> None:
    if address in strange and _RANK[code] < _RANK[strange[address]]:
        strange[address] = code


def _by_mail(verdict: Verdict) -> str | None:
    if verdict in {mails.WROTE, mails.COPIED, mails.FORWARDED, mails.INTRODUCED, mails.NOBODY_COPIED["M1"]}:
        return addresses.COPIED
    if verdict in {mails.SIX, mails.NOBODY_COPIED["M2"]}:
        return addresses.CROWD
    return addresses.BROADCAST if verdict in {mails.MANY, mails.SAME, mails.BLIND, mails.LISTS} else None


def ignored(strange: Mapping[str, str], seen: Sightings) -> tuple[Ignored, ...]:
    """List the ignored addresses with their rule and how many records name them."""
    return tuple(
        Ignored(address=address, rule=strange[address], count=seen.counts[address]) for address in sorted(strange)
    )


def of_guests(
    letters: Iterable[Letter], readings: Iterable[Reading], strange: Mapping[str, str], own: frozenset[str]
) -> dict[str, Verdict]:
    """Return why guests and recipients did not count although their record did."""
    found: dict[str, Verdict] = {}
    for reading in readings:
        if reading.kind is not None or reading.verdict in {guests.NOBODY_ANSWERED, guests.ALL_DECLINED}:
            for address, verdict in reading.absent:
                found[f"{reading.event.key}\t{address}"] = verdict
    for letter in letters:
        if letter.verdict.counted:
            for box in (*letter.message.to, *letter.message.cc, *letter.message.bcc):
                if box.address in strange and box.address not in own:
                    found[f"{letter.message.key}\t{box.address}"] = NOBODY[strange[box.address]]
    return found
