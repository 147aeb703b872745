//! The two 6-bit varints of CPython's location and exception tables.
