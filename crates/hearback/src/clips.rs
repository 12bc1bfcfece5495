//! `clip`: one stretch of a recording as a file, or several as one.

use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, Write as _},
};

use anyhow::Context as _;
use clap::error::ErrorKind;
use hearback_audio::{
    FileSource, Shape,
    clip::{Cut, Gain},
    flac::FlacWriter,
    playlist::{Playlist, Separator},
    redact::{RedactWith, Redaction, Rules, SpanSet},
    voice::{self, Disguise},
    wav::{Form, WavWriter},
};
use hearback_domain::{Ms, Span};

use crate::{
    cli::{self, ClipArgs},
    engines::{decoded, has_extension, open, runner, written},
    failure::Failure,
};

pub(crate) fn clip(args: &ClipArgs) -> Result<(), Failure> {
    let flac = has_extension(&args.output, "flac");
    if !flac && !has_extension(&args.output, "wav") {
        return Err(Failure::BadInput("Name the output .wav or .flac.".to_owned()));
    }
    let spans = spans(args)?;
    let (file, form, duration) = decoded_to_file(args)?;
    let mut source = FileSource::new(file)?;
    let redaction = redaction(args, duration)?;
    let mut heard = (Vec::new(), Ms::ZERO);
    written(&args.output, |out| {
        let mut render = |sink: &mut dyn FnMut(&[i16]) -> io::Result<()>| {
            let mut voices = args.alter_voices.then(Altered::new).transpose()?;
            let mut through = |block: &[i16]| match &mut voices {
                Some(voices) => sink(voices.of(block)?),
                None => sink(block),
            };
            let mut playlist = Playlist::new(form, separator(args), &mut through);
            for span in &spans {
                let gain = Gain::from_db(args.gain_db);
                let cut = Cut { span: *span, gain, redaction: redaction.as_ref() };
                playlist.add(&mut source, &cut)?;
            }
            heard = playlist.finish();
            if let Some(voices) = voices {
                sink(&voices.rest()?)?;
            }
            Ok::<_, Failure>(())
        };
        if flac {
            let mut flac = FlacWriter::new(out, form)?;
            render(&mut |block| flac.push_i16(block))?;
            flac.finish()?;
        } else {
            let mut wav = WavWriter::with_form(out, form.rate_hz, form.channels)?;
            render(&mut |block| wav.push_i16(block))?;
            wav.finish()?;
        }
        Ok(())
    })?;
    if args.alter_voices {
        eprintln!("{}", voice::LABEL);
    }
    if args.json {
        let (clips, duration) = heard;
        let place = |s: &Span| serde_json::json!({ "start_ms": s.start(), "end_ms": s.end() });
        let clips: Vec<_> = clips.iter().map(place).collect();
        let json = serde_json::json!({ "duration_ms": duration, "clips": clips });
        writeln!(io::stdout(), "{json}")?;
    }
    Ok(())
}

/// Voices that are altered on their way into the file.
struct Altered {
    disguise: Disguise,
    out: Vec<i16>,
}

impl Altered {
    fn new() -> Result<Self, Failure> {
        Ok(Self { disguise: Disguise::new()?, out: Vec::new() })
    }

    /// What is ready once `block` has come in.
    fn of(&mut self, block: &[i16]) -> io::Result<&[i16]> {
        self.out.clear();
        self.disguise.push(block, &mut self.out).map_err(io::Error::other)?;
        Ok(&self.out)
    }

    /// What is left when nothing more comes in.
    fn rest(mut self) -> Result<Vec<i16>, Failure> {
        self.out.clear();
        self.disguise.finish(&mut self.out)?;
        Ok(self.out)
    }
}

/// The stretches, in the order in which they were given.
fn spans(args: &ClipArgs) -> Result<Vec<Span>, Failure> {
    if args.start.len() != args.end.len() {
        let message = "each --start wants its --end\n";
        clap::Error::raw(ErrorKind::WrongNumberOfValues, message).exit();
    }
    let span = |(start, end): (&u64, &u64)| Span::new(Ms::new(*start), Ms::new(*end));
    let spans: Result<_, _> = args.start.iter().zip(&args.end).map(span).collect();
    spans.map_err(|error| Failure::BadInput(format!("That is no extract: {error}.")))
}

fn separator(args: &ClipArgs) -> Separator {
    match args.separator {
        cli::Separator::None => Separator::None,
        cli::Separator::Silence => Separator::Silence(Ms::new(args.separator_ms)),
        cli::Separator::Tone => Separator::Tone,
        cli::Separator::Count => Separator::Count,
    }
}

fn redaction(args: &ClipArgs, recording: Ms) -> Result<Option<Redaction>, Failure> {
    if args.redact.is_empty() {
        return Ok(None);
    }
    let with = match args.redact_with {
        cli::RedactWith::Tone => RedactWith::Tone,
        cli::RedactWith::Silence => RedactWith::Silence,
    };
    let spans = SpanSet::new(args.redact.iter().copied(), recording, Rules::default());
    let spans = spans.map_err(|error| Failure::BadInput(format!("{error}.")))?;
    Ok(Some(Redaction::new(spans, with)))
}

/// The whole recording, in the form that is wanted, in a file without a name; and how long it is.
fn decoded_to_file(args: &ClipArgs) -> Result<(File, Form, Ms), Failure> {
    let (shape, form) = if args.native {
        let probe = runner().probe(open(&args.file)?)?;
        (Shape::NATIVE, Form { rate_hz: probe.sample_rate_hz, channels: probe.channels })
    } else {
        (Shape::WORKING, Form::WORKING)
    };
    let mut file = tempfile::tempfile().context("cannot make a temporary file")?;
    let mut wav = WavWriter::with_form(BufWriter::new(&mut file), form.rate_hz, form.channels)?;
    let report = decoded(&args.file, shape, &mut |block| wav.push(block))?;
    wav.finish()?.0.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok((file, form, report.duration))
}
