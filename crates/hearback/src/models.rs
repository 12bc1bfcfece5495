//! `models list | fetch | add | quantise | verify`.

use std::io::Write as _;

use hearback_speech::{
    FetchProgress, FetchStep, Manifest, ModelError, ModelState, ModelStore, Voice,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::{
    cli::{ModelsCommand, ModelsDir},
    failure::Failure,
};

/// The models in the directory that was given.
pub(crate) fn store(dir: &ModelsDir) -> Result<ModelStore, Failure> {
    Ok(ModelStore::new(dir.path(), Manifest::built_in()?))
}

/// The voice detector that was asked for: `none` goes by loudness; if nothing was said, it is whichever is here.
pub(crate) fn detector(store: &ModelStore, asked: Option<&str>) -> Result<Voice, Failure> {
    match asked {
        Some("none") => Ok(Voice::by_loudness()),
        asked => store.voice(asked).map_err(bad_model),
    }
}

/// What is wrong with a model is for the operator to mend: one sentence, with the command that does it.
#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
pub(crate) fn bad_model(error: ModelError) -> Failure {
    let sentence = error.to_string();
    let mut chars = sentence.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    Failure::BadInput(format!("{first}{}.", chars.as_str()))
}

pub(crate) fn run(command: &ModelsCommand, dir: &ModelsDir) -> Result<(), Failure> {
    let store = store(dir)?;
    match command {
        ModelsCommand::List { json } => list(&store, *json),
        ModelsCommand::Fetch { name } => fetch_all(&store, name),
        ModelsCommand::Quantise { name, bits } => {
            let bar = bar();
            let made = store
                .quantise(name, *bits, &mut |progress| show(&bar, progress))
                .map_err(bad_model)?;
            bar.finish_and_clear();
            let used = if store.preferred(name) == made {
                format!("it is used wherever `{name}` is asked for")
            } else {
                "ask for it by this name to use it".to_owned()
            };
            writeln!(std::io::stdout(), "Made `{made}` and noted its hash; {used}.")?;
            Ok(())
        }
        ModelsCommand::Add { file, name } => {
            let added = store.add(file, name.as_deref()).map_err(bad_model)?;
            let known =
                if added.in_manifest { "its hash is the known one" } else { "its hash was noted" };
            writeln!(std::io::stdout(), "Added as `{}`; {known}.", added.name)?;
            Ok(())
        }
        ModelsCommand::Verify => verify(&store),
    }
}

fn list(store: &ModelStore, as_json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let word = |state| match state {
        ModelState::Ready => "ready",
        ModelState::Absent => "absent",
        ModelState::Damaged => "damaged",
    };
    let models = store.list().map_err(bad_model)?;
    if as_json {
        let rows: Vec<_> = models
            .iter()
            .map(|m| {
                json!({"name": m.name, "state": word(m.state), "bytes": m.bytes, "licence": m.licence,
                       "languages": m.languages, "good_for": m.good_for})
            })
            .collect();
        writeln!(out, "{}", json!({"models": rows}))?;
        return Ok(());
    }
    for m in models {
        let megabytes = m.bytes / 1_000_000;
        writeln!(out, "{:<20} {:<8} {megabytes:>5} MB  {}", m.name, word(m.state), m.good_for)?;
    }
    Ok(())
}

/// Fetches a model, and what is wanted along with it.
fn fetch_all(store: &ModelStore, name: &str) -> Result<(), Failure> {
    fetch(store, name)?;
    for companion in store.companions(name) {
        if let Err(error) =
            store.path(&companion).map(drop).or_else(|_| try_fetch(store, &companion))
        {
            // The model is here and works without it, if more slowly.
            eprintln!("The voice detector that belongs to it did not come along: {error}.");
        }
    }
    Ok(())
}

fn fetch(store: &ModelStore, name: &str) -> Result<(), Failure> {
    try_fetch(store, name).map_err(bad_model)
}

fn try_fetch(store: &ModelStore, name: &str) -> Result<(), ModelError> {
    let bar = bar();
    let path = store.fetch(name, &mut |progress| show(&bar, progress))?;
    bar.finish_and_clear();
    // A reader that has gone away is no reason to stop.
    writeln!(std::io::stdout(), "{}", path.display()).ok();
    Ok(())
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:<11} {wide_bar} {bytes:>10} {eta:>5}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style)
}

fn show(bar: &ProgressBar, progress: FetchProgress) {
    bar.set_prefix(match progress.step {
        FetchStep::Download => "Downloading",
        FetchStep::Convert => "Converting",
        FetchStep::Verify => "Verifying",
    });
    if let Some(total) = progress.total {
        bar.set_length(total);
    }
    bar.set_position(progress.done);
}

fn verify(store: &ModelStore) -> Result<(), Failure> {
    let mut wrong = None;
    for model in store.list().map_err(bad_model)? {
        if model.state == ModelState::Absent {
            continue;
        }
        match store.verify(&model.name) {
            Ok(_) => writeln!(std::io::stdout(), "{}: every byte as it was promised", model.name)?,
            Err(error) => wrong = Some(error),
        }
    }
    wrong.map_or(Ok(()), |error| Err(bad_model(error)))
}
