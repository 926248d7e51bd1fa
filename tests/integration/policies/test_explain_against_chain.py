"""``treasurer policy explain --tx``: a transaction that a chain holds, and a policy's word on it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import calldata

from .conftest import ALICE, written_book

POLICY = "version: 1\nname: t\nchains: [31337]\nrules: [{id: pay, allow: transfer, when: {usd: {max: 500}}}]\n"
COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"


def _explain(*words: str, folder: Path) -> tuple[int, str, str]:
    command = [sys.executable, "-c", COMMAND, "policy", "explain", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=90, check=False, text=True)
    return done.returncode, done.stdout, done.stderr


def test_a_transaction_on_a_chain_is_explained_with_its_prices(chain: Devnet, account: str, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "book.yaml").write_bytes(written_book(chain))
    usdc = chain.addresses()["tokens"]["usdc"]["address"]
    data = "0x" + calldata("transfer(address,uint256)", ALICE, 250_000_000).hex()
    receipt = chain.world.rpc.transact({"from": account, "to": usdc, "data": data})
    asked = ("--tx", receipt["transactionHash"], "--rpc", chain.rpc)

    status, said, why = _explain(*asked, "--policy", "policy.yaml", "--book", "book.yaml", folder=tmp_path)
    assert (status, why) == (0, "")
    assert f"state in block {int(receipt['blockNumber'], 16)}" in said
    assert "transfer: send 250 usdc (USD 250.00) to alice" in said
    assert "verdict: allow" in said

    status, said, _ = _explain(*asked, folder=tmp_path)
    assert status == 0
    assert "perhaps transfer(address,uint256)" in said

    status, _, why = _explain("--tx", "0x" + "11" * 32, "--rpc", chain.rpc, folder=tmp_path)
    assert (status, "knows no transaction" in why) == (2, True)
