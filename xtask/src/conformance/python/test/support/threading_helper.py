"""A stand-in for test.support.threading_helper: there is one thread."""

import unittest

can_start_thread = False


def requires_working_threading(*, module=False):
    if module:
        raise unittest.SkipTest("needs threads")
    return unittest.skip("needs threads")


def reap_threads(item):
    return item


def threading_setup():
    return ()


def threading_cleanup(*args):
    pass


def _skip(*args, **kwargs):
    raise unittest.SkipTest("needs threads")


start_threads = run_concurrently = catch_threading_exception = wait_threads_exit = join_thread = _skip
