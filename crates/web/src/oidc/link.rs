//! An administrator's one-time link: whoever signs in at the provider with it has the account from then on.

use askama::Template;
use hearback_access::{
    ManagePeople, ObjectRef,
    audit::{Decision, event},
};
use hearback_domain::{Login, UserId};
use hearback_storage::{NewLink, Work};
use openidconnect::url::form_urlencoded;

use super::{page::provider, start::hash_of};
use crate::{
    Visit, WebError,
    error::Result,
    extract::Fields,
    page::{Page, day_and_time, html},
    password::NO_PASSPHRASE,
    session::Token,
    sign_in::note_about,
};

/// For how many seconds a link can be used: two days.
const LASTS_SECONDS: i64 = 2 * 86_400;

#[derive(Template)]
#[template(path = "sso_link_made.html")]
struct MadePage {
    page: Page,
    name: String,
    address: String,
    until: String,
}

#[derive(Template)]
#[template(path = "sso_link.html")]
struct LinkPage {
    page: Page,
    provider: String,
    link: String,
}

/// `POST /admin/people/sso`: `login`. Makes a link for somebody who has an account; it is shown once.
pub(crate) async fn make(visit: Visit, fields: Fields) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let cx = permit.cx();
    let issuer = provider(visit.app())?.settings().issuer.clone();
    let nobody = || WebError::invalid("login", "Nobody has that sign-in name");
    let login = Login::new(fields.get("login")).map_err(|_| nobody())?;
    let (person, _) = work.person_by_login(&login).await?.ok_or_else(nobody)?;
    if has_way_in(&mut *work, person.id).await? {
        return Err(WebError::invalid(
            "login",
            "This person has a passphrase or a second step; they connect single sign-on themselves, on the page of \
             their account",
        ));
    }
    let token = Token::random()?;
    let text = token.as_str();
    let expires_at = cx.now.plus_seconds(LASTS_SECONDS);
    work.add_link(&NewLink {
        token: hash_of(text),
        person: person.id,
        issuer,
        created_at: cx.now,
        expires_at,
    })
    .await?;
    let about = ObjectRef::Person(person.id);
    note_about(&mut *work, cx, event::OFFER_IDENTITY, about, Decision::Allowed).await?;
    work.commit().await?;
    html(&MadePage {
        page: visit.page("A link for one person"),
        name: person.name,
        address: format!("{}/sign-in/sso/link?link={text}", visit.app().config.origin()),
        until: day_and_time(expires_at),
    })
}

/// Whether somebody can show by themselves who they are. A link that somebody else made opens no such account: with it,
/// an administrator would be in as anybody.
pub(super) async fn has_way_in(work: &mut dyn Work, person: UserId) -> Result<bool> {
    Ok(has_passphrase(work, person).await? || work.second_steps(person).await?.any())
}

/// Whether somebody has a passphrase.
pub(crate) async fn has_passphrase(work: &mut dyn Work, person: UserId) -> Result<bool> {
    Ok(work.passphrase_of(person).await?.is_some_and(|hash| hash != NO_PASSPHRASE))
}

/// `GET /sign-in/sso/link`: `link`. Says what will happen; nothing does before the button is pressed.
pub(crate) async fn show(visit: Visit) -> Result {
    let provider = provider(visit.app())?.settings().name.clone();
    let query = visit.query().unwrap_or_default();
    let link = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "link");
    let link = link.map(|(_, link)| link.chars().take(64).collect()).unwrap_or_default();
    html(&LinkPage { page: visit.page("Connect your account"), provider, link })
}
