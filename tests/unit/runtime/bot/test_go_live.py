"""Away from a devnet the signer signs only under an owner's order for this chain, account, policy and value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from treasurer.runtime.bot.configuration import read_configuration
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.bot.owners import Owners, pin_owners
from treasurer.runtime.bot.signed import Signed
from treasurer.runtime.signer.permission import signing_permission
from treasurer.wallets.clearance import Clearance
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.orders import GoLiveOrder, PolicyOrder

WALLET, OWNER, STRANGER = (PrivateKey(bytes((n,)) * 32) for n in (1, 2, 3))
CLEARANCE = Clearance(
    kind="transaction", signing_hash="0x" + "11" * 32, digest="0x" + "22" * 32, chain_id=11155111,
    account=WALLET.address, nonce=0, judged_block=1, expires_block=51, expires_at=1, policy_cid="bafy",
)  # fmt: skip
ORDER = GoLiveOrder(chain_id=11155111, account=WALLET.address, policy_cid="bafy", max_value_usd=5000)


def _write(folder: BotFolder, *, mode: str = "live", worth: int = 5000, chain: int = 11155111) -> None:
    folder.configuration.write_text(
        f'version = 1\nname = "acme"\nmode = "{mode}"\n[chain]\nid = {chain}\nrpc = ["env:RPC"]\n'
        f'[wallet]\naddress = "{WALLET.address}"\nmax_value_usd = {worth}\n'
    )


@pytest.fixture
def folder(tmp_path: Path) -> BotFolder:
    folder = BotFolder(tmp_path)
    folder.signer.mkdir()
    pin_owners(folder.signer_owners, Owners(owners=(OWNER.address,)))
    policy = PolicyOrder(chain_id=11155111, account=WALLET.address, policy_cid="bafy", version=1)
    signed = Signed(order=policy.model_dump(mode="json"), signature=OWNER.sign_hash(policy.hash()))
    folder.policy_signature.write_text(signed.model_dump_json())
    _write(folder)
    return folder


@pytest.fixture
def refusal(folder: BotFolder) -> Callable[[], str | None]:
    permission = signing_permission(folder, read_configuration(folder.configuration))
    return lambda: permission(CLEARANCE)


def _order(folder: BotFolder, order: GoLiveOrder = ORDER, key: PrivateKey = OWNER) -> None:
    signed = Signed(order=order.model_dump(mode="json"), signature=key.sign_hash(order.hash()))
    folder.go_live.write_text(signed.model_dump_json())


def test_without_an_order_nothing_is_signed(refusal: Callable[[], str | None]) -> None:
    assert "go-live" in (refusal() or "")


def test_with_the_owners_order_it_is(folder: BotFolder, refusal: Callable[[], str | None]) -> None:
    _order(folder)
    assert refusal() is None


@pytest.mark.parametrize(
    "changed", [{"chain_id": 1}, {"account": STRANGER.address}, {"policy_cid": "bafz"}, {"max_value_usd": 6000}]
)
def test_an_order_for_something_else_is_none(
    folder: BotFolder, refusal: Callable[[], str | None], changed: dict[str, object]
) -> None:
    _order(folder, ORDER.model_copy(update=changed))
    assert "not for this chain" in (refusal() or "")


def test_a_strangers_order_is_none(folder: BotFolder, refusal: Callable[[], str | None]) -> None:
    _order(folder, key=STRANGER)
    assert "no owner of this bot" in (refusal() or "")


def test_what_changes_in_the_file_counts_at_once(folder: BotFolder, refusal: Callable[[], str | None]) -> None:
    _order(folder)
    for change in ({"mode": "observe"}, {"worth": 5001}, {"chain": 31337}):
        _write(folder, **change)  # type: ignore[arg-type]
        assert refusal() is not None, change
    folder.configuration.write_text("nonsense")
    assert "cannot be read" in (refusal() or "")
    _write(folder)
    assert refusal() is None


def test_owners_that_cannot_be_read_refuse(folder: BotFolder, refusal: Callable[[], str | None]) -> None:
    _order(folder)
    folder.signer_owners.unlink()
    assert refusal() is not None
