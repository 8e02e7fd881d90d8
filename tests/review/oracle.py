"""The numbers of a week, worked out a second time, out of an exported document alone and as plainly as can be.

Written from PRACTICE 7, RULINGS U9, P26, P28, P31, P32, P36, C54 and docs/contracts.md ("The review"); it shares no
line with the room that it judges. It reads everything again for every number, and looks at nothing but dictionaries.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
MEETING = {"one-to-one", "small-group", "gathering", "routine-meeting", "call"}
OUTSIDE = {"colleague", "household", "service"}
REACHING = {"wrote", "introduction", "forwarded", "call", "one-to-one"}
ACTED = {"done", "sent", "overtaken", "noted", "edited"}
PAIRS = {
    "activity": ("events", "hours", "new_people", "mails", "drafts_offered", "reminders_set"),
    "productivity": ("new_people", "followed_up", "conversations", "drafts_sent", "reminders_acted_on"),
}


@dataclass
class Met:
    """A person met for the first time: when, at what (key of the event), and whether by a call."""

    person: str
    at: datetime
    source: str
    call: bool


@dataclass
class Oracle:
    """One exported document, looked at ``now``."""

    document: Row
    now: datetime
    zone: ZoneInfo
    slots: int = 3
    ignored: tuple[str, ...] = ()
    _new: list[Met] = field(default_factory=list)
    _touches: list[Row] = field(default_factory=list)
    _events: list[Row] = field(default_factory=list)
    _by: dict[str, dict[str, list[Row]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the tables once: what is asked for by person or by record a thousand times is laid out by it."""
        self._by = {"people": {}, "told": {}, "person": {}}
        for row in self.document["people"]:
            self._by["people"][row["id"]] = [row]
        for row in self.document["touchpoints"]:
            self._by["told"].setdefault(row["key"].rpartition(" ")[0], []).append(row)
        self._touches = self.touches()
        for row in self._touches:
            self._by["person"].setdefault(row["person"], []).append(row)
        self._events = self.events()
        self._new = sorted(self.newcomers(), key=lambda met: (met.at, met.person))

    # -- the export, read again ----------------------------------------------------------------------------------------

    def inside(self, person: str) -> bool:
        return any(row["circle"] not in OUTSIDE for row in self._by["people"].get(person, ()))

    def touches(self) -> list[Row]:
        """Touches so far, notes aside, of people who are no colleagues, household or services; in order of time."""
        rows = [
            {**row, "at": at(row["at"]), "source": row["key"].rpartition(" ")[0] or row["key"]}
            for row in self.document["touchpoints"]
            if row["kind"] != "note" and at(row["at"]) <= self.now and self.inside(row["person"])
        ]
        return sorted(rows, key=lambda row: (row["at"], row["key"]))

    def of(self, person: str) -> list[Row]:
        return self._by["person"].get(person, [])

    def only_outsiders(self, key: str) -> bool:
        touched = [row["person"] for row in self._by["told"].get(key, ())]
        return bool(touched) and not any(self.inside(person) for person in touched)

    def events(self) -> list[Row]:
        """Events that count and are over, with their times; those that touched only outsiders left out (P31)."""
        rows = [
            {**row, "start": at(row["start"]), "end": at(row["end"])}
            for row in self.document["events"]
            if row["kind"] not in {None, "call"} and at(row["end"]) <= self.now and not self.only_outsiders(row["key"])
        ]
        return sorted(rows, key=lambda row: (row["start"], row["key"]))

    def first_record(self) -> datetime:
        times = [row["start"] for row in self.document["events"]] + [row["at"] for row in self.document["mails"]]
        return min(at(text) for text in times if text is not None)

    def marked(self, word: str) -> set[str]:
        return {row["id"] for row in self.document["people"] if word in row["marks"]}

    # -- who is new ----------------------------------------------------------------------------------------------------

    def newcomers(self) -> Iterable[Met]:
        for person in {row["person"] for row in self._touches}:
            met = self.guess(person) or self.first_meeting(person)
            if met is None or met.at - self.first_record() < timedelta(days=183):
                continue
            if not any(row["at"] < met.at - timedelta(days=60) for row in self.of(person)):
                yield met

    def first_meeting(self, person: str) -> Met | None:
        for row in self.of(person):
            if row["kind"] in MEETING:
                titled = any(word.casefold() in row["title"].casefold() for word in self.ignored)
                return None if titled else Met(person, row["at"], row["source"], row["kind"] == "call")
        return None

    def guess(self, person: str) -> Met | None:
        first = self.of(person)[0]
        over = [row for row in self._events if row["open"] and row["end"] <= first["at"] and not self.is_often(row)]
        if first["kind"] != "wrote" or not over:
            return None
        last = max(over, key=lambda row: (row["end"], row["start"], row["key"]))
        if first["at"] - last["end"] > timedelta(days=7):
            return None
        return Met(person, last["start"], last["key"], call=False)

    def is_often(self, event: Row) -> bool:
        """Another one of its title or series began within 16 days before it."""
        return any(
            timedelta() < event["start"] - row["start"] <= timedelta(days=16)
            for row in self._events
            if row["key"] != event["key"] and (same_title(row, event) or same_series(row, event))
        )

    def reached(self, person: str, after: datetime, within: timedelta | None, but: str = "") -> bool:
        """The user wrote to them, called or met them one-to-one after a time, from another record."""
        return any(
            row["kind"] in REACHING
            and not (row["kind"] == "introduction" and row["began"] == "them")
            and row["source"] != but
            and after < row["at"] <= (self.now if within is None else after + within)
            for row in self.of(person)
        )

    def followed(self, met: Met, within: timedelta | None = timedelta(days=7)) -> bool:
        return self.reached(met.person, met.at, within, met.source)

    # -- one week ------------------------------------------------------------------------------------------------------

    def week(self, monday: date) -> Row:
        begins, ends = self.midnight(monday), self.midnight(monday + timedelta(days=7))

        def within(moment: datetime | None) -> bool:
            return moment is not None and begins <= moment < ends

        events = [row for row in self._events if within(row["start"])]
        new = [met for met in self._new if within(met.at)]
        wished = [
            row["about"]
            for row in self.document["decisions"]
            if row["kind"] == "x"
            and within(at(row["at"]))
            and self.inside(row["about"])
            and self.reached(row["about"], at(row["at"]), timedelta(days=7))
        ]
        drafts = [row for row in self.document["drafts"] if within(at(row["decided"])) and row["written"]]
        reminders = [
            row
            for row in self.document["reminders"]
            if row["kind"] in {"follow-up", "reconnect", "roundup", "promise"}
            and within(at(row["at"]))
            and row["fate"] not in {"waiting", "failed", "withdrawn"}
        ]
        mails = [
            row
            for row in self.document["mails"]
            if row["sent"]
            and row["rule"] in {"M1", "M2", "M5", "M6"}
            and within(at(row["at"]))
            and at(row["at"]) <= self.now
        ]
        talks = {row["source"] for row in self._touches if row["kind"] in {"one-to-one", "call"} and within(row["at"])}
        return {
            "activity": {
                "events": len(events),
                "hours": sum(hours(row, self.zone) for row in events),
                "new_people": len(new),
                "mails": len([row for row in mails if not self.only_outsiders(row["key"])]),
                "drafts_offered": len(drafts),
                "reminders_set": len(reminders),
            },
            "productivity": {
                "new_people": len([met for met in new if not met.call]),
                "followed_up": len({met.person for met in new if self.followed(met)} | set(wished)),
                "conversations": len(talks),
                "drafts_sent": len([row for row in drafts if row["fate"] == "sent"]),
                "reminders_acted_on": len([row for row in reminders if row["fate"] in ACTED]),
            },
        }

    def before(self, monday: date) -> Row:
        weeks = [self.week(monday - timedelta(days=7 * number)) for number in (1, 2, 3, 4)]
        return {side: {name: sum(w[side][name] for w in weeks) / 4 for name in names} for side, names in PAIRS.items()}

    def last_ten(self, until: datetime) -> Row:
        ten = [met for met in self._new if met.at < until][-10:]
        return {"met": len(ten), "followed_up": len([met for met in ten if self.followed(met, None)])}

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.zone)

    # -- of now --------------------------------------------------------------------------------------------------------

    def key(self, most: int = 10) -> Row:
        given: dict[str, str] = {}
        for row in sorted(self.document["decisions"], key=lambda row: at(row["at"])):
            if row["kind"] == "mark" and row["value"] == "key":
                given.setdefault(row["about"], row["at"])
        people = {row["id"]: row for row in self.document["people"]}
        tended = sorted((who for who in self.marked("key") if who in given), key=lambda who: (at(given[who]), who))
        tended = [who for who in tended[:most] if self.inside(who)]
        due = {who for who in tended if people[who]["due"] is None or people[who]["due"] > 0}
        return {"in_touch": len(tended) - len(due), "of": len(tended), "due": due}

    def growing(self, monday: date, until: datetime) -> Row:
        begins, ends = self.midnight(monday), self.midnight(monday + timedelta(days=7))
        holders: set[str] = set()
        graduated, faded = set(), set()
        for row in sorted(self.document["decisions"], key=lambda row: at(row["at"])):
            if at(row["at"]) > until:
                break
            if row["kind"] == "slot":
                holders.add(row["about"])
            if row["kind"] == "slot-free":
                holders.discard(row["about"])
                if begins <= at(row["at"]) < ends:
                    (graduated if row["value"] == "established" else faded).add(row["about"])
        return {
            "slots": self.slots,
            "used": len(holders),
            "holders": holders,
            "graduated": graduated,
            "faded": faded,
        }

    def help(self, monday: date) -> Row:
        begins, ends = self.midnight(monday), self.midnight(monday + timedelta(days=7))
        kept = [row for row in self.document["reminders"] if row["kind"] == "promise" and row["fate"] == "done"]
        helping = [row for row in self.document["mails"] if row["rule"] in {"M5", "M6"} and at(row["at"]) <= self.now]
        helping = [row for row in helping if begins <= at(row["at"]) < ends and not self.only_outsiders(row["key"])]
        given = [row for row in helping if row["sent"]]
        promises = [row for row in kept if row["settled"] and begins <= at(row["settled"]) < ends]
        return {
            "given": len(given) + len(promises),
            "received": len([row for row in helping if not row["sent"]]),
            "owed": {person for person in {row["person"] for row in self._touches} if self.owes(person, kept)},
        }

    def owes(self, person: str, kept: Iterable[Row]) -> bool:
        since = self.now - timedelta(days=365)
        helped = [row for row in self.of(person) if row["kind"] in {"introduction", "forwarded"} and row["at"] >= since]
        received = [row for row in helped if row["kind"] == "introduction" and row["began"] == "them"]
        promises = [row for row in kept if row["person"] == person and row["settled"] and at(row["settled"]) >= since]
        return len(received) > len(helped) - len(received) + len(promises)

    def initiative_lost(self) -> set[str]:
        recent, year = self.now - timedelta(days=90), self.now - timedelta(days=90 + 365)
        found = set()
        for person in {row["person"] for row in self._touches}:
            begun: dict[str, tuple[datetime, str]] = {}
            for row in self.of(person):
                if row["began"] is not None:
                    begun.setdefault(row["thread"] or row["source"], (row["at"], row["began"]))
            theirs = [when for when, who in begun.values() if who == "them"]
            mine = [when for when, who in begun.values() if who == "me"]
            if (
                len([when for when in theirs if year <= when < recent]) >= 3
                and not [when for when in theirs if when >= recent]
                and len([when for when in mine if when >= recent]) >= 2
            ):
                found.add(person)
        return found

    # -- groups --------------------------------------------------------------------------------------------------------

    def groups(self, until: datetime) -> dict[str, Row]:
        """The groups held in the 91 days before ``until``, by series or title."""
        found: dict[str, list[Row]] = {}
        for row in self._events:
            if row["start"] < until:
                found.setdefault(row["series"] or folded(row["title"]), []).append(row)
        since = until.astimezone(self.zone) - timedelta(days=91)  # days of the wall clock
        return {
            name: self.group(rows, since, until)
            for name, rows in found.items()
            if any(row["start"] >= since for row in rows)
            and (len(rows) > 1 or self.is_recurring(rows))
            and not all(row["kind"] == "one-to-one" for row in rows)
        }

    def is_recurring(self, rows: list[Row]) -> bool:
        keys = {row["key"] for row in rows}
        return any(row["series"] for row in rows) or any(
            row["recurring"] for row in self._touches if row["source"] in keys
        )

    def group(self, rows: list[Row], since: datetime, until: datetime) -> Row:
        lately = [row for row in rows if row["start"] >= since]
        new = self.new_at(lately)
        return {
            "hours": sum(hours(row, self.zone) for row in lately),
            "new_people": len(new),
            "followed_up": len([met for met in new if self.followed(met)]),
            "second_meetings": len(self.met_again(rows, since, until)),
            "targets": len([met for met in new if met.person in self.marked("target")]),
            "verdict": self.verdict(rows, lately, until),
        }

    def new_at(self, rows: list[Row]) -> list[Met]:
        return [met for met in self._new if met.source in {row["key"] for row in rows}]

    def met_again(self, rows: list[Row], since: datetime, until: datetime) -> list[str]:
        keys, found = {row["key"] for row in rows}, []
        for met in self.new_at(rows):
            again = [
                row["at"]
                for row in self.of(met.person)
                if row["kind"] in {"one-to-one", "small-group", "call"}
                and row["source"] not in keys
                and row["at"] > met.at
            ]
            if again and since < again[0] <= until:
                found.append(met.person)
        return found

    def verdict(self, rows: list[Row], lately: list[Row], until: datetime) -> str:
        if not self.is_open(lately):
            return "closed"
        if len(rows) < 4 or until - rows[0]["start"] < timedelta(weeks=8):
            return "new"
        since = min(until - timedelta(weeks=8), rows[-6]["start"] if len(rows) >= 6 else rows[0]["start"])
        judged = [row for row in rows if row["start"] >= since]
        new = self.new_at(judged)
        good = (
            any(self.followed(met) or met.person in self.marked("target") for met in new)
            or any(until - met.at < timedelta(days=7) for met in new)
            or self.met_again(rows, since, until)
        )
        return "routine" if good else "rut"

    def is_open(self, lately: list[Row]) -> bool:
        if any(row["open"] or row["kind"] == "attendance" for row in lately):
            return True
        if not self.is_recurring(lately):
            return False
        half = len(lately) // 2
        earlier, later = self.people_at(lately[:half]), self.people_at(lately[half:])
        return bool(earlier) and 2 * len(later - earlier) >= len(later) > 0

    def people_at(self, rows: list[Row]) -> set[str]:
        keys = {row["key"] for row in rows}
        return {row["person"] for row in self._touches if row["source"] in keys}


def at(text: str | None) -> datetime:
    """Return an exported time; of none, a time that is in no week."""
    return datetime.max.replace(tzinfo=ZoneInfo("UTC")) if text is None else datetime.fromisoformat(text)


def hours(event: Row, zone: ZoneInfo) -> float:
    """Whole days 8 each, else the length, 12 at most."""
    if event["all_day"]:
        return 8.0 * (event["end"].astimezone(zone).date() - event["start"].astimezone(zone).date()).days
    return min((event["end"] - event["start"]).total_seconds() / 3600, 12.0)


def folded(title: str) -> str:
    """Words only: case, accents and punctuation aside."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def same_title(one: Row, other: Row) -> bool:
    return folded(one["title"]) == folded(other["title"])


def same_series(one: Row, other: Row) -> bool:
    return one["series"] is not None and one["series"] == other["series"]
