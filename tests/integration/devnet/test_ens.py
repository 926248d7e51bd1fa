"""A name finds its address and an address its name, also through web3's own ENS."""

from __future__ import annotations

import pytest
from web3 import Web3

from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.errors import InvalidWorld
from treasurer.wallets.ens import namehash


def test_a_registered_name_resolves_both_ways(chain: Devnet) -> None:
    web3 = Web3(Web3.HTTPProvider(chain.rpc))
    account = chain.accounts[4]
    chain.world.name("erin.eth", account)
    assert web3.ens.address("erin.eth") == account
    assert web3.ens.name(account) == "erin.eth"
    resolver = web3.ens.resolver("erin.eth")
    assert resolver.address == chain.addresses()["contracts"]["ens-resolver"]["address"]


def test_a_name_that_nobody_registered_resolves_to_nothing(chain: Devnet) -> None:
    web3 = Web3(Web3.HTTPProvider(chain.rpc))
    chain.world.name("erin.eth", chain.accounts[4])
    assert web3.ens.address("frank.eth") is None
    assert web3.ens.address("sub.erin.eth") is None
    assert web3.ens.name(chain.accounts[5]) is None


def test_the_owner_of_a_name_is_the_account(chain: Devnet) -> None:
    chain.world.name("erin.eth", chain.accounts[4])
    registry = chain.addresses()["contracts"]["ens-registry"]["address"]
    owner = chain.world.rpc.call(registry, "owner(bytes32)", namehash("erin.eth"), returns="(address)")
    assert owner == chain.accounts[4]


@pytest.mark.parametrize("name", ["erin", "erin.com", "sub.erin.eth", ".eth", ""])
def test_only_labels_below_eth_are_registered(chain: Devnet, name: str) -> None:
    with pytest.raises(InvalidWorld, match=r"below \.eth"):
        chain.world.name(name, chain.accounts[4])
