//! HE-AAC as AAC: its core, at half of the rate, is ordinary AAC-LC, and holds all that is left at 16 kHz.
//!
//! The decoder refuses what announces more than it can do, so the announcement is taken out (ISO 14496-3 §1.6.2.1).

/// How much later a full decoder's sound is, in frames of the core: the delay of its two filter banks and its look
/// ahead, 962 frames of its own rate. Files count it among what is to be left out at the beginning.
pub(super) const DELAY: u64 = 481;

/// What a description of AAC comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Core {
    /// The description of the core alone.
    pub(super) config: Vec<u8>,
    /// Whether there was more: a doubling of the rate.
    pub(super) doubled: bool,
}

const LOW_COMPLEXITY: u64 = 2;
const DOUBLING: [u64; 2] = [5, 29];

/// The core of what `config` describes, if it is of the kind that is read here.
pub(super) fn core(config: &[u8]) -> Option<Core> {
    let mut bits = Bits { bytes: config, at: 0 };
    let mut kind = bits.take(5)?;
    let rate = bits.rate()?;
    let channels = bits.take(4)?;
    let mut doubled = DOUBLING.contains(&kind);
    if doubled {
        bits.rate()?;
        kind = bits.take(5)?;
    }
    if kind != LOW_COMPLEXITY {
        return None;
    }
    let flags = bits.take(3)?;
    // Behind it older decoders do not look.
    if bits.take(11) == Some(0x2b7) && bits.take(5) == Some(5) {
        doubled |= bits.take(1) == Some(1);
    }
    let fields = [(LOW_COMPLEXITY, 5), rate, (channels, 4), (flags, 3)];
    let width: u32 = fields.iter().map(|(_, width)| width).sum();
    let value = fields.iter().fold(0, |all, (value, width)| all << width | value);
    let value: u64 = value << (64 - width);
    let config = value.to_be_bytes()[..width.div_ceil(8) as usize].to_vec();
    Some(Core { config, doubled })
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next bits, at most 24.
    fn take(&mut self, count: usize) -> Option<u64> {
        let mut value = 0;
        for at in self.at..self.at + count {
            let byte = self.bytes.get(at / 8)?;
            value = value << 1 | u64::from(byte >> (7 - at % 8) & 1);
        }
        self.at += count;
        Some(value)
    }

    /// A sample rate as it is written, with its width: a number in a table, or itself.
    fn rate(&mut self) -> Option<(u64, u32)> {
        match self.take(4)? {
            15 => Some((15 << 24 | self.take(24)?, 28)),
            number => Some((number, 4)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_is_described_alone() {
        // AAC-LC, 44.1 kHz, two channels; the same with a note that nothing is doubled.
        let plain = Core { config: vec![0x12, 0x10], doubled: false };
        assert_eq!(core(&[0x12, 0x10]), Some(plain));
        let noted = core(&[0x12, 0x10, 0x56, 0xe5, 0x00]);
        assert_eq!(noted, Some(Core { config: vec![0x12, 0x10], doubled: false }));
        // HE-AAC, 22.05 to 44.1 kHz, two channels; the same said behind.
        let doubled = Some(Core { config: vec![0x13, 0x90], doubled: true });
        assert_eq!(core(&[0x2b, 0x92, 0x08, 0x00]), doubled);
        assert_eq!(core(&[0x13, 0x90, 0x56, 0xe5, 0xa0]), doubled);
        assert_eq!(core(&[0x0b, 0x90]), None, "main profile");
        assert_eq!(core(&[0x12]), None);
        // A rate that is written out: 44 100 Hz.
        let long = core(&[0x17, 0x80, 0x56, 0x22, 0x10]).map(|c| c.config);
        assert_eq!(long, Some(vec![0x17, 0x80, 0x56, 0x22, 0x10]));
    }
}
