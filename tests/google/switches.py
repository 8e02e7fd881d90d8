"""What did Google's documents leave open? One switch for each, with the answer the stand-in gives by default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass(slots=True, kw_only=True)
class Switches:
    """Set before or in the middle of a test; a default is the harder reading, or the one that most reports give."""

    testing: bool = False
    """The OAuth project is in test mode: refresh tokens die seven days after consent."""
    rotates_refresh_tokens: bool = False
    """A refresh gives a new refresh token too, and the old one dies."""
    revoking_ends_all: bool = True
    """/revoke ends every grant that the project has from this user, not the one token's."""
    access_token_life: timedelta = timedelta(hours=1)
    keeps_message_id_on_edit: bool = True
    keeps_message_id_on_send: bool = False
    keeps_thread_on_send: bool = True
    history_tells_labels: bool = False
    """Messages in history.list carry labelIds; the document says that they typically do not."""
    history_life: timedelta = timedelta(days=7)
    snippet_under_metadata: bool = False
    decodes_headers: bool = True
    """payload.headers are decoded text; else as they stand in the mail (RFC 2047)."""
    search_lag: timedelta = timedelta(0)
    """q= does not find messages younger than this."""
    bare_tombstones: bool = True
    """Deleted events give only id and status where the document guarantees no more."""
    revives: Literal["always", "own", "never"] = "own"
    """May a deleted event be confirmed again? own: only when a client deleted it, not the user."""
    sync_token_life: timedelta = timedelta(days=30)
    updated_min_reach: timedelta = timedelta(days=28)
    """updatedMin further back than this is a 410."""
    expansion_limit: int = 730
    """Instances of one series when a listing has no timeMax, or changed since a syncToken."""
