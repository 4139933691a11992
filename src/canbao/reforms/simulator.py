"""A study's workers, ready to be run under any reform."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import polars as pl

from canbao.languages import Catalogue, Words
from canbao.reforms.population import People, Population, respondents
from canbao.reforms.reform import BASELINE, LAST_YEAR, Reform
from canbao.reforms.results import COVERAGE, Comparison, Groups, Sampling, difference, grouping, sampling
from canbao.reforms.simulation import (
    LEVELS,
    Grouping,
    Level,
    Outcome,
    Progress,
    Scenario,
    Where,
    run_scenario,
    varied_assumptions,
    with_assumption,
)
from canbao.survey import Design
from canbao.survey.disclosure import SMALLEST_BASE
from canbao.survey.structure import Floats
from canbao.workers.vocabulary import Vocabulary

say = Catalogue("canbao.reforms", "words")


def unheard(_step: Words) -> None:
    """Progress that nobody follows."""


@dataclass(eq=False)
class Simulator:
    """Life courses of a study's workers under the law as it stands and under reforms.

    Args:
        design: the worker table under the study's design, the domain in view.
        vocabulary: of its columns.
        base_month: when the interviews took place, as whole months since the year 0.
        seed: of tastes and luck.
        by: columns with categories by which results are wanted.
        workers: how many are run; None for the respondents themselves, each with her weight.
        progress: told of each step.
        on: which machine runs them.
        assumptions: that are set otherwise than at their central values, by name, in all that is run.
    """

    design: Design
    vocabulary: Vocabulary
    base_month: int
    seed: int = 1
    by: Sequence[str] = ()
    workers: int | None = None
    progress: Progress = unheard
    on: Where = "threads"
    assumptions: tuple[tuple[str, float], ...] = ()
    _known: dict[tuple[str, Level], Outcome] = field(default_factory=dict)

    @property
    def base_year(self) -> int:
        """The year of the survey."""
        return self.base_month // 12

    @cached_property
    def respondents(self) -> Population:
        """The respondents of whom there are life courses."""
        self.progress(say("preparing"))
        model = Scenario(BASELINE).model
        return respondents(self.design, self.vocabulary, model, self.base_month, self.seed)

    @cached_property
    def people(self) -> People:
        """Everybody who is run, entrants of later years among them."""
        return People(self.respondents, self.workers, LAST_YEAR)

    @cached_property
    def groups(self) -> Groups:
        """The groups in which results are wanted."""
        return Groups({name: tuple(self.vocabulary[name].categories) for name in self.by})

    @cached_property
    def grouping(self) -> Grouping:
        """In which unit and group each worker is added up."""
        return grouping(self.design, self.groups)

    @cached_property
    def survey(self) -> Sampling:
        """How sampling units vary."""
        return sampling(self.design)

    def regrouped(self, by: Sequence[str]) -> Simulator:
        """The same workers, with results by other columns."""
        other = replace(self, by=tuple(by), _known={})
        other.__dict__["respondents"] = self.respondents
        return other

    def assuming(self, assumptions: Sequence[tuple[str, float]]) -> Simulator:
        """The same workers under other assumptions, the law as it stands among what is run under them."""
        other = replace(self, assumptions=tuple(assumptions), _known={})
        other.__dict__ |= {"respondents": self.respondents, "people": self.people}
        return other

    def base(self, column: str, category: str) -> int:
        """How many respondents stand behind a category's results."""
        answers = self.design.frame[column].cast(pl.String).gather(self.respondents.respondent.tolist())
        return int((answers == category).sum())

    def hidden(self, column: str) -> set[str]:
        """The categories that have too few respondents to be shown; never one alone, which the whole would give away."""
        bases = {category: self.base(column, category) for category in self.groups.columns[column]}
        few = {category for category, base in bases.items() if 0 < base < SMALLEST_BASE}
        if len(few) == 1:
            others = {category: base for category, base in bases.items() if base > 0 and category not in few}
            few |= {min(others, key=lambda one: others[one])} if others else set()
        return few

    def outcome(self, reform: Reform, level: Level = "central") -> Outcome:
        """What a reform brings under a level of response; run once."""
        key = (str(reform.path or reform.name), level)
        if key not in self._known:
            self.progress(say("running", scenario=reform.title, level=say(f"level_{level}")))
            self._known[key] = self._run(Scenario(reform, level, self.assumptions))
        return self._known[key]

    def forget(self, most: int) -> None:
        """Let the oldest outcomes go beyond so many, but not those of the law as it stands."""
        reforms = [key for key in self._known if key[0] != BASELINE.name]
        for key in reforms[: max(0, len(reforms) - most)]:
            del self._known[key]

    def _run(self, scenario: Scenario) -> Outcome:
        return run_scenario(
            scenario,
            self.people,
            self.grouping,
            seed=self.seed,
            keep_values=self.workers is None and self.on != "spark",
            progress=self.progress,
            on=self.on,
        )

    def compare(self, reform: Reform, against: Reform = BASELINE, levels: Sequence[Level] = LEVELS) -> Comparison:
        """A reform beside another law, under each level of response and the same luck."""
        return Comparison(
            {level: self.outcome(against, level) for level in levels},
            {level: self.outcome(reform, level) for level in levels},
            self.survey,
        )

    def sensitivity(self, reform: Reform, year: int, against: Reform = BASELINE) -> pl.DataFrame:
        """Which assumption matters most: what a reform adds to the employees' scheme with each at its ends.

        Args:
            reform: that is looked at.
            year: of the result.
            against: what it is compared with.

        Returns:
            one row an assumption, the one that moves the result most first: assumption, low_end, high_end (its span), low,
            high (the difference under each), central.
        """
        together = self.regrouped(()) if self.by else self
        central = difference(together.outcome(reform), together.outcome(against), COVERAGE[0], year, self.survey).value
        rows = []
        scenario = self.outcome(against).scenario
        parameters = scenario.parameters
        for name in varied_assumptions(scenario, [*self.respondents.columns]):
            ends = parameters[name].entry.span or (0.0, 0.0)
            low, high = (together._under(name, end, reform, against, year) for end in ends)
            row = {"assumption": name, "low_end": ends[0], "high_end": ends[1], "low": low, "high": high}
            rows.append({**row, "central": central})
        return pl.DataFrame(rows).sort((pl.col("high") - pl.col("low")).abs(), descending=True, maintain_order=True)

    def _under(self, name: str, value: float, reform: Reform, against: Reform, year: int) -> float:
        """What a reform adds to the employees' scheme under another value of an assumption."""
        label = Scenario(against).parameters[name].entry.label.words
        self.progress(say("varying", assumption=label))
        laws = (Scenario(one, assumptions=self.assumptions) for one in (reform, against))
        after, before = (self._run(with_assumption(one, name, value)) for one in laws)
        return difference(after, before, COVERAGE[0], year, self.survey).value

    def balances(self, outcome: Outcome) -> Floats:
        """The lifetime balance of each respondent; NaN for those who do not live to retire.

        Args:
            outcome: of a run of the respondents themselves.
        """
        own = slice(0, len(self.respondents))
        lived = outcome.values["lives_to_retirement"][own] == 1
        return np.where(lived, outcome.values["lifetime_balance"][own], np.nan)

    def observed(self) -> pl.DataFrame:
        """Of the survey's year: each respondent's scheme as the model has it beside the answer."""
        scenario = Scenario(BASELINE)
        year = self.base_year
        panel = scenario.model.run(self.respondents.columns, panel=["scheme"], years=(year, year), on="python").panel
        answers = self.design.frame["pension_scheme"].cast(pl.String).gather(self.respondents.respondent.tolist())
        return pl.DataFrame({"scheme": panel["scheme"][:, 0], "answer": answers})
