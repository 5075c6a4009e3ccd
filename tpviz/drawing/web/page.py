"""One file that any browser shows without a network: the drawing to walk in, what each node is in the limit, the program
text, the kernel. The document is in it, so that tpviz opens it again.

Labels, names and text come from anyone: all of them are escaped, and the page's policy runs and loads nothing but its own
script and style.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tpviz.language import InputError, Parsed, Program
from tpviz.language.labels import label
from tpviz.language.scope import KEYWORDS

from ..compact import to_code
from ..document import Document, write_atomically
from ..figure import document_of, title_of
from ..scene import Scene, draw
from .facts import Fact, Kernel, Numbers, numbers_of
from .picture import picture

if TYPE_CHECKING:
    from .glyphs import Glyphs

__all__ = ["html_page", "save_html"]

_FIRST = re.compile(rf"\s*({'|'.join(KEYWORDS)})\b(?!\s*=)")


def save_html(
    program: Program | Document | Parsed | str,
    path: str | os.PathLike[str],
    title: str | None = None,
    link: str = "",
) -> None:
    """Write the program as one HTML file: drawing, limits, text and kernel, to read without tpviz and without a network.

    `link` is an address that opens it in a tpviz, as `tp.to_link` makes it. Raises `InputError` for a suffix other than
    .html.
    """
    if Path(path).suffix.lower() != ".html":
        raise InputError(f"{Path(path).name} is not an .html file.", hint="Name it .html.")
    write_atomically(path, html_page(document_of(program), title, link).encode())


def html_page(document: Document, title: str | None = None, link: str = "", scene: Scene | None = None) -> str:
    """The page of a document; `scene` is its drawing as it is seen, with highlights."""
    from .glyphs import Glyphs  # matplotlib is slow to import

    if scene is None:
        scene = draw(document.parsed, document.layout, document.labels, document.view, marks=document.marks)
    title, glyphs, numbers = title or title_of(document), Glyphs(), numbers_of(document.parsed)
    facts = {f.name: k for k, f in enumerate(numbers.facts)}
    style, script = _source("page.css"), _source("page.js")
    body = [
        f"<header><h1>{escape(title)}</h1><p>{_summary(document.program)}</p></header>",
        "<main>",
        f'<div class="stage">{picture(scene, glyphs, facts)}<div class="zoom">{_ZOOM}</div></div>',
        f'<aside aria-live="polite"><p id="none" class="muted">Choose a node or a line: here stands what it is in the limit of infinite width. Drag to move the drawing, turn the wheel to zoom.</p>{"".join(_fact(k, f, document, glyphs) for k, f in enumerate(numbers.facts))}</aside>',
        f"<section><h2>Program</h2>{_text(document.parsed, facts)}{_problems(document.parsed)}</section>",
        *_kernel(numbers.kernel, glyphs),
        *_outputs(numbers, glyphs),
        "</main>",
        f"<footer>{_again(link)}</footer>",
    ]
    code = to_code(replace(document, layout={**scene.positions, **document.layout}))
    policy = f"default-src 'none'; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'"  # fmt: skip
    return "\n".join([
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n<meta name="generator" content="tpviz">',
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>",
        *body,
        f'<svg width="0" height="0" aria-hidden="true"><defs>{glyphs.definitions()}</defs></svg>',
        f'<script type="application/x-tpviz">{code}</script>\n<script>{script}</script>\n</body>\n</html>\n',
    ])  # fmt: skip


_ZOOM = '<button data-zoom="in" aria-label="Zoom in">+</button><button data-zoom="out" aria-label="Zoom out">−</button><button data-zoom="fit">Fit</button>'


@cache
def _source(name: str) -> str:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return text + "".join(f".d{k}{{vertical-align:-{k}px}}" for k in range(80)) if name.endswith(".css") else text


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _summary(p: Program) -> str:
    parts = [(len(p.vectors), "vector"), (len(p.scalars), "scalar"), (len(p.matrices), "matrix")]
    words = [f"{n} {w if n == 1 else 'matrices' if w == 'matrix' else w + 's'}" for n, w in parts if n]
    return escape(f"{p.language.replace('+', '⁺')} program: {', '.join(words)}") if words else "An empty program"


def _fact(k: int, f: Fact, document: Document, glyphs: Glyphs) -> str:
    tex = document.labels.get(f.name) or label(f.name)
    out = [f'<div class="fact" id="fact{k}" hidden><h2>{f.what} {glyphs.inline(tex)}</h2>']
    out.append(f'<p class="muted">Line {f.line}: <code>{escape(f.name)}</code></p>')
    for rule, formula in f.steps:
        out.append(f'<p class="formula">{glyphs.inline(formula)}</p><p class="rule">by {escape(rule)}</p>')  # fmt: skip
    rows = "".join(f"<dt>{escape(word)}</dt><dd>{escape(value)}</dd>" for word, value in f.rows)
    out.append(f"<dl>{rows}</dl>" if rows else "")
    out.append(f'<p class="problem">{escape(f.problem)}</p>' if f.problem else "")
    return "".join([*out, "</div>"])


def _text(parsed: Parsed, facts: Mapping[str, int]) -> str:
    by_line = {s.line: s for s in parsed.statements}
    bad = {d.line for d in parsed.diagnostics if d.severity == "error"}
    out = []
    for number, line in enumerate(parsed.source.split("\n"), 1):
        if number == len(parsed.source.split("\n")) and not line:
            break
        s = by_line.get(number)
        k = next((facts[n] for n in s.names if n in facts), None) if s else None
        css = ' class="bad"' if number in bad else ""
        act = f' data-fact="{k}" tabindex="0" role="button"' if k is not None else ""
        out.append(f"<li{css}{act}>{_coloured(line)}</li>")
    return f'<ol class="code" aria-label="Program text">{"".join(out)}</ol>'


def _coloured(line: str) -> str:
    text, sign, comment = line.partition("#")
    first = _FIRST.match(text)
    start = f'<span class="keyword">{escape(first[0])}</span>{escape(text[first.end() :])}' if first else escape(text)
    return start + (f'<span class="comment">{escape(sign + comment)}</span>' if sign else "")


def _problems(parsed: Parsed) -> str:
    return "".join(f'<p class="problem">{escape(d.render())}</p>' for d in parsed.diagnostics)


def _kernel(kernel: Kernel | None, glyphs: Glyphs) -> list[str]:
    if kernel is None:
        return []
    heads = [f'<th scope="col">{glyphs.inline(label(n), 15)}</th>' for n in kernel.names]
    rows = [
        f'<tr><th scope="row">{glyphs.inline(label(n), 15)}</th>{"".join(f"<td>{v:.4g}</td>" if abs(v) > 1e-12 else "<td>0</td>" for v in row)}</tr>'
        for n, row in zip(kernel.names, kernel.values, strict=True)
    ]
    more = f'<p class="muted">The first {len(kernel.names)} vectors; {kernel.left_out} more are in the program.</p>' if kernel.left_out else ""  # fmt: skip
    return [f'<section><h2>Kernel, E Z<sup>x</sup> Z<sup>y</sup></h2><div class="wide"><table><thead><tr><td></td>{"".join(heads)}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>{more}</section>']  # fmt: skip


def _outputs(numbers: Numbers, glyphs: Glyphs) -> list[str]:
    if not numbers.outputs:
        return []
    rows = "".join(f'<tr><th scope="row">{glyphs.inline(label(n), 15)}</th><td>{a:.6g}</td><td>{b:.6g}</td></tr>' for n, a, b in numbers.outputs)  # fmt: skip
    return [f'<section><h2>Network, at the input of the text</h2><table><thead><tr><td></td><th scope="col">NNGP</th><th scope="col">NTK</th></tr></thead><tbody>{rows}</tbody></table></section>']  # fmt: skip


def _again(link: str) -> str:
    open_it = "Made by tpviz. This file carries its program: drop it on the window of tpviz, or run <code>tpviz edit FILE.html</code>."  # fmt: skip
    if link.startswith(("http://", "https://")):
        return f'<p>{open_it} <a href="{escape(link)}" rel="noreferrer">Open it in tpviz</a></p>'
    return f"<p>{open_it}</p>"
