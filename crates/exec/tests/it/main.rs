//! Integration tests of pyco-exec, one binary.

mod numeric;
//! Public behaviour of pyco-exec, against what CPython was recorded to do.

mod text;
