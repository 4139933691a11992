"""Addresses of the door Calculate."""

from django.urls import path

from canbao.workbench.calculate import views

urlpatterns = [
    path("", views.calculate, name="calculate"),
    path("steps/<str:variant>/<str:result>/", views.steps, name="calculate_steps"),
]
