//! Chores of the project, run as `cargo xtask COMMAND`.

fn main() {}
