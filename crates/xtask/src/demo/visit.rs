//! The fictional visit on its way through the loop, each step as the person whose step it is, over the same routes
//! that their browsers use.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use serde_json::json;

use super::{
    client::Client,
    people::{COACH, People, RESEARCHER},
    script::Script,
    series,
    voices::Recording,
};
use crate::{
    progress::Bar,
    shell::{output, program},
};

/// A five-minute visit takes about a minute; a machine ten times slower still gets there.
const PATIENCE: Duration = Duration::from_mins(15);

/// From upload to a coaching session that can begin.
pub(crate) fn through_the_loop(
    address: &str,
    people: &People,
    script: &Script,
    recording: &Recording,
) -> anyhow::Result<()> {
    let sign_in = |login: &str| Client::sign_in(address, login, people.passphrase(login)?);

    let practitioner = sign_in("practitioner")?;
    let id = upload(&practitioner, recording)?;
    until_ready(&practitioner, &id)?;
    let coach_id = release(&practitioner, &id)?;
    println!("heard and released by the social worker");

    let researcher = sign_in("researcher")?;
    let codes = code(&researcher, &id, script, recording)?;
    println!("{} moments marked and every skill scored by the researcher", codes.len());

    let extracts = share(&researcher, &id, script, &codes)?;
    println!("a playlist of {extracts} extracts shared with the coach");

    let (coach, coordinator) = (sign_in("coach")?, sign_in("coordinator")?);
    let session = series::first_session(&practitioner, &coach, &coordinator, &id, &coach_id)?;
    println!(
        "a series of coaching sessions agreed by both, the first one ready: {address}{session}"
    );
    series::supervision(&sign_in("supervisor")?, &coach_id)?;
    println!("supervision of coaches next week");
    Ok(())
}

/// The details, everybody's yes or no, then the file.
fn upload(practitioner: &Client, recording: &Recording) -> anyhow::Result<String> {
    const HEARD: [(&str, &str); 2] = [("practitioner", "Social worker"), ("young_person", "Robin")];
    let today = output(&mut program("date", ["+%F"]))?;
    let mut fields: Vec<(String, String)> = [
        ("pseudonym", "Robin"),
        ("session_kind", "visit"),
        ("held_on", today.trim()),
        ("phase", "post_training"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (at, (kind, label)) in HEARD.into_iter().enumerate() {
        fields.push((format!("person.{at}.kind"), kind.to_owned()));
        fields.push((format!("person.{at}.label"), label.to_owned()));
    }
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let made = practitioner.form("/recordings", &fields)?;
    let id = made["id"].as_str().context("the service gave the recording no id")?.to_owned();
    for person in made["people"].as_array().context("the service named nobody")? {
        let person = person["id"].as_str().context("the service gave somebody no id")?;
        ask(practitioner, &id, person, today.trim())?;
    }
    let mut bar = Bar::new("upload");
    practitioner
        .upload(&format!("/recordings/{id}/original"), &recording.file, &mut |n| bar.set(n))?;
    Ok(id)
}

/// Somebody who is heard says yes to what the loop takes, and no to the rest. Today, because the visit is today.
fn ask(practitioner: &Client, id: &str, person: &str, today: &str) -> anyhow::Result<()> {
    const NO_TO: [&str; 4] = ["teaching_playback", "research_archive", "quote", "improve_tools"];
    let path = format!("/recordings/{id}/people/{person}/consent");
    let page = practitioner.page(&path)?;
    let version = value_of(&page, "version").context("the form has no version")?;
    let mut fields = vec![
        ("version", version),
        ("how", "screen"),
        ("explained_by", "Social worker"),
        ("informed_on", today),
        ("decided_on", today),
        ("decided_sooner", "yes"),
        ("copy_given", "printed"),
    ];
    if page.contains("name=\"assent\"") {
        fields.extend([
            ("age", "16_to_17"),
            ("assent", "yes"),
            ("authority", "parental_responsibility"),
            ("signatory", "Mum"),
        ]);
    }
    for field in statements(&page) {
        let no = NO_TO.iter().any(|purpose| field.strip_prefix("tick.") == Some(purpose));
        fields.push((field, if no { "no" } else { "yes" }));
    }
    practitioner.form(&path, &fields)?;
    Ok(())
}

/// The value of a page's hidden field.
fn value_of<'page>(page: &'page str, name: &str) -> Option<&'page str> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split_once('"')?.0)
}

/// The names of the statements that a page asks about, each once.
fn statements(page: &str) -> Vec<&str> {
    let names = page.split("name=\"").filter_map(|rest| Some(rest.split_once('"')?.0));
    let mut found: Vec<_> = names.filter(|name| name.starts_with("tick.")).collect();
    found.dedup();
    found
}

/// Follows the live stage, as the recording's page does.
fn until_ready(practitioner: &Client, id: &str) -> anyhow::Result<()> {
    let since = Instant::now();
    let mut bar = Bar::new("waiting");
    while since.elapsed() < PATIENCE {
        let status = practitioner.get(&format!("/recordings/{id}/status"))?;
        let stage = status["stage"].as_str().unwrap_or_default();
        match stage {
            "ready" => {
                bar.set(1000);
                return Ok(());
            }
            "refused" | "stuck" => bail!("{}", status["sentence"].as_str().unwrap_or(stage)),
            _ => {}
        }
        bar.now(stage);
        bar.set(
            status["progress_permille"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        );
        thread::sleep(Duration::from_millis(500));
    }
    bail!("the recording was not ready after {} minutes", PATIENCE.as_secs() / 60)
}

/// To the researcher and the coach, chosen by name as on the page; gives back the coach's id.
fn release(practitioner: &Client, id: &str) -> anyhow::Result<String> {
    let page = practitioner.page(&format!("/recordings/{id}"))?;
    let chosen =
        |name: &str| choice(&page, name).with_context(|| format!("the page does not offer {name}"));
    let coach = chosen(COACH)?;
    practitioner.form(
        &format!("/recordings/{id}/release"),
        &[("researcher", chosen(RESEARCHER)?), ("coach", coach)],
    )?;
    Ok(coach.to_owned())
}

/// The value behind a choice of a page: `<option value="…">name</option>`.
fn choice<'page>(page: &'page str, name: &str) -> Option<&'page str> {
    page.split("<option value=\"")
        .filter_map(|rest| rest.split_once('"'))
        .find(|(_, rest)| {
            let text = rest.split_once('>').and_then(|(_, rest)| rest.split_once('<'));
            text.is_some_and(|(text, _)| text.trim() == name)
        })
        .map(|(value, _)| value)
}

/// Marks, scores and finishes; gives back the codes' ids, in the order of the marks.
fn code(
    researcher: &Client,
    id: &str,
    script: &Script,
    recording: &Recording,
) -> anyhow::Result<Vec<String>> {
    let mut codes = Vec::new();
    for mark in &script.marks {
        let (start_ms, end_ms) = recording.span(script, mark)?;
        let code = researcher.post(
            &format!("/recordings/{id}/codes"),
            &json!({
                "skill": mark.skill, "sub": mark.sub, "start_ms": start_ms, "end_ms": end_ms,
                "note": mark.note, "exemplar": false,
            }),
        )?;
        codes.push(code["id"].as_str().context("the service gave the code no id")?.to_owned());
    }
    for (item, score) in &script.scores {
        researcher.put(&format!("/recordings/{id}/scores/{item}"), &json!({ "score": score }))?;
    }
    researcher.form(&format!("/recordings/{id}/coding/finish"), &[])?;
    Ok(codes)
}

/// Makes extracts of the marks that are meant for it, listens to each when it is cut, and agrees on them.
fn share(
    researcher: &Client,
    id: &str,
    script: &Script,
    codes: &[String],
) -> anyhow::Result<usize> {
    let page = format!("/recordings/{id}/playlist");
    let mut extracts = 0;
    for (mark, code) in script.marks.iter().zip(codes).filter(|(mark, _)| mark.clip) {
        researcher
            .form(&format!("{page}/clips"), &[("code", code), ("question", &mark.question)])?;
        extracts += 1;
    }
    for (path, cut) in until_cut(researcher, &page, extracts)? {
        researcher.form(&path, &[("heard", "yes"), ("cut", &cut)])?;
    }
    researcher.form(&format!("{page}/agree"), &[])?;
    Ok(extracts)
}

/// Waits until every extract can be listened to; gives back where each is approved, and which cut.
fn until_cut(
    researcher: &Client,
    page: &str,
    extracts: usize,
) -> anyhow::Result<Vec<(String, String)>> {
    let since = Instant::now();
    let mut bar = Bar::new("cutting");
    while since.elapsed() < PATIENCE {
        let text = researcher.page(page)?;
        let cut = approvals(&text);
        bar.set(u32::try_from(cut.len() * 1000 / extracts.max(1)).unwrap_or(1000));
        if cut.len() == extracts {
            return Ok(cut.into_iter().map(|(to, cut)| (to.to_owned(), cut.to_owned())).collect());
        }
        thread::sleep(Duration::from_millis(500));
    }
    bail!("the extracts were not cut after {} minutes", PATIENCE.as_secs() / 60)
}

/// Where the forms of a page lead that approve an extract, and the cut that each is about.
fn approvals(page: &str) -> Vec<(&str, &str)> {
    page.split("action=\"")
        .filter_map(|rest| rest.split_once('"'))
        .filter(|(to, _)| to.ends_with("/approve"))
        .filter_map(|(to, rest)| {
            let (_, cut) = rest.split_once("name=\"cut\" value=\"")?;
            Some((to, cut.split_once('"')?.0))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_found_by_its_name() {
        let page = "<option value=\"\">Choose a person</option>\n<option value=\"a1\" selected>Wren</option>\
                    <option value=\"b2\">\n Ash </option>";
        assert_eq!(choice(page, "Ash"), Some("b2"));
        assert_eq!(choice(page, "Wren"), Some("a1"));
        assert_eq!(choice(page, "Linden"), None);
    }

    #[test]
    fn a_form_is_read_as_it_stands() {
        let page = "<input type=\"hidden\" name=\"version\" value=\"3\"><input name=\"tick.told\" value=\"yes\">\
                    <input name=\"tick.told\" value=\"no\"><input name=\"tick.record\"><input name=\"how\">";
        assert_eq!(value_of(page, "version"), Some("3"));
        assert_eq!(statements(page), ["tick.told", "tick.record"]);
    }

    #[test]
    fn extracts_are_found_by_their_forms() {
        let page = "<form action=\"/a/clips/1/approve\"><input type=\"hidden\" name=\"cut\" value=\"x7\"></form>\
                    <form action=\"/a/clips/2/move\"></form>\
                    <form action=\"/a/clips/3/approve\">\n<input name=\"cut\" value=\"y8\">";
        assert_eq!(approvals(page), [("/a/clips/1/approve", "x7"), ("/a/clips/3/approve", "y8")]);
    }
}
