"""A web for tests: names that lead where a test says, to a server on this machine that speaks TLS, or http as it is."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors._fetch import Guard
from tests.connectors.small_server import Small, small_server

SOMEWHERE = "93.184.215.14"
"""A number of the open internet; nothing in a test really goes there."""


@dataclass
class Web:
    """What a test says (which name has which addresses, each look-up the next row) and sees (who was connected to)."""

    server: Small
    port: int
    trust: Callable[[], ssl.SSLContext]
    names: dict[str, list[Collection[str]]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    deaf: set[str] = field(default_factory=set)

    def resolve(self, host: str, port: int) -> Collection[str]:
        self.looked_up.append(host)
        try:
            return (str(ip_address(host)),)
        except ValueError:
            rows = self.names.get(host, [[SOMEWHERE]])
            return rows.pop(0) if len(rows) > 1 else rows[0]

    def dial(self, address: str, port: int, seconds: float) -> socket.socket:
        self.dialled.append((address, port))
        if address in self.deaf:
            raise TimeoutError
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)

    def guard(self, *private_hosts: str) -> Guard:
        return Guard(private_hosts=frozenset(private_hosts), resolve=self.resolve, dial=self.dial, trust=self.trust)


@contextmanager
def web(folder: Path, *names: str, days: int = 1) -> Iterator[Web]:
    """Serve ``names`` by TLS with a certificate of a root that only the test believes."""
    believed, shown = certificate(folder, *names, days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    with small_server(context) as server:
        port = int(server.url.rpartition(":")[2])
        yield Web(server=server, port=port, trust=lambda: ssl.create_default_context(cafile=str(believed)))


@contextmanager
def plain_web() -> Iterator[Web]:
    """Serve plain http."""
    with small_server() as server:
        port = int(server.url.rpartition(":")[2])
        yield Web(server=server, port=port, trust=ssl.create_default_context)


def certificate(folder: Path, *names: str, days: int = 1) -> tuple[Path, Path]:
    """Make a certificate that signs itself; return the file to believe, and the file to show."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(item) for item in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, believed = folder / "shown.pem", folder / "believed.pem"
    body = made.public_bytes(serialization.Encoding.PEM)
    believed.write_bytes(body)
    shown.write_bytes(
        body
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return believed, shown
