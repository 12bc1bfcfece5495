//! Cuts a stretch out of a recording in the working form (16-bit WAV, as `hearback decode` writes it), as WAV and as
//! FLAC in memory, and says how long that took:
//!
//! ```text
//! cargo run --release -p hearback-audio --example clip -- FILE.wav START_MS END_MS
//! ```

use std::{
    env,
    error::Error,
    io::{self, Cursor, Write as _},
    time::Instant,
};

use hearback_audio::{
    FileSource,
    clip::{self, Cut, Gain},
};
use hearback_domain::{Ms, Span};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [file, start, end] = args.as_slice() else { return Err("FILE.wav START_MS END_MS".into()) };
    let span = Span::new(Ms::new(start.parse()?), Ms::new(end.parse()?))?;
    let mut source = FileSource::open(file)?;
    for (what, gain) in [("as it is", Gain::NONE), ("6 dB louder", Gain::from_db(6.0))] {
        let cut = Cut { gain, ..Cut::plain(span) };
        let (mut wav, mut flac) = (Vec::new(), Cursor::new(Vec::new()));
        let started = Instant::now();
        clip::cut(&mut source, &cut, &mut wav)?;
        let wav_took = started.elapsed();
        let started = Instant::now();
        clip::cut_flac(&mut source, &cut, &mut flac)?;
        let flac_took = started.elapsed();
        writeln!(
            io::stdout(),
            "{what}: WAV of {} bytes in {wav_took:.1?}, FLAC of {} bytes in {flac_took:.1?}",
            wav.len(),
            flac.get_ref().len()
        )?;
    }
    Ok(())
}
