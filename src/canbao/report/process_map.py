"""A procedure drawn for people: steps from left to right, width = cases, colour = delay."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from canbao.chapters.document import ProcessMap
from canbao.languages import Catalogue, Language, Number
from canbao.report.chart_style import FONT_SIZE, INK, SOFT, Spec, text_width

say = Catalogue("canbao.report", "words")

WIDTH = 660.0
LINE = 12.0
MOST_LINES = 5
"""In which the name of a step may stand."""

NAME_SIZE = FONT_SIZE - 1.5
"""Of the names of steps."""

BETWEEN = 34.0
"""From the foot of one box to the head of the next beneath it."""

CURVE_POINTS = 24
WIDEST, THINNEST = 9.0, 0.8

LIMITS = (1, 5, 15, 30, 60)
"""Days at which the colour changes."""

DELAYS = ("#B9C0CC", "#7FA8A6", "#E8C468", "#E0913A", "#C0562F", "#7D1D3F")

Place = tuple[float, float]


@dataclass(frozen=True)
class Sizes:
    """Of the boxes, in dots, and of the lanes in which they stand."""

    box: float
    tall: float

    @property
    def lane(self) -> float:
        """From the middle of one lane to that of the next."""
        return self.tall + BETWEEN


def process_map(chart: ProcessMap, language: Language) -> Spec:
    """The specification of a process map."""
    lanes = [lane for _, lane in chart.places]
    columns = max(column for column, _ in chart.places) + 1
    returning = any(chart.places[end][0] <= chart.places[start][0] for start, end in chart.ways)
    box = min(112.0, WIDTH / columns * 0.78)
    steps = [_in_lines(label[language], box) for label in chart.steps]
    sizes = Sizes(box, LINE * max(map(len, steps)) + 28)
    height = (max(lanes) - min(lanes) + 1) * sizes.lane + (BETWEEN if returning else 0)
    middles = [((column + 0.5) * WIDTH / columns, (lane - min(lanes) + 0.5) * sizes.lane) for column, lane in chart.places]
    names = _delay_names(language)
    layers = [
        *_ways(chart, middles, sizes, names),
        _boxes(middles, sizes),
        *_labels(chart, steps, middles, language),
    ]
    return {"width": WIDTH, "height": height, "layer": layers}


def _delay_names(language: Language) -> list[str]:
    unit = say("days_unit")[language]
    return [
        f"< {LIMITS[0]} {unit}",
        *(f"{low}–{high} {unit}" for low, high in pairwise(LIMITS)),
        f"≥ {LIMITS[-1]} {unit}",
    ]


def _x(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, WIDTH], "nice": False}, "axis": None}


def _y(field: str) -> Spec:
    # Down the page, as places are counted; nothing is cut off below.
    return {"field": field, "type": "quantitative", "scale": {"reverse": True, "nice": False, "zero": True}, "axis": None}


def _ways(chart: ProcessMap, middles: Sequence[Place], sizes: Sizes, names: Sequence[str]) -> list[Spec]:
    most = max(chart.taken, default=1)
    points, heads = [], []
    # The widest are drawn first, so that none hides a narrow one.
    for at, ((start, end), taken, days) in enumerate(zip(chart.ways, chart.taken, chart.days, strict=True)):
        path = _path(middles[start], middles[end], sizes)
        delay = names[sum(days >= limit for limit in LIMITS)]
        width = max(THINNEST, WIDEST * taken / most)
        points += [{"way": at, "at": step, "x": x, "y": y, "w": width, "delay": delay} for step, (x, y) in enumerate(path)]
        (x0, y0), (x1, y1) = path[-3], path[-1]
        angle = math.degrees(math.atan2(x1 - x0, y0 - y1))
        heads.append({"x": x1, "y": y1, "angle": angle, "delay": delay, "size": 34 + 9 * width})
    colour: Spec = {
        "field": "delay",
        "type": "nominal",
        "scale": {"domain": list(names), "range": list(DELAYS)},
        "legend": {"columns": len(names), "symbolType": "stroke", "symbolStrokeWidth": 4},
    }
    line = {
        "data": {"values": points},
        "mark": {"type": "line", "opacity": 0.85, "strokeCap": "butt"},
        "encoding": {
            "x": _x("x"),
            "y": _y("y"),
            "detail": {"field": "way"},
            "order": {"field": "at"},
            "strokeWidth": {"field": "w", "type": "quantitative", "scale": None},
            "color": colour,
        },
    }
    arrow = {
        "data": {"values": heads},
        "mark": {"type": "point", "shape": "triangle", "filled": True, "opacity": 1},
        "encoding": {
            "x": _x("x"),
            "y": _y("y"),
            "angle": {"field": "angle", "type": "quantitative", "scale": None},
            "size": {"field": "size", "type": "quantitative", "scale": None},
            "color": {**colour, "legend": None},
        },
    }
    return [line, arrow]


def _path(start: Place, end: Place, sizes: Sizes) -> list[Place]:
    """Forward from side to side, past the boxes between; back in an arc beneath; up or down within a column."""
    (x0, y0), (x1, y1) = start, end
    box, half, gap = sizes.box, sizes.tall / 2, 5.0
    if x1 > x0 + box / 2:
        bow = 0.0 if abs(y1 - y0) > 1 or x1 - x0 < box * 2.2 else -sizes.lane * 0.62
        first, last = (x0 + box / 2, y0), (x1 - box / 2 - gap, y1)
        reach = (last[0] - first[0]) / 2
        if bow:
            first, last = (x0 + box / 4, y0 - half), (x1 - box / 4, y1 - half - gap)
            return _bezier(first, (first[0] + 20, y0 + bow), (last[0] - 20, y1 + bow), last)
        return _bezier(first, (first[0] + reach, y0), (last[0] - reach, y1), last)
    if abs(x1 - x0) <= box / 2:
        side = 1 if y1 > y0 else -1
        first, last = (x0 - 8 * side, y0 + half * side), (x1 - 8 * side, y1 - (half + gap) * side)
        return _bezier(first, first, last, last)
    first, last = (x0 - box / 5, y0 + half), (x1 + box / 5, y1 + half + gap)
    deep = max(y0, y1) + half + 30
    return _bezier(first, (first[0], deep), (last[0], deep), last)


def _bezier(first: Place, leaving: Place, arriving: Place, last: Place) -> list[Place]:
    made = []
    for step in range(CURVE_POINTS + 1):
        t = step / CURVE_POINTS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        corners = (first, leaving, arriving, last)
        x, y = (sum(weight * corner[axis] for weight, corner in zip(weights, corners, strict=True)) for axis in (0, 1))
        made.append((round(x, 2), round(y, 2)))
    return made


def _boxes(middles: Sequence[Place], sizes: Sizes) -> Spec:
    box, tall = sizes.box, sizes.tall
    values = [{"x": x - box / 2, "x2": x + box / 2, "y": y - tall / 2, "y2": y + tall / 2} for x, y in middles]
    mark = {"type": "rect", "color": "#F3F5F9", "stroke": "#8A93A5", "strokeWidth": 1, "cornerRadius": 5, "opacity": 1}
    encoding = {"x": _x("x"), "x2": {"field": "x2"}, "y": _y("y"), "y2": {"field": "y2"}}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _labels(chart: ProcessMap, steps: Sequence[Sequence[str]], middles: Sequence[Place], language: Language) -> list[Spec]:
    """The step's name in its lines, and beneath it how many cases come there."""
    names, counts = [], []
    for lines, cases, (x, y) in zip(steps, chart.cases, middles, strict=True):
        top = y - LINE * len(lines) / 2
        names += [{"x": x, "y": top + LINE * at, "text": line} for at, line in enumerate(lines)]
        text = say("map_cases", cases=Number(cases))[language]
        counts.append({"x": x, "y": top + LINE * len(lines) + 2, "text": text})
    return [
        {
            "data": {"values": values},
            "mark": {"type": "text", "fontSize": FONT_SIZE - less, "color": colour, "fontWeight": weight},
            "encoding": {"x": _x("x"), "y": _y("y"), "text": {"field": "text"}},
        }
        for values, less, colour, weight in ((names, 1.5, INK, "bold"), (counts, 2.5, SOFT, "normal"))
    ]


def _in_lines(text: str, box: float) -> list[str]:
    """A name in as many lines as it takes, of about one length; cut only where even the most lines do not hold it."""
    parts = text.split(" ") if " " in text else list(text)
    joiner = " " if " " in text else ""
    for most in range(1, MOST_LINES + 1):
        lines = _filled(parts, joiner, max(text_width(text, NAME_SIZE) / most * 1.08, NAME_SIZE * 4), box)
        if len(lines) <= most:
            return lines
    lines = _filled(parts, joiner, box, box)
    kept, rest = lines[: MOST_LINES - 1], lines[MOST_LINES - 1 :]
    return [_fitting(line, box) for line in [*kept, *([joiner.join(rest)] if rest else [])]]


def _filled(parts: Sequence[str], joiner: str, wanted: float, box: float) -> list[str]:
    """Parts one after the other into lines of at most a length, which is no more than the box holds."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{joiner}{part}" if lines else part
        if lines and text_width(longer, NAME_SIZE) <= min(wanted, box - 6):
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _fitting(text: str, box: float) -> str:
    """Cut where a name is too long for its box."""
    while text_width(text, NAME_SIZE) > box and len(text) > 4:
        text = text[:-2].rstrip() + "…"
    return text
