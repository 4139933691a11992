"""Charts made of fields: a matrix of words, and places as tiles."""

from __future__ import annotations

from canbao.chapters.document import Matrix, TileMap
from canbao.languages import UNKNOWN, Language, Number
from canbao.report.chart_style import FONT_SIZE, GRID, INK, REST, SOFT, Spec, text_width, wrapped

STEPS = ("#1E2DBE", "#5566D0", "#E8A200", REST)
"""From the strongest to the weakest; the last for what is closed."""

DARK_ON = {"#E8A200", REST}
NARROWEST, TALL = 66.0, 21.0
WIDEST = 620.0
TILE, TILE_TALL = 68.0, 50.0
PALE, DEEP = "#EEF0FC", "#5566D0"
SCALE_STEPS = 6
LEAST_SPAN = 0.2
"""Shares nearer than this to each other get colours near to each other."""

DEEP_ENOUGH = 0.87
"""From so far up the scale letters are white, because these then have the higher contrast."""


def matrix(chart: Matrix, language: Language) -> Spec:
    """Rows and columns of words in colours."""
    rows, columns = [one[language] for one in chart.rows], [one[language] for one in chart.columns]
    words = [one[language] for one in chart.categories]
    labels = max(text_width(one) for one in rows) + 16
    widest = max(text_width(one) for one in [*words, *(part for one in columns for part in one.split(" "))])
    across = min(max(NARROWEST, widest + 14), (WIDEST - labels) / len(columns))
    width, height = across * len(columns), TALL * len(rows)
    fields: list[Spec] = []
    for row, found in enumerate(chart.fields):
        for column, at in enumerate(found):
            colour = "white" if at is None else STEPS[min(at, len(STEPS) - 1)]
            ink = SOFT if at is None else INK if colour in DARK_ON else "white"
            text = UNKNOWN if at is None else words[at]
            fields.append({"x": column * across, "y": row * TALL, "colour": colour, "ink": ink, "text": text})
    boxes = [{**one, "x2": one["x"] + across, "y2": one["y"] + TALL} for one in fields]
    middles = [{**one, "x": one["x"] + across / 2, "y": one["y"] + TALL / 2} for one in fields]
    layers = [_boxes(boxes, width, height), _letters(middles, width, height)]
    names = [{"x": -8.0, "y": row * TALL + TALL / 2, "text": name, "ink": INK} for row, name in enumerate(rows)]
    layers.append(_letters(names, width, height, align="right"))
    layers += _heads(chart, columns, across, language, width, height)
    return {"width": width, "height": height, "layer": layers}


def _heads(chart: Matrix, columns: list[str], across: float, language: Language, width: float, height: float) -> list[Spec]:
    """What each column is, in at most two lines, and over them what they belong to."""
    lines: list[Spec] = []
    for at, name in enumerate(columns):
        parts = wrapped(name, across + 8).split("\n")
        for number, part in enumerate(reversed(parts)):
            lines.append({"x": at * across + across / 2, "y": -10.0 - number * 13, "text": part, "ink": SOFT})
    groups: list[Spec] = []
    start = 0
    for at in range(1, len(columns) + 1):
        if at == len(columns) or chart.groups[at] != chart.groups[start]:
            middle = (start + at) / 2 * across
            groups.append({"x": middle, "y": -42.0, "text": chart.groups[start][language], "ink": INK})
            start = at
    return [_letters(lines, width, height), _letters(groups, width, height, bold=True)]


def tile_map(chart: TileMap, language: Language) -> Spec:
    """Places as tiles with their name and value."""
    known = [point.value for point in chart.values if point.value is not None]
    low, high = _ends(known, chart)
    columns = max(column for column, _ in chart.positions) + 1
    rows = max(row for _, row in chart.positions) + 1
    width, height = columns * TILE, rows * TILE_TALL
    boxes: list[Spec] = []
    names: list[Spec] = []
    for label, (column, row), point in zip(chart.places, chart.positions, chart.values, strict=True):
        value = point.value
        x, y = column * TILE, row * TILE_TALL
        share = 0.0 if value is None else (value - low) / (high - low) if high > low else 0.5
        colour = "white" if value is None else _between(share)
        ink = SOFT if value is None else "white" if share > DEEP_ENOUGH else INK
        boxes.append({"x": x + 1.5, "y": y + 1.5, "x2": x + TILE - 1.5, "y2": y + TILE_TALL - 1.5, "colour": colour})
        text = UNKNOWN if value is None else Number(value, chart.form).text(language)
        parts = wrapped(label[language], TILE + 6).split("\n")
        for number, part in enumerate([*parts, text]):
            top = y + TILE_TALL / 2 + (number - len(parts) / 2) * 13
            names.append({"x": x + TILE / 2, "y": top, "text": part, "ink": ink})
    title: list[Spec] = [{"x": 0.0, "y": -12.0, "text": chart.axis[language], "ink": SOFT}]
    layers = [_boxes(boxes, width, height), _letters(names, width, height, size=FONT_SIZE - 1.5)]
    layers += [_letters(title, width, height, align="left"), *_colour_scale(chart, (low, high), language, width, height)]
    return {"width": width, "height": height, "layer": layers}


def _colour_scale(chart: TileMap, ends: tuple[float, float], language: Language, width: float, height: float) -> list[Spec]:
    """What the colours stand for: steps from the pale to the deep end with the values of both, above the map."""
    each, reserved = 16.0, 46.0
    left = width - reserved - SCALE_STEPS * each
    boxes: list[Spec] = [
        {
            "x": left + at * each,
            "x2": left + (at + 1) * each,
            "y": -18.0,
            "y2": -7.0,
            "colour": _between(at / (SCALE_STEPS - 1)),
        }
        for at in range(SCALE_STEPS)
    ]
    low, high = (Number(one, chart.form).text(language) for one in ends)
    lowest: list[Spec] = [{"x": left - 6, "y": -12.0, "text": low, "ink": SOFT}]
    highest: list[Spec] = [{"x": width - reserved + 6, "y": -12.0, "text": high, "ink": SOFT}]
    return [
        _boxes(boxes, width, height),
        _letters(lowest, width, height, align="right"),
        _letters(highest, width, height, align="left"),
    ]


def _ends(known: list[float], chart: TileMap) -> tuple[float, float]:
    """Between which values colours run: so far apart that small differences do not look large."""
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    short = (LEAST_SPAN if chart.form in ("percent", "points") else 0.0) - (high - low)
    return (low - short / 2, high + short / 2) if short > 0 else (low, high)


def _between(share: float) -> str:
    """A colour between the pale and the deep end."""
    ends = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (PALE, DEEP)]
    mixed = (round(first + (last - first) * share) for first, last in zip(*ends, strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def _place(name: str, extent: float) -> Spec:
    """A position in dots from the left or the top."""
    domain = [0, extent] if name == "x" else [extent, 0]
    return {"field": name, "type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": None}


def _boxes(values: list[Spec], width: float, height: float) -> Spec:
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": GRID, "strokeWidth": 1},
        "encoding": {
            "x": _place("x", width),
            "x2": {"field": "x2"},
            "y": _place("y", height),
            "y2": {"field": "y2"},
            "color": {"field": "colour", "type": "nominal", "scale": None},
        },
    }


def _letters(
    values: list[Spec],
    width: float,
    height: float,
    *,
    align: str = "center",
    bold: bool = False,
    size: float = FONT_SIZE - 0.5,
) -> Spec:
    weight = "bold" if bold else "normal"
    return {
        "data": {"values": values},
        "mark": {"type": "text", "align": align, "baseline": "middle", "fontSize": size, "fontWeight": weight},
        "encoding": {
            "x": _place("x", width),
            "y": _place("y", height),
            "text": {"field": "text"},
            "color": {"field": "ink", "type": "nominal", "scale": None},
        },
    }
