//! `serve` and `worker`: the long-running processes.

use std::{io::Write as _, sync::Arc, time::Duration};

use anyhow::Context as _;
use hearback_audio::{
    Verdict,
    sandbox::{Fence, Runner},
};
use hearback_domain::Clock as _;
use hearback_pipeline::{
    Config, Recogniser, ReplayError, SpeechSettings, Stopwatch, Worker, replay,
};
use hearback_speech::ModelStore;
use tokio::{net::TcpListener, signal::unix::SignalKind, sync::Notify};
use tokio_util::sync::CancellationToken;

use crate::{
    audit::{Sealer, checkpoint_dirs},
    cli::{ServeArgs, WorkerArgs},
    engines,
    failure::Failure,
    models,
    open::{self, Opened},
    single_sign_on,
    system::{self, RandomIds, SystemClock},
};

/// Runs an asynchronous command to its end.
pub(crate) fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "warn,hearback=info".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(command)
}

/// Serves the pages; also works the queue unless told not to.
pub(crate) async fn serve(args: ServeArgs) -> Result<(), Failure> {
    let opened = open::all(&args.worker.data).await?;
    forget(&opened).await?;
    let wake = Arc::new(Notify::new());
    let shutdown = shutdown_signal()?;

    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let origin = match &args.origin {
        Some(origin) => origin.trim_end_matches('/').to_owned(),
        None => format!("http://localhost:{}", listener.local_addr()?.port()),
    };
    if args.second_factor == hearback_web::SecondFactor::Off {
        eprintln!(
            "Nobody is asked for a second step at sign-in. That is for trying things out only: leave out --second-factor \
             off where real recordings are."
        );
    }
    let app = hearback_web::App {
        store: opened.store.clone(),
        vault: opened.vault.clone(),
        cipher: opened.vault.cipher(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        config: Arc::new(hearback_web::Config {
            public_origin: origin.clone(),
            speech_model: Some(args.worker.model.clone()),
            language: args.worker.language.clone(),
            second_factor: args.second_factor,
            trusted_proxies: args.trusted_proxies.clone(),
            ..hearback_web::Config::default()
        }),
        wake: wake.clone(),
        verdict_sentence,
        decoder_lacks: (!args.no_worker)
            .then(|| look_at_the_fence(&runner_of(&args.worker)))
            .flatten(),
        as_heard: |samples, bytes, hidden| {
            Ok(Box::new(hearback_pipeline::as_heard(samples, bytes, hidden)?))
        },
        languages: languages_of(&models::store(&args.worker.models)?, &args.worker.model).into(),
        lately: Arc::default(),
        rooms: Arc::default(),
        single_sign_on: single_sign_on::of(&args.single_sign_on, &origin)?,
    };
    let asking = app.single_sign_on.clone().map(single_sign_on::keep_asking);

    let working = (!args.no_worker)
        .then(|| worker_of(&args.worker, &opened, wake))
        .transpose()?
        .map(|worker| tokio_util::task::TaskTracker::new().spawn(worker.run(shutdown.clone())));
    let sealer = Sealer::new(&opened, checkpoint_dirs(&args.worker.data, &args.checkpoints))?;
    // Its own end comes after the last answer, whose entries it seals too.
    let sealing_ends = CancellationToken::new();
    let sealing = tokio_util::task::TaskTracker::new().spawn(sealer.run(sealing_ends.clone()));
    writeln!(std::io::stdout(), "Listening on {origin}")?;
    hearback_web::serve(listener, app, shutdown.clone().cancelled_owned()).await?;
    if let Some(asking) = asking {
        asking.abort();
    }
    if let Some(working) = working {
        working.await?;
    }
    sealing_ends.cancel();
    sealing.await?;
    Ok(())
}

/// Works the queue only.
pub(crate) async fn worker(args: WorkerArgs) -> Result<(), Failure> {
    let opened = open::all(&args.data).await?;
    forget(&opened).await?;
    let shutdown = shutdown_signal()?;
    look_at_the_fence(&runner_of(&args));
    worker_of(&args, &opened, Arc::new(Notify::new()))?.run(shutdown).await;
    Ok(())
}

/// Makes the database forget what was erased since it was copied, before anybody can look at it.
async fn forget(opened: &Opened) -> Result<(), Failure> {
    let now = SystemClock.now();
    match replay(&*opened.store, &opened.vault, &RandomIds, now).await {
        Ok(0) => Ok(()),
        Ok(lines) => {
            tracing::warn!(lines, "erasures that this database did not know of were carried out");
            Ok(())
        }
        Err(error @ ReplayError::LedgerOld { .. }) => {
            Err(Failure::Unsafe(format!("The service does not start: {error}.")))
        }
        Err(error) => Err(error.into()),
    }
}

/// What decodes, with the walls that the settings ask for.
fn runner_of(args: &WorkerArgs) -> Runner {
    let mut runner = engines::runner();
    runner.allow_rlimit_only = args.sandbox_rlimit_only;
    runner
}

fn worker_of(args: &WorkerArgs, opened: &Opened, wake: Arc<Notify>) -> Result<Worker, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Worker {
        store: opened.store.clone(),
        vault: opened.vault.clone(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        runner: Arc::new(runner_of(args)),
        recogniser: Arc::new(Recogniser::new(
            models::store(&args.models)?,
            SpeechSettings {
                model: args.model.clone(),
                threads: args.threads.unwrap_or_else(|| cores.saturating_sub(1).max(1)),
                memory: args.speech_memory.map_or_else(|| system::memory() / 2, |mib| mib << 20),
                language: args.language.clone(),
                voices: named(&args.voices),
                activity: named(&args.activity),
                nice: args.nice,
            },
        )),
        wake,
        config: Config {
            lease: Duration::from_secs(args.lease_seconds.into()),
            ..Config::default()
        },
        swept: Stopwatch::default(),
    })
}

/// The languages that a model for words knows. Of one that the manifest does not list its name tells: by everybody's
/// custom, what is called `.en` knows English only.
fn languages_of(models: &ModelStore, model: &str) -> Vec<String> {
    if let Some(listed) = models.manifest().get(model) {
        return listed.languages.clone();
    }
    let name = model.split_once('-').map_or(model, |(name, _)| name);
    let only_english = name.rsplit('.').next() == Some("en");
    vec![if only_english { "en" } else { "*" }.to_owned()]
}

/// A model's name; none if the operator wants to go without.
fn named(model: &str) -> Option<String> {
    (model != "none").then(|| model.to_owned())
}

/// Says at the start what does not stand around the decoder, rather than when the first recording comes. Gives what the
/// administrator's page tells of it.
fn look_at_the_fence(runner: &Runner) -> Option<Arc<str>> {
    match runner.fence() {
        Ok(Fence::Whole) => None,
        Ok(Fence::Partly(missing)) => {
            tracing::warn!(missing, "the decoder is not fenced in wholly, as the settings allow");
            Some(missing.into())
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "nothing will be decoded on this machine"
            );
            Some(format!("nothing is decoded, because {error}").into())
        }
    }
}

/// Cancelled when the process is asked to stop.
fn shutdown_signal() -> Result<CancellationToken, Failure> {
    let token = CancellationToken::new();
    let asked = token.clone();
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    tokio_util::task::TaskTracker::new().spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        asked.cancel();
    });
    Ok(token)
}

fn verdict_sentence(code: &str) -> String {
    code.parse::<Verdict>().map_or_else(
        |_| "We could not read this file. Your original is safe – try another format?".to_owned(),
        |verdict| verdict.sentence(),
    )
}

#[cfg(test)]
mod tests {
    use hearback_speech::Manifest;

    use super::*;

    #[test]
    fn a_model_knows_the_languages_that_are_offered() {
        let models = ModelStore::new(std::env::temp_dir(), Manifest::built_in().unwrap());
        for (model, known) in
            [("tiny.en", "en"), ("base", "*"), ("tiny.en-q5_1", "en"), ("carried-in", "*")]
        {
            assert_eq!(languages_of(&models, model), [known], "{model}");
        }
    }
}
