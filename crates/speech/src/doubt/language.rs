//! Signs of another language.

/// A language that a stretch sounds like counts from this probability on.
pub(super) const CLEARLY: f32 = 0.6;

/// Writing systems that can be told apart letter by letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    EastAsian,
    Other,
}

/// The script of a letter (Unicode's blocks).
const fn script(letter: char) -> Script {
    match letter as u32 {
        0x41..=0x24f | 0x1e00..=0x1eff => Script::Latin,
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x400..=0x52f => Script::Cyrillic,
        0x590..=0x5ff => Script::Hebrew,
        0x600..=0x77f | 0x8a0..=0x8ff | 0xfb50..=0xfdff | 0xfe70..=0xfeff => Script::Arabic,
        0x900..=0xdff => Script::Indic,
        0xe00..=0xe7f => Script::Thai,
        0x1100..=0x11ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af => Script::EastAsian,
        _ => Script::Other,
    }
}

/// What a language is written in; nothing for those that are written in several, or in one of their own.
fn of_language(code: &str) -> Option<Script> {
    Some(match code {
        "el" => Script::Greek,
        "ru" | "uk" | "bg" | "be" | "mk" | "kk" | "mn" | "tg" | "tt" | "ba" => Script::Cyrillic,
        "he" | "yi" => Script::Hebrew,
        "ar" | "fa" | "ur" | "ps" | "sd" => Script::Arabic,
        "hi" | "mr" | "ne" | "sa" | "bn" | "as" | "pa" | "gu" | "ta" | "te" | "kn" | "ml"
        | "si" => Script::Indic,
        "th" => Script::Thai,
        "zh" | "yue" | "ja" | "ko" => Script::EastAsian,
        "sr" | "az" | "uz" | "tk" | "bs" | "ka" | "hy" | "am" | "km" | "lo" | "my" | "bo" => {
            return None;
        }
        _ => Script::Latin,
    })
}

/// Whether a text is for the most part not written as its language is. Names may be, and borrowed words.
pub(super) fn other_script(text: &str, language: &str) -> bool {
    let Some(own) = of_language(language) else { return false };
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (mut all, mut other) = (0_u32, 0_u32);
    for letter in letters {
        all += 1;
        other += u32::from(script(letter) != own);
    }
    // Latin stands in every language's text; in one that is written in Latin, anything else is strange.
    let share = if own == Script::Latin { 3 } else { 9 };
    all > 0 && other * 10 > all * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_another_script_is_another_language() {
        for (text, language) in [
            ("Продолжение следует...", "en"),
            ("ご視聴ありがとうございました", "de"),
            ("Thank you for coming in today", "ru"),
            ("hello شكرا على المشاهدة", "en"),
        ] {
            assert!(other_script(text, language), "{text}");
        }
    }

    #[test]
    fn names_and_accents_are_not() {
        for (text, language) in [
            ("Żaneta said naïve, café and Škoda.", "en"),
            ("мы смотрели Star Wars", "ru"),
            ("ja, 12.", "de"),
            ("…", "en"),
            ("ქართული", "ka"),
            ("Dobro jutro", "sr"),
        ] {
            assert!(!other_script(text, language), "{text}");
        }
    }
}
