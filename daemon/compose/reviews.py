"""What does the review of a week say? First the one thing to do, then the numbers, then what only the user can say.

Titles and names come from outside: they are cleaned, cut, and without a question mark, because every line that ends
with one is a question of ours, and what stands behind it its answer. Whom the user never wants to read of is not named;
a private event neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from daemon.compose.language import LAST_RESORT, Tongue
from daemon.compose.names import plain, shortened
from daemon.compose.naming import TITLE, Naming, Reviewed, number
from daemon.compose.quotes import topic_seen
from daemon.compose.reminders import blind, fitted
from daemon.compose.templates import BadTemplate, Value, Words
from daemon.model import OPEN_STATES, Entry, State, local_day
from daemon.relate import is_open
from daemon.review import Ask, Before, Numbers, Review, Tip

_PARTS = ("blind", "review", "review-ask", "review-good", "review-open", "date-short")
_WRITTEN: frozenset[str] = frozenset({"wrote", "introduction", "forwarded"})
Question: TypeAlias = Ask | Tip


def review(found: Review, state: State, templates: Mapping[str, str], *, mail: bool = False) -> Reviewed:
    """Return the review in words; ``mail``: for a draft, without what can be filled in only in the calendar.

    Where a template of the user's own cannot be used, the title says the week and the text how to see it.
    """
    speaker = Speaker(found=found, state=state, tongue=_tongue(state, templates))
    try:
        silent = found.away or (mail and state.settings.reminders is None)
        asked = [] if silent else [*speaker.questions()]
        values = {**speaker.values("\n\n".join(text for _, text in asked)), "mail": int(mail)}
        words = fitted(speaker.tongue.text("review"), values)
    except (BadTemplate, KeyError):
        return Reviewed(words=Words(title=str(found.week), body=f"kith review --week {found.week}"))
    return Reviewed(words=words, asked=tuple(item.key for item, _ in asked), named=tuple(speaker.named))


def questions(found: Review, state: State, templates: Mapping[str, str]) -> tuple[str, ...]:
    """Return the questions and suggestions of a review in words, one line each."""
    speaker = Speaker(found=found, state=state, tongue=_tongue(state, templates))
    try:
        return tuple(text for _, text in speaker.questions())
    except (BadTemplate, KeyError):
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """What a page of the review says in sentences: what matters, what could be done, what only the user can say."""

    lead: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    language: str = LAST_RESORT


def sentences(found: Review, state: State, templates: Mapping[str, str]) -> Sentences:
    """Return the sentences of a review, none in a week off, or where a template of the user's own cannot be used."""
    if found.away:
        return Sentences()
    speaker = Speaker(found=found, state=state, tongue=_tongue(state, templates))
    try:
        asked, lead = [*speaker.questions()], speaker.lead()
    except (BadTemplate, KeyError):
        return Sentences()
    return Sentences(
        lead=lead,
        suggestions=tuple(text for item, text in asked if isinstance(item, Tip)),
        questions=tuple(text for item, text in asked if isinstance(item, Ask)),
        language=speaker.tongue.language,
    )


def _tongue(state: State, templates: Mapping[str, str]) -> Tongue:
    language = state.settings.me.language
    known = all(f"{language}/{name}" in templates for name in _PARTS)
    return Tongue(language=language if known else LAST_RESORT, templates=templates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker(Naming):
    """Finds the words of one review."""

    found: Review

    # -- the lines -----------------------------------------------------------------------------------------------------

    def values(self, asks: str) -> dict[str, Value]:
        """Return what the template of the review may say; the names are those that it lists."""
        found, quiet = self.found, self.found.away
        return {
            **_pairs(found.numbers),
            **_usual(found.before),
            "last_met": int(found.last.activity.new_people.value),
            "last_followed": int(found.last.productivity.followed_up.value),
            "away": int(quiet),
            "blind": self._blind(),
            "good": "" if quiet else self._good(),
            "open": "" if quiet else self._open(),
            "asks": asks,
            "week": str(found.week),
            "key": found.key.of,
            "key_in": len(found.key.in_touch),
            "key_due": "" if quiet else self.line(found.key.due),
            "ten": len(found.last_ten.met),
            "ten_followed": len(found.last_ten.followed_up),
            "ahead": "" if quiet else self.line(found.ahead),
            "given": int(found.help.given.value),
            "received": int(found.help.received.value),
            "owed": "" if quiet else self.line(found.help.owed),
            "slots": found.growing.slots,
            "holders": len(found.growing.holders),
            "graduated": "" if quiet else self.line(found.growing.graduated),
            "faded": "" if quiet else self.line(found.growing.faded),
            "gave_way": "" if quiet else self.line(found.initiative_lost),
            "halved": int(found.halved),
        }

    def questions(self) -> Iterator[tuple[Question, str]]:
        """Yield what can be answered, and its line; each ends with the one question mark in it."""
        for tip in self.found.suggestions:
            if tip.kind != "leave-group" and (names := self.all(tip.about)):
                yield tip, self._ask(tip.kind, names=", ".join(names))
        for item in self.found.questions:
            text = self._question(item)
            if text:
                yield item, text

    def _question(self, item: Ask) -> str:
        if item.kind == "rut":
            group = next(group for group in self.found.groups if group.series == item.about[0])
            hours = number(group.evidence.hours)
            day = self.day(group.evidence.since)
            return self._ask("rut", title=group.name, count=hours, date=day) if group.name else ""
        if item.kind == "doubtful-title":
            return self._ask(item.kind, title=item.title, date=self._day(item))
        names = self.all(item.about)
        if item.kind == "ambiguous-name":
            return self._ask(item.kind, title=item.title, date=self._day(item), names=", ".join(names)) if names else ""
        return self._ask(item.kind, names=names[0], count=str(item.count)) if names else ""

    def _ask(self, kind: str, *, names: str = "", title: str = "", date: str = "", count: str = "") -> str:
        about = {"names": names, "title": shortened(plain(title), TITLE), "date": date, "count": count}
        text = " ".join(self.tongue.say("review-ask", {**about, "kind": kind}).split())
        return f"{text.replace('?', '').rstrip()}?"

    def lead(self) -> tuple[str, ...]:
        """Return what cannot be seen now, what made the week good, and the one thing to do, as far as there is any."""
        return tuple(text for text in (self._blind(), self._good(), self._open()) if text)

    def _day(self, item: Ask) -> str:
        return self.day(local_day(item.at, self.state.settings.me.zone)) if item.at is not None else ""

    def _blind(self) -> str:
        """Return what is to be said first while a source cannot be seen (PRACTICE 8), "" while all can."""
        source = next((source for _, source in sorted(self.state.sources.items()) if source.problem), None)
        return "" if source is None else blind(source, self.state, self.tongue)

    def _good(self) -> str:
        good = self.found.good
        name = self.name(good.person) if good is not None else ""
        if good is None or not name:
            return ""
        facts = {item.key: item for item in self.state.touchpoints.get(good.person, ())}
        first, step, met = (facts.get(key) for key in (good.first, good.step, good.met))
        if first is None or step is None or met is None:
            return ""
        how = "wrote" if step.kind in _WRITTEN else "call" if step.kind == "call" else "met"
        same = int(self.day_of(step) == self.day_of(first))
        days: dict[str, Value] = {"step": self.day_of(step), "date": self.day_of(met)}
        return self.tongue.say("review-good", {"name": name, "how": how, "same": same, **days})

    def _open(self) -> str:
        """Return the one thing to do: a promise whose day has come, who was met and not written to, who is key."""
        now = self.state.now
        promise = next((e for e in self.state.entries if e.kind == "promise" and is_open(e, now)), None)
        if promise is not None and promise.start is not None and promise.start <= now:
            return self._first("promise", title=promise.title)
        for kind, persons in (("follow-up", self._to_write_to()), ("key", self.found.key.due)):
            for who in persons:
                if name := self.name(who):
                    return self._first(kind, who, name)
        return self._first("none")

    def _to_write_to(self) -> Sequence[str]:
        return next((tip.about for tip in self.found.suggestions if tip.kind == "follow-up"), ())

    def _first(self, kind: str, who: str = "", name: str = "", *, title: str = "") -> str:
        facts = [item for item in self.state.touchpoints.get(who, ()) if item.at <= self.state.now]
        last = facts[-1] if facts else None
        values: dict[str, Value] = {
            "kind": kind,
            "name": name,
            "title": plain(title),
            "date": self.day_of(last) if last is not None else "",
            "topic": shortened(topic_seen(last, self.state.vocabulary), TITLE) if last is not None else "",
            "draft": int(any(_is_draft(entry, who) for entry in self.state.entries)),
        }
        return self.tongue.say("review-open", values).replace("?", "")


def _is_draft(entry: Entry, who: str) -> bool:
    return bool(who) and entry.person == who and entry.kind == "draft" and entry.state in OPEN_STATES - {"waiting"}


def _pairs(numbers: Numbers) -> dict[str, Value]:
    done, came = numbers.activity, numbers.productivity
    return {
        "events": number(done.events.value),
        "hours": number(done.hours.value),
        "there": number(came.new_people.value),
        "met": int(done.new_people.value),
        "followed_up": int(came.followed_up.value),
        "mails": number(done.mails.value),
        "talks": number(came.conversations.value),
        "offered": number(done.drafts_offered.value),
        "sent": number(came.drafts_sent.value),
        "set": number(done.reminders_set.value),
        "acted": number(came.reminders_acted_on.value),
    }


def _usual(before: Before) -> dict[str, Value]:
    done, came = before.activity, before.productivity
    return {
        "usual_events": number(done.get("events", 0)),
        "usual_there": number(came.get("new_people", 0)),
        "usual_met": number(done.get("new_people", 0)),
        "usual_followed": number(came.get("followed_up", 0)),
        "usual_mails": number(done.get("mails", 0)),
        "usual_talks": number(came.get("conversations", 0)),
    }
