"""What of allauth's behaviour is our own: no sign-up, no mail, no messages; secrets of second factors are encrypted."""

# mypy: allow-subclassing-any, disable-error-code="import-untyped"

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse

from canbao.workbench.pages.limits import address_of


class Accounts(DefaultAccountAdapter):
    """Accounts that only who has the server makes."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        del request
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """To one's own page, where one's seminars are."""
        del request
        return reverse("mfa_index")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Likewise."""
        return self.get_login_redirect_url(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """To the sign-in."""
        del request
        return reverse("account_login")

    def get_client_ip(self, request: HttpRequest) -> str:
        """As all limits have it."""
        return address_of(request)

    def add_message(self, *arguments: Any, **named: Any) -> None:
        """Pages say themselves what has happened."""

    def send_notification_mail(self, *arguments: Any, **named: Any) -> None:
        """There is no mail."""

    def is_reauthentication_required(self, *, app: str, **named: Any) -> bool:
        """Not of who gave her password a moment ago to sign in."""
        records = get_authentication_records(self.request, self.request.user)
        recent = any(time.time() - one["at"] < app_settings.REAUTHENTICATION_TIMEOUT for one in records)
        return bool(super().is_reauthentication_required(app=app, **named)) and not recent


class SecondFactors(DefaultMFAAdapter):
    """Second factors, readable only with the workbench's key: a copy of the database alone gives none away."""

    def encrypt(self, text: str) -> str:
        """With the workbench's key."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Likewise."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Where one is required, a lost phone is a matter for who has the server."""
        del authenticator
        return not settings.SECOND_FACTOR_REQUIRED


def name_tried(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:
    """The name with which somebody tries to sign in; capital letters make no other name."""
    given = (credentials or {}).get("username") or request.POST.get("login") or ""
    return given.strip().lower()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"second factors" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def has_second_factor(user: User) -> bool:
    """Whether an account has one beside its password."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP]))
