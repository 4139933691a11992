"""The web application: explore a survey, move the levers of reforms, calculate for one worker.

`project/` is Django's own (settings, addresses, servers); `pages/` what all pages share; each other folder is one door
with its views and words.
"""

from canbao.workbench.serve import serve

__all__ = ["serve"]
