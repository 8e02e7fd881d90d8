"""What does Google Tasks hold and answer? Lists and tasks, with a due day and no time."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .answers import Refused, invalid
from .calendars import etag, stamp
from .checking import Call, moment

if TYPE_CHECKING:
    from .accounts import Context

Body = dict[str, Any]
TITLE_LIMIT = 1024
NOTES_LIMIT = 8192
WRITABLE = {"title", "notes", "due", "status", "completed", "deleted"}


@dataclass(slots=True)
class TaskList:
    """One list: its resource and its tasks, the newest first."""

    data: Body
    tasks: dict[str, Body] = field(default_factory=dict)


@dataclass(slots=True)
class Tasks:
    """All lists of one account; the first is ``@default``."""

    url: str
    lists: dict[str, TaskList] = field(default_factory=dict)
    number: int = 0

    def next_id(self) -> str:
        """Give a new id as Google makes them."""
        self.number += 1
        return base64.urlsafe_b64encode(f"made-up-{self.number:08}".encode()).decode().rstrip("=")

    def add_list(self, title: str, now: datetime) -> TaskList:
        """Add a list."""
        name = self.next_id()
        data = {"kind": "tasks#taskList", "id": name, "etag": etag(self.number), "title": title, "updated": stamp(now)}
        data["selfLink"] = f"{self.url}/tasks/v1/users/@me/lists/{name}"
        self.lists[name] = TaskList(data)
        return self.lists[name]

    def find_list(self, name: str) -> TaskList | None:
        """Find a list by its id."""
        return next(iter(self.lists.values())) if name == "@default" else self.lists.get(name)

    def write(self, where: TaskList, data: Body, now: datetime) -> Body:
        """Store a task; completed and its status go together."""
        self.number += 1
        if data.get("status") == "completed":
            data = data | {"completed": data.get("completed") or stamp(now)}
        else:
            data = {name: value for name, value in data.items() if name not in {"completed", "hidden"}} | {
                "status": "needsAction"
            }
        links = {
            "selfLink": f"{self.url}/tasks/v1/lists/{where.data['id']}/tasks/{data['id']}",
            "webViewLink": f"https://tasks.google.com/task/{data['id']}",
        }
        data = {
            "kind": "tasks#task",
            "title": "",
            "position": f"{10**9 - self.number:020}",
            "links": [],
            **data,
            **links,
        }
        data |= {"etag": etag(self.number), "updated": stamp(now)}
        where.tasks[data["id"]] = data
        return data


def answer(call: Call, context: Context) -> Body | None:
    """Answer *call*; None is an empty answer (204). Raises Refused."""
    play = METHODS.get(call.method.id)
    if play is None:
        raise Refused(501, "notImplemented", "The stand-in does not play this method.")
    return play(call, context)


def _where(call: Call, context: Context) -> TaskList:
    found = context.account.tasks.find_list(call.path["tasklist"])
    if found is None:
        raise Refused(404, "notFound", "Task list not found.")
    return found


def _task(call: Call, context: Context) -> Body:
    found = _where(call, context).tasks.get(call.path["task"])
    if found is None:
        raise Refused(404, "notFound", "Task not found.")
    return found


def _list_lists(call: Call, context: Context) -> Body:
    items = [one.data for one in context.account.tasks.lists.values()]
    return {"kind": "tasks#taskLists", "etag": etag(context.account.tasks.number)} | _page(call, items, 1000)


def _page(call: Call, items: list[Body], default: int) -> Body:
    size, text = call.get("maxResults", default), call.get("pageToken", "task0")
    if not text.removeprefix("task").isdecimal():
        raise invalid("Invalid page token", "pageToken")
    first = int(text.removeprefix("task"))
    body: Body = {"items": items[first : first + size]}
    return body | ({"nextPageToken": f"task{first + size}"} if first + size < len(items) else {})


def _get_list(call: Call, context: Context) -> Body:
    return _where(call, context).data


def _insert_list(call: Call, context: Context) -> Body:
    title = call.body.get("title", "")
    if not title or len(title) > TITLE_LIMIT:
        raise invalid("Invalid title")
    return context.account.tasks.add_list(title, context.now).data


def _list_tasks(call: Call, context: Context) -> Body:
    found = [task for task in _where(call, context).tasks.values() if _asked(task, call)]
    found.sort(key=lambda task: task["position"])
    return {"kind": "tasks#tasks", "etag": etag(context.account.tasks.number)} | _page(call, found, 20)


def _asked(task: Body, call: Call) -> bool:
    """showCompleted is on by default, but what was completed in Google's own apps is hidden too."""
    if task.get("deleted") and not call.get("showDeleted", False):
        return False
    if task.get("hidden") and not call.get("showHidden", False):
        return False
    if task["status"] == "completed" and not call.get("showCompleted", True):
        return False
    bounds = (
        ("updatedMin", "updated", False),
        ("dueMin", "due", False),
        ("dueMax", "due", True),
        ("completedMin", "completed", False),
        ("completedMax", "completed", True),
    )
    return all(_within(task, field, call, name, upper) for name, field, upper in bounds)


def _within(task: Body, field: str, call: Call, name: str, upper: bool) -> bool:
    if name not in call.query:
        return True
    try:
        bound = moment(call.get(name))
    except ValueError:
        raise invalid(f'Invalid value at "{name}"', name) from None
    if field not in task:
        return False
    return moment(task[field]) <= bound if upper else moment(task[field]) >= bound


def _written(body: Body) -> Body:
    """Give the fields of *body* that a client may write. Raises Refused (400)."""
    given = {name: value for name, value in body.items() if name in WRITABLE}
    if len(given.get("title") or "") > TITLE_LIMIT or len(given.get("notes") or "") > NOTES_LIMIT:
        raise invalid("Title or notes are too long.")
    if given.get("status") not in {None, "needsAction", "completed"}:
        raise invalid("Invalid status")
    for name in ("due", "completed"):
        if given.get(name):
            given[name] = _moment(given[name], name)
    return given


def _moment(text: str, name: str) -> str:
    """The time of a due day is thrown away."""
    try:
        when = moment(text)
    except ValueError:
        raise invalid(f"Invalid value at '{name}'", name) from None
    return f"{text[:10]}T00:00:00.000Z" if name == "due" else stamp(when)


def _get_task(call: Call, context: Context) -> Body:
    return _task(call, context)


def _insert_task(call: Call, context: Context) -> Body:
    where, tasks = _where(call, context), context.account.tasks
    return tasks.write(where, _clean(_written(call.body)) | {"id": tasks.next_id()}, context.now)


def _clean(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}


def _match(call: Call, task: Body) -> None:
    if call.headers.get("if-match", "*") not in {"*", task["etag"]}:
        raise Refused(412, "conditionNotMet")


def _patch_task(call: Call, context: Context) -> Body:
    old = _task(call, context)
    _match(call, old)
    return context.account.tasks.write(_where(call, context), _clean(old | _written(call.body)), context.now)


def _update_task(call: Call, context: Context) -> Body:
    old = _task(call, context)
    _match(call, old)
    kept = {name: value for name, value in old.items() if name not in WRITABLE}
    return context.account.tasks.write(_where(call, context), kept | _clean(_written(call.body)), context.now)


def _delete_task(call: Call, context: Context) -> None:
    old = _task(call, context)
    if old.get("deleted"):
        raise Refused(404, "notFound", "Task not found.")
    _match(call, old)
    context.account.tasks.write(_where(call, context), old | {"deleted": True}, context.now)


METHODS: dict[str, Callable[[Call, Context], Body | None]] = {
    "tasks.tasklists.list": _list_lists,
    "tasks.tasklists.get": _get_list,
    "tasks.tasklists.insert": _insert_list,
    "tasks.tasks.list": _list_tasks,
    "tasks.tasks.get": _get_task,
    "tasks.tasks.insert": _insert_task,
    "tasks.tasks.patch": _patch_task,
    "tasks.tasks.update": _update_task,
    "tasks.tasks.delete": _delete_task,
}
