"""What does a command not wait for that it does not need?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

UNUSED = {
    *("asyncio", "feedparser", "googleapiclient", "holidays", "html.entities", "icalendar", "idna", "jinja2", "pygal"),
    *("requests", "rich", "snowballstemmer", "sqlite3", "stop_words", "subprocess", "unittest", "urllib3"),
}
STATUS = """import sys
from click.testing import CliRunner
from daemon.cli import kith
before = set(sys.modules)
ran = CliRunner().invoke(kith, ["status", "--config", sys.argv[1]])
assert "0 people" in ran.output, ran.output
print(*set(sys.modules) - before)"""


def test_a_look_at_the_status_starts_light(tmp_path: Path) -> None:
    """No templates, no search, no web, no colours: ``kith status`` imports none of it."""
    config = tmp_path / "config.toml"
    me = '[me]\nname = "Clara"\naddresses = ["clara@winter.example"]\ntimezone = "UTC"\n'
    config.write_text(f'{me}[accounts.home]\nkind = "google"\n[accounts.sent]\nkind = "mbox"\npath = "Sent.mbox"\n')
    ran = subprocess.run(
        [sys.executable, "-c", STATUS, str(config)], capture_output=True, text=True, check=True, timeout=60
    )
    assert "daemon.cli.status" in ran.stdout.split()
    assert sorted(UNUSED & set(ran.stdout.split())) == []
