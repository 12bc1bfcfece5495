//! 16-bit mono WAV files at one rate.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::Path,
};

use anyhow::{Context as _, bail};

/// Frames per second of flite's clear voices, of the speech model, and of every file here.
pub(crate) const RATE: u32 = 16_000;

/// The samples of a 16-bit mono WAV file at [`RATE`].
pub(crate) fn samples(wav: &[u8]) -> anyhow::Result<Vec<i16>> {
    let body = wav
        .strip_prefix(b"RIFF")
        .filter(|rest| rest.get(4..8) == Some(b"WAVE"))
        .context("not a WAV file")?;
    let mut rest = &body[8..];
    let mut format = None;
    while let Some((head, after)) = rest.split_at_checked(8) {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let chunk = &after[..size.min(after.len())];
        match &head[..4] {
            b"fmt " => format = Some(chunk),
            b"data" => {
                // Format tag 1 (PCM), one channel, the rate, and 16 bits at byte 14.
                let format =
                    format.filter(|f| f.len() >= 16).context("no format before the sound")?;
                let rate = u32::from_le_bytes([format[4], format[5], format[6], format[7]]);
                if (&format[..4], rate, &format[14..16]) != (&[1, 0, 1, 0], RATE, &[16, 0]) {
                    bail!("not 16-bit mono at {RATE} Hz");
                }
                return Ok(chunk
                    .chunks_exact(2)
                    .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                    .collect());
            }
            _ => {}
        }
        // Chunks start on even bytes.
        rest = after.get(size + size % 2..).unwrap_or_default();
    }
    bail!("no sound in it")
}

/// Writes such a file.
pub(crate) fn write(file: &Path, sound: &[i16]) -> anyhow::Result<()> {
    let bytes = u32::try_from(sound.len() * 2).context("too long for a WAV file")?;
    let mut out = BufWriter::new(fs::File::create(file)?);
    out.write_all(b"RIFF")?;
    out.write_all(&(36 + bytes).to_le_bytes())?;
    out.write_all(b"WAVEfmt \x10\0\0\0\x01\0\x01\0")?;
    out.write_all(&RATE.to_le_bytes())?;
    out.write_all(&(RATE * 2).to_le_bytes())?;
    out.write_all(b"\x02\0\x10\0data")?;
    out.write_all(&bytes.to_le_bytes())?;
    for sample in sound {
        out.write_all(&sample.to_le_bytes())?;
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let dir = std::env::temp_dir().join(format!("xtask-wav-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let sound: Vec<i16> = (-300..300).collect();
        write(&dir.join("a.wav"), &sound).unwrap();
        assert_eq!(samples(&fs::read(dir.join("a.wav")).unwrap()).unwrap(), sound);
        fs::remove_dir_all(&dir).unwrap();
        assert!(samples(b"RIFF....WAVE").is_err());
        assert!(samples(b"not a wave file").is_err());
    }
}
