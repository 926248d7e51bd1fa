"""Messages of EIP-191, sign-ins of EIP-4361 among them, and bare hashes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ...wallets.errors import InvalidValue
from ...wallets.values import parse_address
from ..effect import Kind
from .draft.draft import Draft

LONGEST_NOTE = 500
HASH_BYTES = 32
_WRITTEN_HASH = re.compile(r"\s*(0[xX])?[0-9a-fA-F]{64}\s*")
_HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2028\u2029\u2800\u3164\uffa0")
"""Joiners, fillers and separators that are no format characters and leave nothing to see."""
_IGNORED = ((0x180B, 0x180F), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))
"""What else is Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt): selectors, tags."""
_SIGN_IN_LINE = "wants you to sign in with your Ethereum account:"
_SIGN_IN = re.compile(
    r"(?:(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://)?(?P<domain>[^\s/?#]+) "
    + re.escape(_SIGN_IN_LINE)
    + r"\n(?P<address>0x[0-9a-fA-F]{40})\n\n(?:(?P<statement>[^\n]+)\n)?\n"
    r"URI: (?P<uri>\S+)\nVersion: 1\nChain ID: (?P<chain_id>[1-9][0-9]{0,15})\nNonce: (?P<nonce>[a-zA-Z0-9]{8,})\n"
    r"Issued At: (?P<issued_at>\S+)(?:\nExpiration Time: (?P<expires_at>\S+))?(?:\nNot Before: (?P<not_before>\S+))?"
    r"(?:\nRequest ID: (?P<request_id>[^\s]*))?(?:\nResources:(?P<resources>(?:\n- \S+)*))?"
)


@dataclass(frozen=True)
class SignIn:
    """A message of EIP-4361: who asks (``domain``), for which account and chain, and until when by its own word."""

    domain: str
    address: str
    chain_id: int
    uri: str
    statement: str
    expires_at: str


def read_sign_in(text: str) -> SignIn | None:
    """The sign-in that ``text`` is by the grammar of EIP-4361, or None."""
    match = _SIGN_IN.fullmatch(text)
    if match is None:
        return None
    try:
        address = parse_address(match["address"])
    except InvalidValue:
        return None
    return SignIn(
        match["domain"],
        address,
        int(match["chain_id"]),
        match["uri"],
        match["statement"] or "",
        match["expires_at"] or "",
    )


def derive_message(draft: Draft, message: bytes) -> None:
    """Append what signing ``message`` is: a known text, a hash that may stand for anything, or unknown."""
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if len(message) == HASH_BYTES or (text is not None and _WRITTEN_HASH.fullmatch(text)):
        draft.add(Kind.RAW_SIGNATURE, note="a message that is a hash: it may stand for anything")
        return
    if text is None:
        draft.unknown(f"what a message of {len(message)} bytes says: it is no text")
        return
    sign_in = read_sign_in(text)
    note = text if sign_in is None else f"a sign-in at {sign_in.domain}: {text}"
    index = draft.add(Kind.MESSAGE, note=note[:LONGEST_NOTE])
    hidden = sorted({f"U+{ord(character):04X}" for character in text if _hides(character)})
    if hidden:
        strange = f"characters that steer a screen or that it does not show, {', '.join(hidden[:8])}"
        words = f"what people see of the text: it holds {strange}"
        draft.unknown(words, beside=index)
    if sign_in is not None:
        _hold(draft, sign_in, index)
    elif _SIGN_IN_LINE in text:
        draft.unknown("what this sign-in is for: it is not what EIP-4361 says a sign-in is", beside=index)


def derive_raw_hash(draft: Draft, raw_hash: str) -> None:
    """Append the signature of a bare hash: it may stand for a transaction, an order, anything."""
    draft.add(Kind.RAW_SIGNATURE, note=f"the hash {raw_hash}")


def _hold(draft: Draft, sign_in: SignIn, index: int) -> None:
    """A sign-in is for our account on our chain, and its URI is of the domain that asks."""
    if sign_in.address != draft.account:
        draft.unknown(f"what a sign-in as {sign_in.address}, who is not the account, is for", beside=index)
    if sign_in.chain_id != draft.chain_id:
        words = f"what the sign-in does on chain {sign_in.chain_id}: the proposal is for chain {draft.chain_id}"
        draft.unknown(words, beside=index)
    authority = sign_in.uri.partition("://")[2]
    if re.split(r"[/?#]", authority, maxsplit=1)[0] != sign_in.domain:
        draft.unknown(f"who is signed in to: {sign_in.domain} asks, and the address is {sign_in.uri}", beside=index)


def _hides(character: str) -> bool:
    """What a screen does not show, or is steered by: format characters, and what Unicode says to ignore."""
    if unicodedata.category(character) in ("Cc", "Cf"):
        return character not in "\n\r\t"
    point = ord(character)
    return character in _HIDDEN or any(first <= point <= last for first, last in _IGNORED)
