//! `speakers`: who speaks when.

use std::{
    io::{self, Write as _},
    sync::mpsc::sync_channel,
    thread,
};

use hearback_audio::{Shape, SideTrack};
use hearback_domain::Ms;
use hearback_speech::{Turns, Voices, VoicesOptions};

use crate::{
    cli::{SpeakersArgs, TurnsFormat},
    engines::{Pull, decoded, feed, open, runner, written},
    failure::Failure,
    models, progress,
};

pub(crate) fn run(args: &SpeakersArgs) -> Result<(), Failure> {
    let probe = runner().probe(open(&args.file)?)?;
    // Where each voice has a channel of its own, nothing has to be guessed.
    let sides = if probe.channels == 2 {
        let shape = Shape { rate_hz: Some(hearback_speech::RATE), mono: true };
        decoded(&args.file, shape, &mut |_| Ok(()))?.sides
    } else {
        None
    };
    let turns = match sides {
        Some(track) => Turns::by_channel(track.louder(), SideTrack::STEP),
        None => by_voice(args, probe.duration)?,
    };
    let text = match args.format {
        TurnsFormat::Json => serde_json::to_string(&turns)? + "\n",
        TurnsFormat::Rttm => {
            turns.to_rttm(&args.file.file_stem().unwrap_or_default().to_string_lossy())
        }
    };
    match &args.output {
        None => io::stdout().write_all(text.as_bytes())?,
        Some(path) => written(path, |out| Ok(out.write_all(text.as_bytes())?))?,
    }
    Ok(())
}

fn by_voice(args: &SpeakersArgs, duration: Ms) -> Result<Turns, Failure> {
    let store = models::store(&args.models)?;
    let model = store.verify(&args.voices).map_err(models::bad_model)?;
    let detector = models::detector(&store, Some(&args.activity))?;
    let voices = Voices::load(&model)?;
    let options = VoicesOptions { people: args.people, ..VoicesOptions::default() };
    let bar = progress::of_sound("Listening");
    bar.set_length(duration.get());
    let (blocks, sound) = sync_channel(4);
    let turns = thread::scope(|scope| {
        let decoding = scope.spawn(move || feed(&args.file, &blocks));
        let mut pull = Pull::new(sound);
        let turns = voices.tell_apart(
            &mut |wanted, frames| Ok(pull.fill(wanted, frames)),
            &detector,
            &options,
            &mut |done| bar.set_position(done.get()),
        );
        // Nobody listens any more: a decoder that is still at work stops at its next block.
        drop(pull);
        let decoded =
            decoding.join().map_err(|_| anyhow::anyhow!("the decoder's thread panicked"))?;
        match (turns, decoded) {
            (Ok(turns), Ok(_)) => Ok(turns),
            (_, Err(error)) => Err(Failure::from(error)),
            (Err(error), _) => Err(Failure::from(error)),
        }
    })?;
    bar.finish_and_clear();
    Ok(turns)
}
