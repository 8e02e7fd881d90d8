"""What did the user configure? Reads, validates and explains the TOML file.

Everything that is wrong is told at once, each thing with its path, the trouble in plain words and a hint.
"""

from __future__ import annotations

from daemon.config.accounts import missing_files
from daemon.config.loading import Configuration, load
from daemon.config.places import default_path
from daemon.config.problems import ConfigError, Problem

__all__ = ["ConfigError", "Configuration", "Problem", "default_path", "load", "missing_files"]
