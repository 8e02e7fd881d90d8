"""``kith run`` asks more and more rarely while nothing can be reached, and as ever from the first answer on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from connectors._google import meter
from daemon.herald import Herald
from daemon.loop import Runner, Standing, is_down
from daemon.manager import Manager
from daemon.model import SourceState
from daemon.session import open_session
from daemon.world import Report
from tests.google.test_ticks import House, house

MINUTE = timedelta(minutes=1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    for made in house(tmp_path, monkeypatch):
        monkeypatch.setattr(meter, "Clock", partial(meter.Clock, sleep=lambda _: None))
        yield made


def test_the_pause_grows_while_google_is_away_and_is_as_ever_when_it_is_back(home: House) -> None:
    """Three ticks into the void: after a minute, two, four; the tick that is answered brings back the quarter of an
    hour."""
    told: list[BaseException] = []
    session = open_session(home.config)
    with closing(Standing()) as standing:
        runner = Runner(
            config=home.config,
            tell=lambda error: told.append(error) or 1,  # type: ignore[func-returns-value]
            configuration=session.configuration,
            standing=standing,
            herald=Herald(Manager({})),
        )
        runner.tick()
        waits = [runner.timetable.wait]
        away = home.server.fault(503, times=None)
        for _ in range(3):
            runner.tick()
            waits.append(runner.timetable.wait)
        assert away.hits
        home.server.calm()
        runner.tick()
        waits.append(runner.timetable.wait)
    assert told == []
    assert waits == [15 * MINUTE, MINUTE, 2 * MINUTE, 4 * MINUTE, 15 * MINUTE]


@pytest.mark.parametrize(
    ("problems", "down"),
    [
        (("unavailable", "unavailable"), True),
        (("unavailable", ""), False),
        (("unavailable", "needs-login"), False),
        (("needs-login",), False),
        ((), False),
    ],
)
def test_it_is_down_when_no_account_can_be_reached(problems: tuple[str, ...], *, down: bool) -> None:
    """One that answers is enough to go on as ever; so is one that waits for its user."""
    state = SourceState(account="a", kind="google")
    sources = {str(number): replace(state, problem=problem) for number, problem in enumerate(problems)}
    assert is_down(Report(sources=sources)) is down
