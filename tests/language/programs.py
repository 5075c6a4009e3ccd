"""Random valid program texts over every form of instruction, as a hypothesis strategy."""

from hypothesis import strategies as st

UNARY = ("relu", "abs", "sign", "step", "erf", "tanh", "sigmoid", "softplus", "gelu", "silu", "sin", "cos")
NUMBERS = st.sampled_from(["0.5", "2", "3", "1e-3", "0.1", "12.25", "1", "7e2"])
SCALARS = ["0.5", "n**-0.5 -> 0", "1/n -> 0", "-2", "c0 -> 1", "exp(-1) -> 0.5"]
VARIANCES = st.sampled_from(["0", "1", "0.3", "2.5", "1e-4", "c0", "2*c0", "c0**2", "1/3"])


@st.composite
def expressions(draw, names: list[str], functions: dict[str, int], depth: int = 3) -> str:
    """An expression that reads names of `names` and cannot divide by 0 or leave the real line."""

    def below() -> str:
        return draw(expressions(names, functions, depth - 1))

    form = draw(st.integers(0, 11)) if depth else draw(st.integers(0, 1))
    if form == 0:
        return draw(NUMBERS)
    if form == 1 or not depth:
        return draw(st.sampled_from(names))
    if form <= 4:
        return f"{below()} {draw(st.sampled_from('+-*'))} {below()}"
    if form == 5:
        return f"({below()}){draw(st.sampled_from(['**2', '**3', '*2', '/3', '']))}"
    if form == 6:
        return f"-{draw(st.sampled_from(names))}"
    if form == 7:
        return f"({below()})/(1 + ({below()})**2)"
    if form == 8:
        return draw(
            st.sampled_from(["maximum({}, {})", "minimum({}, {})", "leaky_relu({}, 0.2)*{}", "sqrt(1 + ({})**2) - {}"])
        ).format(below(), below())
    if form == 9:
        return f"clip({below()}, -1, {draw(NUMBERS)})"
    if form == 10 and functions:
        name = draw(st.sampled_from(sorted(functions)))
        return f"{name}({', '.join(below() for _ in range(functions[name]))})"
    if form == 11 and functions:
        name = draw(st.sampled_from(sorted(functions)))
        arguments = [
            *(below() for _ in range(2 * functions[name])),
            draw(st.sampled_from(["0.5", "s0"] if "s0" in names else ["0.5"])),
        ]
        return f"quotient({name}, {', '.join(arguments)})"
    return f"{draw(st.sampled_from(UNARY))}({below()})"


@st.composite
def program_texts(draw) -> str:
    """A valid program: lines in random order as far as use after definition allows, two width classes."""
    lines = [
        "constant c0 = 2",
        "width m = 2*n",
        "scalar s0 = 0.1 -> 0",
        "vector x0 ~ N(0, 1)",
        "vector y0 : m ~ N(1, 0.5)",
    ]
    vectors = {"n": ["x0"], "m": ["y0"]}
    scalars, functions, matrices, readouts, biases, embeddings = ["s0"], {}, [], {"n": [], "m": []}, [], []
    for i in range(draw(st.integers(1, 14))):
        form = draw(st.integers(0, 17))
        cls = draw(st.sampled_from("nm"))
        colon = "" if cls == "n" and draw(st.booleans()) else f" : {cls}"
        if form == 0:
            lines.append(f"constant k{i} = {draw(st.sampled_from(['0.25', '-3', 'c0/7', 'sqrt(c0)', 'pi', '2**-3']))}")
        elif form == 1:
            lines.append(f"scalar a{i} = {draw(st.sampled_from(SCALARS))}")
            scalars.append(f"a{i}")
        elif form == 2:
            lines.append(
                f"vector b{i}{colon} ~ N({draw(st.sampled_from(['0', '1', '-0.5', 'c0']))}, {draw(VARIANCES)})"
            )
            vectors[cls].append(f"b{i}")
        elif form == 3:
            lines.append(f"vector u{i}, w{i}{colon} ~ N([0, 1], [[1, 0.5], [0.5, c0]])")
            vectors[cls] += [f"u{i}", f"w{i}"]
        elif form == 4:
            rows, columns = draw(st.sampled_from([("n", "n"), ("m", "n"), ("n", "m"), ("m", "m")]))
            shape = "" if (rows, columns) == ("n", "n") and draw(st.booleans()) else f" : {rows} x {columns}"
            lines.append(f"matrix W{i}{shape} ~ N(0, {draw(VARIANCES)}/{columns})")
            matrices.append((f"W{i}", rows, columns))
        elif form == 5:
            parameters = draw(st.sampled_from([["z"], ["z", "t"]]))
            lines.append(
                f"function f{i}({', '.join(parameters)}) = {draw(expressions(parameters, dict(functions), 2))}"
            )
            functions[f"f{i}"] = len(parameters)
        elif form == 6:
            lines.append(f"embedding U{i}{f' : {cls} x d' if colon else ''} ~ N(0, {draw(VARIANCES)}/d)")
            embeddings.append((f"U{i}", cls if colon else "n"))
        elif form == 7 and embeddings:
            embedding, row_class = draw(st.sampled_from(embeddings))
            lines.append(f"input xi{i}{draw(st.sampled_from(['', ' = [1.0, -0.5]', ' = [0, 2]']))}")
            lines.append(f"h{i} = {embedding} @ xi{i}")
            vectors[row_class].append(f"h{i}")
        elif form in (8, 9) and matrices:
            matrix, rows, columns = draw(st.sampled_from(matrices))
            transposed = draw(st.booleans())
            out, into = (columns, rows) if transposed else (rows, columns)
            lines.append(f"g{i} = {matrix}{'.T' if transposed else ''} @ {draw(st.sampled_from(vectors[into]))}")
            vectors[out].append(f"g{i}")
        elif form == 10:
            terms = draw(st.lists(st.sampled_from(vectors[cls]), min_size=1, max_size=3, unique=True))
            coefficients = [draw(st.sampled_from(["", "2*", "-", "0.5*", "c0*", "-3*"])) for _ in terms]
            lines.append(f"l{i} = {' + '.join(map(''.join, zip(coefficients, terms, strict=True)))}")
            vectors[cls].append(f"l{i}")
        elif form == 11:
            lines.append(f"q{i} = mean({draw(expressions(vectors[cls] + scalars, functions, 2))}*{vectors[cls][0]})")
            scalars.append(f"q{i}")
        elif form == 12:
            lines.append(f"t{i} = {draw(expressions(scalars, functions, 2))} + {scalars[-1]}")
            scalars.append(f"t{i}")
        elif form == 13:
            lines.append(f"readout v{i}{colon} ~ N({draw(st.sampled_from(['0', '0', '1']))}, {draw(VARIANCES)})")
            readouts[cls].append(f"v{i}")
            if draw(st.booleans()):
                vectors[cls].append(f"v{i}")
        elif form == 14:
            lines.append(f"bias o{i} ~ N(0, {draw(VARIANCES)})")
            biases.append(f"o{i}")
        elif form == 15 and readouts[cls]:
            terms = [
                f"{draw(st.sampled_from(['', '2*', '-']))}{v}.T @ {draw(st.sampled_from(vectors[cls]))} / sqrt({cls})"
                for v in readouts[cls][:2]
            ]
            lines.append(f"output p{i} = {' + '.join(terms + biases[:1])}")
        else:
            lines.append(
                f"z{i} = {draw(expressions(vectors[cls] + scalars, functions))}*{draw(st.sampled_from(vectors[cls]))}"
            )
            vectors[cls].append(f"z{i}")
    return "\n".join(lines) + "\n"
