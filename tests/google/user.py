"""What does the person do? Everything that happens in Google's own apps, behind a client's back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from . import discovery
from .accounts import Account
from .calendars import Body
from .oauth import Consent
from .user_calendar import CalendarUser
from .user_mail import MailUser

if TYPE_CHECKING:
    from .server import Server


class User(MailUser, CalendarUser):
    """The person whose account it is: at Gmail, Calendar, Tasks, and at the account's own pages."""

    def __init__(self, server: Server, account: Account | None = None) -> None:
        self._server = server
        self._account = account or server.account()

    def add_task(self, title: str, due: date | None = None, notes: str = "", tasklist: str = "@default") -> Body:
        """Add a task."""
        tasks = self._account.tasks
        where = tasks.find_list(tasklist)
        assert where is not None
        data = {"id": tasks.next_id(), "title": title, "notes": notes, "due": f"{due}T00:00:00.000Z" if due else ""}
        return tasks.write(where, {name: value for name, value in data.items() if value}, self._server.now)

    def complete_task(self, name: str) -> Body:
        """Tick a task in Google's own app: it is completed and hidden."""
        return self._task(name, status="completed", hidden=True)

    def rename_task(self, name: str, title: str) -> Body:
        """Give a task another title."""
        return self._task(name, title=title)

    def delete_task(self, name: str) -> Body:
        """Delete a task."""
        return self._task(name, deleted=True)

    def _task(self, name: str, **change: Any) -> Body:
        where = next(one for one in self._account.tasks.lists.values() if name in one.tasks)
        return self._account.tasks.write(where, where.tasks[name] | change, self._server.now)

    def consents(self, *, untick: Iterable[str] = (), deny: bool = False) -> None:
        """Decide what happens at the consent page from now on: boxes unticked (scopes), or all denied."""
        whole = discovery.whole(untick)
        self._server.oauth.consent = Consent(untick=whole, deny=deny)

    def revoke(self, grant: Mapping[str, Any] | str | None = None) -> None:
        """Take back one grant (a token file or a refresh token), or all of them."""
        found = None if grant is None else self._server.find_grant(grant if isinstance(grant, str) else dict(grant))
        self._server.oauth.end(found)

    def change_password(self) -> None:
        """Change the password: every grant with a Gmail scope dies."""
        for one in self._server.oauth.grants:
            if one.account == self._account.email and one.mail():
                one.alive = False
