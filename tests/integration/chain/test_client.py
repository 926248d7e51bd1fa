"""The chain client against a real node: what it reads, sends, and finds out when sending goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient, InsufficientFunds, NonceTooLow, Receipt, Underpriced, decode_revert
from treasurer.wallets.errors import ChainError, RpcRefused, WrongChain
from treasurer.wallets.values import checksum, parse_hex

ALICE = "0x" + "a1" * 20


@pytest.fixture
async def client(chain: Devnet) -> AsyncIterator[ChainClient]:
    async with ChainClient([chain.rpc], chain.chain_id) as opened:
        yield opened


class Wallet:
    """A fresh key with money, that signs transactions by eth_account: a second opinion on every byte."""

    def __init__(self, chain: Devnet) -> None:
        self.key = Account.create()
        self.address = self.key.address.lower()
        chain.world.fund(self.address, native=10)

    def sign(
        self, nonce: int, *, value: int = 1, max_fee: int = 20 * 10**9, tip: int = 10**9, gas: int = 21_000
    ) -> bytes:
        return bytes(
            self.key.sign_transaction(
                {
                    "chainId": 31337,
                    "nonce": nonce,
                    "to": checksum(ALICE),
                    "value": value,
                    "gas": gas,
                    "maxFeePerGas": max_fee,
                    "maxPriorityFeePerGas": tip,
                }
            ).raw_transaction
        )


async def included(client: ChainClient, transaction: str) -> Receipt:
    """The receipt, as soon as anvil has mined what it took."""
    for _ in range(500):
        if (receipt := await client.receipt(transaction)) is not None:
            return receipt
        await asyncio.sleep(0.02)
    raise AssertionError(f"{transaction} was not mined in 10 s")


@pytest.fixture
def wallet(chain: Devnet) -> Wallet:
    return Wallet(chain)


async def test_a_wrong_chain_id_is_refused_with_what_to_correct(chain: Devnet) -> None:
    with pytest.raises(WrongChain, match="serves chain 31337, and 1 is configured"):
        await ChainClient([chain.rpc], 1).open()


async def test_an_endpoint_that_is_down_is_passed_over(chain: Devnet) -> None:
    async with ChainClient(["http://127.0.0.1:9", chain.rpc], chain.chain_id) as client:
        assert (await client.block()).number > 0


async def test_a_transaction_is_sent_once_however_often_it_is_sent(client: ChainClient, wallet: Wallet) -> None:
    raw = wallet.sign(0)
    sent = await client.send_raw(raw)
    assert sent == "0x" + keccak(raw).hex()
    receipt = await included(client, sent)
    assert await client.send_raw(raw) == sent
    assert receipt.succeeded
    assert receipt.fee == 21_000 * receipt.effective_gas_price
    assert (
        await client.balance(ALICE, receipt.block_number) - await client.balance(ALICE, receipt.block_number - 1) == 1
    )
    assert await client.nonce(wallet.address) == 1
    assert (await client.transaction(sent) or {})["hash"] == sent


async def test_bytes_that_wait_in_the_pool_are_known(client: ChainClient, wallet: Wallet) -> None:
    await client.request("evm_setAutomine", [False])
    try:
        raw = wallet.sign(0)
        assert await client.send_raw(raw) == await client.send_raw(raw)
        assert await client.receipt("0x" + keccak(raw).hex()) is None
        assert await client.nonce(wallet.address, "pending") == 1
        with pytest.raises(Underpriced):
            await client.send_raw(wallet.sign(0, value=2))
        bumped = await client.send_raw(wallet.sign(0, value=2, max_fee=30 * 10**9, tip=2 * 10**9))
        await client.request("evm_mine")
        assert (await included(client, bumped)).succeeded
    finally:
        await client.request("evm_setAutomine", [True])


async def test_another_transaction_at_a_used_nonce_is_nonce_too_low(client: ChainClient, wallet: Wallet) -> None:
    await included(client, await client.send_raw(wallet.sign(0)))
    with pytest.raises(NonceTooLow):
        await client.send_raw(wallet.sign(0, value=2))


async def test_more_than_the_balance_is_insufficient_funds(client: ChainClient, wallet: Wallet) -> None:
    with pytest.raises(InsufficientFunds):
        await client.send_raw(wallet.sign(0, value=10**20))


async def test_fees_below_the_base_fee_are_underpriced(client: ChainClient, wallet: Wallet) -> None:
    await client.request("anvil_setNextBlockBaseFeePerGas", [hex(10**9)])
    await client.request("evm_mine")
    with pytest.raises(Underpriced):
        await client.send_raw(wallet.sign(0, max_fee=1, tip=1))


async def test_the_offer_is_taken_by_the_next_block(client: ChainClient, wallet: Wallet) -> None:
    quote = await client.fees()
    raw = wallet.sign(0, max_fee=quote.max_fee_per_gas, tip=quote.max_priority_fee_per_gas)
    receipt = await included(client, await client.send_raw(raw))
    assert quote.max_fee_per_gas >= 2 * (await client.block(receipt.block_number)).base_fee * 7 // 8


async def test_a_revert_carries_its_reason(client: ChainClient, chain: Devnet) -> None:
    usdc = chain.addresses()["tokens"]["usdc"]["address"].lower()
    call = Call.encode(usdc, "transfer(address,uint256)", ALICE, 10**30)
    with pytest.raises(RpcRefused) as caught:
        await client.call(usdc, call.data)
    assert decode_revert(parse_hex(caught.value.data)).startswith(("reverted", "panic"))
    with pytest.raises(RpcRefused):
        await client.estimate_gas(ALICE, call)


async def test_blocks_are_found_by_number_hash_and_tag(client: ChainClient) -> None:
    head = await client.block()
    assert await client.block(head.hash) == head
    assert await client.block(head.number) == head
    assert (await client.block(head.number - 1)).hash == head.parent_hash
    with pytest.raises(ChainError, match="no block"):
        await client.block("0x" + "00" * 32)


async def test_code_and_storage_are_read_at_a_block(client: ChainClient, chain: Devnet) -> None:
    pool = chain.addresses()["venues"]["aave-v3"]
    head = await client.block()
    assert "0x" + keccak(await client.code(pool["address"], head.hash)).hex() == pool["code_hash"]
    slot = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
    assert (await client.storage(pool["address"], slot, head.hash))[-20:].hex() == pool["implementation"][2:].lower()
    assert await client.code(ALICE) == b""


async def test_finality_follows_the_head(client: ChainClient, chain: Devnet) -> None:
    finality = await client.finality()
    assert finality.finalized <= finality.safe <= finality.latest
    async with ChainClient([chain.rpc], 31337, finality_depth=1) as shallow:
        assert (await shallow.finality()).finalized == finality.latest - 1
