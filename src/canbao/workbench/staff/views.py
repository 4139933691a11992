"""The staff's own pages: allauth's views in our frame, with our words."""

# mypy: allow-subclassing-any, disable-error-code="import-untyped"

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.views import LoginView, LogoutView, PasswordChangeView
from allauth.account.views import ReauthenticateView as PasswordAgainView
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from canbao.languages import Catalogue, Language
from canbao.workbench.pages.faults import too_many
from canbao.workbench.pages.language import language_of
from canbao.workbench.pages.page import render
from canbao.workbench.seminar.models import Staff

say = Catalogue("canbao.workbench.staff", "words")
role_words = Catalogue("canbao.workbench.seminar", "words")


class Framed:
    """A view of allauth's whose page is ours; a form that is not in order is answered with 422."""

    request: HttpRequest
    page: str

    def dispatch(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        """As allauth does; nobody keeps the answer."""
        response: HttpResponse = super().dispatch(request, *arguments, **named)  # type: ignore[misc]
        add_never_cache_headers(response)
        return response

    def render_to_response(self, context: Mapping[str, Any], **_: object) -> HttpResponse:
        """Our page."""
        form = context.get("form")
        faults = _faults(form, language_of(self.request)) if form is not None and form.is_bound else []
        given = {name: one for name, one in context.items() if name not in ("view", "request")}
        given |= {"next": self.request.POST.get("next") or self.request.GET.get("next") or "", "faults": faults}
        given |= {"user_name": self.request.user.get_username(), "role_words": role_words}
        return render(self.request, self.page, say, 422 if faults else 200, **given)


def _faults(form: BaseForm, language: Language) -> list[str]:
    """What is wrong with a form, by the codes of Django and allauth."""
    found = [error for errors in form.errors.as_data().values() for error in errors]
    known = [f"error_{error.code}" if f"error_{error.code}" in say else "error_other" for error in found]
    return list(dict.fromkeys(say(key)[language] for key in known))


class SignIn(Framed, LoginView):
    """Name and password; wrong names and wrong passwords are answered alike."""

    page = "staff/sign_in.html"


class SignOut(Framed, LogoutView):
    """Sign out."""

    page = "staff/sign_out.html"


class Password(Framed, PasswordChangeView):
    """Change the password."""

    page = "staff/password.html"


class PasswordAgain(Framed, PasswordAgainView):
    """The password once more, before something delicate."""

    page = "staff/password_again.html"


class Code(Framed, AuthenticateView):
    """The second factor, after the password."""

    page = "staff/code.html"


class CodeAgain(Framed, CodeAgainView):
    """The second factor once more, before something delicate."""

    page = "staff/code.html"


class Account(Framed, IndexView):
    """One's own page: one's seminars, password and second factor."""

    page = "staff/account.html"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """With what somebody does at which event."""
        roles = (
            Staff.objects.filter(user__username=self.request.user.get_username())
            .select_related("event")
            .order_by("-event__pk")
        )
        return {**super().get_context_data(**named), "roles": list(roles), "required": settings.SECOND_FACTOR_REQUIRED}


class SetUp(Framed, ActivateTOTPView):
    """Set the second factor up."""

    page = "staff/set_up.html"

    def get_context_data(self, **named: Any) -> dict[str, Any]:
        """With the key to type where no camera is."""
        context = super().get_context_data(**named)
        return {**context, "key": context["form"].secret, "required": settings.SECOND_FACTOR_REQUIRED}


class TurnOff(Framed, DeactivateTOTPView):
    """Do without the second factor."""

    page = "staff/turn_off.html"


class RecoveryCodes(Framed, ViewRecoveryCodesView):
    """Codes for the day on which the phone is gone."""

    page = "staff/recovery_codes.html"


class NewRecoveryCodes(Framed, GenerateRecoveryCodesView):
    """New ones; the old hold no longer."""

    page = "staff/new_recovery_codes.html"


@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """An account that was put to rest."""
    return render(request, "staff/inactive.html", say, 403)


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """Too many tries of one name from one place."""
    response = too_many(request)
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
