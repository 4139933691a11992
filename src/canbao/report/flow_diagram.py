"""How many came how far, drawn as boxes from top to bottom, with those who were left out beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from canbao.chapters.document import FlowDiagram
from canbao.languages import Catalogue, Language, Number, Words
from canbao.report.chart_style import FONT_SIZE, INK, Spec, text_width

say = Catalogue("canbao.report", "words")

BOX = 310.0
"""Width of a box."""

GAP = 40.0
"""Between a box and what was left out there."""

LINE, MARGIN, STEP = 16.0, 9.0, 26.0
"""Height of a line of text, above and below it in a box, and between two boxes: room for an arrow."""

WIDTH = 2 * BOX + GAP


@dataclass(frozen=True, slots=True)
class _Box:
    """A box with its lines, placed."""

    x: float
    middle: float
    lines: tuple[str, ...]

    @property
    def half(self) -> float:
        return len(self.lines) * LINE / 2 + MARGIN


def flow_diagram(chart: FlowDiagram, language: Language) -> Spec:
    """The specification of a flow diagram."""
    stages, aside = [], []
    top = 1.0
    for told, left in zip(chart.stages, chart.left, strict=True):
        lines, beside = _lines(told, language), _lines(left, language)
        middle = top + max(len(lines), len(beside)) * LINE / 2 + MARGIN
        stages.append(_Box(0, middle, lines))
        aside.append(_Box(BOX + GAP, middle, beside) if beside else None)
        top = middle + max(len(lines), len(beside)) * LINE / 2 + MARGIN + STEP
    boxes = [*stages, *(one for one in aside if one is not None)]
    down = [(BOX / 2, one.middle + one.half, BOX / 2, two.middle - two.half) for one, two in pairwise(stages)]
    across = [(BOX, one.middle, BOX + GAP, one.middle) for one, beside in zip(stages, aside, strict=True) if beside]
    layers = [*_arrows([*down, *across]), _frames(boxes), _texts(boxes)]
    return {"width": WIDTH, "height": top - STEP + 1, "layer": [_fixed(one, top - STEP + 1) for one in layers]}


def _lines(told: Sequence[tuple[Words, int]], language: Language) -> tuple[str, ...]:
    """Each with its number, broken where it is too long for a box."""
    counted = (say("flow_count", what=words, count=Number(count))[language] for words, count in told)
    return tuple(line for text in counted for line in _broken(text, BOX - 2 * MARGIN))


def _broken(text: str, room: float) -> list[str]:
    words, joiner = (text.split(" "), " ") if " " in text else (list(text), "")
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]}{joiner}{word}"
        if text_width(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _fixed(layer: Spec, height: float) -> Spec:
    """In dots from the upper left corner, whatever is drawn."""
    domains = {"x": [0, WIDTH], "y": [0, height]}
    for axis, domain in domains.items():
        scale = {"domain": domain, "nice": False, "zero": False, "reverse": axis == "y"}
        layer["encoding"][axis] = {"field": axis, "type": "quantitative", "scale": scale, "axis": None}
    return layer


def _frames(boxes: Sequence[_Box]) -> Spec:
    values = [{"x": one.x, "x2": one.x + BOX, "y": one.middle - one.half, "y2": one.middle + one.half} for one in boxes]
    mark = {"type": "rect", "color": "#F3F5F9", "stroke": "#8A93A5", "strokeWidth": 1, "cornerRadius": 5, "opacity": 1}
    return {"data": {"values": values}, "mark": mark, "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}}}


def _texts(boxes: Sequence[_Box]) -> Spec:
    values = [
        {"x": one.x + BOX / 2, "y": one.middle + (at - (len(one.lines) - 1) / 2) * LINE, "text": line}
        for one in boxes
        for at, line in enumerate(one.lines)
    ]
    mark = {"type": "text", "fontSize": FONT_SIZE, "color": INK}
    return {"data": {"values": values}, "mark": mark, "encoding": {"text": {"field": "text"}}}


def _arrows(ways: Sequence[tuple[float, float, float, float]]) -> list[Spec]:
    lines = [{"x": x, "y": y, "x2": x2, "y2": y2} for x, y, x2, y2 in ways]
    heads = [{"x": x2 - 4 * (x2 > x), "y": y2 - 4 * (y2 > y), "angle": 90 if x2 > x else 180} for x, y, x2, y2 in ways]
    colour = "#8A93A5"
    head = {"type": "point", "shape": "triangle", "filled": True, "color": colour, "size": 70, "opacity": 1}
    return [
        {
            "data": {"values": lines},
            "mark": {"type": "rule", "color": colour, "strokeWidth": 1.5},
            "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}},
        },
        {
            "data": {"values": heads},
            "mark": head,
            "encoding": {"angle": {"field": "angle", "type": "quantitative", "scale": None}},
        },
    ]
