"""The tables of docs/tus.md: every row names a test that is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TEXT = (HERE.parents[1] / "docs" / "tus.md").read_text(encoding="utf-8")
NAMED = re.findall(r"\| ((?:tus/)?test_\w+\.py)::(test_\w+) \|", TEXT)


def test_every_row_but_the_headings_names_a_test():
    rows = [line for line in TEXT.splitlines() if line.startswith("| ")]
    plain = [line for line in rows if not re.match(r"\| (\*\*|clause|what)", line)]

    assert len(plain) == len(NAMED) > 60


@pytest.mark.parametrize("module", sorted({module for module, _ in NAMED}))
def test_tests_named_are_there(module):
    tree = ast.parse((HERE / module).read_text(encoding="utf-8"))
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}

    assert {test for name, test in NAMED if name == module} <= there
