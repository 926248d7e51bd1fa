"""The schema of the audit log, version 1: the envelope of a Record, and one body model for each kind.

A record is one canonical dag-cbor block; its CID is its name. Hex is text (``0x..``), amounts are decimal strings,
times are ISO 8601 in UTC, links are binary CIDs (tag 42). ``proposal``, ``facts`` and ``verdict`` are the JSON forms
of the models in policies; ``facts`` may be a link to a dag-cbor block that holds them (log.py moves large ones out).
Models are strict: a number is never read out of a text, unknown fields are errors.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ...wallets.cid import DAG_CBOR, RAW
from ...wallets.errors import InvalidValue
from ...wallets.values import caip10, parse_address, parse_base_units, parse_hash, parse_hex

VERSION = 1
Origin = Literal["observed", "attested"]
Stage = Literal["submit", "approve", "clear"]

_LINK_HEADS = tuple(bytes((1, codec, 0x12, 0x20)) for codec in (RAW, DAG_CBOR))
_DID_START = "did:pkh:eip155:"


def is_link(value: object) -> bool:
    """Whether ``value`` is a binary CIDv1 (SHA-256) of a raw or dag-cbor block."""
    return isinstance(value, bytes) and len(value) == 36 and value[:4] in _LINK_HEADS


def did_pkh(chain_id: int, log_key: str) -> str:
    """The bot's identity: did:pkh (W3C CCG) of its log key, as in ``did:pkh:eip155:1:0xAb..``."""
    return "did:pkh:" + caip10(chain_id, log_key)


def log_key_of(bot: str) -> str:
    """The lower-case address of the log key that an identity names. Raises InvalidValue for any other text."""
    chain, _, address = bot.removeprefix(_DID_START).partition(":")
    if not bot.startswith(_DID_START) or not (chain.isascii() and chain.isdecimal()):
        raise InvalidValue(f"a bot is named did:pkh:eip155:<chain>:<address>, not {bot[:80]!r}")
    return parse_address(address)


def _link(value: object) -> bytes:
    if not isinstance(value, bytes) or not is_link(value):
        raise InvalidValue("a link is the binary CID of a block")
    return value


def _unchanged(check: Any) -> BeforeValidator:
    """Hold a text against a parser of values.py, and keep it as it is written."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            raise InvalidValue(f"text is expected, not {type(value).__name__}")
        check(value)
        return value

    return BeforeValidator(validate)


Link = Annotated[bytes, BeforeValidator(_link)]
AddressText = Annotated[str, _unchanged(parse_address)]
HashText = Annotated[str, _unchanged(parse_hash)]
HexText = Annotated[str, _unchanged(parse_hex)]
IntentText = Annotated[str, Field(pattern=r"^[0-9a-f]{12}\.[0-9]{1,9}$")]
AmountText = Annotated[str, _unchanged(parse_base_units)]
Json = dict[str, Any]


class Body(BaseModel):
    """What a record of one kind says."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Opened(Body):
    """The log begins: the wallet, its policy, the keys. ``nonce``: the wallet's next one, from which on all are
    recorded. ``owners`` sign policies from here on; ``by`` put this one in force by ``signature`` over its order."""

    chain_id: int
    account: AddressText
    policy: Link
    engine: str
    log_key: AddressText
    clearance_key: AddressText
    nonce: int | None = None
    owners: list[AddressText] = []
    owners_version: int = 0
    policy_version: int = 0
    by: str = ""
    signature: HexText = "0x"


class RunStarted(Body):
    """A Run begins. ``trigger``: chat, schedule, event, scenario, api, command; ``asked_by``: who."""

    trigger: str
    asked_by: str


class Said(Body):
    """A person's own words, registered with the guard: what provenance ``user`` rests on."""

    person: str
    words: str


class Attested(BaseModel):
    """``perceived`` and ``planned``: what the agent says that it read and thought; a free object, bounded in size."""

    model_config = ConfigDict(extra="allow", frozen=True)


class OfIntent(Body):
    """``key``: the intent key of a proposal; ``intent``: the journal's row of one of its calls, None for all of
    them."""

    key: HashText
    intent: IntentText | None = None

    @model_validator(mode="after")
    def _of_one_key(self) -> Self:
        if self.intent is not None and not self.intent.startswith(self.key[2:14].lower() + "."):
            raise InvalidValue(f"{self.intent} is no intent of the key {self.key}")
        return self


class OfCall(OfIntent):
    """What becomes of one call."""

    intent: IntentText


class Proposed(Body):
    """A proposal reached the guard. ``key``: its intent key; ``digest``: of it under the policy in force."""

    key: HashText
    digest: HashText
    proposal: Json


class Judged(OfIntent):
    """A judgement, with all that it was made of, at submission, when people approved, or before a clearance."""

    digest: HashText
    stage: Stage
    policy: Link
    proposal: Json
    facts: Json | Link
    verdict: Json


class Shadow(Body):
    """What a policy that is only tried would have answered, where that is not what the one in force (``live``)
    answered."""

    key: HashText
    digest: HashText
    policy: Link
    live: Literal["allow", "escalate", "deny"]
    verdict: Json


class Approved(Body):
    """``person`` (a label of the book) signed the digest with the key at ``address``."""

    digest: HashText
    person: str
    address: AddressText
    signature: HexText


class Refused(Body):
    """``person`` declined to approve."""

    digest: HashText
    person: str
    reason: str


class Cleared(OfCall):
    """The guard cleared one signing hash: the clearance with its signature, the transaction, and the last judgement.

    A cancel has no judgement: it moves nothing. ``transaction`` is None for typed data.
    """

    clearance: Json
    transaction: Json | None = None
    policy: Link | None = None
    proposal: Json | None = None
    facts: Json | Link | None = None
    verdict: Json | None = None


class Broadcast(OfCall):
    """Written before the signed bytes are sent. ``hash``: the transaction's; ``raw_hash``: keccak-256 of the signed
    bytes."""

    hash: HashText
    signing_hash: HashText
    nonce: int
    raw_hash: HashText | None = None


class Included(OfCall):
    """The receipt. ``movements``: what really left and came; ``drift``: each difference from the simulation, in
    words, and the worst of them in hundredths of a percent."""

    hash: HashText
    block_number: int
    block_hash: HashText
    status: int
    gas_used: int
    effective_gas_price: AmountText
    movements: Json = {}
    drift: list[str] = []
    drift_bps: AmountText = "0"


class Finalized(OfCall):
    """The block that holds the transaction is final."""

    hash: HashText
    block_number: int


class Turned(OfIntent):
    """dropped, failed, expired, withdrawn, replaced, reorged: an intent took another way. ``hash`` and ``nonce`` where
    one is meant."""

    why: str
    hash: HashText | None = None
    nonce: int | None = None


class ForeignTransaction(Body):
    """The wallet's nonce was used by a transaction that this guard did not clear; the wallet stops until a person
    looks."""

    nonce: int
    why: str
    hash: HashText | None = None


class Stopped(Body):
    """The kill switch was set."""

    by: str
    reason: str


class Resumed(Body):
    """An owner lifted the kill switch."""

    by: str
    signature: HexText


class PolicyChanged(Body):
    """Another policy bundle is in force from here on: the order of ``version``, signed by the owner ``by``."""

    policy: Link
    version: int = 0
    by: str = ""
    signature: HexText = "0x"


class OwnersChanged(Body):
    """Others sign policies from here on: the order of ``version``, signed by ``by``, an owner until then."""

    owners: list[AddressText]
    version: int
    by: AddressText
    signature: HexText


class ModeChanged(Body):
    """``observe`` or ``live``."""

    mode: str
    by: str = ""
    why: str = ""


class Error(Body):
    """Something went wrong; the message says what."""

    message: str


BODIES: dict[str, type[BaseModel]] = {
    "opened": Opened,
    "run_started": RunStarted,
    "said": Said,
    "perceived": Attested,
    "planned": Attested,
    "proposed": Proposed,
    "judged": Judged,
    "shadow": Shadow,
    "approved": Approved,
    "refused": Refused,
    "cleared": Cleared,
    "broadcast": Broadcast,
    "included": Included,
    "finalized": Finalized,
    "dropped": Turned,
    "failed": Turned,
    "expired": Turned,
    "withdrawn": Turned,
    "replaced": Turned,
    "reorged": Turned,
    "foreign_transaction": ForeignTransaction,
    "stopped": Stopped,
    "resumed": Resumed,
    "policy_changed": PolicyChanged,
    "owners_changed": OwnersChanged,
    "mode_changed": ModeChanged,
    "error": Error,
}
"""The body of each kind."""

ATTESTED = frozenset({"perceived", "planned"})
"""Kinds that the agent says; all others the guard saw itself."""


class Envelope(BaseModel):
    """One record. ``prev``: link to the record before, None for the first (``seq`` 0); ``bot``: did:pkh of the log
    key."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    version: Literal[1]
    bot: str
    run: str
    seq: int
    prev: Link | None
    time: str
    kind: str
    origin: Origin
    body: Json
