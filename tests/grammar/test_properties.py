"""What holds for everything that anybody could type?"""

from __future__ import annotations

import dataclasses
import html
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daemon.grammar import added, debrief, lines_added, plain, report, spoken, title_answer
from daemon.grammar.text import READ_LIMIT, TEXT_LIMIT, line_of
from daemon.vocabulary import load_vocabulary
from tests.grammar.spelled import TODAY, VOCABULARY, said
from tests.grammar.test_tables import DEBRIEF, REVIEW

WORDS = """
done called met spoke no never key x later promised angerufen telefoniert getroffen später versprochen bis until
3w 2 months 12.3. 12 Nov gestern yesterday morgen Ada Bob Karl Ruth Steiner: new: neu: promised: spoke: and und mit
with the an to ada@x.example <ada@x.example> <br> </p><p> <ul><li> <script> &amp; &lt;b&gt; &#8203; [x] [ ] ✓ 👍🏽
( ) , ; . : - — “CFO” ! ? * + 99999999 2026-02-30 31.2. 0.0. 𝒳 ﬁ ß ĳ
""".split()
ODD = ["\u200b", "\u202e", "\u00a0", "\u0301", "\x00", "\u2028", "\ud7ff", "\n", "\r\n", " "]
pieces = st.sampled_from([*WORDS, *ODD]) | st.text(max_size=6)
texts = st.lists(pieces, max_size=14).map(" ".join) | st.text(max_size=60)
titles = texts.filter(lambda text: "\n" not in plain(text))
days = st.dates(date(1970, 1, 1), date(2999, 12, 31))
COMMANDS = {
    "done": ("said-done", "sign-done"),
    "called": ("said-called",),
    "spoke": ("said-spoke",),
    "met": ("said-met",),
    "no": ("said-no",),
    "never": ("said-never",),
    "key": ("said-key",),
    "later": ("said-later",),
    "x": ("said-x",),
}
KNOWN = [(word, typed) for word, lists in COMMANDS.items() for name in lists for typed in sorted(VOCABULARY[name])]


def everything(written: str, found: str, today: date = TODAY) -> list[object]:
    return [
        *title_answer(written, found, today, VOCABULARY),
        *debrief(written, found, today, VOCABULARY),
        *spoken(written, found, today, VOCABULARY),
        *([item] if (item := report(found, today, VOCABULARY)) else []),
    ]


def strings(items: Iterable[object]) -> list[str]:
    flat: list[str] = []
    for item in items:
        for value in dataclasses.asdict(item).values():  # type: ignore[call-overload]
            flat += [value] if isinstance(value, str) else value if isinstance(value, (tuple, list)) else []
    return flat


@given(texts, texts)
@settings(max_examples=200)
def test_nothing_typed_is_an_error(written, found):
    """Whatever comes back is read, what is kept is short, one line, without controls, directions and tags."""
    for text in strings(everything(written, found)):
        assert len(text) <= TEXT_LIMIT
        assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"} for c in text)
        assert not any(unicodedata.category(c) == "Cf" and c not in "\u200c\u200d" for c in text)
        assert not any(text[at : at + 1] == "<" and text[at + 1 : at + 2].isalpha() for at in range(len(text)))


@given(texts)
@settings(max_examples=200)
def test_reading_twice_gives_the_same(found):
    """What was made plain stays as it is, is bounded, and says the same when it is read again."""
    once = plain(found)
    assert plain(once) == once
    assert len(once) <= READ_LIMIT
    assert debrief(DEBRIEF, once, TODAY, VOCABULARY) == debrief(DEBRIEF, found, TODAY, VOCABULARY)
    line = line_of(found)
    assert title_answer("Call Ada", line, TODAY, VOCABULARY) == title_answer("Call Ada", found, TODAY, VOCABULARY)


@given(texts)
@example("[x] Ruth Steiner:\n[ ] a box of ours")
@settings(max_examples=200)
def test_what_nobody_touched_says_nothing(written):
    """A text that comes back as it was written holds no answer, no line and no report of calls."""
    assert added(written, written) == ""
    assert title_answer(written, written, TODAY, VOCABULARY) == ()
    assert lines_added(written, written) == ()
    assert debrief(written, written, TODAY, VOCABULARY) == ()
    assert spoken(written, written, TODAY, VOCABULARY) == ()


@pytest.mark.parametrize(("word", "typed"), KNOWN)
def test_every_known_word_is_found(word, typed):
    """Each word of the lists is understood in front of a title and behind it, in any case."""
    for form in (typed, typed.upper(), typed.capitalize()):
        for found in (f"{form} Write to Anna Berger", f"Write to Anna Berger {form}"):
            assert said(title_answer("Write to Anna Berger", found, TODAY, VOCABULARY)) == [word], found


@given(titles, st.sampled_from(KNOWN), st.booleans())
@settings(max_examples=300)
def test_a_known_word_is_found_at_any_title(title, known, front):
    """Whatever a title of ours says, a known word in front of it or behind it is found."""
    word, typed = known
    found = f"{typed} {title}" if front else f"{title} {typed}"
    assert [item.word for item in title_answer(title, found, TODAY, VOCABULARY)] == [word]


def spelled(day: date) -> list[str]:
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    dotted = f"{day.day}.{day.month}."
    return [dotted, f"am {dotted}{day.year}", f"{day:%Y-%m-%d}", f"on {day.day} {months[day.month - 1]}"]


@given(
    days, st.integers(-420, 420), st.sampled_from(["called", "later", "bis", "promised it", "spoke: Ada", "met Ada"])
)
@settings(max_examples=200)
def test_dates_near_by_lie_in_the_right_direction(today, distance, word):
    """A date of the last or the next year, in any spelling, is a past one for what was done and else one to come."""
    for day in (today, today + timedelta(days=distance)):
        for text in spelled(day):
            check_days(f"{word} {text}", today)


@given(texts, days)
@settings(max_examples=200)
def test_days_lie_in_the_right_direction(text, today):
    """Whatever the day is: what was done is not in the future, and what is to come is."""
    check_days(text, today)


def check_days(text: str, today: date) -> None:
    for item in title_answer("", text, today, VOCABULARY):
        assert item.until is None or item.until > today
        if item.day is not None:
            assert item.day > today if item.word == "promised" else item.day <= today
    for line in debrief(DEBRIEF, f"{DEBRIEF}\n{text}", today, VOCABULARY):
        assert line.day is None or line.day > today
    for told in [
        *spoken(REVIEW, f"{REVIEW}{text}", today, VOCABULARY),
        *filter(None, [report(text, today, VOCABULARY)]),
    ]:
        if told.day is not None:
            assert told.day > today if told.kind == "promised" else told.day <= today


@given(texts)
@settings(max_examples=100)
def test_one_language_is_enough(found):
    """A user who knows only English has lists for everything that is asked."""
    english = load_vocabulary(("en",))
    title_answer("Call Ada", found, TODAY, english)
    debrief(DEBRIEF, found, TODAY, english)
    spoken(REVIEW, found, TODAY, english)
    report(found, TODAY, english)


FILLED = [
    "x",
    "nice talk x",
    "no",
    "wants “a CFO” – soon",
    "Tom & Ann",
    "a < b",
    "promised her the study by 18 Feb",
    "✔️",
    "",
    "ja",
]


def as_breaks(lines: list[str]) -> str:
    return "<br>".join(html.escape(line) for line in lines)


def as_paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{html.escape(line).replace(' ', '&nbsp;', 1)}</p>" for line in lines)


def as_list(lines: list[str]) -> str:
    items = "".join(f'<li class="x"><span style="color:#222">{html.escape(line)}</span></li>' for line in lines)
    return f"<html-blob><ul>\n{items}\n</ul></html-blob>"


def as_phone(lines: list[str]) -> str:
    return "\r\n".join(f"• {line}".replace(" ", "\u00a0", 2).replace('"', "”") if line else "" for line in lines)


@given(st.lists(st.sampled_from(FILLED), min_size=3, max_size=3), st.lists(texts, max_size=2))
@settings(max_examples=150)
@pytest.mark.parametrize("editor", [as_breaks, as_paragraphs, as_list, as_phone])
def test_a_filled_debrief_survives_the_editor(editor, answers, extra):
    """What was filled in says the same after an editor turned it into its own markup."""
    names = ["Ruth Steiner:", "Milan Kovač:", "Anna Huber:"]
    filled = DEBRIEF
    for name, answer in zip(names, answers, strict=True):
        filled = filled.replace(name, f"{name} {answer}")
    for text in extra:
        filled = filled.replace("new:", f"new: {' '.join(plain(text).split())}", 1)
    typed = debrief(DEBRIEF, filled, TODAY, VOCABULARY)
    if "<" not in filled.replace("a < b", ""):
        assert debrief(DEBRIEF, editor(filled.split("\n")), TODAY, VOCABULARY) == typed
