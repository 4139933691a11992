"""Addresses. Every page has its language in front: /en/explore/, /zh/explore/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter

from canbao.workbench.pages import views
from canbao.workbench.pages.language import LanguageConverter

register_converter(LanguageConverter, "language")

doors: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("explore/", include("canbao.workbench.explore.urls")),
    path("simulate/", include("canbao.workbench.simulate.urls")),
    path("calculate/", include("canbao.workbench.calculate.urls")),
    path("seminar/", include("canbao.workbench.seminar.urls")),
    path("drafts/", include("canbao.workbench.drafts.urls")),
    path("staff/", include("canbao.workbench.staff.urls")),
    path("bring/", include("canbao.workbench.bring.urls")),
]
urlpatterns = [
    path("", views.front, name="front"),
    path("healthy", views.healthy, name="healthy"),
    path("font/<str:weight>.woff2", views.font, name="font"),
    path("<language:language>/", include(doors)),
]
handler404 = "canbao.workbench.pages.views.not_found"
handler500 = "canbao.workbench.pages.views.failed"
