"""How is a value written in the configuration? Each function reads one kind of text and says in words what it expects.

They raise ValueError with words that complete "the key ..."; no text repeats the value.
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from connectors._address import clean, fold
from connectors._reach import fold_host
from daemon.model import Block
from daemon.ping import is_allowed
from daemon.vocabulary import languages

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_EVERY = re.compile(r"(\d{1,5})\s*([a-z]+)")
_DAYS = {"d": 1, "w": 7}
_TICKS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


def parse_text(value: object) -> str:
    """Read a single line of text."""
    line = clean(value) if isinstance(value, str) else ""
    if not line:
        raise ValueError("must be text in quotes, and not empty")
    return line


def parse_address(value: object) -> str:
    """Read a mail address; returns it folded."""
    address = fold(value) if isinstance(value, str) else None
    if address is None:
        raise ValueError('is no mail address, such as "ada@example.com"')
    return address


def parse_domain(value: object) -> str:
    """Read a domain; returns it folded."""
    address = fold(f"a@{value.removeprefix('@')}") if isinstance(value, str) else None
    if address is None:
        raise ValueError('is no domain, such as "example.com"')
    return address.removeprefix("a@")


def parse_list(value: object) -> str:
    """Read a mailing list: an address, or ``@host`` for all lists of a host."""
    if isinstance(value, str) and value.startswith("@"):
        return f"@{parse_domain(value)}"
    return parse_address(value)


def parse_zone(value: object) -> ZoneInfo:
    """Read an IANA time zone."""
    try:
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_+-]{1,20}(/[A-Za-z0-9_+-]{1,20}){0,2}", value):
            zone = ZoneInfo(value)
            if value not in {"localtime", "posixrules", "Factory"}:
                return zone
    except (OSError, ValueError, LookupError):
        pass
    raise ValueError('is no time zone, such as "Europe/Berlin"')


def parse_language(value: object) -> str:
    """Read the code of a language that there are templates in."""
    known = languages()
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"must be one of the languages there are words in: {', '.join(known)}")
    return value


def parse_clock(value: str) -> time:
    """Read a time of day, ``HH:MM``."""
    match = _CLOCK.fullmatch(value)
    if match is None:
        raise ValueError('must be a time such as "09:00"')
    return time(int(match[1]), int(match[2]))


def parse_hours(value: object) -> tuple[time, time]:
    """Read a span of the day, ``HH:MM-HH:MM``."""
    first, dash, last = value.partition("-") if isinstance(value, str) else ("", "", "")
    try:
        hours = parse_clock(first.strip()), parse_clock(last.strip())
    except ValueError:
        dash = ""
    if not dash or hours[0] >= hours[1]:
        raise ValueError('must be a span of the day such as "09:00-17:00"')
    return hours


def parse_weekday(value: object) -> int:
    """Read a day of the week; Monday is 0."""
    word = value.strip().casefold() if isinstance(value, str) else ""
    for number, name in enumerate(_WEEKDAYS):
        if word in (name, name[:3]):
            return number
    raise ValueError('must be a day of the week such as "Tue"')


def parse_block(value: object) -> Block:
    """Read a networking block: a weekday and a time."""
    day, _, clock = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
    try:
        return Block(weekday=parse_weekday(day), at=parse_clock(clock.strip()))
    except ValueError:
        raise ValueError('must be a weekday and a time such as "Tue 09:00"') from None


def parse_review(value: object) -> Block | None:
    """Read when the review stands: a weekday and a time; False for never."""
    if value is False:
        return None
    try:
        return parse_block(value)
    except ValueError:
        raise ValueError('must be a weekday and a time such as "Fri 16:00", or false for no review') from None


def parse_days(value: object) -> int:
    """Read an interval in days: a number of days, or text such as ``3w`` or ``10d``."""
    days = value if isinstance(value, int) and not isinstance(value, bool) else 0
    if isinstance(value, str) and (match := _EVERY.fullmatch(value.strip())):
        days = int(match[1]) * _DAYS.get(match[2], 0)
    if not 1 <= days <= 1000:
        raise ValueError('must be a number of days, or text such as "10d" or "3w"; 1000 days at most')
    return days


def parse_tick(value: object) -> timedelta:
    """Read the time between two ticks: text such as ``15m`` or ``1h``."""
    match = _EVERY.fullmatch(value.strip()) if isinstance(value, str) else None
    span = int(match[1]) * _TICKS.get(match[2], timedelta()) if match else timedelta()
    if not timedelta(minutes=1) <= span <= timedelta(days=1):
        raise ValueError('must be text such as "15m" or "1h", from a minute to a day')
    return span


def parse_ping(value: object) -> str:
    """Read the address of a health ping."""
    if not isinstance(value, str) or not is_allowed(value):
        raise ValueError("must be an https address without login, query or fragment")
    return value


def parse_endpoint(value: object) -> str:
    """Read the base address of a model."""
    if not isinstance(value, str) or not is_allowed(value):
        raise ValueError("must be an address such as http://127.0.0.1:11434/v1: https, or http on this machine")
    return value


def parse_host(value: object) -> str:
    """Read the name or number of a host; returns it folded."""
    try:
        return fold_host(value) if isinstance(value, str) else fold_host("")
    except ValueError:
        raise ValueError('must be the name or number of a host, such as "nas.home"') from None


def parse_interval(value: object) -> tuple[int, int]:
    """Read a cadence: the ideal and the worst-case interval in days."""
    match value:
        case [int(ideal), int(worst)] if bool not in (type(ideal), type(worst)) and 1 <= ideal <= worst <= 3650:
            return ideal, worst
    raise ValueError("must be two numbers of days, the ideal and the longest, such as [21, 42]")


def parse_country(value: object) -> str:
    """Read the ISO code of a country whose holidays are known."""
    import holidays

    code = value.strip().upper() if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Z]{2}", code) or code not in holidays.list_supported_countries(include_aliases=False):
        raise ValueError('must be the two letters of a country whose holidays are known, such as "AT"')
    return code


def holidays_of(country: str | None, today: date) -> frozenset[date]:
    """Return the public holidays of ``country`` from the year before ``today`` to the second after."""
    if country is None:
        return frozenset()
    import holidays

    return frozenset(holidays.country_holidays(country, years=range(today.year - 1, today.year + 3)))
