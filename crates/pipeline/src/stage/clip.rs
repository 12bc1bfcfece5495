//! From a recording to an extract that can be played in the room.

use std::{io::Write as _, sync::Arc};

use hearback_access::{ObjectKind, RenderClip};
use hearback_audio::clip;
use hearback_domain::{ClipId, ObjectId};
use hearback_storage::{FinishedJob, LeasedJob};

use super::blocking;
use crate::{
    Reason, Worker,
    ending::{Ending, Result},
    held,
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
        work.commit().await?;
        let sound = sound.ok_or(Ending::Never(Reason::InputMissing))?;

        let (vault, ids, signal) = (Arc::clone(&self.vault), Arc::clone(&self.ids), signal.clone());
        let made = blocking(move || {
            let reader = vault.open(&permit, &sound)?;
            let mut source = AsWav::new(Source::new(reader, sound.bytes, signal.clone()));
            // An extract lasts three minutes at the most (6 MB): whole in memory.
            let mut wav = std::io::Cursor::new(Vec::new());
            let cut = clip::cut(&mut source, wanted.span, &[], clip::RedactWith::Silence, &mut wav);
            match cut {
                Ok(_) => {}
                Err(_) if signal.halted().is_some() => return Err(Ending::Halted),
                Err(error) => return Err(error.into()),
            }
            let mut object = vault.add(&permit, ObjectKind::Clip(clip), ObjectId::mint(&*ids))?;
            object.write_all(wav.get_ref())?;
            Ok(object.finish()?)
        })
        .await?;

        let (mut work, permit) =
            held::permit::<RenderClip>(&*self.store, job, self.cx(), clip).await?;
        if work.set_rendered(&permit, wanted.span, &made).await? {
            held::finish(work, job, &FinishedJob::Done).await
        } else {
            // It was moved while it was cut, and the job for its new place could not be queued beside this one.
            drop(work);
            self.renew(job).await
        }
    }
}
