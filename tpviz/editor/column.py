"""The results column: what it is set to, what is asked of the worker, what came back, and what the window is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import panel as pn

from ..language import TpvizError
from .batches import BatchSpec, filled, free_inputs
from .network_results import NetworkRequest
from .network_window import batch_dict, network_dict, network_labels, network_scales
from .path_results import PathWalk
from .path_window import paths_dict
from .paths import LitPair
from .plot_panes import PlotPanes
from .plots import cell_size, kernel_scale
from .results import Computer, Details, NetworkPart, PathsPart, Request, Results, default_vectors
from .theme import theme
from .window import KernelView, distribution_dict, kernel_dict, seconds_text, status_dict, width_dict
from .worker import Worker

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Column"]

_PATIENCE = 250  # ms after which the window is told that a computation is under way
_KERNELS = ("nngp_limit", "nngp_width", "ntk_limit", "ntk_width")


@dataclass
class Settings:
    """What the user chose in the column."""

    tab: str = "kernel"
    pin: bool = True
    space: int = 440  # px, the column's width
    kind: str = "vectors"  # of the kernel pane, or "network"
    mode: str = "second_moment"
    view: str = "heatmaps"  # of a network's kernels
    width: int = 4096
    seed: int = 0
    vectors: tuple[str, ...] | None = None
    looked_at: str | None = None
    batch: BatchSpec | None = None  # None: as suits the program
    walk: PathWalk = field(default_factory=PathWalk)


class Column:
    """The right side of one session."""

    def __init__(self, session: Session):
        self.session = session
        self.set = Settings()
        self.worker = Worker(session.post)
        self.computer = Computer()
        self.busy = self.stale = False
        self._asked = 0
        self.forget()
        self.plots = PlotPanes()

    def forget(self) -> None:
        """Another document: nothing of the old one's numbers is kept."""
        self.results: Results | None = None
        self.details = Details()
        self.paths = PathsPart()
        self.network = NetworkPart()
        self.set.vectors = self.set.looked_at = self.set.batch = None
        self.set.walk = PathWalk()

    # what is shown

    @property
    def is_network(self) -> bool:
        return bool(self.session.program.outputs)

    @property
    def shown(self) -> str:
        """The pane that is open: vectors, network, distribution or paths."""
        if self.set.tab == "kernel":
            return "network" if self.set.kind == "network" and self.is_network else "vectors"
        return self.set.tab

    @property
    def batch(self) -> BatchSpec:
        if self.set.batch is not None:
            return self.set.batch
        free = free_inputs(self.session.program)
        return BatchSpec(kind="sphere" if free else "turned")

    @property
    def chosen(self) -> tuple[str, ...]:
        """The vectors of the kernel pane."""
        program = self.session.program
        kept = tuple(v for v in self.set.vectors or () if v in program.vectors)
        return kept or default_vectors(program)

    @property
    def vector(self) -> str | None:
        """The vector of the distribution pane: the selected one, else the one last looked at, else the last."""
        subject, program = self.session.subject(), self.session.program
        if subject in program.vectors:
            self.set.looked_at = subject
        if self.set.looked_at not in program.vectors:
            names = default_vectors(program)
            return names[-1] if names else None
        return self.set.looked_at

    # numbers

    def request(self) -> None:
        """Ask for the numbers of what is shown now; what was asked before is dropped."""
        session, chosen = self.session, self.set
        program = session.program
        session.comparing.request()
        if not program.vectors:
            self.worker.cancel()
            self.results, self.details, self.busy, self.stale = None, Details(), False, False
            self.paths, self.network = PathsPart(), NetworkPart()
            self.draw()
            session.put(
                text=session.text_pane(), inspector=session.inspector()
            )  # nothing of the old numbers stays there
            return
        shown = self.shown
        request = Request(
            filled(program, self.batch),
            self.chosen,
            chosen.mode,
            self.vector,
            chosen.width,
            chosen.seed,
            session.subject(),
            paths=(self.batch, chosen.walk) if shown == "paths" and self.is_network else None,
            network=NetworkRequest(self.batch, chosen.view, chosen.width, chosen.seed) if shown == "network" else None,
        )
        self.busy = self.stale = True
        self._asked += 1
        self.worker.submit(
            lambda cancelled: self.computer.run(request, cancelled), self._deliver, self._failed, self._done
        )
        if session.is_served:
            asked = self._asked
            session.later(_PATIENCE, lambda: self.report() if self.busy and asked == self._asked else None)

    def cancel(self) -> None:
        self.worker.cancel()
        self.busy = self.stale = False
        self.report()

    def _deliver(self, part: Results | Details | PathsPart | NetworkPart) -> None:
        session, shown = self.session, self.shown
        match part:
            case Results():
                before = session.failed
                self.results = part
                self.stale = self.stale and shown in ("paths", "network")
                self.draw(shown in ("vectors", "distribution"))
                if session.failed != before:
                    session.put(scene=session.drawn(), text=session.text_pane())
            case Details():
                self.details = part
                session.put(text=session.text_pane(), inspector=session.inspector(), frame=session.frame())
            case PathsPart():
                self.paths = part
                self.stale = self.stale and shown != "paths"
                self._light(part)
                self.report()
            case NetworkPart():
                self.network = part
                self.stale = self.stale and shown != "network"
                self.draw()

    def _done(self) -> None:
        self.busy = self.stale = False
        self.report()

    def _light(self, part: PathsPart) -> None:
        """Stand where the worker found the user to be, and light that pair."""
        result = part.result
        pair = result.pair if result else None
        if result is None or pair is None:
            return
        partner = None if pair.isomorphic else pair.q.word
        self.set.walk = PathWalk(word=pair.p.word, rank=result.rank, partner=partner, pair=pair.index)
        lit = LitPair(pair.p, pair.q, result.program, dict(self.session.state.labels), pair.value)
        if lit.still_in(self.session.sketch) and lit != self.session.lit:
            self.session.lit = lit
            self.session.light()

    def _failed(self, error: Exception) -> None:
        self.busy = self.stale = False
        unknown = TpvizError("The computation failed, and tpviz does not know why.", hint="The log of the server has the details.")  # fmt: skip
        shown = error if isinstance(error, TpvizError) else unknown
        self.results = Results(None, None, 0.0, shown)
        self.paths, self.network = PathsPart(error=shown), NetworkPart(error=shown)
        self.draw()

    # showing

    def draw(self, all_plots: bool = True) -> None:
        """Bring the newest numbers, or the theme, into the plots."""
        look = theme(self.session.theme_name, self.session.type_scale)
        with pn.io.hold():
            if all_plots:
                self._draw_vectors(look)
                self._draw_network(look)
                self.plots.show(self.session.view)
            self.report()

    def _draw_vectors(self, look) -> None:
        results = self.results
        if results and results.kernel:
            kernel = results.kernel
            scale = kernel_scale(kernel, look)
            cell = cell_size(len(kernel.names), self.set.space)
            self.plots.heatmap("kernel_limit").update(kernel.names, kernel.limit, scale, look, cell, kernel.errors)
            self.plots.heatmap("kernel_width").update(kernel.names, kernel.width, scale, look, cell)
        if results and results.distribution:
            self.plots.distribution.update(results.distribution, look)
        else:
            self.plots.clear_distribution()

    def _draw_network(self, look) -> None:
        result = self.network.result
        if result is None or self.network.error is not None:
            return
        names = tuple(_plain(x) for x in network_labels(result.batch))
        cell = cell_size(len(names), self.set.space)
        for k, scale in enumerate(network_scales(result, look)):
            self.plots.heatmap(_KERNELS[2 * k]).update(names, result.limit[k], scale, look, cell)
            if result.width is not None:
                self.plots.heatmap(_KERNELS[2 * k + 1]).update(names, result.width[k], scale, look, cell)
        if result.curve is not None:
            at = self._network_dict()["curve"]["at"]
            self.plots.curve.update(result.curve, look, at)
        if result.convergence is not None:
            self.plots.convergence.update(result.convergence, look)

    def _network_dict(self) -> dict[str, Any]:
        part, chosen = self.network, self.set
        look = theme(self.session.theme_name, self.session.type_scale)
        return network_dict(part.result, chosen.view, chosen.width, chosen.space, look, part.error)

    def report(self) -> None:
        """Bring everything but the plots up to date."""
        session, chosen, results = self.session, self.set, self.results
        look, labels = theme(session.theme_name, session.type_scale), dict(session.state.labels)
        kernel = results.kernel if results else None
        distribution = results.distribution if results else None
        scale = kernel_scale(kernel, look) if kernel else None
        seconds, error = (results.simulated_in, results.error) if results else (None, None)
        shown = KernelView(self.chosen, chosen.mode, chosen.width, chosen.space)
        status = status_dict(kernel, seconds, self.busy, error) | {"stale": self.stale}
        if self.shown == "network":
            status |= _times(self.network)
        batch = self.network.result.batch if self.network.result else None
        session.put(
            results={
                "tab": chosen.tab,
                "kind": "network" if self.shown == "network" else "vectors",
                "is_network": self.is_network,
                "kernel": kernel_dict(kernel, scale, session.parsed, labels, shown),
                "network": self._network_dict() if self.shown == "network" else None,
                "batch": batch_dict(self.batch, session.program, batch),
                "distribution": distribution_dict(distribution, session.parsed, labels, self.vector),
                "paths": paths_dict(self.paths.result, self.batch, labels, look, self.is_network, self.paths.error)
                if chosen.tab == "paths"
                else None,
                "width": width_dict(chosen.width, chosen.seed),
                "pin": chosen.pin,
                "status": status,
            }
        )

    # walking the paths

    def step_pair(self, by: int) -> None:
        walk = self.set.walk
        self.set.walk = replace(walk, pair=(walk.pair or 0) + by)
        self.request()

    def step_word(self, by: int) -> None:
        self.set.walk = PathWalk(rank=max(0, (self.set.walk.rank or 0) + by))
        self.request()

    def walk_along(self, route: tuple[str, ...]) -> None:
        """A path that was picked on the drawing is p, if it is one of the network."""
        self.set.walk = PathWalk(route=route)
        if self.shown == "paths":
            self.request()


def _times(part: NetworkPart) -> dict[str, str]:
    """How long the kernels of the network took, for the foot of the column."""
    result = part.result
    if result is None or part.error is not None:
        return {"limit": "", "simulation": ""}
    simulated = f"Simulated in {seconds_text(result.width_in)}" if result.width_in is not None else ""
    return {"limit": f"Limit in {seconds_text(result.limit_in)}", "simulation": simulated}


def _plain(tex: str) -> str:
    """A row's label for a tooltip."""
    return tex.replace(r"^{\circ}", "°").replace(r"\xi_{", "ξ").replace("}", "")
