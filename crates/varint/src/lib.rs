//! The two 6-bit varints of CPython's location and exception tables.
//!
//! CPython 3.11 and later store two side tables in each code object, and each has its own variable-length
//! integer. Both put six bits of the value in a byte and use bit 6 (`0x40`) for "another byte follows"; they
//! differ in everything else:
//!
//! | | [`location`] (`co_linetable`) | [`exception`] (`co_exceptiontable`) |
//! |---|---|---|
//! | order of the groups | least significant first | most significant first |
//! | signed form | yes: magnitude shifted left by one, sign in bit 0 | no |
//! | bit 7 | always clear | set on the first byte of an entry's `start` only |
//!
//! ```
//! use pyco_varint::{exception, location};
//!
//! assert_eq!(location::read(&[0x48, 0x03], 0), Ok((200, 2)));
//! assert_eq!(location::read_signed(&[0x03], 0), Ok((-1, 1)));
//! assert_eq!(exception::read(&[0x43, 0x08], 0), Ok((200, 2)));
//! assert_eq!(exception::read_start(&[0xc3, 0x08], 0), Ok((200, 2)));
//! assert_eq!(location::encode(200).as_bytes(), [0x48, 0x03]);
//! ```
//!
//! Invariants:
//! - `no_std`, no allocation, no `unsafe`, no panic; every function is `const`.
//! - Each value has one encoding, and the readers take no other: truncated, overlong and overflowing input is
//!   an [`Error`] that tells where. The one exception is CPython's own: a signed 1 ("minus zero") reads as 0.
//! - The readers return the value and the offset of the byte after it, and never look further.
#![no_std]
#![forbid(unsafe_code)]

mod encoded;
mod error;
pub mod exception;
pub mod location;
#[doc(hidden)]
pub mod properties;

pub use encoded::Encoded;
pub use error::{Error, ErrorKind};

/// The most bytes that one value takes: six groups of six bits hold 32 bits.
pub const MAX_LEN: usize = 6;

/// Bit 6: another byte of this value follows.
pub const CONTINUATION: u8 = 0x40;

/// Bits 0 to 5: the payload of one byte.
pub const GROUP: u8 = 0x3f;

/// Bit 7: in a location table the first byte of an entry, in an exception table the first byte of an entry's
/// `start`.
pub const ENTRY_MARK: u8 = 0x80;

/// The README's example runs too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
