"""Canonical ABI decoding agrees with eth_abi's encoder, and with nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.decode.draft.abi import NotCanonical, decode

addresses = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
words = st.integers(0, 2**256 - 1)
ATOMS: dict[str, st.SearchStrategy[Any]] = {
    "uint256": words,
    "uint24": st.integers(0, 2**24 - 1),
    "uint8": st.integers(0, 255),
    "bool": st.booleans(),
    "address": addresses,
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes": st.binary(max_size=70),
}


def _composite(pair: tuple[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[tuple[str, st.SearchStrategy[Any]]]:
    name, values = pair
    return st.sampled_from(
        [
            (name, values),
            (f"{name}[]", st.lists(values, max_size=3).map(tuple)),
            (f"({name},uint256)", st.tuples(values, words)),
            (f"(bytes,{name})[]", st.lists(st.tuples(ATOMS["bytes"], values), max_size=2).map(tuple)),
        ]
    )


typed = st.sampled_from(sorted(ATOMS.items())).flatmap(_composite).flatmap(_composite)
arguments = st.lists(typed, max_size=4).flatmap(
    lambda pairs: st.tuples(st.just([name for name, _ in pairs]), st.tuples(*(values for _, values in pairs)))
)


@given(arguments)
def test_what_eth_abi_encodes_decodes_to_the_same_values(pair: tuple[list[str], tuple[Any, ...]]) -> None:
    types, values = pair
    assert decode(f"f({','.join(types)})", encode(types, values)) == values


@given(arguments, st.data())
def test_any_other_bytes_are_refused_or_are_the_encoding_of_other_values(
    pair: tuple[list[str], tuple[Any, ...]], data: st.DataObject
) -> None:
    types, values = pair
    encoded = encode(types, values)
    mutated = data.draw(_mutations(encoded))
    try:
        found = decode(f"f({','.join(types)})", mutated)
    except NotCanonical:
        return
    assert encode(types, found) == mutated
    assert (found == values) == (mutated == encoded)


def _mutations(encoded: bytes) -> st.SearchStrategy[bytes]:
    choices = [st.binary(min_size=1, max_size=40).map(lambda more: encoded + more), st.binary(max_size=200)]
    if encoded:
        choices.append(st.integers(0, len(encoded) - 1).map(lambda end: encoded[:end]))
        flips = st.tuples(st.integers(0, len(encoded) - 1), st.integers(0, 255))
        choices.append(flips.map(lambda flip: encoded[: flip[0]] + bytes([flip[1]]) + encoded[flip[0] + 1 :]))
    return st.one_of(choices)


def _word(number: int) -> str:
    return f"{number:064x}"


@pytest.mark.parametrize(
    ("signature", "data", "words"),
    [
        ("f(uint256)", _word(1) + "00", "1 bytes follow"),
        ("f(uint256)", _word(1)[:-2], "end inside"),
        ("f(address)", "01" + _word(5)[2:], "dirty padding"),
        ("f(bool)", _word(2), "does not fit its 1 bits"),
        ("f(uint24)", _word(2**24), "does not fit its 24 bits"),
        ("f(bytes4)", "11" * 5 + "00" * 27, "dirty padding"),
        ("f(bytes)", _word(64) + _word(0) + _word(0), "offset"),
        ("f(bytes)", _word(32) + _word(1) + "ff" * 32, "dirty padding"),
        ("f(bytes)", _word(32) + _word(2**255), "longer"),
        ("f(uint256[])", _word(32) + _word(2**200), "longer"),
        ("f(bytes,bytes)", _word(64) + _word(64) + _word(0), "offset"),
    ],
)
def test_each_way_to_write_a_value_otherwise_is_refused(signature: str, data: str, words: str) -> None:
    with pytest.raises(NotCanonical, match=words):
        decode(signature, bytes.fromhex(data))
