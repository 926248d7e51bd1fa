"""Explanation: a proposal as people read it, as data: the tree of calls, each with its effects and what is unusual."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(_Told):
    """A name and a value, both as text."""

    name: str
    value: str


class ToldEffect(_Told):
    """One effect: its kind, its sentence, and what is unusual about it."""

    kind: str
    words: str
    unusual: tuple[str, ...] = ()


class ToldCall(_Told):
    """One call: who calls what (``function`` is a signature, or the bytes where nobody knows it), and what follows."""

    path: tuple[int, ...]
    sender: str
    target: str
    function: str
    value: str = ""
    arguments: tuple[Named, ...] = ()
    effects: tuple[ToldEffect, ...] = ()
    unusual: tuple[str, ...] = ()
    calls: tuple[ToldCall, ...] = ()


class ToldSignature(_Told):
    """What is to be signed that is no transaction: ``kind`` (the struct's name, message or hash) and its fields."""

    kind: str
    contract: str = ""
    fields: tuple[Named, ...] = ()


class Explanation(_Told):
    """``effects`` are those of no call. ``unusual`` is of the whole; ``verdict`` is None where no policy was asked."""

    chain_id: int
    account: str
    transaction: tuple[Named, ...] = ()
    signature: ToldSignature | None = None
    calls: tuple[ToldCall, ...] = ()
    effects: tuple[ToldEffect, ...] = ()
    unusual: tuple[str, ...] = ()
    verdict: str | None = None
    reasons: tuple[str, ...] = ()
    digest: str | None = None
