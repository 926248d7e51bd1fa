"""The chain's own word: each transaction rebuilt from what a node answers, so that its bytes prove themselves by their
hash."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ....wallets.chain import ChainClient, Receipt
from ....wallets.chain.values import quantity
from ....wallets.errors import ChainError, InvalidValue, RpcRefused
from ....wallets.keys import recover
from ....wallets.transaction import Transaction, transaction_hash
from ....wallets.values import parse_hex
from ..records import Broadcast, Included
from .clearances import ClearedTransaction
from .exported import Entry, Exported
from .report import Report
from .transactions import first_nonce, recorded_nonces

NO_RPC = "no RPC was given: add --rpc URL to hold the log against the chain"


def skip_chain(log: Exported, report: Report) -> None:
    """Say what stays open without an RPC."""
    for entry in log.of_kind("broadcast"):
        report.unverifiable(f"transaction {entry.body.hash}", NO_RPC)
    report.unverifiable("completeness", NO_RPC)


async def check_chain(log: Exported, cleared: list[ClearedTransaction], rpc: str, report: Report) -> None:
    """Report on each broadcast transaction and on the wallet's nonces. Raises ChainError where the RPC does not
    serve."""
    by_signing_hash = {item.clearance.signing_hash: item for item in cleared}
    async with ChainClient([rpc], log.opened.chain_id) as chain:
        found: dict[int, set[str]] = defaultdict(set)
        for entry in log.of_kind("broadcast"):
            body: Broadcast = entry.body
            answer = await chain.transaction(body.hash)
            receipt = None if answer is None else await chain.receipt(body.hash)
            if receipt is not None:
                found[body.nonce].add(body.hash)
            _check_transaction(log, entry, by_signing_hash.get(body.signing_hash.lower()), answer, receipt, report)
        await _check_completeness(log, cleared, found, chain, report)


            def _check_transaction( log: Exported, entry: Entry, cleared: ClearedTransaction | None, answer: dict[str,
            Any] | None, receipt: Receipt | None, report: Report, ) -> None: body: Broadcast = entry.body claim =
            f"transaction {body.hash}" included = _standing_inclusion(log, body.hash) if answer is None or receipt is
            None: if included is not None: report.refuted(claim, f"the log says that block {included.block_number}
            holds it, and the chain does not have it") else: report.unverifiable(claim, "it is not on the chain: it
            waits, or was replaced") return faults = _byte_faults(log, body, answer) if included is not None: faults +=
            _receipt_faults(included, receipt) if cleared is not None and receipt.block_number <=
            cleared.clearance.judged_block: faults.append( f"it is in block {receipt.block_number}, and its clearance
            was judged at block {cleared.clearance.judged_block}" ) seen = "as the log says" if included is not None
            else "after the log's end" outcome = "succeeded" if receipt.succeeded else "failed" report.conclude(claim,
            faults, f"the chain holds exactly the cleared bytes: it {outcome} in block {receipt.block_number}, {seen}")


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
    except (KeyError, TypeError, ValueError, OverflowError, InvalidValue, ChainError) as error:
        return [f"the chain's transaction is not of the kind that the guard clears ({type(error).__name__}: {error})"]
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


def _receipt_faults(included: Included, receipt: Receipt) -> list[str]:
    pairs = {
        "block number": (included.block_number, receipt.block_number),
        "block hash": (included.block_hash.lower(), receipt.block_hash),
        "status": (included.status, int(receipt.succeeded)),
        "gas used": (included.gas_used, receipt.gas_used),
        "gas price": (int(included.effective_gas_price), receipt.effective_gas_price),
    }
    return [
        f"the log says {name} {recorded}, the chain {actual}" for name, (recorded, actual) in pairs.items() if recorded != actual
    ]


async def _check_completeness(
    log: Exported, cleared: list[ClearedTransaction], found: dict[int, set[str]], chain: ChainClient, report: Report
) -> None:
    """Every nonce that the wallet has used on the chain has a record, and a transaction that the log knows."""
            recorded = recorded_nonces(log, cleared) foreign = {entry.body.nonce for entry in
            log.of_kind("foreign_transaction")} used = await chain.nonce(log.opened.account) first = first_nonce(log,
            recorded) start = used if first is None else first end = max(recorded, default=start - 1) faults = [
            f"nonce {nonce} was used on the chain by a transaction that the log does not know" for nonce in
            range(start, min(used, end + 1)) if nonce not in foreign and not found[nonce] ] later = used - (end + 1) if
            later > 0: at_end = await _nonce_at(log, chain) if at_end is None: report.unverifiable("completeness",
            f"the wallet used {later} more nonces than the export knows, when is not told by this node") return faults
            += [f"nonce {nonce} was used before the log's newest record, and has none" for nonce in range(end + 1,
            at_end)] if not faults: report.unverifiable( "completeness", f"complete up to nonce {end}; the wallet used
            {later} more after this export: ask for a newer one" ) return report.conclude("completeness", faults, f"all
            {used - start} transactions of the wallet since the log began are in it")


async def _nonce_at(log: Exported, chain: ChainClient) -> int | None:
    """The wallet's nonce at the last block before the newest record's time; None where the node does not keep old
    state."""
    newest = log.entries[-1].time.timestamp()
    low, high = 0, (await chain.block()).number
    try:
        while low < high:
            middle = (low + high + 1) // 2
            if (await chain.block(middle)).timestamp < newest:
                low = middle
            else:
                high = middle - 1
        return await chain.nonce(log.opened.account, low)
    except (RpcRefused, ChainError):
        return None
