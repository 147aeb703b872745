"""What tests import from unittest.case."""

from unittest import SkipTest, TestCase, expectedFailure, skip, skipIf, skipUnless
