"""gathered: many probes asked by one call, of a contract that exists in the simulation alone.

A node spends more on a call's receipt than on the read itself, and both sides on its JSON. The code below is put at
READER by a state override. Calldata: for each probe a word, its contract in the first 20 bytes and the length of its
calldata in the last 4, then that calldata. Answer: for each probe a word, its first bit whether it succeeded and the
rest the length, then what it returned. The probes are STATICCALLs: none can change what the next one sees.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....wallets.values import ZERO_ADDRESS, to_hex
from ..simulation.simulation import PROBE_GAS
from .probes import WORD, Answers, Probe

READER = "0x00000000000000000000000000007265616465b5"
"""No account has this address."""
_LONGEST_ANSWER = 0x4000
"""Bytes; what is longer counts as no answer. A hundred modules or owners are some 3,300."""
_CODE = (
    "0x600060005b813611600e576000f35b81358063ffffffff168084602001843760006000828585"
    f"60601c63{PROBE_GAS:08x}fa3d61{_LONGEST_ANSWER:04x}81111502808260ff1b178552806000866020013e"
    "905092830160200192508301602001925050600456"
)
"""In words: while there is calldata: copy a probe's calldata behind what was answered so far; STATICCALL it with
PROBE_GAS; write its word over that, and RETURNDATACOPY behind the word. Then RETURN all.
"""
OVERRIDE = {READER: {"code": _CODE}}
_GAS_BESIDE_PROBES = 200_000
_SHARE_OF_BLOCK = 3
"""Before, the calls, after: none of the three leaves the others without gas."""


def gather(probes: Sequence[Probe], block_gas: int) -> list[dict[str, str]]:
    """The one call that asks ``probes``, as eth_simulateV1 takes it; none for none. ``block_gas``: a block's limit."""
    if not probes:
        return []
    data = b"".join(bytes.fromhex(p.to[2:]) + len(p.data).to_bytes(12, "big") + p.data for p in probes)
    # A call gives on 63 of 64 parts of what it has (EIP-150).
    gas = _GAS_BESIDE_PROBES + len(probes) * (PROBE_GAS + PROBE_GAS // 63)
    if block_gas:
        gas = min(gas, block_gas // _SHARE_OF_BLOCK)
    return [{"from": ZERO_ADDRESS, "to": READER, "data": to_hex(data), "gas": hex(gas)}]


def gathered(probes: Sequence[Probe], returned: bytes) -> Answers:
    """What each probe answered. One that failed, or whose answer is not whole, has none."""
    answers, at = {}, 0
    for probe in probes:
        word = int.from_bytes(returned[at : at + WORD], "big")
        length, start = word & 0xFFFF_FFFF, at + WORD
        at = start + length
        if word >> 255 and at <= len(returned):
            answers[probe] = returned[start:at]
    return Answers(answers)
