"""Templates: Jinja2, everything escaped, a missing name is an error."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils.timezone import localtime
from jinja2 import Environment, StrictUndefined

from canbao.languages import Number, Words


def environment(**options: Any) -> Environment:
    """As Django asks for it."""
    options.update(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made = Environment(**options)
    made.globals.update(static=static, url=reverse, Number=Number, study_day=Words.day, local=localtime)
    return made
