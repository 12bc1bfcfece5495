//! Random numbers that are the same again with the same seed.

/// `SplitMix64`: small, and good enough to choose test cases with.
#[derive(Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers of one case of one run, whatever was drawn for others.
    pub(crate) fn of(seed: u64, words: &[&str], n: usize) -> Self {
        // FNV-1a over what names the case.
        let mut hash = seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in words.iter().flat_map(|w| w.bytes().chain([0])).chain(n.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self(hash)
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `from..to`; `from` if there is nothing between.
    pub(crate) fn between(&mut self, from: usize, to: usize) -> usize {
        from + (self.number() % to.saturating_sub(from).max(1) as u64) as usize
    }

    pub(crate) fn below(&mut self, to: usize) -> usize {
        self.between(0, to)
    }

    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.number() as u8).collect()
    }
}
