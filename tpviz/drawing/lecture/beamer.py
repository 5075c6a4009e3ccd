r"""Slides as LaTeX: one beamer frame, the drawing one tikzpicture whose parts come with overlays.

The overlays stand at the top of the frame: `\tpstep{s}{5}` says that what carries the style `step s` comes on slide 5.
Needs beamer and tikz. Nothing from the program reaches TeX but checked formulas and escaped text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tpviz.language.typeset import safe_tex

from .. import looks
from ..looks import mix
from ..scene import Edge, Node, Scene
from ..tikz import Writer, tikz_path, tikz_styles
from . import page
from .camera import focus, view
from .colours import COLOURS, DIMMED, LATER, LINE, LIT, NOW, NOW_EDGE, SlideColours
from .model import Lecture
from .numbers import Found
from .page import Line
from .plot import Plot

__all__ = ["beamer", "escaped"]

PT = 455.24 / 1280  # points of a beamer page in one px of a slide
_UNITS = "  % one unit is 0.5 pt; y points down\n  x=0.5pt, y=-0.5pt, "  # the frame has its own

_HEAD = r"""\documentclass[aspectratio=169,11pt]{beamer}
% @title@
% Made by tpviz. Compile with pdflatex; beamer and tikz are all it needs.
\usepackage[utf8]{inputenc}
\usepackage{tikz}
\usefonttheme[onlymath]{serif}
\beamertemplatenavigationsymbolsempty
\setbeamersize{text margin left=0pt,text margin right=0pt}
\begin{document}
"""

_MACROS = r"""% what is wider than #1 is set smaller
\newcommand\tpfit[2]{{\setbox0\hbox{#2}\ifdim\wd0>#1 \resizebox{#1}{!}{\box0}\else\box0\fi}}
% parts with the style `step #1' come on slide #2: faint before, in colour on it, in ink from then on
\newcommand\tpstep[2]{%
  \alt<#2>{\tikzset{step #1/.style={tp now}, step #1 shape/.style={tp now shape}}}{%
  \alt<#2->{\tikzset{step #1/.style={tp there}, step #1 shape/.style={tp there shape}}}{%
    \tikzset{step #1/.style={tp later}, step #1 shape/.style={tp later shape}}}}}
% the part #1 is highlighted on slide #2, with the options #3
\newcommand\tplit[3]{\alt<#2>{\tikzset{lit #1/.append style={#3}}}{}}
"""


def beamer(lecture: Lecture, found: Mapping[str, Found], theme: str = "projector", standalone: bool = True) -> str:
    """The LaTeX of a lecture: a document, or the frame alone."""
    return _Beamer(lecture, found, COLOURS[theme]).text(standalone)


class _Overlays(Writer):
    """The drawing with styles of its steps instead of colours."""

    def __init__(self, scene: Scene, lecture: Lecture, colours: SlideColours, step_names: list[str], unit: float):
        super().__init__(scene, colours.look, (0, 0, 0, 0))
        self.lecture, self.step_names, self.unit = lecture, step_names, unit
        self.lit = {i for s in lecture.steps for g in s.highlight for i in (*g.nodes, *g.edges)}
        self.ids = {id: f"p{k}" for k, id in enumerate(sorted(self.lit))}

    def step(self, id: str) -> str:
        return self.step_names[self.lecture.appear.get(id, 0)]

    def line_options(self, part: Node | Edge) -> tuple[bool, str]:
        lit = f", lit {self.ids[part.id]}" if part.id in self.lit else ""
        return False, f", step {self.step(part.id)}{lit}"

    def shape_options(self, n: Node) -> list[str]:
        lit = [f"lit {self.ids[n.id]}", f"lit {self.ids[n.id]} shape"] if n.id in self.lit else []
        return [f"step {self.step(n.id)} shape", *lit]

    def note(self, n: Node) -> str:
        slide = self.lecture.place[next(s.id for s in self.lecture.steps if s.full and s.full[0] == n.id)] + 1
        at = self._shifted(n, 0, 46 + 0.25 * 17)
        return rf"\only<{slide}>{{\node[caption, tpaccent, fill=tppaper] at {at} {{$ {safe_tex(n.note)} $}};}}"

    def body(self) -> list[str]:
        return [*self._coordinates(), *self._lit(), *self._edges(), *self._nodes()]

    def _lit(self) -> Iterator[str]:
        """Rims and bands of the highlights, each on its slide, under the drawing."""
        edges = {e.id: e for e in self.scene.edges}
        for k, s in enumerate(self.lecture.steps, 1):
            if not s.highlight:
                continue
            yield rf"\only<{k}>{{% {escaped(s.title)}"
            for p in looks.PASSES:
                if p.style > len(s.highlight):
                    continue
                group = s.highlight[p.style - 1]
                colour = {"line": f"tppath{'abcd'[p.style - 1]}", "paper": "tppaper", "band": "tpband"}[p.paint]
                dash = (
                    f", dash pattern=on {p.dash[0] * self.unit:g}pt off {p.dash[1] * self.unit:g}pt" if p.dash else ""
                )
                options = f"{colour}, line join=round, line width={p.width * self.unit:g}pt{dash}"
                for id in group.edges:
                    yield rf"  \draw[{options}] {tikz_path(edges[id].d)};"
                for id in group.nodes:
                    yield rf"  \draw[{options}, shift={{({self.names[id]})}}] {self.outline(id)};"
            yield "}"


class _Beamer:
    def __init__(self, lecture: Lecture, found: Mapping[str, Found], colours: SlideColours):
        self.lecture, self.found, self.colours = lecture, found, colours
        self.names = [_step_name(s.id, k) for k, s in enumerate(lecture.steps, 1)]
        notes = {s.full[0]: s.full[1] for s in lecture.steps if s.full}
        nodes = tuple(replace(n, note=notes.get(n.id, "")) for n in lecture.scene.nodes)
        bounds = lecture.scene.bounds()
        width, height = page.WIDTH, page.DRAWING[1] - page.DRAWING[0]
        looks_at = [focus(lecture, k) for k in range(len(lecture.steps))]
        most = min(view(bounds, f, width, height)[0] for f in looks_at)  # one drawing for all slides has one size
        self.views = [view(bounds, f, width, height, most) for f in looks_at]
        self.unit = PT * self.views[0][0]  # points in one unit of the drawing
        self.drawing = _Overlays(Scene(nodes, lecture.layered.edges), lecture, colours, self.names, self.unit)

    def text(self, standalone: bool) -> str:
        title = "".join(c for c in self.lecture.title if c.isprintable())[:200]
        head = _HEAD.replace("@title@", title) if standalone else f"% {title}\n"
        foot = "\\end{document}\n" if standalone else ""
        return head + "\n".join([*self._colours(), "{" + _MACROS, *self._frame(), "}", ""]) + foot

    def _colours(self) -> Iterator[str]:
        c, look = self.colours, self.colours.look
        named = {"tppaper": look.paper, "tpink": look.ink, "tpgrey": c.ink2, "tpfaint": c.ink3, "tpline": c.line, "tpgrid": c.grid,
                 "tpaccent": c.accent, "tptint": c.tint, "tpbar": c.bar, "tperror": look.error, "tperrortint": look.error_tint, "tpband": look.band,
                 "tplater": mix(look.ink, look.paper, LATER), "tpdim": mix(look.ink, look.paper, DIMMED)}  # fmt: skip
        named |= {f"tppath{letter}": colour for letter, colour in zip("abcd", look.paths, strict=True)}
        for name, colour in named.items():
            yield rf"\definecolor{{{name}}}{{HTML}}{{{colour.lstrip('#')}}}"

    def _frame(self) -> Iterator[str]:
        count = len(self.lecture.steps)
        yield r"\setbeamercolor{background canvas}{bg=tppaper}\setbeamercolor{normal text}{fg=tpink}\usebeamercolor[fg]{normal text}"
        yield "\\tikzset{"  # outside the frame, which would want every # twice
        yield (
            tikz_styles(self.unit, bar=4.4)
            .replace(_UNITS, "  ")
            .replace(r"\normalsize", r"\fontsize{10}{12}\selectfont")
        )
        yield "}"
        yield rf"\begin{{frame}}<1-{count}>[plain,t]"
        yield r"% when each step comes"
        for k, (name, s) in enumerate(zip(self.names, self.lecture.steps, strict=True), 1):
            if not s.own:
                yield rf"\tpstep{{{name}}}{{{k}}}% {escaped(s.code)[:100]}"
        yield from self._styles()
        yield from self._lit()
        yield rf"\begin{{tikzpicture}}[remember picture, overlay, shift={{(current page.north west)}}, x={PT:.5f}pt, y=-{PT:.5f}pt]"
        yield "% the drawing"
        top, bottom = page.DRAWING
        yield rf"\begin{{scope}}\clip (0,{top}) rectangle ({page.WIDTH},{bottom});"
        yield from self._camera()
        yield rf"\begin{{scope}}[shift={{(\tpx,\tpy)}}, x={self.unit:.5f}pt, y=-{self.unit:.5f}pt]"
        yield from self.drawing.body()
        yield r"\end{scope}\end{scope}"
        yield rf"\draw[tpline, line width=0.5pt] ({page.LEFT},{page.RULE}) -- ({page.RIGHT},{page.RULE});"
        yield rf"\node[anchor=base west, inner sep=0] at ({page.LEFT},40) {{{_sans(self.lecture.title, 24, bold=True)}}};"
        for k in range(count):
            yield rf"\only<{k + 1}>{{% {self.names[k]}"
            yield from self._slide(k)
            yield "}"
        yield r"\end{tikzpicture}"
        yield r"\end{frame}"

    def _styles(self) -> Iterator[str]:
        """Lines and shapes before their step, on it and after it. A shape's line and filling reach its pic as macros."""
        kinds = {"there": ("tpink", LINE, LINE, "tppaper"), "later": ("tplater", LINE, LINE, "tppaper"), "now": ("tpaccent", NOW_EDGE, NOW, "tptint")}  # fmt: skip
        for name, (colour, line, outline, fill) in kinds.items():
            yield rf"\tikzset{{tp {name}/.style={{{colour}, line width={line * self.unit:.3g}pt}},"
            yield f"  tp {name} shape/.style={{{colour}, {self._outline(fill, outline)}}}}}"
        yield r"\tikzset{outline/.style={line width=\tpwidth, fill=\tpfill}}"
        for k, s in enumerate(self.lecture.steps, 1):
            if s.highlight:
                dim = f"tp there/.style={{tpdim, line width={LINE * self.unit:.3g}pt}}, tp there shape/.style={{tpdim, {self._outline('tppaper', LINE)}}}"
                yield rf"\only<{k}>{{\tikzset{{{dim}}}}}"

    def _outline(self, fill: str, width: float) -> str:
        return rf"/utils/exec={{\def\tpfill{{{fill}}}\def\tpwidth{{{width * self.unit:.3g}pt}}}}"

    def _lit(self) -> Iterator[str]:
        for id in sorted(self.drawing.lit):
            name = self.drawing.ids[id]
            yield rf"\tikzset{{lit {name}/.style={{}}, lit {name} shape/.style={{}}}}"
            for k, s in enumerate(self.lecture.steps, 1):
                styles = [j for j, g in enumerate(s.highlight) if id in g.nodes or id in g.edges]
                if styles:
                    colour = "tpink" if len(styles) > 1 else f"tppath{'abcd'[styles[0]]}"
                    yield rf"\tplit{{{name}}}{{{k}}}{{{colour}, line width={LIT * self.unit:.3g}pt}}"
                    yield rf"\tplit{{{name} shape}}{{{k}}}{{{self._outline('tppaper', LIT)}}}"

    def _camera(self) -> Iterator[str]:
        """Where the drawing stands on each slide; once, where it does not move."""
        top = page.DRAWING[0]
        sets = [rf"\def\tpx{{{x:.1f}}}\def\tpy{{{y + top:.1f}}}" for _, x, y in self.views]
        if len(set(sets)) == 1:
            yield sets[0]
            return
        for k, one in enumerate(sets, 1):
            yield rf"\only<{k}>{{{one}}}"

    # a slide's text and plot

    def _slide(self, k: int) -> Iterator[str]:
        step = self.lecture.steps[k]
        found = self.found.get(step.id)
        number, of = page.number_of(self.lecture, k)
        name = rf"{_sans(step.name, 24, 'tpgrey')}\hspace{{{24 * PT:.2f}pt}}" if step.name and not step.own else ""
        yield rf"\node[anchor=base east, inner sep=0] at ({page.RIGHT},40) {{{name}{_sans(number, 24, bold=True)}{_sans(of, 24, 'tpgrey')}}};"
        for line in page.text_lines(step, found):
            yield rf"\node[anchor=base west, inner sep=0] at ({page.LEFT},{line.y:g}) {{{self._line(line)}}};"
        if found is not None and found.plot is not None and step.problem is None:
            yield from self._plot(found.plot)
        shades = {"done": "tpgrey", "now": "tpaccent", "later": "tpgrid"}
        for x, y, w, h, state in page.progress(len(self.lecture.steps), k):
            yield rf"\fill[{shades[state]}] ({x:.1f},{y:g}) rectangle ({x + w:.1f},{y + h:g});"

    def _line(self, line: Line) -> str:
        room = f"{page.TEXT * PT:.1f}pt"
        match line.kind:
            case "name":
                return _sans(line.text, line.size, bold=True)
            case "code":
                return rf"\tpfit{{{room}}}{{{_sized(line.size, rf'{chr(92)}ttfamily {_code(line.text)}')}}}"
            case "declared":
                return rf"\tpfit{{{room}}}{{{_sized(line.size, rf'{chr(92)}color{{tpgrey}}{chr(92)}ttfamily {_code(line.text)}')}}}"
            case "rule":
                general = rf"\hspace{{{24 * PT:.2f}pt}}{_math(line.value, line.size, 'tpgrey')}" if line.value else ""
                return rf"\tpfit{{{room}}}{{{_sans(line.text, line.size, 'tpaccent', True)}{general}}}"
            case "formula":
                return rf"\tpfit{{{room}}}{{{_math(line.text, line.size)}}}"
            case "number":
                value = _math(rf"\mathrm{{{line.value.replace('−', '{-}')}}}", 52, "tpaccent")
                return rf"\tpfit{{{room}}}{{{_math(line.text, line.size)}\hspace{{{16 * PT:.2f}pt}}{value}}}"
            case "problem":
                return _sans(line.text, line.size, "tperror")
        return "".join(_part(p, line.size, "tpgrey") for p in line.parts)

    def _plot(self, plot: Plot) -> Iterator[str]:
        strokes = {"grid": "tpgrid, line width=0.4pt", "axis": "tpink, line width=0.5pt", "tick": "tpink, line width=0.4pt", "limit": "tpaccent, line width=1.25pt",
                   "density": "tpaccent, line width=1.1pt, line join=round", "stem": "tpaccent, line width=1.1pt",
                   "envelope": "tpfaint, line width=0.7pt, dash pattern=on 0.7pt off 1.8pt"}  # fmt: skip
        yield rf"\begin{{scope}}[shift={{({page.PLOT[0]},{page.PLOT[1]})}}]"
        for m in plot.marks:
            p = m.get("points", [])
            match m["kind"]:
                case "line":
                    way = " -- ".join(f"({x:g},{y:g})" for x, y in zip(p[::2], p[1::2], strict=True))
                    yield rf"\draw[{strokes[m['style']]}] {way};"
                case "dots":
                    each = ",".join(f"{x:g}/{y:g}" for x, y in zip(p[::2], p[1::2], strict=True))
                    if each:
                        yield rf"\foreach \x/\y in {{{each}}} \draw[fill=tppaper, draw=tpink, line width=0.65pt] (\x,\y) circle[radius={m['r']}];"
                case "atom":
                    yield rf"\draw[fill=tppaper, draw=tpaccent, line width=0.9pt] ({m['x']},{m['y']}) circle[radius=5];"
                case "bars":
                    bars = zip(p[::4], p[1::4], p[2::4], p[3::4], strict=True)
                    each = ",".join(f"{x:g}/{y:g}/{x + w:g}/{y + h:g}" for x, y, w, h in bars)
                    if each:
                        yield rf"\foreach \a/\b/\c/\d in {{{each}}} \fill[tpbar] (\a,\b) rectangle (\c,\d);"
                case "text":
                    anchor = {"start": "base west", "middle": "base", "end": "base east"}[m["anchor"]]
                    colour = {"accent": "tpaccent", "muted": "tpgrey"}.get(m["style"], "tpink")
                    body = "".join(_part(q, m["size"], colour) for q in m["parts"])
                    yield rf"\node[anchor={anchor}, inner sep=0] at ({m['x']:g},{m['y'] + 0.34 * m['size']:.1f}) {{{body}}};"
        yield r"\end{scope}"


def _step_name(id: str, k: int) -> str:
    name = id.removeprefix("line:")
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) else f"slide {k}"


def _sized(px: float, body: str) -> str:
    size = px * PT
    return rf"{{\fontsize{{{size:.2f}}}{{{1.2 * size:.2f}}}\selectfont{{}}{body}}}"


def _sans(text: str, px: float, colour: str = "", bold: bool = False) -> str:
    tint = rf"\color{{{colour}}}{{}}" if colour else ""  # \color takes the blanks after it
    return _sized(px * 0.94, rf"{tint}{chr(92) + 'bfseries ' if bold else ''}{escaped(text)}")


def _math(tex: str, px: float, colour: str = "") -> str:
    tint = rf"\color{{{colour}}}" if colour else ""
    return _sized(px, f"{tint}${tex}$") if tex else ""


def _part(part: dict[str, str], px: float, colour: str) -> str:
    return _math(part["tex"], px, colour) if "tex" in part else _sans(part["text"], px, colour)


_SPECIAL = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
            '"': r'{\char34}', "−": "-", "–": "--", "—": "---", "…": r"\ldots{}", "’": "'", "‘": "`", "“": "``", "”": "''", "·": r"$\cdot$",
            "→": r"$\to$", "√": r"$\surd$", "∞": r"$\infty$", "≤": r"$\le$", "≥": r"$\ge$", "×": r"$\times$", "²": r"$^2$", "ᵀ": r"$^{\top}$"}  # fmt: skip
_GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψω", ("alpha", "beta", "gamma", "delta", "varepsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi",
              "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"), strict=True))  # fmt: skip


def escaped(text: str) -> str:
    """Any text for TeX: special characters escaped, letters of Latin alphabets kept, others replaced by ?."""
    out = []
    for c in text:
        if c in _SPECIAL:
            out.append(_SPECIAL[c])
        elif c in _GREEK:
            out.append(rf"$\{_GREEK[c]}$")
        elif c in "#$%&_{}":
            out.append(f"\\{c}")
        elif c.isspace():
            out.append(" ")
        elif (c.isascii() and c.isprintable()) or (0xC0 <= ord(c) <= 0x17E and c.isalpha() and c not in "ĸŉŀĿſ"):
            out.append(c)
        else:
            out.append("?")
    return "".join(out)


def _code(text: str) -> str:
    """Program text: as it is, blanks kept."""
    return (
        escaped(text)
        .replace("  ", r"\ \ ")
        .replace("--", "-{}-")
        .replace(r"\textasciitilde{}", r"{\char126}")
        .replace(r"\textasciicircum{}", r"{\char94}")
    )
