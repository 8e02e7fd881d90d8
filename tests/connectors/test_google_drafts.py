"""Does each draft stand at Gmail once, as a person would have written it, and is the user's hand on it respected?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from connectors._google.errors import Unsure
from connectors._text import name_of
from connectors.records import Draft, Edited, Mailbox, Message, NeedsLogin, Receipt, Rejected, Sink, Unavailable
from tests.connectors.contracts import DRAFT, DraftContract, html_in, with_html
from tests.connectors.google_mail_world import World
from tests.google import Server

CLARA = Mailbox(address="clara@winter.example", name="Clara Winter")
ITEM = replace(DRAFT, sender=CLARA, in_reply_to=None)
LOST: list[tuple[Any, dict[str, Any]]] = [
    ("drop after", {}),
    ("half body", {}),
    ("slow", {"seconds": 0.3}),
    ("not json", {"effect": True}),
    ("redirect", {}),
    ("huge", {"size": 5 << 20, "effect": True}),
    (500, {"effect": True}),
    (503, {"effect": True}),
]
REFUSED: list[tuple[Any, dict[str, Any]]] = [
    ("drop before", {}),
    ("not json", {}),
    (500, {}),
    (429, {"retry_after": 30}),
    (403, {"reason": "userRateLimitExceeded"}),
    (403, {"reason": "forbidden"}),
]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture
def world(server: Server, tmp_path: Path) -> Iterator[World]:
    made = World(server, tmp_path)
    yield made
    made.wires.close()


def draft_id(receipt: Receipt) -> str:
    return receipt.ref.split()[0]


def state(world: World, receipt: Receipt) -> str:
    return world.drafts().look([receipt])[0].state


def letter(world: World, receipt: Receipt) -> Any:
    raw = world.server.account().mailbox.drafts[draft_id(receipt)].message.raw
    return message_from_bytes(raw, policy=policy.default)


def deliver(world: World, item: Draft = ITEM) -> Receipt:
    """As the daemon does it: look for the key, and only then write."""
    return world.drafts().find(item.key) or world.drafts().create(item)


def posts(world: World) -> int:
    return len(world.server.requests("gmail.users.drafts.create"))


class TestContract(DraftContract):
    """The promises of every sink of drafts."""

    item = ITEM
    other = replace(ITEM, key="draft/p-2/pick-up", to=Mailbox(address="ben@example.org"), subject="Hello")

    @pytest.fixture(autouse=True)
    def _world(self, world: World) -> None:
        self.world = world

    def opened(self) -> Sink[Draft]:
        return self.world.drafts()

    def user_edits(self, receipt: Receipt) -> None:
        self.world.server.user.edit_draft(draft_id(receipt), body="Dear Ada,\n\nmy own words.\n")

    def user_edits_html(self, receipt: Receipt, html: str) -> None:
        message = self.world.server.user.autosave_draft(draft_id(receipt)).message
        message.raw = with_html(message.raw, html)

    def html(self, receipt: Receipt) -> str:
        return html_in(self.world.server.account().mailbox.drafts[draft_id(receipt)].message.raw)

    def user_deletes(self, receipt: Receipt) -> None:
        self.world.server.user.delete_draft(draft_id(receipt))


class TestContractAfterARestart(TestContract):
    """The same when every verb is another process's."""

    def opened(self) -> Sink[Draft]:
        self.world.restart()
        return self.world.drafts()


# -- what is written ---------------------------------------------------------------------------------------------------


def test_a_draft_is_a_mail_as_the_user_would_write_it(world: World) -> None:
    """Names and subjects beyond ASCII are encoded, one recipient, and nothing names Kith, a reason or a person."""
    item = replace(ITEM, key="draft/p-7/kith", to=Mailbox(address="j@gross.example", name="Groß, Jürgen"))
    with world.asking() as asked:
        receipt = world.drafts().create(item)
    found = letter(world, receipt)
    assert asked == ["drafts.list", "drafts.list", "drafts.create"]
    assert found["To"].addresses[0].display_name == "Groß, Jürgen"
    assert (found["To"].addresses[0].addr_spec, found["From"].addresses[0].display_name) == (
        "j@gross.example",
        "Clara Winter",
    )
    assert found["Subject"] == item.subject
    assert found.get_content().replace("\r\n", "\n") == item.body
    assert found["Message-ID"] == f"<{name_of(item.key)}@winter.example>"
    raw = world.server.account().mailbox.drafts[draft_id(receipt)].message.raw
    assert raw.isascii()
    assert not any(word in raw.lower() for word in (b"kith", b"p-7", b"x-"))


def thread_of(world: World) -> Message:
    """The user's last mail to Ada, as the source read it."""
    world.server.user.send_mail("Ada Lovelace <ada@lovelace.example>", "The engine")
    return world.read()[0][0]


def test_an_answer_stands_in_its_thread(world: World) -> None:
    """With thread, In-Reply-To, References and subject all right, the draft is shown where the talk is."""
    last = thread_of(world)
    item = replace(ITEM, subject="Re: The engine", in_reply_to=last.message_id, thread=last.thread)
    receipt = world.drafts().create(item)
    box = world.server.account().mailbox
    assert box.drafts[draft_id(receipt)].message.thread == last.thread
    assert (letter(world, receipt)["In-Reply-To"], box.ghosts) == (f"<{last.message_id}>", [])
    changed = world.drafts().change(receipt, replace(item, body="Better.\n"))
    assert (box.drafts[draft_id(changed)].message.thread, box.ghosts) == (last.thread, [])
    assert state(world, changed) == "untouched"


@pytest.mark.parametrize(
    "broken", [{"in_reply_to": None}, {"thread": None}, {"thread": "../x"}, {"in_reply_to": "no id"}], ids=str
)
def test_half_a_thread_is_a_new_mail(world: World, broken: dict[str, Any]) -> None:
    """What is not all there makes no ghost that nobody sees, but a mail of its own."""
    last = thread_of(world)
    item = replace(ITEM, subject="Re: The engine", in_reply_to=last.message_id, thread=last.thread)
    receipt = world.drafts().create(replace(item, **broken))
    box = world.server.account().mailbox
    assert (box.drafts[draft_id(receipt)].message.thread == last.thread, box.ghosts) == (False, [])


def test_a_thread_that_is_gone_is_a_new_mail(world: World) -> None:
    """Google refuses a thread that was deleted; nothing was written then, so the draft is written without it."""
    last = thread_of(world)
    world.server.user.delete_message(str(last.thread))
    receipt = deliver(world, replace(ITEM, subject="Re: The engine", in_reply_to=last.message_id, thread=last.thread))
    assert state(world, receipt) == "untouched"
    assert len(world.server.user.find_drafts()) == 1


def test_what_cannot_be_a_mail_is_rejected(world: World) -> None:
    """A hostile recipient never reaches Google; what Google refuses is parked."""
    with pytest.raises(Rejected):
        world.drafts().create(replace(ITEM, to=Mailbox(address="ada@lovelace.example\r\nBcc: evil@x.example")))
    assert posts(world) == 0
    world.server.fault(400, method="gmail.users.drafts.create")
    with pytest.raises(Rejected):
        world.drafts().create(ITEM)


# -- once --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("what", "details"), LOST, ids=str)
def test_a_lost_answer_is_settled_by_looking(world: World, what: Any, details: Any, *, restarts: bool) -> None:
    """The draft stands although nobody said so: one POST, found two minutes later, as ours."""
    world.server.fault(what, method="gmail.users.drafts.create", **details)
    with pytest.raises(Unsure):
        deliver(world)
    if restarts:
        world.restart()
    world.server.advance(timedelta(minutes=2))
    receipt = deliver(world)
    assert (posts(world), len(world.server.user.find_drafts()), state(world, receipt)) == (1, 1, "untouched")
    world.drafts().withdraw(receipt)
    assert world.server.user.find_drafts() == []


@pytest.mark.parametrize(("what", "details"), REFUSED, ids=str)
def test_a_write_that_never_happened_is_tried_again(world: World, what: Any, details: Any) -> None:
    """One POST for each try; when nothing stands there, the next one writes it."""
    world.server.fault(what, method="gmail.users.drafts.create", **details)
    with pytest.raises(Unavailable):
        deliver(world)
    assert posts(world) == 1
    world.server.advance(timedelta(minutes=15))
    assert state(world, deliver(world)) == "untouched"
    assert (posts(world), len(world.server.user.find_drafts())) == (2, 1)


def test_nothing_is_written_for_two_minutes_after_a_lost_answer(world: World) -> None:
    """A listing may lag: before that nobody knows whether the draft stands, not even in another process (T13)."""
    world.server.fault("drop after", method="gmail.users.drafts.create")
    with pytest.raises(Unsure):
        deliver(world)
    world.server.fault("empty", method="gmail.users.drafts.list", times=4)
    world.restart()
    with pytest.raises(Unavailable):
        deliver(world)
    assert posts(world) == 1


@pytest.mark.parametrize("keeps", [True, False])
def test_an_edit_before_it_was_found_is_the_users(world: World, *, keeps: bool) -> None:
    """The answer was lost and the user has typed into the draft: by its Message-ID or without, it is found and left."""
    world.server.switches.keeps_message_id_on_edit = keeps
    world.server.fault("drop after", method="gmail.users.drafts.create")
    with pytest.raises(Unsure):
        deliver(world)
    (standing,) = world.server.user.find_drafts()
    world.server.user.edit_draft(standing.id, body="My own words.\n")
    world.server.advance(timedelta(minutes=15))
    receipt = deliver(world)
    assert (posts(world), state(world, receipt)) == (1, "edited")
    with pytest.raises(Edited):
        world.drafts().withdraw(receipt)
    assert [draft.message.body for draft in world.server.user.find_drafts()] == ["My own words.\n"]


def test_another_draft_to_the_same_person_is_not_ours(world: World) -> None:
    """What the user wrote before, or to another subject, is not taken for ours."""
    world.server.user.compose("ada@lovelace.example", ITEM.subject)
    world.server.advance(timedelta(hours=1))
    item = replace(ITEM, at=world.server.now)
    world.server.user.compose("ada@lovelace.example", "Something else")
    world.server.user.compose("ben@example.org", ITEM.subject)
    receipt = deliver(world, item)
    assert (posts(world), len(world.server.user.find_drafts())) == (1, 4)
    world.drafts().withdraw(receipt)
    assert len(world.server.user.find_drafts()) == 3


def test_an_empty_listing_is_no_leave_to_write_again(world: World) -> None:
    """A listing that holds nothing is asked for twice before a draft is written, or taken for gone."""
    receipt = deliver(world)
    world.server.fault("empty", method="gmail.users.drafts.list")
    assert deliver(world).ref == receipt.ref
    world.server.fault("empty", method="gmail.users.drafts.list", times=2)
    assert state(world, receipt) == "untouched"
    assert posts(world) == 1


# -- what became of it -------------------------------------------------------------------------------------------------


def test_looking_is_one_request(world: World) -> None:
    """Untouched drafts are seen by their message ids; one that was saved again is read once."""
    receipts = [deliver(world, replace(ITEM, key=f"draft/p-{number}/x")) for number in range(3)]
    with world.asking() as asked:
        assert [fate.state for fate in world.drafts().look(receipts)] == ["untouched"] * 3
        assert world.drafts().look([]) == ()
    assert asked == ["drafts.list"]
    world.server.user.autosave_draft(draft_id(receipts[1]), 5)
    with world.asking() as asked:
        for _ in range(3):
            assert [fate.state for fate in world.drafts().look(receipts)] == ["untouched"] * 3
    assert asked == ["drafts.list", "drafts.get", "drafts.get", "drafts.list", "drafts.list"]


def rewrite(world: World, receipt: Receipt, made: EmailMessage) -> None:
    """Gmail saves the draft as ``made``: another message in the same container."""
    world.server.user.autosave_draft(draft_id(receipt))
    world.server.account().mailbox.drafts[draft_id(receipt)].message.raw = made.as_bytes()


def saved_again(text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "Clara Winter <clara@winter.example>", '"Lovelace, Ada" <ada@lovelace.example>'
    made["Subject"], made["Message-ID"] = ITEM.subject, "<CAnew@mail.gmail.com>"
    made.set_content(text)
    return made


def test_what_a_program_adds_by_itself_is_no_edit(world: World) -> None:
    """Wrapped lines, an HTML form beside the text, a signature: still ours, and can be taken back (PRACTICE 6)."""
    wrapped = ITEM.body.replace("paper. ", "paper.\n")
    formed = saved_again(f"{wrapped}\n\n-- \nClara Winter\nWinter & Co\n")
    formed.add_alternative("<div>" + ITEM.body.replace("\n", "<br>") + "</div>", subtype="html")
    receipt = deliver(world)
    rewrite(world, receipt, formed)
    assert state(world, receipt) == "untouched"
    rewrite(world, receipt, saved_again(f"{ITEM.body}\nPS: and bring the cards."))
    assert state(world, receipt) == "edited"


@pytest.mark.parametrize("keeps_id", [True, False])
@pytest.mark.parametrize("moved", [True, False])
def test_an_edited_draft_is_never_taken_for_gone(world: World, *, moved: bool, keeps_id: bool) -> None:
    """Whether Gmail keeps the draft's id and its Message-ID or gives it others, an edited draft is an edited draft."""
    world.server.switches.keeps_message_id_on_edit = keeps_id
    receipt = deliver(world)
    world.server.user.edit_draft(draft_id(receipt), body="My own words.\n", new_draft_id=moved)
    world.server.user.compose("someone@else.example")
    fate = world.drafts().look([receipt])[0]
    assert (fate.state, fate.body) == ("edited", "My own words.")
    with pytest.raises(Edited):
        world.drafts().withdraw(receipt)


def test_a_draft_with_a_parcel_is_edited_and_not_fetched(world: World) -> None:
    """Twenty megabytes that the user attached are not read to find out that he did."""
    receipt = deliver(world)
    made = saved_again(ITEM.body)
    made.add_attachment(b"x" * (2 << 20), maintype="image", subtype="png", filename="a.png")
    rewrite(world, receipt, made)
    assert state(world, receipt) == "edited"
    assert not any(("format", "raw") in entry.query for entry in world.server.requests("gmail.users.drafts.get"))


def test_an_answer_that_was_edited_is_known_by_its_message_id(world: World) -> None:
    """In the thread of somebody else's mail the Message-ID alone tells our draft from another of the user's."""
    last = thread_of(world)
    item = replace(ITEM, subject="Re: The engine", in_reply_to=last.message_id, thread=last.thread)
    receipt = world.drafts().create(item)
    world.server.user.edit_draft(draft_id(receipt), body="My own words.\n", new_draft_id=True)
    mail = world.server.account().mailbox.messages[str(last.thread)]
    other = world.server.user.compose("ada@lovelace.example", "Re: The engine", reply_to_message=mail)
    assert (other.message.thread, world.drafts().look([receipt])[0].body) == (last.thread, "My own words.")


@pytest.mark.parametrize("act", ["send_draft", "delete_draft"])
def test_a_draft_that_was_sent_or_deleted_is_gone(world: World, act: str) -> None:
    """Gone is gone, even if another draft stands in the same thread; the mail itself tells which of the two it was."""
    receipt = deliver(world)
    world.server.user.autosave_draft(draft_id(receipt))
    sent = getattr(world.server.user, act)(draft_id(receipt))
    if sent is not None:
        assert sent.thread == receipt.ref.split()[2]
        world.server.user.compose("ada@lovelace.example", ITEM.subject, reply_to_message=sent)
    assert state(world, receipt) == "gone"
    world.drafts().withdraw(receipt)


def test_the_drafts_of_years_are_not_read_through(world: World) -> None:
    """Among three hundred old drafts of the user's, ours is looked for among the newest."""
    for number in range(300):
        world.server.user.compose(f"person{number}@old.example")
    world.server.advance(timedelta(days=100))
    with world.asking() as asked:
        receipt = deliver(world, replace(ITEM, at=world.server.now))
    assert asked.count("drafts.get") == 10
    with world.asking() as asked:
        assert (world.drafts().count(), world.drafts().find(ITEM.key)) == (1, receipt)
    assert asked.count("drafts.get") <= 2


@pytest.mark.parametrize("method", ["drafts.list", "drafts.get", "drafts.delete", "drafts.update"])
@pytest.mark.parametrize(("what", "details"), [*LOST, *REFUSED], ids=str)
def test_every_fault_leaves_the_draft_as_it_is_or_as_it_should_be(
    world: World, what: Any, details: Any, method: str
) -> None:
    """Whatever verb fails, however: a trouble, no second draft, and the next tick comes to its end."""
    receipt = deliver(world)
    world.server.user.autosave_draft(draft_id(receipt))
    world.restart()
    world.server.fault(what, method=f"gmail.users.{method}", times=3, **details)
    for _ in range(4):
        try:
            world.drafts().look([receipt])
            if method == "drafts.update":
                world.drafts().change(receipt, replace(ITEM, body="Other words.\n"))
            world.drafts().withdraw(receipt)
            break
        except Edited:
            break  # the change had happened, but nobody said so: it is left alone
        except Unavailable:
            world.server.advance(timedelta(minutes=15))
    assert len(world.server.user.find_drafts()) <= 1
    world.server.calm()
    world.server.advance(timedelta(minutes=15))
    left = [draft.message.body for draft in world.server.user.find_drafts()]
    assert left in ([], ["Other words.\n"])
    assert posts(world) == 1


def test_a_revoked_grant_needs_a_login(world: World) -> None:
    """Access taken back: told, nothing lost, and reading mail goes on under its own grant."""
    receipt = deliver(world)
    world.server.fault("revoke", method="gmail.users.drafts.*")
    with pytest.raises(NeedsLogin):
        world.drafts().look([receipt])
    world.server.user.send_mail("ada@lovelace.example")
    assert len(world.read()[0]) == 1


def test_no_request_of_a_draft_could_send(world: World) -> None:
    """The log of all that holds no path that sends."""
    receipt = deliver(world)
    world.drafts().change(receipt, replace(ITEM, body="Better.\n"))
    assert world.server.sent_paths() == []
    assert not any("send" in entry.path.lower() for entry in world.server.log)
