"""Where may Kith go, when a user or a feed names the address? https to the open internet, and nowhere else unasked.

An address is judged by numbers, after the name was resolved: no spelling of 127.0.0.1, and no name that leads to a
private address, gets by (reliability S1, N9). The table is our own, for the standard library's changes from release to
release; it holds what IANA's special-purpose registries take out of the open internet. The standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from connectors.records import BadData

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST = 2000
"""Characters of an address."""
_OPEN_6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_CLOSED_4 = tuple(
    map(
        ip_network,
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
        "192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 "
        "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4".split(),
    )
)
"""168.63.129.16 answers a cloud's own machines with their secrets, though it looks like any other."""
_CLOSED_6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")))
_HOME = tuple(
    map(ip_network, "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.168.0.0/16 ::1/128 fc00::/7".split())
)
"""Where a host may be that the user named as one at home. Link-local addresses are never gone to: there a cloud tells
its machines their secrets."""
_SECRETS = ip_network("fd00:ec2::/32")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_SAFE = "/%:@!$&'()*+,;=~-._?[]"


class Refused(BadData):
    """This address is not gone to. The text never holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address, taken apart: ``host`` is folded (A-labels, no trailing dot), ``path`` has its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The address as one text, as it is asked for."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """What stands in the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def target(url: str, private_hosts: Iterable[str] = ()) -> Target:
    """Return ``url`` taken apart. Raises Refused unless it is https, or http to a loopback host of ``private_hosts``.

    No login may stand in it: it would end in logs of others.
    """
    if not url or len(url) > LONGEST or any(c.isspace() or not c.isprintable() for c in url) or "\\" in url:
        raise Refused("is no address that can be asked")
    try:
        parts = urlsplit(url)
        host, port = fold_host(parts.hostname or ""), parts.port
    except ValueError:
        raise Refused("is no address that can be asked") from None
    if parts.scheme not in {"https", "http"}:
        raise Refused("is not https")
    if parts.username is not None or parts.password is not None:
        raise Refused("holds a login")
    if port == 0:
        raise Refused("is no address that can be asked")
    if parts.scheme == "http" and not (host in set(private_hosts) and is_loopback_name(host)):
        raise Refused("is not https")
    return Target(
        scheme=parts.scheme, host=host, port=port or (443 if parts.scheme == "https" else 80), path=_path(parts)
    )


def onward(here: Target, location: str, private_hosts: Iterable[str]) -> Target:
    """Return where a redirect of ``here`` leads. Raises Refused as ``target`` does."""
    try:
        found = urljoin(here.url, "".join(c if c.isprintable() else " " for c in location[: LONGEST + 1]).strip())
    except ValueError:
        raise Refused("is no address that can be asked") from None
    return target(found, private_hosts)


def address_problems(url: str | None, private_hosts: Iterable[str], key: str = "url") -> list[tuple[str, str]]:
    """List what is wrong with an address to read, and with the hosts at home."""
    found, hosts = [], list[str]()
    try:
        hosts = [fold_host(host) for host in private_hosts]
    except ValueError:
        found.append(("private_hosts", "must be names or numbers of hosts, such as nas.home"))
    try:
        if url is not None:
            target(url, hosts)
    except Refused as error:
        found.append((key, f"{error}: https://..., or http to a host of private_hosts on this machine"))
    return found


def fold_host(host: str) -> str:
    """Return ``host`` as it is compared: lower case, A-labels, no trailing dot. Raises ValueError if it is none."""
    folded = host.lower().removesuffix(".")
    if ":" in folded and "%" not in folded:
        return str(IPv6Address(folded))
    if not folded.isascii():
        import idna

        try:
            folded = idna.encode(folded, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise ValueError("no host") from None
    if not _HOST.fullmatch(folded):
        raise ValueError("no host")
    return folded


def is_loopback_name(host: str) -> bool:
    """Tell whether the folded ``host`` is this machine by its name alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_on_this_machine(url: str) -> bool:
    """Tell whether ``url`` names this machine."""
    try:
        return is_loopback_name(target(url, LOOPBACK).host)
    except Refused:
        return False


def is_open(address: str) -> bool:
    """Tell whether ``address`` (a number) is one of the open internet's, for everybody to reach.

    Private, shared, link-local, loopback, documentation, multicast and reserved ones are not, nor is what wraps another
    address (mapped, 6to4, Teredo). An address of NAT64 is judged by the one in it: in networks without IPv4 everything
    has such an address.
    """
    try:
        number = ip_address(address)
    except ValueError:
        return False
    if isinstance(number, IPv6Address):
        if number in _NAT64:
            return is_open(str(IPv4Address(int(number) & 0xFFFFFFFF)))
        return number.scope_id is None and number in _OPEN_6 and not any(number in net for net in _CLOSED_6)
    return not any(number in net for net in _CLOSED_4)


def is_at_home(address: str) -> bool:
    """Tell whether ``address`` (a number) may be gone to when the user named its host as one at home."""
    try:
        number = ip_address(address)
    except ValueError:
        return False
    near = any(number in net for net in _HOME if net.version == number.version)
    return near and not (number.version == _SECRETS.version and number in _SECRETS)


def is_loopback(address: str) -> bool:
    """Tell whether ``address`` (a number) is this machine."""
    return is_at_home(address) and ip_address(address).is_loopback


def _path(parts: SplitResult) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return quote(f"{parts.path or '/'}{query}", safe=_SAFE)
