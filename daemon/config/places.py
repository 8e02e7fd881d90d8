"""Where do files lie? The configuration, the state, and the paths that the configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

SYSTEM_PATH = Path("/etc/kith/config.toml")


def default_path(environ: Mapping[str, str]) -> Path:
    """Return the configuration file that holds when none is named.

    ``$KITH_CONFIG``; else ``$XDG_CONFIG_HOME/kith/config.toml`` (``~/.config`` when unset); else
    ``/etc/kith/config.toml``, if it is there and the one before is not.
    """
    if named := environ.get("KITH_CONFIG"):
        return Path(named)
    folder = _folder(environ, "XDG_CONFIG_HOME", ".config")
    own = folder / "kith" / "config.toml" if folder else None
    if own is None or (SYSTEM_PATH.is_file() and not own.is_file()):
        return SYSTEM_PATH
    return own


def state_path(named: str | None, base: Path, environ: Mapping[str, str]) -> tuple[Path, bool]:
    """Return the state directory, and whether the configuration or ``$STATE_DIRECTORY`` says so.

    ``named`` is the key ``state``, relative to ``base``; systemd may list several directories: the first is ours.
    """
    if named:
        return located(named, base, environ), True
    if given := environ.get("STATE_DIRECTORY", "").partition(":")[0]:
        return Path(given), True
    return (_folder(environ, "XDG_STATE_HOME", ".local/state") or base) / "kith", False


def located(text: str | Path, base: Path, environ: Mapping[str, str]) -> Path:
    """Return the path that ``text`` means: relative to ``base``, a leading ``~`` being ``$HOME``."""
    path = Path(text)
    home = environ.get("HOME")
    if home and path.parts[:1] == ("~",):
        return Path(home, *path.parts[1:])
    return base / path


def _folder(environ: Mapping[str, str], variable: str, default: str) -> Path | None:
    named = Path(environ.get(variable, ""))
    if named.is_absolute():  # the XDG specification: relative paths are to be ignored
        return named
    return Path(environ["HOME"], default) if environ.get("HOME") else None
