"""State <-> disk, crash safe; the only room that imports tinydb."""

from daemon.ledger.ledger import Busy, Ledger, NewerSchema, open_ledger
from daemon.ledger.storage import Damaged

__all__ = ["Busy", "Damaged", "Ledger", "NewerSchema", "open_ledger"]
