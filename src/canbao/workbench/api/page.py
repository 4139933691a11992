"""The interface as people read it, from the same description that programmes get."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from canbao.workbench.api.interface import interface
from canbao.workbench.api.shapes import say
from canbao.workbench.pages.page import render


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every operation with what it takes."""
    schema = interface.get_openapi_schema()
    operations: list[dict[str, Any]] = [
        {"path": path, "method": method.upper(), "name": one["operationId"], "takes": _takes(one, schema)}
        for path, methods in schema["paths"].items()
        for method, one in methods.items()
    ]
    return render(request, "api/page.html", say, operations=operations, example=request.build_absolute_uri("/api/1/"))


def _takes(operation: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    names = [one["name"] for one in operation.get("parameters", [])]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    shape = schema["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
    return [*names, *shape.get("properties", {})]
