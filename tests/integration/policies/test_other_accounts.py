"""Accounts of ERC-4337, ERC-7579 and EIP-7702 on a real node: who commands them is read before and after the calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache

import pytest
from eth_utils.crypto import keccak

from treasurer.policies.book.book import Book
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import Facts
from treasurer.policies.judgement.pins import unpinned
from treasurer.policies.observation.observe import observe
from treasurer.policies.observation.reads.accounts import MOST_MODULES, PROXY_SLOT
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.values import to_hex

ENTRY_POINT = "0x4337084d9e255ff0702461cf8895ce9e3b5ff108"
MODULE, OTHER, STRANGER = ("0x" + digits * 20 for digits in ("77", "78", "79"))
SOURCE = """
# pragma version 0.4.3
owner: public(address)
entryPoint: public(address)
modules: HashMap[address, uint256]
validators: DynArray[address, 600]

@external
@payable
def __default__():
    pass

@external
def setOwner(owner: address):
    self.owner = owner

@external
def setEntryPoint(entry: address):
    self.entryPoint = entry

@external
def setModule(kind: uint256, module: address):
    self.modules[module] = kind

@external
def addValidators(first: uint160, count: uint256):
    for i: uint256 in range(count, bound=600):
        self.validators.append(convert(first + convert(i, uint160), address))

@external
@view
def isModuleInstalled(kind: uint256, module: address, context: Bytes[64]) -> bool:
    return kind != 0 and self.modules[module] == kind

@external
@view
def getValidatorsPaginated(start: address, size: uint256) -> (DynArray[address, 600], address):
    found: DynArray[address, 600] = []
    for one: address in self.validators:
        if len(found) == size:
            return found, one
        found.append(one)
    return found, convert(1, address)
"""


@cache
def runtime_code() -> str:
    import vyper

    return str(vyper.compile_code(SOURCE, output_formats=["bytecode_runtime"])["bytecode_runtime"])


async def make(client: ChainClient, address: str) -> str:
    """Our own account contract with that address, of nobody yet."""
    await client.request("anvil_setCode", [address, runtime_code()])
    return address


async def send(client: ChainClient, sender: str, call: Call) -> None:
    fields = {"from": sender, "to": call.to, "data": to_hex(call.data), "gas": hex(29_000_000)}
    await client.request("eth_sendTransaction", [fields])
    await client.request("evm_mine")


def book_of(address: str, kind: str, pins: str = "") -> Book:
    return Book.read(
        f'version: 1\nvenues:\n  mine: {{address: "{address}", chains: [31337], kind: {kind}{pins}}}\n'.encode()
    )


def faults(book: Book, asked: Proposal, address: str, facts: Facts) -> list[str]:
    assert facts.simulation is not None
    assert facts.simulation.failure == ""
    return [reason.condition for reason in unpinned((Effect(kind=Kind.CALL, target=address),), asked, book, facts)]


@pytest.mark.parametrize("kind", ["simple-account-0.6", "simple-account-0.7", "simple-account-0.8"])
async def test_a_simple_account_is_its_owner_its_entry_point_and_its_implementation(
    kind: str, client: ChainClient, account: str, at: datetime, propose: Callable[..., Proposal]
) -> None:
    mine = await make(client, "0x" + "c1" * 20)
    await send(client, account, Call.encode(mine, "setOwner(address)", account))
    await send(client, account, Call.encode(mine, "setEntryPoint(address)", ENTRY_POINT))
    await client.request("anvil_setStorageAt", [mine, PROXY_SLOT, "0x" + "00" * 12 + STRANGER[2:]])
    book = book_of(mine, kind, f', owners: ["{account}"], threshold: 1, implementation: "{STRANGER}"')
    harmless = propose(Call(to=mine, value=1))
    facts = await observe(client, book, harmless, at=at)
    told = facts.contract_accounts[mine]
    assert (told.owners, told.threshold, told.entry_point, told.singleton) == ((account,), 1, ENTRY_POINT, STRANGER)
    assert faults(book, harmless, mine, facts) == []
    for change, condition in (
        (Call.encode(mine, "setOwner(address)", OTHER), "owners"),
        (Call.encode(mine, "setEntryPoint(address)", OTHER), "entry_point"),
    ):
        asked = propose(change)
        assert faults(book, asked, mine, await observe(client, book, asked, at=at)) == [condition]
    await send(client, account, Call.encode(mine, "setOwner(address)", OTHER))
    assert faults(book, harmless, mine, await observe(client, book, harmless, at=at)) == ["owners"]
    await client.request("anvil_setStorageAt", [mine, PROXY_SLOT, "0x" + "00" * 12 + OTHER[2:]])
    facts = await observe(client, book, harmless, at=at)
    assert faults(book, harmless, mine, facts) == ["implementation", "owners"]


async def test_a_delegated_account_runs_the_pinned_delegate_and_no_other(
    client: ChainClient, account: str, at: datetime, propose: Callable[..., Proposal]
) -> None:
    delegate, other = await make(client, "0x" + "c2" * 20), await make(client, "0x" + "c3" * 20)
    hashed = to_hex(keccak(bytes.fromhex(runtime_code()[2:])))
    pins = f', owners: ["{account}"], implementation: "{delegate}", implementation_hash: "{hashed}"'
    book = book_of(account, "simple-7702-account", pins)
    asked = propose(Call(to=STRANGER, value=1))
    plain = await observe(client, book, asked, at=at)
    assert plain.contract_accounts == {}
    assert "contract_account" in faults(book, asked, account, plain)

    await client.request("anvil_setCode", [account, "0xef0100" + delegate[2:]])
    facts = await observe(client, book, asked, at=at)
    assert facts.contract_accounts[account].singleton == delegate
    assert facts.contract_accounts[account].owners == (account,)
    assert facts.implementations[account] == delegate
    assert faults(book, asked, account, facts) == []
    await client.request("anvil_setCode", [account, "0xef0100" + other[2:]])
    assert faults(book, asked, account, await observe(client, book, asked, at=at)) == ["implementation"]
    await client.request("anvil_setCode", [account, "0xef0100" + delegate[2:]])
    await client.request("anvil_setCode", [delegate, runtime_code() + "00"])
    assert faults(book, asked, account, await observe(client, book, asked, at=at)) == ["implementation_hash"]


async def test_a_modular_account_has_the_pinned_modules_and_lists_no_others(
    client: ChainClient, account: str, at: datetime, propose: Callable[..., Proposal]
) -> None:
    mine = await make(client, "0x" + "c4" * 20)
    book = book_of(mine, "erc7579-account", f', modules: ["{MODULE}", "{OTHER}"]')
    harmless = propose(Call(to=mine, value=1))
    await send(client, account, Call.encode(mine, "setModule(uint256,address)", 1, MODULE))
    facts = await observe(client, book, harmless, at=at)
    assert facts.contract_accounts[mine].modules == (MODULE,)
    assert faults(book, harmless, mine, facts) == ["modules"]
    await send(client, account, Call.encode(mine, "setModule(uint256,address)", 4, OTHER))
    facts = await observe(client, book, harmless, at=at)
    assert facts.contract_accounts[mine].modules == (MODULE, OTHER)
    assert faults(book, harmless, mine, facts) == []
    for change in (
        Call.encode(mine, "addValidators(uint160,uint256)", int(STRANGER, 16), 1),
        Call.encode(mine, "setModule(uint256,address)", 0, OTHER),
    ):
        asked = propose(change)
        assert faults(book, asked, mine, await observe(client, book, asked, at=at)) == ["modules"]
    await send(client, account, Call.encode(mine, "addValidators(uint160,uint256)", 0x1000, MOST_MODULES))
    assert len((await observe(client, book, harmless, at=at)).contract_accounts[mine].modules) == MOST_MODULES + 2
    await send(client, account, Call.encode(mine, "addValidators(uint160,uint256)", 0x2000, 1))
    assert "contract_account" in faults(book, harmless, mine, await observe(client, book, harmless, at=at))
