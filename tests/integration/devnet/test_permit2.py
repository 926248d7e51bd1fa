"""Permit2 and the EntryPoint lie where they lie everywhere, and work."""

from __future__ import annotations

from eth_account.messages import encode_typed_data

from treasurer.scenarios.devnet import Devnet

from .conftest import Person

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
TRANSFER = "permitTransferFrom(((address,uint256),uint256,uint256),(address,uint256),address,bytes)"
LATER = 2**40


def test_a_signed_transfer_is_pulled_through_permit2(people: tuple[Person, Person]) -> None:
    owner, spender = people
    usdc = owner.token("usdc")
    assert owner.venue("permit2")["address"] == PERMIT2
    owner.approve("usdc", PERMIT2, 2**256 - 1)
    types = {
        "PermitTransferFrom": [
            {"name": "permitted", "type": "TokenPermissions"},
            {"name": "spender", "type": "address"},
            {"name": "nonce", "type": "uint256"},
            {"name": "deadline", "type": "uint256"},
        ],
        "TokenPermissions": [{"name": "token", "type": "address"}, {"name": "amount", "type": "uint256"}],
    }
    permitted = {"token": usdc, "amount": 900}
    message = {"permitted": permitted, "spender": spender.address, "nonce": 0, "deadline": LATER}
    domain = {"name": "Permit2", "chainId": owner.devnet.chain_id, "verifyingContract": PERMIT2}
    signed = owner.key.sign_message(encode_typed_data(domain, types, message)).signature
    order = ((usdc, 900), 0, LATER)
    spender.send(PERMIT2, TRANSFER, order, (spender.address, 900), owner.address, bytes(signed))
    assert spender.balance("usdc") == 100_000 * 10**6 + 900


def test_the_entry_point_takes_deposits_at_its_canonical_address(chain: Devnet, person: Person) -> None:
    entry_point = chain.addresses()["contracts"]["entry-point-0.8"]["address"]
    assert entry_point == "0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108"
    chain.world.rpc.send(person.address, entry_point, "depositTo(address)", person.address, wei=10**18)
    assert person.call(entry_point, "balanceOf(address)", person.address, returns="(uint256)") == 10**18
