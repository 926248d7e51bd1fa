"""The parameters of each request that the guard answers: typed, bounded, unknown keys refused."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ...policies.proposal import Proposal
from ...wallets.values import Hash32, HexBytes

MAX_NAME = 128
MAX_WORDS = 4000


class Request(BaseModel):
    """The base of all parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Request):
    """A request without parameters."""


MAX_CALLS = 32
MAX_CALLDATA_BYTES = 1 << 17
"""A node takes no transaction of more than 128 KiB."""
RUN_NAME = rf"^[!-~]{{1,{MAX_NAME}}}$"
"""A Run's name is written in logs and typed on command lines: printable ASCII without blanks."""
REVOCATION = "revocation"
"""The run that the guard's own revocations belong to."""
OWN_RUNS = frozenset({"guard", REVOCATION})
"""Runs that only the guard itself writes under."""


class ProposalRequest(Request):
    """``submit`` and ``check``. What no honest tool sends is refused before anything is read for it."""

    proposal: Proposal

    @field_validator("proposal")
    @classmethod
    def _bounded(cls, proposal: Proposal) -> Proposal:
        if proposal.run in OWN_RUNS or not 0 < len(proposal.run) <= MAX_NAME:
            raise ValueError(f"a run is named with 1 to {MAX_NAME} characters, and not {' or '.join(sorted(OWN_RUNS))}")
        if max(len(proposal.asked_by), len(proposal.purpose)) > MAX_WORDS:
            raise ValueError(f"asked_by and purpose have at most {MAX_WORDS} characters")
        if len(proposal.calls) > MAX_CALLS or sum(len(call.data) for call in proposal.calls) > MAX_CALLDATA_BYTES:
            raise ValueError(f"a proposal has at most {MAX_CALLS} calls and {MAX_CALLDATA_BYTES} bytes of calldata")
        if proposal.expires_at.tzinfo is None or proposal.expires_at.timestamp() <= 0:
            raise ValueError("expires_at is a time with a time zone, after 1970")
        numbers = [proposal.chain_id, proposal.step]
        numbers += [number for item in proposal.authorizations for number in (item.chain_id, item.nonce)]
        if not all(0 <= number < 1 << 63 for number in numbers):
            raise ValueError("chain_id, step and the numbers of an authorization lie between 0 and 2^63")
        return proposal


class KeyRequest(Request):
    """``withdraw`` and ``proposal``: an intent key."""

    key: Hash32


class IntentRequest(KeyRequest):
    """``wait``: until the proposal of ``key`` has ended or ``seconds`` passed."""

    seconds: float = Field(default=0, ge=0, le=600)


class DigestRequest(Request):
    """``approval_show``: a digest, or its unique beginning."""

    digest: str = Field(min_length=4, max_length=66)


class ApproveRequest(DigestRequest):
    """``approve``: a person's signature over the digest."""

    signature: HexBytes


class RefuseRequest(DigestRequest):
    """``refuse``: whoever reaches the guard's socket may refuse; ``person`` says who it was."""

    person: str = Field(default="", max_length=64)
    reason: str = Field(default="", max_length=500)


class StopRequest(Request):
    """``stop``: whoever reaches the guard's socket may stop."""

    by: str = Field(default="", max_length=64)
    reason: str = Field(default="", max_length=500)


class ResumeRequest(Request):
    """``resume``: an owner's signature over the ResumeOrder of the present stop."""

    signature: HexBytes


class RunRequest(Request):
    """``open_run``: a Run begins; asked twice it is recorded once."""

    run: str = Field(pattern=RUN_NAME)
    trigger: str = Field(max_length=64)
    asked_by: str = Field(default="", max_length=MAX_NAME)


class SaidRequest(Request):
    """``said``: a person's own words in a Run, sent by that person's console or command."""

    run: str = Field(min_length=1, max_length=MAX_NAME)
    person: str = Field(default="", max_length=64)
    words: str = Field(max_length=MAX_WORDS)


class AttestRequest(Request):
    """``attest``: what the agent says that it perceived or planned."""

    run: str = Field(min_length=1, max_length=MAX_NAME)
    kind: Literal["perceived", "planned"]
    body: dict[str, Any]


class PageRequest(Request):
    """``journal``: at most ``limit`` rows, leaving out the first ``since``."""

    since: int = Field(default=0, ge=0)
    limit: int = Field(default=1000, ge=1, le=10_000)


class LogRequest(Request):
    """``audit_log``: rows from ``since`` on, of one kind or Run where given."""

    since: int = Field(default=0, ge=0)
    limit: int = Field(default=1000, ge=1, le=10_000)
    kind: str | None = None
    run: str | None = None


class RecordRequest(Request):
    """``audit_show``: a record by its CID or number."""

    name: str | int
