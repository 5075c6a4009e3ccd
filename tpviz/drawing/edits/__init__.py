"""Commands of the canvas and the inspector: pure functions from a `State` to a `Change`.

The program's text is the one truth, comments and the order of lines included; what is half drawn is a line with a hole
(`y = phi(?)`, `h = W @ ?`). A command that makes no sense raises `EditError` and changes nothing.
"""

from .add import add_input, add_lincomb, add_moment, add_nonlin, add_output, add_product, add_scalar, add_vector
from .arrange import align, distribute, group, move, pin, rename_group, toggle_groups, ungroup
from .change_numbers import set_constant, set_distribution, set_input, set_scalar, set_width
from .change_text import rename, set_expression, set_function, set_label, set_product, set_source
from .connect import connect
from .copying import Clip, copy
from .fixes import fix, fix_label
from .pasting import duplicate, paste
from .remove import delete
from .retyped import Remembered
from .state import Change, EditError, State
from .untie import untie

__all__ = [
    "Change", "Clip", "EditError", "Remembered", "State", "add_input", "add_lincomb", "add_moment", "add_nonlin", "add_output", "add_product",
    "add_scalar", "add_vector", "align", "connect", "copy", "delete", "distribute", "duplicate", "fix", "fix_label", "group", "move", "paste",
    "pin", "rename", "rename_group", "set_constant", "set_distribution", "set_expression", "set_function", "set_input", "set_label",
    "set_product", "set_scalar", "set_source", "set_width", "toggle_groups", "ungroup", "untie",
]  # fmt: skip
