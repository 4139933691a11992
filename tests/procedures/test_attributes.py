"""Attributes of cases are called by names, and what nobody named is printed as the log has it."""

import pytest

from canbao.languages import LANGUAGES
from canbao.procedures.attributes import attribute_label, attribute_value_label
from canbao.procedures.simulation.process_model import ProcessModel, find_model, shipped_models


@pytest.mark.parametrize("model", [find_model(name) for name in shipped_models()], ids=shipped_models())
def test_attributes_of_shipped_models_have_names_in_both_languages(model: ProcessModel) -> None:
    for name in model.attribute_names:
        if name == "procedure":
            continue
        assert "_" not in str(attribute_label(name)["en"]) and attribute_label(name)["zh"] != name
        for value in model.values_of(name):
            label = attribute_value_label(name, value)
            assert label["en"] != value and label["zh"] != value, (name, value)


def test_what_nobody_named_is_printed_as_it_is() -> None:
    assert {attribute_label("柜台号")[one] for one in LANGUAGES} == {"柜台号"}
    assert attribute_value_label("channel", "fax")["zh"] == "fax"


@pytest.mark.parametrize("blank", [None, "not_said"])
def test_a_blank_is_told(blank: str | None) -> None:
    assert attribute_value_label("channel", blank)["zh"] == "未注明"
