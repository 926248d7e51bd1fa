"""Safe 1.4.1 on the devnet lies where it lies everywhere, and executes what its owner signs."""

from __future__ import annotations

from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import calldata

from .conftest import Person

NO_ONE = "0x" + 40 * "0"
SETUP = "setup(address[],uint256,address,bytes,address,address,uint256,address)"
EXECUTE = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
HASH = "getTransactionHash(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,uint256)"
DELEGATE_CALL = 1


def new_safe(person: Person) -> str:
    contracts = person.devnet.addresses()["contracts"]
    handler = contracts["safe-fallback-handler"]["address"]
    setup = calldata(SETUP, [person.address], 1, NO_ONE, b"", handler, NO_ONE, 0, NO_ONE)
    receipt = person.send(
        contracts["safe-proxy-factory"]["address"],
        "createProxyWithNonce(address,bytes,uint256)",
        contracts["safe-singleton"]["address"],
        setup,
        0,
    )
    created = keccak(text="ProxyCreation(address,address)").hex()
    log = next(log for log in receipt["logs"] if log["topics"][0][2:] == created)
    return to_checksum_address(log["topics"][1][26:])


def test_a_safe_sends_two_payments_as_one_transaction(chain: Devnet, people: tuple[Person, Person]) -> None:
    owner, payee = people
    usdc = owner.token("usdc")
    safe = new_safe(owner)
    chain.world.fund(safe, tokens={"usdc": 1_000})
    payment = calldata("transfer(address,uint256)", payee.address, 300 * 10**6)
    packed = b"\0" + bytes.fromhex(usdc[2:]) + bytes(32) + len(payment).to_bytes(32, "big") + payment
    multisend = chain.addresses()["contracts"]["safe-multisend-call-only"]["address"]
    batch = calldata("multiSend(bytes)", packed * 2)
    terms = (multisend, 0, batch, DELEGATE_CALL, 0, 0, 0, NO_ONE, NO_ONE)
    to_sign = owner.call(safe, HASH, *terms, 0, returns="(bytes32)")
    signed = owner.key.unsafe_sign_hash(to_sign).signature
    owner.send(safe, EXECUTE, *terms, signed)
    assert chain.world.balance(safe, "usdc") == 400 * 10**6
    assert payee.balance("usdc") == 100_600 * 10**6


def test_multicall3_reads_many_at_its_canonical_address(chain: Devnet, person: Person) -> None:
    multicall = chain.addresses()["contracts"]["multicall3"]["address"]
    assert multicall == "0xcA11bde05977b3631167028862bE2a173976CA11"
    calls = [(person.token(label), False, calldata("decimals()")) for label in ("usdc", "weth", "wbtc")]
    answers = person.call(multicall, "aggregate3((address,bool,bytes)[])", calls, returns="((bool,bytes)[])")
    assert list(answers) == [(True, encode(["uint8"], [decimals])) for decimals in (6, 18, 8)]
