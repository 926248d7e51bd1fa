"""Typed data (EIP-712) judged by what it permits: only structs that we know to the letter, on contracts of the book."""

from __future__ import annotations

from typing import Any

from ...wallets.typed_data import TypedData
from .draft import Draft
from .eip712_struct import DOMAIN_TYPE, NotThatStruct, parse_types, read_struct
from .permits import PERMITS, Signed

DOMAIN_MEMBERS = (("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"))


def derive_typed_data(draft: Draft, typed_data: TypedData) -> None:
    """Append what signing ``typed_data`` permits; unknown for a domain, type or member that nobody knows."""
    try:
        contract, chain_id = _domain(typed_data)
        known = _known(typed_data)
        if known is None:
            draft.unknown(f"what typed data of type {typed_data.primary_type[:80]!r} permits", target=contract)
            return
        struct_types, decode = known
        message = read_struct(typed_data.primary_type, struct_types, typed_data.message)
    except NotThatStruct as fault:
        draft.unknown(f"what the typed data permits: {fault}")
        return
    before = len(draft.effects)
    decode(draft, Signed(contract, message))
    if chain_id != draft.chain_id:
        beside = before if len(draft.effects) > before else None
        words = f"what the signature does on chain {chain_id}: the proposal is for chain {draft.chain_id}"
        draft.unknown(words, target=contract, beside=beside)


def _known(typed_data: TypedData) -> tuple[Any, Any] | None:
    """The known struct with exactly these types, and its decoder."""
    types = {name: members for name, members in typed_data.types.items() if name != DOMAIN_TYPE}
    for permit in PERMITS:
        struct_types = parse_types(permit.encoded)
        if struct_types.primary == typed_data.primary_type and types == struct_types.members:
            return struct_types, permit.decode
    return None


def _domain(typed_data: TypedData) -> tuple[str, int]:
    """Contract and chain of the domain. Raises NotThatStruct where its members are not the usual ones in order."""
    present = [{"name": name, "type": kind} for name, kind in DOMAIN_MEMBERS if name in typed_data.domain]
    listed = typed_data.types.get(DOMAIN_TYPE)
    if listed is not None and listed != present:
        raise NotThatStruct("its domain is not what its EIP712Domain lists")
    domain = read_struct(DOMAIN_TYPE, parse_types(f"{DOMAIN_TYPE}({_encoded(present)})"), typed_data.domain)
    if "chainId" not in domain or "verifyingContract" not in domain:
        raise NotThatStruct("its domain names no chain or no contract: it would be valid elsewhere")
    return domain["verifyingContract"], domain["chainId"]


def _encoded(members: list[dict[str, str]]) -> str:
    return ",".join(f"{member['type']} {member['name']}" for member in members)
