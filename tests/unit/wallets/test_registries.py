"""The registries that come with treasurer: every row has a source, and nothing in them was made up."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from treasurer.wallets.errors import InvalidValue
from treasurer.wallets.registry import Registry, read_registry, registry_of
from treasurer.wallets.values import checksum

CHAINS = {
    1: "ethereum",
    10: "optimism",
    137: "polygon",
    8453: "base",
    42161: "arbitrum",
    84532: "base-sepolia",
    11155111: "sepolia",
}
FOLDER = files("treasurer.wallets").joinpath("registries")
chains = pytest.mark.parametrize("chain_id", sorted(CHAINS))


def document(chain_id: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FOLDER.joinpath(f"{CHAINS[chain_id]}.json").read_text())
    return read


def rows(chain_id: int) -> dict[str, dict[str, Any]]:
    read = document(chain_id)
    return {**read["tokens"], **read["venues"], **read["contracts"]}


@chains
def test_each_chain_has_a_registry_that_reads(chain_id: int) -> None:
    registry = registry_of(chain_id)
    assert (registry.chain_id, registry.name) == (chain_id, CHAINS[chain_id])
    assert registry.tokens[registry.wrapped_native].kind == "weth9"
    assert {venue.kind for venue in registry.venues.values()} >= {"aave-v3-pool", "uniswap-v3-router"}


@chains
def test_each_row_names_a_pinned_package(chain_id: int) -> None:
    pinned = json.loads(FOLDER.joinpath("source/package.json").read_text())["dependencies"]
    named = {f"{name}@{version}" for name, version in pinned.items()}
    for label, row in rows(chain_id).items():
        assert row["source"].split(" ")[0] in named, label


@chains
def test_only_what_a_package_holds_has_a_code_hash(chain_id: int) -> None:
    hashed = {label for label, row in rows(chain_id).items() if row.get("code_hash")}
    assert hashed == set(document(chain_id)["contracts"])
    assert not any(row.get("implementation") for row in rows(chain_id).values())


@chains
def test_addresses_that_mix_cases_are_valid_and_tokens_are_distinct(chain_id: int) -> None:
    registry = registry_of(chain_id)
    written = json.dumps(document(chain_id))
    for token in registry.tokens.values():
        assert checksum(token.address) in written
    assert len({token.address for token in registry.tokens.values()}) == len(registry.tokens)


@chains
def test_a_feed_has_a_heartbeat_and_reserves_are_tokens(chain_id: int) -> None:
    registry = registry_of(chain_id)
    for token in (*registry.tokens.values(), registry.native):
        assert (token.feed is None) == (token.heartbeat_seconds is None)
    assert registry.native.feed == registry.tokens[registry.wrapped_native].feed
    assert registry.venues["aave-v3"].reserves.keys() <= registry.tokens.keys()


@chains
def test_swaps_are_quoted_on_every_chain(chain_id: int) -> None:
    uniswap = registry_of(chain_id).venues["uniswap-v3"]
    assert uniswap.factory
    assert uniswap.fee_tiers == (100, 500, 3000, 10000)
    first = "0xb27308f9f90d607463bb33ea1bebb41c27ce5ab6"
    assert uniswap.quoter_kind == ("quoter" if uniswap.quoter == first else "quoter-v2")
    assert (uniswap.quoter == first) == (chain_id in (1, 10, 137, 42161))


def test_well_known_rows_are_where_everybody_knows_them() -> None:
    ethereum = registry_of(1)
    assert ethereum.tokens["usdc"].address == "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
    assert ethereum.tokens["weth"].address == "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
    assert ethereum.venues["uniswap-v3"].address == "0x68b3465833fb72a70ecdf485e0e4c7bd8665fc45"
    assert ethereum.venues["aave-v3"].address == "0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2"
    assert registry_of(42161).tokens["usdc"].address == "0xaf88d065e77c8cc2239327c5edb3a432268e5831"


def test_a_chain_without_one_is_told_which_there_are() -> None:
    with pytest.raises(InvalidValue, match="no registry for chain 5 comes with treasurer; there are: 1, 10,"):
        registry_of(5)


@pytest.mark.parametrize("change", [{"tokens": 1}, {"extra": 1}, {"chain_id": "x"}])
def test_a_file_that_is_none_says_where(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(document(1) | change))
    with pytest.raises(InvalidValue, match=next(iter(change))):
        read_registry(path)
    with pytest.raises(InvalidValue, match="no registry at"):
        read_registry(tmp_path / "absent.json")


def test_a_registry_file_reads_as_the_packaged_one(tmp_path: Path) -> None:
    path = tmp_path / "registry.json"
    path.write_text(json.dumps(document(10)))
    assert read_registry(path) == registry_of(10)
    assert isinstance(registry_of(10), Registry)
