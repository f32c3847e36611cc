//! Fast hashes of text, with a seed that is new in every run, so that no file can be made to collide.

use std::hash::{BuildHasher as _, Hash};
use std::sync::LazyLock;

static SEED: LazyLock<foldhash::quality::RandomState> = LazyLock::new(Default::default);

/// The hash of `value`; equal only for equal values, as far as a program can tell, and only within one run.
pub fn hash(value: impl Hash) -> u64 {
    SEED.hash_one(value)
}
