"""Write docs/tools.md from the tools themselves: ``.venv/bin/python docs/tools.py``. A test compares them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from treasurer.agent.planner.parser import parse
from treasurer.agent.planner.request import read_words
from treasurer.tools import Catalog, Handles, Payee, Token, Tool, Venue
from treasurer.tools.slots import Basis
from treasurer.tools.standard import STANDARD_TOOLS

PAGE = Path(__file__).parent / "tools.md"
HEAD = """# Tools

```sh
treasurer run "how much usdc do we have"
treasurer run "sell 250 usdc for weth"
```

A tool is the only thing that an agent can do. A `read` tool returns facts, whose texts code writes. A `propose` tool
returns a Proposal: calls, and Claims of what they will do. No tool signs, sends or holds a key, and the guard believes
none of them: it decodes the calls itself, and a claim that does not cover what it finds is a denial
([Policy](policy.md)). A tool of your own is a function ([Python](python.md)).

This page is written by `docs/tools.py` from the tools themselves. "Plain sentences" are what the parser takes without a
model: `(one|other)`, `[optional]`, `{parameter}`. The model reads other words into the same calls
([Planner](planner.md)).
"""

SLOTS = """## Parameters

| slot | written as |
|---|---|
| `Payee` | a label under `payees` or `accounts` of the book |
| `Token` | a label under `tokens`; `native`, or `eth` and `ether` where the chain's coin is ether |
| `Venue` | a label under `venues`, or the label without its version: `aave` |
| `Amount` | `250 usdc`, `30% usdc`, `half of the usdc`, `all usdc`; shares are rounded down |
| `Share` | `30%`, `half`, `all` |
| `TargetWeights` | `60% weth, 40% usdc`; they sum to 100% |
| `HealthFactor` | a number above 1 |

`all` and shares are taken of the balance, of what is supplied (`withdraw`) or of what is owed (`repay`). All of the
native coin leaves what gas may cost. An amount that the asset's decimals cannot express is an error, never rounded.
"""

ERRORS = """## Errors

A tool that cannot build a Proposal says why, in a sentence that says what to do; the Run then ends `failed`, and
nothing was proposed.

| error | means |
|---|---|
"""

# What each tool builds and claims, and what it can find wrong beside a label that the book lacks.
TOLD: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "transfer": (
        "ERC-20 `transfer`, or a plain transfer of the native coin",
        "the amount leaves to the payee",
        ("NotEnough",),
    ),
    "swap": (
        "an allowance of exactly the amount, then SwapRouter02 over the best quoted route of one or two hops; between"
        " the native coin and its wrapped token it wraps or unwraps",
        "the amount leaves, and at least the quote less 0.3 % comes to the account, never less than the oracle's price"
        " allows within the policy's slippage",
        ("NotEnough", "PoorMarket", "NoPrice", "NotOffered"),
    ),
    "buy": (
        "an allowance of the most it may cost, the swap for exactly the amount, then a revocation of what is left",
        "at most so much leaves, and exactly the amount comes to the account",
        ("NotEnough", "PoorMarket", "NoPrice", "NotOffered"),
    ),
    "wrap": ("`deposit` of the wrapped native token", "one for one", ("NotEnough", "NotOffered")),
    "unwrap": ("`withdraw` of the wrapped native token", "one for one", ("NotEnough", "NotOffered")),
    "rebalance": (
        "at most five transactions: one exact allowance for each token sold, then the swaps, at oracle prices; a weight"
        " that is off by less than 0.2 % of the whole, or by less than a dollar, is left alone, and where all are,"
        " nothing is proposed",
        "each swap, as above",
        ("NotEnough", "PoorMarket", "NoPrice", "NotOffered"),
    ),
    "supply": (
        "an exact allowance, then Aave's `supply`; the native coin is wrapped first",
        "the amount leaves to the pool for the account itself",
        ("NotEnough", "NotOffered"),
    ),
    "withdraw": (
        "Aave's `withdraw` to the account itself; `all` takes the interest of the very block with it",
        "the amount comes back",
        ("NotEnough", "NotOffered"),
    ),
    "borrow": (
        "Aave's `borrow` at the variable rate",
        "the debt grows by the amount, and the amount comes",
        ("NotEnough", "NotOffered"),
    ),
    "repay": (
        "an allowance, Aave's `repay`, and a revocation of what the pool did not take; a whole debt may grow by one"
        " part in a thousand until it is included",
        "at most so much leaves to the pool",
        ("NotEnough", "NotOffered"),
    ),
    "raise_health_factor": (
        "a repayment with what the account holds of the debt's asset, then a supply of collateral, as much as reaches"
        " the target and a little more (0.2 %); nothing where it is reached already",
        "the repayment and the supply",
        ("NotEnough", "NotOffered"),
    ),
    "balances": ("what the account holds of one asset, or of every asset of the book", "", ()),
    "portfolio": ("the value of each holding, of the lending position, and of the whole, by the book's feeds", "", ()),
    "price": ("what the asset's feed says, or that it says nothing usable", "", ()),
    "health_factor": ("health factor, collateral and debt in the book's lending pool", "", ("NotOffered",)),
}

EXAMPLES = {"to": "alice", "sell": "250 usdc", "buy": "weth", "using": "usdc", "weights": "60% weth, 40% usdc"}
AMOUNTS = {"buy": "1 weth", "wrap": "1 eth", "unwrap": "1 weth", "raise_health_factor": "1.8"}
HANDLES = Handles.of(
    payees=[Payee("alice", "0x" + "a1" * 20)],
    tokens=[Token("native", "native", 18), Token("usdc", "0x" + "c0" * 20, 6), Token("weth", "0x" + "ee" * 20, 18)],
    venues=[Venue("aave-v3", "0x" + "aa" * 20), Venue("uniswap-v3", "0x" + "03" * 20)],
)
CATALOG = Catalog.of(STANDARD_TOOLS, HANDLES)


def example(tool: Tool) -> str:
    """The tool's first sentence with its first words and our values; the parser reads it back as this tool."""
    text = tool.says[0]
    while (inner := re.search(r"\[[^\[\]()]*\]|\(([^\[\]()|]*)[^\[\]()]*\)", text)) is not None:
        text = text[: inner.start()] + (inner[1] or "") + text[inner.end() :]
    values = {**EXAMPLES, "amount": AMOUNTS.get(tool.name, "250 usdc"), "token": "weth"}
    if tool.name == "raise_health_factor":
        values["to"] = AMOUNTS[tool.name]
    sentence = " ".join(re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text).split())
    words, _ = read_words(sentence, HANDLES)
    read = [parsed.call.tool for parsed in parse(words, CATALOG)]
    if read != [tool.name]:
        raise SystemExit(f"the parser reads {sentence!r} as {read}, not as {tool.name}: give it another example")
    return sentence


def section(tool: Tool) -> str:
    """One tool: what it is, an example, what it builds and claims, its parameters and sentences."""
    builds, claims, errors = TOLD[tool.name]
    lines = [f"## {tool.name}", "", f"{tool.line} `{tool.effect}`, topic `{tool.topic}`.", ""]
    lines += ["```text", example(tool), "```", "", "| | |", "|---|---|"]
    lines.append(f"| {'builds' if tool.effect == 'propose' else 'says'} | {builds} |")
    if claims:
        lines.append(f"| claims | {claims} |")
    for parameter in tool.parameters:
        basis = "" if parameter.basis is Basis.BALANCE else f", shares of the {parameter.basis}"
        optional = "" if parameter.required else ", optional"
        lines.append(f"| `{parameter.name}` | {parameter.slot.__name__}{basis}{optional} |")
    if errors:
        lines.append(f"| errors | {', '.join(f'`{name}`' for name in errors)} |")
    lines += ["", "Plain sentences:", "", "```text", *tool.says, "```", ""]
    return "\n".join(lines)


def errors() -> str:
    """The table of errors, from the drawing in the docstring of tools/errors.py."""
    from treasurer.tools import errors as module

    rows = re.findall(r"[├└]── (\w+)\s+(.+)", module.__doc__ or "")
    return ERRORS + "\n".join(f"| `{name}` | {said} |" for name, said in rows) + "\n"


def page() -> str:
    """The whole page."""
    tools = [section(tool) for tool in STANDARD_TOOLS]
    return "\n".join([HEAD, *tools, SLOTS, errors()]).rstrip() + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text() == page() else "docs/tools.md is old: run .venv/bin/python docs/tools.py")
    PAGE.write_text(page())
