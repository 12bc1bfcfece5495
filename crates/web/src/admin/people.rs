//! People with an account, and invitations for those who will have one.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::{
    ManagePeople, ObjectRef,
    audit::{Decision, event},
};
use hearback_domain::{InvitationId, Label, Login, Role, UserId};
use hearback_storage::{Invitation, NewInvitation, Person};

use crate::{
    Visit, WebError,
    error::{FieldError, Result},
    extract::{Fields, Path},
    page::{Page, Said, day, html},
    session::Token,
    sign_in::{note, note_about},
};

/// For how long an invitation is good: seven days.
const SECONDS: i64 = 7 * 86_400;

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    page: Page,
    people: Vec<PersonLine>,
    invitations: Vec<InvitationLine>,
    form: Form,
    roles: Vec<RoleChoice>,
}

struct PersonLine {
    id: UserId,
    name: String,
    login: String,
    roles: String,
    disabled: bool,
}

struct InvitationLine {
    id: InvitationId,
    name: String,
    login: String,
    until: String,
}

/// What was typed.
#[derive(Default)]
struct Form {
    name: String,
    login: String,
}

/// A role to be ticked.
pub(super) struct RoleChoice {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) chosen: bool,
}

/// Every role, those that `chosen` names ticked.
pub(super) fn choices(chosen: impl Fn(Role) -> bool) -> Vec<RoleChoice> {
    let all = Role::ALL.iter().copied();
    all.map(|r| RoleChoice { key: r.as_str(), title: r.title(), chosen: chosen(r) }).collect()
}

#[derive(Template)]
#[template(path = "invited.html")]
struct InvitedPage {
    page: Page,
    name: String,
    link: String,
    until: String,
}

/// `GET /admin/people`.
pub(crate) async fn show(visit: Visit) -> Result {
    view(&visit, &Fields::default(), Vec::new()).await
}

async fn view(visit: &Visit, fields: &Fields, errors: Vec<FieldError>) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let people = work.people().await?;
    let invitations = work.open_invitations(permit.cx().now).await?;
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("People");
    page.errors = errors;
    let body = html(&PeoplePage {
        page,
        people: people.iter().map(line).collect(),
        invitations: invitations.iter().map(invitation_line).collect(),
        form: Form { name: fields.get("name").to_owned(), login: fields.get("login").to_owned() },
        roles: choices(|role| fields.all("roles").any(|r| r == role.as_str())),
    })?;
    Ok((code, body).into_response())
}

fn line(person: &Person) -> PersonLine {
    let roles: Vec<_> = person.roles.iter().map(|r| r.title()).collect();
    PersonLine {
        id: person.id,
        name: person.name.clone(),
        login: person.login.to_string(),
        roles: roles.join(", "),
        disabled: person.disabled,
    }
}

fn invitation_line(invitation: &Invitation) -> InvitationLine {
    InvitationLine {
        id: invitation.id,
        name: invitation.name.clone(),
        login: invitation.login.to_string(),
        until: day(invitation.expires_at),
    }
}

/// `POST /admin/people`: `name`, `login`, `roles` (several). Makes a link to pass on, and shows it this once.
pub(crate) async fn invite(visit: Visit, fields: Fields) -> Result {
    let (name, login, roles) = match read(&fields) {
        Ok(read) => read,
        Err(errors) => return view(&visit, &fields, errors).await,
    };
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    if work.person_by_login(&login).await?.is_some() {
        drop(work);
        let taken = FieldError::new("login", "Somebody already has this sign-in name");
        return view(&visit, &fields, vec![taken]).await;
    }
    let (token, cx) = (Token::random()?, permit.cx());
    let invitation = NewInvitation {
        id: InvitationId::mint(&*visit.app().ids),
        token: token.hash(),
        login,
        name: name.clone(),
        roles,
        invited_by: visit.user()?,
        created_at: cx.now,
        expires_at: cx.now.plus_seconds(SECONDS),
    };
    work.add_invitation(&invitation).await?;
    note(&mut *work, cx, event::INVITE, Decision::Allowed).await?;
    work.commit().await?;
    html(&InvitedPage {
        page: visit.page("Invitation"),
        name,
        link: format!("{}/invite/{}", visit.app().config.origin(), token.as_str()),
        until: day(invitation.expires_at),
    })
}

/// `POST /admin/people/invitations/{invitation}/withdraw`.
pub(crate) async fn withdraw(visit: Visit, Path(id): Path<InvitationId>) -> Result {
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    if work.withdraw_invitation(id).await? {
        note(&mut *work, permit.cx(), event::WITHDRAW_INVITATION, Decision::Allowed).await?;
    }
    work.commit().await?;
    Ok(Said::InvitationWithdrawn.at("/admin/people"))
}

/// The roles that a form ticks, and what is wrong with them.
pub(super) fn roles_in(fields: &Fields) -> Result<Vec<Role>, FieldError> {
    let ticked = |role: &Role| fields.all("roles").any(|r| r == role.as_str());
    let roles: Vec<_> = Role::ALL.iter().copied().filter(ticked).collect();
    if roles.is_empty() {
        return Err(FieldError::new("roles", "Choose at least one role"));
    }
    Role::check(&roles).map_err(|clash| FieldError::new("roles", clash.to_string()))?;
    Ok(roles)
}

fn read(fields: &Fields) -> Result<(String, Login, Vec<Role>), Vec<FieldError>> {
    let mut errors = Vec::new();
    let name = Label::new(fields.get("name"));
    if name.is_err() {
        errors.push(FieldError::new("name", "Write a name, of at most 60 characters"));
    }
    let login = Login::new(fields.get("login"));
    if let Err(error) = &login {
        errors.push(FieldError::new("login", error.to_string()));
    }
    let roles = roles_in(fields);
    if let Err(error) = &roles {
        errors.push(error.clone());
    }
    match (name, login, roles) {
        (Ok(name), Ok(login), Ok(roles)) => Ok((name.to_string(), login, roles)),
        _ => Err(errors),
    }
}

/// Writes to the log what was done to a person.
pub(super) async fn note_person(
    work: &mut dyn hearback_storage::Work,
    cx: hearback_access::Cx,
    what: &'static str,
    person: UserId,
) -> Result<(), WebError> {
    note_about(work, cx, what, ObjectRef::Person(person), Decision::Allowed).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Result<(String, Login, Vec<Role>), Vec<String>> {
        let pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        read(&Fields(pairs)).map_err(|e| e.into_iter().map(|e| e.field).collect())
    }

    #[test]
    fn a_person_has_a_name_a_login_and_a_role() {
        let good = [
            ("name", "Sam Hollis"),
            ("login", "Sam"),
            ("roles", "coach"),
            ("roles", "practitioner"),
        ];
        let (name, login, roles) = form(&good).unwrap();
        assert_eq!((name.as_str(), login.as_str()), ("Sam Hollis", "sam"));
        assert_eq!(roles, [Role::Practitioner, Role::Coach]);
        assert_eq!(form(&[]), Err(["name", "login", "roles"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn nobody_looks_after_the_data_and_works_with_recordings() {
        let both = [("name", "Sam"), ("login", "sam"), ("roles", "coach"), ("roles", "dpo")];
        assert_eq!(form(&both), Err(vec!["roles".to_owned()]));
    }
}
