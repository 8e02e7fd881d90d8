"""What does drawing a chart leave behind in the process? Nothing that later imports meet."""

from __future__ import annotations

import sys

from daemon.page.drawing import svg


def test_no_import_hook_stays() -> None:
    """Every hook on the path of imports is of the present form: an old one is warned of at each later import."""
    assert svg("Bar", "Touches", "One week, three touches.", [("touches", [3], {})])
    assert all(hasattr(hook, "find_spec") for hook in sys.meta_path)
