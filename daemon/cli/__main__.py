"""``python -m daemon.cli``: the same as the command ``kith``."""

from daemon.cli import main

main()
