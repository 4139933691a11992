"""Canbao (参保): assess and extend the social security coverage of workers in non-standard employment."""

__version__ = "0.1.0"
