"""Floor 6: the editor, a Panel app. The only package that imports panel, bokeh and param."""

from .app import create, serve

__all__ = ["create", "serve"]
