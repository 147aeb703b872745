//! Strings and bytes against CPython's answers, recorded by `tests/data/text/record.py`.

mod bytes_methods;
mod cases;
mod codecs;
mod limits;
mod str_methods;
mod unicode;
