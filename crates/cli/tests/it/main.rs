//! The built `pyco` command, compared with what each CPython said of the fixtures.

mod asm;
mod bad_input;
mod cfg;
mod check;
mod dis;
mod lines;
mod normalize;
mod run;
mod show;
mod support;
mod verify;
