//! Public behaviour of `pyco-code`, against what each CPython said (`tests/record.py`).

mod adaptive;
mod asm;
mod cfg;
mod dis;
mod edit;
mod hostile;
mod objects;
mod support;
mod verify;
