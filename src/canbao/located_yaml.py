"""YAML files that people write: read strictly, every fault with its line and column and the nearest right name.

YAML 1.2's core types only: `yes` and `no` are the words that they look like, `41_48` is no number and a date stays text
until a model asks for one. A key that stands twice is a fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails

from canbao.errors import Fault, InputError, Place, did_you_mean, raise_all
from canbao.languages import Catalogue, Words, joined

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
        text: what is read as YAML, with its lines where they stand in the file, where the file holds more than that.

    Raises:
        InputError: the file is missing, not UTF-8, or not YAML; or a key stands twice in it.
    """

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self._root = _compose(path, read_text(path) if text is None else text)
        self.content: Any = _content(path, self._root) if self._root is not None else {}

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
            raise InputError(self._faults(model, error.errors())) from None

    def _faults(self, model: type[BaseModel], errors: Sequence[ErrorDetails]) -> list[Fault]:
        """One fault for each place: where a value may be of several kinds, each kind complains for itself."""
        found: dict[PathInFile, list[ErrorDetails]] = {}
        for details in errors:
            found.setdefault(self._written(details), []).append(details)
        # Of two kinds, the one whose parts are at fault is the one that was meant.
        inner = {keys[:length] for keys in found for length in range(len(keys))}
        meant = {keys: several for keys, several in found.items() if keys not in inner or not _is_wrong_kind(several)}
        return [self._fault(model, keys, several) for keys, several in meant.items()]

    def _written(self, details: ErrorDetails) -> PathInFile:
        """The keys as they stand in the file, without the names of the kinds that were tried."""
        keys = details["loc"]
        last = keys[-1:] if details["type"] in ("missing", "extra_forbidden") else ()
        node, written = self._root, []
        for key in keys[: len(keys) - len(last)]:
            child = _child(node, key)
            if child is not None:
                node = child[0]
                written.append(key)
        return (*written, *last)

    def _fault(self, model: type[BaseModel], keys: PathInFile, several: Sequence[ErrorDetails]) -> Fault:
        details = several[0]
        # A place in a list is no name: the list's own is.
        name = next((key for key in reversed(keys) if isinstance(key, str)), "")
        shown = _shown(details["input"])
        match details["type"]:
            case "extra_forbidden":
                remedy = did_you_mean(name, _known_keys(model, details["loc"][:-1]))
                return Fault(say("unknown_key", name=name), self.place(keys), remedy)
            case "missing":
                return Fault(say("missing_key", name=name), self.place(keys[:-1]))
            case "literal_error" | "enum":
                allowed = re.findall(r"'([^']*)'", str(details.get("ctx", {}).get("expected", "")))
                remedy = did_you_mean(str(details["input"]), allowed)
                return Fault(say("wrong_choice", name=name, value=shown), self.place(keys), remedy)
        expected = joined(dict.fromkeys(_expected(one) for one in several), en="; or ", zh="；或")
        if "[key]" in details["loc"]:
            return Fault(say("wrong_key", value=shown, expected=expected), self.place(keys))
        key = "wrong_value" if name else "wrong_content"
        return Fault(say(key, name=name, value=shown, expected=expected), self.place(keys))


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


_MAPPING, _SEQUENCE, _STRING = (f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))


def _compose(path: Path, text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_CoreLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(Fault(say("not_yaml", problem=error.problem or ""), _place(path, mark))) from None
    except yaml.YAMLError as error:
        raise InputError(Fault(say("not_yaml", problem=str(error)), Place(path))) from None
    except RecursionError:
        raise InputError(Fault(say("too_deep"), Place(path))) from None
    if root is None:
        return None
    raise_all([Fault(say("duplicate_key", name=key.value), _place(path, key.start_mark)) for key in _duplicate_keys(root)])
    if not isinstance(root, yaml.MappingNode):
        raise InputError(Fault(say("not_mapping"), Place(path, 1, 1)))
    return root


def _content(path: Path, root: yaml.Node) -> Any:
    """The content, of plain kinds only."""
    raise_all([Fault(say("tag", tag=_tag(node)), _place(path, node.start_mark)) for node in _tagged(root)])
    try:
        return _CoreLoader("").construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(Fault(say("not_yaml", problem=error.problem or ""), _place(path, mark))) from None
    except (ValueError, RecursionError):
        # A whole number of thousands of digits, or a list within itself.
        raise InputError(Fault(say("too_deep"), Place(path))) from None


def _tagged(root: yaml.Node) -> Iterator[yaml.Node]:
    """Nodes with a tag that somebody wrote and that is not what their content is."""
    loader = _CoreLoader("")
    for node in _nodes(root):
        if isinstance(node, yaml.ScalarNode):
            kind = loader.resolve(yaml.ScalarNode, node.value, (True, False))  # type: ignore[no-untyped-call]
            plain = {_STRING, kind}
        else:
            plain = {_MAPPING if isinstance(node, yaml.MappingNode) else _SEQUENCE}
        if node.tag not in plain:
            yield node


def _tag(node: yaml.Node) -> str:
    return str(node.tag).replace("tag:yaml.org,2002:", "!!")


def _place(path: Path, mark: yaml.Mark | None) -> Place:
    return Place(path, mark.line + 1, mark.column + 1) if mark is not None else Place(path)


def _nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    """Every node once, keys included."""
    visited: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in visited:  # an alias may point back
            continue
        visited.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def _duplicate_keys(root: yaml.Node) -> Iterator[yaml.ScalarNode]:
    for node in _nodes(root):
        seen: set[str] = set()
        for key in (pair[0] for pair in node.value if isinstance(node, yaml.MappingNode)):
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)


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


def _is_wrong_kind(several: Sequence[ErrorDetails]) -> bool:
    return all(details["type"].endswith("_type") for details in several)


def _expected(details: ErrorDetails) -> Words:
    """What a value should have been, in both languages where the fault is a common one."""
    kind = details["type"].removesuffix("_type").removesuffix("_parsing").removesuffix("_from_datetime")
    if f"expected_{kind}" in say:
        limits = {name: f"{limit:g}" for name, limit in details.get("ctx", {}).items() if isinstance(limit, int | float)}
        return say(f"expected_{kind}", **limits)
    return Words.same(details["msg"].removeprefix("Value error, "))


def _shown(value: object) -> str:
    """A value as a YAML file would have it, cut where it is long."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = "…"  # a list within itself
    return text if len(text) <= 60 else text[:57] + "…"
