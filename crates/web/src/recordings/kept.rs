//! Until when a recording is kept, for its practitioner: said a month before, and what they can do about it (ETH-06).

use hearback_domain::{KeyClass, Timestamp, retention::notice};
use hearback_storage::Kept;

use crate::{consent::last_day, page::day};

/// What ends within a month and has not ended, in the order of the days: what it is, and its last day.
pub(super) fn endings(kept: &[Kept], now: Timestamp) -> Vec<(&'static str, String)> {
    let mut soon: Vec<_> = kept.iter().filter(|kept| is_near(kept, now)).collect();
    soon.sort_by_key(|kept| (kept.until, kept.class));
    soon.into_iter().map(|kept| (what(kept.class), last(kept))).collect()
}

/// The last day of the sound, if that is near.
pub(crate) fn sound_until(kept: &[Kept], now: Timestamp) -> Option<String> {
    let sound = kept.iter().find(|kept| kept.class == KeyClass::Sound);
    sound.filter(|kept| is_near(kept, now)).map(last)
}

/// The last day of the sound, if it has not gone by.
pub(super) fn sound_kept(kept: &[Kept], now: Timestamp) -> Option<String> {
    let sound = kept.iter().find(|kept| kept.class == KeyClass::Sound);
    sound.filter(|kept| !kept.gone && kept.until > now).map(last)
}

fn is_near(kept: &Kept, now: Timestamp) -> bool {
    !kept.gone && notice(kept.until, now).is_some_and(|days| days > 0)
}

fn last(kept: &Kept) -> String {
    day(last_day(kept.until))
}

const fn what(class: KeyClass) -> &'static str {
    match class {
        KeyClass::Sound => "This recording is",
        KeyClass::Text => "The written words are",
        KeyClass::Extracts => "The short pieces of it are",
        KeyClass::Coding => "What the researcher noted about it is",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn kept(class: KeyClass, days: i64, gone: bool) -> Kept {
        Kept { class, until: Timestamp::from_micros(0).plus_seconds(days * DAY), extended: 0, gone }
    }

    #[test]
    fn what_ends_is_said_a_month_before_and_not_afterwards() {
        let all = [
            kept(KeyClass::Sound, 60, false),
            kept(KeyClass::Text, 100, false),
            kept(KeyClass::Extracts, 40, false),
            kept(KeyClass::Coding, 50, true),
        ];
        let said = |days: i64| {
            let now = Timestamp::from_micros(0).plus_seconds(days * DAY);
            (endings(&all, now), sound_until(&all, now))
        };
        let pieces = ("The short pieces of it are", "9 February 1970".to_owned());
        let sound = ("This recording is", "1 March 1970".to_owned());
        assert_eq!(said(9), (vec![], None));
        assert_eq!(said(10), (vec![pieces.clone()], None));
        assert_eq!(said(35), (vec![pieces, sound.clone()], Some(sound.1.clone())));
        assert_eq!(said(40), (vec![sound.clone()], Some(sound.1)), "the pieces are no more");
        assert_eq!(said(60), (vec![], None));
    }
}
