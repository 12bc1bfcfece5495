//! How loud the sound is, in small steps: where speech pauses, and where there is none.

use crate::RATE;

/// Samples of one step: 10 ms.
pub(crate) const STEP: usize = RATE as usize / 100;
/// Length of one step.
pub(crate) const STEP_MS: u64 = 10;
/// Steps of the stretch that loudness is judged over: 100 ms.
const STRETCH: usize = 10;
/// Below this (about −66 dB of full scale over 100 ms) nobody could hear a word: 16 steps of a 16-bit sample.
pub(crate) const SILENCE: f32 = 5e-4;
/// The quietest room that counts: below it lies only the rounding of 16-bit sound.
const ROOM: f32 = 1e-4;

/// Loudness of a stretch of sound, as the mean square of each 10 ms step.
pub(crate) struct Loudness {
    squares: Vec<f32>,
}

impl Loudness {
    pub(crate) fn of(samples: &[f32]) -> Self {
        Self { squares: samples.chunks(STEP).map(mean_square).collect() }
    }

    /// Steps.
    pub(crate) fn len(&self) -> usize {
        self.squares.len()
    }

    /// Root mean square over the stretch of 100 ms that begins at `step`.
    fn stretch(&self, step: usize) -> f32 {
        let end = (step + STRETCH).min(self.squares.len());
        let part = &self.squares[step.min(end)..end];
        mean(part).sqrt()
    }

    /// Whether nothing between two steps can be heard.
    pub(crate) fn silent(&self, from: usize, to: usize) -> bool {
        (from..to.min(self.len())).all(|step| self.stretch(step) < SILENCE)
    }

    /// The loudness between this sound's pauses and its speech: half way, in decibels, from the quietest tenth of the
    /// steps (the room) to the loudest twentieth, but well below that.
    pub(crate) fn threshold(&self) -> f32 {
        let mut sorted: Vec<f32> = self.squares.iter().map(|square| square.sqrt()).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let at = |twentieths: usize| sorted.get(sorted.len() * twentieths / 20).copied();
        let (room, loud) = (at(2).unwrap_or(0.0).max(ROOM), at(19).unwrap_or(0.0));
        (room * loud).sqrt().min(loud * 0.08).max(SILENCE)
    }

    /// Runs of at least `least` steps that are not louder than `threshold`, as first step and step after the last.
    pub(crate) fn pauses(&self, threshold: f32, least: usize) -> Vec<(usize, usize)> {
        let mut pauses = Vec::new();
        let mut began = None;
        for step in 0..=self.len() {
            let quiet = step < self.len() && !self.louder(step, threshold);
            match (quiet, began) {
                (true, None) => began = Some(step),
                (false, Some(start)) => {
                    if step - start >= least {
                        pauses.push((start, step));
                    }
                    began = None;
                }
                _ => {}
            }
        }
        pauses
    }

    /// Whether a step is louder than `threshold`.
    pub(crate) fn louder(&self, step: usize, threshold: f32) -> bool {
        self.squares.get(step).is_some_and(|square| square.sqrt() >= threshold)
    }

    /// The best step to cut at between two steps: the middle of the longest pause.
    ///
    /// A pause is a run of steps hardly louder than the quietest 100 ms; where nobody pauses, those
    /// 100 ms are it.
    pub(crate) fn quietest(&self, from: usize, to: usize) -> usize {
        let to = to.min(self.len());
        let quietest = (from..to.saturating_sub(STRETCH))
            .min_by(|a, b| self.stretch(*a).total_cmp(&self.stretch(*b)))
            .unwrap_or(from);
        let limit = (self.stretch(quietest) * 2.0).max(SILENCE);
        let fallback = (quietest, (quietest + STRETCH).min(to));
        let longest = self
            .pauses(limit, STRETCH)
            .into_iter()
            .map(|(start, end)| (start.max(from), end.min(to)))
            .filter(|(start, end)| end > start)
            .max_by_key(|(start, end)| end - start)
            .unwrap_or(fallback);
        longest.0.midpoint(longest.1)
    }
}

/// Milliseconds as steps.
pub(crate) fn steps(ms: u64) -> usize {
    usize::try_from(ms / STEP_MS).unwrap_or(usize::MAX)
}

fn mean_square(samples: &[f32]) -> f32 {
    mean(&samples.iter().map(|sample| sample * sample).collect::<Vec<_>>())
}

#[expect(clippy::cast_precision_loss, reason = "a window has 3,000 steps")]
fn mean(values: &[f32]) -> f32 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f32>() / values.len() as f32 }
}

/// Tones made of (milliseconds, height).
#[cfg(test)]
pub(crate) fn made_of(parts: &[(usize, f32)]) -> Vec<f32> {
    let tone = |(ms, height): &(usize, f32)| {
        let height = *height;
        (0..ms * 16).map(move |i| if i % 20 < 10 { height } else { -height })
    };
    parts.iter().flat_map(tone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tone of that many steps of ten milliseconds.
    fn tone(steps: usize, height: f32) -> Vec<f32> {
        made_of(&[(steps * 10, height)])
    }

    #[test]
    fn silence_is_what_nobody_hears() {
        let mut sound = tone(50, 1e-4);
        assert!(Loudness::of(&sound).silent(0, 50));
        sound.extend(tone(20, 0.01));
        let loudness = Loudness::of(&sound);
        assert!(!loudness.silent(0, 70));
        assert!(loudness.silent(0, 40));
    }

    #[test]
    fn cuts_in_the_middle_of_the_longest_pause() {
        let mut sound = tone(200, 0.2);
        sound.extend(tone(12, 0.001));
        sound.extend(tone(100, 0.2));
        sound.extend(tone(60, 0.0015));
        sound.extend(tone(100, 0.2));
        let loudness = Loudness::of(&sound);
        let cut = loudness.quietest(100, loudness.len());
        assert!((338..=346).contains(&cut), "cut at step {cut}");
    }

    #[test]
    fn cuts_at_the_quietest_place_where_nobody_pauses() {
        let mut sound = tone(300, 0.2);
        sound.extend(tone(10, 0.05));
        sound.extend(tone(100, 0.2));
        let loudness = Loudness::of(&sound);
        let cut = loudness.quietest(150, loudness.len());
        assert!((300..=310).contains(&cut), "cut at step {cut}");
    }

    #[test]
    fn the_threshold_lies_between_room_and_speech() {
        let mut sound = tone(100, 0.002);
        sound.extend(tone(100, 0.2));
        let loudness = Loudness::of(&sound);
        let threshold = loudness.threshold();
        assert!(threshold > 0.002 && threshold < 0.1, "threshold {threshold}");
        assert!(!loudness.louder(50, threshold) && loudness.louder(150, threshold));
    }
}
