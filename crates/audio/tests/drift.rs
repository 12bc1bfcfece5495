//! Time does not drift: what happened at a moment of a recording is found at that moment, three hours later too.
//!
//! The recordings are made as they are read, so that no disk has to hold gigabytes of almost nothing.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers of a test"
)]

use std::io;

use hearback_audio::{Limits, RATE, ReadAt, decode, wav};

/// Half the width of a click in seconds, and the width of its bell: it fits in the narrowest band, 4 kHz.
const REACH: f64 = 0.004;
const BELL: f64 = 0.000_5;

/// What is heard `t` seconds from the middle of a click.
fn click(t: f64) -> f64 {
    if t.abs() > REACH { 0.0 } else { 0.8 * (-0.5 * (t / BELL).powi(2)).exp() }
}

/// A recording that is silent but for clicks, at times that are no whole number of frames of any rate.
struct Clicks {
    rate: u32,
    seconds: u32,
    every: u32,
}

impl Clicks {
    fn frames(&self) -> u64 {
        u64::from(self.rate) * u64::from(self.seconds)
    }

    /// The click nearest to a moment.
    fn nearest(&self, t: f64) -> f64 {
        let every = f64::from(self.every);
        (((t - FIRST) / every).round() * every).max(0.0) + FIRST
    }

    fn times(&self) -> impl Iterator<Item = f64> {
        let last = f64::from(self.seconds) - 0.1;
        (0..).map(|i| FIRST + f64::from(i * self.every)).take_while(move |t| *t < last)
    }
}

/// When the first one is heard, in seconds.
const FIRST: f64 = 0.512_345_678;

impl ReadAt for Clicks {
    fn len(&self) -> u64 {
        wav::HEADER_LEN + self.frames() * 2
    }

    fn read_at(&mut self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let n = (self.len().saturating_sub(offset)).min(buf.len() as u64) as usize;
        let buf = &mut buf[..n];
        buf.fill(0);
        let head = wav::header_of(self.frames(), self.rate, 1);
        for (byte, known) in buf.iter_mut().zip(head.iter().skip(offset as usize)) {
            *byte = *known;
        }
        // Silence is the rule: only where a click is near is anything worked out.
        let rate = f64::from(self.rate);
        let time = |at: u64| at.saturating_sub(wav::HEADER_LEN) as f64 / 2.0 / rate;
        let (from, to) = (time(offset), time(offset + n as u64));
        let mut middle = self.nearest(from);
        while middle - REACH < to {
            let first = ((middle - REACH).max(0.0) * rate) as u64;
            let last = ((middle + REACH) * rate) as u64 + 1;
            for frame in first..last {
                let value = wav::to_i16(click(frame as f64 / rate - middle) as f32).to_le_bytes();
                for (i, byte) in (0_u64..).zip(value) {
                    let at = (wav::HEADER_LEN + frame * 2 + i).checked_sub(offset);
                    if let Some(there) = at.and_then(|at| buf.get_mut(at as usize)) {
                        *there = byte;
                    }
                }
            }
            middle += f64::from(self.every);
        }
        Ok(n)
    }
}

/// The middle of what is heard in a few milliseconds: where its energy balances.
fn middle(frames: &[f32]) -> f64 {
    let energy = |s: &f32| f64::from(*s) * f64::from(*s);
    let all: f64 = frames.iter().map(energy).sum();
    frames.iter().enumerate().map(|(i, s)| i as f64 * energy(s)).sum::<f64>() / all
}

/// Decodes to the working form; gives by how much the click that is farthest off is off, in seconds.
fn worst(recording: Clicks) -> f64 {
    let times: Vec<f64> = recording.times().collect();
    let (seconds, rate) = (u64::from(recording.seconds), recording.rate);
    // The sound around each click, the click in its middle frame.
    let half = (REACH * f64::from(RATE)) as usize * 2;
    let mut kept: Vec<Vec<f32>> = vec![Vec::new(); times.len()];
    let starts: Vec<usize> =
        times.iter().map(|t| (t * f64::from(RATE)).round() as usize - half).collect();
    let mut done = 0;
    let report = decode::run(Box::new(recording), &Limits::default(), &mut |block| {
        let heard = done..done + block.samples.len();
        for (start, kept) in starts.iter().zip(&mut kept) {
            let (from, to) = (heard.start.max(*start), heard.end.min(start + 2 * half + 1));
            if from < to {
                kept.extend_from_slice(&block.samples[from - done..to - done]);
            }
        }
        done = heard.end;
        Ok(())
    })
    .expect("a recording");
    assert_eq!(report.frames, seconds * u64::from(RATE), "at {rate} Hz: not one frame too many");
    let off = |((time, start), kept): ((&f64, &usize), &Vec<f32>)| {
        assert_eq!(kept.len(), 2 * half + 1);
        let found = (*start as f64 + middle(kept)) / f64::from(RATE);
        (found - time).abs()
    };
    times.iter().zip(&starts).zip(&kept).map(off).fold(0.0, f64::max)
}

/// In every rate that recorders use, from the first second to the last, and all along the way.
fn does_not_drift(seconds: u32, every: u32) {
    for rate in [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000] {
        let off = worst(Clicks { rate, seconds, every });
        assert!(off <= 0.000_01, "{rate} Hz over {seconds} s: {:.3} µs off", off * 1e6);
    }
}

/// A hundredth of what is allowed over three hours, so that a slip that grows is found in ten minutes too.
#[test]
fn ten_minutes_are_ten_minutes() {
    does_not_drift(600, 20);
}

#[test]
#[ignore = "the long form: three hours at eight rates"]
fn three_hours_are_three_hours() {
    does_not_drift(3 * 3_600, 300);
}
