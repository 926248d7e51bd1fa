"""The chain's own word: each transaction rebuilt from what a node answers, so that its hash proves its bytes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ....wallets.chain import ChainClient, Receipt
from ....wallets.chain.values import quantity
from ....wallets.errors import ChainError
from ....wallets.keys import recover
from ....wallets.transaction import Transaction, transaction_hash
from ....wallets.values import parse_hex
from ..records import Broadcast, Included
from .clearances import ClearedTransaction
from .exported import Exported
from .report import Report
from .transactions import first_nonce, recorded_nonces

NO_RPC = "no RPC was given: add --rpc URL to hold the log against the chain"


def skip_chain(log: Exported, report: Report) -> None:
    """Say what stays open without an RPC."""
    for entry in log.of_kind("broadcast"):
        report.unverifiable(f"transaction {entry.body.hash}", NO_RPC)
    report.unverifiable("completeness", NO_RPC)


async def check_chain(log: Exported, cleared: list[ClearedTransaction], rpc: str, report: Report) -> None:
    """Report on each broadcast transaction and the wallet's nonces. Raises ChainError where ``rpc`` does not serve."""
    by_hash = {item.clearance.signing_hash: item for item in cleared}
    found: dict[int, set[str]] = defaultdict(set)
    replaced = {entry.body.hash.lower() for entry in log.of_kind("replaced") if entry.body.hash is not None}
    async with ChainClient([rpc], log.opened.chain_id) as chain:
        for entry in log.of_kind("broadcast"):
            body: Broadcast = entry.body
            answer = await chain.transaction(body.hash)
            receipt = None if answer is None else await chain.receipt(body.hash)
            if answer is None or receipt is None:
                _report_absent(log, body, report)
                continue
            found[body.nonce].add(body.hash)
            faults = _byte_faults(log, body, answer)
            faults += _receipt_faults(_standing_inclusion(log, body.hash), receipt)
            if body.hash.lower() in replaced:
                faults.append("the log says that another transaction took its nonce, and the chain holds it")
            clearance = by_hash.get(body.signing_hash.lower())
            judged = -1 if clearance is None else clearance.clearance.judged_block
            if receipt.block_number <= judged:
                faults.append(f"block {receipt.block_number} holds it, and its clearance was judged later, at {judged}")
            outcome = "succeeded" if receipt.succeeded else "failed"
            why = f"the chain holds exactly the cleared bytes, which {outcome} in block {receipt.block_number}"
            report.conclude(f"transaction {body.hash}", faults, why)
        await _check_completeness(log, cleared, found, chain, report)


def _report_absent(log: Exported, body: Broadcast, report: Report) -> None:
    claim = f"transaction {body.hash}"
    included = _standing_inclusion(log, body.hash)
    if included is None:
        report.unverifiable(claim, "it is not on the chain: it waits, or was replaced")
    else:
        report.refuted(claim, f"the log says that block {included.block_number} holds it, and the chain lacks it")


def _standing_inclusion(log: Exported, transaction: str) -> Included | None:
    """The newest inclusion of a transaction that no later reorg took back."""
    standing: Included | None = None
    for entry in log.of_kind("included", "reorged"):
        if entry.body.hash is not None and entry.body.hash.lower() == transaction.lower():
            standing = entry.body if isinstance(entry.body, Included) else None
    return standing


def _byte_faults(log: Exported, body: Broadcast, answer: dict[str, Any]) -> list[str]:
    try:
        transaction = Transaction(
            chain_id=quantity(answer["chainId"]),
            nonce=quantity(answer["nonce"]),
            max_priority_fee_per_gas=quantity(answer["maxPriorityFeePerGas"]),
            max_fee_per_gas=quantity(answer["maxFeePerGas"]),
            gas_limit=quantity(answer["gas"]),
            to=answer["to"],
            value=quantity(answer["value"]),
            data=parse_hex(answer["input"]),
        )
        y_parity = quantity(answer.get("yParity") or answer["v"])
        r, s = quantity(answer["r"]), quantity(answer["s"])
        raw = transaction.signed_bytes(y_parity, r, s)
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((27 + y_parity,))
        signer = recover(transaction.signing_hash(), signature)
    except (KeyError, TypeError, ValueError, OverflowError, ChainError) as error:
        return [f"the chain's transaction is none that the guard clears ({type(error).__name__}: {error})"]
    faults = []
    if transaction_hash(raw) != body.hash.lower():
        faults.append("the bytes that the node answers have another hash: do not trust that node")
    if transaction.signing_hash() != body.signing_hash.lower():
        faults.append(f"the chain holds other bytes than those cleared: signing hash {transaction.signing_hash()}")
    if signer != log.opened.account.lower():
        faults.append(f"it was signed by {signer}, not by the wallet {log.opened.account}")
    if transaction.nonce != body.nonce:
        faults.append(f"its nonce is {transaction.nonce}, the log says {body.nonce}")
    return faults


def _receipt_faults(included: Included | None, receipt: Receipt) -> list[str]:
    if included is None:
        return []
    pairs = {
        "block number": (included.block_number, receipt.block_number),
        "block hash": (included.block_hash.lower(), receipt.block_hash),
        "status": (included.status, int(receipt.succeeded)),
        "gas used": (included.gas_used, receipt.gas_used),
        "gas price": (int(included.effective_gas_price), receipt.effective_gas_price),
    }
    return [f"the log says {name} {said}, the chain {is_}" for name, (said, is_) in pairs.items() if said != is_]


async def _check_completeness(
    log: Exported, cleared: list[ClearedTransaction], found: dict[int, set[str]], chain: ChainClient, report: Report
) -> None:
    """Every nonce that the wallet has used on the chain has a record, and a transaction that the log knows."""
    recorded = recorded_nonces(log, cleared)
    foreign = {entry.body.nonce for entry in log.of_kind("foreign_transaction")}
    used = await chain.nonce(log.opened.account)
    start = first_nonce(log, recorded)
    end = max(recorded, default=start - 1) + 1
    faults = [
        f"nonce {nonce} was used on the chain by a transaction that the log does not know"
        for nonce in range(start, min(used, end))
        if nonce not in foreign and not found[nonce]
    ]
    if used <= end or faults:
        report.conclude("completeness", faults, f"all {used - start} transactions of the wallet are in the log")
        return
    used_then = await _nonce_at_end(log, chain)
    faults = [
        f"nonce {nonce} was used before the log's newest record, and has none" for nonce in range(end, used_then or 0)
    ]
    for fault in faults:
        report.refuted("completeness", fault)
    if not faults:
        known = "the node does not tell when" if used_then is None else "after this export: ask for a newer one"
        report.unverifiable(
            "completeness", f"the wallet used {used - end} nonces that the export does not know, {known}"
        )


async def _nonce_at_end(log: Exported, chain: ChainClient) -> int | None:
    """The wallet's nonce at the last block before the newest record's time; None where the node keeps no old state."""
    newest = log.entries[-1].time.timestamp()
    try:
        low, high = 0, (await chain.block()).number
        while low < high:
            middle = (low + high + 1) // 2
            if (await chain.block(middle)).timestamp < newest:
                low = middle
            else:
                high = middle - 1
        return await chain.nonce(log.opened.account, low)
    except ChainError:
        return None
