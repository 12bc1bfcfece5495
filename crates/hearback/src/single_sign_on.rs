//! The organisation's identity provider, as the operator named it.

use std::{fs, path::Path, sync::Arc};

use hearback_web::oidc::{Settings, SingleSignOn};
use tokio::task::JoinHandle;

use crate::{cli::SingleSignOnArgs, failure::Failure};

/// Single sign-on as the command line says, if it says so. Asks the provider nothing yet.
pub(crate) fn of(
    args: &SingleSignOnArgs,
    origin: &str,
) -> Result<Option<Arc<SingleSignOn>>, Failure> {
    let Some(issuer) = &args.oidc_issuer else { return Ok(None) };
    let secret = args.oidc_client_secret_file.as_deref().map(read).transpose()?.unwrap_or_default();
    let secret = String::from_utf8(secret)
        .map_err(|_| Failure::BadInput("The client secret is no text; copy it anew.".to_owned()))?;
    let mut settings = Settings {
        issuer: issuer.clone(),
        client_id: args.oidc_client_id.clone().unwrap_or_default(),
        client_secret: secret.trim().to_owned(),
        role_claim: args.oidc_role_claim.clone(),
        role_map: args.oidc_map.clone(),
        authorities: args.oidc_ca_file.as_deref().map(read).transpose()?,
        ..Settings::default()
    };
    if let Some(name) = &args.oidc_name {
        settings.name.clone_from(name);
    }
    let sso = SingleSignOn::new(settings, origin).map_err(|error| {
        Failure::Unsafe(format!("Single sign-on is not set up as it has to be: {error}."))
    })?;
    Ok(Some(Arc::new(sso)))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file)
        .map_err(|error| Failure::BadInput(format!("Cannot read {}: {error}.", file.display())))
}

/// Asks the provider to describe itself, and again if it does not answer: the service starts without it.
pub(crate) fn keep_asking(sso: Arc<SingleSignOn>) -> JoinHandle<()> {
    tokio_util::task::TaskTracker::new().spawn(async move { sso.keep_asking().await })
}
