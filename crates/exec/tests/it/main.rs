//! Integration tests of pyco-exec, one binary.

mod numeric;
