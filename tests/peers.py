"""Solves the public instances with other solvers, on the same machine and with the same limits as `dudao bench`.

    python tests/peers.py FOLDER [--time SECONDS] [--threads 2] [--only SJC,cpmp01] [--solver cp-sat]

Compact models: x[i, j] item i at seat j, y[j] seat j open (p-median only), one seat per item, capacity of each seat, and
x[i, j] <= y[j]. Values and bounds are told in per cent of the best value known, and dudao's own beside them with `--dudao BINARY`.
"""

import argparse
import csv
import importlib.util
import json
import math
import subprocess
import sys
import time
from pathlib import Path

SCALE = 1_000  # CP-SAT wants whole costs.


def read(folder, family, row):
    """Costs [seat][item], weights [seat][item], capacities, and how many seats are open (None: all)."""
    numbers = (folder / family / f"{row['name']}.txt").read_text().split()
    if family == "gap":
        seats, items = int(numbers[0]), int(numbers[1])
        values = list(map(int, numbers[2:]))
        table = lambda at: [values[at + s * items : at + (s + 1) * items] for s in range(seats)]
        return table(0), table(seats * items), values[2 * seats * items :][:seats], None
    count, p = int(numbers[0]), int(numbers[1])
    points = [tuple(map(float, numbers[2 + 4 * n : 6 + 4 * n])) for n in range(count)]
    floor = row["distance_rule"].startswith("floor")
    far = lambda a, b: math.hypot(a[0] - b[0], a[1] - b[1])
    cost = [[math.floor(far(a, b)) if floor else far(a, b) for b in points] for a in points]
    weights = [[int(b[3]) for b in points] for _ in points]
    return cost, weights, [int(a[2]) for a in points], p


def cp_sat(model, limit, threads):
    from ortools.sat.python import cp_model

    cost, weight, capacity, p = model
    cp = cp_model.CpModel()
    seats, items = range(len(cost)), range(len(cost[0]))
    x = [[cp.new_bool_var("") for _ in items] for _ in seats]
    for i in items:
        cp.add_exactly_one(x[s][i] for s in seats)
    y = [cp.new_bool_var("") for _ in seats] if p else None
    for s in seats:
        load = sum(weight[s][i] * x[s][i] for i in items)
        cp.add(load <= capacity[s] * (y[s] if p else 1))
        if p:
            for i in items:
                cp.add_implication(x[s][i], y[s])
    if p:
        cp.add(sum(y) == p)
    cp.minimize(sum(round(cost[s][i] * SCALE) * x[s][i] for s in seats for i in items))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit
    solver.parameters.num_workers = threads
    status = solver.solve(cp)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return (solver.objective_value / SCALE if found else None), solver.best_objective_bound / SCALE


def highs(model, limit, threads):
    import highspy

    cost, weight, capacity, p = model
    h = highspy.Highs()
    h.silent()
    h.setOptionValue("time_limit", float(limit))
    h.setOptionValue("threads", threads)
    h.setOptionValue("mip_rel_gap", 0.0)
    seats, items = range(len(cost)), range(len(cost[0]))
    x = [[h.addBinary(obj=cost[s][i]) for i in items] for s in seats]
    y = [h.addBinary() for _ in seats] if p else None
    for i in items:
        h.addConstr(sum(x[s][i] for s in seats) == 1)
    for s in seats:
        load = sum(weight[s][i] * x[s][i] for i in items)
        if p:
            h.addConstr(load - capacity[s] * y[s] <= 0)
            for i in items:
                h.addConstr(x[s][i] - y[s] <= 0)
        else:
            h.addConstr(load <= capacity[s])
    if p:
        h.addConstr(sum(y) == p)
    h.run()
    info = h.getInfo()
    found = info.primal_solution_status == 2
    return (info.objective_function_value if found else None), info.mip_dual_bound


def scip(model, limit, threads):
    from pyscipopt import Model, quicksum

    cost, weight, capacity, p = model
    m = Model()
    m.hideOutput()
    m.setParam("limits/time", limit)
    seats, items = range(len(cost)), range(len(cost[0]))
    x = [[m.addVar(vtype="B", obj=cost[s][i]) for i in items] for s in seats]
    y = [m.addVar(vtype="B") for _ in seats] if p else None
    for i in items:
        m.addCons(quicksum(x[s][i] for s in seats) == 1)
    for s in seats:
        load = quicksum(weight[s][i] * x[s][i] for i in items)
        m.addCons(load <= capacity[s] * (y[s] if p else 1))
        if p:
            for i in items:
                m.addCons(x[s][i] <= y[s])
    if p:
        m.addCons(quicksum(y) == p)
    m.optimize()
    return (m.getObjVal() if m.getNSols() else None), m.getDualbound()


def spopt(model, limit, threads):
    """spopt has the p-median only, on CBC; it weighs costs by demand, so they are divided by it before."""
    import numpy
    import pulp
    from spopt.locate import PMedian

    cost, weight, capacity, p = model
    if not p:
        return None, None
    demand = numpy.array(weight[0], dtype=float)
    median = PMedian.from_cost_matrix(
        numpy.array(cost).T / demand[:, None],
        demand,
        p_facilities=p,
        facility_capacities=numpy.array(capacity, dtype=float),
    )
    median.problem.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=limit, threads=threads))
    found = median.problem.sol_status > 0
    return (pulp.value(median.problem.objective) if found else None), None


SOLVERS = {"cp-sat": ("ortools", cp_sat), "highs": ("highspy", highs), "scip": ("pyscipopt", scip), "spopt": ("spopt", spopt)}


def one(folder, family, row, name, limit, threads):
    """A solve in a process of its own: peers keep what they have until they end, and some cannot be stopped."""
    model = read(folder, family, row)
    began = time.monotonic()
    objective, bound = SOLVERS[name][1](model, limit, threads)
    print(json.dumps({"objective": objective, "bound": bound, "seconds": time.monotonic() - began}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--time", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--solver", choices=SOLVERS)
    parser.add_argument("--dudao", type=Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    folder = args.folder / "bench" if (args.folder / "bench").is_dir() else args.folder
    solvers = [args.solver] if args.solver else list(SOLVERS)
    there = [name for name in solvers if importlib.util.find_spec(SOLVERS[name][0])]
    for name in set(solvers) - set(there):
        print(f"{name}: not installed, skipped", file=sys.stderr)
    print(f"{'instance':12} {'solver':8} {'above best %':>12} {'bound off %':>12} {'seconds':>8}")
    for family in ("cpmp", "gap"):
        if not (folder / family).is_dir():
            continue
        for row in csv.DictReader((folder / family / "best_known.csv").open()):
            chosen = [start for start in args.only.split(",") if row["name"].startswith(start)]
            if args.only and not chosen:
                continue
            if args.one:
                if args.one == [family, row["name"]]:
                    one(folder, family, row, args.solver, args.time, args.threads)
                continue
            best = float(row["best_known"])
            for name in there + (["dudao"] if args.dudao else []):
                if name == "dudao":
                    rule = ["--distance", "floor"] if row.get("distance_rule", "").startswith("floor") else []
                    file = str(folder / family / f"{row['name']}.txt")
                    command = [args.dudao, "solve", family, file, *rule, "--time", str(args.time), "--gap", "0", "-o", "json"]
                else:
                    command = [sys.executable, __file__, str(folder), "--time", str(args.time), "--threads", str(args.threads)]
                    command += ["--solver", name, "--only", row["name"], "--one", family, row["name"]]
                try:
                    run = subprocess.run(command, capture_output=True, text=True, timeout=4 * args.time + 60)
                    told = json.loads(run.stdout.strip().splitlines()[-1])
                except (subprocess.TimeoutExpired, json.JSONDecodeError, IndexError):
                    told = {"objective": None, "bound": None, "seconds": float("nan")}
                per_cent = lambda value: "none" if value is None else f"{100 * value:.3f}"
                above = None if told["objective"] is None else (told["objective"] - best) / best
                off = None if told["bound"] is None else (best - told["bound"]) / best
                print(f"{row['name']:12} {name:8} {per_cent(above):>12} {per_cent(off):>12} {told['seconds']:8.1f}", flush=True)


if __name__ == "__main__":
    main()
