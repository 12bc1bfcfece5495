//! A transcript as text for people and for players.

use super::{Segment, Transcript};

/// What a transcript always says of itself.
pub const MACHINE: &str = "A machine wrote this. It may be wrong: listen.";

/// The forms of a transcript that people and players read, a piece at a time: what stands before the first segment,
/// each segment as it becomes final, and what stands at the end. The pieces in a row are the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `WebVTT`.
    Vtt,
    /// `SubRip`.
    Srt,
    /// Plain text, one segment a line.
    Txt,
}

/// A transcript on its way into one of these forms.
#[derive(Debug)]
pub struct Captions {
    form: Form,
    cues: usize,
}

impl Captions {
    /// Nothing is written yet.
    pub const fn new(form: Form) -> Self {
        Self { form, cues: 0 }
    }

    /// What stands before everything else.
    ///
    /// `SubRip` has no place for a note: there it is the first cue's first line, in the brackets that captions put
    /// around what nobody says, and so every player shows it.
    pub fn head(&self) -> String {
        match self.form {
            Form::Vtt => format!("WEBVTT\n\nNOTE {MACHINE}\n"),
            Form::Srt => String::new(),
            Form::Txt => format!("[{MACHINE}]\n\n"),
        }
    }

    /// A segment; nothing if it only says that somebody speaks there.
    pub fn piece(&mut self, segment: &Segment) -> String {
        if segment.text.trim().is_empty() {
            return String::new();
        }
        self.cues += 1;
        let (start, end) = cue(segment);
        match self.form {
            Form::Vtt => {
                let text = escape(&one_line(&segment.text));
                let text = match &segment.speaker {
                    Some(speaker) => format!("<v {speaker}>{text}</v>"),
                    None => text,
                };
                format!("\n{} --> {}\n{text}\n", clock(start, '.'), clock(end, '.'))
            }
            Form::Srt => {
                let note = if self.cues == 1 { format!("[{MACHINE}]\n") } else { String::new() };
                let gap = if self.cues == 1 { "" } else { "\n" };
                let (nth, text) = (self.cues, spoken(segment));
                let (start, end) = (clock(start, ','), clock(end, ','));
                format!("{gap}{nth}\n{start} --> {end}\n{note}{text}\n")
            }
            Form::Txt => spoken(segment) + "\n",
        }
    }
}

impl Transcript {
    /// The whole of it in one of these forms.
    pub fn to_captions(&self, form: Form) -> String {
        let mut captions = Captions::new(form);
        let head = captions.head();
        self.segments.iter().fold(head, |out, segment| out + &captions.piece(segment))
    }

    /// WebVTT, with a note for whoever opens the file. Speakers, where known, are voice spans.
    pub fn to_vtt(&self) -> String {
        self.to_captions(Form::Vtt)
    }

    /// `SubRip`, with the same note in the first cue.
    pub fn to_srt(&self) -> String {
        self.to_captions(Form::Srt)
    }

    /// Plain text, one segment a line, with the note above it.
    pub fn to_txt(&self) -> String {
        self.to_captions(Form::Txt)
    }
}

fn spoken(segment: &Segment) -> String {
    let text = one_line(&segment.text);
    match &segment.speaker {
        Some(speaker) => format!("{speaker}: {text}"),
        None => text,
    }
}

/// Players drop cues that last no time.
fn cue(segment: &Segment) -> (u64, u64) {
    (segment.start_ms, segment.end_ms.max(segment.start_ms + 1))
}

/// Both formats end a cue at an empty line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn clock(ms: u64, point: char) -> String {
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    let (seconds, rest) = (ms / 1_000 % 60, ms % 1_000);
    format!("{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Speaker, Word};

    fn segment(start_ms: u64, end_ms: u64, text: &str, speaker: Option<Speaker>) -> Segment {
        Segment {
            start_ms,
            end_ms,
            text: text.to_owned(),
            speaker,
            no_speech_prob: 0.01,
            avg_logprob: -0.25,
            doubts: Vec::new(),
            words: vec![Word { start_ms, end_ms, text: text.to_owned(), p: 0.5, speaker: None }],
        }
    }

    fn transcript() -> Transcript {
        Transcript {
            model: "tiny.en".to_owned(),
            language: "en".to_owned(),
            duration_ms: 3_700_000,
            model_sha256: None,
            done_ms: None,
            speakers: None,
            segments: vec![
                segment(0, 1_250, "How has the week been?", None),
                segment(61_001, 61_001, "Less than <three> & a\n\nhalf --> days.", Speaker::new(1)),
                segment(3_600_000, 3_661_042, "Right.", None),
            ],
        }
    }

    #[test]
    fn vtt() {
        insta::assert_snapshot!(transcript().to_vtt(), @r"
        WEBVTT

        NOTE A machine wrote this. It may be wrong: listen.

        00:00:00.000 --> 00:00:01.250
        How has the week been?

        00:01:01.001 --> 00:01:01.002
        <v B>Less than &lt;three&gt; &amp; a half --&gt; days.</v>

        01:00:00.000 --> 01:01:01.042
        Right.
        ");
    }

    #[test]
    fn srt() {
        insta::assert_snapshot!(transcript().to_srt(), @r"
        1
        00:00:00,000 --> 00:00:01,250
        [A machine wrote this. It may be wrong: listen.]
        How has the week been?

        2
        00:01:01,001 --> 00:01:01,002
        B: Less than <three> & a half --> days.

        3
        01:00:00,000 --> 01:01:01,042
        Right.
        ");
    }

    #[test]
    fn txt() {
        assert_eq!(
            transcript().to_txt(),
            "[A machine wrote this. It may be wrong: listen.]\n\n\
             How has the week been?\nB: Less than <three> & a half --> days.\nRight.\n"
        );
    }

    #[test]
    fn json_is_the_contract() {
        let mut transcript = transcript();
        transcript.segments.truncate(2);
        insta::assert_json_snapshot!(transcript, @r#"
        {
          "model": "tiny.en",
          "language": "en",
          "duration_ms": 3700000,
          "segments": [
            {
              "start_ms": 0,
              "end_ms": 1250,
              "text": "How has the week been?",
              "no_speech_prob": 0.01,
              "avg_logprob": -0.25,
              "doubts": [],
              "words": [
                {
                  "start_ms": 0,
                  "end_ms": 1250,
                  "text": "How has the week been?",
                  "p": 0.5
                }
              ]
            },
            {
              "start_ms": 61001,
              "end_ms": 61001,
              "text": "Less than <three> & a\n\nhalf --> days.",
              "speaker": "B",
              "no_speech_prob": 0.01,
              "avg_logprob": -0.25,
              "doubts": [],
              "words": [
                {
                  "start_ms": 61001,
                  "end_ms": 61001,
                  "text": "Less than <three> & a\n\nhalf --> days.",
                  "p": 0.5
                }
              ]
            }
          ]
        }
        "#);
        let text = serde_json::to_string(&transcript).unwrap();
        assert_eq!(serde_json::from_str::<Transcript>(&text).unwrap(), transcript);
    }
}
