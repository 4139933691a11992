"""Addresses of the door Bring."""

from django.urls import path

from canbao.workbench.bring import views

urlpatterns = [
    path("", views.upload, name="bring"),
    path("<str:token>/", views.columns, name="bring_columns"),
    path("<str:token>/values/", views.values, name="bring_values"),
    path("<str:token>/design/", views.design, name="bring_design"),
    path("<str:token>/result/", views.result, name="bring_result"),
    path("<str:token>/assess/", views.assess, name="bring_assess"),
    path("<str:token>/reform/", views.reform, name="bring_reform"),
    path("<str:token>/delete/", views.delete, name="bring_delete"),
    path("<str:token>/report.<str:tongue>.<str:form>", views.report, name="bring_report"),
]
