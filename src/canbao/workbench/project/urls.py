"""Addresses. Every page has its language in front: /en/explore/, /zh/explore/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter

from canbao.workbench.api.interface import interface
from canbao.workbench.api.page import page
from canbao.workbench.pages import views
from canbao.workbench.pages.language import LanguageConverter, in_language

register_converter(LanguageConverter, "language")

doors: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("explore/", include("canbao.workbench.explore.urls")),
    path("simulate/", include("canbao.workbench.simulate.urls")),
    path("calculate/", include("canbao.workbench.calculate.urls")),
    path("seminar/", include("canbao.workbench.seminar.urls")),
    path("drafts/", include("canbao.workbench.drafts.urls")),
    path("bring/", include("canbao.workbench.bring.urls")),
    path("privacy/", views.privacy, name="privacy"),
    path("interface/", page, name="interface"),
]
urlpatterns = [
    path("", views.front, name="front"),
    path("healthy", views.healthy, name="healthy"),
    path("font/<str:weight>.woff2", views.font, name="font"),
    path("api/1/", interface.urls),
    path("<language:language>/", include(doors)),
    in_language("staff/", "canbao.workbench.staff.urls"),
]
handler400 = "canbao.workbench.pages.views.refused"
handler403 = "canbao.workbench.pages.views.forbidden"
handler404 = "canbao.workbench.pages.views.not_found"
handler429 = "canbao.workbench.pages.faults.too_many"
handler500 = "canbao.workbench.pages.views.failed"
