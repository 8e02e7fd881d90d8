"""How does Clara answer Kith? Through her calendar and her Drafts alone, with a character of her own.

She mostly acts, deletes one reminder in six, moves some, types a word now and then. What she does with an entry hangs
on its title and day, so the same entry always meets the same mood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes, policy
from pathlib import Path
from random import Random

from tests.year.cast import BY_NAME, NEWCOMERS, REGULARS, Figure
from tests.year.files import Disk, Shown, at
from tests.year.life import DAY, Life, is_away, is_ignoring, is_meetup, subject_of, working_day

_ABOUT = re.compile(r"^(?:Write|Talk) to (.+?)(?:,.*)?$")
NEWCOMER_FIGURES: dict[str, Figure] = {
    one.name: one.figure for several in NEWCOMERS.values() for one in several if one.address
}
EVENINGS_ANSWERED = 0.8


@dataclass(slots=True)
class Hand:
    """Clara's hand. ``tell`` hears what she does: when, a sentence, and the entry it was done to."""

    disk: Disk
    life: Life
    tell: Callable[[datetime, str, str], None]
    seen: set[tuple[str, date]] = field(default_factory=set)
    deleted: list[tuple[str, str, date]] = field(default_factory=list)
    """Title, uid and day of what she deleted."""
    answered: set[str] = field(default_factory=set)
    """Debriefs she typed into."""
    tomorrow: dict[date, list[Figure]] = field(default_factory=dict)
    """Drafts she keeps to send them on that day, by whom they are to."""

    def morning(self, day: date) -> None:
        """Look at today's entries, act on each."""
        if is_away(day) or is_ignoring(day):
            return
        for figure in self.tomorrow.pop(day, ()):
            draft = self.disk.drafts().get(figure.address)
            if draft is not None:
                self._send(draft, figure, day, "edited", "")
        for item in sorted(self.disk.shown(), key=lambda one: (one.start, one.title)):
            if item.title == "Kith is here. Delete me.":
                self._delete(item, day)
            elif item.start.date() == day and (item.uid, day) not in self.seen:
                self.seen.add((item.uid, day))
                self._act(item, day)

    def evening(self, day: date) -> None:
        """Come home and answer whom she met, on most evenings."""
        if is_away(day) or is_ignoring(day):
            return
        for item in self.disk.shown():
            if item.title.startswith("Who did you meet?") and item.start.date() == day:
                self._debrief(item, day)

    # -- reminders -----------------------------------------------------------------------------------------------------

    def _act(self, item: Shown, day: date) -> None:
        about = _ABOUT.match(item.title)
        mood = Random(f"{item.title} {day}").random()
        if item.title.startswith("Promise: "):
            self._promise(item, day, mood)
        elif "more from" in item.title:
            self._round_up(item, day, mood)
        elif about is not None:
            figure = BY_NAME.get(about[1]) or NEWCOMER_FIGURES.get(about[1])
            if figure is not None:
                self._remind(item, figure, day, mood)
            else:
                self._type(item, "called", day)  # somebody without a mail address

    def _remind(self, item: Shown, figure: Figure, day: date, mood: float) -> None:
        if figure.place == "never":
            self._type(item, "never", day)
        elif mood < 1 / 6:
            self._delete(item, day)
        elif mood < 0.28:
            self._move(item, day)
        elif mood < 0.38:
            self._type(item, "called", day)
        elif mood < 0.43:
            self._type(item, "later 3w", day)
        elif mood < 0.47:
            self._type(item, "no", day)
        elif mood < 0.53:
            self._type(item, "promised the Graz study", day)
            self._write(figure, day, item.uid)
        elif mood < 0.57:
            self.tell(at(day, 10), f'She reads "{item.title}" and does nothing.', item.uid)
        else:
            self._answer(item, figure, day, Random(f"draft {item.title} {day}").random())

    def _answer(self, item: Shown, figure: Figure, day: date, mood: float) -> None:
        """Write: with the draft as it is, edited, or without it."""
        draft = self.disk.drafts().get(figure.address)
        if draft is None or mood > 0.9:
            self._write(figure, day, item.uid)
        elif mood > 0.78:
            draft.unlink()
            self.tell(at(day, 10), f"She throws the draft to {figure.name} away and writes to them herself.", item.uid)
            self._write(figure, day, item.uid, told=False)
        elif mood > 0.66:
            self._edit(draft)
            self.tell(at(day, 10), f"She works on the draft to {figure.name} and keeps it for tomorrow.", item.uid)
            self.tomorrow.setdefault(working_day(day + DAY), []).append(figure)
        else:
            edited = mood > 0.4
            if edited:
                self._edit(draft)
            self._send(draft, figure, day, "edited" if edited else "as it is", item.uid)

    def _send(self, draft: Path, figure: Figure, day: date, how: str, uid: str) -> None:
        mail = message_from_bytes(draft.read_bytes(), policy=policy.default)
        more = {name: str(mail[name]) for name in ("In-Reply-To", "References") if mail[name]}
        subject = str(mail["Subject"])
        root = self.disk.send(figure, subject, at(day, 10, 15), more)
        draft.unlink()
        self.tell(at(day, 10, 15), f"She sends the draft to {figure.name}, {how}.", uid)
        self.life.react(figure, day, subject, root)

    def _write(self, figure: Figure, day: date, uid: str, *, told: bool = True) -> None:
        tie = self.life.tie(figure)
        tie.count += 1
        subject = subject_of(tie)
        root = self.disk.send(figure, subject, at(day, 10, 20), {})
        if told:
            self.tell(at(day, 10, 20), f"She writes to {figure.name}.", uid)
        self.life.react(figure, day, subject, root)

    def _edit(self, draft: Path) -> None:
        mail = draft.read_bytes()
        head, gap, body = mail.partition(b"\r\n\r\n") if b"\r\n\r\n" in mail else mail.partition(b"\n\n")
        draft.write_bytes(head + gap + b"In short: " + body)

    def _delete(self, item: Shown, day: date) -> None:
        self.disk.remove(item.uid)
        self.deleted.append((item.title, item.uid, day))
        self.tell(at(day, 9, 30), f'She deletes "{item.title}".', item.uid)

    def _move(self, item: Shown, day: date) -> None:
        until = working_day(day + (7 - day.weekday()) * DAY)
        self.disk.move(item.uid, at(until, 10))
        self.tell(at(day, 9, 30), f'She moves "{item.title}" to {until:%A} {_day(until)}.', item.uid)

    def _type(self, item: Shown, word: str, day: date) -> None:
        self.disk.retitle(item.uid, f"{item.title}, {word}")
        self.tell(at(day, 9, 30), f'She types "{word}" behind "{item.title}".', item.uid)

    def _promise(self, item: Shown, day: date, mood: float) -> None:
        if mood < 0.8:
            self._type(item, "done", day)

    def _round_up(self, item: Shown, day: date, mood: float) -> None:
        lines = item.body.split("\n")
        first = next((number for number, line in enumerate(lines) if line.startswith("- ")), None)
        if first is None or mood < 0.3:
            return
        lines[first] += " x"
        self.disk.rewrite(item.uid, "\n".join(lines))
        self.tell(at(day, 9, 40), f'She puts an x behind "{lines[first][2:-2]}".', item.uid)

    # -- debriefs ------------------------------------------------------------------------------------------------------

    def _debrief(self, item: Shown, day: date) -> None:
        mood = Random(f"{item.title} {day}")
        new = NEWCOMERS.get(day, ())
        if not new and mood.random() > EVENINGS_ANSWERED:
            self.tell(at(day, 21, 45), "She is tired and leaves the debrief empty.", item.uid)
            return
        if not is_meetup(day):
            self._note(item, day, dict.fromkeys(_waiting(item), "good talk"), ())
            return
        there = {f"{name}:": "" for name in REGULARS if f"{name}:" in item.body.split("\n") and mood.random() < 0.6}
        said = {line: mood.choice(("new job", "moving in spring", "back from Graz", "x")) for line in there}
        self._note(item, day, said, tuple(one.typed for one in new))

    def _note(self, item: Shown, day: date, said: dict[str, str], new: tuple[str, ...]) -> None:
        lines, waiting = item.body.split("\n"), list(new)
        for number, line in enumerate(lines):
            if said.get(line):
                lines[number] = f"{line} {said[line]}"
            elif line == "new:" and waiting:
                lines[number] = f"new: {waiting.pop(0)}"
        typed = [f"{line} {text}" for line, text in said.items() if text] + list(new)
        if not typed:
            self.tell(at(day, 21, 45), "She met nobody worth a note and leaves the debrief empty.", item.uid)
            return
        self.disk.rewrite(item.uid, "\n".join(lines))
        self.answered.add(item.uid)
        self.tell(at(day, 21, 45), f"She notes: {'; '.join(typed)}.", item.uid)


def _waiting(item: Shown) -> list[str]:
    """Return the lines of a debrief that wait for a word about somebody."""
    lines = [line for line in item.body.split("\n") if line.endswith(":") and " " in line]
    return [line for line in lines if not line.startswith(("new:", "promised:"))]


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
