//! Public behaviour of pyco-exec, against what CPython was recorded to do.

mod numeric;
mod text;
mod traceback;
