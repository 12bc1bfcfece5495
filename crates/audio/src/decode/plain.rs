//! Samples that stand in a file as they are, of the codings that recorders write: read straight to floats, in one step
//! instead of the three that decoders for all codings take.

use symphonia::core::codecs::audio::{AudioCodecId, well_known as id};

/// How each sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// 16 bits, little end first.
    Sixteen,
    /// 24 bits, little end first.
    TwentyFour,
    /// A float of 32 bits, little end first.
    Float,
}

impl Plain {
    pub(super) fn of(codec: AudioCodecId) -> Option<Self> {
        match codec {
            id::CODEC_ID_PCM_S16LE => Some(Self::Sixteen),
            id::CODEC_ID_PCM_S24LE => Some(Self::TwentyFour),
            id::CODEC_ID_PCM_F32LE => Some(Self::Float),
            _ => None,
        }
    }

    /// Puts the samples into `sound` (what was there goes); bytes that are no whole sample are left out.
    pub(super) fn read(self, bytes: &[u8], sound: &mut Vec<f32>) {
        sound.clear();
        match self {
            Self::Sixteen => sound.extend(
                bytes.as_chunks().0.iter().map(|b| f32::from(i16::from_le_bytes(*b)) / 32_768.0),
            ),
            Self::TwentyFour => sound.extend(bytes.as_chunks().0.iter().map(|[a, b, c]| {
                #[expect(clippy::cast_precision_loss, reason = "24 bits are what a float holds")]
                let sample = (i32::from_le_bytes([0, *a, *b, *c]) >> 8) as f32;
                sample / 8_388_608.0
            })),
            Self::Float => sound.extend(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b))),
        }
    }
}

#[cfg(test)]
mod tests {
    use symphonia::core::{
        codecs::audio::{AudioCodecParameters, AudioDecoderOptions},
        packet::Packet,
        units::{Duration, Timestamp},
    };

    use super::*;

    #[test]
    fn the_decoder_for_all_codings_reads_the_same() {
        let codecs = symphonia::default::get_codecs();
        let bytes: Vec<u8> = (0..1_200_u32).map(|i| ((i * i * 7) >> 3).to_le_bytes()[0]).collect();
        let floats: Vec<u8> =
            (0..300_i16).flat_map(|i| (f32::from(i) / 150.0 - 1.0).to_le_bytes()).collect();
        for (codec, bytes, width) in [
            (id::CODEC_ID_PCM_S16LE, &bytes, 2),
            (id::CODEC_ID_PCM_S24LE, &bytes, 3),
            (id::CODEC_ID_PCM_F32LE, &floats, 4),
        ] {
            let mut params = AudioCodecParameters::new();
            let frames = (bytes.len() / width / 2) as u64;
            params
                .for_codec(codec)
                .with_sample_rate(8_000)
                .with_channels(symphonia::core::audio::layouts::CHANNEL_LAYOUT_STEREO)
                .with_frames_per_block(1)
                .with_max_frames_per_packet(frames);
            let mut decoder = codecs
                .make_audio_decoder(&params, &AudioDecoderOptions::default())
                .expect("a decoder");
            let packet = Packet::new(0, Timestamp::new(0), Duration::new(frames), bytes.as_slice());
            let mut theirs: Vec<f32> = Vec::new();
            decoder.decode(&packet).expect("decodes").copy_to_vec_interleaved(&mut theirs);
            let mut ours = vec![7.0];
            Plain::of(codec).expect("a plain coding").read(bytes, &mut ours);
            assert_eq!(ours, theirs);
        }
        assert_eq!(Plain::of(id::CODEC_ID_PCM_S16BE), None);
    }
}
