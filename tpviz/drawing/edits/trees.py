"""Surgery on expressions: inputs are added on the text, so that it stays as it was typed, and taken out of the
syntax tree."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable
from functools import lru_cache

from tpviz.language.expressions import HOLE, unparse

from .names import NAME

__all__ = [
    "fill_hole",
    "ports",
    "reads_term",
    "terms_of",
    "tree_of",
    "with_factor",
    "with_input",
    "with_terms",
    "without_gap",
    "without_input",
    "without_products",
]


@lru_cache(maxsize=2048)
def tree_of(text: str) -> ast.expr | None:
    """The syntax tree of an expression with holes, None where it cannot be read. Products may stand in it."""
    try:
        return ast.parse(text.replace("?", f" {HOLE} ").strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def text_of(tree: ast.expr) -> str:
    try:
        return unparse(tree)
    except (KeyError, TypeError):  # a product inside an expression, which is not an expression of the language
        return ast.unparse(tree).replace(HOLE, "?")


def ports(text: str, operand: Callable[[str], bool]) -> list[str]:
    """Inputs of a gate in order of appearance, `?` for each hole."""
    out: list[str] = []
    for m in re.finditer(rf"\d\w*\.?\w*|{NAME}\b(?!\s*\()|\?", text):
        word = m.group()
        if word == "?" or (word not in out and not word[0].isdigit() and operand(word)):
            out.append(word)
    return out


def fill_hole(text: str, name: str, which: int = 0) -> str:
    """The text with hole number `which` filled."""
    holes = [m.start() for m in re.finditer(r"\?", text)]
    at = holes[which]
    return text[:at] + name + text[at + 1 :]


def with_input(text: str, name: str, arity: Callable[[str], int | None]) -> str | None:
    """The expression with one more input: f(a) → f(a + b), a function that lacks an argument gets it, any other e →
    e + b. None where the text cannot be read."""
    if not text.strip():
        return name
    tree = tree_of(text)
    if tree is None:
        return None
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        takes = arity(tree.func.id)
        if not re.match(NAME, text):
            text = text_of(tree)  # (phi(x)) → phi(x)
        inside = text[: text.rindex(")")].rstrip()
        if not tree.args:
            return f"{inside}{name})"
        if takes is not None and takes > len(tree.args):
            return f"{inside}, {name})"
        if len(tree.args) == 1 and takes in (1, None):
            return f"{inside} + {name})"
    return f"{text} + {name}"


def with_factor(text: str, name: str) -> str | None:
    """e → e*b, for a Moment."""
    if not text.strip():
        return name
    tree = tree_of(text)
    if tree is None:
        return None
    if isinstance(tree, ast.UnaryOp) or (isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add | ast.Sub)):
        return f"({text})*{name}"
    return f"{text}*{name}"


def without_input(
    text: str, name: str, operand: Callable[[str], bool], vector: Callable[[str], bool] | None = None
) -> str:
    """The expression with an input taken out: phi(a + b) → phi(a), a*b → b, the last one → a hole.

    With `vector`, the result is a vector: where none of its inputs is one any more, the hole stays in the vector's
    place.
    """
    tree = tree_of(text)
    if tree is None:
        return re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", "?", text)
    left = _Without(name, operand).drop(tree)
    if left is None or not _has(left, operand):
        count = sum(isinstance(n, ast.Name) and n.id == name for n in ast.walk(tree))
        if count == 1:
            return text_of(_hollow(tree, name))
        if isinstance(tree, ast.Call):
            args = [a if not _has(a, operand) else _hole() for a in tree.args]
            return text_of(ast.Call(tree.func, args, []))
        return "?"
    if vector is not None and not _has(left, vector):
        return text_of(_hollow(tree, name))
    return text_of(left)


def without_gap(
    text: str, which: int, operand: Callable[[str], bool], vector: Callable[[str], bool] | None = None
) -> str | None:
    """The expression without a hole, or without a product that stands inside it; None where nothing else would be
    left there. `vector` as in `without_input`."""
    gaps = list(re.finditer(rf"\?(?!\s*(?:\.\s*T\s*)?@)|(?:{NAME}|\?)\s*(?:\.\s*T)?\s*@\s*(?:{NAME}|\?)", text))
    if which >= len(gaps):
        return None
    marked = text[: gaps[which].start()] + "gap__" + text[gaps[which].end() :]
    left = without_input(marked, "gap__", lambda name: name == "gap__" or operand(name), vector)
    return None if left == text else left


def _hole() -> ast.Name:
    return ast.Name(HOLE, ast.Load())


def _has(tree: ast.expr, wanted: Callable[[str], bool]) -> bool:
    """A wanted name or a hole stands in the tree; names of called functions and of matrices of products do not
    count."""
    match tree:
        case ast.Name(id=name):
            return name == HOLE or (name not in ("pi", "e") and wanted(name))
        case ast.Call(args=args):
            return any(_has(a, wanted) for a in args)
        case ast.BinOp(op=ast.MatMult(), right=right):
            return _has(right, wanted)
    return any(_has(child, wanted) for child in ast.iter_child_nodes(tree) if isinstance(child, ast.expr))


class _Hollow(ast.NodeTransformer):
    def __init__(self, name: str):
        self.name = name

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _hole() if node.id == self.name else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return ast.Call(node.func, [self.visit(a) for a in node.args], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        right = self.visit(node.right)
        if isinstance(node.op, ast.MatMult):  # a product without its vector is a hole
            return right if isinstance(right, ast.Name) and right.id == HOLE else ast.BinOp(node.left, node.op, right)
        return ast.BinOp(self.visit(node.left), node.op, right)


def _hollow(tree: ast.expr, name: str) -> ast.expr:
    """The tree with holes in place of the name; the (cached) tree itself stays as it is."""
    return _Hollow(name).visit(copy.deepcopy(tree))


class _Without:
    """Takes a name out of a tree. None: nothing is left."""

    def __init__(self, name: str, operand: Callable[[str], bool]):
        self.name, self.operand = name, operand

    def has(self, tree: ast.expr) -> bool:
        return _has(tree, self.operand)

    def part(self, tree: ast.expr) -> ast.expr | None:
        """What is left of a factor or argument; None where it had inputs and has none any more."""
        left = self.drop(tree)
        return None if left is None or (self.has(tree) and not self.has(left)) else left

    def drop(self, tree: ast.expr) -> ast.expr | None:
        match tree:
            case ast.Name(id=name):
                return None if name == self.name else tree
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
                x, y = self.drop(a), self.drop(b)
                if x is None and y is not None and isinstance(op, ast.Sub):
                    return ast.UnaryOp(ast.USub(), y)
                return ast.BinOp(x, op, y) if x is not None and y is not None else x or y
            case ast.BinOp(left=a, op=ast.MatMult() as op, right=b):
                y = self.part(b)
                return None if y is None else ast.BinOp(a, op, y)
            case ast.BinOp(left=a, op=op, right=b):
                x, y = self.part(a), self.part(b)
                if x is not None and y is not None:
                    return ast.BinOp(x, op, y)
                if x is None and y is not None and self.has(y):
                    return ast.BinOp(ast.Constant(1), op, y) if isinstance(op, ast.Div) else y
                return x if x is not None and self.has(x) else None
            case ast.UnaryOp(op=op, operand=a):
                x = self.drop(a)
                return None if x is None else ast.UnaryOp(op, x)
            case ast.Call(func=func, args=args):
                left = [self.part(a) for a in args]
                if all(a is None or not self.has(a) for a in left) and any(self.has(a) for a in args):
                    return None
                return ast.Call(func, [_hole() if a is None else a for a in left], [])
        return tree


class _Multiplied(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        matrix = node.left.value if isinstance(node.left, ast.Attribute) and node.left.attr == "T" else node.left
        if isinstance(node.op, ast.MatMult) and isinstance(matrix, ast.Name):
            return self.visit(node.right)
        return ast.BinOp(self.visit(node.left), node.op, self.visit(node.right))


def without_products(tree: ast.expr) -> ast.expr:
    """The tree with the operand in place of each product `W @ x`, which the language can check."""
    return _Multiplied().visit(copy.deepcopy(tree))


def terms_of(text: str) -> list[tuple[str, str]]:
    """The terms of an output as (sign, text)."""
    out: list[tuple[str, str]] = []
    depth, last, sign = 0, 0, "+"
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        before = text[last:i].strip()
        if (
            depth == 0
            and c in "+-"
            and not before.endswith(("*", "/"))
            and not re.search(r"(?<![\w.])\d[\d.]*[eE]$", before)
        ):
            if before:
                out.append((sign, before))
                sign = c
            else:
                sign = "-" if (c == "-") != (sign == "-") else "+"
            last = i + 1
    if text[last:].strip():
        out.append((sign, text[last:].strip()))
    return out


def reads_term(term: str, name: str) -> bool:
    """The term of an output reads the vector, or is the bias."""
    m = re.search(rf"@\s*\(?\s*({NAME}|\?)", term)
    return m[1] == name if m else re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", term) is not None


def with_terms(terms: list[tuple[str, str]]) -> str:
    """The sum as text, `?` when it is empty."""
    text = " ".join(f"{sign} {term}" for sign, term in terms)
    return "?" if not terms else text[2:] if text.startswith("+ ") else "-" + text[2:]
