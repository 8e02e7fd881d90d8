"""Who is who? The circle of a person, and the gate into the network (PRACTICE 1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.model import Circle, Opinion, Person, Settings, State, Touchpoint, Vocabulary
from daemon.relate.choices import Choices
from daemon.relate.project import REST, has_ended
from daemon.relate.summary import Summary

CROWD = 150
"""A domain with more addresses than this makes nobody a colleague (P17)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What makes somebody a colleague, a member of the household, or a service."""

    domains: frozenset[str]
    surname: str
    household: frozenset[str]
    role_words: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A circle and why; ``gate`` is the code of the way into the network, None outside."""

    circle: Circle
    why: str
    gate: str | None = None


def home(state: State) -> Home:
    """Return what the circles are measured by, on that day."""
    return Home(
        domains=_own_domains(state.settings, state.vocabulary, state.people.values()),
        surname=_surname(state.settings.me.name),
        household=state.household,
        role_words=state.vocabulary.lists.get("role-locals", frozenset()),
    )


def standing(
    person: Person, summary: Summary, chosen: Choices, place: Home, *, ahead: Sequence[Touchpoint], now: datetime
) -> Standing:
    """Return the circle of ``person``: the user's word, those outside, an old project, the gate."""
    fitting = _said(chosen) or _outside(person, summary, place)
    if fitting is not None:
        return fitting
    if has_ended(summary.project, ahead, now):
        why = f"80 % of the touches came from one thing that ended {REST.days} days ago, and no one-to-one since"
        return Standing(circle="correspondent", why=why)
    return _by_gate(summary)


def _said(chosen: Choices) -> Standing | None:
    if chosen.ticket:
        return Standing(circle="network", why="you said so", gate="marked")
    if chosen.circle is None or chosen.circle == "network":
        return None
    return Standing(circle=chosen.circle, why="you said so")


def _outside(person: Person, summary: Summary, place: Home) -> Standing | None:
    address = summary.address or next(iter(person.addresses), "")
    if _domain(address) in place.domains:
        return Standing(circle="colleague", why="the address last used is at a domain of yours")
    if person.id in place.household:
        return Standing(circle="household", why="the address is the name of a calendar that you see")
    if place.surname and _surname(person.name) == place.surname:
        return Standing(circle="household", why="the surname is yours; say so if this is no relative")
    if _is_service(person, summary, place):
        return Standing(circle="service", why=_service_why(person, place))
    return None


def by_mail_alone(opinion: Opinion, touchpoints: Iterable[Touchpoint]) -> bool:
    """Tell whether mail alone brought the person into the network: the user is asked before the first reminder (C1)."""
    return opinion.gate in {"thread", "mail"} and all(
        item.kind not in {"one-to-one", "small-group", "call"} for item in touchpoints
    )


def _by_gate(summary: Summary) -> Standing:
    ties = summary.tie_days
    if len(ties) >= 3 and (ties[-1] - ties[0]).days >= 30:
        if summary.sat_together:
            why = "touches on three days over 30 days or more, with a meeting among them"
            return Standing(circle="network", why=why, gate="meetings")
        if summary.i_began_thread:
            why = "touches on three days over 30 days or more, with a thread that you began"
            return Standing(circle="network", why=why, gate="thread")
    days = summary.mail_days
    if len(days) >= 3 and summary.mail_threads >= 3 and (days[-1] - days[0]).days >= 90:
        why = "mail both ways on three days, in three threads, over 90 days or more"
        return Standing(circle="network", why=why, gate="mail")
    return Standing(circle="correspondent", why="not enough yet for the network: " + _lacks(summary))


def _lacks(summary: Summary) -> str:
    ties = summary.tie_days
    if len(ties) < 3:
        return f"touches on {len(ties)} of three days"
    if (ties[-1] - ties[0]).days < 30:
        return "all touches within 30 days"
    return "no meeting, no thread that you began, no mail both ways over 90 days"


def _is_service(person: Person, summary: Summary, place: Home) -> bool:
    # C1b; whoever was met in person, in whatever round, is no service
    if summary.began_by_me or not summary.began_by_them or summary.met or not summary.threads:
        return False
    return summary.threads == 1 or all(_is_role(address, place) for address in person.addresses)


def _service_why(person: Person, place: Home) -> str:
    if person.addresses and all(_is_role(address, place) for address in person.addresses):
        return "you never began, never met, and the address is a role's or a company's"
    return "you never began, never met, and there was one thread only"


def _is_role(address: str, place: Home) -> bool:
    local, _, domain = address.rpartition("@")
    return local in place.role_words or local == domain.partition(".")[0]


def _own_domains(settings: Settings, vocabulary: Vocabulary, people: Iterable[Person]) -> frozenset[str]:
    mine = {_domain(address) for address in settings.me.addresses} - settings.me.open_domains - {""}
    mine -= vocabulary.lists.get("free-mail", frozenset())
    sizes = Counter(domain for person in people for address in person.addresses if (domain := _domain(address)) in mine)
    return frozenset(domain for domain in mine if sizes[domain] <= CROWD)


def _domain(address: str) -> str:
    return address.rpartition("@")[2] if "@" in address else ""


def _surname(name: str) -> str:
    words = name.split()
    return words[-1].casefold() if len(words) > 1 else ""
