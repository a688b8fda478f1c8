"""From a pixel function to source that can be pasted into a kernel.

The language is a small part of Python: assignments, arithmetic, comparisons joined by `&`
and `|`, tuples, and calls of the shading language or of other pixel functions. Number
literals become float32, module-level numbers and tuples of numbers are pasted as constants.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from nodegraph.errors import NodegraphError
from nodegraph.kernels import scalar, shade

_ALLOWED = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.AnnAssign, ast.Return, ast.Expr, ast.Name,
    ast.Load, ast.Store, ast.Constant, ast.Tuple, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Subscript,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.USub, ast.UAdd, ast.Invert, ast.BitAnd, ast.BitOr,
    ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq,
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A pixel function ready for pasting: `text` defines `name`, after all of `needs`."""

    name: str
    text: str
    needs: tuple[Source, ...]
    fast: bool  # whether its arithmetic may be reassociated

    def unrolled(self) -> Iterator[Source]:
        """What it needs, then itself; callees first."""
        for need in self.needs:
            yield from need.unrolled()
        yield self


def source_of(function: Callable[..., Any]) -> Source:
    """The source of a pixel function; raises NodegraphError naming what isn't of the language."""
    name = function.__name__
    if name in shade.PRIMITIVES and getattr(shade, name) is function:
        return primitive(name)
    return _source_of(function)


@cache
def _source_of(function: Callable[..., Any]) -> Source:
    tree = _parse(function)
    where = f"{function.__module__}.{function.__name__}"
    for part in ast.walk(tree):
        if not isinstance(part, _ALLOWED):
            raise NodegraphError(
                f"line {getattr(part, 'lineno', '?')}: {type(part).__name__} is not part of the shading language",
                where=where,
                hint="use select(), and functions of nodegraph.kernels.shade",
            )
    locals_ = {a.arg for a in (*tree.args.args, *tree.args.kwonlyargs)}
    locals_ |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    needs: dict[str, Source] = {}
    constants: dict[str, ast.expr] = {}
    for name in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - locals_:
        _resolve(name, function, where, needs, constants)
    tree = _Rewrite(needs, constants).visit(tree)
    ast.fix_missing_locations(tree)
    body = ast.unparse(tree)
    shared = function.__module__ == shade.__name__
    name = tree.name if shared else f"{tree.name}_{hashlib.blake2b(body.encode(), digest_size=4).hexdigest()}"
    text = body.replace(f"def {tree.name}(", f"def {name}(", 1)
    ordered = tuple(sorted(needs.values(), key=lambda s: s.name))
    return Source(name, text, ordered, fast=True)


def _parse(function: Callable[..., Any]) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    tree.decorator_list = []
    tree.returns = None
    for argument in (*tree.args.args, *tree.args.kwonlyargs):
        argument.annotation = None
    tree.args.args += tree.args.kwonlyargs
    tree.args.kwonlyargs, tree.args.kw_defaults, tree.args.defaults = [], [], []
    if isinstance(tree.body[0], ast.Expr) and isinstance(tree.body[0].value, ast.Constant):
        tree.body = tree.body[1:]
    return tree


def _resolve(
    name: str,
    function: Callable[..., Any],
    where: str,
    needs: dict[str, Source],
    constants: dict[str, ast.expr],
) -> None:
    value = inspect.getclosurevars(function).nonlocals.get(name, function.__globals__.get(name))
    if inspect.isfunction(value):
        needs[name] = source_of(value)
    elif isinstance(value, (int, float)):
        constants[name] = ast.Constant(float(value))
    elif isinstance(value, tuple) and all(isinstance(v, (int, float)) for v in value):
        constants[name] = ast.Tuple([ast.Constant(float(v)) for v in value], ast.Load())
    else:
        raise NodegraphError(f"uses {name!r}, which is not part of the shading language", where=where)


@cache
def primitive(name: str) -> Source:
    """A primitive's source for one pixel, with the primitives it calls."""
    text = inspect.getsource(getattr(scalar, name))
    used = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)} - {name}
    candidates = (*shade.PRIMITIVES, "float_bits", "bits_float", "log2_positive")
    return Source(name, text.rstrip(), tuple(primitive(u) for u in candidates if u in used), fast=False)


class _Rewrite(ast.NodeTransformer):
    """Numbers to float32, callees to their pasted names, module constants to their values."""

    def __init__(self, needs: dict[str, Source], constants: dict[str, ast.expr]) -> None:
        self.needs, self.constants = needs, constants

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return ast.Call(ast.Name("f32", ast.Load()), [ast.Constant(float(node.value))], [])
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.constants:
            return self.visit(copy.deepcopy(self.constants[node.id]))  # type: ignore[no-any-return]
        if node.id in self.needs:
            return ast.Name(self.needs[node.id].name, node.ctx)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self.visit(node.value)
        return node  # the index stays a whole number
