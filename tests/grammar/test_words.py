"""Is every word of the grammar's lists understood where it belongs, and nowhere else?"""

from __future__ import annotations

import pytest

from daemon.grammar import answer, debrief, report, spoken
from daemon.vocabulary import load_vocabulary
from tests.grammar.spelled import TODAY, VOCABULARY, lines, said, told
from tests.grammar.test_tables import DEBRIEF, REVIEW


def typed(name: str) -> list[str]:
    return sorted(VOCABULARY[name])


def read(text: str) -> list[str]:
    return said(answer(text, TODAY, VOCABULARY))


@pytest.mark.parametrize("number", range(1, 13))
def test_months(number):
    """Every name of a month is that month, before the day and behind it."""
    for word in typed(f"month-{number}"):
        assert (
            read(f"later 7 {word}") == read(f"later {word} 7") == read(f"bis 7. {word}") == read(f"later 7.{number}.")
        )


@pytest.mark.parametrize("number", range(1, 8))
def test_weekdays(number):
    """Every name of a weekday is the next such day; an abbreviation is one only where it is led in."""
    for word in typed(f"weekday-{number}"):
        assert read(f"later {word}") == read(f"until {word}") == [f"later until {_next(number)}"]
        assert read(f"called {word}") == read(f"called on {word}")
    for word in typed(f"weekday-short-{number}"):
        assert read(f"later on {word}") == [f"later until {_next(number)}"]
        assert read(f"called {word}") == [f"called: {word}"], "it may be a name or a small word"


def _next(number: int) -> str:
    days = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05", "2026-11-29"]
    return days[number - 1]


@pytest.mark.parametrize(
    ("unit", "until"), [("day", "2026-12-01"), ("week", "2026-12-19"), ("month", "2027-02-28"), ("year", "2029-11-28")]
)
def test_spans(unit, until):
    """Every word of a span means it, glued to its number or not, in words and in figures."""
    for word in typed(f"unit-{unit}"):
        for text in (f"later 3{word}", f"later 3 {word}", f"later in three {word}", f"später drei {word}"):
            assert read(text) == [f"later until {until}"]


@pytest.mark.parametrize(
    ("name", "day"),
    [("day-today", "2026-11-28"), ("day-yesterday", "2026-11-27"), ("day-before-yesterday", "2026-11-26")],
)
def test_days_by_name(name, day):
    """Every word for a day near by is understood before a touch and behind it."""
    for word in typed(name):
        assert read(f"called {word}") == read(f"{word} called") == [f"called on {day}"]


def test_untils_and_tomorrows():
    """Words for a time to come put off, and only with a day behind them."""
    for word in typed("said-until"):
        assert read(f"{word} 12.3.") == ["later until 2027-03-12"]
        assert read(f"{word} then") == [f"note: {word} then"]
    for word in typed("day-tomorrow"):
        assert read(f"later {word}") == ["later until 2026-11-29"]


@pytest.mark.parametrize("name", ["said-no", "said-never", "said-key"])
def test_what_settles_much_counts_only_alone(name):
    """Beside any other word, or behind a note, words that settle much are part of a note."""
    others = {word.split()[0] for list_ in ("said-fillers", name) for word in typed(list_)}
    for word in typed(name):
        assert read(f"{word} elephants") == [f"note: {word} elephants"]
        assert read(f"elephants, {word}") == [f"note: elephants, {word}"]
        assert read(f"elephants {word}") == [f"note: elephants {word}"]
    assert "elephants" not in others


@pytest.mark.parametrize("name", ["said-done", "said-called", "said-spoke", "said-met"])
def test_what_turns_it_round(name):
    """No touch is counted that a word denies, that nobody answered, or that lies ahead."""
    for word in typed(name):
        for veto in typed("said-veto"):
            assert read(f"{word} {veto}") == [f"note: {word} {veto}"]
        for missed in typed("said-missed"):
            assert read(f"{word}, {missed}") == [f"note: {word}, {missed}"]
        assert read(f"{word}?") == [f"note: {word}?"]
        assert read(f"{word} tomorrow") == [f"note: {word} tomorrow"]


def test_openers_change_nothing():
    """Small words before a touch are passed over."""
    for word in typed("said-openers"):
        assert read(f"{word} called") == ["called"]


def test_promises():
    """Every word for a promise and for whom it was is understood; in German it may stand last."""
    for word in typed("said-promised"):
        for whom in ["", *typed("said-them")]:
            assert read(f"{word} {whom} study by 18 Feb") == ["promised until 2027-02-18: study"]
    for word in typed("promised-behind"):
        assert read(f"die Studie {word}") == ["promised: die Studie"]


def test_headings():
    """Every heading of ours is one with a colon."""
    for word in typed("line-new"):
        assert lines(debrief(DEBRIEF, f"{DEBRIEF}{word}: bob", TODAY, VOCABULARY)) == ["new bob"]
    for word in typed("line-promised"):
        found = debrief(DEBRIEF, f"{DEBRIEF}{word}: Karl the study", TODAY, VOCABULARY)
        assert lines(found) == ["promised to Karl: the study"]
    for word in typed("line-spoke"):
        assert [told(item) for item in spoken(REVIEW, f"{REVIEW}{word}: Bob", TODAY, VOCABULARY)] == ["call Bob"]


def test_nobody_and_several():
    """Every word for several people makes nobody, and every word for nobody is about the evening."""
    for word in typed("line-several"):
        (line,) = debrief(DEBRIEF, f"{DEBRIEF}new: {word} from Graz", TODAY, VOCABULARY)
        assert line.kind == "several"
    for word in typed("line-nobody"):
        assert lines(debrief(DEBRIEF, f"{DEBRIEF}{word}", TODAY, VOCABULARY)) == [f"evening, note: {word}"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("past-call-words", "call"), ("past-meet-words", "one-to-one"), ("said-called", "call"), ("said-spoke", "call")],
)
def test_reports_share_the_words_of_titles(name, kind):
    """What E9 and a reminder's title understand, an own event may begin with."""
    for word in typed(name):
        found = report(f"{word} Ada Lovelace", TODAY, VOCABULARY)
        assert found is not None, word
        assert told(found) == f"{kind} Ada Lovelace"


@pytest.mark.parametrize(("name", "kind"), [("past-call-behind", "call"), ("past-meet-behind", "one-to-one")])
def test_words_behind_the_name(name, kind):
    """The German order is understood, with and without "mit"."""
    for word in typed(name):
        for text in (f"Ada Lovelace {word}", f"mit Ada Lovelace {word}", f"gestern Ada Lovelace {word}"):
            found = report(text, TODAY, VOCABULARY)
            assert found is not None, text
            assert (found.kind, found.names) == (kind, ("Ada Lovelace",))


@pytest.mark.parametrize("name", ["no-names", "meet-words", "open-words", "role-name-words", "line-nobody"])
def test_what_is_no_name(name):
    """Nobody is called "back", "Opera" or "Support"."""
    for word in typed(name):
        form = word if name == "no-names" else word.title()
        for text in (f"called {form}", f"met {form}"):
            assert report(text, TODAY, VOCABULARY) is None, text


def test_every_veto_of_titles_is_one_here():
    """A title that E9 will not count is no report either."""
    for word in typed("title-veto"):
        assert report(f"called Ada, {word}", TODAY, VOCABULARY) is None, word


def test_german_is_not_read_by_who_wants_english():
    """Lists of a language belong to it."""
    assert said(answer("erledigt", TODAY, load_vocabulary(("en",)))) == ["note: erledigt"]
    assert said(answer("erledigt", TODAY, load_vocabulary(("de",)))) == ["done"]
