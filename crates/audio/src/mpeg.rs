//! The heads of MPEG audio frames (ISO 11172-3, 13818-3) and of AAC in ADTS (ISO 14496-3 §1.A.2).

/// A frame of MPEG audio by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mpeg {
    pub(crate) layer: u8,
    /// Whether it is MPEG 1, rather than one of the lower rates that came later.
    pub(crate) first: bool,
    pub(crate) rate: u32,
    pub(crate) mono: bool,
    /// Bytes, the head included.
    pub(crate) len: usize,
    /// Samples of each channel.
    pub(crate) samples: u64,
}

const FIRST: [[u32; 14]; 3] = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
];
const LATER: [[u32; 14]; 2] = [
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

impl Mpeg {
    /// The frame that begins with these bytes. Free format is not accepted.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let head: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
        if head[0] != 0xff || head[1] & 0xe0 != 0xe0 {
            return None;
        }
        let (version, layer) = (head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3));
        if version == 1 || layer == 4 {
            return None;
        }
        let first = version == 3;
        let bitrate = (head[2] >> 4).checked_sub(1).map(usize::from)?;
        let kbps = match (first, layer) {
            (true, _) => FIRST[usize::from(layer) - 1].get(bitrate),
            (false, 1) => LATER[0].get(bitrate),
            (false, _) => LATER[1].get(bitrate),
        }?;
        let halvings = [2, 0, 1, 0][usize::from(version)];
        let rate = [44_100, 48_000, 32_000].get(usize::from(head[2] >> 2 & 3))? >> halvings;
        let padding = u32::from(head[2] >> 1 & 1);
        let (len, samples) = match (layer, first) {
            (1, _) => ((12_000 * kbps / rate + padding) * 4, 384),
            (3, false) => (72_000 * kbps / rate + padding, 576),
            _ => (144_000 * kbps / rate + padding, 1_152),
        };
        let mono = head[3] >> 6 == 3;
        Some(Self { layer, first, rate, mono, len: usize::try_from(len).ok()?, samples })
    }

    /// Bytes between the head and the sound of a layer 3 frame.
    fn side(&self) -> usize {
        match (self.first, self.mono) {
            (true, false) => 32,
            (true, true) | (false, false) => 17,
            (false, true) => 9,
        }
    }
}

/// What the encoder wrote about the whole file, in a frame without sound before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Note {
    /// How many frames follow.
    pub(crate) frames: Option<u32>,
    /// Samples that encoder and decoder put before the sound, and behind it.
    pub(crate) gapless: Option<(u32, u32)>,
}

impl Note {
    /// What the delay of every decoder adds.
    const DECODER: u32 = 529;

    /// The note in this frame, if it is one: Xing's, with LAME's part behind, or Fraunhofer's.
    pub(crate) fn new(frame: &[u8]) -> Option<Self> {
        let head = Mpeg::new(frame).filter(|head| head.layer == 3)?;
        if frame.get(36..40) == Some(b"VBRI") {
            return Some(Self { frames: be32(frame, 50), gapless: None });
        }
        let at = 4 + head.side();
        let note = frame.get(at..)?;
        if !note.starts_with(b"Xing") && !note.starts_with(b"Info") {
            return None;
        }
        let flags = be32(note, 4)?;
        let frames = if flags & 1 == 0 { None } else { be32(note, 8) };
        let lens = [(1, 4), (2, 4), (4, 100), (8, 4)];
        let fields = lens.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, len)| len);
        let lame = note.get(8 + fields.sum::<usize>()..).unwrap_or(&[]);
        let by_lame = [b"LAME", b"Lavf", b"Lavc"].iter().any(|name| lame.starts_with(*name));
        let gaps = be32(lame, 20).filter(|_| by_lame).map(|word| word & 0xff_ffff);
        let gapless = gaps.map(|gaps| {
            let (before, behind) = (gaps >> 12, gaps & 0xfff);
            (before + Self::DECODER, behind.saturating_sub(Self::DECODER))
        });
        Some(Self { frames, gapless })
    }
}

/// A frame of AAC in ADTS by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Adts {
    pub(crate) rate: u32,
    /// Its number in the table of arrangements: as many channels, up to six.
    pub(crate) channels: u8,
    /// Bytes, the head included.
    pub(crate) len: usize,
    /// Bytes of the head.
    pub(crate) head: usize,
    /// Samples of each channel, of the core.
    pub(crate) samples: u64,
}

impl Adts {
    const RATES: [u32; 13] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
        8_000, 7_350,
    ];

    /// The frame that begins with these bytes.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 7] = bytes.get(..7)?.try_into().ok()?;
        if bytes[0] != 0xff || bytes[1] & 0xf6 != 0xf0 {
            return None;
        }
        let rate = *Self::RATES.get(usize::from(bytes[2] >> 2 & 15))?;
        let channels = (bytes[2] & 1) << 2 | bytes[3] >> 6;
        let len = u32::from_be_bytes([0, bytes[3], bytes[4], bytes[5]]) >> 5 & 0x1fff;
        // With a checksum there are two bytes more.
        let head = if bytes[1] & 1 == 0 { 9 } else { 7 };
        let len = usize::try_from(len).ok().filter(|len| *len > head)?;
        let samples = 1_024 * u64::from((bytes[6] & 3) + 1);
        Some(Self { rate, channels, len, head, samples })
    }
}

/// Four bytes, big end first.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_say_how_long_a_frame_is() {
        // MPEG 1 layer 3, 128 kbit/s, 44.1 kHz; MPEG 2.5 layer 3, 8 kbit/s, 8 kHz, mono; free format.
        let common = Mpeg::new(&[0xff, 0xfb, 0x90, 0x00]).expect("a frame");
        assert_eq!(
            (common.len, common.samples, common.rate, common.mono),
            (417, 1_152, 44_100, false)
        );
        let least = Mpeg::new(&[0xff, 0xe3, 0x18, 0xc0]).expect("a frame");
        assert_eq!((least.len, least.samples, least.rate, least.mono), (72, 576, 8_000, true));
        assert_eq!(Mpeg::new(&[0xff, 0xfb, 0x00, 0x00]), None);
        let aac = Adts::new(&[0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc]).expect("a frame");
        assert_eq!((aac.len, aac.head, aac.rate, aac.channels), (371, 7, 44_100, 2));
    }

    #[test]
    fn an_encoders_note_is_read() {
        let mut frame = vec![0; 417];
        frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
        assert_eq!(Note::new(&frame), None);
        frame[36..44].copy_from_slice(b"Info\0\0\0\x0f");
        frame[44..48].copy_from_slice(&100_u32.to_be_bytes());
        assert_eq!(Note::new(&frame), Some(Note { frames: Some(100), gapless: None }));
        frame[156..160].copy_from_slice(b"LAME");
        frame[177..180].copy_from_slice(&[0x24, 0x04, 0x3a]);
        let gapless = Some((0x240 + 529, 0x43a - 529));
        assert_eq!(Note::new(&frame), Some(Note { frames: Some(100), gapless }));
    }
}
