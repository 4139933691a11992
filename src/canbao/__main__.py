"""`python -m canbao` does what `canbao` does."""

from canbao.cli import main

main()
