r"""The scene as TikZ: a document of class article that pdflatex turns into one cropped page, or the picture alone.

Needs the package tikz and nothing else. One unit is 0.5 pt, y points down as on the screen; every node is a named
coordinate, so that a figure can be edited by hand.
"""

from __future__ import annotations

from tpviz.language.typeset import plain_tex, safe_tex

from . import geometry, looks
from .looks import Look, marking, styles_of
from .scene import Edge, Node, Scene

__all__ = ["Writer", "tikz_document", "tikz_path", "tikz_picture", "tikz_styles"]

_NAMES = ("one", "two", "three", "four")
_PICS = {
    "initial": "circle",
    "vector": "circle",
    "ghost": "ghost",
    "scalar": "square",
    "output": "output",
    "input": "pill",
    "gate": "gate",
    "lincomb": "gate",
    "moment": "moment",
    "group": "group",
}

_TURNS = {(1.0, 0.0): "", (-1.0, 0.0): ", rotate=180", (0.0, 1.0): ", rotate=-90"}  # of a head; y points down

_STYLES = r"""  % one unit is 0.5 pt; y points down
  x=0.5pt, y=-0.5pt, miter limit=10,
  outline/.style={line width=@line@, fill=tppaper},
  wire/.style={line width=@line@},
  matmul/.style={line width=@line@, dash pattern=on @dash@ off @gap@},
  readout/.style={line width=@readout@, line cap=round, dash pattern=on @dot@ off @dots@},
  lit/.style={line width=@lineon@},
  matmul lit/.style={lit, dash pattern=on @dashon@ off @gap@},
  missing/.style={dash pattern=on @ghost@ off @ghost@},
  caption/.style={inner sep=0pt, outer sep=0pt, anchor=base, font=\normalsize, scale=@caption@},
  small/.style={caption, scale=0.8235},   % 14 units
  tiny/.style={caption, scale=0.7647},    % 13 units
  cleared/.style={fill=tppaper, inner sep=1pt},
  circle/.pic={\draw[outline, pic actions] circle[radius=18];},
  ghost/.pic={\draw[outline, missing, fill=tperrortint, pic actions] circle[radius=18];},
  square/.pic={\draw[outline, pic actions] (-16,-16) rectangle (16,16);},
  output/.pic={\draw[outline, pic actions] (-16,-16) rectangle (16,16);
    \draw[pic actions, fill=none, line width=@inner@] (-12.5,-12.5) rectangle (12.5,12.5);},
  pill/.pic={\draw[outline, pic actions, rounded corners=6pt] (-22,-12) rectangle (22,12);},
  % the flat side of a gate moves left by #1
  gate/.pic={\draw[outline, pic actions] (-16-#1,-18) -- (0,-18) arc[start angle=-90, end angle=90, radius=18]
    -- (-16-#1,18) -- cycle;},
  pics/gate/.default=0,
  moment/.pic={\draw[outline, pic actions] (-16-#1,-18) -- (0,-18) arc[start angle=-90, end angle=90, radius=18]
    -- (-16-#1,18) -- cycle;
    \draw[pic actions, line width=@bar@] (22,-18) -- (22,18);},
  pics/moment/.default=0,
  head/.pic={\fill[pic actions, draw=none] (0,0) -- (-8,-3.2) -- (-6.24,0) -- (-8,3.2) -- cycle;},
  head lit/.pic={\fill[pic actions, draw=none] (0,0) -- (-10,-4.2) -- (-7.8,0) -- (-10,4.2) -- cycle;},
"""

_GROUP_STYLES = r"""  medium/.style={caption, scale=0.8824},  % 15 units
  group/.pic={\draw[outline, pic actions, rounded corners=4pt] (-40,-20) rectangle (48,28);
    \draw[outline, pic actions, rounded corners=4pt] (-44,-24) rectangle (44,24);},
"""

_DOCUMENT = r"""\documentclass{article}
% @title@
% Drawn with tpviz. Compile with pdflatex; the page is cropped to the figure.
\usepackage{tikz}
\pagestyle{empty}
\newsavebox\tpfigure
\begin{document}
\sbox\tpfigure{%
@picture@}
\pdfpagewidth=\wd\tpfigure
\pdfpageheight=\dimexpr\ht\tpfigure+\dp\tpfigure\relax
\hoffset=-1in
\voffset=-1in
\shipout\box\tpfigure
\end{document}
"""


def tikz_document(scene: Scene, look: Look, page: tuple[float, float, float, float], title: str = "") -> str:
    """A whole LaTeX document."""
    comment = "".join(c for c in title if c.isprintable())[:200]
    return _DOCUMENT.replace("@title@", comment).replace("@picture@", tikz_picture(scene, look, page))


def tikz_picture(scene: Scene, look: Look, page: tuple[float, float, float, float]) -> str:
    r"""One `tikzpicture`, for \input into a document that loads tikz."""
    return Writer(scene, look, page).picture()


class Writer:
    """Writes a scene. What an overlay says of a part instead of its colour is overridden: `line_options`, `shape_options`, `note`."""

    def __init__(self, scene: Scene, look: Look, page: tuple[float, float, float, float]):
        self.scene, self.look, self.page = scene, look, page
        self.names = _coordinate_names(scene)
        self.colours = {look.paper: "tppaper", look.ink: "tpink"}
        self.tint = any(n.kind == "ghost" for n in scene.nodes)
        self.lines: list[str] = []

    def picture(self) -> str:
        body = [*self._coordinates(), *self._frames(), *self._highlights(), *self._edges(), *self._nodes()]
        left, top, right, bottom = self.page
        colours = [rf"\definecolor{{{name}}}{{HTML}}{{{c.lstrip('#')}}}%" for c, name in self.colours.items()]
        if self.tint:
            colours.append(rf"\definecolor{{tperrortint}}{{HTML}}{{{self.look.error_tint.lstrip('#')}}}%")
        frame = [
            r"\begin{tikzpicture}[baseline,",
            tikz_styles() + ("\n" + _GROUP_STYLES.rstrip() if any(n.kind == "group" for n in self.scene.nodes) else ""),
            "]",
            rf"\useasboundingbox ({_n(left)},{_n(top)}) rectangle ({_n(right)},{_n(bottom)});",
        ]
        if self.look.paper.upper() != "#FFFFFF":
            frame.append(rf"\fill[tppaper] ({_n(left)},{_n(top)}) rectangle ({_n(right)},{_n(bottom)});")
        return "\n".join([*colours, *frame, *body, r"\end{tikzpicture}%"]) + "\n"

    def _colour(self, hexadecimal: str) -> str:
        if hexadecimal not in self.colours:
            known = {c: f"tppath{name}" for c, name in zip(self.look.paths, _NAMES, strict=True)}
            known |= {self.look.error: "tperror", self.look.band: "tpband", self.look.note: "tpnote"}
            name = known.get(hexadecimal, f"tpcolour{hexadecimal.lstrip('#').lower()}")
            taken = set(self.colours.values())
            self.colours[hexadecimal] = name if name not in taken else f"{name}b"
        return self.colours[hexadecimal]

    def _coordinates(self) -> list[str]:
        return ["% nodes", *(rf"\coordinate ({self.names[n.id]}) at ({_n(n.x)},{_n(n.y)});" for n in self.scene.nodes)]

    def _frames(self) -> list[str]:
        if not self.scene.frames:
            return []
        line, note = self._colour(looks.frame_colour(self.look)), self._colour(self.look.note)
        out = ["% open groups"]
        for f in self.scene.frames:
            left, top, right, bottom = f.box
            out += [
                rf"\draw[{line}, line width={_pt(looks.FRAME)}, rounded corners={_pt(looks.FRAME_RADIUS)}]"
                rf" ({_n(left)},{_n(top)}) rectangle ({_n(right)},{_n(bottom)});",
                rf"\node[tiny, anchor=base west, {note}] at {_point((left + 2, top - 11), looks.COEFFICIENT_SIZE)} "
                f"{_math(plain_tex(f.name))};",
            ]
        return out

    # highlights

    def _highlights(self) -> list[str]:
        out: list[str] = []
        groups = styles_of(self.scene, self.look)
        edges = {e.id: e for e in self.scene.edges}
        for style, group in groups:
            parts = [rf"  \draw[#1] {tikz_path(edges[i].d)};" for i in group.edges]
            for i in group.nodes:
                n = self.scene.by_id[i]
                parts.append(
                    rf"  \draw[#1, shift={{({self.names[i]})}}] {tikz_path(geometry.shape_path(n.kind, n.grow, n.flip))};"
                )
            out += [
                f"% highlight {style}: its outline, drawn several times under the figure",
                rf"\def\tp{_NAMES[style - 1]}#1{{%",
                *parts,
                "}%",
            ]
        for p in looks.PASSES:
            if any(style == p.style for style, _ in groups):
                paints = {"line": self.look.paths[p.style - 1], "paper": self.look.paper, "band": self.look.band}
                options = f"{self._colour(paints[p.paint])}, line join=round, line width={_pt(p.width)}"
                if p.dash:
                    options += f", dash pattern=on {_pt(p.dash[0])} off {_pt(p.dash[1])}"
                out.append(rf"\tp{_NAMES[p.style - 1]}{{{options}}}%")
        return out

    # edges and nodes

    def _edges(self) -> list[str]:
        out = ["% edges"]
        for e in self.scene.edges:
            on, colour = self.line_options(e)
            style = "matmul lit" if e.kind == "matmul" and on else f"{e.kind}, lit" if on else e.kind
            out.append(rf"\draw[{style}{colour}] {self._edge_path(e)};")
            if e.head:
                tip, turned = self._near(e.target, e.tip), _TURNS[e.direction]
                options = f"{'tpink' if not colour else colour[2:]}{turned}"
                out.append(rf"\pic[{options}] at {tip} {{{'head lit' if on else 'head'}}};")
            if e.tex:
                at = (e.middle[0], e.middle[1] - (19 if on else 14))
                cleared = ", cleared" if looks.is_slanted(e) else ""
                out.append(rf"\node[caption{colour}{cleared}] at {_point(at, looks.EDGE_SIZE)} {_math(e.tex)};")
            if e.coefficient:
                at = geometry.coefficient_at(self.scene.by_id[e.target], e.slot)
                out.append(rf"\node[tiny{colour}] at {_point(at, looks.COEFFICIENT_SIZE)} {_math(e.coefficient)};")
        return out

    def _nodes(self) -> list[str]:
        out = ["% shapes and labels"]
        for n in self.scene.nodes:
            on, colour = self.line_options(n)
            options = [*self.shape_options(n), *(["xscale=-1"] if n.flip and geometry.is_gate(n.kind) else [])]
            pic = _PICS.get(n.kind, "") + (f"={n.grow}" if n.grow else "")
            if pic:  # a caption has no shape
                out.append(rf"\pic[{', '.join(options)}] at ({self.names[n.id]}) {{{pic}}};")
            if n.tex:
                dx, dy = geometry.label_at(n, on)
                size = {looks.EDGE_SIZE: "caption", 15: "medium"}.get(n.size, "small")
                at = self._shifted(n, dx, dy + 0.25 * n.size)
                out.append(rf"\node[{size}{colour}] at {at} {_math(n.tex)};")
            if n.note:
                out.append(self.note(n))
        return out

    def outline(self, id: str) -> str:
        """The outline of a node, about its own origin."""
        n = self.scene.by_id[id]
        return tikz_path(geometry.shape_path(n.kind, n.grow, n.flip))

    def line_options(self, part: Node | Edge) -> tuple[bool, str]:
        """Whether a part is highlighted, and the options of its lines and labels, with a comma before them."""
        m = marking(part, self.scene, self.look)
        return m.on, self._tint(m.colour)

    def shape_options(self, n: Node) -> list[str]:
        """The options of a node's shape."""
        m = marking(n, self.scene, self.look)
        return [self._colour(m.colour), *(["lit"] if m.on else [])]

    def note(self, n: Node) -> str:
        """The expression under a gate."""
        colour = self._colour(looks.note_colour(n, self.scene, self.look))
        at = self._shifted(n, 0, 46 + 0.25 * looks.NOTE_SIZE)
        return rf"\node[small, {colour}] at {at} {_math(n.note)};"

    def _tint(self, colour: str) -> str:
        return "" if colour == self.look.ink and self.look.ink == "#000000" else f", {self._colour(colour)}"

    def _shifted(self, n: Node, dx: float, dy: float) -> str:
        return rf"([shift={{({_n(dx)},{_n(dy)})}}]{self.names[n.id]})"

    def _near(self, id: str, point: tuple[float, float]) -> str:
        n = self.scene.by_id[id]
        return self._shifted(n, point[0] - n.x, point[1] - n.y)

    def _edge_path(self, e: Edge) -> str:
        """The path between named coordinates where it is direct, so that moving a coordinate moves it."""
        commands = geometry.resolve(e.d)
        if e.route not in ("direct", "down"):
            return tikz_path(e.d)
        a, b = self.scene.by_id[e.source], self.scene.by_id[e.target]
        (x1, y1), (op, points) = commands[0][1][0], commands[1]
        start, end = self._shifted(a, x1 - a.x, y1 - a.y), self._shifted(b, points[-1][0] - b.x, points[-1][1] - b.y)
        if op == "L":
            return f"{start} -- {end}"
        (cx, cy), (ex, ey), (x2, y2) = points
        return f"{start} .. controls +({_n(cx - x1)},{_n(cy - y1)}) and +({_n(ex - x2)},{_n(ey - y2)}) .. {end}"


def _coordinate_names(scene: Scene) -> dict[str, str]:
    """A TikZ name for every node: its id, with - for what TikZ does not allow."""
    names: dict[str, str] = {}
    for n in scene.nodes:
        base = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "-" for c in n.id)
        name, k = base, 2
        while name in names.values():
            name, k = f"{base}-{k}", k + 1
        names[n.id] = name
    return names


def tikz_styles(unit: float = looks.PT, bar: float = looks.BAR) -> str:
    """The options of a picture: units, lines, and a pic for every shape. `unit`: points in one unit, for the lines and the labels."""
    values = {
        "line": looks.LINE,
        "lineon": looks.LINE_ON,
        "dash": looks.DASH[0],
        "gap": looks.DASH[1],
        "dashon": looks.DASH_ON[0],
        "readout": looks.READOUT,
        "dot": looks.DOTS[0],
        "dots": looks.DOTS[1],
        "ghost": looks.GHOST[0],
        "inner": looks.INNER,
        "bar": bar,
    }
    text = _STYLES
    for name, value in values.items():
        text = text.replace(f"@{name}@", f"{_n(value * unit)}pt")
    return text.replace("@caption@", _n(1.7 * unit)).rstrip("\n")


def tikz_path(d: str) -> str:
    """A path as TikZ draws it."""
    out = []
    for op, points in geometry.resolve(d):
        p = [f"({_n(x)},{_n(y)})" for x, y in points]
        match op:
            case "M":
                out.append(p[0])
            case "L":
                out.append(f"-- {p[0]}")
            case "C":
                out.append(f".. controls {p[0]} and {p[1]} .. {p[2]}")
            case _:
                out.append("-- cycle")
    return " ".join(out)


def _point(at: tuple[float, float], size: float) -> str:
    return f"({_n(at[0])},{_n(at[1] + 0.25 * size)})"


def _math(tex: str) -> str:
    safe = safe_tex(tex)
    return f"{{${safe if safe == tex else plain_tex(tex)}$}}"


def _pt(units: float) -> str:
    return f"{_n(units * looks.PT)}pt"


def _n(value: float) -> str:
    return geometry.number(value) if abs(value) >= 0.1 or value == 0 else f"{value:.3g}"
