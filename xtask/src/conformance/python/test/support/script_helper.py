"""A stand-in for test.support.script_helper: there are no subprocesses."""

import unittest


def _skip(*args, **kwargs):
    raise unittest.SkipTest("needs subprocesses")


assert_python_ok = assert_python_failure = spawn_python = run_python_until_end = kill_python = _skip
make_script = make_pkg = make_zip_script = make_zip_pkg = run_test_script = _skip


def interpreter_requires_environment():
    return False
