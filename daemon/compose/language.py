"""In which language and tone? The templates of one language, and what the user wished for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from daemon.compose.templates import Value, render
from daemon.model import Opinion, Person, State, Wish

LAST_RESORT = "en"
NEEDED = ("closing", "date", "greeting", "opening", "never")
"""What a language needs besides a draft's own templates before it can write a draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """One language in one tone: finds a template by name, the familiar form first where the tone asks for it."""

    language: str
    templates: Mapping[str, str]
    familiar: bool = False

    def text(self, name: str) -> str:
        """Return the template called ``name``. Raises KeyError if the language has none."""
        familiar = self.templates.get(f"{self.language}/{name}.familiar") if self.familiar else None
        return self.templates[f"{self.language}/{name}"] if familiar is None else familiar

    def has(self, name: str) -> bool:
        """Tell whether the language has a template called ``name``."""
        return f"{self.language}/{name}" in self.templates

    def say(self, name: str, values: Mapping[str, Value]) -> str:
        """Return the template ``name`` rendered. Raises KeyError or BadTemplate."""
        return render(self.text(name), values)

    def day(self, value: date, today: date, form: str = "date") -> str:
        """Return ``value`` in words, with the year when it is not that of ``today``."""
        year = 0 if value.year == today.year else value.year
        return self.say(form, {"day": value.day, "month": value.month, "year": year, "weekday": value.isoweekday()})

    def variants(self, reason: str) -> tuple[str, ...]:
        """Return the texts of the drafts for ``reason``, in the order of their numbers."""
        for form in (f"draft-{reason}.familiar", f"draft-{reason}") if self.familiar else (f"draft-{reason}",):
            pattern = re.compile(rf"{re.escape(self.language)}/{re.escape(form)}\.(\d{{1,2}})")
            found = {int(m[1]): text for name, text in self.templates.items() if (m := pattern.fullmatch(name))}
            if found:
                return tuple(found[number] for number in sorted(found))
        return ()

    def can_write(self, reason: str) -> bool:
        """Tell whether the language has all that a draft for ``reason`` needs."""
        return bool(self.variants(reason)) and all(f"{self.language}/{name}" in self.templates for name in NEEDED)


def tongue_for(
    person: Person, reason: str, state: State, opinion: Opinion | None, templates: Mapping[str, str]
) -> Tongue | None:
    """Return language and tone of a draft to ``person``: theirs, else the user's, else English; None if none can."""
    familiar = is_familiar(person, state, opinion)
    for language in (_language(person, state), state.settings.me.language, LAST_RESORT):
        tongue = Tongue(language=language, templates=templates, familiar=familiar)
        if language and tongue.can_write(reason):
            return tongue
    return None


def is_familiar(person: Person, state: State, opinion: Opinion | None) -> bool:
    """Tell whether ``person`` is addressed familiarly: as decided, else as configured, else when they are key."""
    decided = _decided("tone", person, state)
    wished = next((wish.tone for wish in _wishes(person, state) if wish.tone), None)
    tone = decided or wished or ("familiar" if opinion is not None and "key" in opinion.marks else "formal")
    return tone == "familiar"


def _language(person: Person, state: State) -> str:
    wished = next((wish.language for wish in _wishes(person, state) if wish.language), None)
    return _decided("language", person, state) or wished or ""


def _decided(kind: str, person: Person, state: State) -> str:
    """Return the value of the latest decision of that ``kind`` about ``person``, "" if there is none."""
    found = [d for d in state.decisions if d.kind == kind and d.about == person.id]
    return max(found, key=lambda d: (d.at, d.key)).value if found else ""


def _wishes(person: Person, state: State) -> tuple[Wish, ...]:
    """Return what the configuration says of ``person``, the more particular first: address, then tag."""
    own = [state.settings.people[address] for address in person.addresses if address in state.settings.people]
    tags = dict.fromkeys(tag for wish in own for tag in wish.tags)
    return (*own, *(state.settings.tags[tag] for tag in tags if tag in state.settings.tags))
