"""What does ``kith run`` not have in memory while there is nothing for it to do?"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.google import Server, story
from tests.soak.process import ROOT

NOW = datetime(2026, 11, 18, 7, 1, tzinfo=UTC)
UNUSED = {
    *("asyncio.events", "charset_normalizer.api", "concurrent.futures", "cryptography", "pyparsing"),
    *("feedparser", "holidays", "icalendar", "lxml", "pygal", "recurring_ical_events", "rich", "snowballstemmer"),
    *("html.entities", "sqlite3", "stop_words", "unittest", "xml.etree"),
}
"""Modules for what is rare: guesses at encodings, articles, files of calendars, pictures, tables on a screen."""
RUN = """import sys
import daemon.cli.ticks
from tests.soak.goes_on import main
main()
print(*sys.modules)"""


def test_what_is_rare_is_imported_when_it_is_there(tmp_path: Path) -> None:
    """An account of Google's in which nothing happens, the command and three ticks: none of ``UNUSED`` is there."""
    with Server(now=NOW, email=story.ME, zone=story.ZONE) as server:
        config = story.put_configuration(server, tmp_path)
        config.write_text(f"{config.read_text()}confirmed = true\n")
        ran = subprocess.run(
            [sys.executable, "-c", RUN, str(config)],
            input="".join(f"{(NOW + timedelta(minutes=15 * tick)).isoformat()}\n" for tick in range(3)),
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            timeout=60,
        )
    *over, modules = ran.stdout.splitlines()
    assert over == ["over"] * 3
    assert "googleapiclient.discovery" in modules.split()
    assert sorted(UNUSED & set(modules.split())) == []
