"""The web application: bring a survey, explore it, simulate reforms, calculate for one worker, hold the seminar.

`project/` is Django's own (settings, addresses, servers); `pages/` what all pages share; each other folder is one door
with its views and words.
"""

from canbao.workbench.serve import serve

__all__ = ["serve"]
