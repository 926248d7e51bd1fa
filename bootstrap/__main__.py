"""Set up this clone: ``python3 bootstrap check|test|setup|demo``. Standard library only; the Makefile calls it.

Written so that a Python older than 3.11 reads it to the end and is told what is wrong.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Python 3.11 or newer is needed; this is {}.{}. Name another one: make PYTHON=python3.12 setup".format(
            *sys.version_info[:2]
        )
    )

import plan

if __name__ == "__main__":
    sys.exit(plan.main(sys.argv[1:]))
