"""Names are hashed as EIP-137 says."""

from __future__ import annotations

import pytest

from treasurer.wallets.ens import namehash


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("", "0" * 64),
        ("eth", "93cdeb708b7545dc668eb9280176169d1c33cfd8ed6f04690a0bcc88a93fc4ae"),
        ("foo.eth", "de9b09fd7c5f901e23a3f19fecc54828e9c848539801e86591bd9801b019f84f"),
    ],
)
def test_the_examples_of_the_standard(name: str, node: str) -> None:
    assert namehash(name).hex() == node
