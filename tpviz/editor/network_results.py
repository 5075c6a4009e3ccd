"""NNGP and NTK of a batch, in the limit and at finite width, over the angle and against the width: pure functions of a request."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..language import InputError, Program
from ..network import empirical_kernels, kernels
from .batches import Batch, BatchSpec, make_batch, turned

__all__ = ["ANGLES", "VIEWS", "Convergence", "Curve", "NetworkComputer", "NetworkRequest", "NetworkResult"]

VIEWS = ("heatmaps", "angle", "convergence")
ANGLES = np.linspace(0.0, 180.0, 61)
WIDTHS = (64, 128, 256, 512, 1024, 2048, 4096)
SEEDS = 5


@dataclass(frozen=True)
class NetworkRequest:
    """The batch, what is shown of it, width and seed."""

    batch: BatchSpec
    view: str
    width: int
    seed: int


@dataclass(frozen=True)
class Curve:
    """Both kernels of the first input and itself turned by `angles` (degrees)."""

    angles: np.ndarray
    nngp: np.ndarray
    ntk: np.ndarray


@dataclass(frozen=True)
class Convergence:
    """The relative error ‖K_n − K‖/‖K‖ (Frobenius) of both kernels at each width, a root mean square over seeds."""

    widths: tuple[int, ...] = ()
    nngp: tuple[float, ...] = ()
    ntk: tuple[float, ...] = ()


@dataclass(frozen=True)
class NetworkResult:
    """`limit` and `width` are pairs (NNGP, NTK) of N×N matrices; what is not there yet, or not asked for, is None."""

    request: NetworkRequest
    batch: Batch
    limit: tuple[np.ndarray, np.ndarray]
    limit_in: float = 0.0
    width: tuple[np.ndarray, np.ndarray] | None = None
    width_in: float | None = None
    curve: Curve | None = None
    convergence: Convergence | None = None


class NetworkComputer:
    """Keeps the last limit, curve and convergence, so that the width's slider computes the finite network only."""

    def __init__(self) -> None:
        self._limit: tuple[tuple[Program, BatchSpec], Batch, tuple[np.ndarray, np.ndarray], float] | None = None
        self._curve: tuple[tuple[Program, BatchSpec], Curve] | None = None
        self._convergence: tuple[tuple[Program, BatchSpec, int], Convergence] | None = None

    def run(self, program: Program, request: NetworkRequest, cancelled: Callable[[], bool]) -> Iterator[NetworkResult]:
        """The limit first, then what is shown of the finite network."""
        key = (program, request.batch)
        if self._limit is None or self._limit[0] != key:
            start = time.perf_counter()
            batch = make_batch(program, request.batch)
            limit = kernels(program, batch.inputs)
            self._limit = (key, batch, limit, time.perf_counter() - start)
        _, batch, limit, seconds = self._limit
        result = NetworkResult(request, batch, limit, seconds)
        match request.view:
            case "heatmaps":
                yield result
                if not cancelled():
                    start = time.perf_counter()
                    found = empirical_kernels(
                        program, batch.inputs, width=request.width, seed=request.seed, cancelled=cancelled
                    )
                    yield replace(result, width=found, width_in=time.perf_counter() - start)
            case "angle":
                yield replace(result, curve=self._over_the_angle(program, request, batch))
            case "convergence":
                for part in self._against_the_width(program, request, batch, limit, cancelled):
                    yield replace(result, convergence=part)

    def _over_the_angle(self, program: Program, request: NetworkRequest, batch: Batch) -> Curve:
        key = (program, replace(request.batch, angle=0.0))  # the slider of the angle does not move the curve
        if self._curve is None or self._curve[0] != key:
            if not batch.inputs:
                raise InputError("The program has no input that could be turned.", hint="Add an input and an embedding: press I.")  # fmt: skip
            first = batch.row(0)
            X = {name: x[None] for name, x in first.items()}
            nngp, ntk = kernels(program, X, turned(first, ANGLES))
            self._curve = (key, Curve(ANGLES, nngp[0], ntk[0]))
        return self._curve[1]

    def _against_the_width(
        self,
        program: Program,
        request: NetworkRequest,
        batch: Batch,
        limit: tuple[np.ndarray, np.ndarray],
        cancelled: Callable[[], bool],
    ) -> Iterator[Convergence]:
        key = (program, request.batch, request.seed)
        done = self._convergence[1] if self._convergence is not None and self._convergence[0] == key else Convergence()
        yield done
        for n in WIDTHS[len(done.widths) :]:
            errors = []
            for k in range(SEEDS):
                if cancelled():
                    return
                found = empirical_kernels(program, batch.inputs, width=n, seed=request.seed + k, cancelled=cancelled)
                errors.append([_relative(a, b) for a, b in zip(found, limit, strict=True)])
            nngp, ntk = np.sqrt(np.mean(np.square(errors), axis=0))
            done = Convergence((*done.widths, n), (*done.nngp, float(nngp)), (*done.ntk, float(ntk)))
            self._convergence = (key, done)
            yield done


def _relative(found: np.ndarray, exact: np.ndarray) -> float:
    size = float(np.linalg.norm(exact))
    return float(np.linalg.norm(found - exact)) / size if size else float(np.linalg.norm(found))
