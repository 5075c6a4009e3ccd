"""The editor: `panel serve apps/editor.py`, or `tpviz edit [FILE]`."""

from tpviz.editor import create

create().view.servable(title="tpviz")
