"""The staff's accounts as Django knows them; their tables are those of Django, allauth, axes and auditlog."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Notes who changes what, from the start."""

    name = "canbao.workbench.staff"
    label = "staff"

    def ready(self) -> None:
        """Once all models are there."""
        from canbao.workbench.staff.audit import note_changes

        note_changes()
