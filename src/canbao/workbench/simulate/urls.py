"""Addresses of the door Simulate."""

from django.urls import path

from canbao.workbench.simulate import keeping, many, views

urlpatterns = [
    path("", views.simulate, name="simulate"),
    path("reform.yaml", views.reform_file, name="simulate_file"),
    path("save/", keeping.save, name="simulate_save"),
    path("compare/", keeping.compare, name="simulate_compare"),
    path("saved/<str:token>/", keeping.saved, name="simulate_saved"),
    path("saved/<str:token>/reform.yaml", keeping.saved_file, name="simulate_saved_file"),
    path("saved/<str:token>/report/", keeping.to_report, name="simulate_to_report"),
    path("run/", many.begin, name="simulate_begin"),
    path("run/<str:key>/", many.run, name="simulate_run"),
    path("run/<str:key>/cancel/", many.cancel, name="simulate_cancel"),
]
