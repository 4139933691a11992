"""The door's application: its tables are its own."""

from django.apps import AppConfig


class SimulateConfig(AppConfig):
    """Simulate."""

    name = "canbao.workbench.simulate"
    label = "simulate"
    default_auto_field = "django.db.models.BigAutoField"
