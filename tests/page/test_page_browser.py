"""Does a real browser show the page: every chart with its data, nothing fetched, nothing cut, readable in the dark?

One headless Chromium for all of it. Without one the tests skip and say so; CI installs Debian's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.page import index
from daemon.page.values import Page
from daemon.review import Week
from daemon.vocabulary import load_page
from tests.page.pages import HARM, Looked, counted, harmful, html_of, page_of

pytestmark = pytest.mark.xdist_group("page")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE = {"width": 360, "height": 740}
KINDS = ("good", "bad")
SERIOUS = {"serious", "critical"}
VIOLATIONS = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (each) => window.refused.push(each.violatedDirective));
"""
OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
TOO_WIDE = """
() => [...document.querySelectorAll('body *')]
  .filter((each) => !each.parentElement.closest('.wide') && !each.closest('.hidden'))
  .filter((each) => { const box = each.getBoundingClientRect();
                      return box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5); })
  .map((each) => each.outerHTML.slice(0, 120))
"""
CONTRASTS = """
() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  const slices = [...document.querySelectorAll('.pie-graph path')];
  const behind = (text) => text.closest('.pie-graph')
    ? slices.map((each) => getComputedStyle(each).fill) : [paper];
  return [...document.querySelectorAll('svg text')].map((text) => {
    const fill = getComputedStyle(text).fill;
    return [text.textContent, Math.min(...behind(text).map((each) => ratio(fill, each)))];
  });
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: the page is not looked at (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def files(folder: Path, page: Page, looked: Looked) -> dict[str, Path]:
    bad = page_of(harmful(looked), lead=HARM, suggestions=HARM, questions=HARM)
    written = {"good": folder / "good.html", "bad": folder / "bad.html"}
    written["good"].write_text(html_of(page), "utf-8")
    written["bad"].write_text(html_of(bad), "utf-8")
    written["index"] = folder / "index.html"
    written["index"].write_text(index([Week(2026, 47), Week(2026, 46)], *load_page()), "utf-8")
    return written


class View:
    """A page in the browser, and what it did: requests, messages, errors."""

    def __init__(self, browser: Any, file: Path, **more: Any) -> None:
        self.file = file
        self.requests: list[str] = []
        self.messages: list[str] = []
        self.errors: list[str] = []
        self._context = browser.new_context(**{"viewport": PHONE, **more})
        self._context.add_init_script(VIOLATIONS)
        self.tab = self._context.new_page()
        self.tab.on("request", lambda each: self.requests.append(each.url))
        self.tab.on("console", lambda each: self.messages.append(each.text))
        self.tab.on("pageerror", lambda each: self.errors.append(str(each)))
        self.tab.goto(file.as_uri())
        self.tab.evaluate(OPEN_ALL)

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        self._context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_asks_for_nothing_and_complains_of_nothing(browser: Any, files: dict[str, Path], kind: str) -> None:
    """One request, for the page itself; no message, no error, nothing that its policy had to refuse."""
    with View(browser, files[kind]) as view:
        assert view.requests == [view.file.as_uri()]
        assert view.messages == []
        assert view.errors == []
        assert view.tab.evaluate("window.refused") == []
        assert view.tab.title() == "Your week 2026-W47"


def test_the_index_leads_to_the_pages_beside_it(browser: Any, files: dict[str, Path]) -> None:
    """It asks for nothing either, and a link of it is the page of that week."""
    with View(browser, files["index"]) as view:
        assert view.requests == [view.file.as_uri()]
        assert (view.messages, view.errors, view.tab.evaluate("window.refused")) == ([], [], [])
        links = view.tab.evaluate("[...document.links].map((each) => each.href)")
        assert links == [view.file.with_name(f"{week}.html").as_uri() for week in ("2026-W47", "2026-W46")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_there_with_its_data(browser: Any, files: dict[str, Path], page: Page, kind: str) -> None:
    """Nine charts, each as wide as the phone, and as many visible marks in each as it has numbers."""
    with View(browser, files[kind]) as view:
        charts = view.tab.locator("svg")
        assert charts.count() == 9
        for number in range(9):
            box = charts.nth(number).bounding_box()
            assert 300 <= box["width"] <= 360
            assert box["height"] > 60
        assert view.tab.locator(".bar-graph rect.rect").count() == 5 * 2 * 13
        assert view.tab.locator(".dot-graph circle.day").count() == 53 * 7 - 2
        assert view.tab.locator(".pie-graph path.slice").count() == 10
        assert view.tab.locator(".horizontalbar-graph rect.rect").count() == 2 * len(counted(page).told)
        dots = view.tab.locator(".xy-graph circle").count()
        assert dots == len({name for row in page.network.table.rows for name in row[:2]})
        colours = view.tab.evaluate(
            "[...document.querySelectorAll('circle.day')].map((each) => getComputedStyle(each).fill)"
        )
        assert 2 <= len(set(colours)) <= 5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_sticks_out(browser: Any, files: dict[str, Path], kind: str, width: int) -> None:
    """On a phone as on a desk, with everything unfolded and the longest names: only tables may scroll."""
    with View(browser, files[kind], viewport={"width": width, "height": 740}) as view:
        assert view.tab.evaluate("document.documentElement.scrollWidth") <= width
        assert view.tab.evaluate(TOO_WIDE) == []


@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", ["color-contrast"])])
def test_axe_finds_nothing_serious(browser: Any, files: dict[str, Path], scheme: str, rules: list[str] | None) -> None:
    """Headings, names, roles, contrast: axe-core finds no serious violation; in the dark the contrast is another.

    Of a table two rows are enough, and what stands inside an image is not read by anybody.
    """
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    context = {"exclude": [["svg > g"], ["tbody tr:nth-child(n+3)"]]}
    with View(browser, files["good"], color_scheme=scheme) as view:
        found = Axe().run(view.tab, context=context, options=options).response
        told = [
            (item["id"], item["nodes"][0]["html"][:200]) for item in found["violations"] if item["impact"] in SERIOUS
        ]
        assert told == []
        assert len(found["passes"]) >= (1 if rules else 20)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_text_of_charts_can_be_read(browser: Any, files: dict[str, Path], scheme: str) -> None:
    """axe does not look into charts: each text has a contrast of 4.5 or more with what lies behind it (WCAG AA)."""
    with View(browser, files["good"], color_scheme=scheme) as view:
        ratios = view.tab.evaluate(CONTRASTS)
        assert len(ratios) > 50
        assert [(text, round(ratio, 2)) for text, ratio in ratios if ratio < 4.5] == []


def test_dark_and_light_differ_and_paper_is_white(browser: Any, files: dict[str, Path]) -> None:
    """The page follows the reader's choice; in print it is dark on white, whatever the choice is."""
    ask = "getComputedStyle(document.body).backgroundColor"
    with View(browser, files["good"], color_scheme="light") as view:
        assert view.tab.evaluate(ask) == "rgb(255, 255, 255)"
    with View(browser, files["good"], color_scheme="dark") as view:
        assert view.tab.evaluate(ask) == "rgb(20, 23, 28)"
        view.tab.emulate_media(media="print", color_scheme="dark")
        assert view.tab.evaluate(ask) == "rgb(255, 255, 255)"
        assert view.tab.pdf(format="A4").startswith(b"%PDF")


def test_a_number_unfolds_by_keyboard(browser: Any, files: dict[str, Path], page: Page) -> None:
    """The first number is reached with the keyboard and opens with Enter; what is behind it is then seen."""
    with View(browser, files["good"]) as view:
        view.tab.reload()
        line = view.tab.get_by_text(counted(page).pairs[0].done.lines[0], exact=True).first
        assert not line.is_visible()
        view.tab.locator("summary").first.focus()
        view.tab.keyboard.press("Enter")
        assert line.is_visible()
