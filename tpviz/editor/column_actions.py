"""Actions of the results column: its tabs, views and widths, for the command palette and the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .action import Action
from .column_handlers import kernel, network, seed, tab, width

if TYPE_CHECKING:
    from .session import Session

__all__ = ["COLUMN_ACTIONS"]

Deed = Callable[["Session"], None]
Test = Callable[["Session"], bool]

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WIDTHS = (2, 3, 4, 5, 6)


def _network(session: Session) -> bool:
    return session.column.is_network


_network.needs = "Needs a readout: press R"  # type: ignore[attr-defined]


def _vectors(session: Session) -> bool:
    return bool(session.program.vectors)


_vectors.needs = "Needs a vector: press X"  # type: ignore[attr-defined]


def _drawn(session: Session) -> bool:
    return not session.is_empty


_drawn.needs = "Nothing is drawn yet"  # type: ignore[attr-defined]


def _tab(name: str, label: str, key: str, help: str) -> Action:
    return Action(f"tab:{name}", label, (key,), None, lambda s: tab(s, name), _drawn, group="Results", keywords="pane tab results show", help=help,
                  checked=lambda s: s.column.set.tab == name)  # fmt: skip


def _show_kernel(mode: str) -> Deed:
    def show(session: Session) -> None:
        tab(session, "kernel")
        kernel(session, mode=mode, kind="vectors")

    return show


def _show_network(view: str) -> Deed:
    def show(session: Session) -> None:
        tab(session, "kernel")
        kernel(session, kind="network")
        network(session, view)

    return show


def _kernel(mode: str, label: str, keywords: str, help: str) -> Action:
    return Action(f"kernel:{mode}", f"Kernel: {label}", (), None, _show_kernel(mode), _vectors, group="Results", keywords=keywords, help=help,
                  checked=lambda s: s.column.set.mode == mode)  # fmt: skip


def _view(view: str, label: str, keywords: str, help: str) -> Action:
    return Action(f"network:{view}", f"Network: {label}", (), None, _show_network(view), _network, group="Results", keywords=keywords, help=help,
                  checked=lambda s: s.column.set.view == view)  # fmt: skip


def _width(k: int) -> Action:
    return Action(f"width:{k}", f"Width 10{str(k).translate(_RAISED)}", (), None, lambda s: width(s, float(k)), _drawn, group="Results",
                  keywords=f"width n 10^{k} 1e{k} {10**k} simulate size", checked=lambda s: s.column.set.width == 10**k)  # fmt: skip


def _new_seed(session: Session) -> None:
    seed(session, (session.column.set.seed + 1) % 2**31)


COLUMN_ACTIONS: tuple[Action, ...] = (
    _tab("kernel", "Show Kernel", "1", "The limit of the second moments beside their value at width n."),
    _tab("distribution", "Show Distribution", "2", "The coordinates of one vector under the density of its limit."),
    _tab("paths", "Show Paths", "3", "The pairs of paths that make up the tangent kernel."),
    _tab("compare", "Show Compare", "4", "Two versions of the program side by side."),
    _kernel("second_moment", "second moment", "E Z^x Z^y moment heatmap", "E of the product of two limits."),
    _kernel("covariance", "covariance", "Cov centred heatmap", "Second moments less the product of the means."),
    _kernel("correlation", "correlation", "Corr normalized heatmap", "Covariance of what is scaled to variance 1."),
    _view("heatmaps", "NNGP and NTK", "kernel batch heatmap sigma theta", "Both kernels over a batch of inputs."),
    _view("angle", "kernel over the angle", "curve NNGP NTK turned", "Both kernels as two inputs turn apart."),
    _view("convergence", "convergence", "error rate width", "The relative error against the width."),
    *map(_width, _WIDTHS),
    Action("new-seed", "Simulate with the next seed", ("Shift+n",), None, _new_seed, _drawn, group="Results", keywords="random again draw sample", help="Draws the matrices anew."),
)  # fmt: skip
