"""Addresses of the staff."""

from django.urls import path

from canbao.workbench.staff import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
]
