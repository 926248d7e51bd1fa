"""Docs are true: what they show is read by the code that reads it, and their tables list what the code knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from treasurer.policies.book.book import Book
from treasurer.policies.effect import Kind
from treasurer.policies.facts import Counter
from treasurer.policies.kinds import ALLOWABLE
from treasurer.policies.language.policy import Policy
from treasurer.runtime.bot.configuration import Configuration, read_configuration

PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")


def _page(root: Path, name: str) -> str:
    return (root / "docs" / f"{name}.md").read_text()


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _table(text: str, header: str) -> list[str]:
    """The first column of the table whose header begins so."""
    _, _, rest = text.partition(f"| {header} |")
    assert rest, f"no table is headed {header}"
    rows = rest.split("\n\n")[0].splitlines()[2:]
    return [found[1] for row in rows if (found := re.match(r"\| `([^`]+)`", row))]


def _keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, field in model.model_fields.items():
        inner = [part for part in (field.annotation, *get_args(field.annotation)) if isinstance(part, type)]
        section = next((part for part in inner if issubclass(part, BaseModel)), None)
        keys += _keys(section, f"{prefix}{name}.") if section else [f"{prefix}{name}"]
    return keys


def test_the_shown_configuration_loads(root: Path, tmp_path: Path) -> None:
    (shown,) = _blocks(_page(root, "configuration"), "toml")
    path = tmp_path / "treasurer.toml"
    path.write_text(shown)
    assert read_configuration(path).name == "acme"


def test_every_key_of_the_configuration_is_told(root: Path) -> None:
    assert sorted(_table(_page(root, "configuration"), "key")) == sorted(_keys(Configuration))


def test_the_shown_policy_and_book_load_together(root: Path) -> None:
    policy, book = _blocks(_page(root, "policy"), "yaml")
    read = Policy.read(policy.encode(), Book.read(book.encode()))
    assert {rule.id for rule in read.rules} >= {"pay-known-people", "rebalance", "earn", "large-payment", "never"}


@pytest.mark.parametrize(
    ("header", "known"),
    [("effect", [*Kind]), ("counter", [*get_args(Counter)])],
)
def test_the_tables_of_the_policy_page_are_whole(root: Path, header: str, known: list[str]) -> None:
    assert sorted(_table(_page(root, "policy"), header)) == sorted(known)


def test_the_kinds_that_can_only_be_denied_come_last(root: Path) -> None:
    kinds = _table(_page(root, "policy"), "effect")
    assert "The last ten can only be denied" in _page(root, "policy")
    assert set(kinds[-10:]) == {*Kind} - ALLOWABLE


def test_make_targets_are_told_and_told_ones_exist(root: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (root / "Makefile").read_text(), re.MULTILINE)) - {"help"}
    pages = [*(root / name for name in PAGES), *(root / "docs").glob("*.md")]
    told = {
        word
        for page in pages
        for span in [*_blocks(page.read_text(), "sh"), *re.findall(r"`([^`\n]+)`", page.read_text())]
        for word in re.findall(r"\bmake(?: [A-Z]+=\S+)* ([a-z]+)", span)
    }
    assert told <= targets
    assert set(re.findall(r"^\| `make ([a-z]+)`", _page(root, "development"), re.MULTILINE)) == targets


def test_links_of_the_pages_outside_docs_lead_somewhere(root: Path) -> None:
    links = [
        (name, link)
        for name in PAGES
        for link in re.findall(r"\]\(([^)#]+)", (root / name).read_text())
        if ":" not in link
    ]
    assert links
    assert not [(name, link) for name, link in links if not (root / link).exists()]
