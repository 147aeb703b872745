"""A small stand-in for test.support: what tests about the language and its built-in types use of it."""

import sys
import unittest

__path__ = list(__path__) + [folder + "/test/support" for folder in sys.path]

verbose = False
failfast = False
use_resources = None
max_memuse = 0
real_max_memuse = 0
junit_xml_list = None
_1M = 1024 * 1024
_1G = 1024 * _1M
_2G = 2 * _1G
_4G = 4 * _1G
MAX_Py_ssize_t = sys.maxsize
PIPE_MAX_SIZE = 4 * _1M + 1
NHASHBITS = sys.hash_info.width
SHORT_TIMEOUT = 30.0
LONG_TIMEOUT = 300.0
LOOPBACK_TIMEOUT = 5.0
INTERNET_TIMEOUT = 60.0
Py_DEBUG = False
Py_GIL_DISABLED = False
Py_TRACE_REFS = False
HAVE_PY_DOCSTRINGS = True
HAVE_DOCSTRINGS = False
MISSING_C_DOCSTRINGS = True
PGO = False
is_jython = False
is_android = is_apple = is_apple_mobile = is_emscripten = is_wasi = is_wasm32 = False
is_s390x = False
has_fork_support = False
has_subprocess_support = False
has_socket_support = False
has_strftime_extensions = False
skip_if_broken_multiprocessing_synchronize = lambda: None
unix_shell = None
TEST_MODULES_ENABLED = True


STDLIB_DIR = next((folder for folder in sys.path if folder.rpartition("/")[2].startswith("python3")), ".")
TEST_SUPPORT_DIR = __file__.rpartition("/")[0]
TEST_HOME_DIR = STDLIB_DIR + "/test"
REPO_ROOT = STDLIB_DIR


class Error(Exception):
    pass


class TestFailed(Error):
    pass


class TestDidNotRun(Error):
    pass


class ResourceDenied(unittest.SkipTest):
    pass


class _AlwaysEqual:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False


class _NeverEqual:
    def __eq__(self, other):
        return False

    def __ne__(self, other):
        return True

    def __hash__(self):
        return 1


class _Largest:
    def __eq__(self, other):
        return isinstance(other, _Largest)

    def __lt__(self, other):
        return False

    def __le__(self, other):
        return isinstance(other, _Largest)

    def __gt__(self, other):
        return not isinstance(other, _Largest)

    def __ge__(self, other):
        return True


class _Smallest:
    def __eq__(self, other):
        return isinstance(other, _Smallest)

    def __gt__(self, other):
        return False

    def __ge__(self, other):
        return isinstance(other, _Smallest)

    def __lt__(self, other):
        return not isinstance(other, _Smallest)

    def __le__(self, other):
        return True


ALWAYS_EQ = _AlwaysEqual()
NEVER_EQ = _NeverEqual()
LARGEST = _Largest()
SMALLEST = _Smallest()


def same(item):
    return item


def skipping(reason):
    def decorator(*args, **kwargs):
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return unittest.skip(reason)(args[0])
        return unittest.skip(reason)

    return decorator


def check_impl_detail(**guards):
    if not guards:
        return True
    default = not list(guards.values())[0]
    return guards.get("cpython", default)


def impl_detail(msg=None, **guards):
    return same if check_impl_detail(**guards) else unittest.skip(msg or "implementation detail")


def cpython_only(item):
    return item


def refcount_test(item):
    return item


def no_tracing(item):
    return item


def anticipate_failure(condition):
    return unittest.expectedFailure if condition else same


def requires_IEEE_754(item):
    return item


def requires_docstrings(item):
    return unittest.skip("needs docstrings of built-ins")(item)


requires_gil_enabled = lambda msg="": same
requires_zlib = requires_gzip = requires_bz2 = requires_lzma = lambda reason="": unittest.skip("needs a compression module")
requires_subprocess = skipping("needs subprocesses")
requires_fork = skipping("needs fork")
requires_limited_api = skipping("needs the C API")
requires_specialization = requires_specialization_ft = skipping("needs _testinternalcapi")
requires_singlephase_init = skipping("needs the C API")
requires_legacy_unicode_capi = skipping("needs the C API")
force_not_colorized = force_not_colorized_test_class = force_colorized = force_colorized_test_class = same
suppress_immortalization = lambda suppress=True: _Nothing()
skip_if_sanitizer = lambda *args, **kwargs: same
skip_on_s390x = skip_emscripten_stack_overflow_ = same
skip_emscripten_stack_overflow = skip_wasi_stack_overflow = skip_android_selinux = lambda *args: same
skip_if_pgo_task = skip_if_buildbot = skip_if_buggy_ucrt_strfptime = same
skip_if_unlimited_stack_size = same
thread_unsafe = lambda reason="": reason if callable(reason) else same
requires_working_socket = lambda *args, **kwargs: skipping("needs sockets")
nomemtest = same
no_rerun = lambda reason="": same


def bigmemtest(size, memuse, dry_run=True):
    return unittest.skip("needs much memory")


def bigaddrspacetest(item):
    return unittest.skip("needs much memory")(item)


def precisionbigmemtest(*args, **kwargs):
    return unittest.skip("needs much memory")


def requires_resource(name):
    return unittest.skip("needs the resource " + name)


def requires(resource, msg=None):
    raise ResourceDenied(msg or "needs the resource " + resource)


def is_resource_enabled(resource):
    return False


def requires_linux_version(*version):
    return same


def requires_mac_ver(*version):
    return same


def requires_freebsd_version(*version):
    return same


def check_sanitizer(**which):
    return False


def gc_collect():
    import gc

    gc.collect()
    gc.collect()
    gc.collect()


class disable_gc:
    def __enter__(self):
        import gc

        self.was = gc.isenabled()
        gc.disable()

    def __exit__(self, *args):
        import gc

        if self.was:
            gc.enable()


class _Nothing:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        pass

    def __call__(self, item):
        return item


def get_attribute(value, name):
    try:
        return getattr(value, name)
    except AttributeError:
        raise unittest.SkipTest("object %r has no attribute %r" % (value, name))


class swap_attr:
    def __init__(self, owner, name, value):
        self.owner, self.name, self.value = owner, name, value

    def __enter__(self):
        self.had = hasattr(self.owner, self.name)
        self.old = getattr(self.owner, self.name, None)
        setattr(self.owner, self.name, self.value)
        return self.old

    def __exit__(self, *args):
        if self.had:
            setattr(self.owner, self.name, self.old)
        elif hasattr(self.owner, self.name):
            delattr(self.owner, self.name)


class swap_item:
    def __init__(self, owner, name, value):
        self.owner, self.name, self.value = owner, name, value

    def __enter__(self):
        self.had = self.name in self.owner
        self.old = self.owner.get(self.name)
        self.owner[self.name] = self.value
        return self.old

    def __exit__(self, *args):
        if self.had:
            self.owner[self.name] = self.old
        elif self.name in self.owner:
            del self.owner[self.name]


class _Text:
    def __init__(self):
        self.parts = []
        self.encoding = "utf-8"
        self.errors = "strict"

    def write(self, text):
        self.parts.append(text)
        return len(text)

    def getvalue(self):
        return "".join(self.parts)

    def flush(self):
        pass


class captured_output:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.old = getattr(sys, self.name)
        try:
            import io

            text = io.StringIO()
        except (ImportError, NotImplementedError):
            text = _Text()
        setattr(sys, self.name, text)
        return text

    def __exit__(self, *args):
        setattr(sys, self.name, self.old)


def captured_stdout():
    return captured_output("stdout")


def captured_stderr():
    return captured_output("stderr")


def captured_stdin():
    return captured_output("stdin")


class infinite_recursion:
    def __init__(self, max_depth=None):
        self.max_depth = max_depth or 20000

    def __enter__(self):
        self.old = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self.old, min(self.max_depth, 20000)) if self.max_depth > 200 else self.old)

    def __exit__(self, *args):
        sys.setrecursionlimit(self.old)

    def __call__(self, function):
        def limited(*args, **kwargs):
            with infinite_recursion(self.max_depth):
                return function(*args, **kwargs)

        limited.__name__ = function.__name__
        return limited


def set_recursion_limit(limit):
    return _Limit(limit)


class _Limit:
    def __init__(self, limit):
        self.limit = limit

    def __enter__(self):
        self.old = sys.getrecursionlimit()
        sys.setrecursionlimit(self.limit)

    def __exit__(self, *args):
        sys.setrecursionlimit(self.old)


def get_recursion_depth():
    depth = 0
    frame = sys._getframe(1)
    while frame is not None:
        depth += 1
        frame = frame.f_back
    return depth


def get_recursion_available():
    return sys.getrecursionlimit() - get_recursion_depth()


def get_c_recursion_limit():
    return 2000


def exceeds_recursion_limit():
    return 150_000


def set_memlimit(limit):
    pass


class adjust_int_max_str_digits:
    def __init__(self, most):
        self.most = most

    def __enter__(self):
        self.old = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(self.most)

    def __exit__(self, *args):
        sys.set_int_max_str_digits(self.old)


class catch_unraisable_exception:
    def __init__(self):
        self.unraisable = None

    def _hook(self, unraisable):
        self.unraisable = unraisable

    def __enter__(self):
        self.old = sys.unraisablehook
        sys.unraisablehook = self._hook
        return self

    def __exit__(self, *args):
        sys.unraisablehook = self.old
        del self.unraisable


class Stopwatch:
    def __enter__(self):
        raise unittest.SkipTest("needs a quiet machine")

    def __exit__(self, *args):
        pass


CPUStopwatch = Stopwatch


class BrokenIter:
    def __init__(self, init_raises=False, next_raises=False, iter_raises=False):
        if init_raises:
            1 / 0
        self.next_raises = next_raises
        self.iter_raises = iter_raises

    def __next__(self):
        if self.next_raises:
            1 / 0

    def __iter__(self):
        if self.iter_raises:
            1 / 0
        return self


class _Subclass:
    pass


def check_free_after_iterating(test, iterate, kind, args=()):
    done = False

    class A(kind):
        def __del__(self):
            nonlocal done
            done = True
            try:
                next(it)
            except StopIteration:
                pass

    it = iterate(A(*args))
    test.assertRaises(StopIteration, next, it)
    gc_collect()
    test.assertTrue(done)


def check_syntax_error(test, statement, errtext="", *, lineno=None, offset=None):
    with test.assertRaisesRegex(SyntaxError, errtext) if errtext else test.assertRaises(SyntaxError) as context:
        compile(statement, "<test string>", "exec")
    error = context.exception
    test.assertIsNotNone(error.lineno)
    if lineno is not None:
        test.assertEqual(error.lineno, lineno)
    test.assertIsNotNone(error.offset)
    if offset is not None:
        test.assertEqual(error.offset, offset)


def check_disallow_instantiation(test, kind, *args, **kwargs):
    module, name = kind.__module__, kind.__name__
    full = "%s.%s" % (module, name) if module not in ("builtins", None) else name
    try:
        kind(*args, **kwargs)
    except TypeError as error:
        test.assertEqual(str(error), "cannot create '%s' instances" % full)
    else:
        test.fail("%s can be instantiated" % full)


def check__all__(test, module, name_of_module=None, extra=(), not_exported=()):
    names = {module.__name__}
    if isinstance(name_of_module, str):
        names.add(name_of_module)
    elif name_of_module is not None:
        names.update(name_of_module)
    expected = set(extra)
    for name in dir(module):
        if name.startswith("_") or name in not_exported:
            continue
        value = getattr(module, name)
        own = getattr(value, "__module__", None) in names
        if own or (not hasattr(value, "__module__") and not isinstance(value, type(sys))):
            expected.add(name)
    test.assertCountEqual(module.__all__, expected)


def detect_api_mismatch(ref, other, *, ignore=()):
    return {name for name in set(dir(ref)) - set(dir(other)) - set(ignore) if not name.startswith("_") or name.endswith("__")}


def calcobjsize(fmt):
    raise unittest.SkipTest("needs struct")


calcvobjsize = calcobjsize


def check_sizeof(test, value, size):
    raise unittest.SkipTest("sizes are pyco's own")


def run_with_locale(*args):
    return unittest.skip("needs locales")


run_with_locales = run_with_tz = run_with_locale


def run_in_subinterp(code):
    raise unittest.SkipTest("needs subinterpreters")


def wait_process(*args, **kwargs):
    raise unittest.SkipTest("needs subprocesses")


def setswitchinterval(interval):
    sys.setswitchinterval(interval)


def late_deletion(value):
    pass


def sleeping_retry(timeout, err_msg=None, *, init_delay=0.01, max_delay=1.0, error=True):
    while True:
        yield


busy_retry = sleeping_retry


def get_pagesize():
    return 4096


def collision_stats(nbins, nballs):
    n, k = nbins, nballs
    p = (1 - 1 / n) ** k
    mean = k - n + n * p
    variance = n * p * (1 - p) + n * (n - 1) * ((1 - 2 / n) ** k - p * p)
    return mean, max(variance, 0) ** 0.5


def iter_builtin_types():
    import builtins

    for value in vars(builtins).values():
        if isinstance(value, type):
            yield value


def iter_name_slots(*args):
    return iter(())


def iter_slot_wrappers(cls):
    return iter(())


def sortdict(mapping):
    return "{%s}" % ", ".join("%r: %r" % pair for pair in sorted(mapping.items()))


def run_code(code, extra_names=None):
    import textwrap

    names = dict(extra_names or ())
    exec(textwrap.dedent(code), names)
    return names


def run_no_yield_async_fn(async_fn, /, *args, **kwargs):
    coroutine = async_fn(*args, **kwargs)
    try:
        coroutine.send(None)
    except StopIteration as error:
        return error.value
    raise AssertionError("coroutine did not complete")


class async_yield:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        return (yield self.value)


def run_yielding_async_fn(async_fn, /, *args, **kwargs):
    coroutine = async_fn(*args, **kwargs)
    try:
        while True:
            try:
                coroutine.send(None)
            except StopIteration as error:
                return error.value
    finally:
        coroutine.close()


def args_from_interpreter_flags():
    return []


optim_args_from_interpreter_flags = args_from_interpreter_flags


def make_legacy_pyc(source):
    raise unittest.SkipTest("needs py_compile")


def findfile(filename, subdir=None):
    for folder in sys.path:
        path = folder + "/test/" + (subdir + "/" if subdir else "") + filename
        try:
            open(path).close()
        except (OSError, NotImplementedError):
            continue
        return path
    return filename


def open_urlresource(*args, **kwargs):
    raise unittest.SkipTest("needs the network")


def maybe_get_event_loop_policy():
    return None


def requires_debug_ranges(reason="needs positions"):
    return same


def has_no_debug_ranges():
    return False


def system_must_validate_cert(item):
    return item


def linked_to_musl():
    return False


def in_systemd_nspawn_sync_suppressed():
    return False


def skip_if_broken_multiprocessing():
    raise unittest.SkipTest("needs multiprocessing")


def load_package_tests(folder, loader, tests, pattern):
    return tests


def run_unittest(*classes):
    pass


def run_doctest(*args, **kwargs):
    raise unittest.SkipTest("needs doctest")


def print_warning(message):
    pass


def ignore_deprecations_from(module, *, like):
    return 0


def clear_ignored_deprecations(*tokens):
    pass


def reset_code(function):
    function.__code__ = function.__code__.replace()
    return function


def expected_failure_if_gil_disabled():
    return same


def control_characters_c0():
    return [chr(c) for c in range(32)] + ["\x7f"]


class SuppressCrashReport(_Nothing):
    pass


class saved_test_environment(_Nothing):
    pass


def __getattr__(name):
    # What is not here is a thing that skips the tests which use it.
    if name.startswith("__"):
        raise AttributeError(name)
    import __main__

    if not hasattr(__main__, "Missing"):
        raise AttributeError(name)
    return __main__.Missing("test.support." + name)


from test.support import import_helper, os_helper, warnings_helper, script_helper, threading_helper
