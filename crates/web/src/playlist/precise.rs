//! Positions as researchers type and read them: `1:23.450`.

use hearback_domain::Ms;

/// `1:23.450`; from an hour on `1:02:03.004`.
pub(crate) fn format(at: Ms) -> String {
    format!("{at}.{:03}", at.get() % 1_000)
}

/// Reads `m:ss`, `m:ss.mmm`, `h:mm:ss.mmm` or plain seconds; a comma may stand for the point.
pub(crate) fn parse(text: &str) -> Option<Ms> {
    let text = text.trim().replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let mut parts = whole.rsplit(':');
    let seconds = number(parts.next()?, 6)?;
    let minutes = parts.next().map(|m| number(m, 4));
    let hours = parts.next().map(|h| number(h, 3));
    let in_a_minute = minutes.is_none() || seconds < 60;
    let in_an_hour = hours.is_none() || minutes.flatten().is_some_and(|m| m < 60);
    if parts.next().is_some() || !in_a_minute || !in_an_hour || fraction.is_empty() {
        return None;
    }
    let thousandths = fraction.get(..3.min(fraction.len()))?;
    let thousandths = number(&format!("{thousandths:0<3}"), 3)?;
    fraction.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
    let hours = hours.map_or(Some(0), |h| h)?;
    let minutes = minutes.map_or(Some(0), |m| m)?;
    Some(Ms::new(((hours * 60 + minutes) * 60 + seconds) * 1_000 + thousandths))
}

fn number(text: &str, longest: usize) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (digits && text.len() <= longest).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for ms in [0, 1, 999, 83_450, 3_599_999, 3_723_004, 36_000_000] {
            assert_eq!(parse(&format(Ms::new(ms))), Some(Ms::new(ms)));
        }
        for (text, ms) in [
            ("83.45", 83_450),
            ("1:23,5", 83_500),
            (" 1:23 ", 83_000),
            ("90", 90_000),
            ("90:00", 5_400_000),
        ] {
            assert_eq!(parse(text), Some(Ms::new(ms)), "{text}");
        }
        for text in
            ["", ":", "1:60", "1:75:00", "1:2:3:4", "-1", "1.x", "a", "1.", "1:23.4560x", "é"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
