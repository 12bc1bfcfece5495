//! What a person takes home: what they said yes and no to, until when, and how to take it back (REC-05, K-24).

use askama::Template;
use hearback_access::SeeConsent;
use hearback_domain::{
    PersonId, RecordingId, Role,
    forms::{Authority, ConsentRecord, Form},
};
use hearback_storage::{ConsentAnswer, KeptRecord};

use super::{last_day, party, reference, words};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Path,
    page::{Page, day, html, written_day},
};

/// How it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    Large,
    Simple,
}

impl Style {
    /// What the address asks for; plain if it asks for nothing that we know.
    fn from_query(query: Option<&str>) -> Self {
        let word = query.unwrap_or_default().split('&').find_map(|p| p.strip_prefix("style="));
        match word {
            Some("large") => Self::Large,
            Some("simple") => Self::Simple,
            _ => Self::Plain,
        }
    }
}

#[derive(Template)]
#[template(path = "consent_copy.html")]
struct CopyPage {
    page: Page,
    recording: RecordingId,
    label: String,
    large: bool,
    simple: bool,
    title: String,
    introduction: Vec<String>,
    lines: Vec<Line>,
    decided_on: String,
    explained_by: String,
    interpreter: Option<String>,
    /// Who agreed, and by which right.
    agreed: String,
    recorded: String,
    until: String,
    version: u32,
    reference: String,
    officers: Vec<String>,
}

/// A statement and the answer to it.
struct Line {
    text: String,
    yes: bool,
    taken_back: Option<String>,
}

/// `GET /recordings/{id}/people/{person}/copy?style=plain|large|simple`.
pub(crate) async fn show(
    visit: Visit,
    Path((id, person)): Path<(RecordingId, PersonId)>,
) -> Result {
    let (mut work, permit) = visit.permit::<SeeConsent>(id).await?;
    let heard = work.heard(&permit).await?.ok_or(WebError::NotFound)?;
    let party = party(&heard, person)?;
    let records = work.consent_records(&permit).await?;
    let kept = records.into_iter().find(|k| k.record.person == person);
    let kept = kept.ok_or(WebError::NotFound)?;
    let (kind, version) = (kept.record.kind, kept.record.version);
    let published = work.form(kind, version).await?;
    let form = published.ok_or_else(|| WebError::internal("a record without its form"))?.form;
    let answers = work.consent_answers(&permit).await?;
    let officers = work.people_with(Role::Dpo).await?;
    work.commit().await?;

    let style = Style::from_query(visit.query());
    let name = party.label.as_str();
    html(&CopyPage {
        page: visit.page(format!("What {name} said")),
        recording: id,
        label: name.to_owned(),
        large: style == Style::Large,
        simple: style == Style::Simple,
        title: form.title.clone(),
        introduction: form.introduction.lines().map(str::to_owned).collect(),
        lines: lines(&form, &kept.record, &answers, name, style),
        decided_on: written_day(&kept.record.decided_on.to_string()),
        explained_by: kept.record.explained_by.to_string(),
        interpreter: kept.record.interpreter.as_ref().map(ToString::to_string),
        agreed: agreed(&kept.record, name),
        recorded: recorded(&kept),
        until: day(last_day(kept.expires_at)),
        version,
        reference: reference(id),
        officers: officers.into_iter().map(|p| p.name).collect(),
    })
}

fn lines(
    form: &Form,
    record: &ConsentRecord,
    answers: &[ConsentAnswer],
    name: &str,
    style: Style,
) -> Vec<Line> {
    let one = |statement: &hearback_domain::forms::Statement| {
        let answer = answers
            .iter()
            .find(|a| a.person == record.person && Some(a.purpose) == statement.purpose);
        let ticked = record.ticks.get(&statement.key).copied().unwrap_or(false);
        Line {
            text: match style {
                Style::Simple => statement.simple_for(name),
                Style::Plain | Style::Large => statement.text_for(name),
            },
            // A yes that was outweighed, by the child's own no for instance, is a no.
            yes: answer.map_or(ticked, |a| a.given),
            taken_back: answer.and_then(|a| a.withdrawn_at).map(day),
        }
    };
    form.statements.iter().map(one).collect()
}

fn agreed(record: &ConsentRecord, name: &str) -> String {
    let own = match record.assent {
        Some(true) => format!("{name} said yes to this too."),
        Some(false) => format!("{name} said no, and a no is a no."),
        None => String::new(),
    };
    let by = match (&record.signatory, record.authority) {
        (_, Authority::Own) | (None, _) => format!("{name} decided."),
        (Some(by), authority) => format!("{by} decided, {}.", words::authority(authority)),
    };
    format!("{by} {own}").trim_end().to_owned()
}

fn recorded(kept: &KeptRecord) -> String {
    format!("{} wrote it down on {}.", kept.recorded_by, day(kept.recorded_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_a_style() {
        assert_eq!(Style::from_query(Some("style=large")), Style::Large);
        assert_eq!(Style::from_query(Some("a=b&style=simple")), Style::Simple);
        for query in [None, Some(""), Some("style=%3Cb%3E"), Some("nostyle=large")] {
            assert_eq!(Style::from_query(query), Style::Plain, "{query:?}");
        }
    }
}
