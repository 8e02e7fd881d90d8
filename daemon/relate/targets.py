"""Whom does the user want to know? Kinds of people out of a file of theirs: who is of a kind, and which nobody is yet.

PRACTICE "cultivation": keep a list of whom you want to know. The file is P29's (docs/contracts.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from daemon import names
from daemon.detect.cards import read
from daemon.model import Opinion, Person, State, Target


def kinds_of(person: Person, texts: Iterable[str], targets: Iterable[Target]) -> Iterator[Target]:
    """Yield the kinds that ``person`` is of: by full name, by a word in the name or in ``texts``, by domain."""
    said = [f" {' '.join(names.words(text))} " for text in (person.name, *texts)]
    for target in targets:
        if _is_named(person, target) or _is_at(person, target) or any(_says(text, target) for text in said):
            yield target


def uncovered(state: State, opinions: Mapping[str, Opinion]) -> tuple[Target, ...]:
    """Return the kinds of which nobody is known yet: nobody in the network who was ever in touch both ways."""
    targets = state.settings.targets
    if not targets:
        return ()
    texts = texts_about(state)
    known = (person for person in state.people.values() if _is_known(opinions.get(person.id)))
    covered = {item.kind for person in known for item in kinds_of(person, texts.get(person.id, ()), targets)}
    return tuple(target for target in targets if target.kind not in covered)


def texts_about(state: State) -> Mapping[str, Sequence[str]]:
    """Return what the user noted, and what cards say, by person."""
    homes = {card: person.id for person in state.people.values() for card in person.cards}
    found: dict[str, list[str]] = {}
    for item in state.decisions:
        if item.kind in {"note", "card"} and (text := item.value if item.kind == "note" else read(item).note):
            found.setdefault(homes.get(item.about, item.about), []).append(text)
    return found


def _is_known(opinion: Opinion | None) -> bool:
    return opinion is not None and opinion.stage not in {None, "dormant"} and bool(opinion.two_way_days)


def _is_named(person: Person, target: Target) -> bool:
    return any(names.same_name(person.name, name) for name in target.names)


def _is_at(person: Person, target: Target) -> bool:
    domains = {address.rpartition("@")[2] for address in person.addresses}
    return any(domain == wanted or domain.endswith(f".{wanted}") for domain in domains for wanted in target.domains)


def _says(text: str, target: Target) -> bool:
    phrases = (" ".join(names.words(word)) for word in target.words)
    return any(phrase and f" {phrase} " in text for phrase in phrases)
