"""Pages and votes."""

import contextlib
import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "canbao.workbench.project.settings")
application = get_wsgi_application()


def _warm() -> None:
    """Make the simulator ready; a study that cannot be simulated says so to who asks."""
    from canbao.errors import InputError
    from canbao.workbench.simulate.simulators import warm

    with contextlib.suppress(InputError):
        warm()


Thread(target=_warm, name="warm", daemon=True).start()
