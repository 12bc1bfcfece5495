//! The data protection officer's key for real names: made, and made anew.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{ManageIdentityKey, Permit};
use hearback_domain::IdentityKeyId;
use hearback_storage::{IdentityKey, NewIdentityKey, SealedName, Work};
use hearback_vault::identity::{
    IdentityError, NameKey, NewNameKey, make_name_key, open_name_key, seal_name,
};

use super::in_turn;
use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, day, html},
    password,
};

#[derive(Template)]
#[template(path = "identity_key.html")]
struct KeyPage {
    page: Page,
    /// Since when there is one.
    made: Option<String>,
    shortest: usize,
}

#[derive(Template)]
#[template(path = "identity_key_made.html")]
struct MadePage {
    page: Page,
    printed: String,
    moved: usize,
    left: usize,
}

/// `GET /admin/identity-key`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (work, permit) = visit.permit::<ManageIdentityKey>(()).await?;
    view(&visit, work, &permit, Vec::new()).await
}

async fn view(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<ManageIdentityKey>,
    errors: Vec<FieldError>,
) -> Result {
    let key = work.identity_key(permit).await?;
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("The key for real names");
    page.errors = errors;
    let made = key.map(|key| day(key.made_at));
    let body = html(&KeyPage { page, made, shortest: password::SHORTEST })?;
    Ok((code, body).into_response())
}

/// `POST /admin/identity-key`: `passphrase`, `again`; and where there is a key already, `old` (its passphrase, or the
/// line that was printed) or `lost`.
pub(crate) async fn make(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ManageIdentityKey>(()).await?;
    let present = work.identity_key(&permit).await?;
    let errors = check(&fields, present.is_some());
    if !errors.is_empty() {
        return view(&visit, work, &permit, errors).await;
    }
    work.commit().await?;

    // No unit of work is held while keys are locked and opened: that takes its time.
    let opened = match &present {
        Some(present) if fields.get("lost") != "yes" => {
            let Some(key) = open(present, fields.get("old")).await? else {
                let text = "This does not open the present key; nothing has changed";
                let (work, permit) = visit.permit::<ManageIdentityKey>(()).await?;
                let errors = vec![FieldError::new("old", text)];
                return view(&visit, work, &permit, errors).await;
            };
            Some(key)
        }
        _ => None,
    };
    let passphrase = fields.get("passphrase").to_owned();
    let made = in_turn(move || make_name_key(&passphrase)).await?.map_err(WebError::internal)?;

    let (work, permit) = visit.permit::<ManageIdentityKey>(()).await?;
    let (moved, left) = take_over(&visit, work, &permit, &made, present, opened).await?;
    let mut page = visit.page("The key for real names");
    page.notice = None;
    html(&MadePage { page, printed: made.printed.to_string(), moved, left })
}

async fn open(present: &IdentityKey, secret: &str) -> Result<Option<NameKey>> {
    let IdentityKey { public, locked, .. } = present.clone();
    let secret = secret.to_owned();
    match in_turn(move || open_name_key(&public, &locked, &secret)).await? {
        Ok(key) => Ok(Some(key)),
        Err(IdentityError::WrongPassphrase) => Ok(None),
        Err(other) => Err(WebError::internal(other)),
    }
}

/// Takes the new key into use and moves the names to it: how many were moved, and how many stay under the old key.
async fn take_over(
    visit: &Visit,
    mut work: Box<dyn Work>,
    permit: &Permit<ManageIdentityKey>,
    made: &NewNameKey,
    present: Option<IdentityKey>,
    opened: Option<NameKey>,
) -> Result<(usize, usize)> {
    let new = NewIdentityKey {
        id: IdentityKeyId::mint(&*visit.app().ids),
        public: made.public.clone(),
        locked: made.locked.clone(),
    };
    let before = present.map(|key| key.id);
    if !work.add_identity_key(permit, &new, before).await? {
        return Err(WebError::conflict("somebody else has just made a key; look at it first"));
    }
    let (mut moved, mut left) = (0, 0);
    if let Some(before) = before {
        for name in work.names_under(permit, before).await? {
            match opened.as_ref() {
                Some(key) => {
                    let resealed = reseal(key, &new, &name).map_err(WebError::internal)?;
                    work.reseal_name(permit, &resealed).await?;
                    moved += 1;
                }
                None => left += 1,
            }
        }
    }
    work.commit().await?;
    Ok((moved, left))
}

fn reseal(
    key: &NameKey,
    new: &NewIdentityKey,
    name: &SealedName,
) -> Result<SealedName, IdentityError> {
    let sealed = name.sealed.as_deref().ok_or(IdentityError::Damaged)?;
    let plain = key.open(name.recording, name.person, sealed)?;
    let sealed = seal_name(&new.public, name.recording, name.person, &plain)?;
    Ok(SealedName { key: new.id, sealed: Some(sealed), ..*name })
}

/// What is missing in the form.
fn check(fields: &Fields, there: bool) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if there && fields.get("lost") != "yes" && fields.get("old").trim().is_empty() {
        let text = "Give the present passphrase or the printed line, or say that both are lost";
        errors.push(FieldError::new("old", text));
    }
    if let Err(error) = password::check(fields.get("passphrase"), &[]) {
        errors.push(FieldError::new("passphrase", error.to_string()));
    } else if fields.get("passphrase") != fields.get("again") {
        errors.push(FieldError::new("again", "The two passphrases are not the same"));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_form_asks_for() {
        let ask = |pairs: &[(&str, &str)], there| -> Vec<String> {
            let pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            check(&Fields(pairs), there).into_iter().map(|e| e.field).collect()
        };
        let good = ("passphrase", "heron under the quiet bridge");
        let again = ("again", "heron under the quiet bridge");
        assert!(ask(&[good, again], false).is_empty());
        assert_eq!(ask(&[good], false), ["again"]);
        assert_eq!(ask(&[("passphrase", "short"), ("again", "short")], false), ["passphrase"]);
        assert_eq!(ask(&[good, again], true), ["old"]);
        assert!(ask(&[good, again, ("lost", "yes")], true).is_empty());
        assert!(ask(&[good, again, ("old", "x")], true).is_empty());
    }
}
