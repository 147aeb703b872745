//! `_md5`, `_sha1`, `_sha2` (up to 3.11 `_sha256` and `_sha512`), `_sha3`, `_blake2` and `_hmac`: what `hashlib` and `hmac` stand on where there is no
//! OpenSSL.
//!
//! The algorithms are those of well-kept crates; here is what Python sees of them.

mod algorithm;
mod blake2;
mod fixed;
mod hmac;
mod object;
mod sha3;

pub(crate) use blake2::make as make_blake2;
pub(crate) use fixed::{make_md5, make_sha1, make_sha2, make_sha256, make_sha512};
pub(crate) use hmac::make as make_hmac;
pub(crate) use sha3::make as make_sha3;
