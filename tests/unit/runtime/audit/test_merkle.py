"""The tree of RFC 9162: the roots and proofs agree with the definition, and no other proof passes."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from treasurer.runtime.audit.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)

# The test vectors of certificate-transparency: https://github.com/google/certificate-transparency, merkletree tests.
INPUTS = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243")]
ROOT_OF_SIX = "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 9162, 2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


def tree(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def test_the_published_vector() -> None:
    assert root_of([leaf_hash(data) for data in INPUTS]).hex() == ROOT_OF_SIX


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert CompactRange().root() == EMPTY_ROOT == defined_root([])


@given(st.integers(0, 300))
def test_the_compact_range_gives_the_defined_root(size: int) -> None:
    assert root_of(tree(size)) == defined_root(tree(size))


@given(st.integers(0, 200), st.integers(0, 60))
def test_a_stored_range_goes_on_where_it_was(size: int, more: int) -> None:
    whole = CompactRange()
    for leaf in tree(size):
        whole.append(leaf)
    restored = CompactRange(size, whole.to_bytes())
    for leaf in tree(size + more)[size:]:
        restored.append(leaf)
    assert restored.root() == defined_root(tree(size + more))


@given(st.integers(1, 130), st.data())
def test_inclusion_is_proven_for_its_own_place_only(size: int, data: st.DataObject) -> None:
    leaves, index = tree(size), data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(leaves, index), root_of(leaves)
    assert proves_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(0, size))
    if other != index:
        assert not proves_inclusion(leaves[index], other, size, proof, root)
    assert not proves_inclusion(leaf_hash(b"another"), index, size, proof, root)
    assert not proves_inclusion(leaves[index], index, size, [*proof, root], root)
    if proof:
        assert not proves_inclusion(leaves[index], index, size, proof[:-1], root)


@given(st.integers(1, 130), st.data())
def test_consistency_is_proven_for_a_prefix_only(size: int, data: st.DataObject) -> None:
    leaves, old = tree(size), data.draw(st.integers(1, size))
    proof = consistency_proof(leaves, old)
    old_root, root = root_of(leaves[:old]), root_of(leaves)
    assert proves_consistency(old, old_root, size, root, proof)
    forked = root_of([*leaves[: old - 1], leaf_hash(b"forked")])
    assert not proves_consistency(old, forked, size, root, proof)
    assert not proves_consistency(old, old_root, size, root, [*proof, root])
    if proof:
        assert not proves_consistency(old, old_root, size, root, proof[:-1])
        bent = [*proof[:-1], leaf_hash(proof[-1])]
        assert not proves_consistency(old, old_root, size, root, bent)
