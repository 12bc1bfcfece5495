//! `user add`.

use std::io::BufRead as _;

use hearback_access::ObjectRef;
use hearback_access::audit::{Decision, NewEntry, event};
use hearback_domain::{Clock as _, Hat, Label, Login, Role, UserId};
use hearback_storage::{NewPerson, StoreError};

use crate::{
    cli::{UserAddArgs, UserCommand},
    failure::Failure,
    open,
    system::{RandomIds, SystemClock},
};

pub(crate) async fn run(command: &UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Add(args) => add(args).await,
    }
}

async fn add(args: &UserAddArgs) -> Result<(), Failure> {
    let bad = |sentence: &str| Failure::BadInput(sentence.to_owned());
    let login = Login::new(&args.login)
        .map_err(|e| Failure::BadInput(format!("That sign-in name cannot be used: {e}.")))?;
    let mut passphrase = String::new();
    std::io::stdin().lock().read_line(&mut passphrase)?;
    let passphrase = passphrase.trim_end_matches(['\n', '\r']);
    hearback_web::password::check(passphrase, login.as_str())
        .map_err(|e| Failure::BadInput(format!("That passphrase cannot be used: {e}.")))?;
    let name = Label::new(&args.name)
        .map_err(|_| bad("Give a name of one line and at most 60 characters with --name."))?;

    let store = open::store(&args.database).await?;
    let now = SystemClock.now();
    let person = NewPerson {
        id: UserId::mint(&RandomIds),
        login,
        name: name.to_string(),
        password_hash: hearback_web::password::hash(passphrase)?,
        roles: args.roles.clone(),
        created_at: now,
    };
    let mut work = store.begin().await?;
    match work.add_person(&person).await {
        Err(StoreError::Conflict { .. }) => {
            return Err(bad("Somebody already has that sign-in name. Choose another one."));
        }
        other => other?,
    }
    // Whoever runs this command runs the machine: the log says so without naming anybody.
    work.append_audit(&NewEntry {
        at: now,
        actor: None,
        hat: Hat::Person(Role::SysAdmin),
        action: event::ADD_PERSON,
        object: ObjectRef::Installation,
        recording: None,
        decision: Decision::Allowed,
    })
    .await?;
    work.commit().await?;
    Ok(())
}
