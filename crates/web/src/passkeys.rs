//! Passkeys (Web Authentication, level 3): making one, signing in with one, confirming with one.
//!
//! A ceremony has two requests. What the first one asked lies in the database, under a token that is taken once;
//! an authenticator always asks for a finger, a face or a PIN itself (user verification), so a passkey counts as two
//! steps.

use axum::{
    http::{HeaderMap, header},
    response::IntoResponse as _,
};
use hearback_access::audit::{Decision, event};
use hearback_domain::{Label, PasskeyId, UserId, policy::Refusal};
use hearback_storage::{CeremonyKind, NewCeremony, NewPasskey, Passkey, Shown, StoreError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, DiscoverableKey, Passkey as Key,
    PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    Url, Webauthn, WebauthnBuilder,
};

use crate::{
    App, Config, Visit, WebError, account,
    error::Result,
    extract::{Json, Sent},
    local::safe_next,
    session::{Cookie, Token},
    sign_in::{begin_session_in, note},
};

/// For how long an authenticator may take.
const SECONDS: i64 = 5 * 60;

/// The most passkeys of one person.
const MOST: usize = 10;

/// What an authenticator is asked, and the token under which its answer is expected.
#[derive(Serialize)]
struct Asked {
    token: String,
    options: Value,
}

/// The answer to a new passkey.
#[derive(Deserialize)]
pub(crate) struct Made {
    token: String,
    name: String,
    credential: RegisterPublicKeyCredential,
}

/// The answer of a passkey that is there.
#[derive(Deserialize)]
pub(crate) struct Used {
    token: String,
    credential: PublicKeyCredential,
    #[serde(default)]
    next: String,
}

fn webauthn(app: &App) -> Result<Webauthn> {
    let origin = Url::parse(app.config.origin()).map_err(WebError::internal)?;
    let host = origin.host_str().unwrap_or_default();
    let builder = WebauthnBuilder::new(host, &origin).map_err(WebError::internal)?;
    builder.rp_name("Hearback").build().map_err(WebError::internal)
}

async fn ask(
    visit: &Visit,
    kind: CeremonyKind,
    user: Option<UserId>,
    options: Value,
    state: &impl Serialize,
) -> Result<Asked> {
    let (token, now) = (Token::random()?, visit.cx().now);
    let ceremony = NewCeremony {
        token: token.hash(),
        kind,
        user,
        state: serde_json::to_string(state).map_err(WebError::internal)?,
        expires_at: now.plus_seconds(SECONDS),
    };
    let mut work = visit.app().store.begin().await?;
    work.add_ceremony(&ceremony, now).await?;
    work.commit().await?;
    Ok(Asked { token: token.as_str().to_owned(), options })
}

/// Takes what the first request asked: of many answers at once, one.
async fn asked<S: DeserializeOwned>(
    visit: &Visit,
    kind: CeremonyKind,
    user: Option<UserId>,
    token: &str,
) -> Result<S> {
    let over = || WebError::conflict("that took a while; please press the button again");
    let token = Token::read(token).ok_or_else(over)?;
    let mut work = visit.app().store.begin().await?;
    let ceremony = work.take_ceremony(&token.hash(), kind, visit.cx().now).await?;
    work.commit().await?;
    let ceremony = ceremony.filter(|c| c.user == user).ok_or_else(over)?;
    serde_json::from_str(&ceremony.state).map_err(WebError::internal)
}

fn did_not_work(cause: impl std::fmt::Display) -> WebError {
    tracing::info!(cause = %cause, "a passkey was not accepted");
    WebError::conflict("that passkey was not accepted; please try again")
}

fn keys(passkeys: &[Passkey]) -> Result<Vec<Key>> {
    passkeys.iter().map(|p| serde_json::from_str(&p.data).map_err(WebError::internal)).collect()
}

/// `POST /account/passkeys/begin`.
pub(crate) async fn begin_new(visit: Visit) -> Result {
    let who = visit.fresh()?;
    let known = visit.app().store.begin().await?.second_steps(who.person.id).await?.passkeys;
    if known.len() >= MOST {
        return Err(WebError::conflict("ten passkeys are the most; remove one first"));
    }
    let known = keys(&known)?.iter().map(|key| key.cred_id().clone()).collect();
    let (challenge, state) = webauthn(visit.app())?
        .start_passkey_registration(
            who.person.id.as_uuid(),
            who.person.login.as_str(),
            &who.person.name,
            Some(known),
        )
        .map_err(WebError::internal)?;
    let mut options = serde_json::to_value(&challenge).map_err(WebError::internal)?;
    // The authenticator keeps it with the person's name, so that signing in asks for no name.
    if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection") {
        selection["residentKey"] = json!("required");
        selection["requireResidentKey"] = json!(true);
    }
    let asked = ask(&visit, CeremonyKind::NewPasskey, Some(who.person.id), options, &state).await?;
    Ok(Json(asked).into_response())
}

/// `POST /account/passkeys/finish`: `token`, `name`, `credential`.
pub(crate) async fn finish_new(visit: Visit, Sent(made): Sent<Made>) -> Result {
    let who = visit.fresh()?;
    let (app, cx, made) = (visit.app(), visit.cx(), made?);
    let user = who.person.id;
    let state: PasskeyRegistration =
        asked(&visit, CeremonyKind::NewPasskey, Some(user), &made.token).await?;
    let key = webauthn(app)?
        .finish_passkey_registration(&made.credential, &state)
        .map_err(did_not_work)?;
    let name = Label::new(&made.name).map_or_else(|_| visit.device(), |name| name.to_string());
    let mut work = account::begin_in_turn(app).await?;
    let new = NewPasskey {
        id: PasskeyId::mint(&*app.ids),
        user,
        credential: key.cred_id().clone(),
        data: serde_json::to_string(&key).map_err(WebError::internal)?,
        counter: counter_in(&key),
        name,
        created_at: cx.now,
    };
    match work.add_passkey(&new).await {
        Err(StoreError::Conflict { .. }) => {
            return Err(WebError::conflict("this passkey is in use already"));
        }
        other => other?,
    }
    account::changed(&visit, &mut *work, event::ADD_SECOND_STEP).await?;
    work.elevate_session(&who.token, Config::elevation_end(cx.now), Shown::Passkey).await?;
    work.commit().await?;
    Ok(Json(json!({ "next": "/account?said=factor-added" })).into_response())
}

/// The counter that a key was made with; most count nothing and stay at zero.
fn counter_in(key: &Key) -> u32 {
    let value = serde_json::to_value(key).unwrap_or_default();
    let counter = value.pointer("/cred/counter").and_then(Value::as_u64).unwrap_or_default();
    u32::try_from(counter).unwrap_or(u32::MAX)
}

/// `POST /sign-in/passkey/begin`.
pub(crate) async fn begin_sign_in(visit: Visit) -> Result {
    let (challenge, state) =
        webauthn(visit.app())?.start_discoverable_authentication().map_err(WebError::internal)?;
    let options = serde_json::to_value(&challenge).map_err(WebError::internal)?;
    let asked = ask(&visit, CeremonyKind::PasskeySignIn, None, options, &state).await?;
    Ok(Json(asked).into_response())
}

/// `POST /sign-in/passkey/finish`: `token`, `credential`, `next`.
pub(crate) async fn finish_sign_in(visit: Visit, Sent(used): Sent<Used>) -> Result {
    let (app, used) = (visit.app(), used?);
    let state: DiscoverableAuthentication =
        asked(&visit, CeremonyKind::PasskeySignIn, None, &used.token).await?;
    let Some(passkey) = known(app, &used).await? else { return not_signed_in(&visit).await };
    let key: Key = serde_json::from_str(&passkey.data).map_err(WebError::internal)?;
    let webauthn = webauthn(app)?;
    let Ok((owner, _)) = webauthn.identify_discoverable_authentication(&used.credential) else {
        return not_signed_in(&visit).await;
    };
    let result = webauthn.finish_discoverable_authentication_v2(
        &used.credential,
        state,
        DiscoverableKey::from(&key),
    );
    let Ok(result) = result else { return not_signed_in(&visit).await };
    if owner != passkey.user.as_uuid() || !count(&visit, &passkey, key, &result).await? {
        return not_signed_in(&visit).await;
    }
    let person = app.store.begin().await?.person(passkey.user).await?;
    let Some(person) = person.filter(|person| !person.disabled) else {
        return not_signed_in(&visit).await;
    };
    let mut headers = HeaderMap::new();
    begin_session_in(&visit, &person, Shown::Passkey, &mut headers).await?;
    headers.append(header::SET_COOKIE, Cookie::Step.taken_back(app.config.secure())?);
    let body = Json(json!({ "next": safe_next(&used.next) }));
    Ok((headers, body).into_response())
}

async fn not_signed_in(visit: &Visit) -> Result {
    let mut work = visit.app().store.begin().await?;
    let refused = Decision::Refused(Refusal::Absent);
    note(&mut *work, visit.cx(), event::SIGN_IN_REFUSED, refused).await?;
    work.commit().await?;
    Err(did_not_work("signing in"))
}

/// The passkey that answered, if it is one of ours.
async fn known(app: &App, used: &Used) -> Result<Option<Passkey>> {
    let credential = used.credential.get_credential_id().to_vec();
    Ok(app.store.begin().await?.passkey_by_credential(&credential).await?)
}

/// Notes the use; false if the passkey's own counter says that this is an old answer, or that there are two of it.
async fn count(
    visit: &Visit,
    passkey: &Passkey,
    mut key: Key,
    result: &AuthenticationResult,
) -> Result<bool> {
    key.update_credential(result);
    let data = serde_json::to_string(&key).map_err(WebError::internal)?;
    let mut work = visit.app().store.begin().await?;
    let fresh = work.use_passkey(passkey.id, &data, result.counter(), visit.cx().now).await?;
    work.commit().await?;
    Ok(fresh && result.user_verified())
}

/// `POST /confirm/passkey/begin`.
pub(crate) async fn begin_confirm(visit: Visit) -> Result {
    let user = visit.user()?;
    let passkeys = visit.app().store.begin().await?.second_steps(user).await?.passkeys;
    if passkeys.is_empty() {
        return Err(WebError::conflict("you have no passkey here yet"));
    }
    let (challenge, state) = webauthn(visit.app())?
        .start_passkey_authentication(&keys(&passkeys)?)
        .map_err(WebError::internal)?;
    let options = serde_json::to_value(&challenge).map_err(WebError::internal)?;
    let asked = ask(&visit, CeremonyKind::ConfirmPasskey, Some(user), options, &state).await?;
    Ok(Json(asked).into_response())
}

/// `POST /confirm/passkey/finish`: `token`, `credential`, `next`.
pub(crate) async fn finish_confirm(visit: Visit, Sent(answer): Sent<Used>) -> Result {
    let (app, who, cx, answer) = (visit.app(), visit.signed_in()?, visit.cx(), answer?);
    let user = who.person.id;
    let state: PasskeyAuthentication =
        asked(&visit, CeremonyKind::ConfirmPasskey, Some(user), &answer.token).await?;
    let passkey = known(app, &answer).await?.filter(|passkey| passkey.user == user);
    let passkey = passkey.ok_or_else(|| did_not_work("confirming"))?;
    let key: Key = serde_json::from_str(&passkey.data).map_err(WebError::internal)?;
    let result = webauthn(app)?
        .finish_passkey_authentication(&answer.credential, &state)
        .map_err(did_not_work)?;
    if !count(&visit, &passkey, key, &result).await? {
        return Err(did_not_work("confirming"));
    }
    let mut work = account::begin_in_turn(app).await?;
    work.elevate_session(&who.token, Config::elevation_end(cx.now), Shown::Passkey).await?;
    note(&mut *work, cx, event::CONFIRM, Decision::Allowed).await?;
    work.commit().await?;
    let body = Json(json!({ "next": safe_next(&answer.next) }));
    Ok(body.into_response())
}
