//! `user add`, `user passphrase`.

use std::io::BufRead as _;

use hearback_access::ObjectRef;
use hearback_access::audit::{Decision, NewEntry, event};
use hearback_domain::{Clock as _, Hat, Label, Login, Role, UserId};
use hearback_storage::{NewPerson, StoreError, Work};

use crate::{
    cli::{UserAddArgs, UserCommand, UserPassphraseArgs},
    failure::Failure,
    open,
    system::{RandomIds, SystemClock},
};

pub(crate) async fn run(command: &UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Add(args) => add(args).await,
        UserCommand::Passphrase(args) => set_passphrase(args).await,
    }
}

fn bad(sentence: impl Into<String>) -> Failure {
    Failure::BadInput(sentence.into())
}

fn login(text: &str) -> Result<Login, Failure> {
    Login::new(text).map_err(|e| bad(format!("That sign-in name cannot be used: {e}.")))
}

/// Reads a passphrase from standard input; its hash.
fn passphrase(words: &[&str]) -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let passphrase = line.trim_end_matches(['\n', '\r']);
    hearback_web::password::check(passphrase, words)
        .map_err(|e| bad(format!("That passphrase cannot be used: {e}.")))?;
    Ok(hearback_web::password::hash(passphrase)?)
}

/// Whoever runs these commands runs the machine: the log says so without naming anybody.
async fn noted(mut work: Box<dyn Work>, action: &'static str) -> Result<(), Failure> {
    work.append_audit(&NewEntry {
        at: SystemClock.now(),
        actor: None,
        hat: Hat::Person(Role::SysAdmin),
        action,
        object: ObjectRef::Installation,
        recording: None,
        decision: Decision::Allowed,
    })
    .await?;
    Ok(work.commit().await?)
}

async fn add(args: &UserAddArgs) -> Result<(), Failure> {
    let login = login(&args.login)?;
    let name = Label::new(&args.name)
        .map_err(|_| bad("Give a name of one line and at most 60 characters with --name."))?;
    Role::check(&args.roles).map_err(|clash| bad(format!("Choose other roles: {clash}.")))?;
    let password_hash = passphrase(&[login.as_str(), &args.name])?;
    let person = NewPerson {
        id: UserId::mint(&RandomIds),
        login,
        name: name.to_string(),
        password_hash,
        roles: args.roles.clone(),
        created_at: SystemClock.now(),
    };
    let store = open::all(&args.data).await?.store;
    let mut work = store.begin().await?;
    match work.add_person(&person).await {
        Err(StoreError::Conflict { .. }) => {
            return Err(bad("Somebody already has that sign-in name. Choose another one."));
        }
        other => other?,
    }
    noted(work, event::ADD_PERSON).await
}

async fn set_passphrase(args: &UserPassphraseArgs) -> Result<(), Failure> {
    let login = login(&args.login)?;
    let password_hash = passphrase(&[login.as_str()])?;
    let store = open::all(&args.data).await?.store;
    let mut work = store.begin().await?;
    if !work.set_password(&login, &password_hash).await? {
        return Err(bad("Nobody has that sign-in name; check it on the page of people."));
    }
    // A way in that somebody else may have opened does not outlast this.
    if let Some((person, _)) = work.person_by_login(&login).await? {
        for known in work.identities(person.id).await? {
            work.disconnect(person.id, &known.identity.issuer).await?;
        }
    }
    noted(work, event::SET_PASSPHRASE).await
}
