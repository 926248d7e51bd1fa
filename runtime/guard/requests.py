"""The parameters of each request that the guard answers: typed, bounded, unknown keys refused."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...policies.proposal import Proposal
from ...wallets.values import Hash32, HexBytes


class Request(BaseModel):
    """The base of all parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Request):
    """A request without parameters."""


class ProposalRequest(Request):
    """``submit`` and ``check``."""

    proposal: Proposal


class IntentRequest(Request):
    """``wait`` (until the proposal of ``key`` has ended or ``seconds`` passed) and ``withdraw``."""

    key: Hash32
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

    run: str = Field(min_length=1, max_length=128)
    trigger: str = Field(max_length=64)
    asked_by: str = Field(default="", max_length=128)


class SaidRequest(Request):
    """``said``: a person's own words in a Run, sent by that person's console or command."""

    run: str = Field(min_length=1, max_length=128)
    person: str = Field(default="", max_length=64)
    words: str = Field(max_length=4000)


class AttestRequest(Request):
    """``attest``: what the agent says that it perceived or planned."""

    run: str = Field(min_length=1, max_length=128)
    kind: Literal["perceived", "planned"]
    body: dict[str, Any]


class LogRequest(Request):
    """``audit_log``: rows from ``since`` on, of one kind or Run where given."""

    since: int = Field(default=0, ge=0)
    limit: int = Field(default=1000, ge=1, le=10_000)
    kind: str | None = None
    run: str | None = None


class RecordRequest(Request):
    """``audit_show``: a record by its CID or number."""

    name: str | int


class ExportRequest(Request):
    """``audit_export``: where the guard writes the CAR."""

    path: str
