"""The house: imports point one way, public names are the documented ones, the window's bundle is there."""

import ast
from pathlib import Path

import tpviz

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"language": 0, "gaussian": 1, "limit": 2, "finite": 2, "network": 3, "zoo": 4, "drawing": 5, "editor": 6}


def imports(path: Path) -> list[str]:
    """Absolute names of what a module imports."""
    package = path.relative_to(ROOT).with_suffix("").parts
    out = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            out += [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level]) if node.level else []
            out.append(".".join([*base, *(node.module or "").split(".")]).strip("."))
    return out


def modules(package: str) -> list[Path]:
    return sorted((ROOT / "tpviz" / package).rglob("*.py"))


def test_imports_point_downwards():
    for package, floor in FLOORS.items():
        for path in modules(package):
            for name in imports(path):
                parts = name.split(".")
                if parts[0] == "tpviz" and len(parts) > 1 and parts[1] in FLOORS and parts[1] != package:
                    assert FLOORS[parts[1]] < floor, f"{path.relative_to(ROOT)} imports {name}"


def test_only_the_editor_imports_panel():
    for path in (ROOT / "tpviz").rglob("*.py"):
        if path.relative_to(ROOT / "tpviz").parts[0] == "editor":
            continue
        for name in imports(path):
            assert name.split(".")[0] not in ("panel", "bokeh", "param"), f"{path.relative_to(ROOT)} imports {name}"


def test_nothing_is_evaluated():
    """No eval, exec, sympify of text or parse_expr anywhere."""
    for path in (ROOT / "tpviz").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                assert name not in ("eval", "exec", "parse_expr", "lambdify"), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_public_names():
    assert set(tpviz.__all__) >= {
        "parse",
        "load",
        "save",
        "load_document",
        "limit",
        "simulate",
        "figure",
        "TpvizError",
        "Program",
        "Document",
    }
    for name in tpviz.__all__:
        assert getattr(tpviz, name) is not None


def test_every_public_function_has_a_docstring():
    for name in tpviz.__all__:
        thing = getattr(tpviz, name)
        if callable(thing):
            assert thing.__doc__, name


def test_the_bundle_is_committed():
    for name in ("editor.bundle.js", "editor.bundle.css"):
        assert (ROOT / "tpviz" / "editor" / "dist" / name).stat().st_size > 10_000


def test_the_glossary_example_holds():
    import doctest

    assert doctest.testmod(tpviz).failed == 0
