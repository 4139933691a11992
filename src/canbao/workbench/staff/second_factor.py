"""Where a second factor is required, who has none is led to setting it up, whatever page of the staff she opens."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from canbao.workbench.staff.adapters import has_second_factor


class SecondFactorMiddleware:
    """Of those who are signed in; guests have no account, and nothing is looked up for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or lead to the set-up."""
        if settings.SECOND_FACTOR_REQUIRED and settings.SESSION_COOKIE_NAME in request.COOKIES and _lacks(request):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


def _lacks(request: HttpRequest) -> bool:
    """Whether somebody asks for more than her own account without a second factor."""
    own = reverse("mfa_index")
    return isinstance(request.user, User) and not request.path.startswith(own) and not has_second_factor(request.user)
