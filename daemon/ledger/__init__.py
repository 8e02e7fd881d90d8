"""State <-> disk, crash safe; the only room that imports tinydb."""

from daemon.ledger.ledger import DERIVED, Busy, Ledger, NewerSchema, open_ledger
from daemon.ledger.storage import Damaged

__all__ = ["DERIVED", "Busy", "Damaged", "Ledger", "NewerSchema", "open_ledger"]
