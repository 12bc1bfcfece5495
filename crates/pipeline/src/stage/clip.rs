//! From a recording to an extract that can be played in the room.

use std::{io::Write as _, sync::Arc};

use hearback_access::{ObjectKind, Permit, RenderClip, StoredObject};
use hearback_audio::{
    ReadAt,
    clip::{self, Cut, Gain},
    redact::{Claim, ProofError, Prover, Redaction},
    sandbox::Runner,
};
use hearback_domain::{ClipId, IdSource, ObjectId, RedactionSet, Span};
use hearback_storage::{FinishedJob, LeasedJob};
use hearback_vault::Vault;

use super::blocking;
use crate::{
    Reason, Worker,
    ending::{Ending, Result},
    held,
    redaction::redaction_of,
    samples::{AsWav, Source},
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
        // An extract lasts three minutes at the most (6 MB): whole in memory.
        let mut wav = Vec::new();
        let cut = Cut { span, gain: Gain::NONE, redaction: Some(&redaction) };
        let prover = Prover::new((*self.runner).clone());
        clip::cut(&mut open()?, &cut, &mut wav)
            .map_err(Ending::from)
            .and_then(|_| prove(&prover, &mut open()?, &redaction, span, &wav))
            // Whatever goes wrong once the work was told to stop is the order's doing.
            .map_err(
                |ending| if self.signal.halted().is_some() { Ending::Halted } else { ending },
            )?;
        let id = ObjectId::mint(&*self.ids);
        let mut object = self.vault.add(permit, ObjectKind::Clip(clip), id)?;
        object.write_all(&wav)?;
        Ok(object.finish()?)
    }
}

/// Holds a finished extract against its recording. On any doubt it is not kept.
fn prove(
    prover: &Prover,
    recording: &mut dyn ReadAt,
    redaction: &Redaction,
    span: Span,
    wav: &[u8],
) -> Result<()> {
    let claim = Claim { redaction, made_under: redaction.digest(), clip: span, gain: Gain::NONE };
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
    use hearback_domain::{Hidden, HideReason, HideWith, Ms, RedactionVersion, sound};

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
        for (cut_under, kept) in [(&now, true), (&nothing, false), (&hiding(905, 1_100), false)] {
            let mut extract = Vec::new();
            let cut = Cut { span: at, gain: Gain::NONE, redaction: Some(cut_under) };
            clip::cut(&mut Bytes(wav.clone()), &cut, &mut extract).unwrap();
            let prover = Prover::in_this_process();
            let proven = prove(&prover, &mut Bytes(wav.clone()), &now, at, &extract);
            assert_eq!(proven.is_ok(), kept, "{cut_under:?}");
            if let Err(ending) = proven {
                assert!(matches!(ending, Ending::Again(Reason::NotProven)), "{ending:?}");
            }
        }
    }
}
