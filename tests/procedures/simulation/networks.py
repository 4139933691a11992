"""Small queueing networks for the tests; time is in days."""

import datetime
from collections.abc import Mapping
from typing import Any

from canbao.procedures.simulation import ProcessModel

TITLE = {"en": "Queue", "zh": "排队"}


def model_of(**content: Any) -> ProcessModel:
    """A model from as little as it needs."""
    whole = {"title": TITLE, "opens": datetime.date(2024, 1, 1), "calendar": "calendar_days"} | content
    return ProcessModel.model_validate(whole)


def exponential(mean: float) -> dict[str, Any]:
    """Exponential with a mean in days."""
    return {"exponential": mean, "unit": "days"}


def queue(arrivals: float, rate: float, servers: int, **step: Any) -> ProcessModel:
    """One queue: so many cases a day, so many served a day by each of the servers."""
    fields = {"staff": "desk", "service": exponential(1 / rate)} | step
    return model_of(
        arrivals={"all": {"per_day": arrivals}},
        staff={"desk": {"number": servers, "hours": "always"}},
        begins_with="served",
        steps={"served": fields, "left": {}},
    )


def network(arrivals: float, stations: Mapping[str, tuple[int, float, Mapping[str, float]]]) -> ProcessModel:
    """An open Jackson network: for each station its servers, the rate of each, and where cases go on."""
    return model_of(
        arrivals={"all": {"per_day": arrivals}},
        staff={name: {"number": servers, "hours": "always"} for name, (servers, _, _) in stations.items()},
        begins_with=next(iter(stations)),
        steps={
            name: {"staff": name, "service": exponential(1 / rate), "next": dict(ways)}
            for name, (_, rate, ways) in stations.items()
        },
    )


PRIORITIES = model_of(
    arrivals={
        "urgent": {"per_day": 60, "set": {"kind": "urgent"}},
        "plain": {"per_day": 110, "set": {"kind": "plain"}},
    },
    staff={"desk": {"number": 2, "hours": "always"}},
    begins_with="served",
    steps={
        "served": {
            "staff": "desk",
            "priority": 1,
            "service": {"gamma": {"mean": 0.01, "cv": 0.5}, "unit": "days"},
            "where": [{"when": {"kind": "urgent"}, "priority": 0}],
        }
    },
)
"""Two kinds of cases, one of which goes before the other without interrupting anybody."""

IMPATIENT = queue(90, 100, 1, gives_up={"per_day": 15, "to": "left"})
"""Who waits leaves at a rate."""

OFFICE_HOURS = model_of(
    arrivals={"all": {"per_day": 60}},
    staff={"desk": {"number": 1, "hours": {"working_days": "08:00-16:00"}}},
    begins_with="served",
    steps={"served": {"staff": "desk", "service": {"exponential": 6.0, "unit": "minutes"}}},
)
"""A desk that is open for eight hours; work goes on in the morning where it was left."""

TANDEM = model_of(
    arrivals={"a": {"per_day": 40, "set": {"kind": "a"}}, "b": {"per_day": 40, "set": {"kind": "b"}}},
    staff={"first": {"number": 2, "hours": "always"}, "second": {"number": 3, "hours": "always"}},
    begins_with="checked",
    steps={
        "checked": {
            "staff": "first",
            "service": {"lognormal": {"mean": 0.02, "cv": 1.2}, "unit": "days"},
            "next": "decided",
            "priority": 1,
            "where": [{"when": {"kind": "a"}, "priority": 0}],
        },
        "decided": {
            "staff": "second",
            "service": {"gamma": {"mean": 0.025, "cv": 0.8}, "unit": "days"},
            "next": {"checked": 0.15},
            "priority": 1,
            "where": [{"when": {"kind": "a"}, "priority": 0}],
        },
    },
)
"""Two stations with a way back and cases that go before others."""

TANDEM_DAYS, TANDEM_SEED, TANDEM_SHOWN = 30, 11, 400
