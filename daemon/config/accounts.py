"""Which accounts are there, what can they do, and do their files exist?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

import connectors
from connectors.files import is_open
from connectors.records import Account, Keeping
from daemon.config.credentials import credential
from daemon.config.places import located
from daemon.config.problems import Problem, dotted, explain, nearest, unknown

if TYPE_CHECKING:
    from daemon.config.loading import Configuration

_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_TOLD = sorted(connectors.KINDS)
"""Kinds worth a hint; ``memory`` is for authors of connectors."""
_WRITTEN = frozenset({"reminders"})
"""Fields that name a file Kith makes; every other path is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The accounts that could be read, by name, and what is wrong with the others."""

    opened: Mapping[str, Account]
    kinds: Mapping[str, str]
    named: frozenset[str]
    problems: tuple[Problem, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where the configuration lies, and the state: what paths in an account's table start from."""

    base: Path
    state: Path
    environ: Mapping[str, str]


def read_accounts(table: Mapping[str, object], ground: Ground) -> Accounts:
    """Return the accounts of ``[accounts]``, each knowing where it keeps what is its own."""
    problems: list[Problem] = []
    opened: dict[str, Account] = {}
    kinds: dict[str, str] = {}
    if not table:
        problems.append(Problem(path="accounts", text="at least one account is needed", hint="[accounts.NAME]"))
    for name, value in table.items():
        made = _account(name, value, ground, problems)
        if made is not None:
            opened[name], kinds[name] = made
    told = {problem.path for problem in problems}
    problems += [problem for problem in _shared_files(opened) if problem.path not in told]
    return Accounts(opened=opened, kinds=kinds, named=frozenset(table), problems=tuple(problems))


def missing_files(configuration: Configuration) -> tuple[Problem, ...]:
    """List the source files that are not there, the folders that cannot be written to, the secrets others can read.

    Problems of ``check`` and of a first run only: later a missing file is trouble of its account (U10). A folder that
    was chosen for drafts is made when the first one is written (U18).
    """
    drafts = configuration.settings.drafts
    files = tuple(
        Problem(path=dotted("accounts", name, key), text=text)
        for name, account in configuration.accounts.items()
        for key, path in _paths(account)
        if (text := _written_trouble(path) if key in _WRITTEN or name == drafts else _read_trouble(path))
    )
    secrets = (open_secrets(name, account) for name, account in configuration.accounts.items())
    beside = tuple(
        Problem(path=key, text=text) for key, path in configuration.beside.items() if (text := _read_trouble(path))
    )
    return (*files, *beside, *(problem for found in secrets for problem in found))


def open_secrets(name: str, account: Account) -> Iterator[Problem]:
    """Yield a problem for each secret of ``account`` that others on this machine can read; a missing one is none."""
    for key, path in _secrets(account):
        if path.exists() and is_open(path):
            text = "can be read by others on this machine"
            yield Problem(path=dotted("accounts", name, key), text=text, hint=f"chmod 600 {path}")


def check_write(table: object, accounts: Accounts, zone: str) -> list[Problem]:
    """Return what is wrong with the choices in ``[write]``: no such account, or one that cannot be written to."""
    chosen = table if isinstance(table, dict) else {}
    found = (_unwritable(key, chosen.get(key), accounts, zone) for key in ("reminders", "drafts"))
    return [problem for problem in found if problem is not None]


def _unwritable(key: str, name: object, accounts: Accounts, zone: str) -> Problem | None:
    path = dotted("write", key)
    if not isinstance(name, str) or not name:
        return None  # left out, or told already
    if name not in accounts.named:
        return Problem(path=path, text="there is no account of that name", hint=nearest(name, accounts.named))
    account = accounts.opened.get(name)
    if account is None:  # its own problems are told already
        return None
    sink = account.open_reminders(name, zone) if key == "reminders" else account.open_drafts(name, zone)
    if sink is not None:
        return None
    known = [field.name for field in fields(account)]  # type: ignore[arg-type]  # Account is a dataclass by contract
    hint = f"give [accounts.{name}] a key {key}" if key in known else ""
    return Problem(path=path, text=f"account {name} cannot take {key}", hint=hint)


def _account(name: str, value: object, ground: Ground, problems: list[Problem]) -> tuple[Account, str] | None:
    path = ("accounts", name)
    if not _NAME.fullmatch(name):
        problems.append(Problem(path=dotted(*path), text="a name has letters, digits, - and _ only"))
    if not isinstance(value, dict):
        problems.append(Problem(path=dotted(*path), text="must be a table"))
        return None
    kind = value.get("kind")
    made = _class(kind)
    if made is None:
        problems.append(_unknown_kind(path, kind))
        return None
    account = _validated(made, path, _handed_in(made, value, ground), problems)
    if account is None:
        return None
    account = _placed(account, ground)
    problems += [Problem(path=dotted(*path, *key.split(".")), text=text) for key, text in account.problems()]
    return account, str(kind)


def _handed_in(made: type[Account], value: dict[str, Any], ground: Ground) -> dict[str, Any]:
    """Return the table with the files of the credentials that its secrets are (U15)."""
    keys = [key_of(item) for item in fields(made) if item.metadata.get("secret")]  # type: ignore[arg-type]  # Account is a dataclass by contract
    found = {key: path for key in keys if (path := credential(value.get(key), ground.environ)) is not None}
    return {**value, **found}


def _class(kind: object) -> type[Account] | None:
    return connectors.account_class(kind) if isinstance(kind, str) and kind in connectors.KINDS else None


def _unknown_kind(path: tuple[str, ...], kind: object) -> Problem:
    place = dotted(*path, "kind")
    if not isinstance(kind, str):
        return Problem(path=place, text="is missing" if kind is None else "must be text in quotes")
    if kind in connectors.LATER:
        return Problem(
            path=place, text=f"accounts of kind {kind} come later", hint=f"this version knows {', '.join(_TOLD)}"
        )
    return Problem(path=place, text="is no kind of account", hint=nearest(kind, _TOLD))


def _validated(
    made: type[Account], path: tuple[str, ...], value: Mapping[str, Any], problems: list[Problem]
) -> Account | None:
    names = {key_of(field): field.name for field in fields(made) if field.init}  # type: ignore[arg-type]  # Account is a dataclass by contract
    known = list(names)
    problems += [unknown((*path, key), (*known, "kind")) for key in value if key not in (*known, "kind")]
    given = {key: item for key, item in value.items() if key in known}
    control = [key for key, item in given.items() if isinstance(item, str) and not item.isprintable()]
    problems += [Problem(path=dotted(*path, key), text="holds a character that cannot be seen") for key in control]
    try:
        account: Account = _adapter(made).validate_python({names[key]: item for key, item in given.items()})
    except ValidationError as error:
        problems += explain(error, path, known, {name: key for key, name in names.items()})
        return None
    return None if control else account


@cache
def _adapter(made: type[Account]) -> TypeAdapter[Account]:
    """Return what reads accounts of that class; kept, for ``kith run`` reads its configuration before each tick."""
    return TypeAdapter(made)


def key_of(item: Field[Any]) -> str:
    """Return the key of the configuration that fills a field: its name, unless its metadata says otherwise (``as``)."""
    return str(item.metadata.get("key", item.name))


def _placed(account: Account, ground: Ground) -> Account:
    """Return ``account`` with all its paths made absolute, and the state as the place of what it keeps itself."""
    moved: Any = {item.name: located(path, ground.base, ground.environ) for item, path in _path_fields(account)}
    account = replace(account, **moved)  # type: ignore[type-var]  # Account is a dataclass by contract
    return account.kept_in(ground.state) if isinstance(account, Keeping) else account


def _paths(account: Account) -> Iterator[tuple[str, Path]]:
    """Yield the files and folders that are read or written; secrets are neither data nor missed by a tick."""
    yield from ((item.name, path) for item, path in _path_fields(account) if not item.metadata.get("secret"))


def _secrets(account: Account) -> Iterator[tuple[str, Path]]:
    yield from ((item.name, path) for item, path in _path_fields(account) if item.metadata.get("secret"))


def _path_fields(account: Account) -> Iterator[tuple[Field[Any], Path]]:
    for item in fields(account):  # type: ignore[arg-type]  # Account is a dataclass by contract
        value = getattr(account, item.name)
        if item.init and isinstance(value, Path):
            yield item, value


def _shared_files(accounts: Mapping[str, Account]) -> list[Problem]:
    """Return a problem for each file that is named twice: read twice, or read and written (U17)."""
    seen: dict[str, str] = {}
    problems = []
    for name, account in accounts.items():
        for key, path in _paths(account):
            place, real = dotted("accounts", name, key), os.path.realpath(path)
            if real in seen:
                text = f"is the same file as {seen[real]}"
                hint = "Kith writes into a file of its own" if key in _WRITTEN else ""
                problems.append(Problem(path=place, text=text, hint=hint))
            seen.setdefault(real, place)
    return problems


def _read_trouble(path: Path) -> str:
    if not path.exists():
        return f"there is no {path}"
    return "" if os.access(path, os.R_OK) else f"{path} cannot be read"


def _written_trouble(path: Path) -> str:
    target = path if path.exists() else path.parent
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}"
    return "" if os.access(target, os.W_OK) else f"{target} cannot be written to"
