//! How much of a sound is a voice, and how its pitch moves.

/// The periods of voices: from 400 Hz down to 70 Hz.
const SHORTEST: usize = 40;
const LONGEST: usize = 228;
/// Less than this (a sum of squares over a frame) is no sound.
const QUIET: f32 = 5e-5;
/// How alike two periods are where there is hardly a voice, and how much more where there is nothing else.
const VOICELESS: f32 = 0.4;
const VOICED: f32 = 0.35;

/// What is known of the source of a sound at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heard {
    /// How much of it is a voice, from 0 to 1.
    pub(super) voiced: f32,
    /// How much higher it is than it was of late: 1 is just as high.
    pub(super) raised: f32,
}

/// Follows the pitch of a voice.
pub(super) struct Pitch {
    /// The mean logarithm of its period, once there was a voice.
    usual: Option<f32>,
    raised: f32,
}

impl Pitch {
    pub(super) fn new() -> Self {
        Self { usual: None, raised: 1.0 }
    }

    /// Looks at the next frame.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    pub(super) fn follow(&mut self, frame: &[f32]) -> Heard {
        let (alike, period) = (SHORTEST..=LONGEST)
            .map(|lag| (repeats(frame, lag), lag))
            .fold((0.0, SHORTEST), |best, next| if next.0 > best.0 { next } else { best });
        let voiced = ((alike - VOICELESS) / VOICED).clamp(0.0, 1.0);
        if voiced > 0.5 {
            let period = (period as f32).ln();
            let usual = self.usual.get_or_insert(period);
            *usual += (period - *usual) * 0.02;
            let raised = (*usual - period).exp().clamp(0.6, 1.7);
            self.raised += (raised - self.raised) * 0.3;
        }
        Heard { voiced, raised: self.raised }
    }
}

/// How alike a frame is to itself some samples later.
fn repeats(frame: &[f32], lag: usize) -> f32 {
    let (mut product, mut early, mut late) = (0.0, 0.0, 0.0);
    for (a, b) in frame.iter().zip(&frame[lag..]) {
        product += a * b;
        early += a * a;
        late += b * b;
    }
    if early.min(late) < QUIET { 0.0 } else { product / (early * late).sqrt() }
}
