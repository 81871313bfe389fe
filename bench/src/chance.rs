//! Chance, fast and without ceremony (SplitMix64): it chooses petitions and makes request ids, nothing secret.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A source of numbers; each caller has its own.
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// A source that starts somewhere else each time.
    pub fn new() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    pub const fn below(&mut self, bound: usize) -> usize {
        // The remainder is below the bound, so it fits; the bias does not matter here.
        (self.next() % bound as u64) as usize
    }

    /// One of several.
    pub const fn one_of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A UUID of version 4, in its usual form.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.next().to_be_bytes(), self.next().to_be_bytes());
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&high);
        bytes[8..].copy_from_slice(&low);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}
