//! Public behaviour of pyco-exec, against what CPython was recorded to do.

mod compiling;
mod mutations;
mod numeric;
mod programs;
mod text;
mod traceback;
mod trees;
