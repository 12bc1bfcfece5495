//! From a recording to an extract that can be played in the room: as loud as the listening copy, and proven to hide
//! what is hidden.

use std::{io::Write as _, sync::Arc};

use hearback_access::{ObjectKind, Permit, RenderClip, StoredObject};
use hearback_audio::{
    ReadAt,
    clip::{self, Cut, Gain},
    loudness::LoudnessMeter,
    redact::{Claim, ProofError, Prover, Redaction},
    sandbox::Runner,
};
use hearback_domain::{ClipId, IdSource, ObjectId, RedactionSet, Span, sound};
use hearback_storage::{FinishedJob, LeasedJob};
use hearback_vault::Vault;

use super::blocking;
use crate::{
    Reason, Worker,
    ending::{Ending, Result},
    held,
    redaction::redaction_of,
    samples::{AsWav, Frames, Source},
    signal::Signal,
};

impl Worker {
    /// Cuts an extract. In this process: what is read here is our own samples, which nothing has to be made out of.
    pub(crate) async fn render_clip(
        &self,
        job: &LeasedJob,
        clip: ClipId,
        signal: &Signal,
    ) -> Result<()> {
        let (mut work, permit) =
            held::permit::<RenderClip>(&*self.store, job, self.cx(), clip).await?;
        let Some(wanted) = work.clip_to_render(&permit).await?.filter(|clip| !clip.rendered) else {
            // It was removed, or it is there already.
            return held::finish(work, job, &FinishedJob::Done).await;
        };
        let sound = work.object(&permit, ObjectKind::Normalised).await?;
        let hidden = work.hidden_of(&permit).await?;
        work.commit().await?;
        let missing = || Ending::Never(Reason::InputMissing);
        let (sound, hidden) = (sound.ok_or_else(missing)?, hidden.ok_or_else(missing)?);
        let version = hidden.version;

        let desk = Desk {
            vault: Arc::clone(&self.vault),
            runner: Arc::clone(&self.runner),
            ids: Arc::clone(&self.ids),
            signal: signal.clone(),
        };
        let made = blocking(move || desk.make(&permit, clip, &sound, wanted.span, &hidden)).await?;

        let (mut work, permit) =
            held::permit::<RenderClip>(&*self.store, job, self.cx(), clip).await?;
        if work.set_rendered(&permit, wanted.span, version, &made).await? {
            held::finish(work, job, &FinishedJob::Done).await
        } else {
            // It was moved while it was cut, or something was hidden, and the job for that could not be queued beside
            // this one.
            drop(work);
            self.renew(job).await
        }
    }
}

/// Everything that cutting needs, on its own thread.
struct Desk {
    vault: Arc<Vault>,
    runner: Arc<Runner>,
    ids: Arc<dyn IdSource>,
    signal: Signal,
}

impl Desk {
    /// Cuts the stretch, proves that it hides what it is to hide, and only then keeps it.
    fn make(
        self,
        permit: &Permit<RenderClip>,
        clip: ClipId,
        sound: &StoredObject,
        span: Span,
        hidden: &RedactionSet,
    ) -> Result<StoredObject> {
        let redaction = redaction_of(hidden, sound.bytes)
            .map_err(|_| Ending::Never(Reason::HiddenPastTheEnd))?;
        let open = || -> Result<_> {
            let reader = self.vault.open(permit, sound)?;
            Ok(AsWav::new(Source::new(reader, sound.bytes, self.signal.clone())))
        };
        let prover = Prover::new((*self.runner).clone());
        let as_loud_as = |gain: Gain| -> Result<Vec<u8>> {
            // An extract lasts three minutes at the most (6 MB): whole in memory.
            let mut wav = Vec::new();
            let cut = Cut { span, gain, redaction: Some(&redaction) };
            clip::cut(&mut open()?, &cut, &mut wav)?;
            prove(&prover, &mut open()?, &redaction, &cut, &wav)?;
            Ok(wav)
        };
        let wav = self
            .gain(permit, sound)
            .and_then(|gain| match as_loud_as(gain) {
                // Where a limiter worked so hard that the proof no longer knows the recording again, it is heard as it
                // is: too soft is better than not at all, and unproven is neither.
                Err(Ending::Again(Reason::NotProven)) if gain != Gain::NONE => {
                    as_loud_as(Gain::NONE)
                }
                made => made,
            })
            // Whatever goes wrong once the work was told to stop is the order's doing.
            .map_err(
                |ending| if self.signal.halted().is_some() { Ending::Halted } else { ending },
            )?;
        let id = ObjectId::mint(&*self.ids);
        let mut object = self.vault.add(permit, ObjectKind::Clip(clip), id)?;
        object.write_all(&wav)?;
        Ok(object.finish()?)
    }

    /// By how much the whole recording is made louder where people listen to it, to a tenth of a decibel: an extract is
    /// no louder and no softer than what it was taken from.
    fn gain(&self, permit: &Permit<RenderClip>, sound: &StoredObject) -> Result<Gain> {
        let mut frames = Frames::new(self.vault.open(permit, sound)?);
        let (mut meter, mut block) = (LoudnessMeter::new()?, Vec::with_capacity(BLOCK));
        loop {
            self.signal.check()?;
            block.clear();
            frames.read(&mut block, BLOCK)?;
            if block.is_empty() {
                return Ok(Gain::from_db((meter.finish().gain_db() * 10.0).round() / 10.0));
            }
            meter.push(&block)?;
        }
    }
}

/// Samples that are measured at once: a second.
const BLOCK: usize = sound::RATE_HZ as usize;

/// Holds a finished extract against its recording. On any doubt it is not kept.
fn prove(
    prover: &Prover,
    recording: &mut dyn ReadAt,
    redaction: &Redaction,
    cut: &Cut<'_>,
    wav: &[u8],
) -> Result<()> {
    let claim = Claim { redaction, made_under: redaction.digest(), clip: cut.span, gain: cut.gain };
    match prover.prove(recording, &claim, wav) {
        Ok(_) => Ok(()),
        Err(ProofError::Unproven(error)) => Err(error.into()),
        Err(doubt) => {
            tracing::error!(
                error = &doubt as &dyn std::error::Error,
                "an extract could not be shown to hide what is hidden"
            );
            Err(Ending::Again(Reason::NotProven))
        }
    }
}

#[cfg(test)]
mod tests {
    use hearback_audio::{Bytes, redact::SpanSet};
    use hearback_domain::{Hidden, HideReason, HideWith, Ms, RedactionVersion};

    use super::*;

    /// Two seconds in which no millisecond is like another.
    fn recording() -> Vec<u8> {
        let mut state = 1_u32;
        let samples = (0..32_000).flat_map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 18) as u16).to_le_bytes()
        });
        sound::wav_header(32_000).into_iter().chain(samples).collect()
    }

    #[test]
    fn what_was_cut_under_anything_else_is_not_kept() {
        let span = |start, end| Span::new(Ms::new(start), Ms::new(end)).unwrap();
        let hiding = |start, end| {
            let hidden = vec![Hidden { span: span(start, end), why: HideReason::Name }];
            let version = RedactionVersion::new(1);
            redaction_of(&RedactionSet { version, with: HideWith::Tone, hidden }, 64_000).unwrap()
        };
        let (wav, at, now) = (recording(), span(200, 1_800), hiding(900, 1_100));
        let nothing = Redaction::new(SpanSet::nothing(Ms::new(2_000)), now.with());
        let cases = [(&now, true), (&nothing, false), (&hiding(905, 1_100), false)];
        for (db, (cut_under, kept)) in
            [0.0, 9.5, -4.0].iter().flat_map(|db| cases.map(|c| (*db, c)))
        {
            let mut extract = Vec::new();
            let cut = Cut { span: at, gain: Gain::from_db(db), redaction: Some(cut_under) };
            clip::cut(&mut Bytes(wav.clone()), &cut, &mut extract).unwrap();
            let prover = Prover::in_this_process();
            let proven = prove(&prover, &mut Bytes(wav.clone()), &now, &cut, &extract);
            assert_eq!(proven.is_ok(), kept, "{db} dB: {cut_under:?}");
            if let Err(ending) = proven {
                assert!(matches!(ending, Ending::Again(Reason::NotProven)), "{ending:?}");
            }
            // Cut as loud as it should not have been.
            let louder = Cut { gain: Gain::from_db(db + 1.0), ..cut };
            assert!(prove(&prover, &mut Bytes(wav.clone()), &now, &louder, &extract).is_err());
        }
    }
}
