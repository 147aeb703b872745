"""A stand-in for test.support.import_helper."""

import sys
import unittest
from test.support.os_helper import temp_dir, unlink


def import_module(name, deprecated=False, *, required_on=()):
    try:
        __import__(name)
    except (ImportError, NotImplementedError) as error:
        if name.startswith("_test"):
            # Few tests of a file need what only a CPython built for tests has.
            import __main__

            return __main__.placeholder(name)
        raise unittest.SkipTest("needs %s: %s" % (name, error))
    return sys.modules[name]


def unload(name):
    sys.modules.pop(name, None)


forget = unload


def import_fresh_module(name, fresh=(), blocked=(), *, deprecated=False):
    names = {name, *fresh, *blocked}
    saved = {}
    for module in list(sys.modules):
        if module in names or any(module.startswith(n + ".") for n in names):
            saved[module] = sys.modules.pop(module)
    try:
        for module in blocked:
            sys.modules[module] = None
        try:
            for module in fresh:
                __import__(module)
            __import__(name)
            return sys.modules[name]
        except ImportError:
            return None
    finally:
        for module in list(sys.modules):
            if module in names or any(module.startswith(n + ".") for n in names):
                del sys.modules[module]
        sys.modules.update(saved)


class CleanImport:
    def __init__(self, *names, usefrozen=False):
        self.original = sys.modules.copy()
        for name in names:
            sys.modules.pop(name, None)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        sys.modules.update(self.original)


class DirsOnSysPath:
    def __init__(self, *paths):
        self.original = sys.path[:]
        sys.path.extend(paths)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        sys.path[:] = self.original


class isolated_modules:
    def __enter__(self):
        self.modules, self.path = sys.modules.copy(), sys.path[:]

    def __exit__(self, *args):
        sys.modules.clear()
        sys.modules.update(self.modules)
        sys.path[:] = self.path


def modules_setup():
    return (sys.modules.copy(),)


def modules_cleanup(modules):
    sys.modules.clear()
    sys.modules.update(modules)


def mock_register_at_fork(function):
    return function


class frozen_modules:
    def __init__(self, enabled=True):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass


multi_interp_extensions_check = frozen_modules


def ensure_lazy_imports(module, names, *, additional_code=""):
    raise unittest.SkipTest("needs subprocesses")


def make_legacy_pyc(source):
    raise unittest.SkipTest("needs py_compile")


def ready_to_import(name=None, source=""):
    raise unittest.SkipTest("needs temporary folders")
