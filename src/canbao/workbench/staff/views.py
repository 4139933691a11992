"""Signing in and out. Wrong names and wrong passwords are answered alike; too many tries have to wait."""

from __future__ import annotations

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from canbao.languages import Catalogue
from canbao.workbench.pages.language import address
from canbao.workbench.pages.limits import address_of, exceeds, too_many
from canbao.workbench.pages.page import render

say = Catalogue("canbao.workbench.staff", "words")

MOST_TRIES = 5
"""Of one name, a minute."""

MOST_FROM_ADDRESS = 30


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in and go on to where one wanted."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if request.method != "POST":
        return render(request, "staff/sign_in.html", say, next=wanted, wrong=False)
    name = request.POST.get("name", "")
    if exceeds(f"sign-in:{name}", MOST_TRIES) or exceeds(f"sign-in-from:{address_of(request)}", MOST_FROM_ADDRESS):
        return too_many(request)
    user = authenticate(request, username=name, password=request.POST.get("password", ""))
    if user is None:
        return render(request, "staff/sign_in.html", say, 422, next=wanted, wrong=True)
    login(request, user)
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(wanted if safe else address(request, "seminar"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return HttpResponseRedirect(address(request, "home"))
