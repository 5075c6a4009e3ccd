"""The command line: `tpviz edit | check | limit | export | lecture`."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from . import __version__
from .drawing import Document, figure, lecture, load_document, save_html, to_link
from .drawing.files import FIGURES
from .language import LimitError, Program, ProgramError, TpvizError
from .limit import limit as limit_of
from .network import gia_check, nngp, ntk, ntk_by_paths

__all__ = ["main"]


class _Group(click.Group):
    """Errors of tpviz are printed as what they are, one line each, without a traceback."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except TpvizError as error:
            for d in error.diagnostics:
                click.secho(d.render(), fg="red", err=True)
            sys.exit(1)


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="tpviz")
def main() -> None:
    """Draw Tensor Programs, see their infinite-width limits, export figures."""


def _program(file: str) -> tuple[Document, Program]:
    document = load_document(file)
    errors = [d for d in document.parsed.diagnostics if d.severity == "error"]
    if errors:
        raise ProgramError(*errors)
    return document, document.program


@main.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option("--port", default=0, show_default="a free one", help="Port of the local server.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def edit(file: str | None, port: int, no_browser: bool) -> None:
    """Open the editor, on FILE if one is given (it is made by the first save), or on what a figure of tpviz carries."""
    from .editor import serve

    carried = file is not None and Path(file).suffix.lower() in FIGURES and Path(file).exists()
    if file is not None and Path(file).suffix.lower() not in (".tp", ".tpviz") and not carried:
        raise click.BadParameter("a tpviz file ends in .tp or .tpviz", param_hint="FILE")
    if file is not None and Path(file).exists():
        load_document(file)  # say what is wrong with it before a server starts
    logging.basicConfig(level=logging.WARNING)
    serve(file, port=port, show=not no_browser)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def check(file: str) -> None:
    """Say what is wrong with FILE, line by line; exit with 1 if anything is."""
    document = load_document(file)
    problems = document.parsed.diagnostics
    for d in problems:
        click.secho(d.render(), fg="red" if d.severity == "error" else "yellow")
    if any(d.severity == "error" for d in problems):
        sys.exit(1)
    p = document.program
    for d in limit_of(p).warnings:
        click.secho(d.render(), fg="yellow")
    if p.outputs:
        report = gia_check(p)
        click.secho(str(report), fg=None if report.shortcut else "yellow")
    click.echo(
        f"{file}: a {p.language} program of {len(p)} instructions, {len(p.vectors)} vectors, {len(p.scalars)} scalars. No problems."
    )


def _assignments(ctx, param, values: tuple[str, ...]) -> dict[str, str]:
    out = {}
    for v in values:
        name, sign, right = v.partition("=")
        if not sign or not name.strip():
            raise click.BadParameter(f"write NAME=VALUE, got {v!r}")
        out[name.strip()] = right.strip()
    return out


def _numbers(text: str, name: str) -> np.ndarray:
    try:
        return np.array([float(x) for x in text.strip("[]").split(",")])
    except ValueError:
        raise click.BadParameter(f"{name}: numbers separated by commas expected, got {text!r}") from None


def _rounded(mean: float, second_moment: float) -> float:
    """0 where the mean is nothing but rounding."""
    return 0.0 if abs(mean) <= 1e-14 * second_moment**0.5 else mean


def _networks(p: Program, inputs: dict[str, np.ndarray], parameters: dict[str, float]) -> list[dict[str, Any]]:
    """NNGP, NTK and the sum over paths of every output that has a kernel, at the inputs of the text and those given."""
    X = {k: v[None] for k, v in inputs.items()}
    rows = []
    for f in p.outputs:
        try:
            found = {
                name: float(kernel(p, X, output=f, parameters=parameters)[0, 0])
                for name, kernel in (("nngp", nngp), ("ntk", ntk), ("paths", ntk_by_paths))
            }
        except LimitError:
            continue
        rows.append({"name": f, **found})
    return rows


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--input", "inputs", multiple=True, callback=_assignments, help="An input's entries: xi=1.0,0.5 (may be repeated)."
)
@click.option(
    "--set", "parameters", multiple=True, callback=_assignments, help="A constant or variance: W=2.0 (may be repeated)."
)
@click.option("--width", type=int, help="Also simulate at this width.")
@click.option("--seed", default=0, show_default=True)
@click.option("--check", "checked", is_flag=True, help="Cross-check: every number that can be found in two ways.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
def limit(
    file: str,
    inputs: dict[str, str],
    parameters: dict[str, str],
    width: int | None,
    seed: int,
    checked: bool,
    as_json: bool,
) -> None:
    """Print the limit of FILE: mean and second moment of every Z, θ̊ of every scalar, Ż of every product."""
    from .finite import simulate

    _, p = _program(file)
    given = {k: _numbers(v, k) for k, v in inputs.items()}
    changed = {k: float(_numbers(v, k)[0]) for k, v in parameters.items()}
    lim = limit_of(p, inputs=given, parameters=changed)
    run = simulate(p, width, inputs=given, parameters=changed, seed=seed) if width is not None else None
    rows: list[dict[str, Any]] = []
    for v in p.vectors:
        row: dict[str, Any] = {
            "name": v,
            "kind": p.kind(v),
            "mean": _rounded(lim.mean(v), lim.second_moment(v)),
            "second_moment": lim.second_moment(v),
            "error": lim.error(v),
            "method": lim.method(v),
        }
        if v in lim.plan.products:
            row["zdot"] = lim.zdot(v)
        if run is not None:
            row["at_width"] = run.second_moment(v)
        rows.append(row)
    networks = _networks(p, given, changed)
    scalars = [{"name": s, "limit": lim.scalar(s), **({"at_width": run.scalar(s)} if run else {})} for s in p.scalars]
    if as_json:
        click.echo(
            json.dumps(
                {"language": p.language, "vectors": rows, "scalars": scalars, "outputs": networks},
                indent=2,
                ensure_ascii=False,
            )
        )
        return
    click.echo(f"{p.language}, {len(p)} instructions")
    head = (
        f"{'vector':<12}{'kind':<6}{'E Z':>14}{'E Z²':>14}{'± ':>12}{'method':>12}"
        + (f"{f'x·x/n, n={width}':>20}" if run else "")
        + "   Ż"
    )
    click.echo(head)
    for row in rows:
        dot = " + ".join(f"{c:.6g}·Z^{v}" for v, c in row.get("zdot", {}).items()) or ("0" if "zdot" in row else "")
        line = f"{row['name']:<12}{row['kind']:<6}{row['mean']:>14.8g}{row['second_moment']:>14.8g}{row['error']:>12.1e}{row['method']:>12}"
        click.echo(line + (f"{row['at_width']:>20.8g}" if run else "") + f"   {dot}")
    for s in scalars:
        click.echo(
            f"scalar {s['name']}: {s['limit']:.8g}" + (f"   (at width {width}: {s['at_width']:.8g})" if run else "")
        )
    for row in networks:
        click.echo(
            f"output {row['name']}: NNGP {row['nngp']:.8g}, NTK {row['ntk']:.8g}, sum over paths {row['paths']:.8g}"
        )
    if checked:
        click.echo(str(lim.check()))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--base", default="", help="Address of an editor that the link opens in, such as http://localhost:5006/editor"
)
def link(file: str, base: str) -> None:
    """Print a link that carries FILE with its layout; without --base the part from # on."""
    click.echo(to_link(load_document(file), base))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False),
    help="fig.svg, .pdf, .png, .tex, or a page: fig.html",
)
@click.option("--highlight", help="Names along a path, separated by commas: x1,h2,x2")
@click.option("--style", type=click.Choice(["colour", "print"]), default="colour", show_default=True)
@click.option("--inputs", is_flag=True, help="Show inputs as pills.")
def export(file: str, output: str, highlight: str | None, style: str, inputs: bool) -> None:
    """Draw FILE and write the figure; the suffix of the output says how. A .html file is a page to read, with the limits."""
    document = load_document(file)
    if Path(output).suffix.lower() == ".html":
        if highlight or style != "colour":
            raise click.BadParameter("--highlight and --style are for figures", param_hint="OUTPUT")
        shown = {"inputs": True} if inputs else {}
        save_html(replace(document, view={**document.view, **shown}), output)
        click.echo(f"wrote {output}")
        return
    names = [x.strip() for x in highlight.split(",")] if highlight else None
    figure(document, output, highlight=names, style=style, inputs=inputs or None)  # type: ignore[arg-type]
    for d in document.parsed.diagnostics:
        click.secho(d.render(), fg="yellow", err=True)
    click.echo(f"wrote {output}")


@main.command("lecture")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False), help="slides.pdf, or slides.tex (beamer)"
)
@click.option(
    "--theme",
    type=click.Choice(["projector", "light", "dark"]),
    default="projector",
    show_default=True,
    help="Colours.",
)
@click.option("--snippet", is_flag=True, help="The beamer frame alone, for \\input into a document of yours.")
def slides(file: str, output: str, theme: str, snippet: bool) -> None:
    """Write the lecture of FILE as slides: one step for each line, with its rule, formula, number and plot."""
    document = load_document(file)
    steps = lecture(document, output, theme=theme, standalone=not snippet)  # type: ignore[arg-type]
    for d in document.parsed.diagnostics:
        click.secho(d.render(), fg="yellow", err=True)
    click.echo(f"wrote {output}: {len(steps.steps)} steps")


if __name__ == "__main__":
    main()
