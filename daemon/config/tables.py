"""Which tables and keys does the configuration have, and within which bounds?

Defaults are those of ``daemon.model``; they stand nowhere else.
"""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator

from daemon.config import values
from daemon.model import DEFAULT_WEIGHTS, Block, CadenceRules, Capacity, Routine, StrengthRules

_ROUTINE = Routine()
_CAPACITY = Capacity()
_STRENGTH = StrengthRules()
_CADENCE = CadenceRules()

MOST = 100
"""Kinds of people, and entries of each of their lists."""
Text = Annotated[str, PlainValidator(values.parse_text)]
Address = Annotated[str, PlainValidator(values.parse_address)]
Domain = Annotated[str, PlainValidator(values.parse_domain)]
ListAddress = Annotated[str, PlainValidator(values.parse_list)]
Language = Annotated[str, PlainValidator(values.parse_language)]
Zone = Annotated[ZoneInfo, PlainValidator(values.parse_zone)]
Hours = Annotated[tuple[time, time], PlainValidator(values.parse_hours)]
Country = Annotated[str, PlainValidator(values.parse_country)]
Weekday = Annotated[int, PlainValidator(values.parse_weekday)]
BlockText = Annotated[Block, PlainValidator(values.parse_block)]
ReviewText = Annotated[Block | None, PlainValidator(values.parse_review)]
Days = Annotated[int, PlainValidator(values.parse_days)]
Ping = Annotated[str, PlainValidator(values.parse_ping)]
Host = Annotated[str, PlainValidator(values.parse_host)]
Endpoint = Annotated[str, PlainValidator(values.parse_endpoint)]
Tick = Annotated[timedelta, PlainValidator(values.parse_tick)]
Interval = Annotated[tuple[int, int], PlainValidator(values.parse_interval)]
Count = Annotated[int, Field(ge=0, le=100)]
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Table(BaseModel):
    """A table: no other keys than its own, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class MeTable(Table):
    """``[me]``: who the user is."""

    name: Text
    addresses: Annotated[list[Address], Field(min_length=1, max_length=100)]
    timezone: Zone
    language: Language = "en"
    hours: Hours = (time(9), time(17))
    country: Country | None = None
    open_domains: list[Domain] = []
    targets: Text | None = None


class RoutineTable(Table):
    """``[routine]``: when reminders may stand."""

    blocks: Annotated[list[BlockText], Field(min_length=1, max_length=50)] = list(_ROUTINE.blocks)
    length: Annotated[int, Field(ge=5, le=120)] = _ROUTINE.length
    days_off: list[Weekday] = sorted(_ROUTINE.days_off)
    review: ReviewText = _ROUTINE.review
    review_draft: bool = _ROUTINE.review_draft
    holidays: Text | None = None
    ignore_titles: list[Text] = []
    diary: bool = _ROUTINE.diary


class CapacityTable(Table):
    """``[capacity]``: how much the user can tend."""

    key: Count = _CAPACITY.key
    growing: Count = _CAPACITY.growing
    reminders_week: Count = _CAPACITY.reminders_week
    reminders_day: Count = _CAPACITY.reminders_day
    follow_ups_week: Count = _CAPACITY.follow_ups_week
    items_week: Count = _CAPACITY.items_week
    items_day: Count = _CAPACITY.items_day
    drafts: Count = _CAPACITY.drafts


def _kinds_of_touch(weights: dict[str, float]) -> dict[str, float]:
    if not weights.keys() <= DEFAULT_WEIGHTS.keys():
        raise ValueError(f"knows these kinds only: {', '.join(DEFAULT_WEIGHTS)}")
    return weights


class StrengthTable(Table):
    """``[strength]``: what a touch is worth, and how fast it fades."""

    weights: Annotated[dict[str, Weight], AfterValidator(_kinds_of_touch)] = {}
    half_life: Annotated[float, Field(ge=1, le=3650, allow_inf_nan=False)] = _STRENGTH.half_life
    day_limit: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = _STRENGTH.day_limit


class CadenceTable(Table):
    """``[cadence]``: ideal and longest interval for each standing."""

    key: Interval = _CADENCE.key
    growing: Interval = _CADENCE.growing
    established: Interval = _CADENCE.established


class TagTable(Table):
    """``[tags.NAME]``: a wish for everybody who bears the tag."""

    every: Days | None = None
    tone: Literal["formal", "familiar"] | None = None
    language: Language | None = None


class PersonTable(TagTable):
    """``[people."ada@example.com"]``: a wish for one person."""

    tags: list[Text] = []


class TargetTable(Table):
    """``[[target]]`` of the file that ``[me] targets`` names: a kind of person to get to know (RULINGS P29)."""

    kind: Annotated[Text, Field(max_length=80)]
    names: Annotated[list[Text], Field(max_length=MOST)] = []
    words: Annotated[list[Text], Field(max_length=MOST)] = []
    domains: Annotated[list[Domain], Field(max_length=MOST)] = []


class ListsTable(Table):
    """``[lists]``: mailing lists that cannot be known by their address."""

    addresses: list[ListAddress] = []


class WordsTable(Table):
    """``[words]``: the user's own templates and signature."""

    folder: Text | None = None
    signature: Annotated[str, Field(max_length=2000)] = ""
    endpoint: Endpoint | None = None
    model: Text = "local"
    private_hosts: list[Host] = []


class RunTable(Table):
    """``[run]``: how often ``kith run`` looks, and who is told how it went."""

    every: Tick = timedelta(minutes=15)
    ping: Ping | None = None
    private_hosts: list[Host] = []
    metrics: Text | None = None


class WriteTable(Table):
    """``[write]``: which accounts are written to, and whether that may begin."""

    reminders: Text | None = None
    drafts: Text | None = None
    confirmed: bool | None = None


TABLES: dict[str, type[Table]] = {
    "me": MeTable,
    "routine": RoutineTable,
    "capacity": CapacityTable,
    "strength": StrengthTable,
    "cadence": CadenceTable,
    "lists": ListsTable,
    "words": WordsTable,
    "run": RunTable,
    "write": WriteTable,
}
ENTRIES: dict[str, type[TagTable]] = {"people": PersonTable, "tags": TagTable}
KEYS = frozenset({"state", "accounts", *TABLES, *ENTRIES})
