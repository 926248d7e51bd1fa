"""Fact: what a reading tool found out. Code writes its text; a model may name it, and never types what it says."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """What code found out: what it is, for the model (``usdc balance``), and its text, for people (``250 usdc``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    text: str
