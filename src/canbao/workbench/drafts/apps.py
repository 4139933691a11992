"""The drafts as Django knows them."""

from django.apps import AppConfig


class DraftsConfig(AppConfig):
    """Its tables are called drafts_…."""

    name = "canbao.workbench.drafts"
    label = "drafts"
    default_auto_field = "django.db.models.BigAutoField"
