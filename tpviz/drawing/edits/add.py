"""Commands that add a node, or a gate with its result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .declare import arity, declare, embedding_for, function_for, matrix_for, readout_for
from .lines import Sheet
from .names import fresh, is_name
from .places import DASHED, WIRE, WIRE_MANY, below, free_place, right_of, rounded
from .state import Change, State, base_name, finish, refuse

__all__ = [
    "add_input",
    "add_lincomb",
    "add_moment",
    "add_nonlin",
    "add_output",
    "add_product",
    "add_scalar",
    "add_vector",
]

At = Sequence[float] | None


def add_vector(state: State, at: At = None, name: str | None = None) -> Change:
    """An initial vector `vector x ~ N(0, 1)`."""
    return _declared(state, "vector", "{} ~ N(0, 1)", at, name)


def add_scalar(state: State, at: At = None, name: str | None = None) -> Change:
    """An initial scalar `scalar theta = 1`."""
    return _declared(state, "scalar", "{} = 1", at, name)


def add_input(state: State, at: At = None, name: str | None = None) -> Change:
    """A network input with a value, so that it computes: `input xi = [1, 0]`."""
    return _declared(state, "input", "{} = [1, 0]", at, name)


def _declared(state: State, keyword: str, code: str, at: At, name: str | None) -> Change:
    sheet = Sheet.of(state.source)
    if name is not None:
        check_new_name(sheet, name)
    name = name or fresh(keyword, sheet.taken)
    place = rounded(at) if at is not None else free_place(state.layout)
    layout = {**state.layout, name: place}
    return finish(state, declare(sheet, f"{keyword} {code.format(name)}"), f"Add {keyword} {name}", [name], layout)


def check_new_name(sheet: Sheet, name: str) -> None:
    """Raises `EditError` when the name cannot be given to something new."""
    if not isinstance(name, str) or not is_name(name) or len(name) > 60:
        refuse(
            "name",
            f"{str(name)[:60]!r} cannot be a name.",
            "Names are letters, digits and underscores, as h1 or dx_2, and not reserved.",
            (str(name)[:60],),
        )
    if name in sheet.where:
        refuse(
            "duplicate",
            f"{name} is defined already on line {sheet.where[name] + 1}.",
            "A name is defined once; choose another one.",
            (name,),
        )


def operands(sheet: Sheet, nodes: Iterable[str], what: str, scalars: bool = True) -> list[str]:
    """Names of the nodes, gates standing for their results. Raises `EditError` unless they can be inputs of one
    gate."""
    names = list(dict.fromkeys(base_name(n) for n in nodes))
    for name in names:
        kind = sheet.kind(name)
        if kind == "":
            refuse("unknown", f"There is no {name}.", "Draw or declare it first.", (name,))
        if kind == "input":
            refuse(
                "type",
                f"{name} is an input: it must be embedded first.",
                f"Draw a MatMul from {name}: h = U @ {name}",
                (name,),
            )
        if not sheet.is_vector(name) and kind != "scalar":
            refuse(
                "type",
                f"{name} is {_a(kind)} and cannot be an input of a {what}.",
                "Choose vectors" + (" and scalars." if scalars else "."),
                (name,),
            )
        if kind == "scalar" and not scalars:
            refuse(
                "type",
                f"{name} is a scalar: a {what} adds vectors with constant coefficients.",
                f"Use a Nonlin, or declare constant {name}.",
                (name,),
            )
    check_widths(sheet, names, what)
    return names


def check_widths(sheet: Sheet, names: Iterable[str], what: str) -> None:
    known = [(n, w) for n in names if sheet.is_vector(n) and (w := sheet.width(n))]
    for name, width in known[1:]:
        if width != known[0][1]:
            refuse(
                "width-class",
                f"{known[0][0]} is of class {known[0][1]} and {name} of class {width}: one {what} cannot mix them.",
                f"Bring one into the other class with a matrix {known[0][1]} x {width}.",
                (name, known[0][0]),
            )


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def add_nonlin(state: State, inputs: Iterable[str] = (), at: At = None, function: str | None = None) -> Change:
    """A Nonlin gate with its result, `x1 = phi(h1)`; `function` is a declared or built-in one, by default the last
    used."""
    sheet = Sheet.of(state.source)
    names = operands(sheet, inputs, "Nonlin")
    if function is None:
        sheet, function = function_for(sheet)
    takes = arity(sheet, function)
    if takes is None:
        refuse("unknown", f"There is no function {function}.", "Declare it, or use relu, tanh, erf, ...", (function,))
    if names and not any(sheet.is_vector(n) for n in names):
        names.append("?")  # scalars alone make no vector
    arguments = names[:takes]
    if len(names) > takes:
        arguments[0] = " + ".join([names[0], *names[takes:]])
    arguments += ["?"] * (takes - len(arguments))
    return _gate(state, sheet, "nonlin", f"{function}({', '.join(arguments)})", names, at, "Nonlin")


def add_lincomb(state: State, inputs: Iterable[str] = (), at: At = None) -> Change:
    """A LinComb gate with its result, `g = a + b`."""
    sheet = Sheet.of(state.source)
    names = operands(sheet, inputs, "LinComb", scalars=False)
    return _gate(state, sheet, "lincomb", " + ".join(names) or "?", names, at, "LinComb")


def add_moment(state: State, inputs: Iterable[str] = (), at: At = None) -> Change:
    """A Moment gate with its result, `q = mean(x*y)`."""
    sheet = Sheet.of(state.source)
    names = operands(sheet, inputs, "Moment")
    return _gate(state, sheet, "moment", f"mean({'*'.join(names) or '?'})", names, at, "Moment")


def _gate(state: State, sheet: Sheet, series: str, right: str, names: list[str], at: At, what: str) -> Change:
    result = fresh(series, sheet.taken)
    gate = f"gate:{result}"
    if at is not None:
        place = rounded(at)
        end = below(state.layout, (place[0] + WIRE, place[1]))
    else:
        place = right_of(state.layout, names, WIRE_MANY if len(names) > 1 else WIRE, (0, WIRE))
        end = (place[0] + WIRE, place[1])
    layout = {**state.layout, gate: place, result: end}
    sheet = sheet.append(f"{result} = {right}")
    of = f" of {', '.join(n for n in names if n != '?')}" if names else ""
    return finish(state, sheet, f"Add {what} {result}{of}", [result], layout)


def add_product(
    state: State, source: str | None = None, matrix: str | None = None, transposed: bool = False, at: At = None
) -> Change:
    """A product `h1 = W @ x`, or the embedding `h1 = U @ xi` of an input.

    `matrix` is a name, "new", or None for the last used one whose class fits; it is declared if needed.
    """
    sheet = Sheet.of(state.source)
    if source is None:
        sheet, used = matrix_for(sheet, None, matrix, transposed)
        right, name = f"{used}{'.T' if transposed else ''} @ ?", ""
    else:
        name = base_name(source)
        if sheet.kind(name) == "input":
            if transposed:
                refuse(
                    "type",
                    f"{name} is an input: an embedding has no transpose in the language.",
                    f"Draw h = U @ {name}",
                    (name,),
                )
            sheet, used = embedding_for(sheet, name, matrix)
            right = f"{used} @ {name}"
        else:
            check_vector(sheet, name, "product")
            sheet, used = matrix_for(sheet, sheet.width(name), matrix, transposed)
            right = f"{used}{'.T' if transposed else ''} @ {name}"
    result = fresh("product", sheet.taken)
    place = rounded(at) if at is not None else right_of(state.layout, [name], DASHED)
    sheet = sheet.append(f"{result} = {right}")
    return finish(state, sheet, f"Add product {result} = {right}", [result], {**state.layout, result: place})


def check_vector(sheet: Sheet, name: str, what: str) -> None:
    """Raises `EditError` unless the name is a vector's."""
    if not sheet.kind(name):
        refuse("unknown", f"There is no {name}.", "Draw or declare it first.", (name,))
    if not sheet.is_vector(name):
        refuse("type", f"{name} is {_a(sheet.kind(name))}: a {what} takes a vector.", "Choose a vector.", (name,))


def add_output(state: State, sources: Iterable[str] | str = (), at: At = None) -> Change:
    """An output `output f = v.T @ x / sqrt(n)`; several sources make a sum."""
    sheet = Sheet.of(state.source)
    names = list(dict.fromkeys(base_name(s) for s in ([sources] if isinstance(sources, str) else sources)))
    terms = []
    for name in names:
        sheet, term = term_for(sheet, name)
        terms.append(term)
    output = fresh("output", sheet.taken)
    place = rounded(at) if at is not None else right_of(state.layout, names, DASHED)
    sheet = sheet.append(f"output {output} = {' + '.join(terms) or '?'}")
    return finish(state, sheet, f"Add output {output}", [output], {**state.layout, output: place})


def term_for(sheet: Sheet, name: str) -> tuple[Sheet, str]:
    """The term of an output that reads the vector out; a bias stands for itself."""
    if sheet.kind(name) == "bias":
        return sheet, name
    if sheet.kind(name) == "scalar":
        refuse(
            "type",
            f"{name} is a scalar: an output is a sum of readouts of vectors and biases.",
            "Use the scalar in a Nonlin, and read its result out.",
            (name,),
        )
    if sheet.kind(name) == "input":
        refuse(
            "type",
            f"{name} is an input: it must be embedded first.",
            f"Draw a MatMul from {name}: h = U @ {name}",
            (name,),
        )
    check_vector(sheet, name, "readout")
    width = sheet.width(name) or "n"
    sheet, readout = readout_for(sheet, width)
    return sheet, f"{readout}.T @ {name} / sqrt({width})"
