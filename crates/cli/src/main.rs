//! The `pyco` command.

fn main() {}
