"""Live the year and print its story: ``python -m tests.year`` (``make year``)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.year.telling import story
from tests.year.year import live

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="kith-year-") as folder:
        print(story(live(Path(folder))))
