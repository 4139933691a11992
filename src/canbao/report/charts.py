"""Charts as drawings: each kind of the document model becomes a Vega-Lite specification, drawn to SVG.

Labels are placed by us, in a column of their own to the left, so that none is cut or covers another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import vl_convert

from canbao.chapters.document import (
    Bars,
    Chart,
    Combinations,
    Curves,
    FlowDiagram,
    Intervals,
    Matrix,
    ProcessMap,
    StackedBars,
    Staircase,
    TileMap,
)
from canbao.languages import Catalogue, Form, Language, Number, Words
from canbao.report.chart_style import (
    DARK_LETTERS,
    FONT_SIZE,
    GRID,
    INK,
    REST,
    SERIES,
    SOFT,
    Spec,
    text_width,
    wrapped,
)
from canbao.report.fields import matrix, tile_map
from canbao.report.flow_diagram import flow_diagram
from canbao.report.fonts import FAMILY, fonts_for
from canbao.report.process_map import process_map

say = Catalogue("canbao.report", "words")

SHAPES = ("circle", "diamond", "square", "triangle-up")
WIDTH = 430
LABELS = 236
SMALLEST_LABELLED = 0.055
MOST_ON_SLIDE = 9
MOST_MARKED = 10


@dataclass(frozen=True)
class Line:
    """A line of the label column: a group, or a heading over some groups."""

    id: str
    text: str
    heading: bool


def draw(chart: Chart, language: Language) -> str:
    """A chart as SVG, its texts as texts."""
    _register_fonts()
    match chart:
        case StackedBars():
            spec = _stacked_bars(chart, language)
        case Intervals():
            spec = _intervals(chart, language)
        case Bars():
            spec = _bars(chart, language)
        case Staircase():
            spec = _staircase(chart, language)
        case Combinations():
            spec = _combinations(chart, language)
        case Curves():
            spec = _curves(chart, language)
        case ProcessMap():
            spec = process_map(chart, language)
        case FlowDiagram():
            spec = flow_diagram(chart, language)
        case Matrix():
            spec = matrix(chart, language)
        case TileMap():
            spec = tile_map(chart, language)
    return str(vl_convert.vegalite_to_svg({**_frame(), **spec}))


def for_slide(chart: Chart) -> Chart:
    """The chart with no more groups than people can read from the back of a room: the first panels of a long one."""
    if not isinstance(chart, StackedBars | Intervals) or chart.panels is None or len(chart.groups) <= MOST_ON_SLIDE:
        return chart
    ends = [at for at in range(1, len(chart.groups)) if chart.panels[at] != chart.panels[at - 1] and at <= MOST_ON_SLIDE]
    kept = ends[-1] if ends else MOST_ON_SLIDE
    return replace(chart, groups=chart.groups[:kept], values=chart.values[:kept], panels=chart.panels[:kept])


@lru_cache(maxsize=64)
def png(svg: str, scale: float = 2.2) -> bytes:
    """A drawing in dots, for office documents."""
    _register_fonts()
    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def small_bar(share: float) -> str:
    """A share as a bar without words."""
    whole, part = 300, round(300 * share, 1)
    bars = f'<rect width="{whole}" height="8" fill="{GRID}"/><rect width="{part}" height="8" fill="{SERIES[0]}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="8">{bars}</svg>'


# --- what all charts share ------------------------------------------------------------------------------------------------


_registered: list[Path] = []


def _register_fonts() -> None:
    folder = fonts_for(frozenset())
    if folder not in _registered:
        vl_convert.register_font_directory(str(folder))
        _registered.append(folder)


def _frame() -> Spec:
    axis = {
        "labelFont": FAMILY,
        "titleFont": FAMILY,
        "labelFontSize": FONT_SIZE - 0.5,
        "titleFontSize": FONT_SIZE - 0.5,
        "labelColor": SOFT,
        "titleColor": SOFT,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "titlePadding": 8,
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "transparent",
        "padding": {"left": 2, "right": 14, "top": 2, "bottom": 2},
        "config": {
            "font": FAMILY,
            "view": {"stroke": None},
            "axis": axis,
            "text": {"font": FAMILY, "fontSize": FONT_SIZE, "color": INK},
            "legend": {
                "labelFont": FAMILY,
                "labelFontSize": FONT_SIZE,
                "labelColor": INK,
                "title": None,
                "orient": "top",
                "symbolSize": 90,
                "labelLimit": 420,
                "columnPadding": 16,
                "rowPadding": 4,
                "offset": 10,
                "symbolStrokeWidth": 0,
                "symbolOpacity": 1,
                "direction": "horizontal",
            },
        },
    }


def _lines(groups: Sequence[Words], panels: Sequence[Words] | None, language: Language) -> list[Line]:
    """The label column: headings where a panel with several groups begins."""
    lines: list[Line] = []
    last: Words | None = None
    for at, group in enumerate(groups):
        if panels is not None and panels[at] != last:
            last = panels[at]
            if list(panels).count(last) > 1:
                lines.append(Line(f"h{at}", last[language], True))
        lines.append(Line(f"g{at}", group[language], False))
    return lines


def _step(lines: Sequence[Line], step: float = 23.0) -> float:
    """Room for a line; more where labels take two."""
    width = _label_width(lines)
    two = any("\n" in wrapped(line.text, width) for line in lines if not line.heading)
    return max(step, 31.0) if two else step


def _height(lines: Sequence[Line], step: float = 23.0) -> float:
    return _step(lines, step) * len(lines)


def _y(lines: Sequence[Line], padding: float = 0.28) -> Spec:
    scale = {"domain": [line.id for line in lines], "paddingInner": padding, "paddingOuter": padding / 2}
    return {"field": "id", "type": "nominal", "scale": scale, "axis": None}


def _labels(lines: Sequence[Line], y: Spec) -> list[Spec]:
    """Group labels right-aligned at the axis, headings bold at the left edge of the label column."""
    width = _label_width(lines)
    shared = {"mark": {"type": "text", "baseline": "middle", "lineBreak": "\n", "lineHeight": FONT_SIZE + 1.5}}
    texts = [(line.id, wrapped(line.text, width)) for line in lines if not line.heading]
    single = [{"id": name, "label": text} for name, text in texts if "\n" not in text]
    double = [{"id": name, "label": text} for name, text in texts if "\n" in text]
    headings = [{"id": line.id, "label": line.text} for line in lines if line.heading]
    layers: list[Spec] = []
    for values, extra, x in (
        (single, {"align": "right"}, -9.0),
        (double, {"align": "right", "dy": -(FONT_SIZE + 1.5) / 2}, -9.0),
        (headings, {"align": "left", "fontWeight": "bold"}, -width),
    ):
        if values:
            mark = {**shared["mark"], **extra}
            layers.append(
                {
                    "data": {"values": values},
                    "mark": mark,
                    "encoding": {"y": y, "x": {"value": x}, "text": {"field": "label"}},
                }
            )
    return layers


def _label_width(lines: Sequence[Line]) -> float:
    return min(LABELS, max((text_width(line.text) for line in lines), default=0) + 14)


def _colours(count: int, *, with_rest: bool) -> list[str]:
    """One a series; what is left over, the last one, stays pale."""
    if with_rest and count > 2:
        return [*SERIES[: count - 1], REST][:count]
    return [SERIES[at % len(SERIES)] for at in range(count)]


def _format(form: Form) -> str:
    return {
        "percent": "%",
        "points": "",
        "count": ",.0f",
        "decimal": ",.1f",
        "decimal2": ".2f",
        "decimal3": ".3f",
        "plain": "~f",
    }[form]


def _axis(title: str, form: Form) -> Spec:
    # Differences of shares are printed in points.
    expression = {"labelExpr": "format(datum.value * 100, '.2~f')"} if form == "points" else {"format": _format(form)}
    if form == "percent":
        expression = {"labelExpr": "format(datum.value * 100, '.2~f') + '%'"}
    return {"title": title or None, "grid": True, "tickCount": 6, **expression}


def _shown(value: float, form: Form, language: Language) -> str:
    return Number(value, form).text(language)


# --- the kinds ------------------------------------------------------------------------------------------------------------


def _stacked_bars(chart: StackedBars, language: Language) -> Spec:
    lines = _lines(chart.groups, chart.panels, language)
    names = [label[language] for label in chart.series]
    colours = _colours(len(names), with_rest=True)
    bars, texts, hidden = [], [], []
    for at, points in enumerate(chart.values):
        start = 0.0
        for position, point in enumerate(points):
            if point.value is None:
                continue
            end = start + point.value
            colour = colours[position]
            bars.append({"id": f"g{at}", "series": names[position], "from": start, "to": end})
            if point.value >= SMALLEST_LABELLED:
                letters = "dark" if colour in DARK_LETTERS else "light"
                texts.append(
                    {
                        "id": f"g{at}",
                        "middle": (start + end) / 2,
                        "text": f"{point.value * 100:.0f}",
                        "letters": letters,
                    }
                )
            start = end
        if all(point.value is None for point in points):
            hidden.append({"id": f"g{at}", "text": "··"})
    y = _y(lines)
    colour_scale = {
        "field": "series",
        "type": "nominal",
        "scale": {"domain": names, "range": colours},
        "sort": None,
        "legend": {"columns": _legend_columns(names)},
    }
    layers: list[Spec] = [
        {
            "data": {"values": bars},
            "mark": {"type": "bar", "stroke": "white", "strokeWidth": 0.8},
            "encoding": {
                "y": y,
                "x": {
                    "field": "from",
                    "type": "quantitative",
                    "scale": {"domain": [0, 1]},
                    "axis": _axis("", "percent"),
                },
                "x2": {"field": "to"},
                "color": colour_scale,
            },
        }
    ]
    for letters, ink in (("dark", INK), ("light", "white")):
        some = [text for text in texts if text["letters"] == letters]
        if some:
            layers.append(_texts(some, y, "middle", {"color": ink, "fontSize": FONT_SIZE - 1}))
    if hidden:
        layers.append(
            {
                "data": {"values": hidden},
                "mark": {"type": "text", "align": "left"},
                "encoding": {"y": y, "x": {"value": 4}, "text": {"field": "text"}},
            }
        )
    return {"width": WIDTH, "height": _height(lines), "layer": [*layers, *_labels(lines, y)]}


def _legend_columns(names: Sequence[str]) -> int:
    """As many side by side as the drawing has room for."""
    widest = max(text_width(name) for name in names) + 34
    return max(1, min(len(names), int((WIDTH + LABELS * 0.6) // widest)))


def _texts(values: Sequence[Spec], y: Spec, x: str, mark: Spec) -> Spec:
    return {
        "data": {"values": list(values)},
        "mark": {"type": "text", "baseline": "middle", **mark},
        "encoding": {"y": y, "x": {"field": x, "type": "quantitative"}, "text": {"field": "text"}},
    }


def _intervals(chart: Intervals, language: Language) -> Spec:
    several = len(chart.series) > 1
    names = [label[language] for label in chart.series]
    blocks = _lines(chart.groups, chart.panels, language)
    step = _step(blocks, 22.0 + (11.0 if chart.numbers else 8.0) * (len(names) - 1))
    points = [
        {
            "id": f"g{at}",
            "series": names[position],
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "label": Number(point.value, chart.form).text(language),
            "end": point.value if point.high is None else max(point.value, point.high),
        }
        for at, row in enumerate(chart.values)
        for position, point in enumerate(row)
        if point.value is not None
    ]
    y = _y(blocks, 0.2)
    x: Spec = {
        "field": "value",
        "type": "quantitative",
        "axis": _axis(chart.axis[language], chart.form),
        "scale": {"zero": not chart.zero_line, "nice": True},
    }
    colours = _colours(len(names), with_rest=False)
    colour: Spec = {"value": colours[0]}
    shape: Spec = {"value": "circle"}
    offset: Spec = {}
    if several:
        scale = {"domain": names, "range": colours}
        colour = {
            "field": "series",
            "type": "nominal",
            "scale": scale,
            "sort": None,
            "legend": {"columns": _legend_columns(names)},
        }
        shape = {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": names, "range": list(SHAPES[: len(names)])},
            "sort": None,
            "legend": {"columns": _legend_columns(names)},
        }
        offset = {
            "yOffset": {
                "field": "series",
                "type": "nominal",
                "sort": None,
                "scale": {"domain": names, "paddingInner": 0.6, "paddingOuter": 0.6},
            }
        }
    layers: list[Spec] = []
    if chart.zero_line:
        layers.append(
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": SOFT, "strokeWidth": 1.2},
                "encoding": {"x": {"field": "zero", "type": "quantitative"}},
            }
        )
    layers += [
        {
            "data": {"values": [point for point in points if point["low"] is not None]},
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour, **offset},
        },
        {
            "data": {"values": points},
            "mark": {"type": "point", "filled": True, "size": 62, "opacity": 1},
            "encoding": {"y": y, "x": x, "color": colour, "shape": shape, **offset},
        },
    ]
    if chart.numbers:
        layers.append(
            {
                "data": {"values": points},
                "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 7, "fontSize": 9, "color": SOFT},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "end"},
                    "text": {"field": "label", "type": "nominal"},
                    **offset,
                },
            }
        )
    return {"width": WIDTH, "height": step * len(blocks), "layer": [*layers, *_labels(blocks, y)]}


def _bars(chart: Bars, language: Language) -> Spec:
    lines = _lines(chart.categories, None, language)
    values = [
        {
            "id": f"g{at}",
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "end": max(point.value, point.high or 0),
            "text": _shown(point.value, chart.form, language),
        }
        for at, point in enumerate(chart.values)
        if point.value is not None
    ]
    y = _y(lines, 0.34)
    x: Spec = {"type": "quantitative", "axis": _axis(chart.axis[language], chart.form)}
    layers: list[Spec] = [
        {
            "data": {"values": values},
            "mark": {"type": "bar", "color": SERIES[0]},
            "encoding": {"y": y, "x": {**x, "field": "value"}},
        },
        {
            "data": {"values": [value for value in values if value["low"] is not None]},
            "mark": {"type": "rule", "color": INK, "strokeWidth": 1.2},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        _texts(values, y, "end", {"align": "left", "dx": 5}),
    ]
    return {"width": WIDTH, "height": _height(lines), "layer": [*layers, *_labels(lines, y)]}


def _staircase(chart: Staircase, language: Language) -> Spec:
    """From all workers down: each gap takes its part away, and the covered remain."""
    lines = [Line("all", say("all_start")[language], False)]
    lines += [Line(f"g{at}", label[language], False) for at, label in enumerate(chart.steps)]
    steps = [{"id": "all", "from": 0.0, "to": 1.0, "kind": "all", "text": _shown(1.0, "percent", language)}]
    level = 1.0
    for at, (point, kind) in enumerate(zip(chart.values, chart.kinds, strict=True)):
        share = point.value or 0.0
        start, end = (level - share, level) if kind == "gap" else (0.0, share)
        text = "··" if point.flag == "suppressed" else _shown(share, "percent", language)
        steps.append({"id": f"g{at}", "from": start, "to": end, "kind": kind, "text": text})
        level = start if kind == "gap" else level
    y = _y(lines, 0.22)
    kinds = {"domain": ["all", "gap", "covered"], "range": ["#8A93A5", "#C0562F", SERIES[0]]}
    layers: list[Spec] = [
        {
            "data": {"values": steps},
            "mark": {"type": "bar"},
            "encoding": {
                "y": y,
                "x": {
                    "field": "from",
                    "type": "quantitative",
                    "scale": {"domain": [0, 1.08]},
                    "axis": {**_axis("", "percent"), "values": [0, 0.25, 0.5, 0.75, 1]},
                },
                "x2": {"field": "to"},
                "color": {"field": "kind", "type": "nominal", "scale": kinds, "legend": None},
            },
        },
        _texts(steps, y, "to", {"align": "left", "dx": 5}),
    ]
    return {"width": WIDTH, "height": _height(lines, 26), "layer": [*layers, *_labels(lines, y)]}


def _combinations(chart: Combinations, language: Language) -> Spec:
    """An UpSet chart (Lex and others 2014): which sets to the left, how frequent to the right."""
    lines = [Line(f"g{at}", "", False) for at in range(len(chart.members))]
    y = _y(lines, 0.25)
    names = [label[language] for label in chart.sets]
    dots = [
        {"id": f"g{at}", "set": names[position], "held": position in members}
        for at, members in enumerate(chart.members)
        for position in range(len(names))
    ]
    joins = [
        {"id": f"g{at}", "first": names[min(members)], "last": names[max(members)]}
        for at, members in enumerate(chart.members)
        if len(members) > 1
    ]
    column = {
        "type": "nominal",
        "sort": None,
        "scale": {"domain": names},
        "axis": {"orient": "top", "title": None, "labelAngle": 0, "labelLimit": 90, "grid": False, "labelColor": INK},
    }
    matrix: Spec = {
        "width": len(names) * max(46.0, *(text_width(name) + 16 for name in names)),
        "height": _height(lines),
        "layer": [
            {
                "data": {"values": dots},
                "mark": {"type": "point", "filled": True, "size": 85, "opacity": 1},
                "encoding": {
                    "y": y,
                    "x": {"field": "set", **column},
                    "color": {
                        "field": "held",
                        "type": "nominal",
                        "scale": {"domain": [True, False], "range": [SERIES[0], GRID]},
                        "legend": None,
                    },
                },
            },
            {
                "data": {"values": joins},
                "mark": {"type": "rule", "strokeWidth": 2.4, "color": SERIES[0]},
                "encoding": {"y": y, "x": {"field": "first", **column}, "x2": {"field": "last"}},
            },
        ],
    }
    values = [
        {"id": f"g{at}", "value": point.value, "text": _shown(point.value, "percent", language)}
        for at, point in enumerate(chart.values)
        if point.value is not None
    ]
    bars: Spec = {
        "width": 270,
        "height": _height(lines),
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "bar", "color": SERIES[0]},
                "encoding": {"y": y, "x": {"field": "value", "type": "quantitative", "axis": _axis("", "percent")}},
            },
            _texts(values, y, "value", {"align": "left", "dx": 5}),
        ],
    }
    return {"hconcat": [matrix, bars], "spacing": 18}


def _curves(chart: Curves, language: Language) -> Spec:
    names = [label[language] for label in chart.series]
    # Of many points some are marked, each curve's elsewhere, so that they are told apart without hiding the curves.
    every = max(1, len(chart.x) // MOST_MARKED)
    values = [
        {
            "x": x,
            "series": names[at],
            "value": point.value,
            "low": point.low,
            "high": point.high,
            "marked": (number + at) % every == 0,
        }
        for at, line in enumerate(chart.values)
        for number, (x, point) in enumerate(zip(chart.x, line, strict=True))
        if point.value is not None
    ]
    colours = _colours(len(names), with_rest=False)
    colour: Spec = {"field": "series", "type": "nominal", "sort": None, "scale": {"domain": names, "range": colours}}
    legend = None if len(names) == 1 else {"columns": _legend_columns(names)}
    colour["legend"] = legend
    x = {
        "field": "x",
        "type": "quantitative",
        "axis": {**_axis(chart.x_axis[language], chart.x_form), "grid": False},
        "scale": {"nice": False},
    }
    y: Spec = {"type": "quantitative", "axis": _axis(chart.y_axis[language], chart.y_form), "scale": {"zero": True}}
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "opacity": 0.15},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
        },
        {
            "mark": {"type": "line", "strokeWidth": 2.4},
            "encoding": {"x": x, "y": {**y, "field": "value"}, "color": colour},
        },
        {
            "transform": [{"filter": "datum.marked"}],
            "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1},
            "encoding": {
                "x": x,
                "y": {**y, "field": "value"},
                "color": colour,
                "shape": {
                    "field": "series",
                    "type": "nominal",
                    "sort": None,
                    "scale": {"domain": names, "range": [SHAPES[at % len(SHAPES)] for at in range(len(names))]},
                    "legend": legend,
                },
            },
        },
    ]
    return {"width": WIDTH + 90, "height": 280, "data": {"values": values}, "layer": layers}
