//! The languages that a recording can be read in, by the names that people here know them by.

/// ISO 639-1 code and name, by name: those of the recogniser's languages that are most spoken in Britain.
pub(super) const LANGUAGES: &[(&str, &str)] = &[
    ("sq", "Albanian"),
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("bn", "Bengali"),
    ("bg", "Bulgarian"),
    ("zh", "Chinese"),
    ("nl", "Dutch"),
    ("en", "English"),
    ("fr", "French"),
    ("de", "German"),
    ("el", "Greek"),
    ("gu", "Gujarati"),
    ("hi", "Hindi"),
    ("hu", "Hungarian"),
    ("it", "Italian"),
    ("lv", "Latvian"),
    ("lt", "Lithuanian"),
    ("ne", "Nepali"),
    ("ps", "Pashto"),
    ("fa", "Persian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("pa", "Punjabi"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sk", "Slovak"),
    ("so", "Somali"),
    ("es", "Spanish"),
    ("ta", "Tamil"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
    ("cy", "Welsh"),
    ("yo", "Yoruba"),
];

/// Those of [`LANGUAGES`] that a model knows which lists what it knows: codes, or `*` for them all.
pub(super) fn offered(known: &[String]) -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = known.iter().any(|one| one == "*");
    LANGUAGES.iter().copied().filter(move |(code, _)| all || known.iter().any(|one| one == code))
}

/// What people call a language; its code if it is none of these.
pub(super) fn language_name(code: &str) -> &str {
    LANGUAGES.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name)
}
