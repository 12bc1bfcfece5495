//! A series of coaching sessions about the fictional visit: begun, agreed by both, with a first session that is ready.

use anyhow::Context as _;

use super::client::Client;
use crate::shell::{output, program};

/// Begins a series of the social worker with the coach, has both sign, plans a session and chooses every extract for it;
/// gives back where the session is.
pub(crate) fn first_session(
    practitioner: &Client,
    coach: &Client,
    coordinator: &Client,
    recording: &str,
    coach_id: &str,
) -> anyhow::Result<String> {
    coach.form(
        "/coaching/profile",
        &[
            ("about", "I listen for what already works, and ask about it."),
            ("independence", "outside"),
            ("reports_to", "nobody in this organisation"),
            ("accreditation", "invented for this demo"),
            ("languages", "English"),
            ("taking_on", "yes"),
            ("most", "2"),
        ],
    )?;
    let next_year = output(&mut program("date", ["-d", "1 year", "+%F"]))?;
    let check = format!("/coaching/coaches/{coach_id}/check");
    let now = output(&mut program("date", ["+%s%6N"]))?;
    coordinator.form(&check, &[("until", next_year.trim()), ("seen", now.trim())])?;
    practitioner.form(
        "/coaching/new",
        &[
            ("name", "Robin"),
            ("skill", "empathy"),
            ("issue", ""),
            ("coach", coach_id),
            ("counselling", "no"),
            ("reluctant", "no"),
            ("witness", "no"),
            ("safety", "no"),
        ],
    )?;
    let series = link(&practitioner.page("/coaching")?, "/series/")
        .context("the page of coaching leads to no series")?;
    practitioner
        .form(&format!("{series}/recordings"), &[("recording", recording), ("do", "add")])?;

    practitioner.form(
        &format!("{series}/agreement"),
        &[
            ("version", "0"),
            ("place", "The quiet room on the first floor"),
            ("when", "Tuesday mornings"),
            ("how_often", "Every two weeks"),
            ("between", "A message if something comes up"),
            ("channel", "here"),
            ("times", "2"),
            ("reminders", "yes"),
            ("anything", ""),
        ],
    )?;
    for signs in [practitioner, coach] {
        let ticks = [("version", "1"), ("tick.0", "yes"), ("tick.1", "yes"), ("tick.2", "yes")];
        signs.form(&format!("{series}/agreement/sign"), &ticks)?;
    }
    let tomorrow = output(&mut program("date", ["-d", "tomorrow", "+%F"]))?;
    practitioner.form(
        &format!("{series}/sessions"),
        &[("day", tomorrow.trim()), ("time", "10:00"), ("zone", "0"), ("place", "")],
    )?;
    let session = link(&practitioner.page(&series)?, "/sessions/")
        .context("the series leads to no session")?;
    let page = practitioner.page(&session)?;
    for clip in values(&page, "clip") {
        practitioner.form(&format!("{session}/clips"), &[("clip", clip)])?;
    }
    Ok(session)
}

/// Calls the coach to a meeting in which coaches are supervised.
pub(crate) fn supervision(supervisor: &Client, coach_id: &str) -> anyhow::Result<()> {
    let next_week = output(&mut program("date", ["-d", "1 week", "+%F"]))?;
    let fields = [("day", next_week.trim()), ("time", "14:00"), ("zone", "0"), ("coach", coach_id)];
    supervisor.form("/supervision/lead", &fields)?;
    Ok(())
}

/// The first address of a page that begins like this and goes on with an id and nothing else.
fn link(page: &str, begins: &str) -> Option<String> {
    let found = page.split("href=\"").filter_map(|rest| rest.split_once('"'));
    found.map(|(to, _)| to).find_map(|to| {
        let id = to.strip_prefix(begins)?;
        let plain = id.len() == 36 && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        plain.then(|| to.to_owned())
    })
}

/// The values of all hidden fields and buttons of this name, each once.
fn values<'page>(page: &'page str, name: &str) -> Vec<&'page str> {
    let field = format!("name=\"{name}\" value=\"");
    let mut found = Vec::new();
    for rest in page.split(&field).skip(1) {
        if let Some((value, _)) = rest.split_once('"')
            && !found.contains(&value)
        {
            found.push(value);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_an_id_is_found_and_no_other() {
        let id = "0d2c7b0e-7a51-4d5e-9a53-1f1f64c0b3aa";
        let page = format!(
            "<a href=\"/series/new\"><a href=\"/series/{id}/end\"><a href=\"/series/{id}\">"
        );
        assert_eq!(link(&page, "/series/"), Some(format!("/series/{id}")));
        assert_eq!(link(&page, "/sessions/"), None);
    }

    #[test]
    fn the_values_of_a_field_are_found_once() {
        let page = "<input name=\"clip\" value=\"a\"><input name=\"clip\" value=\"b\"><button name=\"clip\" value=\"a\">";
        assert_eq!(values(page, "clip"), ["a", "b"]);
    }
}
