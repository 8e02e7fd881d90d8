"""An address that a user or a feed names leads to the open internet, or nowhere, in bounded time and size."""

from __future__ import annotations

import gzip
import time
import tomllib
import zlib
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._fetch import HOPS, Bounds, get, guard_for, post
from connectors._reach import Refused, is_at_home, is_open, target
from connectors.records import BadData, ConnectorError, Unavailable
from tests.connectors.small_server import Handler, Reply, drop, raw
from tests.connectors.web import SOMEWHERE, Web, plain_web, web

DATA = Path(__file__).parents[1] / "data" / "web"
ADDRESSES = tomllib.loads((DATA / "addresses.toml").read_text())
URLS: list[dict[str, Any]] = tomllib.loads((DATA / "urls.toml").read_text())["url"]
FEED = "https://feed.example/list"
HERE = "http://127.0.0.1:8000/list"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web(tmp_path_factory.mktemp("tls"), "feed.example", "other.example", "nas.home") as made:
        yield made


@pytest.fixture
def there(secured: Web) -> Web:
    secured.server.seen.clear()
    secured.server.replies.clear()
    secured.names, secured.looked_up, secured.dialled, secured.deaf = {}, [], [], set()
    return secured


@pytest.fixture
def here() -> Iterator[Web]:
    with plain_web() as made:
        yield made


def moved(location: str, status: int = 302) -> Reply:
    return raw(b"", status, Location=location)


# -- where to ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "kind"), [(address, kind) for kind, rows in ADDRESSES.items() for address in rows])
def test_each_number_is_judged_as_the_table_says(address: str, kind: str) -> None:
    """Open ones are anybody's; private ones are for hosts that the user named; the others are never gone to."""
    assert (is_open(address), is_at_home(address)) == (kind == "open", kind == "home")


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_nothing_is_open_that_python_calls_private(number: Any) -> None:
    """The table agrees with the standard library's, which grows from release to release."""
    if is_open(str(number)):
        assert number.is_global or str(number).startswith("64:ff9b::")
        assert not any((number.is_multicast, number.is_loopback, number.is_link_local))
    assert not (is_open(str(number)) and is_at_home(str(number)))


@pytest.mark.parametrize("row", URLS, ids=lambda row: str(row["text"])[:40])
def test_each_address_is_asked_as_the_table_says(row: dict[str, Any]) -> None:
    """Https, or http to this machine where the user allows it; no login, no odd characters."""
    if "asked" in row:
        assert target(row["text"], row.get("hosts", ())).url == row["asked"]
    else:
        with pytest.raises(Refused):
            target(row["text"], row.get("hosts", ()))


@given(st.text(), st.text(max_size=5))
def test_whatever_is_written_is_refused_or_asked_as_it_is_read(text: str, more: str) -> None:
    """No text breaks the guard, and what is asked for means the same when it is read again."""
    for url in (text, f"https://{text}", f"https://feed.example/{text}", f"https://feed.example{more}/{text}"):
        try:
            found = target(url)
        except Refused:
            continue
        assert target(found.url) == found
        assert found.url.isascii()
        assert found.url.isprintable()
        assert " " not in found.url


# -- the checked address is the one connected to -----------------------------------------------------------------------


def test_the_answer_comes_from_the_address_that_was_judged(there: Web) -> None:
    """One look-up, one connection, to that number; the name stands in TLS and in the header Host."""
    there.server.replies.append(raw(b"hello", ETag='"1"'))
    answer = get(FEED, there.guard())
    assert (answer.status, answer.body, answer.headers["etag"]) == (200, b"hello", '"1"')
    assert (there.looked_up, there.dialled) == (["feed.example"], [(SOMEWHERE, 443)])
    assert there.server.seen[0].headers["host"] == "feed.example"


def test_a_name_that_leads_elsewhere_a_moment_later_is_of_no_use(there: Web) -> None:
    """DNS rebinding: open first, private second. The second answer is never asked for."""
    there.names["feed.example"] = [[SOMEWHERE], ["127.0.0.1"]]
    there.server.replies.append(raw(b"hello"))
    assert get(FEED, there.guard()).body == b"hello"
    assert there.dialled == [(SOMEWHERE, 443)]
    with pytest.raises(Refused):
        get(FEED, there.guard())


@pytest.mark.parametrize("address", [*ADDRESSES["home"], *(a for a in ADDRESSES["never"] if a)])
def test_a_name_that_leads_to_one_bad_address_leads_nowhere(there: Web, address: str) -> None:
    """Though the other one is open: nobody is connected to."""
    there.names["feed.example"] = [[SOMEWHERE, address]]
    with pytest.raises(Refused):
        get(FEED, there.guard())
    assert there.dialled == []


def test_the_next_address_is_tried_when_one_is_deaf(there: Web) -> None:
    """A broken IPv6 costs time, not the answer (N10)."""
    there.names["feed.example"] = [["2606:4700:4700::1111", SOMEWHERE]]
    there.deaf = {"2606:4700:4700::1111"}
    there.server.replies.append(raw(b"hello"))
    assert get(FEED, there.guard()).body == b"hello"
    assert [address for address, _ in there.dialled] == ["2606:4700:4700::1111", SOMEWHERE]


def test_a_host_at_home_is_reached_where_the_user_named_it(there: Web) -> None:
    """By https; a link-local address is not gone to even then, nor is a host of another name."""
    there.names["nas.home"] = [["192.168.1.2"]]
    there.server.replies.append(raw(b"hello"))
    assert get("https://nas.home/x", there.guard("nas.home")).body == b"hello"
    with pytest.raises(Refused):
        get("https://nas.home/x", there.guard("other.home"))
    there.names["nas.home"] = [["169.254.169.254"]]
    with pytest.raises(Refused):
        get("https://nas.home/x", there.guard("nas.home"))


def test_plain_http_is_for_this_machine_whatever_the_name_leads_to(here: Web) -> None:
    """A localhost that leads to the network at home, or to the internet, is not asked."""
    here.server.replies.append(raw(b"hello"))
    assert get(HERE, here.guard("127.0.0.1")).body == b"hello"
    for address in ("192.168.1.2", SOMEWHERE):
        here.names["localhost"] = [[address]]
        with pytest.raises(Refused):
            get("http://localhost/x", here.guard("localhost"))


@pytest.mark.parametrize("name", ["wrong.example", "feed.example.evil.example"])
def test_a_certificate_for_another_name_is_not_believed(there: Web, name: str) -> None:
    """The number that is connected to stands in no certificate; the name has to."""
    there.server.replies.append(raw(b"hello"))
    with pytest.raises(Unavailable, match="certificate"):
        get(f"https://{name}/", there.guard())
    assert there.server.seen == []


def test_an_expired_certificate_is_not_believed(tmp_path: Path) -> None:
    """Out of date, though by somebody who is believed: refused, never asked in the clear (N7)."""
    with web(tmp_path, "feed.example", days=-1) as old, pytest.raises(Unavailable, match="certificate"):
        get(FEED, old.guard())


def test_a_certificate_by_nobody_is_not_believed(there: Web) -> None:
    """Nor one that only its own server believes."""
    guard = there.guard()
    with pytest.raises(Unavailable, match="certificate"):
        get(FEED, type(guard)(resolve=guard.resolve, dial=guard.dial))
    assert there.server.seen == []


# -- redirects ---------------------------------------------------------------------------------------------------------


def test_a_redirect_is_followed_and_judged_anew(there: Web) -> None:
    """To another open host; each hop is looked up and connected to for itself."""
    there.server.replies += [moved("https://other.example/b"), moved("/c", 308), raw(b"hello")]
    assert get(FEED, there.guard()).body == b"hello"
    assert [item.path for item in there.server.seen] == ["/list", "/b", "/c"]
    assert there.looked_up == ["feed.example", "other.example", "other.example"]


@pytest.mark.parametrize(
    "location",
    [
        "http://other.example/b",
        "https://127.0.0.1/b",
        "https://[::1]/b",
        "https://169.254.169.254/latest/meta-data",
        "https://nas.home/b",
        "file:///etc/passwd",
        "https://ada:secret@other.example/",
        "//nas.home/b",
        "https://other.example\\@nas.home/",
        "https://[",
        "gopher://other.example/_x",
    ],
)
def test_a_redirect_leads_to_no_place_that_is_not_open(there: Web, location: str) -> None:
    """Not even to a host at home that the user named, for another address."""
    there.names["nas.home"] = [["192.168.1.2"]]
    there.server.replies.append(moved(location))
    with pytest.raises(Refused):
        get(FEED, there.guard("nas.home", "127.0.0.1"))
    assert [address for address, _ in there.dialled] == [SOMEWHERE]


def test_redirects_end(there: Web) -> None:
    """Five are followed, no more."""
    there.server.replies += [moved("/again")] * (HOPS + 5)
    with pytest.raises(Unavailable, match="without end"):
        get(FEED, there.guard())
    assert len(there.server.seen) == HOPS + 1


def test_a_post_is_sent_once_and_never_redirected(there: Web) -> None:
    """Whatever the answer is."""
    there.server.replies.append(moved("https://other.example/b", 307))
    assert post(FEED, b"ping", there.guard(), Bounds()).status == 307
    assert [(item.verb, item.body) for item in there.server.seen] == [("POST", b"ping")]


# -- time and size -----------------------------------------------------------------------------------------------------


def chunks(*parts: bytes, ended: bool = True) -> Reply:
    """Answer in chunks."""

    def reply(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in parts:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if ended:
            handler.wfile.write(b"0\r\n\r\n")
        drop(handler)

    return reply


def plainly(text: bytes) -> Reply:
    def reply(handler: Handler) -> None:
        handler.wfile.write(text)
        drop(handler)

    return reply


SLOW = {
    "a body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
    "a header": b"HTTP/1.1 200 OK\r\nX: ",
    "a body without a length": b"HTTP/1.1 200 OK\r\n\r\n",
}


@pytest.mark.parametrize("name", SLOW)
def test_a_byte_now_and_then_buys_no_time(here: Web, name: str) -> None:
    """Whoever drips is left in the middle of it; what came by then is not taken for the whole (N4)."""
    said_all: list[bool] = []

    def dripping(handler: Handler) -> None:
        handler.wfile.write(SLOW[name])
        for _ in range(300):
            handler.wfile.write(b"x")
            time.sleep(0.02)
        said_all.append(True)

    here.server.replies.append(dripping)
    with pytest.raises(Unavailable, match="in time"):
        get(HERE, here.guard("127.0.0.1"), bounds=Bounds(seconds=0.15))
    assert not said_all


def test_a_name_that_is_looked_up_for_ever_holds_up_nobody(here: Web) -> None:
    """The system's resolver may hang (N1)."""

    def hanging(host: str, port: int) -> tuple[str, ...]:
        time.sleep(0.5)
        return ()

    guard = here.guard("127.0.0.1")
    with pytest.raises(Unavailable, match="in time"):
        get(HERE, type(guard)(private_hosts=guard.private_hosts, resolve=hanging), bounds=Bounds(seconds=0.05))


BIG = b"x" * 5001
BOMB = zlib.compressobj(9, wbits=31)
PACKED_BOMB = BOMB.compress(bytes(8 << 20)) + BOMB.flush()
TOO_LARGE = {
    "by what it says": raw(BIG),
    "by what comes": chunks(BIG, b"x"),
    "without a length": plainly(b"HTTP/1.1 200 OK\r\n\r\n" + BIG),
    "packed": raw(PACKED_BOMB[:4000] + PACKED_BOMB[-4000:], Content_Encoding="gzip"),
    "a bomb": raw(gzip.compress(bytes(5001)), Content_Encoding="gzip"),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_an_answer_beyond_its_bound_is_not_taken(here: Web, name: str) -> None:
    """Packed or not; nothing is unpacked beyond the bound (N5, N6)."""
    here.server.replies.append(TOO_LARGE[name])
    with pytest.raises(BadData, match="larger than 5000"):
        get(HERE, here.guard("127.0.0.1"), bounds=Bounds(size=5000))


def test_an_answer_just_within_its_bound_is_taken(here: Web) -> None:
    """Packed or not."""
    here.server.replies += [raw(BIG[1:]), raw(gzip.compress(BIG[1:]), Content_Encoding="gzip")]
    for _ in range(2):
        assert get(HERE, here.guard("127.0.0.1"), bounds=Bounds(size=5000)).body == BIG[1:]


BROKEN = {
    "shorter than it says": raw(b"half", length=100),
    "chunks without an end": chunks(b"half", ended=False),
    "a packed half": raw(gzip.compress(b"x" * 100)[:-9], Content_Encoding="gzip"),
    "not packed as it says": raw(b"plain", Content_Encoding="gzip"),
    "packed otherwise": raw(b"plain", Content_Encoding="br"),
    "no http": plainly(b"220 mail.example ESMTP\r\n"),
    "nothing": drop,
    "headers without end": plainly(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
    "a header without end": plainly(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n"),
    "a length that is none": plainly(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_half_an_answer_is_no_answer(here: Web, name: str) -> None:
    """Cut off, damaged or not http at all: nothing of it is used (N3), and the error says nothing of the address."""
    here.server.replies.append(BROKEN[name])
    with pytest.raises((Unavailable, BadData)) as caught:
        get(HERE, here.guard("127.0.0.1"))
    assert "127" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://secret.example/secret", "https://secret:secret@feed.example/", "https://secret.example:1/secret"]
)
def test_no_error_holds_the_address(there: Web, url: str) -> None:
    """An address may be a secret of the user's: a calendar's private one is."""
    there.names["secret.example"] = [["10.0.0.1"]]
    with pytest.raises(ConnectorError) as caught:
        get(url, there.guard())
    assert "secret" not in f"{caught.value!r}{caught.value.__cause__}"


def test_the_environment_names_no_proxy_and_no_password(here: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a proxy connects to nobody could judge."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    here.server.replies.append(raw(b"hello"))
    assert get(HERE, here.guard("127.0.0.1")).body == b"hello"
    assert "authorization" not in here.server.seen[0].headers


def test_the_system_itself_resolves_and_connects(here: Web) -> None:
    """Without the hooks of these tests, to this machine."""
    here.server.replies.append(raw(b"hello"))
    assert get(f"{here.server.url}/x", guard_for(["127.0.0.1"])).body == b"hello"
    with pytest.raises(Refused):
        get("https://localhost/", guard_for([]))
    assert ip_address(SOMEWHERE).is_global
