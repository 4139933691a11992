"""Life courses as rules: how long one lives, what one works as and earns, which scheme one joins, what comes of it."""

from canbao.careers.categories import Activity, Scheme
from canbao.careers.lifebook import carried_parameters, law_with_older_figures, life_model, life_parameters

__all__ = ["Activity", "Scheme", "carried_parameters", "law_with_older_figures", "life_model", "life_parameters"]
