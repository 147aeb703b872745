//! The hash algorithms: their names and sizes, and the state of one that runs.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use shake::{ExtendableOutput, Shake128, Shake256, XofReader};

/// An algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Shake128,
    Shake256,
    Blake2b,
    Blake2s,
}

impl Algorithm {
    /// What hash objects say as their `name`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha224 => "sha224",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
            Algorithm::Sha3_224 => "sha3_224",
            Algorithm::Sha3_256 => "sha3_256",
            Algorithm::Sha3_384 => "sha3_384",
            Algorithm::Sha3_512 => "sha3_512",
            Algorithm::Shake128 => "shake_128",
            Algorithm::Shake256 => "shake_256",
            Algorithm::Blake2b => "blake2b",
            Algorithm::Blake2s => "blake2s",
        }
    }

    /// How many bytes it takes in at a time.
    pub(super) fn block_size(self) -> usize {
        match self {
            Algorithm::Md5 | Algorithm::Sha1 | Algorithm::Sha224 | Algorithm::Sha256 => 64,
            Algorithm::Sha384 | Algorithm::Sha512 => 128,
            Algorithm::Sha3_224 => 144,
            Algorithm::Sha3_256 | Algorithm::Shake256 => 136,
            Algorithm::Sha3_384 => 104,
            Algorithm::Sha3_512 => 72,
            Algorithm::Shake128 => 168,
            Algorithm::Blake2b => 128,
            Algorithm::Blake2s => 64,
        }
    }

    /// How many bytes a digest has, unless told otherwise; 0 where every digest is told its length.
    pub(super) fn digest_size(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha224 | Algorithm::Sha3_224 => 28,
            Algorithm::Sha256 | Algorithm::Sha3_256 | Algorithm::Blake2s => 32,
            Algorithm::Sha384 | Algorithm::Sha3_384 => 48,
            Algorithm::Sha512 | Algorithm::Sha3_512 | Algorithm::Blake2b => 64,
            Algorithm::Shake128 | Algorithm::Shake256 => 0,
        }
    }
}

/// An algorithm after some input.
#[derive(Clone)]
pub(super) enum State {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
    Sha3_224(Sha3_224),
    Sha3_256(Sha3_256),
    Sha3_384(Sha3_384),
    Sha3_512(Sha3_512),
    Shake128(Shake128),
    Shake256(Shake256),
    Blake2b(blake2b_simd::State),
    Blake2s(blake2s_simd::State),
}

impl State {
    /// No input yet.
    pub(super) fn new(algorithm: Algorithm) -> State {
        match algorithm {
            Algorithm::Md5 => State::Md5(Md5::default()),
            Algorithm::Sha1 => State::Sha1(Sha1::default()),
            Algorithm::Sha224 => State::Sha224(Sha224::default()),
            Algorithm::Sha256 => State::Sha256(Sha256::default()),
            Algorithm::Sha384 => State::Sha384(Sha384::default()),
            Algorithm::Sha512 => State::Sha512(Sha512::default()),
            Algorithm::Sha3_224 => State::Sha3_224(Sha3_224::default()),
            Algorithm::Sha3_256 => State::Sha3_256(Sha3_256::default()),
            Algorithm::Sha3_384 => State::Sha3_384(Sha3_384::default()),
            Algorithm::Sha3_512 => State::Sha3_512(Sha3_512::default()),
            Algorithm::Shake128 => State::Shake128(Shake128::default()),
            Algorithm::Shake256 => State::Shake256(Shake256::default()),
            Algorithm::Blake2b => State::Blake2b(blake2b_simd::State::new()),
            Algorithm::Blake2s => State::Blake2s(blake2s_simd::State::new()),
        }
    }

    /// More input.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            State::Md5(state) => state.update(bytes),
            State::Sha1(state) => state.update(bytes),
            State::Sha224(state) => state.update(bytes),
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
            State::Sha3_224(state) => state.update(bytes),
            State::Sha3_256(state) => state.update(bytes),
            State::Sha3_384(state) => state.update(bytes),
            State::Sha3_512(state) => state.update(bytes),
            State::Shake128(state) => shake::Update::update(state, bytes),
            State::Shake256(state) => shake::Update::update(state, bytes),
            State::Blake2b(state) => drop(state.update(bytes)),
            State::Blake2s(state) => drop(state.update(bytes)),
        }
    }

    /// The digest of the input so far; `len` is its length where the algorithm does not fix it.
    pub(super) fn digest(&self, len: usize) -> Vec<u8> {
        match self {
            State::Md5(state) => finish(state),
            State::Sha1(state) => finish(state),
            State::Sha224(state) => finish(state),
            State::Sha256(state) => finish(state),
            State::Sha384(state) => finish(state),
            State::Sha512(state) => finish(state),
            State::Sha3_224(state) => finish(state),
            State::Sha3_256(state) => finish(state),
            State::Sha3_384(state) => finish(state),
            State::Sha3_512(state) => finish(state),
            State::Shake128(state) => squeeze(state, len),
            State::Shake256(state) => squeeze(state, len),
            State::Blake2b(state) => state.finalize().as_bytes().to_vec(),
            State::Blake2s(state) => state.finalize().as_bytes().to_vec(),
        }
    }
}

fn finish<D: Digest + Clone>(state: &D) -> Vec<u8> {
    state.clone().finalize().to_vec()
}

fn squeeze<D: ExtendableOutput + Clone>(state: &D, len: usize) -> Vec<u8> {
    let mut digest = vec![0; len];
    state.clone().finalize_xof().read(&mut digest);
    digest
}
