"""Typed data (EIP-712) judged by what it permits: only structs that we know to the letter, on contracts of the book."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ...wallets.typed_data import TypedData
from ..effect import Kind
from .accounts.delegations import DELEGATIONS
from .accounts.safe_transactions import SAFE_STRUCTS
from .accounts.user_operations import USER_OPERATIONS
from .authority.ballots import BALLOTS
from .described.described import described_words
from .draft.draft import Draft
from .draft.eip712_struct import (
    DOMAIN_TYPE,
    NotThatStruct,
    StructTypes,
    encode_type,
    parse_types,
    reachable_types,
    read_struct,
)
from .draft.signed_struct import Signed, SignedStruct
from .tokens.nft_permits import NFT_PERMITS
from .tokens.permit2_permits import PERMISSIONS, PERMIT2_PERMITS, WITNESS_HEADS, witnessed
from .tokens.permits import TOKEN_PERMITS
from .venues.seaport_orders import SEAPORT_ORDERS

STRUCTS: tuple[SignedStruct, ...] = (
    *TOKEN_PERMITS,
    *PERMIT2_PERMITS,
    *NFT_PERMITS,
    *DELEGATIONS,
    *BALLOTS,
    *SEAPORT_ORDERS,
    *SAFE_STRUCTS,
    *USER_OPERATIONS,
)
"""Every struct whose meaning is known to the letter."""
DOMAIN_MEMBERS = (("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"))


def derive_typed_data(draft: Draft, typed_data: TypedData) -> None:
    """Append what signing ``typed_data`` permits; unknown for a domain, type or member that nobody knows."""
    try:
        contract, chain_id = _domain(typed_data)
        known = _known(typed_data)
        if known is None and _described(draft, typed_data, contract, chain_id):
            return
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


def _known(typed_data: TypedData) -> tuple[StructTypes, Any] | None:
    """The known struct with exactly these types, and its decoder. Raises NotThatStruct."""
    types = {name: members for name, members in typed_data.types.items() if name != DOMAIN_TYPE}
    for struct_types, decode in _by_name().get(typed_data.primary_type, ()):
        if types == struct_types.members:
            return struct_types, decode
    head = WITNESS_HEADS.get(typed_data.primary_type)
    return None if head is None else (_witness_types(typed_data.primary_type, head, types), witnessed)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, list[tuple[StructTypes, Any]]]:
    found: dict[str, list[tuple[StructTypes, Any]]] = {}
    for struct in STRUCTS:
        struct_types = parse_types(struct.encoded)
        found.setdefault(struct_types.primary, []).append((struct_types, struct.decode))
    return found


def _described(draft: Draft, typed_data: TypedData, contract: str, chain_id: int) -> bool:
    """A message that an ABI file of the book describes: known text that moves nothing. Raises NotThatStruct."""
    types = {name: members for name, members in typed_data.types.items() if name != DOMAIN_TYPE}
    if typed_data.primary_type not in types:
        return False
    _require_plain_members(types)
    struct_types = StructTypes(typed_data.primary_type, types)
    described = draft.book.message(contract, draft.chain_id, encode_type(struct_types))
    if described is None:
        return False
    message = read_struct(typed_data.primary_type, struct_types, typed_data.message)
    arguments = _values(message)
    note = described_words(draft, None, described, arguments)
    index = draft.add(Kind.MESSAGE, target=contract, note=note)
    if chain_id != draft.chain_id:
        words = f"what the signature does on chain {chain_id}: the proposal is for chain {draft.chain_id}"
        draft.unknown(words, target=contract, beside=index)
    return True


def _values(value: Any) -> Any:
    """A struct as the tuple of its members' values, in order."""
    if isinstance(value, dict):
        return tuple(_values(item) for item in value.values())
    return tuple(_values(item) for item in value) if isinstance(value, tuple) else value


def _require_plain_members(types: dict[str, list[dict[str, str]]]) -> None:
    if any(set(member) != {"name", "type"} for members in types.values() for member in members):
        raise NotThatStruct("a member of a type has a name and a type, nothing else")


def _witness_types(primary: str, head: str, types: dict[str, list[dict[str, str]]]) -> StructTypes:
    """The types of a transfer with a witness: Permit2's own members, then one member more of any type."""
    _require_plain_members(types)
    own = parse_types(f"{primary}({head}){PERMISSIONS}").members
    members = types.get(primary, [])
    struct_types = StructTypes(primary, types)
    if members[:4] != own[primary] or len(members) != 5 or types.get("TokenPermissions") != own["TokenPermissions"]:
        raise NotThatStruct(f"{primary} has members of Permit2's that are not in their place")
    if reachable_types(struct_types) != set(types):
        raise NotThatStruct(f"{primary} comes with types that it does not use")
    return struct_types


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
