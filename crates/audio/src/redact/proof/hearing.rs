//! Listens to a clip as it comes out of the decoder, beside what it has to be.

use std::io;

use md5::{Digest as _, Md5};

use super::{
    Doubt, ProofError,
    container::Contents,
    likeness::{MOST_LAG, alike, likeness},
    promise::Part,
    score::{Expected, Score},
};
use crate::{AudioError, wav::to_i16};

/// One clip beside its score.
pub(super) struct Hearing<'a> {
    score: Score<'a>,
    hidden: u64,
    checksum: Md5,
    doubt: Option<Doubt>,
}

impl<'a> Hearing<'a> {
    pub(super) fn new(score: Score<'a>) -> Self {
        Self { score, hidden: 0, checksum: Md5::new(), doubt: None }
    }

    /// Takes the next samples of the clip. An error stops the decoding; a doubt is kept for [`Hearing::finish`].
    pub(super) fn listen(&mut self, block: &[f32]) -> io::Result<()> {
        let heard: Vec<i16> = block.iter().copied().map(to_i16).collect();
        let exact = |(from, to): (&f32, &i16)| (from * 32_768.0 - f32::from(*to)).abs() == 0.0;
        if !block.iter().zip(&heard).all(exact) {
            return self.stop(Doubt::Container("its samples are not of 16 bits"));
        }
        let score = self.score.next(heard.len())?;
        if score.len() < heard.len() {
            let frames = self.score.given() + (heard.len() - score.len()) as u64;
            return self.stop(Doubt::Length { frames, expected: self.score.frames() });
        }
        if let Some(wrong) = score.iter().zip(&heard).find(|(score, heard)| !score.allows(**heard))
        {
            let doubt = self.about(wrong.0.part, &score, &heard)?;
            return self.stop(doubt);
        }
        self.hidden += score.iter().filter(|score| score.part != Part::Open).count() as u64;
        for sample in heard {
            self.checksum.update(sample.to_le_bytes());
        }
        Ok(())
    }

    /// What is to be said of a block in which a sample of `part` is wrong.
    fn about(&mut self, part: Part, score: &[Expected], heard: &[i16]) -> io::Result<Doubt> {
        let both = || score.iter().zip(heard.iter().copied().map(f64::from));
        if part != Part::Hidden {
            let open = both().filter(|(score, _)| score.part == Part::Open);
            let likeness = alike(open.map(|(score, heard)| (heard, f64::from(score.original))));
            return Ok(Doubt::Changed { likeness });
        }
        let surplus: Vec<f64> = both()
            .map(|(score, heard)| if score.part == part { heard - score.value } else { 0.0 })
            .collect();
        let (around, lead) = self.score.around(surplus.len(), MOST_LAG)?;
        Ok(Doubt::Hidden { likeness: likeness(&surplus, &around, lead) })
    }

    fn stop(&mut self, doubt: Doubt) -> io::Result<()> {
        self.doubt = Some(doubt);
        Err(io::Error::other("in doubt"))
    }

    /// What comes of it: how the decoding ended, whether all was heard, and whether the checksum that the file carries
    /// is its sound's. Gives the number of frames that lie in hidden passages.
    pub(super) fn finish(
        self,
        decoded: Result<(), AudioError>,
        contents: Contents,
    ) -> Result<u64, ProofError> {
        if let Some(doubt) = self.doubt {
            return Err(doubt.into());
        }
        decoded?;
        let (frames, expected) = (self.score.given(), self.score.frames());
        if frames != expected {
            return Err(Doubt::Length { frames, expected }.into());
        }
        let checksum: [u8; 16] = self.checksum.finalize().into();
        if contents.md5.is_some_and(|said| said != checksum) {
            return Err(Doubt::Checksum.into());
        }
        Ok(self.hidden)
    }
}
