"""Who was forgotten in a state that another one took the place of is forgotten in that one, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.ledger import open_ledger


@pytest.mark.parametrize("same", [True, False])
def test_the_forgotten_of_another_state(tmp_path: Path, same: bool) -> None:
    """Under the same secret or another, after the next start, through a third state, and back again."""
    for number, name in enumerate(("one", "two", "three")):
        (tmp_path / name).mkdir(mode=0o700)
        (tmp_path / name / "secret").write_bytes(bytes([1 if same else number]) * 32)
        with open_ledger(tmp_path / name) as ledger:
            ledger.never_again([f"{name}@x.example"])
    for name, other in (("two", "one"), ("three", "two"), ("one", "three")):
        with open_ledger(tmp_path / name) as ledger:
            ledger.never_again_as(tmp_path / other)
    with open_ledger(tmp_path / "one") as ledger:
        before = (tmp_path / "one" / "never").read_bytes()
        assert [ledger.is_forgotten(f"{name}@x.example") for name in ("one", "two", "three", "four")] == [
            True, True, True, False,
        ]  # fmt: skip
        ledger.never_again_as(tmp_path / "two")
    assert (tmp_path / "one" / "never").read_bytes() == before
    assert len(before.split()) == 3


def test_a_state_without_a_secret_forgot_nobody(tmp_path: Path) -> None:
    """Its hashes say nothing any more: the restore that mends it goes on."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "never").write_text("0" * 64 + "\nnonsense\n")
    with open_ledger(tmp_path / "s") as ledger:
        ledger.never_again_as(tmp_path / "broken")
        assert not ledger.forgets
