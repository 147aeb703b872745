"""A small stand-in for unittest: what CPython's own tests use of it, in plain code that asks little of an interpreter."""

import sys

__unittest = True


class SkipTest(Exception):
    pass


class _Unexpected(AssertionError):
    pass


def skip(reason):
    def decorate(item):
        item.__unittest_skip__ = True
        item.__unittest_skip_why__ = reason
        return item

    if callable(reason) and not isinstance(reason, str):
        function, reason = reason, ""
        return decorate(function)
    return decorate


def skipIf(condition, reason):
    return skip(reason) if condition else lambda item: item


def skipUnless(condition, reason):
    return lambda item: item if condition else skip(reason)(item)


def expectedFailure(item):
    item.__unittest_expecting_failure__ = True
    return item


def _text(value):
    try:
        text = repr(value)
    except Exception:
        text = object.__repr__(value)
    return text if len(text) < 300 else text[:300] + "..."


def _search(expected, text):
    if isinstance(expected, (str, bytes)):
        try:
            import re
        except (ImportError, NotImplementedError) as error:
            raise SkipTest("needs re: %s" % error)
        expected = re.compile(expected)
    return expected.search(text)


class _Context:
    def __init__(self, case, expected, regex, kwargs):
        self.case = case
        self.expected = expected
        self.regex = regex
        self.msg = kwargs.pop("msg", None)

    def run(self, args, kwargs):
        if not args:
            return self
        function, *args = args
        with self:
            function(*args, **kwargs)

    def names(self):
        many = self.expected if isinstance(self.expected, tuple) else (self.expected,)
        return " or ".join(getattr(e, "__name__", str(e)) for e in many)

    def check(self, value):
        if self.regex is not None and not _search(self.regex, str(value)):
            pattern = getattr(self.regex, "pattern", self.regex)
            self.case.fail("%r does not match %r" % (pattern, str(value)))


class _Raises(_Context):
    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self.case.fail("%s not raised" % self.names())
        if not issubclass(kind, self.expected):
            return False
        self.exception = value.with_traceback(None)
        self.check(value)
        return True


class _Warns(_Context):
    def __enter__(self):
        for module in list(sys.modules.values()):
            if getattr(module, "__warningregistry__", None):
                module.__warningregistry__ = {}
        # A test of the warnings themselves puts another module there.
        warnings = sys.modules["unittest.case"].warnings
        self.catcher = warnings.catch_warnings(record=True)
        self.warnings = self.catcher.__enter__()
        warnings.simplefilter("always", self.expected if isinstance(self.expected, type) else Warning)
        return self

    def __exit__(self, kind, value, traceback):
        self.catcher.__exit__(kind, value, traceback)
        if kind is not None:
            return
        first = None
        for found in self.warnings:
            if not isinstance(found.message, self.expected):
                continue
            if first is None:
                first = found.message
            if self.regex is not None and not _search(self.regex, str(found.message)):
                continue
            self.warning = found.message
            self.filename = found.filename
            self.lineno = found.lineno
            return
        if first is not None:
            self.check(first)
        self.case.fail("%s not triggered" % self.names())


class _Logs:
    def __init__(self, *args, **kwargs):
        raise SkipTest("needs logging")


class _SubTest:
    def __init__(self, case, message, params):
        self.case = case
        self.what = ([] if message is None else [str(message)]) + ["%s=%s" % (k, _text(v)) for k, v in params.items()]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            return
        if issubclass(kind, SkipTest):
            self.case._skips.append(str(value))
            return True
        if not issubclass(kind, Exception):
            return False
        self.case._failures.append((", ".join(self.what), value))
        return True


class TestResult:
    pass


class TestCase:
    failureException = AssertionError
    longMessage = True
    maxDiff = 640
    _class_cleanups = []

    def __init__(self, methodName="runTest"):
        self._testMethodName = methodName
        self._cleanups = []
        self._failures = []
        self._skips = []

    def __init_subclass__(cls, *args, **kwargs):
        super().__init_subclass__(*args, **kwargs)
        cls._class_cleanups = []

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return self._testMethodName == other._testMethodName

    def __hash__(self):
        return hash((type(self), self._testMethodName))

    def __str__(self):
        return "%s (%s)" % (self._testMethodName, self.id())

    def id(self):
        return "%s.%s.%s" % (type(self).__module__, type(self).__qualname__, self._testMethodName)

    def shortDescription(self):
        return None

    def setUp(self):
        pass

    def tearDown(self):
        pass

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def addCleanup(self, function, /, *args, **kwargs):
        self._cleanups.append((function, args, kwargs))

    def doCleanups(self):
        while self._cleanups:
            function, args, kwargs = self._cleanups.pop()
            function(*args, **kwargs)

    def enterContext(self, manager):
        kind = type(manager)
        enter, leave = kind.__enter__, kind.__exit__
        result = enter(manager)
        self.addCleanup(leave, manager, None, None, None)
        return result

    @classmethod
    def addClassCleanup(cls, function, /, *args, **kwargs):
        cls._class_cleanups.append((function, args, kwargs))

    @classmethod
    def doClassCleanups(cls):
        while cls._class_cleanups:
            function, args, kwargs = cls._class_cleanups.pop()
            function(*args, **kwargs)

    @classmethod
    def enterClassContext(cls, manager):
        kind = type(manager)
        enter, leave = kind.__enter__, kind.__exit__
        result = enter(manager)
        cls.addClassCleanup(leave, manager, None, None, None)
        return result

    def defaultTestResult(self):
        return TestResult()

    def countTestCases(self):
        return 1

    def skipTest(self, reason):
        raise SkipTest(reason)

    def subTest(self, msg=None, **params):
        return _SubTest(self, msg, params)

    def fail(self, msg=None):
        raise self.failureException(msg)

    def _say(self, msg, standard):
        if msg is None:
            return standard
        return "%s : %s" % (standard, msg)

    _formatMessage = _say

    def _must(self, condition, msg, standard, *values):
        if not condition:
            for value in values:
                if type(value).__name__ == "Missing" and "name" in vars(value):
                    raise SkipTest("needs " + value.name)
            self.fail(self._say(msg, standard % tuple(map(_text, values))))

    def assertTrue(self, value, msg=None):
        self._must(value, msg, "%s is not true", value)

    def assertFalse(self, value, msg=None):
        self._must(not value, msg, "%s is not false", value)

    def addTypeEqualityFunc(self, kind, function):
        equal = self.__dict__.setdefault("_equal", {})
        equal[kind] = function

    def assertEqual(self, first, second, msg=None):
        own = self.__dict__.get("_equal")
        if own and type(first) is type(second) and type(first) in own:
            function = own[type(first)]
            if isinstance(function, str):
                function = getattr(self, function)
            return function(first, second, msg=msg)
        if not first == second:
            self._must(False, msg, "%s != %s", first, second)

    def assertNotEqual(self, first, second, msg=None):
        self._must(first != second, msg, "%s == %s", first, second)

    def assertIs(self, first, second, msg=None):
        self._must(first is second, msg, "%s is not %s", first, second)

    def assertIsNot(self, first, second, msg=None):
        self._must(first is not second, msg, "unexpectedly identical: %s", first)

    def assertIsNone(self, value, msg=None):
        self._must(value is None, msg, "%s is not None", value)

    def assertIsNotNone(self, value, msg=None):
        self._must(value is not None, msg, "unexpectedly None")

    def assertIn(self, member, container, msg=None):
        self._must(member in container, msg, "%s not found in %s", member, container)

    def assertNotIn(self, member, container, msg=None):
        self._must(member not in container, msg, "%s unexpectedly found in %s", member, container)

    def assertIsInstance(self, value, kind, msg=None):
        self._must(isinstance(value, kind), msg, "%s is not an instance of %s", value, kind)

    def assertNotIsInstance(self, value, kind, msg=None):
        self._must(not isinstance(value, kind), msg, "%s is an instance of %s", value, kind)

    def assertIsSubclass(self, kind, superclass, msg=None):
        self._must(issubclass(kind, superclass), msg, "%s is not a subclass of %s", kind, superclass)

    def assertNotIsSubclass(self, kind, superclass, msg=None):
        self._must(not issubclass(kind, superclass), msg, "%s is a subclass of %s", kind, superclass)

    def assertHasAttr(self, value, name, msg=None):
        self._must(hasattr(value, name), msg, "%s has no attribute %s", value, name)

    def assertNotHasAttr(self, value, name, msg=None):
        self._must(not hasattr(value, name), msg, "%s has unexpected attribute %s", value, name)

    def assertStartsWith(self, text, prefix, msg=None):
        self._must(text.startswith(prefix), msg, "%s doesn't start with %s", text, prefix)

    def assertNotStartsWith(self, text, prefix, msg=None):
        self._must(not text.startswith(prefix), msg, "%s starts with %s", text, prefix)

    def assertEndsWith(self, text, suffix, msg=None):
        self._must(text.endswith(suffix), msg, "%s doesn't end with %s", text, suffix)

    def assertNotEndsWith(self, text, suffix, msg=None):
        self._must(not text.endswith(suffix), msg, "%s ends with %s", text, suffix)

    def assertLess(self, a, b, msg=None):
        self._must(a < b, msg, "%s not less than %s", a, b)

    def assertLessEqual(self, a, b, msg=None):
        self._must(a <= b, msg, "%s not less than or equal to %s", a, b)

    def assertGreater(self, a, b, msg=None):
        self._must(a > b, msg, "%s not greater than %s", a, b)

    def assertGreaterEqual(self, a, b, msg=None):
        self._must(a >= b, msg, "%s not greater than or equal to %s", a, b)

    def assertAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        if first == second:
            return
        difference = abs(first - second)
        if delta is not None:
            self._must(difference <= delta, msg, "%s != %s within %s delta", first, second, delta)
        else:
            places = 7 if places is None else places
            self._must(round(difference, places) == 0, msg, "%s != %s within %s places", first, second, places)

    def assertNotAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        difference = abs(first - second)
        if delta is not None:
            self._must(first != second and difference > delta, msg, "%s == %s within %s delta", first, second, delta)
        else:
            places = 7 if places is None else places
            wrong = first == second or round(difference, places) == 0
            self._must(not wrong, msg, "%s == %s within %s places", first, second, places)

    def assertRegex(self, text, expected, msg=None):
        self._must(_search(expected, text), msg, "no match of %s in %s", expected, text)

    def assertNotRegex(self, text, unexpected, msg=None):
        self._must(not _search(unexpected, text), msg, "match of %s in %s", unexpected, text)

    def assertSequenceEqual(self, first, second, msg=None, seq_type=None):
        if seq_type is not None:
            self.assertIsInstance(first, seq_type)
            self.assertIsInstance(second, seq_type)
        if first == second:
            return
        self._must(len(first) == len(second), msg, "%s != %s", first, second)
        for a, b in zip(first, second):
            self._must(a == b, msg, "%s != %s in %s != %s", a, b, first, second)

    def assertListEqual(self, first, second, msg=None):
        self.assertSequenceEqual(first, second, msg, list)

    def assertTupleEqual(self, first, second, msg=None):
        self.assertSequenceEqual(first, second, msg, tuple)

    def assertSetEqual(self, first, second, msg=None):
        self._must(not first.difference(second) and not second.difference(first), msg, "%s != %s", first, second)

    def assertDictEqual(self, first, second, msg=None):
        self.assertIsInstance(first, dict)
        self.assertIsInstance(second, dict)
        self._must(first == second, msg, "%s != %s", first, second)

    def assertDictContainsSubset(self, subset, dictionary, msg=None):
        for key, value in subset.items():
            self._must(key in dictionary and dictionary[key] == value, msg, "%s: %s not in %s", key, value, dictionary)

    def assertMultiLineEqual(self, first, second, msg=None):
        self.assertIsInstance(first, str)
        self.assertIsInstance(second, str)
        self._must(first == second, msg, "%s != %s", first, second)

    def assertCountEqual(self, first, second, msg=None):
        left, right = list(first), list(second)
        for item in left:
            for index, other in enumerate(right):
                if item is other or item == other:
                    del right[index]
                    break
            else:
                self._must(False, msg, "%s of %s not in the other", item, left)
        self._must(not right, msg, "%s only in the second", right)

    def assertRaises(self, expected, *args, **kwargs):
        return _Raises(self, expected, None, kwargs if not args else {}).run(args, kwargs)

    def assertRaisesRegex(self, expected, regex, *args, **kwargs):
        return _Raises(self, expected, regex, kwargs if not args else {}).run(args, kwargs)

    def assertWarns(self, expected, *args, **kwargs):
        return _Warns(self, expected, None, kwargs if not args else {}).run(args, kwargs)

    def assertWarnsRegex(self, expected, regex, *args, **kwargs):
        return _Warns(self, expected, regex, kwargs if not args else {}).run(args, kwargs)

    def assertLogs(self, logger=None, level=None):
        return _Logs()

    def assertNoLogs(self, logger=None, level=None):
        return _Logs()

    def _deprecated(name):
        def call(self, *args, **kwargs):
            return getattr(self, name)(*args, **kwargs)

        return call

    if sys.version_info < (3, 12):
        failUnlessEqual = assertEquals = _deprecated("assertEqual")
        assertNotEquals = _deprecated("assertNotEqual")
        assertAlmostEquals = _deprecated("assertAlmostEqual")
        assert_ = _deprecated("assertTrue")
        assertRegexpMatches = _deprecated("assertRegex")
        assertRaisesRegexp = _deprecated("assertRaisesRegex")
    del _deprecated

    # Running one method: what happened, and the exceptions with what they belong to.
    def _perform(self):
        method = getattr(self, self._testMethodName)
        for item in (type(self), method):
            if getattr(item, "__unittest_skip__", False):
                return "skip", getattr(item, "__unittest_skip_why__", ""), []
        failures = self._failures
        outcome = "pass"
        try:
            try:
                try:
                    self.setUp()
                except SkipTest:
                    # What a module that cannot be imported is needed for; what has been set up is taken down.
                    self.tearDown()
                    raise
                try:
                    method()
                finally:
                    self.tearDown()
            finally:
                self.doCleanups()
        except SkipTest as error:
            return "skip", str(error), []
        except (KeyboardInterrupt, SystemExit) as error:
            failures.append(("", error))
        except BaseException as error:
            failures.append(("", error))
        expects = getattr(method, "__unittest_expecting_failure__", False)
        expects = expects or getattr(type(self), "__unittest_expecting_failure__", False)
        if failures:
            if expects:
                return "pass", "failed as expected", []
            is_failure = all(isinstance(error, AssertionError) for _, error in failures)
            return "fail" if is_failure else "error", "", failures
        if expects:
            return "fail", "", [("", _Unexpected("passes, which is not expected"))]
        if self._skips:
            return "skip", self._skips[0], []
        return outcome, "", []

    def run(self, result=None):
        raise SkipTest("runs tests within tests")

    __call__ = run

    def debug(self):
        self.setUp()
        getattr(self, self._testMethodName)()
        self.tearDown()
        self.doCleanups()


class IsolatedAsyncioTestCase(TestCase):
    __unittest_skip__ = True
    __unittest_skip_why__ = "needs asyncio"


class FunctionTestCase(TestCase):
    pass


class TestSuite(list):
    def __init__(self, tests=()):
        super().__init__(tests)

    def addTest(self, test):
        self.append(test)

    def addTests(self, tests):
        self.extend(tests)


class TestLoader:
    suiteClass = TestSuite

    def loadTestsFromTestCase(self, case):
        names = [name for name in dir(case) if name.startswith("test") and callable(getattr(case, name))]
        return TestSuite(map(case, names))

    def loadTestsFromModule(self, module, *args, **kwargs):
        return TestSuite()

    def getTestCaseNames(self, case):
        return [test._testMethodName for test in self.loadTestsFromTestCase(case)]


defaultTestLoader = TestLoader()


def makeSuite(case, prefix="test"):
    return defaultTestLoader.loadTestsFromTestCase(case)


class TextTestRunner:
    def __init__(self, *args, **kwargs):
        raise SkipTest("runs tests within tests")


def main(*args, **kwargs):
    pass


_module_cleanups = []


def addModuleCleanup(function, /, *args, **kwargs):
    _module_cleanups.append((function, args, kwargs))


def doModuleCleanups():
    while _module_cleanups:
        function, args, kwargs = _module_cleanups.pop()
        function(*args, **kwargs)


def enterModuleContext(manager):
    result = type(manager).__enter__(manager)
    addModuleCleanup(type(manager).__exit__, manager, None, None, None)
    return result


from unittest import case  # noqa: E402: it asks for what stands above
