"""A program as one HTML page to read: the drawing, the numbers of its limit, its text, and the document to open again."""

from .page import html_page, save_html

__all__ = ["html_page", "save_html"]
