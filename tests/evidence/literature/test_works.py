"""Bibliographies in, works and citations out, in each language's own style."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.evidence import read_literature
from canbao.evidence.literature.works import place_of
from canbao.languages import Words

BIB = """
@article{li2020, author = {Li, Ming and Wang, Fang},
  title = {Riders and their insurance}, journal = {Labour}, year = {2020},
  keywords = {platform},
  annotation = {Few are insured. || 参保者少。}}
@book{zhang2019, author = {张三}, title = {社会保险研究}, publisher = {人民出版社}, year = {2019}}
"""
RIS = "TY  - JOUR\nAU  - Smith, Ann\nTI  - Gig work\nJO  - Work\nPY  - 2021\nID  - smith\nER  - \n"


def test_works_citations_and_entries(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(BIB, encoding="utf-8")
    (tmp_path / "b.ris").write_text(RIS, encoding="utf-8")
    literature = read_literature([tmp_path / "a.bib", tmp_path / "b.ris"])
    assert [work.year for work in literature.works] == ["2019", "2020", "2021"]
    assert "2020" in literature.citations["li2020"].en
    assert literature.citations["li2020"].en != literature.citations["li2020"].zh
    assert literature.works[1].finding is not None and literature.works[1].finding.zh == "参保者少。"
    assert {key for key, _ in literature.entries["zh"]} == {"li2020", "zhang2019", "smith"}
    assert literature.files == {"li2020": tmp_path / "a.bib", "zhang2019": tmp_path / "a.bib", "smith": tmp_path / "b.ris"}


PUBLISHED = """
@book{tang, author={唐绪军}, title={报业经济与报业经营}, address={北京}, publisher={新华出版社}, year={1999},
  langid={chinese}, pages={117--121}}
@article{yuan, author={袁训来 and 陈哲 and 肖书海 and 万斌}, year={2012}, langid={chinese},
  title={蓝田生物群: 一个认识多细胞生物起源和早期演化的新窗口}, journal={科学通报}, volume={55}, number={34}, pages={3219}}
@article{kanamori, author={Kanamori, H.}, title={Shaking without quaking}, journal={Science}, year={1998},
  volume={279}, number={5359}, pages={2063}}
@article{keng, author={Keng, Shao-Hsun and Lin, Chun-Hung and Orazem, Peter F.}, journal={Journal of Human Capital},
  title={Expanding College Access in {Taiwan}, 1978--2014: Effects on Graduate Quality and Income Inequality},
  volume={11}, number={1}, pages={1--34}, year={2017}}
"""
GB_T_7714 = {
    "tang": "唐绪军, 1999. 报业经济与报业经营[M]. 北京: 新华出版社: 117-121.",
    "yuan": "袁训来, 陈哲, 肖书海, 等, 2012. 蓝田生物群: 一个认识多细胞生物起源和早期演化的新窗口[J]. "
    "科学通报, 55(34): 3219.",
    "kanamori": "KANAMORI H, 1998. Shaking without quaking[J]. Science, 279(5359): 2063.",
}
"""Examples of GB/T 7714-2015 (8.1 to 8.8), in its author-date form (10.2)."""

CHICAGO = (
    "Keng, Shao-Hsun, Chun-Hung Lin, and Peter F. Orazem. 2017. “Expanding College Access in Taiwan, 1978–2014: Effects on "
    "Graduate Quality and Income Inequality.” *Journal of Human Capital* 11 (1): 1–34."
)
"""From the quick guide of the Chicago Manual of Style, 17th edition."""


def test_entries_are_as_the_standards_print_them(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(PUBLISHED, encoding="utf-8")
    literature = read_literature([tmp_path / "a.bib"])
    chinese = {key: entry.replace("\\", "") for key, entry in literature.entries["zh"]}
    assert {key: chinese[key] for key in GB_T_7714} == GB_T_7714
    assert dict(literature.entries["en"])["keng"] == CHICAGO


def test_each_language_names_a_work_in_its_own_words(tmp_path: Path) -> None:
    written = """
    @article{riders, author = {{Peking University || 北京大学}}, title = {[Riders' cover] || 骑手调查}, year = {2025},
      journal = {Labour || 劳动}, annotation = {Few are insured. || 参保者少。}}
    @article{many, author = {Li, A. and Wu, B. and Xu, C. and Yu, D.}, title = {Gig work}, year = {2024}, journal = {Work}}
    """
    (tmp_path / "a.bib").write_text(written, encoding="utf-8")
    literature = read_literature([tmp_path / "a.bib"])
    english, chinese = (dict(literature.entries[language]) for language in ("en", "zh"))
    assert "Riders" in english["riders"] and "骑手" not in english["riders"] + literature.citations["riders"].en
    assert chinese["riders"].startswith("北京大学") and "劳动" in chinese["riders"] and "Riders" not in chinese["riders"]
    assert literature.citations["riders"].zh == "(北京大学，2025)"
    assert [work.title for work in literature.works] == ["Gig work", "[Riders’ cover]"]
    assert "||" not in "".join([*english.values(), *chinese.values()])
    assert ", et al., 2024" in chinese["many"]


def test_a_key_that_is_used_twice(tmp_path: Path) -> None:
    for name in ("a.bib", "b.bib"):
        (tmp_path / name).write_text(BIB, encoding="utf-8")
    with pytest.raises(InputError, match="li2020"):
        read_literature([tmp_path / "a.bib", tmp_path / "b.bib"])


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.enw").write_text("x")
    with pytest.raises(InputError, match="enw"):
        read_literature([tmp_path / "a.enw"])


def test_no_literature_is_no_fault() -> None:
    assert read_literature([]).works == ()


# --- RIS ------------------------------------------------------------------------------------------------------------------


def ris(*records: str) -> str:
    return "".join(f"TY  - JOUR\n{record}\nER  - \n" for record in records)


EXPORTED = ris(
    "AU  - Kanamori, H.\nTI  - Shaking without quaking\nJO  - Science\nVL  - 279\nIS  - 5359\nSP  - 2063\nPY  - 1998\n"
    "DO  - https://doi.org/10.1126/SCIENCE.279.5359.2063\nKW  - injury\nKW  - platform",
    "AU  - Kanamori, H.\nTI  - Another paper\nPY  - 1998",
    "AU  - 唐绪军\nTI  - 报业经济与报业经营\nPY  - 1999",
    "TI  - Neither author nor year",
)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_databases_export(tmp_path: Path, ending: str, mark: str) -> None:
    """Without keys, with a byte order mark, with the line ends of Windows."""
    path = tmp_path / "a.ris"
    path.write_bytes((mark + EXPORTED.replace("\n", ending)).encode())
    works = {work.key: work for work in read_literature([path]).works}
    assert set(works) == {"Kanamori_1998", "Kanamori_1998b", "唐绪军_1999", "Neither"}
    assert works["Kanamori_1998"].doi == "10.1126/science.279.5359.2063"
    assert set(works["Kanamori_1998"].themes) == {"injury", "platform"}
    assert works["Neither"].year == ""


def test_keys_that_are_stated_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.ris"
    path.write_text(ris("AU  - A, B.\nTI  - One\nPY  - 2001\nID  - A_2002", "AU  - A, B.\nTI  - Two\nPY  - 2002"))
    assert {work.title: work.key for work in read_literature([path]).works} == {"One": "A_2002", "Two": "A_2002b"}


def test_a_record_without_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.ris"
    path.write_text(EXPORTED + "TY  - RPRT\nAU  - B, C.\nPY  - 2016\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.ris:\d+: .*ER"):
        read_literature([path])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(["a.bib", "a.ris"]))
def test_rubbish_is_refused_in_words(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    try:
        read_literature([path])
    except InputError as error:
        assert all(fault.place.file == path for fault in error.faults)


# --- what the programme cites ---------------------------------------------------------------------------------------------

PROGRAMME = """
@article{riders, author = {Li, Ming and Wang, Fang}, title = {Riders, and Their Insurance!}, journal = {X}, year = {2020}}
@book{other, author = {Else, Some}, title = {Other}, publisher = {P}, year = {2001}}
"""


def test_a_work_that_the_study_has_is_listed_once(tmp_path: Path) -> None:
    (tmp_path / "own.bib").write_text(BIB, encoding="utf-8")
    (tmp_path / "programme.bib").write_text(PROGRAMME, encoding="utf-8")
    literature = read_literature([tmp_path / "own.bib"], [tmp_path / "programme.bib"])
    assert [work.key for work in literature.works] == ["zhang2019", "li2020"]
    assert literature.key("riders") == "li2020" and literature.key("other") == "other"
    assert set(literature.citations) == {"zhang2019", "li2020", "other"}


def test_another_work_under_a_key_of_the_programme(tmp_path: Path) -> None:
    (tmp_path / "own.bib").write_text(BIB.replace("zhang2019", "other"), encoding="utf-8")
    (tmp_path / "programme.bib").write_text(PROGRAMME, encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.bib:6: .*other"):
        read_literature([tmp_path / "own.bib"], [tmp_path / "programme.bib"])


def test_where_a_work_stands(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(BIB, encoding="utf-8")
    (tmp_path / "b.ris").write_text(RIS, encoding="utf-8")
    assert place_of("zhang2019", tmp_path / "a.bib").line == 6
    assert place_of("smith", tmp_path / "b.ris").line == 6
    assert place_of("li", tmp_path / "a.bib").line is None


def test_names_stand_in_latin_letters_in_english_and_whole_in_chinese(tmp_path: Path) -> None:
    written = """
    @article{two, author = {{Li || 李}, {Yashi || 雅诗} and {Yuan || 原}, {Zhang || 彰}}, title = {A || 甲}, year = {2022}}
    @article{one, author = {{Zhao || 赵}, {Qing || 青}}, title = {B || 乙}, year = {2023}}
    """
    (tmp_path / "a.bib").write_text(written, encoding="utf-8")
    literature = read_literature([tmp_path / "a.bib"])
    assert literature.citations["two"] == Words("(Li and Yuan 2022)", "(李雅诗等，2022)")
    assert literature.citations["one"] == Words("(Zhao 2023)", "(赵青，2023)")
    english, chinese = (dict(literature.entries[language]) for language in ("en", "zh"))
    assert english["two"].startswith("Li, Yashi, and Zhang Yuan. 2022.")
    assert chinese["two"].startswith("李雅诗, 原彰, 2022.")


def test_works_that_nobody_signed_are_told_apart(tmp_path: Path) -> None:
    written = """
    @online{a, title = {[Riders who stay, by a survey] || [骑手从业时长，调查]}}
    @online{b, title = {[Pay] || [收入：媒体报道]}, year = {2025}}
    """
    (tmp_path / "a.bib").write_text(written, encoding="utf-8")
    literature = read_literature([tmp_path / "a.bib"])
    assert literature.citations["a"].zh == "（“骑手从业时长”，年份不详）"
    assert literature.citations["b"].zh == "（“收入”，2025）"
    assert not any("佚名" in entry for _, entry in literature.entries["zh"])
