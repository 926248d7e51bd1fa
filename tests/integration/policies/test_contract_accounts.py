"""A real Safe on a real node: what it says of itself before and after the calls, read where its code cannot lie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from eth_abi import encode

from treasurer.policies.book.book import Book
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.judgement.pins import unpinned
from treasurer.policies.observation.observe import observe
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call, selector
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.values import ZERO_ADDRESS, to_hex

SETUP = "setup(address[],uint256,address,bytes,address,address,uint256,address)"
EXECUTE = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
MODULE = "0x" + "77" * 20


async def make_safe(client: ChainClient, devnet: Devnet, owner: str) -> str:
    """A Safe of one owner, with the usual fallback handler."""
    contracts = devnet.addresses()["contracts"]
    factory, singleton = contracts["safe-proxy-factory"]["address"], contracts["safe-singleton"]["address"]
    handler = contracts["safe-fallback-handler"]["address"]
    setup = Call.encode(singleton, SETUP, [owner], 1, ZERO_ADDRESS, b"", handler, ZERO_ADDRESS, 0, ZERO_ADDRESS)
    made = Call.encode(factory, "createProxyWithNonce(address,bytes,uint256)", singleton, setup.data, 7)
    answer = await client.call(factory, made.data)
    sent = {"from": owner, "to": factory, "data": to_hex(made.data), "gas": hex(1_000_000)}
    await client.request("eth_sendTransaction", [sent])
    await client.request("evm_mine")
    return "0x" + answer[-20:].hex()


def as_owner(safe: str, owner: str, to: str, data: bytes) -> Call:
    """The Safe makes a call, by the owner's own presence (a pre-validated signature)."""
    signature = encode(["address"], [owner]) + bytes(32) + b"\x01"
    return Call.encode(safe, EXECUTE, to, 0, data, 0, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS, signature)


async def test_a_safe_is_read_before_and_after_and_what_changes_it_is_denied(
    devnet: Devnet, client: ChainClient, account: str, at: datetime, propose: Callable[..., Proposal]
) -> None:
    safe = await make_safe(client, devnet, account)
    contracts = devnet.addresses()["contracts"]
    handler, singleton = (contracts[name]["address"].lower() for name in ("safe-fallback-handler", "safe-singleton"))
    written = (
        f'version: 1\nvenues:\n  mine: {{address: "{safe}", chains: [31337], kind: safe, owners: ["{account}"], '
        f'threshold: 1, fallback_handler: "{handler}"}}\n'
    )
    book = Book.read(written.encode())
    harmless = propose(as_owner(safe, account, ZERO_ADDRESS, b""))
    facts = await observe(client, book, harmless, at=at)
    assert facts.simulation is not None
    assert facts.simulation.failure == ""
    told = facts.contract_accounts[safe]
    assert (told.owners, told.threshold, told.modules) == ((account,), 1, ())
    assert (told.singleton, told.guard, told.fallback_handler) == (singleton, None, handler)
    assert facts.simulation.contract_accounts == {safe: told}
    touching = (Effect(kind=Kind.CALL, target=safe),)
    assert unpinned(touching, harmless, book, facts) == []

    enable = selector("enableModule(address)") + encode(["address"], [MODULE])
    change = selector("setFallbackHandler(address)") + encode(["address"], [MODULE])
    for data, condition, event in (
        (enable, "modules", "EnabledModule"),
        (change, "fallback_handler", "ChangedFallbackHandler"),
    ):
        asked = propose(as_owner(safe, account, safe, data))
        facts = await observe(client, book, asked, at=at)
        assert facts.simulation is not None
        assert facts.simulation.failure == ""
        assert f"{safe}:{event}" in facts.simulation.handed_over
        assert [reason.condition for reason in unpinned(touching, asked, book, facts)] == [condition]
