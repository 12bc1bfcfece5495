//! Random numbers that are the same again with the same seed.

/// `SplitMix64`: small, and good enough to choose test cases with.
#[derive(Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// From a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From `HEARBACK_TEST_SEED`, or always the same.
    pub(crate) fn from_environment() -> Self {
        let seed = std::env::var("HEARBACK_TEST_SEED").ok().and_then(|text| text.parse().ok());
        Self(seed.unwrap_or(20_261_122))
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// One of `0..end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % end as u64).unwrap()
    }

    /// Yes in so many of a hundred cases.
    pub(crate) fn percent(&mut self, yes: u64) -> bool {
        self.number() % 100 < yes
    }

    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
