"""What only an owner may order is refuted where no owner of that time signed it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from treasurer.runtime.audit import export
from treasurer.runtime.audit.plain import to_plain
from treasurer.runtime.audit.verify import verify
from treasurer.wallets.cid import cid_link
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.orders import OwnersOrder, ResumeOrder
from treasurer.wallets.values import to_hex

from .story import CAROL, CHAIN, OWNER, WALLET, Guard

Body = dict[str, Any]
NEXT = PrivateKey(b"\x21" * 32)


def _tell(guard: Guard) -> None:
    """A stop and its end, a new version of the policy, a change of owners, and a policy by the new one."""
    stop = guard.record("stopped", {"by": "alice", "reason": "look"}, "guard")
    order = ResumeOrder(chain_id=CHAIN, account=WALLET.address, stop_record=stop)
    guard.record("resumed", _by(OWNER, order.hash()), "guard")
    policy = {"policy": cid_link(guard.bundle.cid)}
    guard.record("policy_changed", {**policy, "version": 3, **guard.order(guard.bundle.cid, 3)}, "guard")
    owners = OwnersOrder(chain_id=CHAIN, account=WALLET.address, owners=(NEXT.address,), version=1)
    body = {"owners": [NEXT.address], "version": 1, **_by(OWNER, owners.hash())}
    guard.record("owners_changed", body, "guard")
    guard.record("policy_changed", {**policy, "version": 4, **guard.order(guard.bundle.cid, 4, NEXT)}, "guard")


def _by(key: PrivateKey, hashed: str) -> Body:
    return {"by": key.address, "signature": to_hex(key.sign_hash(hashed))}


def _refuted(tmp_path: Path, bend: Callable[[str, Body], Body], tell: Callable[[Guard], None] = _tell) -> list[str]:
    guard = Guard(tmp_path / "bot", bend=lambda kind, body: bend(kind, to_plain(body)))
    tell(guard)
    export(guard.log, tmp_path / "out.car")
    report = verify(tmp_path / "out.car")
    assert sum(finding.claim.startswith("signature ") for finding in report.claims) == 5 + (tell is not _tell)
    return [finding.claim for finding in report.claims if finding.result == "refuted"]


def _of(kind: str, **fields: Any) -> Callable[[str, Body], Body]:
    return lambda found, body: {**body, **fields} if found == kind else body


def test_what_owners_ordered_is_verified(tmp_path: Path) -> None:
    assert _refuted(tmp_path, lambda kind, body: body) == []


@pytest.mark.parametrize(
    ("bend", "claims"),
    [
        (_of("opened", by=CAROL.address), ["signature 0"]),
        (_of("opened", policy_version=2), ["signature 0"]),
        (_of("opened", owners=[CAROL.address]), [f"signature {seq}" for seq in (0, 2, 3, 4, 5)]),
        (_of("resumed", signature="0x"), ["signature 2"]),
        (_of("resumed", **_by(CAROL, "0x" + "11" * 32)), ["signature 2"]),
        (_of("policy_changed", version=1), ["signature 3", "signature 5"]),
        (_of("owners_changed", owners=[CAROL.address]), ["signature 4", "signature 5"]),
        (_of("owners_changed", version=2), ["signature 4", "signature 5"]),
        (_of("owners_changed", by=NEXT.address), ["signature 4", "signature 5"]),
    ],
)
def test_a_false_order_is_refuted(tmp_path: Path, bend: Callable[[str, Body], Body], claims: list[str]) -> None:
    assert _refuted(tmp_path, bend) == claims


def test_a_removed_owner_orders_nothing_more(tmp_path: Path) -> None:
    def tell(guard: Guard) -> None:
        _tell(guard)
        body = {"policy": cid_link(guard.bundle.cid), "version": 5, **guard.order(guard.bundle.cid, 5)}
        guard.record("policy_changed", body, "guard")

    assert _refuted(tmp_path, lambda kind, body: body, tell) == ["signature 6"]


def test_an_order_lifts_one_stop_and_no_other(tmp_path: Path) -> None:
    def tell(guard: Guard) -> None:
        _tell(guard)
        order = ResumeOrder(chain_id=CHAIN, account=WALLET.address, stop_record=guard.log.head or "")
        guard.record("resumed", _by(NEXT, order.hash()), "guard")

    assert _refuted(tmp_path, lambda kind, body: body, tell) == ["signature 6"]
