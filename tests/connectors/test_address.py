"""Two addresses that look alike are two, however Unicode would fold them."""

from __future__ import annotations

import pytest

from connectors._address import ADDRESS_LIMIT, fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice@example.com", "аlice@example.com"),  # Cyrillic
        ("alice@example.com", "ａlice@example.com"),  # full width: NFKC would make it the same
        ("strasse@example.com", "straße@example.com"),
        ("sue@example.com", "ſue@example.com"),
        ("istanbul@example.com", "İstanbul@example.com"),
        ("alice@example.com", "alice@exаmple.com"),
        ("a.b@gmail.com", "ab@gmail.com"),
        ("ada+x@example.com", "ada@example.com"),
    ],
)
def test_what_looks_alike_is_not_the_same(one: str, other: str) -> None:
    """Identity is the characters of the address, lower case; nothing that looks alike is merged by itself (C10)."""
    assert fold(one) == one
    assert fold(other) != one


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Alice@EXAMPLE.com.", "alice@example.com"),
        ("alice@bücher.example", "alice@xn--bcher-kva.example"),
        ("alice@xn--bcher-kva.example", "alice@xn--bcher-kva.example"),
        ("élise@example.com", "élise@example.com"),
        ("alice@example.org)bob@evil.example", None),
        ("a@b@c.example", None),
        ("alice@example.com, bob@evil.example", None),
        ("alice\u202e@example.com", None),
        ("alice@example.com\0", None),
        ('"a b"@example.com', None),
        ("x" * ADDRESS_LIMIT + "@example.com", None),
    ],
)
def test_forms_of_an_address(written: str, meant: str | None) -> None:
    """One strict reading: what has two meanings is no address (C9)."""
    assert fold(written) == meant
