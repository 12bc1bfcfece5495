//! Word error rate: how many words have to be put in, taken out or exchanged, for each hundred that were said.

/// The words of a text, without what only differs in writing: case, punctuation, titles, small numbers.
pub(super) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('’', "'")
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .map(|word| plain(word.trim_matches('\'')).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

fn plain(word: &str) -> &str {
    match word {
        "mr" => "mister",
        "mrs" => "missus",
        "ok" => "okay",
        "mom" => "mum",
        "favorite" => "favourite",
        "0" => "zero",
        "1" => "one",
        "2" => "two",
        "3" => "three",
        "4" => "four",
        "5" => "five",
        "6" => "six",
        "7" => "seven",
        "8" => "eight",
        "9" => "nine",
        "10" => "ten",
        other => other,
    }
}

/// In percent: Levenshtein's distance over words, per word of the reference.
#[expect(clippy::cast_precision_loss, reason = "some thousand words")]
pub(super) fn rate(reference: &[String], heard: &[String]) -> f64 {
    if reference.is_empty() {
        return if heard.is_empty() { 0.0 } else { 100.0 };
    }
    100.0 * distance(reference, heard) as f64 / reference.len() as f64
}

fn distance(reference: &[String], heard: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (r, said) in reference.iter().enumerate() {
        let mut corner = row[0];
        row[0] = r + 1;
        for (h, word) in heard.iter().enumerate() {
            let changed = corner + usize::from(said != word);
            corner = row[h + 1];
            row[h + 1] = changed.min(corner + 1).min(row[h] + 1);
        }
    }
    row[heard.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reference: &str, heard: &str) -> f64 {
        rate(&words(reference), &words(heard))
    }

    #[test]
    fn what_only_differs_in_writing_is_no_error() {
        assert!(of("mister Dashwood had three.", "Mr. Dashwood had 3").abs() < 1e-9);
        assert!(of("don't 'go'", "Don’t go!").abs() < 1e-9);
        assert_eq!(words("— … ♪"), Vec::<String>::new());
    }

    #[test]
    fn known_rates() {
        // One exchanged, one put in, one left out: three in six.
        assert!((of("the cat sat on the mat", "the dog sat up on mat") - 50.0).abs() < 1e-9);
        assert!((of("a b c d", "") - 100.0).abs() < 1e-9);
        assert!((of("a", "a b c") - 200.0).abs() < 1e-9);
        assert!(of("", "").abs() < 1e-9 && (of("", "x") - 100.0).abs() < 1e-9);
    }

    /// A distance is zero only for what is the same, the same both ways, never longer than the way round by a third
    /// (the three axioms), and each single change makes it one longer at the most.
    #[test]
    fn it_is_a_distance() {
        let mut state = 7_u32;
        let mut draw = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for _ in 0..400 {
            let mut text = || -> Vec<String> {
                (0..draw(12)).map(|_| char::from(b'a' + draw(3).to_le_bytes()[0]).into()).collect()
            };
            let (a, b, c) = (text(), text(), text());
            assert_eq!(distance(&a, &b) == 0, a == b);
            assert_eq!(distance(&a, &b), distance(&b, &a));
            assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
            assert!(distance(&a, &b) >= a.len().abs_diff(b.len()));
            assert!(distance(&a, &b) <= a.len().max(b.len()));
            let mut more = a.clone();
            more.insert(a.len() / 2, "x".to_owned());
            assert_eq!(distance(&a, &more), 1);
        }
    }
}
