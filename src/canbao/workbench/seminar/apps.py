"""The seminar as Django knows it."""

from django.apps import AppConfig


class SeminarConfig(AppConfig):
    """Its tables are called seminar_…."""

    name = "canbao.workbench.seminar"
    label = "seminar"
    default_auto_field = "django.db.models.BigAutoField"
