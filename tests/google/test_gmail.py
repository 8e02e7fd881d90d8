"""Reading mail: listing, formats, the limits of gmail.metadata, and the history."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.google.clients import ByHand, api, refused
from tests.google.server import Server

ADA = "Ada Lovelace <ada@lovelace.example>"


def users(google: Server, *scopes: str) -> Any:
    """Give the users resource under *scopes*, gmail.metadata unless told."""
    return api(google, "gmail", *(scopes or ("gmail.metadata",))).users()


def test_a_listing_is_newest_first_with_ids_only(google: Server) -> None:
    """messages.list orders by date whatever the order of arrival, and tells id and threadId only."""
    old = google.user.send_mail(ADA, at=google.now - timedelta(days=3))
    new = google.user.send_mail(ADA, at=google.now - timedelta(days=1))
    middle = google.user.send_mail(ADA, at=google.now - timedelta(days=2))
    found = users(google).messages().list(userId="me").execute()["messages"]
    assert [one["id"] for one in found] == [new.id, middle.id, old.id]
    assert set(found[0]) == {"id", "threadId"}


def test_labels_are_and_and_pages_go_on_where_they_were(google: Server) -> None:
    """Every label must be there; a mail that arrives between two pages shifts nothing."""
    sent = [google.user.send_mail(ADA, at=google.now - timedelta(hours=hour)) for hour in range(5)]
    google.user.receive_mail(ADA)
    listing = users(google).messages()
    assert "messages" not in listing.list(userId="me", labelIds=["SENT", "INBOX"]).execute()
    request = listing.list(userId="me", labelIds=["SENT"], maxResults=2)
    seen = []
    while request is not None:
        answer = request.execute()
        seen += [one["id"] for one in answer["messages"]]
        google.user.send_mail(ADA, at=google.now)
        request = listing.list_next(request, answer)
    assert seen == [one.id for one in sent]


def test_a_page_token_belongs_to_its_request(google: Server) -> None:
    """A page token with other parameters is a 400, as is a made-up one."""
    for _ in range(3):
        google.user.send_mail(ADA)
    listing = users(google).messages()
    token = listing.list(userId="me", maxResults=2).execute()["nextPageToken"]
    assert refused(listing.list(userId="me", maxResults=2, labelIds=["SENT"], pageToken=token))[0] == 400
    assert refused(listing.list(userId="me", pageToken="?"))[0] == 400


def test_the_bin_is_not_listed(google: Server) -> None:
    """What lies in the bin is listed only when asked for."""
    one = google.user.send_mail(ADA)
    google.user.trash_message(one.id)
    listing = users(google).messages()
    assert "messages" not in listing.list(userId="me").execute()
    assert len(listing.list(userId="me", includeSpamTrash=True).execute()["messages"]) == 1


def test_metadata_gives_the_headers_asked_for(google: Server) -> None:
    """format=metadata gives ids, labels, times as strings, and the named headers in the sender's spelling."""
    sent = google.user.send_mail(ADA, "Über Analytik", headers={"X-Mine": "1"}, at=google.now)
    found = (
        users(google)
        .messages()
        .get(userId="me", id=sent.id, format="metadata", metadataHeaders=["TO", "subject"])
        .execute()
    )
    assert found["internalDate"] == str(int(google.now.timestamp() * 1000))
    assert found["labelIds"] == ["SENT"]
    assert isinstance(found["historyId"], str)
    assert {one["name"]: one["value"] for one in found["payload"]["headers"]} == {"To": ADA, "Subject": "Über Analytik"}
    assert "snippet" not in found
    assert "body" not in found["payload"]


def test_headers_can_come_encoded(google: Server) -> None:
    """With the switch, header values stand as in the mail, in RFC 2047 words."""
    google.switches.decodes_headers = False
    sent = google.user.send_mail("Grüße <ada@lovelace.example>", "Über Analytik")
    found = users(google).messages().get(userId="me", id=sent.id, format="metadata").execute()
    headers = {one["name"]: one["value"] for one in found["payload"]["headers"]}
    assert headers["Subject"].startswith("=?utf-8?")
    assert headers["To"].endswith("<ada@lovelace.example>")
    assert headers["To"].isascii()


@pytest.mark.parametrize("form", ["full", "raw"])
def test_gmail_metadata_forbids_bodies_and_search(google: Server, form: str) -> None:
    """Under gmail.metadata full, raw and even an empty q are 403, whatever else the token holds."""
    sent = google.user.send_mail(ADA)
    for scopes in (["gmail.metadata"], ["gmail.metadata", "gmail.readonly"]):
        hand = ByHand(google, scopes)
        assert hand.reason(f"/gmail/v1/users/me/messages/{sent.id}?format={form}") == (403, "forbidden")
        assert hand.reason(f"/gmail/v1/users/me/messages/{sent.id}")[0] == 403
        assert hand.reason("/gmail/v1/users/me/messages?q=") == (403, "forbidden")


def test_wider_scopes_see_the_whole_mail(google: Server) -> None:
    """gmail.readonly alone may search and read text and bytes."""
    sent = google.user.send_mail(ADA, "The paper", "Dear Ada.\n")
    messages = users(google, "gmail.readonly").messages()
    assert messages.list(userId="me", q="to:lovelace subject:paper").execute()["messages"][0]["id"] == sent.id
    assert "messages" not in messages.list(userId="me", q="from:ada").execute()
    raw = base64.urlsafe_b64decode(messages.get(userId="me", id=sent.id, format="raw").execute()["raw"])
    assert b"Subject: The paper\r\n" in raw
    assert raw.endswith(b"\r\n\r\nDear Ada.\r\n")
    data = messages.get(userId="me", id=sent.id).execute()["payload"]["body"]["data"]
    assert base64.urlsafe_b64decode(data) == b"Dear Ada.\n"


def test_a_vanished_message_is_a_404(google: Server) -> None:
    """A deleted message is not found; something that is no id is a bad request; a foreign mailbox is forbidden."""
    sent = google.user.send_mail(ADA)
    google.user.delete_message(sent.id)
    messages = users(google).messages()
    assert refused(messages.get(userId="me", id=sent.id, format="metadata")) == (404, "notFound")
    assert refused(messages.get(userId="me", id="No-Id", format="metadata"))[0] == 400
    assert refused(messages.list(userId="other@b.example"))[0] == 403


def test_history_tells_what_came_and_went(google: Server) -> None:
    """From a profile's historyId on: chronological records, ids only, and the id to go on from."""
    resource = users(google)
    start = resource.getProfile(userId="me").execute()["historyId"]
    assert "history" not in resource.history().list(userId="me", startHistoryId=start).execute()
    sent = google.user.send_mail(ADA)
    google.user.trash_message(sent.id)
    google.user.delete_message(sent.id)
    found = resource.history().list(userId="me", startHistoryId=start).execute()
    kinds = [next(name for name in one if name not in {"id", "messages"}) for one in found["history"]]
    assert kinds == ["messagesAdded", "labelsAdded", "messagesDeleted"]
    assert found["history"][0]["messagesAdded"] == [{"message": {"id": sent.id, "threadId": sent.thread}}]
    assert int(found["historyId"]) > int(start)
    assert "history" not in resource.history().list(userId="me", startHistoryId=found["historyId"]).execute()


def test_a_history_page_may_be_empty_and_not_the_last(google: Server) -> None:
    """Pages are cut before they are filtered: one with no history can have another behind it."""
    resource = users(google)
    start = resource.getProfile(userId="me").execute()["historyId"]
    for _ in range(3):
        google.user.receive_mail(ADA)
    sent = google.user.send_mail(ADA)
    pages = []
    request = resource.history().list(
        userId="me", startHistoryId=start, labelId="SENT", historyTypes=["messageAdded"], maxResults=2
    )
    while request is not None:
        pages.append(request.execute())
        request = resource.history().list_next(request, pages[-1])
    assert [len(page.get("history", [])) for page in pages] == [0, 1]
    assert pages[1]["history"][0]["messagesAdded"][0]["message"]["id"] == sent.id


def test_history_ends_after_a_week(google: Server) -> None:
    """A startHistoryId older than a week of changes is a 404; one with nothing after it is good for ever."""
    resource = users(google)
    start = resource.getProfile(userId="me").execute()["historyId"]
    google.advance(timedelta(days=30))
    resource.history().list(userId="me", startHistoryId=start).execute()
    google.user.send_mail(ADA)
    google.advance(timedelta(days=6))
    resource.history().list(userId="me", startHistoryId=start).execute()
    google.advance(timedelta(days=1))
    assert refused(resource.history().list(userId="me", startHistoryId=start)) == (404, "notFound")


def test_history_can_be_forgotten_at_once(google: Server) -> None:
    """After forget_history every id given out is a 404, and a new profile's id works."""
    resource = users(google)
    start = resource.getProfile(userId="me").execute()["historyId"]
    google.forget_history()
    assert refused(resource.history().list(userId="me", startHistoryId=start)) == (404, "notFound")
    fresh = resource.getProfile(userId="me").execute()["historyId"]
    resource.history().list(userId="me", startHistoryId=fresh).execute()
    assert refused(resource.history().list(userId="me", startHistoryId=str(int(fresh) + 1)))[0] == 404


def test_replies_share_a_thread_while_the_subject_holds(google: Server) -> None:
    """An answer joins the thread of what it answers; with another subject it begins its own."""
    first = google.user.send_mail(ADA, "The paper")
    answer = google.user.receive_mail(ADA, "Re: The paper", reply_to_message=first)
    other = google.user.send_mail(ADA, "Lunch?", reply_to_message=answer)
    assert answer.thread == first.thread
    assert other.thread == other.id


def test_a_mail_as_bytes_is_read_as_gmail_does(google: Server) -> None:
    """RFC 2047 words are decoded, raw bytes beyond ASCII come out garbled, folded lines are one."""
    head = "Subject: =?utf-8?q?=C3=9Cber?=\r\n uns\r\nFrom: Zoë <z@b.example>\r\nMessage-ID: <1@b.example>\r\n"
    raw = f"{head}\r\nText\r\n".encode()
    put = google.user.put_raw(raw, at=datetime(2020, 1, 1, tzinfo=UTC))
    found = users(google).messages().get(userId="me", id=put.id, format="metadata").execute()
    headers = {one["name"]: one["value"] for one in found["payload"]["headers"]}
    assert headers["Subject"] == "Über uns"
    assert headers["From"] == "ZoÃ« <z@b.example>"
    assert found["internalDate"] == "1577836800000"


def test_the_profile_counts(google: Server) -> None:
    """getProfile gives the address and the numbers of messages and threads."""
    first = google.user.send_mail(ADA)
    google.user.receive_mail(ADA, "Re: Hello", reply_to_message=first)
    google.user.receive_mail(ADA, "Other")
    found = users(google, "gmail.compose").getProfile(userId="me").execute()
    assert (found["messagesTotal"], found["threadsTotal"]) == (3, 2)
