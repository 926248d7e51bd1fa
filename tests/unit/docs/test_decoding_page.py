"""docs/decoding.md: its tables are the registry, and its example does what it prints."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from eth_abi import encode

from treasurer.policies.book.book import Book
from treasurer.policies.book.contract_kinds import VAULT
from treasurer.policies.decode import derive_effects
from treasurer.policies.decode.registry import BY_KIND
from treasurer.policies.effect import Kind
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call, argument_types, selector

ACCOUNT, STRANGER, TARGET = ("0x" + digit * 40 for digit in "159")
USDC, DAI, WETH = ("0x" + digit * 40 for digit in "abc")
TOKEN_KINDS = ("erc20", "weth9", "erc721", "erc1155")
DRAWS = 40
INNER = "those of its"
COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"


@pytest.fixture(scope="module")
def page() -> str:
    return (Path(__file__).parents[3] / "docs" / "decoding.md").read_text()


def told(page: str) -> dict[str, dict[str, tuple[frozenset[str], bool]]]:
    """By kind and function: the effects that the page names, and whether it says that calls inside have their own."""
    found: dict[str, dict[str, tuple[frozenset[str], bool]]] = {}
    for section in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        table = body.partition("\n## ")[0].partition("| functions | effects |")[2]
        rows = [row.strip("|").split(" | ") for row in table.strip().splitlines()[1:] if row.startswith("|")]
        functions: dict[str, tuple[frozenset[str], bool]] = {}
        for names, effects in rows:
            kinds = frozenset(re.findall(r"`(\w+)`", effects))
            for name in re.findall(r"`(\w+)`", names):
                assert name not in functions, f"{heading}: {name} stands there twice"
                functions[name] = (kinds, INNER in effects)
        for kind in re.findall(r"`([\w.-]+)`", heading):
            found[kind] = functions
    return found


def test_the_tables_list_every_function_of_every_kind_and_no_other(page: str) -> None:
    listed = {kind: set(functions) for kind, functions in told(page).items()}
    assert listed == {
        kind: {function.signature.partition("(")[0] for function in functions} for kind, functions in BY_KIND.items()
    }


def test_the_tables_name_kinds_of_effects_alone(page: str) -> None:
    for functions in told(page).values():
        for kinds, inner in functions.values():
            assert kinds <= set(Kind)
            assert kinds or inner


def _drawn(draw: random.Random, kind: str) -> Any:
    if kind.endswith("[]"):
        return [_drawn(draw, kind[:-2]) for _ in range(draw.choice([0, 1, 1, 2]))]
    if kind.startswith("("):
        return tuple(_drawn(draw, member) for member in argument_types(kind))
    if kind == "address":
        return draw.choice([ACCOUNT, ACCOUNT, STRANGER, USDC, DAI, WETH])
    if kind == "bool":
        return draw.random() < 0.5
    if kind in ("bytes", "string"):
        return "" if kind == "string" else b""
    if kind.startswith("bytes"):
        return b"\1" * int(kind[5:])
    if kind.startswith("int"):
        return draw.choice([-1, 0, 1])
    return draw.choice([0, 1, 5, 2 ** int(kind[4:]) - 1])


def _book(kind: str) -> Book:
    target = f'address: "{TARGET}", chains: [1], kind: {kind}'
    pinned = f'code_hash: "0x{"11" * 32}"'
    asset = ", asset: usdc" if kind == VAULT else ""
    tokens = f"  target: {{{target}, decimals: 18}}\n" if kind in TOKEN_KINDS else ""
    venues = "" if kind in TOKEN_KINDS else f"venues:\n  target: {{{target}, {pinned}{asset}}}\n"
    weth = "" if kind == "weth9" else ", kind: weth9"
    for label, address, more in (("usdc", USDC, ""), ("dai", DAI, ""), ("weth", WETH, weth)):
        tokens += f'  {label}: {{address: "{address}", chains: [1], decimals: 18{more}}}\n'
    return Book.read(f"version: 1\n{venues}tokens:\n{tokens}".encode())


@pytest.mark.parametrize("kind", BY_KIND)
def test_no_function_has_an_effect_that_its_row_does_not_name(page: str, kind: str) -> None:
    """Unknown apart: any function is that where a token of it is not in the book."""
    draw, book = random.Random(7), _book(kind)
    for function in BY_KIND[kind]:
        name = function.signature.partition("(")[0]
        kinds, inner = told(page)[kind][name]
        types = argument_types(function.signature)
        for _ in range(0 if inner else DRAWS):
            data = selector(function.signature) + encode(types, [_drawn(draw, one) for one in types])
            value = draw.choice([0, 3]) if function.payable else 0
            proposal = Proposal(
                chain_id=1,
                account=ACCOUNT,
                calls=(Call(to=TARGET, value=value, data=data),),
                run="t",
                intent_key="0x" + "1" * 64,
                expires_at=datetime(2027, 1, 1, tzinfo=UTC),
            )
            found = {str(effect.kind) for effect in derive_effects(proposal, book)}
            assert found - {"unknown"} <= kinds, f"{kind}: {function.signature} with {data.hex()}"


def _file(page: str, name: str, fence: str) -> str:
    found = re.search(rf"```{fence}\n(?:#|//) {re.escape(name)}\n(.*?)```", page, flags=re.DOTALL)
    assert found, f"the page has no {name}"
    return found.group(1)


def _run(folder: Path, page: str, verb: str, line: str, **changed: str) -> subprocess.CompletedProcess[str]:
    """``treasurer policy VERB`` in a folder with the files of the page."""
    for name, fence in (("policy.yaml", "yaml"), ("book.yaml", "yaml"), ("abis/rewards.json", "json")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(changed.get(Path(name).stem) or _file(page, name, fence))
    command = [sys.executable, "-c", COMMAND, "policy", verb, "--policy", "policy.yaml", "--book", "book.yaml"]
    return subprocess.run(command, input=line, cwd=folder, capture_output=True, timeout=60, check=False, text=True)


def test_the_example_prints_what_the_page_says(page: str, tmp_path: Path) -> None:
    line = re.search(r"echo '(\{.*?\})'", page)
    shown = re.search(r"```text\n(account.*?)```", page, flags=re.DOTALL)
    assert line
    assert shown
    done = _run(tmp_path, page, "explain", line.group(1))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == shown.group(1)


def test_the_fault_on_the_page_is_the_fault_that_is_told(page: str, tmp_path: Path) -> None:
    wrong = _file(page, "abis/rewards.json", "json").replace('"path": "epoch"', '"path": "epic"')
    fault = re.search(r"```text\n(abis/.*?)\n```", page)
    assert fault
    done = _run(tmp_path, page, "lint", "", rewards=wrong)
    assert done.returncode == 2
    assert fault.group(1) in done.stderr
