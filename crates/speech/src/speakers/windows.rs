//! Which stretches of the recording are listened to.

use super::mel::MELS;

/// What the encoder was taught on: 1.6 s, in frames of 10 ms.
pub(crate) const WINDOW: usize = 160;
/// What it can tell a voice by, not always rightly: 0.8 s.
pub(crate) const SHORT: usize = 80;
/// From one window to the next: 0.4 s.
const HOP: usize = 40;
/// Pauses that windows go across: 0.4 s. Between two people there is often less, within a sentence seldom more.
const ACROSS: usize = 40;

/// A stretch that was listened to, in frames of the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Window {
    pub(crate) const fn frames(self) -> usize {
        self.end - self.start
    }
}

/// Joins spans of speech, which come in order, as long as only short pauses part them.
#[derive(Debug, Default)]
pub(crate) struct Stretches {
    open: Option<(usize, usize)>,
    /// Windows of `open` are laid up to here already.
    laid: Option<usize>,
}

impl Stretches {
    /// The next span of speech, in frames; gives the windows that are sure by now.
    pub(crate) fn push(&mut self, start: usize, end: usize) -> Vec<Window> {
        let mut windows = Vec::new();
        match &mut self.open {
            Some(open) if start <= open.1 + ACROSS => open.1 = end.max(open.1),
            _ => {
                windows = self.finish();
                self.open = Some((start, end));
            }
        }
        // Somebody who never pauses must not fill the memory.
        if let Some((start, end)) = self.open {
            let mut at = self.laid.map_or(start, |laid| laid + HOP);
            while at + WINDOW + SHORT <= end {
                windows.push(Window { start: at, end: at + WINDOW });
                self.laid = Some(at);
                at += HOP;
            }
        }
        windows
    }

    /// No span that is still to come begins before `frame`: gives the windows that are sure by now.
    pub(crate) fn settle(&mut self, frame: usize) -> Vec<Window> {
        let over = self.open.is_some_and(|(_, end)| frame > end + ACROSS);
        if over { self.finish() } else { Vec::new() }
    }

    /// Frames before this one are needed by no window that is still to come.
    pub(crate) fn needs(&self) -> Option<usize> {
        let (start, _) = self.open?;
        Some(self.laid.unwrap_or(start).saturating_sub(SHORT))
    }

    /// No span will follow closely: the rest of the windows.
    pub(crate) fn finish(&mut self) -> Vec<Window> {
        let Some((start, end)) = self.open.take() else { return Vec::new() };
        let laid = self.laid.take();
        if end - start <= WINDOW {
            // One window for a short remark; a very short one is heard with what is around it.
            let more = SHORT.saturating_sub(end - start).div_ceil(2);
            return vec![Window { start: start.saturating_sub(more), end: end + more }];
        }
        let mut windows = Vec::new();
        let mut at = laid.map_or(start, |laid| laid + HOP);
        while at + WINDOW < end {
            windows.push(Window { start: at, end: at + WINDOW });
            at += HOP;
        }
        windows.push(Window { start: end - WINDOW, end });
        // The last words once more by themselves.
        windows.push(Window { start: end - SHORT, end });
        windows
    }
}

/// Frames of a window that may be cut short where the recording ends.
pub(crate) const fn heard(frames: &[f32]) -> usize {
    frames.len() / MELS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(spans: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut stretches = Stretches::default();
        let mut all = Vec::new();
        for (start, end) in spans {
            all.extend(stretches.push(*start, *end));
        }
        all.extend(stretches.finish());
        all.iter().map(|window| (window.start, window.end)).collect()
    }

    #[test]
    fn every_moment_of_speech_lies_in_a_window() {
        for spans in [
            vec![(100, 130)],
            vec![(0, 10), (500, 660), (900, 2_345)],
            vec![(100, 900), (930, 1_800), (1_835, 1_900), (2_500, 2_510)],
            (0..30).map(|i| (i * 1_000, (i + 1) * 1_000)).collect(),
        ] {
            let windows = windows(&spans);
            assert!(windows.iter().all(|(start, end)| end > start && end - start <= WINDOW));
            for at in spans.iter().flat_map(|(start, end)| *start..*end) {
                assert!(
                    windows.iter().any(|(start, end)| (*start..*end).contains(&at)),
                    "{at} of {spans:?} in none of {windows:?}"
                );
            }
        }
        assert_eq!(windows(&[]), []);
    }

    #[test]
    fn whoever_never_pauses_fills_no_memory() {
        let mut stretches = Stretches::default();
        for i in 0..1_000 {
            stretches.push(i * 1_000, (i + 1) * 1_000);
            assert!(stretches.needs().is_some_and(|frame| frame + 1_000 > i * 1_000));
        }
    }
}
