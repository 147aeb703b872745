"""The package of CPython's own tests, with this folder's stand-ins in front."""

import sys


def _folders():
    for folder in sys.path:
        yield folder + "/test"


__path__ = list(__path__) + [folder for folder in _folders() if folder not in __path__]
