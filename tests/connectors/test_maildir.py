"""Sent mail is read out of a Maildir, drafts are put into one, and nothing else is touched."""

from __future__ import annotations

import email
import mailbox
import os
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors._drafts import MaildirDrafts
from connectors._letter import Letter, check_letter, write_letter
from connectors._text import name_of
from connectors.maildir import NO_INBOX, HintedSource, Maildir, MaildirSource
from connectors.records import HTML_LIMIT, Edited, Gone, Mailbox, Message, Receipt, Rejected, Unavailable
from tests.connectors.contracts import DRAFT, NOW, PAGE, DraftContract, SourceContract, everything, html_in, with_html

FILED = (NOW - timedelta(hours=1)).timestamp()


def put(folder: Path, name: str, number: int = 1, *more: str, filed: float = FILED) -> Path:
    """Put a mail into the Maildir ``folder`` under ``name``."""
    headers = (f"Message-ID: <{number}@example.com>", "From: me@example.com", f"To: p{number}@example.org", *more)
    date = () if any(line.startswith("Date:") for line in more) else ("Date: Tue, 10 Feb 2026 12:30:00 +0100",)
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join((*headers, *date, "", "text", "")))
    os.utime(file, (filed, filed))
    return file


def keys(source: MaildirSource, cursor: object = None) -> list[str]:
    return [item.key for item in everything(source, cursor)[0]]  # type: ignore[arg-type]


class TestMaildirSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path
        put(tmp_path / "Sent", "cur/1.a:2,S", 1)
        put(tmp_path / "Sent", "new/2.b", 2)
        put(tmp_path / "Sent", "cur/3.c:2,S", 2, "Subject: another mail of this id")

    def opened(self) -> MaildirSource:
        return MaildirSource("home", self.path, "Sent")


def test_only_new_files_are_read(tmp_path: Path) -> None:
    """A file is read once, whatever its flags become; a new one alone is new."""
    source = MaildirSource("home", tmp_path, "Sent")
    file = put(tmp_path / "Sent", "new/1.a", 1)
    _, cursor = everything(source)
    file.rename(file.parent.parent / "new" / "1.a:2,S")
    put(tmp_path / "Sent", "cur/2.b:2,S", 2)
    pull = source.pull(cursor, NOW)
    assert ([item.key for item in pull.items], pull.listed) == (["2@example.com"], 2)


def test_dotted_folders_are_found(tmp_path: Path) -> None:
    """Maildir++ calls the folder ``.Sent``."""
    put(tmp_path / ".Sent", "cur/1.a:2,S", 1)
    assert keys(MaildirSource("home", tmp_path, "Sent")) == ["1@example.com"]


def test_trashed_linked_and_hidden_files_are_no_mails(tmp_path: Path) -> None:
    """Flag T, links, folders and dot files are passed over; flag D makes a draft."""
    sent = tmp_path / "Sent"
    put(sent, "cur/1.a:2,ST", 1)
    put(sent, "cur/.hidden", 2)
    (sent / "cur" / "folder").mkdir()
    (sent / "cur" / "link").symlink_to(put(tmp_path, "outside", 3))
    put(sent, "cur/4.d:2,D", 4)
    (item,) = MaildirSource("home", tmp_path, "Sent").pull(None, NOW).items
    assert isinstance(item, Message)
    assert (item.key, item.draft) == ("4@example.com", True)


def test_an_empty_file_is_skipped_and_not_read_again(tmp_path: Path) -> None:
    """What is no mail is told once and costs nobody else anything."""
    (tmp_path / "Sent" / "cur").mkdir(parents=True)
    (tmp_path / "Sent" / "cur" / "1.a:2,S").write_bytes(b"")
    put(tmp_path / "Sent", "cur/2.b:2,S", 2)
    source = MaildirSource("home", tmp_path, "Sent")
    first = source.pull(None, NOW)
    assert (len(first.items), len(first.skipped)) == (1, 1)
    put(tmp_path / "Sent", "cur/3.c:2,S", 3)
    assert source.pull(first.cursor, NOW).skipped == ()


def test_a_folder_that_went_away_is_for_the_next_tick(tmp_path: Path) -> None:
    """A mailbox that was read and is not mounted now is no empty one."""
    source = MaildirSource("home", tmp_path / "Mail", "Sent")
    put(tmp_path / "Mail" / "Sent", "cur/1.a:2,S", 1)
    _, cursor = everything(source)
    (tmp_path / "Mail").rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        source.pull(cursor, NOW)


def test_an_account_may_be_there_for_drafts_alone(tmp_path: Path) -> None:
    """Without a Sent folder nothing is read and the user is told; once there is one it is read."""
    source = MaildirSource("home", tmp_path, "Sent")
    pull = source.pull(None, NOW)
    assert (pull.items, len(pull.notes)) == ((), 1)
    put(tmp_path / "Sent", "cur/1.a:2,S", 1)
    assert keys(source, pull.cursor) == ["1@example.com"]


@pytest.mark.parametrize(
    ("date", "filed", "at"),
    [
        ("Tue, 10 Feb 2026 12:30:00 +0100", "2026-02-10T12:00:00+00:00", "2026-02-10T11:30:00+00:00"),
        ("Mon, 10 Feb 2020 12:30:00 +0100", "2026-02-10T12:00:00+00:00", "2020-02-10T11:30:00+00:00"),
        ("Tue, 10 Feb 2026 12:30:00 +0100", "2020-02-10T12:00:00+00:00", "2020-02-10T12:00:00+00:00"),
        ("Tue, 10 Feb 2099 12:30:00 +0100", "2026-02-10T12:00:00+00:00", "2026-02-10T12:00:00+00:00"),
        ("Tue, 10 Feb 2026 12:30:00 +0100", "1970-01-01T00:00:01+00:00", "2026-02-10T11:30:00+00:00"),
    ],
)
def test_when_a_mail_was_sent(tmp_path: Path, date: str, filed: str, at: str) -> None:
    """The Date, unless the file is older than it by more than 36 hours; a copied file's own time means nothing."""
    put(tmp_path / "Sent", "cur/1.a:2,S", 1, f"Date: {date}", filed=datetime.fromisoformat(filed).timestamp())
    (item,) = MaildirSource("home", tmp_path, "Sent").pull(None, NOW).items
    assert isinstance(item, Message)
    assert item.at == datetime.fromisoformat(at)


def test_an_account_refuses_folders_that_are_no_names(tmp_path: Path) -> None:
    """A folder's name stays inside the account's path (S2)."""
    assert Maildir(path=tmp_path).problems() == ()
    assert [key for key, _ in Maildir(path=tmp_path, sent="../x", drafts="a/b").problems()] == ["sent", "drafts"]
    assert [key for key, _ in Maildir(path=tmp_path, sent="Mine", drafts=".Mine").problems()] == ["drafts"]


# -- drafts ------------------------------------------------------------------------------------------------------------


class TestMaildirDrafts(DraftContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path

    def opened(self) -> MaildirDrafts:
        sink = Maildir(path=self.path).open_drafts("home", "UTC")
        assert isinstance(sink, MaildirDrafts)
        return sink

    def file(self, receipt: Receipt) -> Path:
        (file,) = [path for path in (self.path / "Drafts" / "cur").iterdir() if receipt.ref in path.name]
        return file

    def user_edits(self, receipt: Receipt) -> None:
        file = self.file(receipt)
        file.write_bytes(file.read_bytes().replace(b"Dear Ada,", b"Dear Countess,", 1))

    def user_edits_html(self, receipt: Receipt, html: str) -> None:
        file = self.file(receipt)
        file.write_bytes(with_html(file.read_bytes(), html))

    def html(self, receipt: Receipt) -> str:
        return html_in(self.file(receipt).read_bytes())

    def user_deletes(self, receipt: Receipt) -> None:
        self.file(receipt).unlink()

    def test_any_mail_program_finds_a_draft_there(self) -> None:
        """The standard library's Maildir sees one message, flagged as a draft, in a folder made for it."""
        self.opened().create(DRAFT)
        box = mailbox.Maildir(self.path / "Drafts", create=False)
        (message,) = box.values()
        assert (message.get_flags(), message.get_subdir()) == ("D", "cur")
        assert [item.name for item in (self.path / "Drafts" / "tmp").iterdir()] == []

    def test_the_mail_says_what_the_draft_says_and_nothing_of_kith(self) -> None:
        """RFC 5322, text/plain in UTF-8, one recipient, part of its thread; nothing in it names Kith (U16)."""
        receipt = self.opened().create(DRAFT)
        data = self.file(receipt).read_bytes()
        read = email.message_from_bytes(data, policy=policy.default)
        assert read["To"].addresses[0].addr_spec == "ada@lovelace.example"
        assert read["To"].addresses[0].display_name == "Lovelace, Ada"
        assert (read["Subject"], read["From"].addresses[0].addr_spec) == (DRAFT.subject, "me@example.com")
        assert read["Date"].datetime == DRAFT.at
        assert (read["In-Reply-To"], read["References"]) == ("<abc@lovelace.example>",) * 2
        assert read["Message-ID"].endswith("@example.com>")
        assert (read.get_content_type(), read.get_content_charset()) == ("text/plain", "utf-8")
        assert read.get_content() == DRAFT.body
        assert b"kith" not in data.lower()
        assert not any(name.lower().startswith("x-") for name in read)
        assert b"\r" not in data

    @pytest.mark.parametrize(
        ("answered", "before", "references"),
        [
            ("b@x.example", (), ["<b@x.example>"]),
            ("b@x.example", ("a@x.example",), ["<a@x.example>", "<b@x.example>"]),
            ("b@x.example", ("b@x.example",), ["<b@x.example>"]),
            ("b@x.example", ("no id",), ["<b@x.example>"]),
            (f"{'AM0PR04MB' * 8}@eurprd04.prod.outlook.com", ("a" * 190 + "@x.example",), None),
            ("no id", ("a@x.example",), []),
            ("b@x.example\nBcc: eve@x.example", (), []),
            ("=?utf-8?q?b?=@x.example", (), []),
            (None, ("a@x.example",), []),
        ],
        ids=["begins", "goes on", "once", "a root that is none", "long", "none", "two lines", "encoded", "new"],
    )
    def test_an_answer_names_what_it_answers(
        self, answered: str | None, before: tuple[str, ...], references: list[str] | None
    ) -> None:
        """In-Reply-To and References hold the ids as they are, however long; what is no id is left out whole."""
        self.opened().create(replace(DRAFT, in_reply_to=answered, references=before))
        raw = next((self.path / "Drafts" / "cur").iterdir()).read_bytes()
        read = email.message_from_bytes(raw, policy=policy.compat32)
        expected = [f"<{before[0]}>", f"<{answered}>"] if references is None else references
        assert (read["References"] or "").split() == expected
        assert (read["In-Reply-To"] or "").split() == expected[-1:]
        assert b"=?" not in raw.partition(b"\nReferences:")[2].partition(b"\n\n")[0]
        assert "Bcc" not in read

    def test_dotted_neighbours_get_a_dotted_folder(self) -> None:
        """Where there is ``.Sent``, drafts go into ``.Drafts`` (U18)."""
        put(self.path / ".Sent", "cur/1.a:2,S", 1)
        self.opened().create(DRAFT)
        assert len(list((self.path / ".Drafts" / "cur").iterdir())) == 1

    def test_other_flags_and_places_change_nothing(self) -> None:
        """Seen, renamed by a synchroniser or moved to ``new``, it is still ours and untouched."""
        receipt = self.opened().create(DRAFT)
        file = self.file(receipt)
        file.rename(file.parent.parent / "new" / (file.name.partition(":")[0] + ",U=12:2,DS"))
        assert self.states(receipt) == ["untouched"]
        self.opened().create(DRAFT)
        assert list((self.path / "Drafts" / "cur").iterdir()) == []

    def test_a_trashed_draft_is_gone(self) -> None:
        """The flag T is the user's no."""
        receipt = self.opened().create(DRAFT)
        file = self.file(receipt)
        file.rename(file.with_name(file.name + "T"))
        assert self.states(receipt) == ["gone"]

    def test_a_folder_taken_away_holds_everything(self) -> None:
        """A Drafts folder that is not there is no answer to its drafts; what is asked of nothing needs no folder."""
        receipt = self.opened().create(DRAFT)
        (self.path / "Drafts").rename(self.path / "away")
        for verb in (
            lambda: self.opened().look([receipt]),
            lambda: self.opened().change(receipt, DRAFT),
            lambda: self.opened().withdraw(receipt),
        ):
            with pytest.raises(Gone):
                verb()
        assert self.opened().look([]) == ()
        assert self.opened().find(DRAFT.key) is None
        assert not (self.path / "Drafts").exists()
        (self.path / "away").rename(self.path / "Drafts")
        assert self.states(receipt) == ["untouched"]

    def test_a_folder_without_drafts_says_that_each_is_gone(self) -> None:
        """Drafts deleted one by one leave an empty folder, and that is an answer."""
        receipt = self.opened().create(DRAFT)
        self.user_deletes(receipt)
        assert self.states(receipt) == ["gone"]

    def saved_again(self, receipt: Receipt, name: str, old: bytes = b"", new: bytes = b"") -> Path:
        """Save the draft as mail programs do: a new file of another name beside others', the old one deleted."""
        file = self.file(receipt)
        put(self.path / "Drafts", "cur/1700000000.M1P2.host:2,DS", 7, f"In-Reply-To: <{receipt.ref}@example.com>")
        saved = file.with_name(name)
        text = file.read_bytes()
        assert old in text
        saved.write_bytes(b"X-Mailer: another\n" + text.replace(old, new))
        file.unlink()
        return saved

    @pytest.mark.parametrize(
        ("old", "new", "state"),
        [
            (b"", b"", "untouched"),
            (b"\n\n", b"\n\nMore from me. ", "edited"),
            (b"<ada@lovelace.example>", b"<ada@lovelace.example>, ben@example.org", "edited"),
        ],
    )
    def test_saved_as_a_new_file_it_is_known_by_its_message_id(self, old: bytes, new: bytes, state: str) -> None:
        """A draft saved by a program under a name of its own is not deleted: it is untouched, or the user's."""
        receipt = self.opened().create(DRAFT)
        self.saved_again(receipt, "1800000000.R7.host:2,DS", old, new)
        assert self.states(receipt) == [state]
        assert self.opened().find(DRAFT.key) is not None
        assert self.opened().create(DRAFT).ref == receipt.ref

    def test_one_saved_again_is_changed_and_withdrawn_where_it_is(self) -> None:
        """Untouched under another name it is still ours to change and to take back; its neighbour stays."""
        receipt = self.opened().create(DRAFT)
        saved = self.saved_again(receipt, "1800000000.R7.host:2,DS")
        changed = self.opened().change(receipt, replace(DRAFT, subject="Another"))
        assert b"Subject: Another" in saved.read_bytes()
        self.opened().withdraw(changed)
        assert [file.name for file in saved.parent.iterdir()] == ["1700000000.M1P2.host:2,DS"]

    def test_one_saved_again_with_the_users_words_is_the_users(self) -> None:
        """Edited under another name it is neither changed nor withdrawn."""
        receipt = self.opened().create(DRAFT)
        saved = self.saved_again(receipt, "1800000000.R7.host:2,DS", b"Subject: ", b"Subject: Re: ")
        with pytest.raises(Edited):
            self.opened().change(receipt, DRAFT)
        with pytest.raises(Edited):
            self.opened().withdraw(receipt)
        assert saved.exists()

    def test_saved_twice_the_newest_counts(self) -> None:
        """Programs that keep what they saved before leave more than one file."""
        receipt = self.opened().create(DRAFT)
        saved = self.saved_again(receipt, "1800000000.R7.host:2,DS")
        text = saved.read_bytes().replace(b"Subject: ", b"Subject: Re: ")
        saved.with_name("1800000001.R8.host:2,DS").write_bytes(text)
        assert self.states(receipt) == ["edited"]

    def test_among_many_only_the_newest_are_opened(self) -> None:
        """Thousands of old drafts cost no tick: 500 are looked into, those saved last."""
        receipt = self.opened().create(DRAFT)
        saved = self.saved_again(receipt, "1800000000.R7.host:2,DS")
        for number in range(499):
            saved.with_name(f"19{number:08}.R9.host:2,D").write_text("Subject: x\n\n")
        assert self.states(receipt) == ["untouched"]
        saved.with_name("2000000000.R9.host:2,D").write_text("Subject: x\n\n")
        assert self.states(receipt) == ["gone"]

    def test_files_that_cannot_be_read_are_none_of_ours(self) -> None:
        """A mail of somebody else's in the folder holds nothing up."""
        receipt = self.opened().create(DRAFT)
        saved = self.saved_again(receipt, "1800000000.R7.host:2,DS")
        saved.with_name("1900000000.x:2,D").write_bytes(bytes(range(256)) * 1000)
        saved.with_name("1900000001.x:2,D").write_bytes(b"")
        saved.with_name("1900000002.x:2,D").symlink_to(saved)
        assert self.states(receipt) == ["untouched"]

    @pytest.mark.parametrize(
        ("added", "state"),
        [
            (b"-- \nJo Example\nExample Ltd\n", "untouched"),
            (b"\n\n-- \nJo\n", "untouched"),
            (b"P.S. Bring the paper.\n", "edited"),
            (b"more\n-- \nJo\n", "edited"),
        ],
    )
    def test_a_signature_is_no_edit(self, added: bytes, state: str) -> None:
        """What a program puts behind ``-- `` is not the user's hand (C41)."""
        receipt = self.opened().create(DRAFT)
        file = self.file(receipt)
        file.write_bytes(file.read_bytes() + added)
        assert self.states(receipt) == [state]

    def test_another_recipient_is_an_edit(self) -> None:
        """Adding a Cc makes it the user's."""
        receipt = self.opened().create(DRAFT)
        file = self.file(receipt)
        file.write_bytes(b"Cc: ben@example.org\n" + file.read_bytes())
        assert self.states(receipt) == ["edited"]

    def test_written_as_html_it_is_the_same_text(self) -> None:
        """A program that turns text into HTML edits nothing."""
        receipt = self.opened().create(replace(DRAFT, body="Dear Ada,\n\nshall I send it?\n"))
        head = self.file(receipt).read_bytes().partition(b"\nContent-Type")[0]
        html = b"\nContent-Type: text/html; charset=utf-8\n\n<p>Dear Ada,</p><br><div>shall&nbsp;I send it?</div>\n"
        self.file(receipt).write_bytes(head + html)
        assert self.states(receipt) == ["untouched"]


HOSTILE = [
    "=?utf-8?q?Hello=0D=0ABcc:_evil@e.com?=",
    "=?utf-8?b?SGVsbG8NCkJjYzogZXZpbEBlLmNvbQ==?=",
    "a\r\nBcc: evil@e.com",
    "a\nBcc: evil@e.com",
    "a\u2028Bcc: evil@e.com",
    "a\x0bBcc: evil@e.com",
    "a\x85Bcc: evil@e.com",
    "Bob, evil@e.com",
    'Bob" <evil@e.com>, "',
    "x: a@e.com, b@e.com;",
    "\u202eevil\x00",
    "a" * 10_000,
    "(((((",
]
TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=120))


PARTS = f"\n--=_{name_of(DRAFT.key)}\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n--=_{name_of(DRAFT.key)}--\n"


@given(subject=TEXT, name=TEXT, body=TEXT, sender=TEXT, thread=st.none() | TEXT, html=TEXT)
@example(
    subject=HOSTILE[0],
    name=HOSTILE[7],
    body="\nBcc: evil@e.com\n\n",
    sender=HOSTILE[8],
    thread="a@b>\r\nBcc: <c@d",
    html=f"<p>{HOSTILE[2]}",
)
@example(subject="", name="", body="", sender="", thread="", html="")
@example(subject="\ud800", name="\ud800", body="\ud800", sender="", thread=None, html="\ufdd0")
@example(subject="", name="", body=PARTS, sender="", thread="", html=PARTS)
@example(subject="", name="", body="a\n\n\n", sender="", thread="", html="\n \t\n")
def test_no_text_adds_a_header_or_a_recipient(
    subject: str, name: str, body: str, sender: str, thread: str | None, html: str
) -> None:
    """Whatever stands in titles, names, bodies and HTML, a draft has our headers, one recipient, and no third part
    (C8)."""
    draft = replace(
        DRAFT,
        subject=subject,
        body=body,
        to=replace(DRAFT.to, name=name),
        sender=replace(DRAFT.sender, name=sender),
        in_reply_to=thread,
        html=html,
    )
    try:
        letter = write_letter(draft)
    except Rejected:
        pytest.fail("a draft to a good address can always be written")
    for rules in (policy.compat32, policy.default, policy.SMTP):
        read = email.message_from_bytes(letter, policy=rules)
        allowed = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type"}
        threading = {"content-transfer-encoding", "in-reply-to", "references"}
        assert {field.lower() for field in read.keys()} <= allowed | threading  # noqa: SIM118 - repeated headers count
        assert len(read.keys()) == len({field.lower() for field in read.keys()})  # noqa: SIM118 - the same
        parts = ["text/plain", "text/html"] if html else ["text/plain"]
        assert [part.get_content_type() for part in read.walk() if not part.is_multipart()] == parts
    assert Letter(letter).to == "ada@lovelace.example"
    assert Letter(letter).sender == "me@example.com"
    assert Letter(letter).says(Letter(letter).fingerprint())
    assert letter == write_letter(draft)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "ada@lovelace.example, evil@e.com",
        "ada@lovelace.example\nBcc: evil@e.com",
        "Ada <a@b.c>",
        "ädä@x.example",
    ],
)
def test_a_draft_to_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    """Nothing is written for an address that is not exactly one, folded, in ASCII."""
    with pytest.raises(Rejected):
        MaildirDrafts(tmp_path, "Drafts").create(replace(DRAFT, to=Mailbox(address=address)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"\nSubject:", b"\nBcc: evil@e.com\nSubject:"),
        (b"\nSubject:", b"\nSubject: one\nSubject:"),
        (b"\nSubject:", b"\nX-Kith: 1\nSubject:"),
        (b"<ada@lovelace.example>", b"<ada@lovelace.example>, evil@e.com"),
        (b"<ada@lovelace.example>", b"<evil@e.com>"),
        (b"<me@example.com>", b"<boss@example.com>"),
        (b"\nMIME-Version: 1.0", b""),
    ],
)
def test_a_mail_that_says_more_than_the_draft_is_refused(written: bytes, instead: bytes) -> None:
    """Whatever a library should do some day: what is about to be written is read again and compared (0.2)."""
    letter = write_letter(DRAFT)
    check_letter(letter, DRAFT)
    assert letter.count(written) == 1
    with pytest.raises(Rejected):
        check_letter(letter.replace(written, instead), DRAFT)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"multipart/alternative", b"multipart/mixed"),
        (b"text/html", b"text/calendar"),
        (b"<h1>", b"<h1><script>"),
        (b"Dear Ada,", b"Dear Eve,"),
        (b"\nContent-Type: text/html", b"\nX-Kith: 1\nContent-Type: text/html"),
        (b"\n--=_%b--" % name_of(DRAFT.key).encode(), PARTS.encode()),
        (b'plain; charset="utf-8"', b'plain; charset="utf-7"'),
    ],
)
def test_html_that_says_more_than_the_draft_is_refused(written: bytes, instead: bytes) -> None:
    """So with HTML: both texts, to the letter, and nothing beside them."""
    draft = replace(DRAFT, html=PAGE)
    letter = write_letter(draft)
    assert letter.count(written) == 1
    with pytest.raises(Rejected):
        check_letter(letter.replace(written, instead), draft)
    for wrong in (DRAFT, replace(draft, html=PAGE.replace("Anna", "Eve"))):
        with pytest.raises(Rejected):
            check_letter(letter, wrong)


def test_html_is_bounded(tmp_path: Path) -> None:
    """A mail that would be cut when it is shown is not written."""
    most = replace(DRAFT, html="x" * HTML_LIMIT)
    assert MaildirDrafts(tmp_path, "Drafts").create(most)
    with pytest.raises(Rejected):
        write_letter(replace(most, html="x" * (HTML_LIMIT - 1) + "ü"))


def test_the_fingerprint_of_a_text_alone_is_what_it_always_was() -> None:
    """Ledgers of before hold it."""
    assert Letter(write_letter(DRAFT)).fingerprint() == "8ab267912e0193b47350b6bc"


def test_write_letter_checks_what_it_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that breaks a header is caught before anything is on the disk (CVE-2024-6923)."""
    monkeypatch.setattr("connectors._letter._harmless", lambda text: text)
    try:
        letter = write_letter(replace(DRAFT, subject=HOSTILE[0]))
    except Rejected:
        return
    assert "bcc" not in {name.lower() for name in email.message_from_bytes(letter)}


def test_an_error_of_the_disk_is_for_the_next_tick(tmp_path: Path) -> None:
    """Drafts that is a file cannot be made a folder."""
    (tmp_path / "Drafts").write_text("no folder")
    with pytest.raises(Unavailable):
        MaildirDrafts(tmp_path, "Drafts").create(DRAFT)


# -- hints -------------------------------------------------------------------------------------------------------------


def listening(path: Path) -> HintedSource:
    made = Maildir(path=path, inbox="Inbox", hints=("linkedin",)).open_source("home", "UTC")
    assert isinstance(made, HintedSource)
    return made


class TestHintedSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path
        put(tmp_path / "Sent", "cur/1.a:2,S", 1)
        put(tmp_path / "Inbox", "new/2.b", 2)

    def opened(self) -> HintedSource:
        return listening(self.path)


def test_the_inbox_is_read_beside_sent_mail(tmp_path: Path) -> None:
    """Received mail is told apart, is for hints only, and is not counted: an inbox is tidied up all the time."""
    put(tmp_path / "Sent", "cur/1.a:2,S", 1)
    gone = [put(tmp_path / "Inbox", f"new/{number}.b", number) for number in range(2, 20)]
    page = listening(tmp_path).pull(None, NOW)
    sent = {item.key for item in page.items if isinstance(item, Message) and item.sent}
    assert (sent, len(page.items), page.listed, page.hints_only) == ({"1@example.com"}, 19, 1, True)
    for file in gone:
        file.unlink()
    put(tmp_path / "Inbox", "new/30.b", 30)
    after = listening(tmp_path).pull(page.cursor, NOW)
    assert [item.key for item in after.items] == ["30@example.com"]
    assert after.listed == 1
    assert listening(tmp_path).pull(after.cursor, NOW).items == ()


def test_an_inbox_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    """Sent mail is read all the same, and it is said; a page of sent mail read before is not read again."""
    put(tmp_path / "Sent", "cur/1.a:2,S", 1)
    page = listening(tmp_path).pull(None, NOW)
    assert (len(page.items), page.notes) == (1, (NO_INBOX,))
    put(tmp_path / "Inbox", "new/2.b", 2)
    page = listening(tmp_path).pull(page.cursor, NOW)
    assert [item.key for item in page.items] == ["2@example.com"]
    shutil.rmtree(tmp_path / "Inbox")
    page = listening(tmp_path).pull(page.cursor, NOW)
    assert (page.items, page.notes) == ((), (NO_INBOX,))
    put(tmp_path / "Inbox", "new/2.b", 2)
    assert listening(tmp_path).pull(page.cursor, NOW).items == ()


@pytest.mark.parametrize(
    ("keys_", "wrong"),
    [
        ({"inbox": "Inbox", "hints": ("linkedin",)}, []),
        ({"inbox": "Inbox"}, ["inbox"]),
        ({"hints": ("linkedin",)}, ["hints"]),
        ({"inbox": "Sent", "hints": ("linkedin",)}, ["inbox"]),
        ({"inbox": ".Drafts", "hints": ("linkedin",)}, ["inbox"]),
        ({"inbox": "a/b", "hints": ("linkedin",)}, ["inbox"]),
        ({"sent": "Drafts"}, ["drafts"]),
    ],
)
def test_which_folders_go_together(keys_: dict[str, Any], wrong: list[str]) -> None:
    """An inbox is named for hints and hints need one; no folder is read as two."""
    assert [key for key, _ in Maildir(path=Path("Mail"), **keys_).problems()] == wrong
