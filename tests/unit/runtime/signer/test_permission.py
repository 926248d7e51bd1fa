"""The signer signs under a policy that an owner ordered, never again under a replaced one; owners are its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from treasurer.runtime.bot.configuration import read_configuration
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.bot.owners import Owners, keep_change, next_owners_order, pin_owners, pinned_owners
from treasurer.runtime.bot.signed import Signed
from treasurer.runtime.signer.permission import signing_permission
from treasurer.wallets.clearance import Clearance
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.orders import PolicyOrder

WALLET, OWNER, OTHER = (PrivateKey(bytes((n,)) * 32) for n in (1, 2, 3))


@pytest.fixture
def folder(tmp_path: Path) -> BotFolder:
    folder = BotFolder(tmp_path)
    folder.signer.mkdir()
    pin_owners(folder.signer_owners, Owners(owners=(OWNER.address,)))
    folder.configuration.write_text(
        'version = 1\nname = "acme"\nmode = "live"\n[chain]\nid = 31337\nrpc = ["http://127.0.0.1:1"]\n'
        f'[wallet]\naddress = "{WALLET.address}"\n'
    )
    return folder


def _refusal(folder: BotFolder, cid: str) -> str | None:
    clearance = Clearance(
        kind="transaction", signing_hash="0x" + "11" * 32, digest="0x" + "22" * 32, chain_id=31337,
        account=WALLET.address, nonce=0, judged_block=1, expires_block=51, expires_at=1, policy_cid=cid,
    )  # fmt: skip
    return signing_permission(folder, read_configuration(folder.configuration))(clearance)


def _order(folder: BotFolder, cid: str, version: int, key: PrivateKey = OWNER) -> None:
    order = PolicyOrder(chain_id=31337, account=WALLET.address, policy_cid=cid, version=version)
    signed = Signed(order=order.model_dump(mode="json"), signature=key.sign_hash(order.hash()))
    folder.policy_signature.write_text(signed.model_dump_json())


def _owners(folder: BotFolder, owners: list[PrivateKey], by: PrivateKey) -> None:
    configuration = read_configuration(folder.configuration)
    order = next_owners_order(configuration, pinned_owners(folder.signer_owners), [key.address for key in owners])
    keep_change(folder, order, by.sign_hash(order.hash()))


def test_a_policy_that_nobody_ordered_is_not_signed_under(folder: BotFolder) -> None:
    assert "no owner's order" in (_refusal(folder, "old") or "")
    _order(folder, "old", 1, OTHER)
    assert "no owner of this bot" in (_refusal(folder, "old") or "")
    _order(folder, "old", 1)
    assert _refusal(folder, "old") is None


def test_the_old_policy_lasts_until_the_guard_obeys_the_new_one_and_never_returns(folder: BotFolder) -> None:
    _order(folder, "old", 1)
    assert _refusal(folder, "old") is None
    _order(folder, "new", 2)
    assert _refusal(folder, "old") is None
    assert _refusal(folder, "new") is None
    assert "no owner's order" in (_refusal(folder, "old") or "")
    _order(folder, "old", 1)
    assert "version 2 was signed under already" in (_refusal(folder, "old") or "")


def test_a_removed_owner_orders_nothing_and_does_not_come_back(folder: BotFolder) -> None:
    _owners(folder, [OTHER], OWNER)
    _order(folder, "new", 1)
    assert "no owner of this bot" in (_refusal(folder, "new") or "")
    _order(folder, "new", 1, OTHER)
    assert _refusal(folder, "new") is None
    folder.owners_orders.unlink()
    _order(folder, "newer", 2)
    assert "no owner of this bot" in (_refusal(folder, "newer") or "")


def test_owners_that_no_owner_ordered_stop_everything(folder: BotFolder) -> None:
    _order(folder, "old", 1)
    assert _refusal(folder, "old") is None
    _owners(folder, [OTHER], OTHER)
    assert "no owner of this bot" in (_refusal(folder, "old") or "")
