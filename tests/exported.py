"""Other solvers read what dudao exported, and price what dudao found.

    exported.py MPS SOLUTION OBJECTIVE [SECONDS]

HiGHS and CP-SAT each get the program with every column fixed to the solution's value: it must be feasible there, at the
objective that dudao told. Then HiGHS solves the program itself, from nothing: it may prove or find nothing better.
"""

import argparse
import sys

import highspy
from ortools.linear_solver.python import model_builder


def close(value, told):
    return abs(value - told) <= 1e-6 * max(1.0, abs(told))


def read_solution(path):
    with open(path, encoding="utf-8") as lines:
        return {name: float(value) for name, value in (line.split() for line in lines)}


def read_by_highs(mps):
    highs = highspy.Highs()
    highs.silent()
    if highs.readModel(mps) != highspy.HighsStatus.kOk:
        sys.exit(f"HiGHS does not read {mps}")
    return highs


def priced_by_highs(mps, solution):
    highs = read_by_highs(mps)
    columns = highs.getLp().col_names_
    for n, name in enumerate(columns):
        value = solution.get(name, 0.0)
        highs.changeColBounds(n, value, value)
    if unknown := set(solution) - set(columns):
        sys.exit(f"columns that are not in the file: {sorted(unknown)[:5]}")
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        sys.exit(f"HiGHS: {highs.modelStatusToString(highs.getModelStatus())}")
    return highs.getInfo().objective_function_value


def priced_by_cp_sat(mps, solution):
    model = model_builder.Model()
    if not model.import_from_mps_file(mps):
        sys.exit(f"CP-SAT does not read {mps}")
    for column in model.get_variables():
        value = solution.get(column.name, 0.0)
        column.lower_bound = column.upper_bound = value
    solver = model_builder.Solver("sat")
    # Costs of millions of minutes are beyond its usual range.
    solver.set_solver_specific_parameters("mip_max_bound: 1e9")
    status = solver.solve(model)
    if status != model_builder.SolveStatus.OPTIMAL:
        sys.exit(f"CP-SAT: {status}")
    return solver.objective_value


def solved_by_highs(mps, seconds):
    highs = read_by_highs(mps)
    highs.setOptionValue("time_limit", seconds)
    highs.run()
    info = highs.getInfo()
    return info.objective_function_value, info.mip_dual_bound


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mps")
    parser.add_argument("solution")
    parser.add_argument("objective", type=float)
    parser.add_argument("seconds", type=float, nargs="?", default=20.0)
    args = parser.parse_args()
    solution = read_solution(args.solution)
    for name, priced in ("HiGHS", priced_by_highs), ("CP-SAT", priced_by_cp_sat):
        value = priced(args.mps, solution)
        print(f"{name} {value}")
        if not close(value, args.objective):
            sys.exit(f"{name} says {value}, dudao {args.objective}")
    value, bound = solved_by_highs(args.mps, args.seconds)
    print(f"HiGHS from nothing {value}, bound {bound}")
    if value < args.objective and not close(value, args.objective):
        sys.exit(f"HiGHS finds {value}, dudao {args.objective}")
    if bound > args.objective and not close(bound, args.objective):
        sys.exit(f"HiGHS proves {bound}, dudao has {args.objective}")


if __name__ == "__main__":
    main()
