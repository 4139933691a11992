"""Makes reference.json with two other programs: SimPy 4.1.2 and Ciw 3.2.7, installed apart.

    python -m venv /tmp/oracle && /tmp/oracle/bin/pip install simpy==4.1.2 ciw==3.2.7
    PYTHONPATH=src:tests/procedures/simulation:/tmp/oracle/lib/python3.11/site-packages .venv/bin/python \
        tests/procedures/simulation/reference.py

SimPy is given the very arrivals and service times of a run of ours and must begin every service at the same moment. Ciw
draws by itself; its means are frozen with their standard errors over replications.
"""

import json
from pathlib import Path
from typing import Any

import ciw
import numpy as np
import simpy
from networks import TANDEM, TANDEM_DAYS, TANDEM_SEED, TANDEM_SHOWN

from canbao.procedures.simulation import run

REPLICATIONS, SPAN, WARM_UP = 40, 130.0, 10.0
HERE = Path(__file__).parent


def simpy_starts() -> list[float]:
    """When SimPy begins each service of the tandem, in our order of cases and visits."""
    made = run(TANDEM, TANDEM_DAYS, TANDEM_SEED)
    stations = list(TANDEM.steps)
    first = TANDEM.values_of("kind").index("a")
    visits: dict[int, list[tuple[int, int, float]]] = {}
    for row in np.lexsort((made.started, made.case)):
        lasts = float(made.completed[row] - made.started[row])
        visits.setdefault(int(made.case[row]), []).append((int(row), int(made.step[row]), lasts))
    starts = np.full(len(made.case), np.nan)
    env = simpy.Environment()
    desks = [simpy.PriorityResource(env, capacity=2), simpy.PriorityResource(env, capacity=3)]
    assert stations == ["checked", "decided"]

    def case(number: int, steps: list[tuple[int, int, float]]) -> Any:
        priority = 0 if made.cases.attributes["kind"][number] == first else 1
        yield env.timeout(float(made.cases.arrival[number]))
        for row, station, lasts in steps:
            with desks[station].request(priority=priority) as request:
                yield request
                starts[row] = env.now
                yield env.timeout(lasts)

    for number, steps in visits.items():
        env.process(case(number, steps))
    env.run()
    order = np.lexsort((made.started, made.case))
    return [round(float(value), 6) for value in starts[order][:TANDEM_SHOWN]]


def replicated(network: Any, measure: Any) -> dict[str, list[float]]:
    """Mean and standard error over replications of what is measured."""
    rows = []
    for seed in range(REPLICATIONS):
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(SPAN)
        records = [one for one in simulation.get_all_records() if WARM_UP <= one.arrival_date < SPAN - WARM_UP]
        rows.append(measure(records))
    return {
        name: [
            float(np.mean([row[name] for row in rows])),
            float(np.std([row[name] for row in rows], ddof=1) / REPLICATIONS**0.5),
        ]
        for name in rows[0]
    }


def priorities() -> dict[str, list[float]]:
    network = ciw.create_network(
        arrival_distributions={"urgent": [ciw.dists.Exponential(60)], "plain": [ciw.dists.Exponential(110)]},
        service_distributions={name: [ciw.dists.Gamma(4, 0.01 / 4)] for name in ("urgent", "plain")},
        number_of_servers=[2],
        priority_classes={"urgent": 0, "plain": 1},
    )
    return replicated(
        network,
        lambda records: {
            name: np.mean([one.waiting_time for one in records if one.customer_class == name])
            for name in ("urgent", "plain")
        },
    )


def impatient() -> dict[str, list[float]]:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(90)],
        service_distributions=[ciw.dists.Exponential(100)],
        number_of_servers=[1],
        reneging_time_distributions=[ciw.dists.Exponential(15)],
    )
    return replicated(
        network,
        lambda records: {
            "left": np.mean([one.record_type == "renege" for one in records]),
            "waited": np.mean([one.waiting_time for one in records if one.record_type == "service"]),
        },
    )


def office_hours() -> dict[str, list[float]]:
    schedule = ciw.Schedule(numbers_of_servers=[0, 1, 0], shift_end_dates=[8 / 24, 16 / 24, 1], preemption="resume")
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(60)],
        service_distributions=[ciw.dists.Exponential(24 * 10)],
        number_of_servers=[schedule],
    )

    def measure(records: Any) -> dict[str, float]:
        done = [one for one in records if one.record_type == "service"]
        # A service that a night interrupts has a record of its own for each part; the last tells when all was done.
        first = {one.id_number: one.arrival_date for one in records}
        last = {one.id_number: one.exit_date for one in done}
        return {"throughput": np.mean([last[one] - first[one] for one in last])}

    return replicated(network, measure)


if __name__ == "__main__":
    found = {
        "programs": {"simpy": simpy.__version__, "ciw": ciw.__version__},
        "tandem": simpy_starts(),
        "priorities": priorities(),
        "impatient": impatient(),
        "office_hours": office_hours(),
    }
    (HERE / "reference.json").write_text(json.dumps(found) + "\n", encoding="utf-8")
    print({name: value for name, value in found.items() if name != "tandem"})
