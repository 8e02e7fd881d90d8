"""State <-> disk, crash safe; the only room that imports tinydb."""

from daemon.ledger.articles import articles, save_articles
from daemon.ledger.folder import Busy, Unsuited, is_cramped
from daemon.ledger.healing import Damaged, Healing
from daemon.ledger.ledger import DERIVED, Ledger
from daemon.ledger.migrations import NewerSchema
from daemon.ledger.opening import open_ledger
from daemon.ledger.owner import own_folder
from daemon.ledger.replay import NewerFormat

__all__ = [
    "DERIVED",
    "Busy",
    "Damaged",
    "Healing",
    "Ledger",
    "NewerFormat",
    "NewerSchema",
    "Unsuited",
    "articles",
    "is_cramped",
    "open_ledger",
    "own_folder",
    "save_articles",
]
