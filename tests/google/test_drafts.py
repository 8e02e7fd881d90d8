"""Writing drafts, and what becomes of them in the user's hands."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from tests.google.clients import ByHand, api, refused
from tests.google.mailbox import Message
from tests.google.server import Server

ADA = "Ada Lovelace <ada@lovelace.example>"


def drafts(google: Server, *scopes: str) -> Any:
    """Give the drafts resource."""
    return api(google, "gmail", *(scopes or ("gmail.compose",))).users().drafts()


def letter(
    subject: str = "The paper", *, answers: Message | None = None, thread: str = "", **headers: str
) -> dict[str, Any]:
    """Give the body of a drafts.create."""
    fields = {"To": ADA, "Subject": subject, "Message-ID": "<mine@winter.example>", **headers}
    if answers:
        fields |= {"In-Reply-To": answers.message_id, "References": answers.message_id}
    raw = (
        "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in fields.items() if text) + "\r\nDear Ada.\r\n"
    )
    message = {"raw": base64.urlsafe_b64encode(raw.encode()).decode()}
    return {"message": message | ({"threadId": thread} if thread else {})}


def test_a_draft_is_made_found_and_read(google: Server) -> None:
    """drafts.create, list with q, and get in each format work with gmail.compose alone; the Message-ID is kept."""
    resource = drafts(google)
    made = resource.create(userId="me", body=letter(X_Kith="1")).execute()
    assert made["message"]["labelIds"] == ["DRAFT"]
    found = resource.list(userId="me", q="rfc822msgid:<mine@winter.example>").execute()["drafts"]
    assert found == [
        {"id": made["id"], "message": {"id": made["message"]["id"], "threadId": made["message"]["threadId"]}}
    ]
    headers = resource.get(userId="me", id=made["id"], format="metadata").execute()["message"]["payload"]["headers"]
    assert {"name": "Message-ID", "value": "<mine@winter.example>"} in headers
    assert {"name": "X-Kith", "value": "1"} in headers
    raw = base64.urlsafe_b64decode(resource.get(userId="me", id=made["id"], format="raw").execute()["message"]["raw"])
    assert raw.startswith(b"From: clara@winter.example\r\n")
    assert raw.endswith(b"Dear Ada.\r\n")


def test_creating_is_not_idempotent(google: Server) -> None:
    """The same draft twice is two drafts: Gmail has no id of the client's own."""
    resource = drafts(google)
    for _ in range(2):
        resource.create(userId="me", body=letter()).execute()
    assert len(google.user.find_drafts()) == 2


def test_the_search_may_lag(google: Server) -> None:
    """With the switch, q= finds a new draft only after a while; the plain listing knows it at once."""
    google.switches.search_lag = timedelta(minutes=1)
    resource = drafts(google)
    resource.create(userId="me", body=letter()).execute()
    query = resource.list(userId="me", q="rfc822msgid:mine@winter.example")
    assert "drafts" not in query.execute()
    assert len(resource.list(userId="me").execute()["drafts"]) == 1
    google.advance(timedelta(minutes=1))
    assert len(query.execute()["drafts"]) == 1


def test_a_draft_joins_a_thread_only_when_all_three_are_right(google: Server) -> None:
    """threadId, In-Reply-To or References, and subject: without one of them it is a ghost or has its own thread."""
    first = google.user.send_mail(ADA, "The paper")
    resource = drafts(google)

    def made(**about: Any) -> tuple[bool, bool]:
        found = resource.create(userId="me", body=letter(**about)).execute()["message"]
        return found["threadId"] == first.thread, google.account().mailbox.messages[found["id"]].ghost

    assert made(subject="Re: The paper", answers=first, thread=first.thread) == (True, False)
    assert made(subject="Re: The paper", thread=first.thread) == (True, True)
    assert made(subject="Re: The paper", answers=first) == (False, False)
    assert made(subject="Lunch?", answers=first, thread=first.thread) == (False, False)
    assert refused(resource.create(userId="me", body=letter(thread="19aaaaaaaaaaaaaa"))) == (404, "notFound")
    assert refused(resource.create(userId="me", body=letter(thread="Not-An-Id")))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": {}},
        {"message": {"raw": "!!!"}},
        {"message": {"raw": 7}},
        {"message": {"raw": "VG86IGFAYi5leGFtcGxl", "labelIds": ["STARRED"]}},
        {"message": {"raw": "VG86IGFAYi5leGFtcGxl", "nonsense": "1"}},
        {"raw": "VG86IGE="},
        letter(To="nobody"),
        letter(To="Ada <ada@lovelace.example>, <broken"),
    ],
)
def test_a_bad_draft_is_refused(google: Server, body: dict[str, Any]) -> None:
    """No message, no base64, own labels, unknown fields and broken addresses get a 400, and nothing is made."""
    answer = ByHand(google, ["gmail.compose"]).post("/gmail/v1/users/me/drafts", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert not google.user.find_drafts()


def test_an_update_replaces_the_message_and_loses_the_thread(google: Server) -> None:
    """The draft keeps its id, the message gets a new one, and the thread must be named again."""
    first = google.user.send_mail(ADA, "The paper")
    resource = drafts(google)
    body = letter("Re: The paper", answers=first, thread=first.thread)
    made = resource.create(userId="me", body=body).execute()
    again = resource.update(userId="me", id=made["id"], body=body).execute()
    assert again["id"] == made["id"]
    assert again["message"]["id"] != made["message"]["id"]
    assert again["message"]["threadId"] == first.thread
    del body["message"]["threadId"]
    orphan = resource.update(userId="me", id=made["id"], body=body).execute()
    assert orphan["message"]["threadId"] != first.thread


def test_a_deleted_draft_is_gone(google: Server) -> None:
    """drafts.delete answers with nothing, and the draft is a 404 from then on, for deleting too."""
    resource = drafts(google)
    made = resource.create(userId="me", body=letter()).execute()
    assert resource.delete(userId="me", id=made["id"]).execute() == ""
    assert refused(resource.get(userId="me", id=made["id"])) == (404, "notFound")
    assert refused(resource.delete(userId="me", id=made["id"])) == (404, "notFound")
    assert not google.account().mailbox.messages


def test_editing_changes_the_message_id_and_with_the_subject_the_thread(google: Server) -> None:
    """An edit in Gmail: same draft id, other message id, no X- headers; another thread only for another subject."""
    resource = drafts(google)
    made = resource.create(userId="me", body=letter(X_Kith="1")).execute()
    google.user.edit_draft(made["id"], body="Dear Ada, on Tuesday.\n")
    edited = resource.get(userId="me", id=made["id"]).execute()["message"]
    assert edited["id"] != made["message"]["id"]
    assert edited["threadId"] == made["message"]["threadId"]
    names = {one["name"]: one["value"] for one in edited["payload"]["headers"]}
    assert names["Message-ID"] == "<mine@winter.example>"
    assert "X-Kith" not in names
    google.user.edit_draft(made["id"], subject="Tuesday")
    assert (
        resource.get(userId="me", id=made["id"], format="minimal").execute()["message"]["threadId"]
        != edited["threadId"]
    )
    assert len(google.user.find_drafts()) == 1


def test_autosaves_rotate_and_a_draft_id_may_die(google: Server) -> None:
    """Each autosave is another message id under the same draft; by one report the draft id can change too."""
    resource = drafts(google)
    made = resource.create(userId="me", body=letter()).execute()
    ids = {google.user.autosave_draft(made["id"]).message.id for _ in range(5)}
    assert len(ids) == 5
    moved = google.user.edit_draft(made["id"], body="x", new_draft_id=True)
    assert refused(resource.get(userId="me", id=made["id"])) == (404, "notFound")
    assert resource.get(userId="me", id=moved.id, format="minimal").execute()["message"]["id"] == moved.message.id


def test_sending_ends_the_draft_and_makes_a_new_message(google: Server) -> None:
    """Sent by the user: the draft is gone, a new message with SENT is in its thread, under Gmail's own Message-ID."""
    first = google.user.send_mail(ADA, "The paper")
    made = (
        drafts(google).create(userId="me", body=letter("Re: The paper", answers=first, thread=first.thread)).execute()
    )
    reader = api(google, "gmail", "gmail.metadata").users()
    start = reader.getProfile(userId="me").execute()["historyId"]
    sent = google.user.send_draft(made["id"])
    assert refused(drafts(google).get(userId="me", id=made["id"])) == (404, "notFound")
    records = reader.history().list(userId="me", startHistoryId=start).execute()["history"]
    assert records[0]["messagesDeleted"][0]["message"]["id"] == made["message"]["id"]
    assert records[1]["messagesAdded"][0]["message"]["id"] == sent.id
    found = reader.messages().get(userId="me", id=sent.id, format="metadata").execute()
    assert (found["labelIds"], found["threadId"]) == (["SENT"], first.thread)
    assert sent.message_id != "<mine@winter.example>"
    assert sent.header("in-reply-to") == first.message_id


def test_a_message_id_can_survive_sending(google: Server) -> None:
    """With the switch, the Message-ID of the draft is that of the mail."""
    google.switches.keeps_message_id_on_send = True
    made = drafts(google).create(userId="me", body=letter()).execute()
    assert google.user.send_draft(made["id"]).message_id == "<mine@winter.example>"


def test_drafts_need_compose(google: Server) -> None:
    """gmail.metadata sees no drafts resource, and in one token with gmail.compose it forbids bodies there too."""
    assert refused(drafts(google, "gmail.metadata").list(userId="me"))[0] == 403
    mixed = drafts(google, "gmail.metadata", "gmail.compose")
    made = mixed.create(userId="me", body=letter()).execute()
    assert refused(mixed.get(userId="me", id=made["id"]))[0] == 403
    assert refused(mixed.list(userId="me", q="x"))[0] == 403


def test_sending_is_recorded_and_refused(google: Server) -> None:
    """No path sends: it answers 403, is marked in the log, and counts against the whole run."""
    made = drafts(google).create(userId="me", body=letter()).execute()
    before = len(Server.violations)
    assert refused(drafts(google).send(userId="me", body={"id": made["id"]}))[0] == 403
    hand = ByHand(google, ["gmail.compose"])
    assert hand.post("/gmail/v1/users/me/messages/send", json=letter()["message"]).status_code == 403
    assert hand.post("/upload/gmail/v1/users/me/messages/send").status_code == 404
    assert hand.post("/batch/gmail/v1", data=b"POST /gmail/v1/users/me/drafts/send").status_code == 404
    assert len(google.sent_paths()) == 4
    assert len(Server.violations) == before + 4
    del Server.violations[before:]
    assert len(google.user.find_drafts()) == 1
