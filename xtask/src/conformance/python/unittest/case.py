"""What tests import from unittest.case."""

import warnings
from unittest import SkipTest, TestCase, _Raises, expectedFailure, skip, skipIf, skipUnless


class _AssertRaisesContext(_Raises):
    __class_getitem__ = classmethod(type(list[int]))
