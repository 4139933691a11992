"""Addresses of the door Simulate."""

from django.urls import path

from canbao.workbench.simulate import views

urlpatterns = [
    path("", views.simulate, name="simulate"),
    path("reform.yaml", views.reform_file, name="simulate_file"),
]
