"""A reform as a file: changed parameters by date, replaced rules, other responses, and what it takes in law and offices.

    title: {en: Platforms pay per order, zh: 平台按单缴费}
    option: H5
    parameters:
      levy_per_order: {2027-01: 0.5}
      base_floor: {2027-01: {share: 0.4, of: contribution_reference_wage}}
    needs:
      law: {en: …, zh: …}
      administration: {en: …, zh: …}

What a parameter is set to holds everywhere from that month on, whatever places had of their own. `includes` puts other
reforms in front; where two of them set the same parameter, they clash.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from canbao.careers import life_parameters
from canbao.careers.lifebook import rules as life_rules
from canbao.careers.projection import GROWTH, growing, projected
from canbao.engine import Parameters, Rule, rules_in
from canbao.engine.parameters import FIRST_YEAR, MONTH_KEY, STEPS_TO, ValueEntry
from canbao.engine.parameters import LAST_YEAR as ENGINE_LAST_YEAR
from canbao.engine.places import NATION
from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words
from canbao.located_yaml import Bilingual, Entry, YamlFile

say = Catalogue("canbao.reforms", "words")

LAST_YEAR = 2075
"""The last year that reforms are compared in."""

MOST_INCLUDES = 20
SHARES = (0.0, 100.0)
GROWS = frozenset(GROWTH)
MOST: Mapping[str, float] = {"age": 100.0, "years": 100.0, "months": 1200.0}
"""The highest figure that a unit allows."""


def _as_setting(value: object) -> object:
    """A bare number is a value; whole-number keys make a table."""
    if isinstance(value, int | float):
        return {"value": value}
    if isinstance(value, dict) and value and all(str(key).isdigit() for key in value):
        return {"table": value}
    return value


class Setting(Entry):
    """What a parameter is set to: a number, a table, or a share of another parameter."""

    value: float | None = None
    table: dict[int, float] | None = None
    share: float | None = None
    of: str | None = None


class Needs(Entry):
    """What a reform takes."""

    law: Bilingual
    administration: Bilingual


class ReformFile(Entry):
    """A reform's file."""

    title: Bilingual
    summary: Bilingual | None = None
    option: str = ""
    includes: list[str] = Field(default_factory=list)
    parameters: dict[str, dict[str, Annotated[Setting, BeforeValidator(_as_setting)]]] = Field(default_factory=dict)
    rules: list[str] = Field(default_factory=list)
    responses: dict[str, float] = Field(default_factory=dict)
    needs: Needs | None = None


@dataclass(frozen=True)
class Reform:
    """A reform that has been read and checked.

    Args:
        name: of its file.
        file: its content; None for the law as it stands.
        settings: by parameter and month, those of included reforms first.
        rules: that replace those of their names.
        responses: assumptions that it sets otherwise.
        path: of its file; two files may have the same name.
    """

    name: str
    title: Words
    file: ReformFile | None
    settings: Mapping[str, Mapping[str, Setting]]
    rules: tuple[Rule, ...]
    responses: Mapping[str, float]
    path: Path | None = None

    @property
    def begins(self) -> str | None:
        """The first month in which something is otherwise, as 2027-01."""
        months = [month if len(month) > 4 else f"{month}-01" for dated in self.settings.values() for month in dated]
        return min(months) if months else None

    @property
    def starts(self) -> int | None:
        """The first year in which something is otherwise."""
        return int(self.begins[:4]) if self.begins else None


BASELINE = Reform("baseline", say("baseline"), None, {}, (), {})
"""The law as it stands."""


def shipped() -> Mapping[str, Path]:
    """The reforms that come with the programme, by name."""
    folder = Path(str(resources.files("canbao.reforms").joinpath("options")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def available(study: Path) -> Mapping[str, Path]:
    """The reforms that a study can name: its own, and those that come with the programme."""
    own = {path.stem: path for path in sorted((study / "reforms").glob("*.yaml"))}
    return {**shipped(), **own}


def find_reform(text: str, study: Path, first_year: int) -> Reform:
    """The reform that a user names by its path, by its path within the study, or by its name.

    Args:
        text: as the user wrote it; `baseline` is the law as it stands.
        study: the study's folder.
        first_year: the year of the survey; nothing can be changed before it.

    Raises:
        InputError: there is none of that name, or its file is at fault.
    """
    if text == BASELINE.name:
        return BASELINE
    known = available(study)
    # `reforms/matching.yaml` may also be one that comes with the programme.
    named = known.get(Path(text).stem) if Path(text).parent in (Path(), Path("reforms")) else None
    for path in (Path(text), study / text, named):
        if path is not None and path.is_file() and path.suffix in (".yaml", ".yml"):
            return read_reform(path, study, first_year)
    raise InputError(Fault(say("no_reform", name=text), Place(), did_you_mean(Path(text).stem, known)))


def read_reform(path: Path, study: Path, first_year: int, above: Sequence[str] = ()) -> Reform:
    """Read a reform's file and check all that it says.

    Raises:
        InputError: all that is wrong with it.
    """
    yaml = YamlFile(path)
    file = yaml.validate(ReformFile)
    if path.stem == BASELINE.name:
        raise InputError(Fault(say("baseline_is_taken"), Place(path)))
    raise_all(list(_faults(file, yaml, first_year)))
    settings: dict[str, Mapping[str, Setting]] = {}
    rules: dict[str, list[Rule]] = {}
    responses: dict[str, float] = {}
    for at, name in enumerate(file.includes):
        if name in above or len(above) > MOST_INCLUDES:
            raise InputError(Fault(say("includes_itself", name=name), yaml.place(["includes", at])))
        included = _included(name, study, first_year, yaml.place(["includes", at]), (*above, path.stem))
        theirs = [*included.settings, *included.responses, *(one.name for one in included.rules)]
        clash = next((one for one in theirs if one in settings or one in responses or one in rules), None)
        if clash is not None:
            raise InputError(Fault(say("clash", name=clash, reform=name), yaml.place(["includes", at])))
        settings |= included.settings
        rules |= {one.name: [other for other in included.rules if other.name == one.name] for one in included.rules}
        responses |= included.responses
    settings |= file.parameters
    own = _rules(file, yaml, path)
    rules |= {one.name: [other for other in own if other.name == one.name] for one in own}
    together = tuple(one for variants in rules.values() for one in variants)
    return Reform(path.stem, file.title.words, file, settings, together, {**responses, **file.responses}, path.resolve())


def reformed(parameters: Parameters, reform: Reform) -> Parameters:
    """The parameters as a reform sets them.

    Args:
        parameters: of law and life courses, carried on into all years.
        reform: what changes.
    """
    if not reform.settings:
        return parameters
    levels = growing()
    values: dict[str, dict[str, dict[str, ValueEntry]]] = {}
    for name, dated in reform.settings.items():
        places = {NATION, *parameters[name].entry.values}
        for setting in dated.values():
            places |= set(parameters[setting.of].entry.values) if setting.of else set()
        lasts = parameters[name].entry.lasts is not None and name not in levels
        values[name] = {place: _dated(dated, place, parameters, lasts=lasts) for place in sorted(places)}
    return projected(parameters.with_values(values), only=set(reform.settings) & levels)


def _dated(dated: Mapping[str, Setting], place: str, carried: Parameters, *, lasts: bool) -> dict[str, ValueEntry]:
    """What holds from each month on; said again every year where a figure lasts for a year only."""
    made: dict[str, ValueEntry] = {}
    months = sorted(dated)
    for month, following in zip(months, [*months[1:], "9999"], strict=True):
        setting = dated[month]
        first, part = int(month[:4]), month[5:7] or "01"
        until = min(int(following[:4]), ENGINE_LAST_YEAR) if lasts or setting.of else first + 1
        for year in range(first, max(until, first + 1)):
            made[f"{year}-{part}"] = _entry(setting.value, setting.table)
            if setting.of is not None:
                source = carried[setting.of]
                figure = float(source.yearly[source.places.numbers[place], year - FIRST_YEAR])
                made[f"{year}-{part}"] = _entry(figure * (1.0 if setting.share is None else setting.share))
    return made


def _entry(value: float | None, table: Mapping[int, float] | None = None) -> ValueEntry:
    return ValueEntry.model_construct(
        value=value,
        table=None if table is None else dict(table),
        basis=None,
        source=None,
        confidence="assumption",
        note=None,
    )


def _included(name: str, study: Path, first_year: int, place: Place, above: tuple[str, ...]) -> Reform:
    path = available(study).get(Path(name).stem)
    if path is None:
        raise InputError(Fault(say("no_reform", name=name), place, did_you_mean(name, available(study))))
    return read_reform(path, study, first_year, above)


def _rules(file: ReformFile, yaml: YamlFile, path: Path) -> list[Rule]:
    known = {one.name for one in life_rules()}
    found: list[Rule] = []
    for at, name in enumerate(file.rules):
        place = partial(yaml.place, ["rules", at])
        source = path.parent / name
        if not source.is_file():
            raise InputError(Fault(say("no_rules", file=name), place()))
        module: dict[str, Any] = vars(_module(source))
        for one in rules_in(module):
            if one.name not in known:
                raise InputError(Fault(say("no_such_rule", name=one.name), one.place, did_you_mean(one.name, known)))
            found.append(one)
    return found


def _module(path: Path) -> Any:
    specification = importlib.util.spec_from_file_location(f"canbao_reform_{path.stem}", path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    try:
        specification.loader.exec_module(module)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # whatever somebody's own Python file does wrong
        raise InputError(Fault(say("rules_fail", problem=str(error)), Place(path))) from error
    return module


def _faults(file: ReformFile, yaml: YamlFile, first_year: int) -> Iterator[Fault]:
    known = life_parameters()
    for name, dated in file.parameters.items():
        if name not in known:
            yield Fault(say("no_parameter", name=name), yaml.place(["parameters", name]), did_you_mean(name, known))
            continue
        if not dated:
            yield Fault(say("no_date", name=name), yaml.place(["parameters", name]))
        for month, setting in dated.items():
            yield from _setting_faults(
                name, month, setting, known, partial(yaml.place, ["parameters", name, month]), first_year
            )
    for name, value in file.responses.items():
        yield from _response_faults(name, value, known, yaml.place(["responses", name]))


def _setting_faults(
    name: str, month: str, setting: Setting, known: Parameters, place: partial[Place], first_year: int
) -> Iterator[Fault]:
    if not MONTH_KEY.match(month):
        yield Fault(say("bad_month", text=month), place())
    elif not first_year <= int(month[:4]) <= LAST_YEAR:
        yield Fault(say("beyond", month=month, first=str(first_year), last=str(LAST_YEAR)), place())
    given = [part for part in (setting.value, setting.table, setting.of) if part is not None]
    if len(given) != 1 or (setting.share is not None and setting.of is None):
        yield Fault(say("one_setting", name=name), place())
    elif setting.of is not None and setting.of not in known:
        yield Fault(say("no_parameter", name=setting.of), place(), did_you_mean(setting.of, known))
    elif (setting.table is not None) != known[name].is_table:
        yield Fault(say("table_needed" if known[name].is_table else "number_needed", name=name), place())
    elif setting.of is not None and known[setting.of].is_table:
        yield Fault(say("share_of_table", name=setting.of), place())
    elif setting.table is not None:
        yield from _table_faults(name, setting.table, known, place())
    limits = _limits(known, name)
    for value, bounds in [(setting.value, limits), (setting.share, SHARES), *((one, limits) for one in _cells(setting))]:
        if value is not None and not bounds[0] <= value <= bounds[1]:
            what = say("out_of_range", name=name, value=f"{value:g}", low=f"{bounds[0]:g}", high=f"{bounds[1]:g}")
            yield Fault(what, place())


def _cells(setting: Setting) -> list[float]:
    return list((setting.table or {}).values())


def _table_faults(name: str, table: Mapping[int, float], known: Parameters, place: Place) -> Iterator[Fault]:
    """A table must have the entries of the one that it replaces, unless its entries hold up to the next one."""
    entry = known[name].entry
    before = {key for dated in entry.values.values() for value in dated.values() for key in value.table or {}}
    keys = set(table)
    fits = min(before) in keys and max(keys) < STEPS_TO if entry.steps else keys == before
    if not fits:
        yield Fault(say("table_keys", name=name, keys=", ".join(map(str, sorted(before)))), place)


def _limits(known: Parameters, name: str) -> tuple[float, float]:
    """Between what a figure can lie: as its file says, or as its unit allows."""
    entry = known[name].entry
    if entry.range is not None:
        return entry.range
    if name in GROWS or (entry.span is not None and entry.span[0] < 0):
        return -0.5, 0.5
    if entry.unit in ("share", "yes/no", "probability"):
        return 0.0, 1.0
    return 0.0, MOST.get(entry.unit, 1e7)


def assumption_names() -> list[str]:
    """The assumptions of the simulation that have a span, by name."""
    known = life_parameters()
    return [name for name in known if known[name].entry.span is not None]


def _response_faults(name: str, value: float, known: Parameters, place: Place) -> Iterator[Fault]:
    assumptions = assumption_names()
    if name not in assumptions:
        yield Fault(say("no_response", name=name), place, did_you_mean(name, assumptions))
        return
    first, last = known[name].entry.span or (0.0, 1.0)
    width = last - first
    low, high = known[name].entry.range or (max(first - width, 0.0) if first >= 0 else first - width, last + width)
    if not low <= value <= high:
        yield Fault(say("out_of_range", name=name, value=f"{value:g}", low=f"{low:g}", high=f"{high:g}"), place)
