"""Charts made of fields: every word and value of the chart is drawn, and nothing else."""

import re

import pytest

from canbao.chapters.document import Figure, Matrix, Point, ProcessMap, TileMap
from canbao.languages import LANGUAGES, Language, Words
from canbao.procedures.clocks import vocabulary
from canbao.report.chart_style import wrapped
from canbao.report.chart_tables import chart_table
from canbao.report.charts import draw
from canbao.report.fields import matrix, tile_map

MATRIX = Matrix(
    (Words("Here", "这里"), Words("There", "那里")),
    (Words("Employees", "雇员"), Words("Platform workers", "平台就业者"), Words("Employees", "雇员")),
    (Words("Pensions", "养老"), Words("Pensions", "养老"), Words("Injury", "工伤")),
    (Words("mandatory", "强制"), Words("none", "无")),
    ((0, 1, None), (0, 0, 1)),
)
MAP = TileMap(
    (Words("North", "北"), Words("East", "东"), Words("South", "南")),
    ((1, 0), (2, 1), (1, 2)),
    (Point(0.31), Point(None), Point(0.34)),
    Words("Share", "占比"),
)


def letters(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_matrix_has_a_word_in_every_field(language: Language) -> None:
    drawn = letters(draw(MATRIX, language))
    yes, no = (one[language] for one in MATRIX.categories)
    assert (drawn.count(yes), drawn.count(no), drawn.count("–")) == (3, 2, 1)
    assert {one[language] for one in (*MATRIX.rows, MATRIX.groups[0], MATRIX.groups[2])} <= set(drawn)
    assert drawn.count(MATRIX.groups[0][language]) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_map_of_tiles_names_every_place_and_value(language: Language) -> None:
    drawn = letters(draw(MAP, language))
    assert {one[language] for one in MAP.places} <= set(drawn)
    assert {"31.0%", "34.0%", "–", MAP.axis[language]} <= set(drawn)


def test_small_differences_get_colours_near_to_each_other() -> None:
    def darkness(values: tuple[float | None, ...]) -> list[int]:
        chart = TileMap(MAP.places, MAP.positions, tuple(Point(value) for value in values), MAP.axis)
        boxes = tile_map(chart, "en")["layer"][0]["data"]["values"]
        return [int(box["colour"][1:3], 16) for box in boxes if box["colour"] != "white"]

    near, far = darkness((0.31, None, 0.34)), darkness((0.1, None, 0.9))
    assert abs(near[0] - near[1]) < abs(far[0] - far[1]) / 3
    assert far[0] > far[1]
    assert len(set(darkness((0.5, 0.5, 0.5)))) == 1
    assert darkness((None, None, None)) == []


def test_letters_stand_out_from_their_field() -> None:
    boxes, words = (layer["data"]["values"] for layer in matrix(MATRIX, "en")["layer"][:2])
    for box, word in zip(boxes, words, strict=True):
        light = box["colour"] in ("white", "#E8A200", "#C5CAD3")
        assert (word["ink"] == "white") != light


def test_what_is_drawn_is_there_as_a_table() -> None:
    table = chart_table(Figure("m", Words.same("m"), MATRIX, Words.same("m")))
    assert [cell.content for cell in table.rows[0].cells[1:]] == [MATRIX.categories[0], MATRIX.categories[1], None]
    assert [column.group for column in table.columns] == [None, *MATRIX.groups]
    listed = chart_table(Figure("t", Words.same("t"), MAP, Words.same("t")))
    assert [row.cells[1].content is None for row in listed.rows] == [False, True, False]


def test_a_name_in_latin_letters_is_never_torn() -> None:
    assert wrapped("Heilongjiang", 60) == "Heilongjiang"
    assert wrapped("Inner Mongolia", 60) == "Inner\nMongolia"
    assert wrapped("新疆生产建设兵团", 60) == "新疆生产\n建设兵团"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("columns", [3, 5, 7])
def test_names_of_steps_stand_in_their_boxes_whole(language: Language, columns: int) -> None:
    names = [entry.label.words for entry in vocabulary().values()]
    places = tuple((at % columns, at // columns) for at in range(len(names)))
    chart = ProcessMap(tuple(names), (100,) * len(names), places, ((0, 1),), (100,), (3.0,))
    drawn = "".join(letters(draw(chart, language))).replace(" ", "")
    for name in names:
        assert name[language].replace(" ", "") in drawn
