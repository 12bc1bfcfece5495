//! Changing without scripts: plain forms of the page of words, one change each.

use axum::response::Response;
use hearback_domain::{
    RecordingId,
    transcript::{Change, Speaker},
};

use super::{
    Kept,
    correct::changes,
    kept::{About, Unchanged, change},
    show::{Open, Typed, view},
};
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::Said,
    playlist::precise,
};

const CONFLICT: &str = "These words were changed after this page was made. What you typed is in the box, and what stands \
     there now is above it. Save again to put yours in its place, or leave it";

const OTHERS: &str = "These words were changed after this page was made. Listen to what stands there now, if you like";

/// `POST /recordings/{id}/words`: `do`, and what that needs.
pub(crate) async fn change_words(
    visit: Visit,
    Path(id): Path<RecordingId>,
    fields: Fields,
) -> Result {
    let wanted = read(&fields);
    let asked = wanted.clone();
    let make = move |kept: &Kept| match &asked {
        Ok(asked) => changes(kept, asked),
        // The page comes back with what is missing.
        Err(_) => Ok(Vec::new()),
    };
    let here = format!("/recordings/{id}/words");
    match (change(&visit, id, Ok(make)).await, &wanted) {
        (Ok((kept, about)), Err(errors)) => {
            again(&visit, &about, &kept, &fields, errors.clone(), false)
        }
        (Ok(_), Ok(Change::Text { start_ms, .. } | Change::Heard { start_ms, .. })) => {
            Ok(Said::Corrected.near(&here, &format!("at-{start_ms}")))
        }
        (Ok(_), Ok(_)) => Ok(Said::Corrected.at(&here)),
        (Err(Unchanged::Moved), _) => {
            let (kept, about) = current(&visit, id).await?;
            let errors = vec![match fields.get("do") {
                "text" => FieldError::new("text", CONFLICT),
                _ => FieldError::new("sheet", OTHERS),
            }];
            again(&visit, &about, &kept, &fields, errors, true)
        }
        (Err(Unchanged::Wrong(why)), _) => {
            let (kept, about) = current(&visit, id).await?;
            let field = if fields.get("do") == "speaker" { "who-end" } else { "text" };
            let errors = vec![FieldError::new(field, why.to_string())];
            again(&visit, &about, &kept, &fields, errors, false)
        }
        (Err(Unchanged::Failed(error)), _) => Err(error),
    }
}

/// What is there now, unchanged.
async fn current(visit: &Visit, id: RecordingId) -> Result<(Kept, About)> {
    let nothing = |_: &Kept| Ok(Vec::new());
    change(visit, id, Ok(nothing)).await.map_err(WebError::from)
}

fn again(
    visit: &Visit,
    about: &About,
    kept: &Kept,
    fields: &Fields,
    errors: Vec<FieldError>,
    conflict: bool,
) -> Result<Response> {
    let text = fields.get("do") == "text";
    let span = read(fields).ok().and_then(|wanted| wanted.span());
    let typed = Typed {
        at: fields.get("start_ms").parse().ok().filter(|_| text),
        open: span.filter(|_| text).map(|span| Open {
            start_ms: span.start().get(),
            end_ms: span.end().get(),
            // Whoever saves once more has what stands there now before them.
            was: if conflict { kept.reading().text_in(span) } else { fields.get("was").to_owned() },
            text: fields.get("text").to_owned(),
        }),
        start: fields.get("start").to_owned(),
        end: fields.get("end").to_owned(),
        conflict,
    };
    view(visit, about, Some(kept), &Fields::default(), typed, errors)
}

/// The change that a form asks for, or what is missing.
fn read(fields: &Fields) -> Result<Change, Vec<FieldError>> {
    let missing = |field: &str, text: &str| vec![FieldError::new(field, text)];
    let number = |name: &str| fields.get(name).parse::<u64>();
    let voice = |name: &str| {
        let speaker = fields.get(name).parse::<Speaker>();
        speaker.map_err(|_| missing(&format!("who-{name}"), "Choose who it is"))
    };
    let stretch = || match (number("start_ms"), number("end_ms")) {
        (Ok(start_ms), Ok(end_ms)) => Ok((start_ms, end_ms)),
        _ => Err(missing("", "That passage is not part of the recording")),
    };
    let (was, text) = (fields.get("was").to_owned(), fields.get("text").to_owned());
    match fields.get("do") {
        "text" => stretch().map(|(start_ms, end_ms)| Change::Text { start_ms, end_ms, was, text }),
        "heard" => stretch().map(|(start_ms, end_ms)| Change::Heard { start_ms, end_ms, was }),
        "undo" => fields
            .get("index")
            .parse()
            .map(|index| Change::Undo { index })
            .map_err(|_| missing("", "That change is not in the list")),
        "rename" => voice("speaker")
            .map(|speaker| Change::Rename { speaker, name: fields.get("name").to_owned() }),
        "merge" => {
            let (from, into) = (voice("from")?, voice("into")?);
            Ok(Change::Merge { from, into })
        }
        "speaker" => {
            let time = |field: &str, id: &str| {
                precise::parse(fields.get(field)).ok_or_else(|| {
                    missing(id, "Write minutes, seconds and thousandths, like 1:23.450")
                })
            };
            let (start, end) = (time("start", "who-start")?, time("end", "who-end")?);
            let speaker = voice("speaker")?;
            Ok(Change::Speaker { start_ms: start.get(), end_ms: end.get(), speaker })
        }
        _ => Err(missing("", "That is none of the things that can be done here")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(pairs: &[(&str, &str)]) -> Result<Change, Vec<String>> {
        let pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        read(&Fields(pairs)).map_err(|errors| errors.into_iter().map(|e| e.field).collect())
    }

    #[test]
    fn a_form_is_one_change_or_tells_what_is_missing() {
        let letter = |c: char| Speaker::try_from(c).unwrap();
        let at = [("start_ms", "10"), ("end_ms", "20"), ("was", "a"), ("text", "b")];
        assert_eq!(
            ask(&[&[("do", "text")], &at[..]].concat()),
            Ok(Change::Text { start_ms: 10, end_ms: 20, was: "a".into(), text: "b".into() })
        );
        assert_eq!(
            ask(&[("do", "speaker"), ("start", "0:01"), ("end", "0:02.5"), ("speaker", "B")]),
            Ok(Change::Speaker { start_ms: 1_000, end_ms: 2_500, speaker: letter('B') })
        );
        assert_eq!(
            ask(&[("do", "merge"), ("from", "A"), ("into", "B")]),
            Ok(Change::Merge { from: letter('A'), into: letter('B') })
        );
        assert_eq!(ask(&[("do", "undo"), ("index", "3")]), Ok(Change::Undo { index: 3 }));
        for (wrong, field) in [
            (&[("do", "speaker"), ("start", "x")][..], "who-start"),
            (&[("do", "merge"), ("from", "A")], "who-into"),
            (&[("do", "rename"), ("speaker", "a")], "who-speaker"),
            (&[("do", "text")], ""),
            (&[("do", "delete")], ""),
        ] {
            assert_eq!(ask(wrong), Err(vec![field.to_owned()]), "{wrong:?}");
        }
    }
}
