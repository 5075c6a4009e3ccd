"""Floor 6: the editor, a Panel app. The only package that imports panel, bokeh and param."""

from .app import create, serve
from .notebook import view

__all__ = ["create", "serve", "view"]
