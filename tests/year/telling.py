"""What is the year's story? In plain words, one line a happening, by month; then what became of each person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from daemon.model import OPEN_STATES, PROPOSED, Entry
from tests.year.cast import END, VIENNA
from tests.year.files import at
from tests.year.year import Happening, Year

_ENDS: Mapping[tuple[str, str], str] = {
    ("draft", "sent"): "The draft to {name} was sent, and counts as a mail.",
    ("draft", "discarded"): "The draft to {name} is gone unsent. Kith does not offer it again.",
    ("draft", "overtaken"): "The draft to {name} is not needed any more: Clara was in touch without it.",
    ("draft", "withdrawn"): "Kith takes the draft to {name} back: {why}.",
    ("debrief", "passed"): '"{title}" stayed empty, and goes away.',
    ("debrief", "noted"): 'Kith has read it. The title says: "{done}".',
    ("debrief", "withdrawn"): 'Kith takes "{title}" back: {why}.',
    ("brief", "passed"): 'The evening of "{title}" is over, and the brief goes away.',
    ("brief", "withdrawn"): 'Kith takes "{title}" back: {why}.',
    ("handshake", "dismissed"): "Kith knows that it is seen and heard.",
    ("promise", "done"): "The promise to {name} is kept.",
    ("promise", "passed"): '"{title}" stood for 30 days without an answer, and goes away.',
    ("promise", "dismissed"): 'Kith lets "{title}" be.',
    ("promise", "withdrawn"): 'Kith takes "{title}" back: {why}.',
    ("roundup", "passed"): 'Nothing was typed into "{title}"; it goes away.',
}
_REMINDER_ENDS: Mapping[str, str] = {
    "done": '"{title}" is done.',
    "dismissed": "Kith lets {name} be, for the {ideal} days that are wanted between the two.",
    "passed": '"{title}" was never answered, and goes away.',
    "withdrawn": 'Kith takes "{title}" back: {why}.',
}
_WHYS: Mapping[str, str] = {
    "shelf-life": "it has lain there for too long",
    "muted": "nobody is to be reminded of them",
    "never": "nobody is to be reminded of them, ever",
    "displaced": "something better takes its place",
    "answered": "its reminder was answered",
    "gone": "what it was about is not so any more",
    "late": "its time was over before it could be written",
    "passed": "its day is over",
}
_STEPS: Mapping[str, str] = {
    "moved": "Kith leaves {what} where she put it: {when}.",
    "edited": "What she typed is hers: Kith does not touch {what} again.",
    "moved by kith": "Kith moves {what} to {when}.",
}
_CAPACITY: Mapping[str, str] = {
    "halved": "Hardly one reminder in five was answered in four weeks: Kith halves them.",
    "whole": "One in three is answered again: Kith goes back to as many reminders as before.",
    "slot": "{name} takes one of the three places for people Clara is getting to know.",
    "slot-free": "The place of {name} among those Clara is getting to know is free again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the story; ``entry`` and ``part`` (written, step, end) where it is about an entry of Kith's."""

    at: datetime
    text: str
    entry: str = ""
    part: str = ""


def story(year: Year) -> str:
    """Return the whole story: the months, then the people."""
    parts = [f"A year of Clara Winter with Kith, {END.year}. All of it is invented."]
    for month, lines in groupby(told(year), key=lambda line: f"{line.at.astimezone(VIENNA):%B}"):
        parts += ["", month, *_days(list(lines))]
    return "\n".join([*parts, "", "Who was reminded how often", *people(year), ""])


def told(year: Year) -> list[Line]:
    """Return the lines of the story in order of time."""
    last = _last_words(year)
    lines = [line for item in year.happenings if item.at.date() <= END for line in _lines(year, item, last)]
    close = at(END, 23, 59)
    lines += [
        Line(at=close, text=f"{_called(entry)} still stands.", entry=entry.key, part="end")
        for entry in year.entries.values()
        if entry.state in OPEN_STATES
    ]
    return sorted(lines, key=lambda line: line.at)


def _last_words(year: Year) -> dict[str, Happening]:
    """Return, by entry, the last thing that became of it, if that is an end."""
    found = {item.about: item for item in year.happenings if item.entry is not None and item.what != "written"}
    return {key: item for key, item in found.items() if item.what not in OPEN_STATES | {"moved by kith"}}


def _lines(year: Year, item: Happening, last: Mapping[str, Happening]) -> Iterator[Line]:
    if item.who != "kith":
        yield Line(at=item.at, text=item.text)
    elif item.entry is None:
        yield Line(at=item.at, text=_CAPACITY[item.what].format(name=year.name(item.about)))
    elif item.what == "written":
        yield Line(at=item.at, text=_written(year, item.entry, item.at), entry=item.about, part="written")
    elif item.what in _STEPS:
        entry = item.entry
        text = _STEPS[item.what].format(what=_called(entry), when=_when(entry.start) if entry.start else "")
        yield Line(at=item.at, text=text, entry=item.about, part="step")
    else:
        part = "end" if last.get(item.about) is item else "step"
        yield Line(at=item.at, text=_end(year, item.entry, item.at), entry=item.about, part=part)


def _written(year: Year, entry: Entry, now: datetime) -> str:
    name = year.name(entry.person)
    if entry.kind == "draft":
        return f'Kith lays a draft to {name} into Drafts: "{_inner(entry.title)}".'
    when = _when(entry.start) if entry.start else ""
    if entry.kind == "debrief":
        return f'Kith asks, for {when}: "{entry.title}"'
    if entry.kind == "brief":
        named = [year.name(who) for who in (entry.person, *entry.also) if who]
        more = f" and {len(named) - 4} more" if len(named) > 4 else ""
        return f'Kith says for {when}: "{entry.title}" ({", ".join(named[:4])}{more}).'
    if entry.kind == "handshake":
        return f'Kith writes for {when}: "{entry.title}"'
    return f'Kith writes for {when}: "{entry.title}"{_because(year, entry, now)}.'


def _because(year: Year, entry: Entry, now: datetime) -> str:
    if entry.kind == "reconnect":
        thought = _opinion(year, entry.person, now)
        return f" (no touch for {thought[0]:.0f} days, {thought[1]:.0f} are wanted)" if thought else ""
    if entry.kind == "follow-up":
        return " (she put an x)" if entry.reason == "conversation" else " (they met for the first time)"
    return ""


def _opinion(year: Year, person: str, now: datetime) -> tuple[float, float] | None:
    look = next((look for look in year.looks if look.at == now), None)
    found = look.opinions.get(person) if look is not None else None
    return None if found is None else (found.silence or 0.0, found.ideal)


def _end(year: Year, entry: Entry, now: datetime) -> str:
    thought = _opinion(year, entry.person, now)
    words = {
        "name": year.name(entry.person),
        "title": _first_title(year, entry),
        "done": entry.title,
        "why": _WHYS.get(entry.problem, entry.problem),
        "ideal": f"{thought[1]:.0f}" if thought else "usual",
    }
    if entry.kind in PROPOSED and entry.state == "overtaken":
        reads = _reads(year, entry, now)
        if reads.startswith("Done: "):
            return f'"{words["title"]}" now reads "{reads}".'
        if reads:
            return f'"{words["title"]}" is closed: the two were in touch. What she typed stays.'
        return f'"{words["title"]}" goes away by itself: the two were in touch.'
    text = _ENDS.get((entry.kind, entry.state)) or _REMINDER_ENDS[entry.state]
    return text.format(**words)


def _reads(year: Year, entry: Entry, now: datetime) -> str:
    """Return the title that Clara sees after the tick of ``now``; "" if the entry is not there any more."""
    look = next(look for look in year.looks if look.at == now)
    return next((item.title for item in look.shown if item.uid == entry.ref), "")


def _first_title(year: Year, entry: Entry) -> str:
    found = (item.entry for item in year.happenings if item.about == entry.key and item.what == "written")
    return _inner(next((one.title for one in found if one is not None), entry.title))


def _called(entry: Entry) -> str:
    return f'the draft "{_inner(entry.title)}"' if entry.kind == "draft" else f'"{entry.title}"'


def _inner(title: str) -> str:
    return title.replace('"', "'")


def _when(moment: datetime) -> str:
    local = moment.astimezone(VIENNA)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _days(lines: list[Line]) -> Iterator[str]:
    """Yield the lines of a month, each day named once."""
    for day, of_day in groupby(lines, key=lambda line: line.at.astimezone(VIENNA).date()):
        named = f"{day:%a} {day.day:2} {day:%b}"
        for number, line in enumerate(of_day):
            yield f"  {named if number == 0 else '':10} {line.at.astimezone(VIENNA):%H:%M}  {_capital(line.text)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# -- the people --------------------------------------------------------------------------------------------------------


def people(year: Year) -> Iterator[str]:
    """Yield a line for everybody who was reminded, and their cadence; then those who never were."""
    by_person: dict[str, list[Entry]] = {}
    for entry in year.entries.values():
        if entry.person:
            by_person.setdefault(entry.person, []).append(entry)
    for person in sorted(by_person, key=year.name):
        yield f"  {year.name(person)}: {_sums(by_person[person])}{_cadence(year, person)}"
    quiet = sorted(year.name(person) for person in year.people if person not in by_person)
    yield f"  Never reminded: {', '.join(quiet)}."


def _sums(entries: list[Entry]) -> str:
    reminders = [entry for entry in entries if entry.kind in PROPOSED]
    drafts = Counter(entry.state for entry in entries if entry.kind == "draft")
    ends = Counter(entry.state for entry in reminders)
    acted = ends["done"] + ends["overtaken"]
    parts = [f"reminded {_times(len(reminders))}"]
    parts += [f"acted on {acted}"] if reminders else []
    parts += [f"refused {ends['dismissed']}"] if ends["dismissed"] else []
    parts += [f"unanswered {ends['passed']}"] if ends["passed"] else []
    parts += [f"drafts {drafts.total()}, sent {drafts['sent']}"] if drafts else []
    promises = sum(entry.kind == "promise" for entry in entries)
    parts += [f"promises {promises}"] if promises else []
    return ", ".join(parts) + "."


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _cadence(year: Year, person: str) -> str:
    """Tell how the days wanted between two touches changed, and by what."""
    known = [(look.at, found.ideal, found.stage) for look in year.looks if (found := look.opinions.get(person))]
    known = [item for item in known if item[2] is not None]
    if not known:
        return ""
    first, last = known[0][1], known[-1][1]
    said = f" Every {first:.0f} days" + (f" at first, {last:.0f} at last." if round(first) != round(last) else ".")
    for (_, before, _), (when, after, _) in pairwise(known):
        if 1.45 < after / before < 1.55:
            said += f" Longer by half on {when.day} {when:%b}: two refusals in a row."
        elif 0.64 < after / before < 0.69:
            said += f" As before from {when.day} {when:%b}: a sign came."
    return said
