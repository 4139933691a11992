"""Addresses of the staff, under the names by which allauth looks for them. What it has beside these leads nowhere."""

from django.urls import path

from canbao.workbench.staff import views

urlpatterns = [
    path("", views.Account.as_view(), name="mfa_index"),
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-out/", views.SignOut.as_view(), name="account_logout"),
    path("inactive/", views.inactive, name="account_inactive"),
    path("password/", views.Password.as_view(), name="account_change_password"),
    path("password/again/", views.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("code/", views.Code.as_view(), name="mfa_authenticate"),
    path("code/again/", views.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("second-factor/", views.SetUp.as_view(), name="mfa_activate_totp"),
    path("second-factor/off/", views.TurnOff.as_view(), name="mfa_deactivate_totp"),
    path("recovery-codes/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("recovery-codes/new/", views.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
]
