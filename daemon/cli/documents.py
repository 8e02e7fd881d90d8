"""Which JSON do the commands print? The shapes of DESIGN 5, completed by RULINGS U2, U3, U6, C32.

Times are ISO 8601 with the offset of the user's zone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.records import Event, Login, Mailbox, Message
from daemon.model import (
    OPEN_STATES,
    Card,
    Entry,
    Facts,
    Held,
    Opinion,
    Plan,
    State,
    StrengthRules,
    Touchpoint,
    instant,
)
from daemon.plan import Contender
from daemon.relate.topics import Topic
from daemon.world import Report, Trouble

FATE: frozenset[str] = frozenset({"fate", "decided", "settled", "written"})
"""What only a row that was decided has."""


def as_json(document: object) -> str:
    """Return ``document`` as readable JSON text."""
    return json.dumps(document, ensure_ascii=False, indent=1)


def moment(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Return an instant in the user's zone, None for none."""
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def people_json(state: State, opinions: Mapping[str, Opinion]) -> list[dict[str, Any]]:
    """Return everybody, the strongest first, then by id."""
    zone = state.settings.me.zone
    rows = []
    for person in state.people.values():
        opinion = opinions[person.id]
        rows.append(
            {
                "id": person.id,
                "name": person.name,
                "addresses": list(person.addresses),
                "circle": opinion.circle,
                "stage": opinion.stage,
                "marks": sorted(opinion.marks),
                "strength": round(opinion.strength, 3),
                "first_touch": moment(opinion.first_touch, zone),
                "last_touch": moment(opinion.last_touch, zone),
                "due": None if opinion.due is None else round(opinion.due, 3),
                "touches": opinion.touches,
                "gate": opinion.gate,
                "card": person.card,
            }
        )
    return sorted(rows, key=lambda row: (-row["strength"], row["id"]))


def ignored_json(facts: Facts) -> list[dict[str, Any]]:
    """Return the addresses that are nobody, the most frequent first."""
    rows = [{"address": item.address, "rule": item.rule, "count": item.count} for item in facts.ignored]
    return sorted(rows, key=lambda row: (-int(str(row["count"])), str(row["address"])))


def opinion_json(opinion: Opinion, zone: ZoneInfo) -> dict[str, Any]:
    """Return what Kith thinks of one person, with the reasons."""
    return {
        "circle": opinion.circle,
        "circle_why": opinion.circle_why,
        "gate": opinion.gate,
        "stage": opinion.stage,
        "marks": sorted(opinion.marks),
        "strength": round(opinion.strength, 3),
        "two_way_days": len(opinion.two_way_days),
        "ideal": round(opinion.ideal, 1),
        "worst": round(opinion.worst, 1),
        "silence": None if opinion.silence is None else round(opinion.silence, 1),
        "depth": None if opinion.depth is None else round(opinion.depth, 1),
        "due": None if opinion.due is None else round(opinion.due, 3),
        "ahead": moment(opinion.ahead, zone),
        "began": {"me": opinion.began_by_me, "them": opinion.began_by_them},
        "help": {"given": opinion.helped, "received": opinion.helped_by},
    }


def touchpoint_json(item: Touchpoint, zone: ZoneInfo, rules: StrengthRules | None = None) -> dict[str, Any]:
    """Return one fact."""
    row: dict[str, Any] = {
        "key": item.key.replace("\t", " "),
        "person": item.person,
        "at": moment(item.at, zone),
        "kind": item.kind,
        "rule": item.rule,
        "account": item.account,
        "address": item.address,
        "title": item.title,
    }
    if rules is None:
        return row
    return {
        **row,
        "weight": rules.weights.get(item.kind, 0.0),
        "began": item.began,
        "thread": item.thread,
        "series": item.series,
        "recurring": item.recurring,
        "minutes": item.minutes,
    }


def card_json(item: Card, titles: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """Return one card; ``titles`` are those of events by key. ``guess``: it only says where they probably met."""
    event = item.event or item.guess
    return {
        "id": item.id,
        "person": item.person,
        "name": item.name,
        "at": moment(item.at, zone),
        "source": item.source,
        "addresses": list(item.addresses),
        "note": item.note,
        "met_at": None if event is None else titles.get(event, "an event that is not there any more"),
        "guess": item.event is None and item.guess is not None,
        "why": item.why,
    }


def entry_json(item: Entry, zone: ZoneInfo) -> dict[str, Any]:
    """Return one reminder or draft: as planned, or as it was written, with its fate."""
    return {
        "key": item.key,
        "kind": item.kind,
        "person": item.person or None,
        "at": moment(item.start, zone),
        "title": item.title,
        "body": item.body,
        "reason": item.reason,
        "evidence": [key.replace("\t", " ") for key in item.evidence],
        "decided": moment(item.decided, zone),
        "settled": moment(item.settled, zone),
        "written": item.ref is not None,
        "fate": item.state,
    }


def held_json(item: Held, zone: ZoneInfo) -> dict[str, Any]:
    """Return why somebody is not written about."""
    return {"person": item.person, "kind": item.kind, "why": item.why, "until": moment(item.until, zone)}


def contender_json(item: Contender, zone: ZoneInfo) -> dict[str, Any]:
    """Return a reason to write to somebody, and whether it won."""
    evidence = [key.replace("\t", " ") for key in item.evidence]
    return {"reason": item.reason, "outcome": item.outcome, "evidence": evidence, "until": moment(item.until, zone)}


def topic_json(item: Topic) -> dict[str, Any]:
    """Return a word that somebody cares about, with its evidence."""
    evidence = [key.replace("\t", " ") for key in item.evidence]
    return {"word": item.shown, "source": item.source, "weight": round(item.weight, 3), "evidence": evidence}


def plan_json(plan: Plan, state: State) -> dict[str, Any]:
    """Return the plan. Rows of ``write`` have no fate: nothing was written."""
    entries, zone = {item.key: item for item in state.entries}, state.settings.me.zone
    write = [{key: value for key, value in entry_json(item, zone).items() if key not in FATE} for item in plan.write]
    withdraw = [withdrawal_json(entries[item.key], item.why, zone) for item in plan.withdraw]
    held = [held_json(item, zone) for item in plan.held]
    return {
        "write": write,
        "amend": [amendment_json(item, zone) for item in plan.amend],
        "withdraw": withdraw,
        "held": held,
    }


def amendment_json(item: Entry, zone: ZoneInfo) -> dict[str, Any]:
    """Return what a reminder that stands is to become, in the fields that the user left alone."""
    new = item.amended
    row = {"key": item.key, "kind": item.kind, "person": item.person or None}
    return row if new is None else {**row, "at": moment(new.start, zone), "title": new.title, "body": new.body}


def withdrawal_json(item: Entry, why: str, zone: ZoneInfo) -> dict[str, Any]:
    """Return what is taken back and why."""
    at, written = moment(item.start, zone), item.ref is not None
    about = {"key": item.key, "kind": item.kind, "person": item.person, "why": why}
    return {**about, "at": at, "title": item.title, "written": written}


def report_json(report: Report, entries: Iterable[Entry], zone: ZoneInfo) -> dict[str, Any]:
    """Return what a tick did, and what it would have if it may not write; ``entries`` is the outbox after it."""
    standing = [item for item in entries if item.state in OPEN_STATES]
    waits = not report.confirmed and report.state is not None
    return {
        **({"plan": plan_json(report.plan, report.state)} if waits and report.state else {}),
        "new": report.new,
        "caught_up": report.caught_up,
        "confirmed": report.confirmed,
        "delivered": [entry_json(item, zone) for item in report.delivered],
        "standing": len(standing),
        "troubles": [trouble_json(item) for item in report.troubles],
        "skipped": {account: len(items) for account, items in report.skipped.items()},
    }


def trouble_json(item: Trouble) -> dict[str, Any]:
    """Return what went wrong with an account."""
    return {"account": item.account, "code": item.code, "text": item.text, "remedy": item.remedy}


def login_json(item: Login, zone: ZoneInfo) -> dict[str, Any]:
    """Return how one login of an account stands."""
    return {
        "name": item.name,
        "ok": not item.trouble,
        "since": moment(item.since, zone),
        "detail": item.trouble or None,
        "remedy": item.remedy or None,
    }


def event_json(item: Event, facts: Facts, zone: ZoneInfo) -> dict[str, Any]:
    """Return one event, counted or not, with its rule."""
    verdict = facts.verdicts.get(item.key)
    return {
        "key": item.key,
        "start": moment(instant(item.start, zone), zone),
        "end": moment(instant(item.end, zone), zone),
        "title": item.title,
        "all_day": item.all_day,
        "series": item.series,
        "size": len(item.guests),
        "rule": verdict.rule if verdict else None,
        "kind": verdict.kind if verdict else None,
        "open": bool(verdict and verdict.open),
        "accounts": [item.account],
    }


def mail_json(item: Message, facts: Facts, zone: ZoneInfo) -> dict[str, Any]:
    """Return one mail, counted or not, with its rule."""
    verdict = facts.verdicts.get(item.key)
    return {
        "key": item.key,
        "at": moment(item.at, zone),
        "to": _addresses(item.to),
        "cc": _addresses(item.cc),
        "subject": item.subject,
        "thread": item.root or item.message_id or item.key,
        "sent": item.sent,
        "rule": verdict.rule if verdict else None,
        "account": item.account,
    }


def groups_json(facts: Facts) -> list[dict[str, Any]]:
    """Return every series or repeated title of counted meetings: how often, how long, with whom."""
    groups: dict[str, dict[str, Any]] = {}
    for item in facts.touchpoints:
        if item.series is not None and item.recurring:
            group = groups.setdefault(item.series, {"title": item.title, "sources": {}, "people": set()})
            group["sources"][item.source] = item.minutes
            group["people"].add(item.person)
    return [
        {
            "series": series,
            "title": group["title"],
            "meetings": len(group["sources"]),
            "hours": round(sum(group["sources"].values()) / 60, 2),
            "people": sorted(group["people"]),
        }
        for series, group in sorted(groups.items())
    ]


def _addresses(boxes: tuple[Mailbox, ...]) -> list[str]:
    return [box.address for box in boxes]
