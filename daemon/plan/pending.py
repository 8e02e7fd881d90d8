"""What else will the next tick do outside? What an earlier one decided and could not carry out."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from daemon.model import Entry, Plan, Settings, State, Withdrawal


def with_pending(plan: Plan, state: State, unseen: Container[str]) -> Plan:
    """Return all that carrying out ``plan`` will do: nothing of the ``unseen`` parts, nor where nothing
    is written any more."""
    there = {entry.key: entry for entry in state.entries if is_chosen(entry, state.settings, unseen)}
    whys = {item.key: item.why for item in plan.withdraw if item.key in there}
    before = {key: entry.leaving for key, entry in there.items() if entry.leaving and key not in whys}
    waiting = (entry for key, entry in there.items() if entry.state == "waiting" and key not in {*whys, *before})
    leaving = tuple(Withdrawal(key=key, why=why) for key, why in (*before.items(), *whys.items()))
    amended = {item.key: item for item in plan.amend}
    under_way = (entry for key, entry in there.items() if entry.amended is not None and key not in amended)
    return replace(plan, write=(*waiting, *plan.write), amend=(*under_way, *plan.amend), withdraw=leaving)


def is_chosen(entry: Entry, settings: Settings, unseen: Container[str] = ()) -> bool:
    """Tell whether ``entry`` belongs to the account that such things are written into now, and that can be seen."""
    part = "drafts" if entry.is_draft else "reminders"
    return entry.account == getattr(settings, part) and part not in unseen
