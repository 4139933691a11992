"""Rules written once as plain scalar functions; run compiled over many workers, or in plain Python to explain one.

A rule's name is what it computes and its arguments are what it needs. Knows no law and no country.
"""

from canbao.engine.blocks import run_blocks
from canbao.engine.kinds import UNKNOWN, Category, Draw, Kind, LifeDraw, Month, PlaceYears, Table, month, month_text
from canbao.engine.model import Model, Result, Totals
from canbao.engine.parameters import Parameters, ValueEntry
from canbao.engine.places import NATION, Places
from canbao.engine.request import Request
from canbao.engine.rounding import round_down, round_half_up, round_up, whole
from canbao.engine.rule import Rule, rule, rules_in
from canbao.engine.spark import clear_spark_faults, totals_on_spark, values_on_spark
from canbao.engine.timeline import Timeline

__all__ = [
    "NATION",
    "UNKNOWN",
    "Category",
    "Draw",
    "Kind",
    "LifeDraw",
    "Model",
    "Month",
    "Parameters",
    "PlaceYears",
    "Places",
    "Request",
    "Result",
    "Rule",
    "Table",
    "Timeline",
    "Totals",
    "ValueEntry",
    "clear_spark_faults",
    "month",
    "month_text",
    "round_down",
    "round_half_up",
    "round_up",
    "rule",
    "rules_in",
    "run_blocks",
    "totals_on_spark",
    "values_on_spark",
    "whole",
]
