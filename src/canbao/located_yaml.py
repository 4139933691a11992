"""YAML files that people write: read strictly, every fault with its line and column and the nearest right name.

YAML 1.2's core types only: `yes` and `no` are the words that they look like, `41_48` is no number and a date stays text
until a model asks for one. A key that stands twice is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words

say = Catalogue("canbao", "located_yaml")

PathInFile = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)


class Entry(BaseModel):
    """A mapping in a YAML file whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Bilingual(Entry):
    """A text in both languages."""

    en: str
    zh: str

    @property
    def words(self) -> Words:
        """The text as words."""
        return Words(self.en, self.zh)


class YamlFile:
    """A YAML file that remembers where each of its entries stands.

    Args:
        path: the file.

    Raises:
        InputError: the file is missing, not UTF-8, or not YAML; or a key stands twice in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._root = _compose(path)
        self.content: Any = _CoreLoader("").construct_document(self._root) if self._root is not None else {}

    def place(self, keys: Iterable[int | str]) -> Place:
        """Where the entry under these keys stands; the nearest enclosing one if it is missing."""
        node = self._root
        mark = node.start_mark if node is not None else None
        for key in keys:
            found = _child(node, key)
            if found is None:
                break
            node, mark = found
        if mark is None:
            return Place(self.path)
        return Place(self.path, mark.line + 1, mark.column + 1)

    def validate(self, model: type[Model]) -> Model:
        """The content as a model.

        Raises:
            InputError: all unknown keys, missing keys and wrong values at once.
        """
        content = self.content if self.content is not None else {}
        try:
            return model.model_validate(content)
        except ValidationError as error:
            raise InputError([self._fault(model, details) for details in error.errors()]) from None

    def _fault(self, model: type[BaseModel], details: ErrorDetails) -> Fault:
        keys = tuple(details["loc"])
        # A place in a list is no name: the list's own is.
        name = next((key for key in reversed(keys) if isinstance(key, str)), "")
        match details["type"]:
            case "extra_forbidden":
                remedy = did_you_mean(name, _known_keys(model, keys[:-1]))
                return Fault(say("unknown_key", name=name), self.place(keys), remedy)
            case "missing":
                return Fault(say("missing_key", name=name), self.place(keys[:-1]))
            case "literal_error" | "enum":
                allowed = re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))
                remedy = did_you_mean(str(details["input"]), allowed)
                return Fault(say("wrong_choice", name=name, value=_shown(details["input"])), self.place(keys), remedy)
            case _:
                expected = _expected(details)
                return Fault(
                    say("wrong_value", name=name, value=_shown(details["input"]), expected=expected), self.place(keys)
                )


def read(path: Path, model: type[Model]) -> Model:
    """A YAML file as a model; see `YamlFile` for its faults."""
    return YamlFile(path).validate(model)


def read_text(path: Path) -> str:
    """A text file in UTF-8.

    Raises:
        InputError: it is missing, a folder, unreadable, or in another encoding.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        near = did_you_mean(path.name, (other.name for other in path.parent.glob("*"))) if path.parent.is_dir() else None
        raise InputError(Fault(say("no_file"), Place(path), near)) from None
    except IsADirectoryError:
        raise InputError(Fault(say("is_folder"), Place(path))) from None
    except PermissionError:
        raise InputError(Fault(say("not_readable"), Place(path))) from None
    except UnicodeDecodeError:
        raise InputError(Fault(say("not_utf8"), Place(path))) from None


class _CoreLoader(yaml.CSafeLoader):
    """YAML 1.2 core types."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own pattern


_CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))
_CoreLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(null|~|)$"), ["n", "~", ""])
_CoreLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$"),
    list("-+.0123456789"),
)
# A decimal integer such as 011 is the number eleven, never octal.
_CoreLoader.add_constructor(
    "tag:yaml.org,2002:int",
    lambda loader, node: int(loader.construct_scalar(node)),  # type: ignore[arg-type]
)


def _compose(path: Path) -> yaml.Node | None:
    text = read_text(path)
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_CoreLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(path, mark.line + 1, mark.column + 1) if mark else Place(path)
        raise InputError(Fault(say("not_yaml", problem=error.problem or ""), place)) from None
    except yaml.YAMLError as error:
        raise InputError(Fault(say("not_yaml", problem=str(error)), Place(path))) from None
    except RecursionError:
        raise InputError(Fault(say("too_deep"), Place(path))) from None
    if root is None:
        return None
    raise_all(
        [
            Fault(say("duplicate_key", name=key.value), Place(path, key.start_mark.line + 1, key.start_mark.column + 1))
            for key in _duplicate_keys(root)
        ]
    )
    if not isinstance(root, yaml.MappingNode):
        raise InputError(Fault(say("not_mapping"), Place(path, 1, 1)))
    return root


def _duplicate_keys(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    visited: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if id(current) in visited:  # an alias may point back
            continue
        visited.add(id(current))
        if isinstance(current, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in current.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        yield key
                    seen.add(key.value)
                waiting.append(value)
        elif isinstance(current, yaml.SequenceNode):
            waiting.extend(current.value)


def _child(node: yaml.Node | None, key: int | str) -> tuple[yaml.Node, yaml.Mark] | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value == str(key):
                return value, name.start_mark
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        value = node.value[key]
        return value, value.start_mark
    return None


def _known_keys(model: type[BaseModel], keys: PathInFile) -> list[str]:
    """The field names allowed at a place in the file, found by following the model's annotations."""
    models: list[type[BaseModel]] = [model]
    if issubclass(model, RootModel):
        models = _models_within(model.model_fields["root"].annotation)
    for key in keys:
        following: list[type[BaseModel]] = []
        for one in models:
            field = one.model_fields.get(str(key)) or next(
                (field for field in one.model_fields.values() if field.alias == key), None
            )
            following += _models_within(field.annotation) if field is not None else []
        models = following or models
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _models_within(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_within(argument)]


def _expected(details: ErrorDetails) -> Words:
    """What a value should have been, in both languages where the fault is a common one."""
    kind = details["type"].removesuffix("_type").removesuffix("_parsing").removesuffix("_from_date")
    if f"expected_{kind}" in say:
        return say(f"expected_{kind}")
    return Words.same(details["msg"].removeprefix("Value error, "))


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
