"""Google Tasks: lists, tasks with a day and no time, and what its own apps hide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.google.clients import api, refused
from tests.google.server import Server


def tasks(google: Server, *scopes: str) -> Any:
    """Give the tasks service."""
    return api(google, "tasks", *(scopes or ("tasks",)))


def titles(service: Any, **query: Any) -> list[str]:
    """List the default list."""
    return [one["title"] for one in service.tasks().list(tasklist="@default", **query).execute()["items"]]


def test_a_due_day_has_no_time(google: Server) -> None:
    """The time of ``due`` is thrown away; links, hidden and other read-only fields are passed over."""
    service = tasks(google)
    body = {
        "title": "Write",
        "notes": "[ref:K7]",
        "due": "2026-02-17T15:30:00Z",
        "links": [{"link": "https://a.example"}],
    }
    made = service.tasks().insert(tasklist="@default", body=body).execute()
    assert made["due"] == "2026-02-17T00:00:00.000Z"
    assert made["status"] == "needsAction"
    assert made["links"] == []
    assert service.tasks().get(tasklist="@default", task=made["id"]).execute() == made


def test_inserting_twice_makes_two(google: Server) -> None:
    """There are no ids of the client's own."""
    service = tasks(google)
    for _ in range(2):
        service.tasks().insert(tasklist="@default", body={"title": "Write"}).execute()
    assert titles(service) == ["Write", "Write"]


def test_what_the_app_completes_is_hidden(google: Server) -> None:
    """showCompleted is on by itself, but a task ticked in Google's app needs showHidden too."""
    service = tasks(google)
    by_client = service.tasks().insert(tasklist="@default", body={"title": "client"}).execute()
    by_app = google.user.add_task("app", date(2026, 2, 17))
    service.tasks().patch(tasklist="@default", task=by_client["id"], body={"status": "completed"}).execute()
    google.user.complete_task(by_app["id"])
    assert titles(service) == ["client"]
    assert titles(service, showCompleted=False) == []
    assert set(titles(service, showHidden=True)) == {"client", "app"}
    found = service.tasks().get(tasklist="@default", task=by_app["id"]).execute()
    assert (found["status"], found["hidden"], found["completed"]) == ("completed", True, "2026-02-12T08:00:00.000Z")


def test_a_deleted_task_is_shown_only_when_asked(google: Server) -> None:
    """Deleted by the user or the client, a task comes with showDeleted only."""
    service = tasks(google)
    one, other = google.user.add_task("one"), google.user.add_task("other")
    google.user.delete_task(one["id"])
    assert service.tasks().delete(tasklist="@default", task=other["id"]).execute() == ""
    assert titles(service) == []
    assert set(titles(service, showDeleted=True)) == {"one", "other"}
    assert refused(service.tasks().delete(tasklist="@default", task=other["id"]))[0] == 404
    assert refused(service.tasks().get(tasklist="@default", task="nothing"))[0] == 404


def test_pages_of_twenty_and_updated_min(google: Server) -> None:
    """Twenty a page unless told, a hundred at most; updatedMin gives what changed since."""
    for number in range(25):
        google.user.add_task(f"t{number}")
    service = tasks(google)
    first = service.tasks().list(tasklist="@default").execute()
    assert len(first["items"]) == 20
    rest = service.tasks().list_next(service.tasks().list(tasklist="@default"), first).execute()
    assert len(rest["items"]) == 5
    assert "nextPageToken" not in rest
    assert refused(service.tasks().list(tasklist="@default", maxResults=101))[0] == 400
    google.advance(timedelta(hours=1))
    google.user.rename_task(first["items"][3]["id"], "new")
    assert titles(service, updatedMin="2026-02-12T08:30:00Z") == ["new"]
    assert refused(service.tasks().list(tasklist="@default", updatedMin="yesterday"))[0] == 400


def test_limits_update_and_etags(google: Server) -> None:
    """Titles and notes have limits, update drops what it leaves out, an old etag is a 412."""
    service = tasks(google)
    assert refused(service.tasks().insert(tasklist="@default", body={"title": "x" * 1025}))[0] == 400
    assert refused(service.tasks().insert(tasklist="@default", body={"notes": "x" * 8193}))[0] == 400
    assert refused(service.tasks().insert(tasklist="@default", body={"status": "done"}))[0] == 400
    made = service.tasks().insert(tasklist="@default", body={"title": "a", "notes": "b"}).execute()
    updated = (
        service.tasks().update(tasklist="@default", task=made["id"], body={"id": made["id"], "title": "c"}).execute()
    )
    assert updated["title"] == "c"
    assert "notes" not in updated
    late = service.tasks().patch(tasklist="@default", task=made["id"], body={"title": "d"})
    late.headers["If-Match"] = made["etag"]
    assert refused(late)[0] == 412


def test_lists(google: Server) -> None:
    """A list can be made and found; the calendar's scopes do not reach tasks."""
    service = tasks(google)
    made = service.tasklists().insert(body={"title": "Kith"}).execute()
    assert [one["title"] for one in service.tasklists().list().execute()["items"]] == ["My Tasks", "Kith"]
    assert service.tasklists().get(tasklist=made["id"]).execute() == made
    assert refused(service.tasklists().get(tasklist="nothing"))[0] == 404
    assert refused(tasks(google, "calendar").tasklists().list())[0] == 403
    assert refused(tasks(google, "tasks.readonly").tasklists().insert(body={"title": "x"}))[0] == 403
