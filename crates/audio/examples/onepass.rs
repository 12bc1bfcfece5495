//! Everything that is learnt from a file in one pass, and with a second argument the listening copy of it:
//!
//! ```text
//! cargo run --release -p hearback-audio --example onepass -- FILE [COPY.mp4]
//! ```
//!
//! Shows how the crate is used by itself. The program is its own decoding child.

use std::{
    env,
    error::Error,
    fs::File,
    io::{self, BufWriter, Write as _},
    time::Instant,
};

use hearback_audio::{
    FileSource, Limits, OnePass, PeaksBuilder, Warning,
    listening::ListeningCopy,
    peaks::Bits,
    sandbox::{self, Runner},
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = env::args().skip(1);
    let file = args.next().ok_or("which file?")?;
    if file == sandbox::CHILD_ARG {
        sandbox::child_main();
    }
    let mut out = io::stdout().lock();
    let runner = Runner::new(env::current_exe()?);

    let started = Instant::now();
    let levels = PeaksBuilder::new(160, Bits::Eight, 1).and_coarser(4).and_coarser(4);
    let mut pass = OnePass::new(levels)?;
    let mut samples: Vec<i16> = Vec::new();
    let keep = args.next();
    let report = runner.decode(
        Box::new(FileSource::open(&file)?),
        &Limits::default(),
        &mut |block, _| {
            let frames = pass.push(block)?;
            // The product writes them into its vault as they come.
            if keep.is_some() {
                samples.extend_from_slice(frames);
            }
            Ok(())
        },
    )?;
    let found = pass.finish();
    let wall = started.elapsed().as_secs_f64();
    writeln!(
        out,
        "{} in {} for {} ms",
        report.probe.codec, report.probe.container, report.duration
    )?;
    writeln!(out, "loudness {:?}", found.loudness)?;
    writeln!(out, "spoken {} of {} ms", found.voices.spoken, found.voices.heard)?;
    for note in found.notes(&report.warnings) {
        writeln!(out, "note: {}", Warning::sentence(note))?;
    }
    writeln!(out, "one pass: {wall:.2} s")?;

    if let Some(path) = keep {
        let started = Instant::now();
        let to = BufWriter::new(File::create(path)?);
        let mut copy = ListeningCopy::begin(to, samples.len() as u64, found.loudness.gain_db())?;
        let mut block = Vec::new();
        for frames in samples.chunks(16_000) {
            block.clear();
            block.extend(frames.iter().map(|frame| f32::from(*frame) / 32_768.0));
            copy.push(&block)?;
        }
        copy.finish()?;
        writeln!(out, "listening copy: {:.2} s", started.elapsed().as_secs_f64())?;
    }
    Ok(())
}
