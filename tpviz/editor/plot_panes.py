"""The plots of one window, each made when it has something to show first: their models are most of what a session costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from .network_plots import ConvergencePlot, CurvePlot
from .plots import DistributionPlot, Heatmap

if TYPE_CHECKING:
    from .view import EditorView

__all__ = ["PlotPanes"]


class PlotPanes:
    """The Bokeh plots by the names of the window's children. A plot is made when it is asked for, and gets into the window by `show`, with its
    first data in it."""

    def __init__(self) -> None:
        self._plots: dict[str, Any] = {}
        self._fresh: dict[str, pn.pane.Bokeh] = {}

    def heatmap(self, name: str) -> Heatmap:
        if name not in self._plots:
            self._add(name, Heatmap(name), {})
        return self._plots[name]

    @property
    def distribution(self) -> DistributionPlot:
        if "distribution" not in self._plots:
            self._add("distribution", DistributionPlot(), {"sizing_mode": "stretch_both"})
        return self._plots["distribution"]

    @property
    def curve(self) -> CurvePlot:
        if "kernel_curve" not in self._plots:
            self._add("kernel_curve", CurvePlot(), {"sizing_mode": "stretch_both"})
        return self._plots["kernel_curve"]

    @property
    def convergence(self) -> ConvergencePlot:
        if "kernel_convergence" not in self._plots:
            self._add("kernel_convergence", ConvergencePlot(), {"sizing_mode": "stretch_both"})
        return self._plots["kernel_convergence"]

    def clear_distribution(self) -> None:
        if "distribution" in self._plots:
            self.distribution.clear()

    def show(self, view: EditorView) -> None:
        """Bring what was made since into the window, at once."""
        fresh, self._fresh = self._fresh, {}
        if fresh:
            view.param.update(**fresh)

    def _add(self, name: str, plot: Any, layout: dict[str, str]) -> None:
        self._plots[name] = plot
        self._fresh[name] = pn.pane.Bokeh(plot.figure, margin=0, **layout)
