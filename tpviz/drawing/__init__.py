"""Floor 5: drawings of programs. Sketch (nodes and edges) → layout (positions) → scene (paths) → window, SVG, PDF,
PNG, TikZ;
and documents."""

from .document import Document, document_from_text, document_to_text, save
from .figure import Figure, figure, figure_of
from .files import document_from_bytes, load, load_document
from .highlight import count_paths, highlight_groups, paths_between
from .layout import layout
from .lecture import lecture
from .link import from_link, to_link
from .scene import Edge, Group, Node, Scene, draw, make_scene
from .sketch import Sketch, SketchEdge, SketchNode, sketch
from .web import html_page, save_html

__all__ = [
    "Document",
    "Edge",
    "Figure",
    "Group",
    "Node",
    "Scene",
    "Sketch",
    "SketchEdge",
    "SketchNode",
    "count_paths",
    "document_from_bytes",
    "document_from_text",
    "document_to_text",
    "draw",
    "figure",
    "figure_of",
    "from_link",
    "highlight_groups",
    "html_page",
    "layout",
    "lecture",
    "load",
    "load_document",
    "make_scene",
    "paths_between",
    "save",
    "save_html",
    "sketch",
    "to_link",
]
