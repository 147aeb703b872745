//! Integration tests of `pyco-exec`, one module a subject.

mod traceback;
