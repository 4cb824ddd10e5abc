"""The loops of a style look at the clock, so that one that would never end is stopped where it is."""

from __future__ import annotations

import ast
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

# The name under which a style's loops find the clock. Classes do not mangle it.
NAME = "__in_time__"


class StyleSlow(Exception):
    """The style runs longer than it may."""


class Deadline:
    """When what a style does now has to be over."""

    def __init__(self) -> None:
        self._began = self._seconds = math.inf
        self._what = ""

    @contextmanager
    def within(self, seconds: float, what: str) -> Iterator[None]:
        """Raises: StyleSlow, in the first loop that is in it too late, or at the end."""
        self._began, self._seconds, self._what = time.perf_counter(), seconds, what
        try:
            yield
            self()
        finally:
            self._began = math.inf

    def __call__(self) -> bool:
        """True, so that it can stand among the conditions of a comprehension. Raises: StyleSlow."""
        passed = time.perf_counter() - self._began
        if passed > self._seconds:
            raise StyleSlow(f"{self._what} took {passed:.2f} s, expected at most {self._seconds:g}")
        return True


def with_clock(tree: ast.Module) -> ast.Module:
    """The module with a look at the clock in every turn of every loop and comprehension. Lines stay what they were."""
    _Loops().visit(tree)
    return ast.fix_missing_locations(tree)


class _Loops(ast.NodeTransformer):
    def visit_While(self, node: ast.While) -> ast.AST:
        return self._turn(node)

    def visit_For(self, node: ast.For) -> ast.AST:
        return self._turn(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        return self._turn(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs.insert(0, _look(node.iter))
        return node

    def _turn(self, node: ast.While | ast.For | ast.AsyncFor) -> ast.AST:
        self.generic_visit(node)
        # First, before any `try` that would catch what it raises.
        node.body.insert(0, ast.copy_location(ast.Expr(_look(node)), node))
        return node


def _look(at: ast.expr | ast.stmt) -> ast.Call:
    name = ast.copy_location(ast.Name(NAME, ast.Load()), at)
    return ast.copy_location(ast.Call(name, [], []), at)
