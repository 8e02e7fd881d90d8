"""What do one person's facts come to? A pure function of those facts: no day, no decision, nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from daemon.model import MEETINGS, StrengthRules, Touchpoint, local_day
from daemon.relate.project import Project, project
from daemon.relate.rhythm import median_gap, two_way_mails
from daemon.relate.strength import decayed

MUTE: frozenset[str] = frozenset({"copied", "note", "gathering"})
"""Kinds that do not break silence (P7: a routine meeting does)."""
FROM_ME: frozenset[str] = frozenset({"wrote", "introduction", "forwarded"})
SIGNS: frozenset[str] = MEETINGS | {"heard", "routine-meeting"}
"""Kinds that show the other person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A mail of the user's that nothing of the other has followed."""

    at: datetime
    account: str
    thread: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One person's facts, summed up. Counts and times leave notes out; ``None`` where there is no such fact."""

    touches: int = 0
    first_touch: datetime | None = None
    last_touch: datetime | None = None
    address: str = ""
    """The address last used, in either direction."""
    weight: float = 0.0
    """Strength at the time of the last touch."""
    spoke: Touchpoint | None = None
    """The last touch that breaks silence: what makes a reconnect due."""
    deep: datetime | None = None
    """The last one-to-one or call."""
    sign: datetime | None = None
    """The last sign of the other."""
    met: bool = False
    """There was a one-to-one, a small group or a call."""
    sat_together: bool = False
    """There was a one-to-one or a small group (the gate)."""
    two_way: tuple[date, ...] = ()
    gap: float | None = None
    """Median days between episodes."""
    tie_days: tuple[date, ...] = ()
    """Days with a touch that is not weak."""
    mail_days: tuple[date, ...] = ()
    mail_threads: int = 0
    """Two-way mail: its days, and in how many threads (C1)."""
    threads: int = 0
    i_began_thread: bool = False
    began_by_me: int = 0
    began_by_them: int = 0
    given: tuple[datetime, ...] = ()
    received: tuple[datetime, ...] = ()
    unanswered: tuple[Message, ...] = ()
    project: Project | None = None
    """The one series, title or thread that is 80 % of the touches (C21)."""


def summarise(touchpoints: Sequence[Touchpoint], rules: StrengthRules, zone: ZoneInfo) -> Summary:
    """Return the summary of one person's facts, in any order; the same key twice is one fact."""
    facts = sorted({item.key: item for item in touchpoints}.values(), key=lambda item: (item.at, item.key))
    touches = [item for item in facts if item.kind != "note"]
    if not touches:
        return Summary()
    days = [local_day(item.at, zone) for item in touches]
    dated = list(zip(days, touches, strict=True))
    spoke = [item for item in touches if item.kind not in MUTE]
    sign = _last(touches, shows_the_other)
    pairs = two_way_mails(touches)
    mail_days = {local_day(pair.at, zone) for pair in pairs}
    two_way = {day for day, item in dated if item.kind in MEETINGS} | mail_days
    began = _began(touches)
    return Summary(
        touches=len(touches),
        first_touch=touches[0].at,
        last_touch=touches[-1].at,
        address=next((item.address for item in reversed(touches) if "@" in item.address), ""),
        weight=decayed(dated, rules, touches[-1].at),
        spoke=spoke[-1] if spoke else None,
        deep=_last(touches, lambda item: item.kind in {"one-to-one", "call"}),
        sign=sign,
        met=any(item.kind in MEETINGS for item in touches),
        sat_together=any(item.kind in {"one-to-one", "small-group"} for item in touches),
        two_way=tuple(sorted(two_way)),
        gap=median_gap(two_way),
        tie_days=tuple(sorted({day for day, item in dated if not item.weak})),
        mail_days=tuple(sorted(mail_days)),
        mail_threads=len({thread for pair in pairs for thread in pair.threads}),
        threads=len({item.thread for item in touches if item.thread is not None}),
        i_began_thread=any(item.began == "me" and item.thread is not None for item in touches),
        began_by_me=sum(who == "me" for who in began.values()),
        began_by_them=sum(who == "them" for who in began.values()),
        given=tuple(item.at for item in touches if _help(item) and not _helped_me(item)),
        received=tuple(item.at for item in touches if _helped_me(item)),
        unanswered=tuple(_unanswered(touches, sign)),
        project=project(touches, zone),
    )


class Summaries:
    """The summaries of persons, each kept until that person's facts change."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Sequence[Touchpoint], datetime | None, Summary]] = {}
        self._rules: tuple[StrengthRules, ZoneInfo] | None = None

    def of(
        self, person: str, facts: Sequence[Touchpoint], rules: StrengthRules, zone: ZoneInfo, now: datetime
    ) -> Summary:
        """Return the summary of those ``facts`` that are not later than ``now``.

        It is kept while ``facts`` is the same tuple: who has new facts gets a new one.
        """
        if self._rules != (rules, zone):
            self._known.clear()
            self._rules = rules, zone
        before, last, known = self._known.get(person, (None, None, None))
        if known is not None and before is facts and (last is None or last <= now):
            return known
        last = max((item.at for item in facts), default=None)
        if last is None or last <= now:
            self._known[person] = facts, last, summarise(facts, rules, zone)
            return self._known[person][2]
        return summarise([item for item in facts if item.at <= now], rules, zone)


def shows_the_other(item: Touchpoint) -> bool:
    """Tell whether ``item`` is a sign of the other: heard, met, or help that came from them."""
    return item.kind in SIGNS or _helped_me(item)


def _help(item: Touchpoint) -> bool:
    return item.kind in {"introduction", "forwarded"}


def _helped_me(item: Touchpoint) -> bool:
    # M5, M6: what is sent is help given; an introduction that was received was begun by the other
    return item.kind == "introduction" and item.began == "them"


def _last(touches: Sequence[Touchpoint], wanted: Callable[[Touchpoint], bool]) -> datetime | None:
    return next((item.at for item in reversed(touches) if wanted(item)), None)


def _began(touches: Iterable[Touchpoint]) -> dict[str, str]:
    return {item.thread or item.source: item.began for item in touches if item.began is not None}


def _unanswered(touches: Iterable[Touchpoint], sign: datetime | None) -> Iterable[Message]:
    for item in touches:
        if item.kind in FROM_ME and not _helped_me(item) and (sign is None or item.at > sign):
            yield Message(at=item.at, account=item.account, thread=item.thread)
