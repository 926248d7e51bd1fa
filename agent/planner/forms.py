"""Forms: the sentences that tools take (`Tool.says`), compiled, and what they tell about words in freer sentences.

A form is words, ``(one|other)``, ``[optional]`` and ``{parameter}``. Beside whole sentences it teaches which words may
stand before a parameter: ``(swap|sell) {sell} (for|into) {buy}`` says that what follows `into` is bought, never sold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ...tools import Catalog, InvalidTool, Tool
from .lexicon import DETERMINERS

_PART = re.compile(r"\s*([()|\[\]]|\{\w+\}|[^\s()|\[\]{}]+)")


@dataclass(frozen=True, slots=True)
class Literal:
    """One word."""

    text: str


@dataclass(frozen=True, slots=True)
class Hole:
    """The place of a parameter."""

    parameter: str


@dataclass(frozen=True, slots=True)
class Branch:
    """One of several sequences; an optional part has an empty one among them."""

    options: tuple[tuple[Node, ...], ...]


Node = Literal | Hole | Branch


@dataclass(frozen=True, slots=True)
class Form:
    """One compiled sentence of a tool."""

    tool: Tool
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """All forms of a catalog.

    ``verbs``: the first words of the forms of tools that propose, each with the tools it may call. ``markers``: by tool
    and parameter, the words that may stand right before it.
    """

    forms: tuple[Form, ...]
    verbs: Mapping[str, frozenset[str]]
    markers: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)


@lru_cache(maxsize=8)
def _compiled(tools: tuple[Tool, ...]) -> Grammar:
    forms = tuple(Form(tool, _sequence(tool, says)) for tool in tools for says in tool.says)
    verbs: dict[str, set[str]] = {}
    markers: dict[tuple[str, str], set[str]] = {}
    for form in forms:
        if form.tool.effect == "propose":
            for word in _firsts(form.nodes):
                verbs.setdefault(word, set()).add(form.tool.name)
        for parameter, words in _before(form.nodes, frozenset()):
            markers.setdefault((form.tool.name, parameter), set()).update(words)
    return Grammar(
        forms,
        {word: frozenset(names) for word, names in verbs.items()},
        {key: frozenset(words) for key, words in markers.items()},
    )


def grammar(catalog: Catalog) -> Grammar:
    """The compiled forms of a catalog's tools. Raises InvalidTool where a sentence is malformed."""
    return _compiled(tuple(catalog.tools.values()))


def _sequence(tool: Tool, says: str) -> tuple[Node, ...]:
    parts = _PART.findall(says)
    nodes, rest = _options(tool, says, parts, 0, "")
    if rest != len(parts) or len(nodes) != 1 or not nodes[0]:
        raise InvalidTool(f"{tool.name} cannot say {says!r}: write words, (one|other), [optional] and {{parameter}}")
    return nodes[0]


def _options(tool: Tool, says: str, parts: Sequence[str], at: int, close: str) -> tuple[list[tuple[Node, ...]], int]:
    """The alternatives up to ``close`` (the end of the text where it is empty), and the position after it."""
    known = {parameter.name for parameter in tool.parameters}
    options: list[list[Node]] = [[]]
    while at < len(parts) and parts[at] not in (")", "]"):
        part = parts[at]
        at += 1
        if part == "|":
            options.append([])
        elif part in "([":
            inner, at = _options(tool, says, parts, at, ")" if part == "(" else "]")
            options[-1].append(Branch(tuple(inner) if part == "(" else ((), *inner)))
        elif part.startswith("{"):
            if part[1:-1] not in known:
                raise InvalidTool(f"{tool.name} says {says!r}, and has no parameter {part}")
            options[-1].append(Hole(part[1:-1]))
        else:
            options[-1].append(Literal(part.lower()))
    if close:
        if at >= len(parts) or parts[at] != close:
            raise InvalidTool(f"{tool.name} says {says!r}: a {close!r} is missing")
        at += 1
    return [tuple(option) for option in options], at


def _firsts(nodes: Sequence[Node]) -> set[str]:
    """The words that a sequence may begin with."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, Literal):
            return found | {node.text}
        if isinstance(node, Hole):
            return found
        for option in node.options:
            found |= _firsts(option)
        if all(node.options):
            return found
    return found


def _before(nodes: Sequence[Node], lead: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Each parameter with the words that may stand before it."""
    for node in nodes:
        if isinstance(node, Hole):
            yield node.parameter, lead
            lead = frozenset()
        elif isinstance(node, Literal):
            lead = lead if node.text in DETERMINERS else frozenset({node.text})
        else:
            after: set[str] = set()
            for option in node.options:
                yield from _before(option, lead)
                after |= _after(option, lead)
            lead = frozenset(after)


def _after(nodes: Sequence[Node], lead: frozenset[str]) -> frozenset[str]:
    """The words that may be last after a sequence."""
    for node in nodes:
        if isinstance(node, Hole):
            lead = frozenset()
        elif isinstance(node, Literal):
            lead = lead if node.text in DETERMINERS else frozenset({node.text})
        else:
            lead = frozenset().union(*(_after(option, lead) for option in node.options))
    return lead
