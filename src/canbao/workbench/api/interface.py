"""The interface as django-ninja serves it: operations, and how each kind of fault is answered."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import JSONRenderer
from ninja.throttling import BaseThrottle

from canbao.errors import InputError
from canbao.languages import Catalogue
from canbao.workbench.api import calculator, seminar, study
from canbao.workbench.api.shapes import say
from canbao.workbench.pages.faults import AS_WRITTEN, TooManyError, as_json, fault_page, too_many
from canbao.workbench.pages.language import language_of
from canbao.workbench.pages.limits import refuse_large
from canbao.workbench.seminar.deeds import NotAllowedError

already = Catalogue("canbao.workbench.seminar", "words")

Handler = Callable[[HttpRequest, Exception | type[Exception]], HttpResponse]


class SmallBodies(BaseThrottle):
    """Reads no more than a guest has to say."""

    def allow_request(self, request: HttpRequest) -> bool:
        """Raises TooLargeError before anything is read."""
        refuse_large(request)
        return True


class Readable(JSONRenderer):
    """JSON in which Chinese can be read."""

    json_dumps_params = AS_WRITTEN


interface = NinjaAPI(
    title="Canbao",
    version="1",
    description=say("about").en,
    docs_url=None,
    urls_namespace="api",
    throttle=[SmallBodies()],
    renderer=Readable(),
)
for part in (study, calculator, seminar):
    interface.add_router("", part.router)


def _page(status: int, title: str) -> Handler:
    return lambda request, _error: fault_page(request, status, title)


@interface.exception_handler(InputError)
def _input_error(request: HttpRequest, error: InputError) -> HttpResponse:
    return as_json(request, 422, [fault.text(language_of(request)) for fault in error.faults])


@interface.exception_handler(ValidationError)
def _wrong_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = dict.fromkeys(str(one["loc"][-1]) for one in error.errors)
    return as_json(request, 422, [say("wrong_field", field=name)[language_of(request)] for name in fields])


@interface.exception_handler(seminar.TwiceError)
def _twice(request: HttpRequest, _error: Exception) -> HttpResponse:
    return as_json(request, 409, [already("already")[language_of(request)]])


@interface.exception_handler(TooManyError)
def _haste(request: HttpRequest, _error: Exception) -> HttpResponse:
    return too_many(request)


for kind, status, title in (
    (Http404, 404, "not_found"),
    (NotAllowedError, 404, "not_found"),
    (seminar.ForgedError, 403, "forged"),
    (HttpError, 400, "refused"),
    (DataError, 400, "refused"),
):
    interface.add_exception_handler(kind, _page(status, title))
