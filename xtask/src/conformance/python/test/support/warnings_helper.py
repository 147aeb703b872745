"""A stand-in for test.support.warnings_helper."""

import sys
import unittest


def _search(pattern, text):
    return unittest._search(pattern, text)


def check_syntax_warning(test, statement, errtext="", *, lineno=1, offset=None):
    import warnings

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SyntaxWarning)
        compile(statement, "<testcase>", "exec")
    test.assertEqual(len(caught), 1, caught)
    found = caught[0]
    test.assertTrue(issubclass(found.category, SyntaxWarning))
    if errtext:
        test.assertRegex(str(found.message), errtext)
    test.assertEqual(found.filename, "<testcase>")
    test.assertIsNotNone(found.lineno)
    if lineno is not None:
        test.assertEqual(found.lineno, lineno)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SyntaxWarning)
        with test.assertRaises(SyntaxError) as context:
            compile(statement, "<testcase>", "exec")
    if errtext:
        test.assertRegex(str(context.exception), errtext)


def ignore_warnings(*, category):
    def decorator(function):
        def call(*args, **kwargs):
            import warnings

            with warnings.catch_warnings():
                warnings.simplefilter("ignore", category=category)
                return function(*args, **kwargs)

        call.__name__ = getattr(function, "__name__", "call")
        return call

    return decorator


def ignore_fork_in_thread_deprecation_warnings(item=None):
    # A decorator, in some versions with a call in between.
    return item if item is not None else lambda item: item


class WarningsRecorder:
    def __init__(self, warnings_list):
        self._warnings = warnings_list
        self._last = 0

    def __getattr__(self, name):
        if len(self._warnings) > self._last:
            return getattr(self._warnings[-1], name)
        if name in ("message", "category", "filename", "lineno", "file", "line", "source"):
            return None
        raise AttributeError(name)

    @property
    def warnings(self):
        return self._warnings[self._last:]

    def reset(self):
        self._last = len(self._warnings)


class _Filtered:
    def __init__(self, filters, quiet):
        self.filters = filters
        self.quiet = quiet

    def __enter__(self):
        import warnings

        registry = sys._getframe(1).f_globals.get("__warningregistry__")
        if registry:
            registry.clear()
        self.catcher = warnings.catch_warnings(record=True)
        self.found = self.catcher.__enter__()
        warnings.simplefilter("always")
        return WarningsRecorder(self.found)

    def __exit__(self, kind, value, traceback):
        self.catcher.__exit__(kind, value, traceback)
        if kind is not None:
            return
        left = list(self.found)
        for text, category in self.filters:
            matching = [
                w for w in left
                if issubclass(w.category, category) and (not text or _search("(?is)\\A(?:%s)" % text, str(w.message)))
            ]
            if not matching and not self.quiet:
                raise AssertionError("filter (%r, %s) did not catch any warning" % (text, category.__name__))
            left = [w for w in left if w not in matching]
        if left:
            raise AssertionError("unhandled warning %s" % left[0].message)


def check_warnings(*filters, quiet=None):
    if not filters:
        return _Filtered([("", Warning)], True if quiet is None else quiet)
    return _Filtered(filters, bool(quiet))


class _None:
    def __init__(self, test, message, category, force_gc):
        self.test, self.message, self.category, self.force_gc = test, message, category, force_gc

    def __enter__(self):
        import warnings

        self.catcher = warnings.catch_warnings(record=True)
        self.found = self.catcher.__enter__()
        warnings.filterwarnings("always", message=self.message, category=self.category)

    def __exit__(self, *args):
        if self.force_gc:
            from test.support import gc_collect

            gc_collect()
        self.catcher.__exit__(*args)
        self.test.assertEqual(self.found, [])


def check_no_warnings(test, message="", category=Warning, force_gc=False):
    return _None(test, message, category, force_gc)


def check_no_resource_warning(test):
    return check_no_warnings(test, category=ResourceWarning, force_gc=True)


class save_restore_warnings_filters:
    def __enter__(self):
        import warnings

        self.old = warnings.filters[:]

    def __exit__(self, *args):
        import warnings

        warnings.filters[:] = self.old


def import_deprecated(name):
    import importlib

    return importlib.import_module(name)
