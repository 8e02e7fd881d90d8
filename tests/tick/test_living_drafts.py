"""Drafts live: answered in their thread, taken back, replaced, left alone; in a Maildir and at Gmail."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.records import Draft, Receipt
from tests.google import Server
from tests.histories import NOW, days
from tests.tick.posts import ADA, BEN, GmailPost, Life, MaildirPost, a_pen_friend, old_friends, text
from tests.tick.test_crash import cuts, power

HOUR = timedelta(hours=1)


@pytest.fixture(params=["maildir", "gmail"])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Life]:
    if request.param == "maildir":
        yield Life(tmp_path / "state", MaildirPost(tmp_path / "Mail"))
        return
    with Server(now=NOW, email="clara@winter.example") as server:
        post = GmailPost(server, tmp_path / "google")
        yield Life(tmp_path / "state", post)
        post.world.wires.close()


def test_the_last_mail_is_answered_in_its_thread(life: Life) -> None:
    """Subject, In-Reply-To, References and Gmail's own thread are those of the thread that the two have."""
    last = old_friends(life, In_Reply_To="<their@far.example>", References="<root@far.example> <their@far.example>")[
        ADA
    ]
    life.tick()
    (draft,) = life.post.standing()
    assert (draft["Subject"], draft["In-Reply-To"]) == ("Re: Pumps for the valley", f"<{last}>")
    assert str(draft["References"]).split() == ["<root@far.example>", f"<{last}>"]
    assert "On 22 April I wrote to you about this." in text(draft)
    (entry,) = life.entries()
    assert (entry.thread, entry.in_reply_to, entry.reason) == ("root@far.example", last, "pick-up")
    if isinstance(life.post, GmailPost):
        (made,) = life.post.server.user.find_drafts()
        (mail,) = [
            item for item in life.post.server.account().mailbox.messages.values() if item.message_id == f"<{last}>"
        ]
        assert (made.message.thread, made.message.ghost) == (mail.thread, False)


def test_a_mail_with_others_on_it_is_not_gone_on_with(life: Life) -> None:
    """Somebody who is nobody to Kith is somebody on the thread: the draft begins anew, and quotes the topic."""
    old_friends(life, Cc="info@company.example")
    life.tick()
    (draft,) = life.post.standing()
    assert (draft["In-Reply-To"], draft["References"]) == (None, None)
    assert "Pumps for the valley" in draft["Subject"]
    assert 'about "Pumps for the valley".' in text(draft)


# -- what became of it -------------------------------------------------------------------------------------------------


def test_a_draft_that_was_sent(life: Life) -> None:
    """The mail is a touchpoint, the draft counts as sent, and the reminder closes and leaves the calendar."""
    old_friends(life)
    life.tick()
    assert life.states("reconnect") == ["written"]
    life.post.send(0, life.now + HOUR)
    report = life.tick(HOUR * 2)
    assert life.states() == ["sent"]
    assert (life.states("reconnect"), life.reminders()) == (["overtaken"], [])
    assert report.state is not None
    (facts,) = report.state.touchpoints.values()
    assert (facts[-1].title, facts[-1].at) == ("Re: Pumps for the valley", life.now - HOUR)
    life.tick(days(8))
    assert (life.states(), life.post.standing()) == (["sent"], [])


def test_a_draft_that_was_sent_and_read_later(life: Life) -> None:
    """Gone before its mail was read: thrown away at first; when the mail is read, sent after all."""
    old_friends(life)
    life.tick()
    left = life.now + HOUR
    life.post.remove(0)
    life.tick(HOUR * 2)
    assert life.states() == ["discarded"]
    life.post.write(ADA, "Re: Pumps for the valley", left, In_Reply_To=f"<{life.entries()[0].in_reply_to}>")
    life.tick(days(3))
    assert life.states() == ["sent"]


@pytest.mark.parametrize(
    ("subject", "answers", "state"),
    [
        ("Re: Pumps for the valley", True, "sent"),
        ("The pumps, at last", True, "sent"),
        ("Re: Pumps for the valley", False, "sent"),
        ("A new roof", False, "overtaken"),
    ],
    ids=["in the thread", "in the thread, renamed", "anew with its subject", "another mail"],
)
def test_a_draft_that_is_gone_beside_a_mail(life: Life, subject: str, state: str, *, answers: bool) -> None:
    """In its thread, or begun with its subject: the draft was sent. Another mail to the person overtook it (T14)."""
    last = old_friends(life)[ADA]
    life.tick()
    life.post.remove(0)
    life.post.write(ADA, subject, life.now + HOUR, **({"In_Reply_To": f"<{last}>"} if answers else {}))
    life.tick(HOUR * 2)
    assert life.states() == [state]


def test_a_deleted_draft_is_not_offered_again(life: Life) -> None:
    """Deleted is no: nothing on the same grounds comes again, whatever reminders stand (C33)."""
    old_friends(life)
    life.tick()
    life.post.remove(0)
    for _ in range(6):
        life.tick(days(5))
        assert life.post.standing() == []
    assert life.states() == ["discarded"]


# -- withdrawn, or left alone ------------------------------------------------------------------------------------------


def test_the_untouched_draft_leaves_when_they_spoke_otherwise(life: Life) -> None:
    """A meeting since: the draft and its reminder are taken back, also with a signature that a program put below."""
    old_friends(life, [ADA, BEN])
    life.tick()
    life.post.add(1, "\n-- \nClara Winter\nWinter & Co")
    life.met(ADA, -0.1, "Lunch again")
    life.met(BEN, -0.3, "A walk along the river")
    life.tick(days(1))
    assert (life.states(), life.post.standing()) == (["overtaken"] * 2, [])
    assert life.reminders() == ["Done: met Ada Berger", "Done: met Ben Huber"]


def test_an_edited_draft_is_never_touched_again(life: Life) -> None:
    """A line more is the user's, whatever happens: not taken back, not replaced, and no second one beside it."""
    old_friends(life)
    life.tick()
    life.post.add(0, "PS: and bring the cards.")
    before = text(life.post.standing()[0])
    life.met(ADA, -0.1, "Lunch again")
    for _ in range(12):
        life.tick(days(5))
        assert [text(mail) for mail in life.post.standing()] == [before]
    assert life.states() == ["edited"]


def test_a_subject_that_the_user_chose_is_that_of_the_mail(life: Life) -> None:
    """Edited, seen so, sent: the mail begins a thread under the new subject, and the draft counts as sent."""
    old_friends(life, Cc="info@company.example")
    life.tick()
    mail = life.post.standing()[0]
    mail.replace_header("Subject", "My own words")
    life.post.save(0, mail)
    life.tick(HOUR)
    assert (life.states(), life.entries()[0].title) == (["edited"], "My own words")
    if isinstance(life.post, GmailPost):
        life.post.server.switches.keeps_thread_on_send = False
    life.post.remove(0)
    life.post.write(ADA, "My own words", life.now + HOUR)
    life.tick(HOUR * 2)
    assert life.states() == ["sent"]


@pytest.mark.parametrize(("twin", "state"), [(True, "overtaken"), (False, "edited")])
def test_a_signature_without_a_mark(life: Life, state: str, *, twin: bool) -> None:
    """Lines that stand below another draft of ours as well are a program's; below one they are the user's (C41)."""
    old_friends(life, [ADA, BEN])
    life.tick()
    for index in range(1 + twin):
        life.post.add(index, "\nWinter & Co\nLindengasse 4, Vienna")
    life.met(ADA, -0.1, "Lunch again")
    life.tick(days(1))
    assert life.states() == [state, "written"]


# -- a better reason ---------------------------------------------------------------------------------------------------


def met_at_last(life: Life) -> None:
    """A pick-up lies in Drafts for somebody known by mail alone; then the two meet for the first time."""
    a_pen_friend(life)
    life.tick()
    life.met(ADA, -0.1, "Pumps and valves")


def test_a_better_reason_takes_the_place(life: Life) -> None:
    """The draft that stands gets the words of the first meeting: one draft, the same one, then as any other."""
    met_at_last(life)
    (draft,) = life.post.standing()
    name = draft["Message-ID"]
    assert draft["Subject"] == "Re: Pumps for the valley"
    life.tick(HOUR * 5)
    (draft,) = life.post.standing()
    assert (draft["Message-ID"], draft["In-Reply-To"]) == (name, None)
    assert "Pumps and valves" in draft["Subject"]
    old, new = life.entries()
    assert [(entry.reason, entry.state) for entry in (old, new)] == [
        ("pick-up", "overtaken"),
        ("first-meeting", "written"),
    ]
    assert new.place == old.key
    if isinstance(life.post, GmailPost):
        assert len(life.post.server.requests("gmail.users.drafts.create")) == 1
    life.tick(HOUR)
    assert life.states() == ["overtaken", "written"]
    life.post.add(0, "PS: and bring the cards.")
    life.tick(HOUR)
    assert life.states() == ["overtaken", "edited"]


def test_what_took_a_place_is_taken_back_like_any_other(life: Life) -> None:
    """Its own shelf life ends it, and nothing is left."""
    met_at_last(life)
    life.tick(HOUR * 5)
    life.tick(days(8))
    assert (life.states(), life.post.standing()) == (["overtaken", "withdrawn"], [])


def test_an_edited_draft_keeps_its_place(life: Life) -> None:
    """Edited before the better reason came: it stays as it is, and is the only one."""
    met_at_last(life)
    life.post.add(0, "PS: and bring the cards.")
    life.tick(HOUR * 5)
    life.tick(HOUR)
    assert [text(mail).endswith("PS: and bring the cards.") for mail in life.post.standing()] == [True]
    assert life.states() == ["edited"]


# -- killed while a better draft takes the place -----------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone."""


class Cut:
    """A sink whose ``change`` is the last thing that happens, or just does not happen any more."""

    def __init__(self, life: Life, *, after: bool) -> None:
        self._drafts, self._after = life.post.drafts, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._drafts, name)

    def change(self, receipt: Receipt, item: Draft) -> Receipt:
        if self._after:
            self._drafts.change(receipt, item)
        raise Killed


def nothing(_: Life) -> None:
    """The user is away."""


def edits(life: Life) -> None:
    life.post.add(0, "PS: and bring the cards.")


def deletes(life: Life) -> None:
    life.post.remove(0)


def sends(life: Life) -> None:
    life.post.send(0, life.now + HOUR)


def writes(life: Life) -> None:
    life.post.write(ADA, "A new roof", life.now + HOUR)


def says_never(life: Life) -> None:
    life.mark(ADA, "never")


@pytest.mark.parametrize(
    ("act", "after", "states", "count"),
    [
        (nothing, False, ["overtaken", "written"], 1),
        (nothing, True, ["overtaken", "written"], 1),
        (edits, False, ["edited", "withdrawn"], 1),
        (edits, True, ["edited", "withdrawn"], 1),
        (deletes, False, ["overtaken", "withdrawn"], 0),
        (deletes, True, ["overtaken", "withdrawn"], 0),
        (sends, False, ["sent", "withdrawn"], 0),
        (sends, True, ["overtaken", "withdrawn"], 0),  # the mail counts; that it was the second draft nobody saw
        (writes, False, ["overtaken", "withdrawn"], 0),
        (writes, True, ["overtaken", "overtaken"], 0),
        (says_never, False, ["overtaken", "withdrawn"], 0),
        (says_never, True, ["overtaken", "withdrawn"], 0),
    ],
)
def test_killed_while_it_takes_the_place(
    life: Life,
    act: Callable[[Life], None],
    after: bool,
    states: list[str],
    count: int,
) -> None:
    """Killed before or after the words changed, whatever the user does before the next start: never two drafts, no
    edit lost, nothing left that nobody knows of."""
    met_at_last(life)
    with pytest.raises(Killed):
        life.tick(HOUR * 5, Cut(life, after=after))  # type: ignore[arg-type]
    act(life)
    life.tick(HOUR * 2)
    life.tick(HOUR)
    assert len(life.post.standing()) == count
    assert life.states() == states
    if act is edits:
        assert text(life.post.standing()[0]).endswith("PS: and bring the cards.")
    known = [entry for entry in life.entries() if entry.state in {"written", "edited"}]
    assert len(known) == count


def test_killed_at_every_call_of_it(tmp_path: Path) -> None:
    """Each call that changes the disk, killed before and after its effect: started again, one draft, the better one."""
    whole = tmp_path / "whole"
    life = Life(whole / "state", MaildirPost(whole / "Mail"))
    met_at_last(life)
    with power() as cut:
        life.tick(HOUR * 5)
    assert len(cut.calls) > 5
    for at, then in cuts(len(cut.calls)):
        folder = tmp_path / f"{at}-{then}"
        life = Life(folder / "state", MaildirPost(folder / "Mail"))
        met_at_last(life)
        with power(at, after=then):
            life.tick(HOUR * 5)
        life.tick()
        assert life.states() == ["overtaken", "written"], f"killed {'after' if then else 'before'} call {at}"
        assert [mail["Subject"].count("Pumps and valves") for mail in life.post.standing()] == [1]
        life.calendar.standing.clear()
        shutil.rmtree(folder)
