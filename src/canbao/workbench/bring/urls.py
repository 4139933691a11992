"""Addresses of the door Bring."""

urlpatterns: list[object] = []
