"""Conditions: what a rule's ``when`` may say, one small class each, found by name in ``CONDITIONS``.

May import the vocabulary, the book and documents; knows neither rules nor verdicts. A new condition is a class with a
name.
"""

from .condition import Condition, Decided, Field, Memory, Subject, SumCondition, Truth
from .registry import CONDITIONS, read_conditions

__all__ = [
    "CONDITIONS",
    "Condition",
    "Decided",
    "Field",
    "Memory",
    "Subject",
    "SumCondition",
    "Truth",
    "read_conditions",
]
