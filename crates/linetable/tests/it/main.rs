//! Public behaviour of the location tables.

mod allocation;
mod bad_input;
mod encoding;
mod fixtures;
mod look_up;
mod no_std;
mod properties;
