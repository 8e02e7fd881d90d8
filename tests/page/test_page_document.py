"""Is the page one file that fetches nothing, runs nothing, and takes every text for a text?"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import fields, replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from daemon.page import telling
from daemon.page.contents import PAIRS, WEEKS
from daemon.page.telling import UNNAMED
from daemon.page.values import Facts, Page, Picture, Standing
from daemon.review import Figure, survey, weekly
from tests.page.pages import HARM, Looked, counted, harmful, html_of, page_of

pytestmark = pytest.mark.xdist_group("page")


class Reader(HTMLParser):
    """Reads a page as a browser does: what elements it has, with which attributes, and what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.style = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.style += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


@pytest.fixture(scope="module")
def bad(looked: Looked) -> str:
    return html_of(page_of(harmful(looked), lead=HARM, suggestions=HARM, questions=HARM))


def test_the_policy_allows_the_style_sheet_and_nothing_else(page: Page) -> None:
    """Default: nothing. The one style sheet is allowed by its hash, so that none that slipped in counts."""
    reader = read(html_of(page))
    policy = next(item["content"] for item in reader.all("meta") if item.get("http-equiv"))
    digest = b64encode(sha256(reader.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_nothing_is_fetched_and_nothing_runs(kind: str, page: Page, bad: str) -> None:
    """No element that fetches, no attribute that runs, styles or fetches; links lead to the pages beside this one."""
    reader = read(html_of(page) if kind == "good" else bad)
    tags = {tag for tag, _ in reader.elements}
    assert tags.isdisjoint(
        {"script", "img", "link", "iframe", "object", "embed", "base", "form", "input", "use", "image"}
    )
    assert len(reader.all("style")) == 1
    for _, attributes in reader.elements:
        assert not {name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset"}}
    assert {item["href"] for item in reader.all("a")} == {"2026-W46.html", "2026-W45.html", "index.html"}
    assert "url(" not in reader.style
    assert "@import" not in reader.style


def test_harm_stays_text_and_small(bad: str, page: Page) -> None:
    """Markup is shown as it was written, templates are not read, no direction turns, nothing is endless."""
    assert "&lt;script&gt;document.title=" in bad
    assert "{{ 7 * 7 }}" in bad
    assert not set(bad) & set("\u202e\u202c\u2066")
    assert "W" * 301 not in bad
    assert len(bad) < 3 * len(html_of(page))


def test_ids_are_the_pages_own_and_each_once(bad: str) -> None:
    """What names a part of the page is there once, whatever titles say; headings go down by one."""
    reader = read(bad)
    ids = [str(attributes["id"]) for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = {str(attributes["aria-labelledby"]) for _, attributes in reader.elements if "aria-labelledby" in attributes}
    assert named == set(ids)
    levels = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_same_week_is_the_same_page(looked: Looked, page: Page) -> None:
    """Two pages of one week, seen at one time, are equal byte for byte."""
    assert html_of(page_of(looked)) == html_of(page)


def test_every_number_unfolds_to_its_facts(page: Page, looked: Looked) -> None:
    """Behind a number stand as many lines as it says, and none says that it knows nothing."""
    numbers = looked.review.numbers
    for each, (done, _, came, _) in zip(counted(page).pairs, PAIRS, strict=True):
        for shown, figure in (
            (each.done, getattr(numbers.activity, done)),
            (each.came, getattr(numbers.productivity, came)),
        ):
            assert isinstance(figure, Figure)
            assert float(re.match(r"[\d.]+", shown.shown)[0]) == figure.value  # type: ignore[index]
            assert len(shown.lines) + shown.more == figure.value
    facts = _facts(page)
    assert any(item.lines for item in facts)
    assert not [line for item in facts for line in item.lines if "not there any more" in line]


def test_a_verdict_unfolds_to_whom_it_rests_on(page: Page, looked: Looked) -> None:
    """The evidence names everybody it counts; where nobody came of a group it says so."""
    groups = list(zip(counted(page).told, looked.review.groups, strict=True))
    assert {group.verdict for _, group in groups} >= {"rut", "routine", "closed"}
    for told, group in groups:
        found = group.evidence
        everybody = (found.new_people, found.followed_up, found.second_meetings, found.targets, found.pending)
        assert len(told.evidence.lines) == sum(map(len, everybody))
        assert ("nobody new followed up" in told.evidence.shown) == (not found.followed_up)
        assert bool(told.question) == (group.verdict == "rut")


def _facts(page: Page) -> list[Facts]:
    groups = counted(page).told
    told = [*(each.evidence for each in groups), *(item.people for each in groups for item in each.numbers)]
    return [
        *told,
        *(item.people for item in counted(page).standings),
        *(side for each in counted(page).pairs for side in (each.done, each.came)),
    ]


def test_every_picture_is_on_the_page_with_its_table(page: Page) -> None:
    """Five pairs by week, the ring, the groups, the year and the network: nine pictures, nine tables."""
    reader = read(html_of(page))
    pictures = [*counted(page).weekly, counted(page).ring, counted(page).groups, page.year, page.network]
    assert [item["aria-label"] for item in reader.all("svg")] == [f"{item.name}. {item.told}" for item in pictures]
    assert len(reader.all("table")) == len(pictures) == 9
    assert all(len(item.table.rows) == WEEKS for item in counted(page).weekly)


def test_the_last_week_of_a_picture_is_the_week_of_the_page(page: Page, looked: Looked) -> None:
    """The pictures by week end with the numbers that stand above them."""
    for each, (done, _, came, _) in zip(counted(page).weekly, PAIRS, strict=True):
        expected = (
            getattr(looked.review.numbers.activity, done).value,
            getattr(looked.review.numbers.productivity, came).value,
        )
        assert tuple(map(float, each.table.rows[0][1:])) == expected
        assert each.table.rows[0][0] == "2026-W47"


def test_a_long_list_says_how_much_was_left_out(looked: Looked) -> None:
    """A number unfolds to sixty lines at most, and says how many more there are."""
    teller = telling.Teller(looked.survey, ())
    made = teller.facts("100", [f"x{number}" for number in range(100)], str)
    assert (len(made.lines), made.more) == (60, 40)
    page = page_of(looked)
    longer = replace(counted(page), standings=(_standing(made),))
    assert "and 40 more" in html_of(replace(page, counted=longer))


def _standing(made: Facts) -> Standing:
    return Standing(name="Somebody", people=made)


def test_a_week_off_shows_the_year_only(looked: Looked) -> None:
    """In a week off there are no numbers to look at, and nothing to do."""
    quiet = replace(looked, review=replace(looked.review, away=True))
    reader = read(html_of(page_of(quiet, lead=(), suggestions=(), questions=())))
    assert len(reader.all("svg")) == 2
    assert "dl" not in {tag for tag, _ in reader.elements}


def test_a_private_event_is_not_told(looked: Looked) -> None:
    """A private event counts, and its title stands nowhere (P34)."""
    occasions = tuple(replace(item, private=True, title="Doctor") for item in looked.past.occasions)
    hidden = harmful(looked)
    found = survey(looked.state, replace(looked.past, occasions=occasions), looked.survey.opinions)
    page = page_of(replace(hidden, survey=found, review=weekly(found, looked.review.week)))
    events = counted(page).pairs[0].done
    assert events.lines
    assert all("private" in line for line in events.lines)
    assert "Doctor" not in html_of(page)


def test_whom_the_user_muted_is_not_named(looked: Looked) -> None:
    """The last ten people met are muted: they count, and no name or title that could tell of them is there."""
    hidden = frozenset(looked.review.last_ten.met)
    names = [looked.state.people[who].name for who in hidden]
    assert all(name in html_of(page_of(looked)) for name in names[:1])
    opinions = {
        who: replace(item, marks=item.marks | {"muted"}) if who in hidden else item
        for who, item in looked.survey.opinions.items()
    }
    text = html_of(page_of(replace(looked, survey=replace(looked.survey, opinions=opinions)), lead=(), suggestions=()))
    assert UNNAMED in text
    assert [name for name in names if name in text] == []


def test_sentences_are_in_the_users_language(looked: Looked) -> None:
    """What the review says in the user's language is marked as such, so that it is read out in it."""
    reader = read(html_of(page_of(looked, language="de")))
    assert [attributes["lang"] for _, attributes in reader.elements if "lang" in attributes] == ["en", "de", "de", "de"]


def test_every_value_of_the_page_has_its_place(page: Page) -> None:
    """No part of the page is forgotten by the template: each picture and text of it is in the file."""
    text = html_of(page)
    for part in (*fields(page), *fields(counted(page))):
        value = getattr(page, part.name, getattr(page.counted, part.name, None))
        if isinstance(value, str):
            assert value in text
        if isinstance(value, Picture):
            assert value.svg in text
