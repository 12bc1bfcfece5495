//! Bits of a file, the highest of each byte first.

/// Reads bits; nothing when they are used up.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next bit.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `count` bits, 56 at most, as a number.
    pub(super) fn read(&mut self, count: usize) -> Option<u64> {
        if count == 0 {
            return Some(0);
        }
        if count > 56 || count > self.left() {
            return None;
        }
        let value = self.window() >> (64 - count);
        self.at += count;
        Some(value)
    }

    /// How many zeros come before the next one, which is taken too.
    pub(super) fn zeros(&mut self) -> Option<usize> {
        let from = self.at;
        loop {
            let zeros = self.window().leading_zeros() as usize;
            // Of the window only the first 57 bits are sure to be the file's.
            if zeros < 57 {
                self.at += zeros + 1;
                return (self.at <= 8 * self.bytes.len()).then(|| self.at - 1 - from);
            }
            self.at += 57;
            if self.left() == 0 {
                return None;
            }
        }
    }

    /// Goes on by `count` bits.
    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        if count > self.left() {
            return None;
        }
        self.at += count;
        Some(())
    }

    /// Goes on to the next whole byte; nothing if what lies before it is not zero.
    pub(super) fn align(&mut self) -> Option<()> {
        let rest = self.at.next_multiple_of(8) - self.at;
        (self.read(rest)? == 0).then_some(())
    }

    /// The bytes that were read, if they are whole ones.
    pub(super) fn taken(&self) -> &'a [u8] {
        &self.bytes[..self.at / 8]
    }

    fn left(&self) -> usize {
        (8 * self.bytes.len()).saturating_sub(self.at)
    }

    /// The next 57 bits at least, at the upper end; zeros after the end.
    fn window(&self) -> u64 {
        let bytes = self.bytes.get(self.at / 8..).unwrap_or_default();
        let mut word = [0; 8];
        let n = bytes.len().min(8);
        word[..n].copy_from_slice(&bytes[..n]);
        u64::from_be_bytes(word) << (self.at % 8)
    }
}
