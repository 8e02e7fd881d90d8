"""What does an earlier export bring back? What the user said, each thing once; facts are made from the accounts again.

Ids of people hang on the secret of a state. The export says which address or card each means, so that they are told
anew where they are imported. Who was forgotten stays so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

import msgspec

from connectors.records import BadData, Skipped
from daemon import forgotten
from daemon.detect import card_decision
from daemon.detect.cards import read
from daemon.model import Decision

KINDS = frozenset(
    {"mark", "unmark", "circle", "tone", "language", "every", "note", "keep", "merge", "split", "slot", "slot-free"}
    | {"sign", "x", "promise", "card", "title", "purpose"}
)
"""Kinds of decision that are the user's and mean the same anywhere: not the yes to writing."""
_ID = re.compile(r"p-[a-z2-7]{10}(?![a-z2-7])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is read of an export: ``told``, every decision as stored, and ``ids``, the address behind each id."""

    told: tuple[Decision, ...]
    ids: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What is to be stored; how many decisions were ``known``, and what was left out."""

    new: Mapping[str, Decision] = field(default_factory=dict)
    known: int = 0
    skipped: tuple[Skipped, ...] = ()


def read_export(raw: bytes) -> Export:
    """Return what an exported file holds. Raises BadData."""
    try:
        found = msgspec.json.decode(raw, type=Export)
    except (ValueError, RecursionError):
        raise BadData("is no export of Kith's, or one of before it could be read back") from None
    if any(item.at.tzinfo is None for item in found.told):
        raise BadData("has times without an offset: no export of Kith's")
    return found


def decisions_of(
    export: Export, before: Iterable[Decision], *, new_id: Callable[[str], str], is_forgotten: Callable[[str], bool]
) -> Returned:
    """Return what ``export`` adds to the decisions made ``before``; ``new_id`` is ``Ledger.person_id``."""
    stored = {item.key: item for item in before}
    there = {_said(item) for item in stored.values()}
    cards = {item.key: _card(item, new_id) for item in export.told if item.kind == "card"}
    ids = {old: new_id(address) for old, address in export.ids.items()}
    ids |= {item.about: cards[item.key].about for item in export.told if item.kind == "card"}
    is_home = any(ids[old] == old for old in export.ids)
    gone = {old for old, address in export.ids.items() if is_forgotten(address)}
    new: dict[str, Decision] = {}
    skipped, known = list[Skipped](), 0
    for number, old in enumerate(export.told, 1):
        item = cards.get(old.key) or _moved(old, ids, is_home=is_home)
        why = _unwanted(old, item, gone, is_forgotten)
        if item is None or why:
            skipped.append(Skipped(where=f"decision {number}", why=why))
        elif _said(item) in there or (item.kind == "card" and item.key in stored):
            known += 1
        else:
            item = item if item.key not in {*stored, *new} else replace(item, key=f"{item.key}/{_mark(item)}")
            new[item.key] = item
            there.add(_said(item))
    return Returned(new=new, known=known, skipped=tuple(skipped))


def _card(item: Decision, new_id: Callable[[str], str]) -> Decision:
    card = read(item)
    return card_decision(
        card.name,
        item.at,
        card.source,
        new_id=new_id,
        addresses=card.addresses,
        note=card.note,
        event=card.event,
        profile=card.profile,
    )


def _moved(item: Decision, ids: Mapping[str, str], *, is_home: bool) -> Decision | None:
    """Return ``item`` with the ids of here; None if it is about somebody of whom the export has no address.

    ``is_home``: the export is this state's own, and an id that nobody has any more means what it meant.
    """
    named = _ID.findall(f"{item.about} {item.value if item.kind in _OF_IDS else ''}")
    if not is_home and not ids.keys() >= set(named):
        return None

    def moved(text: str) -> str:
        return _ID.sub(lambda found: ids.get(found[0], found[0]), text)

    value = moved(item.value) if item.kind in _OF_IDS else item.value
    return replace(item, key=moved(item.key), about=moved(item.about), value=value)


_OF_IDS = frozenset({"merge", "split", "x"})
"""Kinds whose value names a person's id; in all others it is the user's text."""


def _unwanted(old: Decision, item: Decision | None, gone: set[str], is_forgotten: Callable[[str], bool]) -> str:
    if item is None:
        return "is about somebody the export does not know"
    if old.kind not in KINDS:
        return "is of a kind that is not read back"
    texts = (item.about, item.value, item.reason)
    if not gone.isdisjoint((old.about, old.value)):
        return "is about somebody forgotten, as you said"
    return "names somebody forgotten" if any(forgotten.names_forgotten(text, is_forgotten) for text in texts) else ""


def _said(item: Decision) -> tuple[object, ...]:
    return item.kind, item.about, item.value, item.reason, item.at.timestamp()


def _mark(item: Decision) -> str:
    return sha256(repr(_said(item)).encode("utf-8", "surrogatepass")).hexdigest()[:8]
