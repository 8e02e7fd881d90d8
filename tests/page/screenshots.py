"""Makes the pictures of the review's page in docs/ (``make screenshots``): the demo world, a fixed day, a browser."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daemon.model import Decision
from daemon.session import open_session
from tests.page.test_page_browser import CHROMIUM

DOCS = Path(__file__).parents[2] / "docs"
NOW = "2026-11-20T15:30"
SAID = datetime(2026, 11, 19, 12, tzinfo=UTC)
KEY = ("Anna Berger", "Georg Lang", "Milan Kovač", "Ben Fischer", "Petra Moser")
LARGEST = 150_000
"""Bytes of one picture."""


def main() -> None:
    if CHROMIUM is None:
        sys.exit("no Chromium here: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        page = made(Path(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            shoot(browser, page, "review-week.png", "light", 900, "")
            shoot(browser, page, "review-groups.png", "light", 900, "#groups")
            shoot(browser, page, "review-year-dark.png", "dark", 600, "#year")
            shoot(browser, page, "review-phone.png", "dark", 360, "#people")
            browser.close()


def made(folder: Path) -> Path:
    """Make the demo world, mark a few more as key, and write the page of its week."""
    kith("demo", "--out", folder, "--now", NOW)
    config = folder / "config.toml"
    with open_session(config).ledger(write=True) as ledger, ledger.unit():
        ledger.save_decisions(
            Decision(key=f"mark/{person.id}/key", at=SAID, kind="mark", about=person.id, value="key")
            for person in ledger.people()
            if person.name in KEY
        )
    kith("review", "--config", config, "--now", NOW, "--html", folder / "week.html")
    return folder / "week.html"


def kith(*words: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "daemon.cli", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def shoot(browser: Any, page: Path, name: str, scheme: str, width: int, part: str) -> None:
    """Save the section under the heading ``part``, or what is seen first."""
    tab = browser.new_page(viewport={"width": width, "height": 1100}, color_scheme=scheme)
    tab.goto(page.as_uri())
    shown = tab.locator(f"section:has(> {part})") if part else tab
    shown.screenshot(path=DOCS / name)
    size = (DOCS / name).stat().st_size
    print(f"docs/{name}: {size} bytes")
    if size > LARGEST:
        sys.exit(f"docs/{name} is larger than {LARGEST} bytes")
    tab.close()


if __name__ == "__main__":
    main()
