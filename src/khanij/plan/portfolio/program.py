"""A linear programme with whole-number variables: named blocks of columns and rows as sparse arrays, solved by HiGHS.

min c'x  subject to  L <= A x <= U,  l <= x <= u,  some x whole.

The one module that knows the solver (the extra `plan`), which is loaded when the first programme is solved. Blocks
carry names, and positions of a block come back as an array of the block's shape, so a model reads as algebra on arrays;
an infeasible or unbounded programme is an error that names the rows or columns at fault.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from khanij.core.errors import StudyError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Namer = Callable[[tuple[int, ...]], str]
SHOWN = 12  # names in one message
PATIENCE = 10.0  # seconds of one solve in search of a conflict; a block not settled by then counts as part of it


@dataclass(frozen=True)
class Solution:
    """What a solve gave: `values` (columns,), `duals` (rows,) and `reduced` (columns,) of the linear programme.

    objective, bound   in the unit of the costs; the optimum lies between them
    gap                |objective - bound| / |objective|; 0 for a linear programme
    proved             whether the asked gap was reached; else time ran out with this as the best so far
    seconds            spent by the solver;  build  spent on making the programme, its hand-over to the solver included
    """

    values: Floats
    objective: float
    bound: float
    gap: float
    proved: bool
    seconds: float
    build: float
    duals: Floats
    reduced: Floats
    nodes: int


@dataclass(frozen=True, slots=True)
class VariableBlock:
    """Columns or rows that belong together: name, shape, first position, names of single ones.

    identity  rows that say what a column is and ask for nothing: no conflict is named after them
    """

    name: str
    shape: tuple[int, ...]
    start: int
    label: Namer | None = None
    identity: bool = False

    @property
    def size(self) -> int:
        """Return how many columns or rows it has."""
        return int(np.prod(self.shape))


@dataclass
class Program:
    """Columns and rows under construction; `made` is the seconds from its start to its first solve."""

    started: float = field(default_factory=time.perf_counter)
    made: float | None = None
    columns: list[VariableBlock] = field(default_factory=list)
    blocks: list[VariableBlock] = field(default_factory=list)
    _columns: list[tuple[Floats, Floats, Floats, NDArray[np.bool_]]] = field(default_factory=list)
    _rows: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)

    def variables(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        whole: ArrayLike = False,
        label: Namer | None = None,
    ) -> Ints:
        """Add a block of columns and return their positions, in its shape.

        lower, upper, cost, whole   broadcast to `shape`
        label   names one column from its place in the block, for messages; else `name[place]`
        """
        start = sum(block.size for block in self.columns)
        self.columns.append(VariableBlock(name, shape, start, label))
        parts = [np.broadcast_to(np.asarray(part, dtype=np.float64), shape).ravel() for part in (lower, upper, cost)]
        self._columns.append((*parts, np.broadcast_to(np.asarray(whole, dtype=bool), shape).ravel()))
        return start + np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)

    def rows(
        self,
        name: str,
        shape: tuple[int, ...],
        *,
        lower: ArrayLike = -np.inf,
        upper: ArrayLike = np.inf,
        label: Namer | None = None,
        identity: bool = False,
    ) -> Ints:
        """Add a block of rows lower <= A x <= upper, empty so far, and return their positions, in its shape."""
        start = sum(block.size for block in self.blocks)
        self.blocks.append(VariableBlock(name, shape, start, label, identity))
        self._rows.append(
            (
                np.broadcast_to(np.asarray(lower, dtype=np.float64), shape).ravel(),
                np.broadcast_to(np.asarray(upper, dtype=np.float64), shape).ravel(),
            )
        )
        return start + np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)

    def fill(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Add `values` at (rows, columns), the three broadcast to one shape; places met twice add up."""
        row, column, value = np.broadcast_arrays(np.asarray(rows), np.asarray(columns), np.asarray(values, dtype=float))
        keep = value.ravel() != 0
        self._entries.append((row.ravel()[keep], column.ravel()[keep], value.ravel()[keep]))

    def name(self, position: int, *, row: bool) -> str:
        """Return the name of one row, or of one column."""
        block = self.block(position, row=row)
        at = position - block.start
        place = tuple(int(part) for part in np.unravel_index(at, block.shape)) if block.shape else ()
        if block.label is not None:
            return f"{block.name}: {block.label(place)}"
        return f"{block.name}[{', '.join(map(str, place))}]" if place else block.name

    def block(self, position: int, *, row: bool) -> VariableBlock:
        """Return the block of one row, or of one column."""
        return next(one for one in reversed(self.blocks if row else self.columns) if position >= one.start)

    def size(self) -> tuple[int, int, int, int]:
        """Return the numbers of rows, columns, entries and whole columns."""
        whole = sum(int(part[3].sum()) for part in self._columns)
        height, width = (sum(len(part[0]) for part in parts) for parts in (self._rows, self._columns))
        return height, width, len(self.matrix()[2]), whole

    def bounds(self) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
        """Return lower, upper, cost (columns,) and whole (columns,)."""
        lower, upper, cost, whole = (np.concatenate([part[k] for part in self._columns]) for k in range(4))
        return lower, upper, cost, whole.astype(bool)

    def sides(self) -> tuple[Floats, Floats]:
        """Return lower and upper (rows,)."""
        return (
            np.concatenate([part[0] for part in self._rows]) if self._rows else np.zeros(0),
            np.concatenate([part[1] for part in self._rows]) if self._rows else np.zeros(0),
        )

    def matrix(self) -> tuple[Ints, Ints, Floats]:
        """Return the entries by row: start (rows + 1,), column and value (entries,), places met twice added up."""
        height, width = (sum(len(part[0]) for part in parts) for parts in (self._rows, self._columns))
        parts = self._entries or [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
        row, column, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
        flat = row * width + column
        order = np.argsort(flat, kind="stable")
        flat, value = flat[order], value[order]
        first = np.flatnonzero(np.diff(flat, prepend=-1))
        value = np.add.reduceat(value, first) if len(first) else value
        flat = flat[first]
        start = np.searchsorted(flat, np.arange(height + 1) * width)
        return start, flat % max(width, 1), value


def solve(
    program: Program,
    *,
    relax: bool = False,
    fixed: Floats | None = None,
    gap: float = 1e-4,
    seconds: float = np.inf,
    threads: int = 1,
    method: str = "choose",
    guess: Floats | None = None,
) -> Solution:
    """Solve a programme and return its solution.

    relax    drop the demand for whole numbers;  fixed (columns,)  hold the whole columns at these values instead, which
             gives the duals of a plan
    gap      relative gap at which to stop;  seconds  time limit;  threads  of the solver (1: same answer every time)
    method   of the linear programmes: choose, simplex, ipm;  guess (columns,)  a feasible start
    Raises StudyError where there is no solution (the rows or columns at fault in `where`), or none found in time.
    """
    begun = time.perf_counter()
    if program.made is None:
        program.made = begun - program.started
    core, solver = _load(program, relax=relax, fixed=fixed)
    solver.resetGlobalScheduler(True)  # else the number of threads of the process's first solve stays
    options = {"threads": threads, "mip_rel_gap": gap, "mip_abs_gap": 0.0, "solver": method}
    _set_options(core, solver, options if np.isinf(seconds) else {**options, "time_limit": float(seconds)}, guess)
    ready = time.perf_counter()
    solver.run()
    spent = time.perf_counter() - ready
    status, info = solver.getModelStatus(), solver.getInfo()
    kinds = core.HighsModelStatus
    if status in (kinds.kInfeasible, kinds.kUnbounded, kinds.kUnboundedOrInfeasible):
        raise _failure(program, core, relax=relax, fixed=fixed)
    if info.primal_solution_status != core.SolutionStatus.kSolutionStatusFeasible:
        raise StudyError(
            f"no solution found in {spent:.1f} s ({solver.modelStatusToString(status).lower()})",
            where="plan",
            hint="allow more seconds or a larger gap",
        )
    whole = bool(program.bounds()[3].any()) and not relax and fixed is None
    answer, objective = solver.getSolution(), float(info.objective_function_value)
    bound = float(info.mip_dual_bound) if whole else objective
    return Solution(
        values=np.asarray(answer.col_value, dtype=np.float64),
        objective=objective,
        bound=bound,
        gap=abs(objective - bound) / max(abs(objective), 1e-12),
        proved=status == kinds.kOptimal,
        seconds=spent,
        build=program.made + ready - begun,
        duals=np.asarray(answer.row_dual, dtype=np.float64),
        reduced=np.asarray(answer.col_dual, dtype=np.float64),
        nodes=int(info.mip_node_count) if whole else 0,
    )


def _load(program: Program, *, relax: bool, fixed: Floats | None) -> tuple[Any, Any]:
    """Return the solver's module and a silent solver that holds the programme."""
    try:
        import highspy as core
    except ImportError as error:
        raise StudyError(
            "plans need a solver that is not installed", where="highspy", hint="pip install 'khanij[plan]'"
        ) from error
    lower, upper, cost, whole = program.bounds()
    if fixed is not None:
        held = np.rint(fixed)
        lower, upper = np.where(whole, held, lower), np.where(whole, held, upper)
    start, column, value = program.matrix()
    least, most = program.sides()
    model = core.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(least)
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
    model.row_lower_, model.row_upper_ = least, most
    model.a_matrix_.format_ = core.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = start.astype(np.int32), column.astype(np.int32)
    model.a_matrix_.value_ = value
    if whole.any() and not relax and fixed is None:
        kinds = (core.HighsVarType.kContinuous, core.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in whole]
    solver = core.Highs()
    solver.setOptionValue("output_flag", False)
    if solver.passModel(model) == core.HighsStatus.kError:
        raise StudyError("the solver refuses the programme", where="plan", hint="look for nan in costs or bounds")
    return core, solver


def _set_options(core: Any, solver: Any, options: dict[str, Any], guess: Floats | None) -> None:
    """Set the solver's options and, if there is one, its feasible start (columns,)."""
    for name, value in options.items():
        solver.setOptionValue(name, value)
    if guess is not None:
        start = core.HighsSolution()
        start.col_value = list(guess)
        solver.setSolution(start)


def _failure(program: Program, core: Any, *, relax: bool, fixed: Floats | None) -> StudyError:
    """Return the error that names what makes a programme infeasible or unbounded."""
    _, solver = _load(program, relax=True, fixed=fixed)
    solver.setOptionValue("presolve", "off")
    solver.run()
    status, kinds = solver.getModelStatus(), core.HighsModelStatus
    if status == kinds.kInfeasible:
        solver.setOptionValue("iis_strategy", int(core.IisStrategy.kIisStrategyFromLp))
        _, found = solver.getIis()
        names = [program.name(row, row=True) for row in found.row_index_ if not program.block(row, row=True).identity]
        names += [f"bounds of {program.name(column, row=False)}" for column in found.col_index_]
        what = "no plan meets these rows together"
    elif status == kinds.kUnbounded:
        found, direction = solver.getPrimalRay()[1:]
        moving = np.flatnonzero(np.abs(direction) > 1e-9) if found else []
        names = [program.name(int(column), row=False) for column in moving]
        what = "the objective falls without end along these columns"
    else:  # only whole numbers make it infeasible
        names, what = _filter(program, fixed), "no plan in whole numbers meets these rows together"
    names = _brief(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return StudyError(what, where="; ".join(names[:SHOWN]) + more or "plan", hint="loosen or drop one of them")


def _brief(names: list[str]) -> list[str]:
    """Return names once each; where they are too many to read, by the first part of what they stand for."""
    once = list(dict.fromkeys(names))
    return once if len(once) <= SHOWN else list(dict.fromkeys(name.partition(", ")[0] for name in once))


def _filter(program: Program, fixed: Floats | None) -> list[str]:
    """Return the names of blocks of rows of which none can be left out: a deletion filter, one solve a block."""
    kept = list(range(len(program.blocks)))
    for block in range(len(program.blocks)):
        trial = [other for other in kept if other != block]
        _, solver = _load(program, relax=False, fixed=fixed)
        for other in set(range(len(program.blocks))) - set(trial):
            out = program.blocks[other]
            for row in range(out.start, out.start + out.size):
                solver.changeRowBounds(row, -np.inf, np.inf)
        solver.setOptionValue("time_limit", PATIENCE)
        solver.run()
        if "nfeasible" in solver.modelStatusToString(solver.getModelStatus()):
            kept = trial
    return [program.blocks[block].name for block in kept if not program.blocks[block].identity]
