"""Addresses of the door Explore."""

from django.urls import path

from canbao.workbench.explore import views

urlpatterns = [
    path("", views.explore, name="explore"),
    path("estimates.<str:form>", views.download, name="explore_download"),
]
