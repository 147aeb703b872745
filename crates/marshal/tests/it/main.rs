//! Public behaviour of pyco-marshal, against what real interpreters wrote and on hostile bytes.

mod bombs;
mod fixtures;
mod memory;
mod mutations;
mod normalize;
mod pyc;
mod recorded;
#[cfg(feature = "serde")]
mod serde;
mod values;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;
