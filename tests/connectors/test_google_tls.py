"""Is whoever answers in Google's place told from Google? Certificates that are wrong, and two ways to one name."""

from __future__ import annotations

import datetime as dt
import gc
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors._google.endpoints import read_endpoints
from connectors._google.meter import Clock, Meter
from connectors._google.session import Limits
from connectors._google.wire import Wires
from connectors.records import Unavailable
from tests.connectors.small_server import Handler, Small
from tests.connectors.wired import listing, log_in

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


def certificate(folder: Path, host: str, begins: dt.datetime, ends: dt.datetime) -> tuple[Path, Path]:
    """Make a certificate that vouches for itself; return its file and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kith-test")])
    there = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([there]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what is tried here."""


@contextmanager
def secure_server(cert: Path, key: Path) -> Iterator[Small]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with Quiet(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.small = Small(f"https://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.small  # type: ignore[attr-defined]
        server.shutdown()


CERTIFICATES = {
    "vouches for itself": ("127.0.0.1", NOW - DAY, NOW + DAY, False),
    "of another host": ("other.example", NOW - DAY, NOW + DAY, True),
    "is over": ("127.0.0.1", NOW - 3 * DAY, NOW - DAY, True),
    "has not begun": ("127.0.0.1", NOW + DAY, NOW + 3 * DAY, True),
    "is right": ("127.0.0.1", NOW - DAY, NOW + DAY, True),
}


@pytest.mark.parametrize("what", CERTIFICATES)
def test_a_certificate_that_is_wrong(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said to whoever shows it, no login above all; the words name the certificate and the clock. One that
    is right is believed."""
    host, begins, ends, known = CERTIFICATES[what]
    cert, key = certificate(tmp_path, host, begins, ends)
    if known:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    log_in(tmp_path, "calendar")
    with secure_server(cert, key) as server:
        limits = Limits(connect=5, read=5, total=10)
        wires = Wires(
            state=tmp_path, name="home", endpoints=read_endpoints(server.url), meter=Meter(None, 0), limits=limits
        )
        if what == "is right":
            assert wires.calendar.read(listing(wires)) == {}
        else:
            with pytest.raises(Unavailable, match=r"its certificate, or this machine's clock"):
                wires.calendar.read(listing(wires))
            assert server.seen == []
        wires.close()


def trusting() -> set[int]:
    """Return which contexts there are that trust anybody."""
    gc.collect()
    found = (item for item in gc.get_objects() if isinstance(item, ssl.SSLContext))
    return {id(item) for item in found if item.cert_store_stats()["x509_ca"]}


def test_the_certificates_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four connections, to two APIs and twice for a token, share what is known of whom to trust; so do later ones."""
    cert, key = certificate(tmp_path, "127.0.0.1", NOW - DAY, NOW + DAY)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    log_in(tmp_path, "calendar")
    before = trusting()
    with secure_server(cert, key) as server:
        wires = Wires(state=tmp_path, name="home", endpoints=read_endpoints(server.url), meter=Meter(None, 0))
        for _ in range(2):
            wires.calendar.read(listing(wires))
            wires.tasks.read(wires.tasks.resource("tasklists").list())
            assert len(trusting() - before) == 1
            wires.calendar._http.close()
        wires.close()
    assert len(server.seen) >= 6


def test_whom_to_trust_changes_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next connection goes by the file as it stands then; one that holds no certificate is told as such."""
    cert, key = certificate(tmp_path, "127.0.0.1", NOW - DAY, NOW + DAY)
    bundle = tmp_path / "bundle.pem"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    (tmp_path / "other").mkdir()
    other, _ = certificate(tmp_path / "other", "127.0.0.1", NOW - DAY, NOW + DAY)
    log_in(tmp_path, "calendar")
    with secure_server(cert, key) as server:
        meter = Meter(None, 0, clock=Clock(sleep=lambda _: None))
        wires = Wires(state=tmp_path, name="home", endpoints=read_endpoints(server.url), meter=meter)
        for held, believed in ((cert, True), (other, False), (cert, True), (key, False)):
            bundle.write_bytes(held.read_bytes())
            if believed:
                assert wires.calendar.read(listing(wires)) == {}
            else:
                with pytest.raises(Unavailable, match=r"its certificate, or this machine's clock"):
                    wires.calendar.read(listing(wires))
            wires.calendar._http.close()
        wires.close()


def test_an_address_that_leads_nowhere_before_one_that_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name has a broken IPv6 address and an IPv4 one: the second is tried when the first does not answer."""
    cert, key = certificate(tmp_path, "127.0.0.1", NOW - DAY, NOW + DAY)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
    log_in(tmp_path, "calendar")
    with secure_server(cert, key) as server:
        port = int(server.url.rpartition(":")[2])
        four = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        six = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [six, four])
        wires = Wires(state=tmp_path, name="home", endpoints=read_endpoints(server.url), meter=Meter(None, 0))
        assert wires.calendar.read(listing(wires)) == {}
        wires.close()
    assert Limits().connect == 10, "the longest that one address is waited for"
