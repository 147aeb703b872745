"""Runs the methods of one test file, from a given one on, and says of each what happened: see ../mod.rs for the lines."""

import sys
import unittest

OUT = sys.stdout

# Modules that a test file may import and use in few of its tests: where they cannot be imported, only those tests go.
LATER = """
    _pickle array ast asyncio bdb binascii calendar cmath code concurrent.futures copy csv ctypes datetime decimal dis
    doctest email fractions gc glob hashlib html inspect io itertools json linecache locale logging marshal math
    multiprocessing opcode operator os pathlib pdb pickle pkgutil platform pprint pty pydoc random re select selectors
    shutil signal socket statistics string struct subprocess symtable sysconfig tempfile textwrap threading time
    timeit token tokenize traceback tracemalloc unicodedata urllib uuid weakref xml.etree.ElementTree zipfile zlib
    warnings contextlib functools collections collections.abc types typing enum dataclasses copyreg codecs errno
    importlib importlib.util
""".split()


LOADING = True


class Missing:
    """Stands for anything in a module that cannot be imported: using it skips the test, while loading it does nothing."""

    def __init__(self, name):
        self.__dict__["name"] = name

    def __call__(self, *args, **kwargs):
        if not LOADING:
            raise unittest.SkipTest("needs " + self.name)
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], Missing):
            try:
                return unittest.skip("needs " + self.name)(args[0])
            except (AttributeError, TypeError):
                pass
        return Missing(self.name)

    def __setitem__(self, key, value):
        pass

    def __index__(self):
        if not LOADING:
            raise unittest.SkipTest("needs " + self.name)
        return 1

    def __getattr__(self, name):
        if name == "__name__" and not LOADING:
            raise unittest.SkipTest("needs " + self.name)
        if name.startswith("__"):
            raise AttributeError(name)
        return Missing(self.name)

    def __mro_entries__(self, bases):
        if len(bases) > 1:
            return ()
        name = self.name

        class Lacking:
            def __new__(cls, *args, **kwargs):
                if not LOADING:
                    raise unittest.SkipTest("needs " + name)
                return object.__new__(cls)

        return (Lacking,)

    def __iter__(self):
        raise unittest.SkipTest("needs " + self.name)

    __enter__ = __getitem__ = __or__ = __ror__ = __add__ = __radd__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __call__

    def __exit__(self, *args):
        pass

    def __instancecheck__(self, value):
        raise unittest.SkipTest("needs " + self.name)

    __subclasscheck__ = __instancecheck__


def placeholder(name):
    module = type(sys)(name)
    module.__path__ = []
    module.__getattr__ = lambda attribute: missing(name, attribute)
    return module


def missing(name, attribute):
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    return Missing(name)


def say(kind, name, text=""):
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    text = text.encode("ascii", "backslashreplace").decode("ascii")
    OUT.write("\x01%s\t%s\t%s\n" % (kind, name, text))
    OUT.flush()


def text_of(error):
    try:
        return str(error)
    except BaseException as second:
        return "<str() raised %s>" % type(second).__name__


def describe(error):
    text = text_of(error)
    lines = ["%s: %s" % (type(error).__name__, text if len(text) < 2000 else text[:2000] + "...")]
    for note in getattr(error, "__notes__", ()):
        lines.append(str(note))
    places = []
    traceback = error.__traceback__
    while traceback is not None and len(places) < 200:
        code = traceback.tb_frame.f_code
        if "/unittest/" not in code.co_filename:
            file = code.co_filename.rpartition("/")[2]
            places.append("  at %s:%s in %s" % (file, traceback.tb_lineno, code.co_qualname))
        traceback = traceback.tb_next
    lines.extend(places[-6:])
    cause = error.__cause__ or error.__context__
    if cause is not None and cause is not error:
        lines.append("  from %s: %s" % (type(cause).__name__, text_of(cause)))
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions[:3]:
            lines.append("  with %s: %s" % (type(inner).__name__, text_of(inner)))
    return "\n".join(lines)


def load(name):
    try:
        return __import__(name, fromlist=["*"])
    except unittest.SkipTest:
        raise
    except Exception as error:
        first = error
    for later in LATER:
        if later in sys.modules:
            continue
        try:
            __import__(later)
        except Exception:
            for part in [later[:i] for i, c in enumerate(later) if c == "."] + [later]:
                sys.modules.setdefault(part, placeholder(part))
    for _ in range(20):
        sys.modules.pop(name, None)
        try:
            return __import__(name, fromlist=["*"])
        except unittest.SkipTest:
            raise
        except Exception as error:
            # What only a CPython built for tests has, asked for without an alternative.
            lacking = getattr(error, "name", None)
            if not isinstance(error, ModuleNotFoundError) or lacking in sys.modules or lacking.startswith("test"):
                error.__context__ = None if str(error) == str(first) else first
                raise
            sys.modules[lacking] = placeholder(lacking)
    raise first


def lend(module):
    """A module that only a CPython built for tests has, and that a file does without: who asks it for something is skipped."""
    for name, value in list(vars(module).items()):
        if value is None and name.startswith("_test"):
            setattr(module, name, placeholder(name))


def lacking_module(error):
    """The module that is not there yet, if that is all that went wrong: one of CPython's own that are no Python files."""
    while error is not None and not isinstance(error, ModuleNotFoundError):
        if not isinstance(error, ImportError):
            return None
        error = error.__cause__ or error.__context__
    name = str(getattr(error, "name", ""))
    return name if name.startswith("_test") or name in sys.stdlib_module_names else None


def lacks_module(failures):
    """Whether all went wrong only because of such a module."""
    return failures and all(lacking_module(error) for _, error in failures)


def cases(module):
    found = []
    for name in dir(module):
        case = getattr(module, name)
        if not isinstance(case, type) or not issubclass(case, unittest.TestCase):
            continue
        if case.__module__ == "unittest" or case.__module__.startswith("unittest."):
            continue
        names = [n for n in dir(case) if n.startswith("test") and callable(getattr(case, n))]
        if not names and hasattr(case, "runTest"):
            names = ["runTest"]
        found.append((name, case, names))
    return chosen(module, found)


def chosen(module, found):
    """What the file's own `load_tests` leaves of them, which may also prepare the classes; all if it adds what this stand-in cannot."""
    if not hasattr(module, "load_tests"):
        return found
    suite = unittest.TestSuite(case(name) for _, case, names in found for name in names)
    try:
        suite = module.load_tests(unittest.TestLoader(), suite, None)
    except BaseException:
        return found
    classes = set()
    pending = [suite]
    while pending:
        test = pending.pop()
        if isinstance(test, unittest.TestSuite):
            pending.extend(test)
        else:
            classes.add(type(test))
    return [entry for entry in found if entry[1] in classes]


def main(name, start, wanted):
    global LOADING
    try:
        module = load(name)
        lend(module)
        LOADING = False
    except unittest.SkipTest as error:
        return say("file", "skip", str(error))
    except BaseException as error:
        return say("file", "error", describe(error))
    plan = [(title, case, method) for title, case, names in cases(module) for method in names]
    if wanted:
        plan = [p for p in plan if any(w in "%s.%s" % (p[0], p[2]) for w in wanted)]
    say("plan", str(len(plan)))
    if hasattr(module, "setUpModule"):
        try:
            module.setUpModule()
        except unittest.SkipTest as error:
            return say("file", "skip", str(error))
        except BaseException as error:
            return say("file", "error", describe(error))
    current = None
    broken = None
    for index, (title, case, method) in enumerate(plan):
        if index < start:
            continue
        full = "%s.%s" % (title, method)
        say("start", str(index), full)
        if case is not current:
            close(current)
            current, broken = case, None
            if not getattr(case, "__unittest_skip__", False):
                try:
                    case.setUpClass()
                except unittest.SkipTest as error:
                    broken = "skip", str(error)
                except BaseException as error:
                    broken = "error", describe(error)
        if broken is not None:
            say(broken[0], full, broken[1])
            continue
        try:
            kind, text, failures = case(method)._perform()
        except BaseException as error:
            kind, text, failures = "error", "", [("", error)]
        if lacks_module(failures):
            kind, text, failures = "skip", "needs " + lacking_module(failures[0][1]), []
        for what, error in failures[:3]:
            text += ("[%s] " % what if what else "") + describe(error) + "\n"
        if len(failures) > 3:
            text += "and %d more\n" % (len(failures) - 3)
        say(kind, full, text)
    close(current)
    # What the interpreter still asks of placeholders is no test any more.
    LOADING = True
    say("done", name)


def close(case):
    if case is None:
        return
    try:
        case.tearDownClass()
        case.doClassCleanups()
    except BaseException:
        pass


main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
