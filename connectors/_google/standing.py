"""How do the logins of a Google account stand, and what was spent today? Out of files; nobody is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors._google.grants import PROVEN, Grant, Life
from connectors._google.meter import ahead_in, counts_path, spent_on
from connectors._google.token import Token
from connectors.records import ConnectorError, Login, NeedsLogin, Standing

if TYPE_CHECKING:
    from connectors.google import Google

SHOWN = timedelta(days=30)
"""That a login outlived test mode is worth saying for so long."""


def standing(account: Google, name: str, zone: str, writes: frozenset[str], now: datetime) -> Standing:
    """Return how ``account`` stands at ``now``."""
    wanted = account.wanted(writes)
    grants = {grant: Grant(account.where(), name, grant) for grant in wanted}
    day = now.astimezone(ZoneInfo(zone)).date()
    return Standing(
        logins=tuple(_login(grant, wanted[grant.name]) for grant in grants.values()),
        spent=spent_on(counts_path(account.where(), name), day),
        notes=(*_of_clock(ahead_in(counts_path(account.where(), name))), *_notes(grants.values(), zone, now)),
    )


def lacking(token: Token, scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of ``scopes`` (short) were not granted."""
    return tuple(scope for scope in scopes if not token.has(scope))


def _login(grant: Grant, scopes: tuple[str, ...]) -> Login:
    since = grant.life().born
    try:
        missing = lacking(grant.token(), scopes)
    except NeedsLogin as error:
        never = not grant.was_given()
        return Login(name=grant.name, since=since, trouble=str(error), remedy=error.remedy, missing=never)
    except ConnectorError as error:
        return Login(name=grant.name, since=since, trouble=str(error))
    text = f"the login ({grant.name}) lacks a permission: {', '.join(missing)}" if missing else ""
    return Login(name=grant.name, since=since, trouble=text, remedy=grant.remedy if missing else "")


def _of_clock(ahead: timedelta) -> Iterator[str]:
    """Yield what a clock ``ahead`` of ours says, where it is: all that Kith dates it dates by this machine's."""
    if ahead:
        span = abs(ahead)
        units = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
        name, unit = next((name, unit) for name, unit in units if span >= unit)
        count = round(span / unit)
        where = "ahead of" if ahead > timedelta() else "behind"
        yield (
            f"Google's clock is {count} {name}{'' if count == 1 else 's'} {where} this machine's, "
            "which Kith goes by: set it if it is wrong (timedatectl)."
        )


def _notes(grants: Iterable[Grant], zone: str, now: datetime) -> Iterator[str]:
    """Yield what the ages of the logins say about the OAuth project, those that say the same together."""
    said: dict[str, list[str]] = {}
    for grant in grants:
        if text := _of_test_mode(grant.life(), zone, now):
            said.setdefault(text, []).append(grant.name)
    yield from (text.format(names=", ".join(names)) for text, names in said.items())


def _of_test_mode(life: Life, zone: str, now: datetime) -> str:
    """Return what the age of a login says, ``{names}`` for whose it is; empty when it is nothing to speak of."""
    if life.born is None:
        return ""
    day = life.born.astimezone(ZoneInfo(zone)).date()
    if life.died_of_test_mode():
        return (
            f"The login of {day} ({{names}}) ended after seven days: the OAuth project is in testing. "
            "Publish it (docs/google.md, step 4), then log in again."
        )
    if life.refused:
        return ""
    if life.outlived_test_mode():
        told = now - life.born < PROVEN + SHOWN
        return f"The login of {day} ({{names}}) has outlived the seven days of test mode: it stays." if told else ""
    if now - life.born >= PROVEN:
        return (
            f"The login of {day} ({{names}}) was not used since its eighth day: the next tick tells whether it stays."
        )
    sure = (life.born + PROVEN).astimezone(ZoneInfo(zone)).date()
    return f"The login of {day} ({{names}}): on {sure} you will see here whether it outlives seven days of test mode."
