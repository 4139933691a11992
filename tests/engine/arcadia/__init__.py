from pathlib import Path

import numpy as np

from canbao.engine import Kind, Model, Parameters, Places, Timeline, rules_in

from . import rules

HERE = Path(__file__).parent
PLACES = Places({"hills": "all", "plains": "all", "hills/town": "hills"})
LIFE = Timeline({"retirement": "retirement_month"}, {"working": "retirement", "retired": None})
COLUMNS = {
    "birth_month": Kind("month"),
    "retirement_age": Kind("float"),
    "starting_wage": Kind("float"),
    "sex": Kind("category", rules.Sex),
}


def arcadia() -> Model:
    parameters = Parameters.read([HERE / "parameters.yaml"], PLACES)
    return Model(rules_in(rules), parameters, PLACES, LIFE, COLUMNS)


def shepherds(number: int, seed: int = 1) -> dict[str, np.ndarray]:
    luck = np.random.default_rng(seed)
    return {
        "place": luck.integers(0, 4, number),
        "birth_month": luck.integers(1950 * 12, 1970 * 12, number),
        "retirement_age": luck.choice([50.0, 55.0, 60.0, 61.0], number),
        "starting_wage": luck.uniform(20, 900, number),
        "sex": luck.integers(0, 2, number),
    }
