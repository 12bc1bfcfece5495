//! The engines on their own: `probe`, `decode`, `peaks`, `transcribe`.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    ops::ControlFlow,
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use anyhow::Context as _;
use hearback_audio::{
    AudioError, DecodeReport, FileSource, Limits, OnePass, PeaksBuilder, Probe, ReadAt, Shape,
    Warning,
    peaks::Bits,
    sandbox::Runner,
    wav::{WavWriter, to_i16},
};
use hearback_domain::transcript::{Captions, Form, MACHINE};
use hearback_speech::{Engine, Event, Options, Segment};
use indicatif::ProgressBar;

use crate::{
    cli::{self, DecodeArgs, PeaksArgs, ProbeArgs, TranscribeArgs},
    failure::Failure,
    models, progress,
};

/// Samples for a point of a waveform that nobody sees.
const PER_PIXEL: u32 = 160;

/// A runner whose children are this very program: the one that is running, also when another one has been installed in
/// its place meanwhile.
pub(crate) fn runner() -> Runner {
    Runner::new("/proc/self/exe")
}

pub(crate) fn open(file: &Path) -> Result<Box<dyn ReadAt>, Failure> {
    match FileSource::open(file) {
        Ok(source) => Ok(Box::new(source)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failure::BadInput(format!(
            "There is no file called {}; check the name.",
            file.display()
        ))),
        Err(error) => Err(Failure::Fault(
            anyhow::Error::new(error).context(format!("cannot read {}", file.display())),
        )),
    }
}

/// Writes beside `path` and renames at the end, so that a file that is there is whole.
pub(crate) fn written(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let context = || format!("cannot write {}", path.display());
    let mut out = BufWriter::new(File::create(&part).with_context(context)?);
    if let Err(failure) = write(&mut out) {
        drop(out);
        std::fs::remove_file(&part).ok();
        return Err(failure);
    }
    out.into_inner().map_err(io::IntoInnerError::into_error).with_context(context)?;
    std::fs::rename(&part, path).with_context(context)?;
    Ok(())
}

pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension))
}

pub(crate) fn probe(args: &ProbeArgs) -> Result<(), Failure> {
    let (probe, notes) = if args.listen {
        let (probe, notes) = listened(&args.file)?;
        (probe, Some(notes))
    } else {
        (runner().probe(open(&args.file)?)?, None)
    };
    let mut out = io::stdout();
    if args.json {
        let mut json = serde_json::json!({
            "container": probe.container, "codec": probe.codec, "channels": probe.channels,
            "sample_rate_hz": probe.sample_rate_hz, "duration_ms": probe.duration,
        });
        if let Some(notes) = notes {
            let notes: Vec<_> = notes
                .into_iter()
                .map(|note| serde_json::json!({"note": note, "sentence": note.sentence()}))
                .collect();
            json["notes"] = notes.into();
        }
        writeln!(out, "{json}")?;
    } else {
        let channels = match probe.channels {
            1 => "1 channel".to_owned(),
            n => format!("{n} channels"),
        };
        writeln!(
            out,
            "{}, {}, {channels}, {} Hz, {} ({} ms)",
            probe.container,
            probe.codec,
            probe.sample_rate_hz,
            probe.duration,
            probe.duration.get()
        )?;
        for note in notes.iter().flatten() {
            writeln!(out, "{}", note.sentence())?;
        }
        if notes.is_some_and(|notes| notes.is_empty()) {
            writeln!(out, "Nothing stands out: it can be heard well.")?;
        }
    }
    Ok(())
}

/// What a file is, and what there is to remark about its sound.
fn listened(file: &Path) -> Result<(Probe, Vec<Warning>), Failure> {
    let bar = progress::of_sound("Listening");
    let mut pass = OnePass::new(PeaksBuilder::new(PER_PIXEL, Bits::Eight, 1))?;
    let report = runner().decode(open(file)?, &Limits::default(), &mut |block, at| {
        progress::show(&bar, at);
        pass.push(block).map(drop)
    })?;
    bar.finish_and_clear();
    let notes = pass.finish().notes(&report.warnings);
    Ok((report.probe, notes))
}

/// Decodes a file with a progress bar.
pub(crate) fn decoded(
    file: &Path,
    shape: Shape,
    on_block: &mut dyn FnMut(&[f32]) -> io::Result<()>,
) -> Result<DecodeReport, Failure> {
    let bar = progress::of_sound("Decoding");
    let report =
        runner().decode_shaped(open(file)?, shape, &Limits::default(), &mut |block, at| {
            progress::show(&bar, at);
            on_block(block)
        })?;
    bar.finish_and_clear();
    for warning in &report.warnings {
        eprintln!("{}", warning.sentence());
    }
    Ok(report)
}

pub(crate) fn decode(args: &DecodeArgs) -> Result<(), Failure> {
    written(&args.output, |out| {
        let shape = Shape { rate_hz: Some(args.rate), mono: true };
        let mut wav = WavWriter::with_form(out, args.rate, 1)?;
        decoded(&args.file, shape, &mut |block| wav.push(block))?;
        wav.finish()?;
        Ok(())
    })
}

pub(crate) fn peaks(args: &PeaksArgs) -> Result<(), Failure> {
    let json = has_extension(&args.output, "json");
    if !json && !has_extension(&args.output, "dat") {
        return Err(Failure::BadInput("Name the output .dat or .json.".to_owned()));
    }
    let bits = match args.bits {
        cli::Bits::Eight => Bits::Eight,
        cli::Bits::Sixteen => Bits::Sixteen,
    };
    // The picture is of the recording as it is: its own rate, and its own channels before they are mixed.
    let native = runner().probe(open(&args.file)?)?;
    let channels = if args.split_channels { native.channels } else { 1 };
    let mut builder = PeaksBuilder::new(args.samples_per_pixel, bits, channels)
        .sample_rate(native.sample_rate_hz);
    let mut samples = Vec::new();
    decoded(&args.file, Shape::NATIVE, &mut |block| {
        samples.clear();
        samples.extend(block.iter().map(|s| to_i16(*s)));
        if args.split_channels {
            builder.push(&samples);
        } else {
            builder.push_mixed(&samples, native.channels);
        }
        Ok(())
    })?;
    let peaks = builder.finish();
    written(&args.output, |out| {
        let written = if json { peaks.write_json(out) } else { peaks.write_dat(out) };
        Ok(written?)
    })
}

pub(crate) fn transcribe(args: &TranscribeArgs) -> Result<(), Failure> {
    let store = models::store(&args.models)?;
    let model = store.verify(&store.preferred(&args.model)).map_err(models::bad_model)?;
    let voice = models::detector(&store, args.activity.as_deref())?;
    if !voice.is_neural() && args.activity.is_none() {
        eprintln!(
            "There is no voice detector here, so that everything that can be heard is listened to: `hearback models fetch \
             {}` brings it along.",
            args.model
        );
    }
    let cores = thread::available_parallelism().map_or(1, Into::into);
    // Looks at the file before the model is loaded: a person who named the wrong one learns it at once.
    let probe = runner().probe(open(&args.file)?)?;
    let engine = Engine::load(&model, args.threads.unwrap_or(cores))?.with_voice(voice);
    let bar = progress::of_sound("Transcribing");
    bar.set_length(probe.duration.get());

    let language = (args.language != "auto").then(|| args.language.clone());
    let options = Options { language, ..Options::default() };
    // What goes to standard output in one of these forms goes there as it becomes final.
    let form = args.format.captions();
    let mut stream = form.filter(|_| args.output.is_none()).map(Stream::new);
    let mut shown = Ok(());
    let (blocks, sound) = sync_channel(4);
    let transcript = thread::scope(|scope| {
        let decoding = scope.spawn(move || feed(&args.file, &blocks));
        let mut pull = Pull::new(sound);
        let transcript = engine.transcribe(
            &mut |wanted, frames| Ok(pull.fill(wanted, frames)),
            &options,
            &mut |event| {
                match (event, &mut stream) {
                    (Event::Progress { done }, _) => bar.set_position(done.get()),
                    (Event::Segments(new), Some(stream)) if shown.is_ok() => {
                        shown = stream.show(&bar, new);
                    }
                    _ => {}
                }
                if shown.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            },
        );
        // Nobody listens any more: a decoder that is still at work stops at its next block.
        drop(pull);
        let decoded =
            decoding.join().map_err(|_| anyhow::anyhow!("the decoder's thread panicked"))?;
        // Nobody reads it any more.
        shown?;
        match (transcript, decoded) {
            (Ok(transcript), Ok(_)) => Ok(transcript),
            (_, Err(error)) => Err(Failure::from(error)),
            (Err(error), _) => Err(Failure::from(error)),
        }
    })?;
    bar.finish_and_clear();
    if let Some(stream) = &mut stream {
        stream.show(&bar, &[])?;
    }

    let text = match form {
        None => serde_json::to_string(&transcript)? + "\n",
        Some(form) => transcript.to_captions(form),
    };
    match &args.output {
        None if form.is_some() => {}
        None => io::stdout().write_all(text.as_bytes())?,
        Some(path) => written(path, |out| Ok(out.write_all(text.as_bytes())?))?,
    }
    let doubtful = transcript.segments.iter().filter(|segment| !segment.doubts.is_empty()).count();
    eprintln!("{MACHINE} It was unsure of {doubtful} of {} passages.", transcript.segments.len());
    Ok(())
}

/// A transcript on its way to standard output, beside a progress bar. Nothing is written before something is heard, or
/// it is known that nothing is.
struct Stream {
    captions: Captions,
    /// What stands before everything else, until it is written.
    head: Option<String>,
}

impl Stream {
    fn new(form: Form) -> Self {
        let captions = Captions::new(form);
        Self { head: Some(captions.head()), captions }
    }

    fn show(&mut self, bar: &ProgressBar, new: &[Segment]) -> io::Result<()> {
        let mut text = self.head.take().unwrap_or_default();
        text.extend(new.iter().map(|segment| self.captions.piece(segment)));
        bar.suspend(|| {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }
}

/// Decodes a file into a channel.
pub(crate) fn feed(file: &Path, blocks: &SyncSender<Vec<f32>>) -> Result<DecodeReport, AudioError> {
    let source = Box::new(FileSource::open(file)?);
    runner().decode(source, &Limits::default(), &mut |block, _| {
        blocks.send(block.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    })
}

/// The decoder's blocks, as the speech engine asks for them.
pub(crate) struct Pull {
    sound: Receiver<Vec<f32>>,
    rest: Vec<f32>,
}

impl Pull {
    pub(crate) const fn new(sound: Receiver<Vec<f32>>) -> Self {
        Self { sound, rest: Vec::new() }
    }

    /// Appends at most `frames` samples to `wanted`; gives how many, which is zero only at the end.
    pub(crate) fn fill(&mut self, wanted: &mut Vec<f32>, frames: usize) -> usize {
        while self.rest.is_empty() {
            match self.sound.recv() {
                Ok(block) => self.rest = block,
                Err(_) => return 0,
            }
        }
        let n = frames.min(self.rest.len());
        wanted.extend(self.rest.drain(..n));
        n
    }
}
