"""The scene as SVG inside a page: classes instead of colours, so that it follows the theme; a button for every node."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from tpviz.language.typeset import plain_tex, tex_width

from .. import geometry, looks
from ..edits.state import base_name
from ..looks import LOOKS, PASSES, styles_of
from ..scene import Edge, Node, Scene, page

if TYPE_CHECKING:
    from .glyphs import Glyphs

__all__ = ["picture"]

_BASELINE = 0.25
_ROOM = 20.0  # round the drawing
_WHAT = {"lincomb": "sum that makes", "gate": "gate that makes", "moment": "mean that makes", "initial": "vector"}
_LOOK = LOOKS["light"]


def picture(scene: Scene, glyphs: Glyphs, facts: Mapping[str, int]) -> str:
    """The drawing; `facts` numbers what the page says of a name."""
    left, top, right, bottom = page(scene)
    left, top, right, bottom = left - _ROOM, top - _ROOM, right + _ROOM, bottom + _ROOM
    parts = [*_frames(scene, glyphs), *_bands(scene), *(_edge(e, scene, glyphs) for e in scene.edges), *(_node(n, scene, glyphs, facts) for n in scene.nodes)]  # fmt: skip
    box = f"{left:g} {top:g} {max(right - left, 40):g} {max(bottom - top, 40):g}"
    return f'<svg id="drawing" viewBox="{box}" data-box="{box}" role="group" aria-label="The drawing">{"".join(parts)}</svg>'


def _frames(scene: Scene, glyphs: Glyphs) -> list[str]:
    """Round open groups, with their names."""
    out = []
    for f in scene.frames:
        x, y = f.box[0] + 2 + tex_width(plain_tex(f.name)) * looks.COEFFICIENT_SIZE / 2, f.box[1] - 8
        out.append(f'<path class="frame" d="{geometry.rounded_box(f.box, looks.FRAME_RADIUS)}"/>')
        out.append(glyphs.placed(plain_tex(f.name), x, y, looks.COEFFICIENT_SIZE, "note"))
    return out


def _bands(scene: Scene) -> list[str]:
    edges, out = {e.id: e for e in scene.edges}, []
    for p in PASSES:
        for style, group in styles_of(scene, _LOOK):
            if style != p.style:
                continue
            dash = f' stroke-dasharray="{p.dash[0]} {p.dash[1]}"' if p.dash else ""
            css = f'class="pass {p.paint}{style if p.paint == "line" else ""}" stroke-width="{p.width}"{dash}'
            out += [f'<path {css} d="{edges[i].d}"/>' for i in group.edges]
            for i in group.nodes:
                n = scene.by_id[i]
                out.append(f'<path {css} transform="translate({n.x:g} {n.y:g})" d="{geometry.shape_path(n.kind, n.grow, n.flip)}"/>')  # fmt: skip
    return out


def _css(part: Node | Edge, scene: Scene) -> str:
    styles = [s for s, g in styles_of(scene, _LOOK) if part.id in (g.nodes if isinstance(part, Node) else g.edges)]
    if part.error is not None:
        return "bad"
    if styles:
        return "on" if len(styles) > 1 else f"on lit{styles[0]}"
    return "dim" if scene.highlight else ""


def _edge(e: Edge, scene: Scene, glyphs: Glyphs) -> str:
    css = _css(e, scene)
    out = [f'<path class="line {e.kind}" d="{e.d}"/>']
    if e.head:
        out.append(f'<path class="head" d="{geometry.arrow(e.tip, e.direction, "on" in css)}"/>')
    if e.tex:
        y = e.middle[1] - (19 if "on" in css else 14) + _BASELINE * looks.EDGE_SIZE
        out.append(glyphs.placed(e.tex, e.middle[0], y, looks.EDGE_SIZE, "cleared" if looks.is_slanted(e) else ""))
    if e.coefficient:
        x, y = geometry.coefficient_at(scene.by_id[e.target], e.slot)
        out.append(glyphs.placed(e.coefficient, x, y + _BASELINE * looks.COEFFICIENT_SIZE, looks.COEFFICIENT_SIZE))
    return f'<g class="edge {css}">{"".join(out)}</g>'


def _node(n: Node, scene: Scene, glyphs: Glyphs, facts: Mapping[str, int]) -> str:
    css, shape = _css(n, scene), geometry.shape_path(n.kind, n.grow, n.flip)
    out = [] if n.kind == "caption" else [f'<path class="shape" d="{shape}"/>']
    if n.kind == "group":
        out.insert(0, f'<path class="shape" transform="translate({geometry.SHEET} {geometry.SHEET})" d="{shape}"/>')
    if n.kind == "moment":
        out.append(f'<path class="bar" d="{geometry.moment_bar(n.flip)}"/>')
    if n.kind == "output":
        out.append(f'<path class="inner" d="{geometry.OUTPUT_INNER}"/>')
    if n.tex:
        dx, dy = geometry.label_at(n, "on" in css)
        out.append(glyphs.placed(n.tex, dx, dy + _BASELINE * n.size, n.size))
    if n.note:
        out.append(glyphs.placed(n.note, 0, 46 + _BASELINE * looks.NOTE_SIZE, looks.NOTE_SIZE, "note"))
    k = facts.get(base_name(n.id))
    act = ""
    if k is not None:
        what = f"{_WHAT.get(n.kind, n.kind)} {base_name(n.id)}"
        act = f' data-fact="{k}" tabindex="0" role="button" aria-label="{escape(what)}"'
    return f'<g class="node {n.kind} {css}"{act} transform="translate({n.x:g} {n.y:g})">{"".join(out)}</g>'
