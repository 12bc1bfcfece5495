//! People with an account.

use askama::Template;
use axum::{http::StatusCode, response::IntoResponse as _};
use hearback_access::ManagePeople;
use hearback_domain::{Label, Login, Role, UserId};
use hearback_storage::{NewPerson, Person, StoreError};

use crate::{
    Visit,
    error::{FieldError, Result},
    extract::Fields,
    page::{Page, Said, html},
    password,
};

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    page: Page,
    people: Vec<PersonLine>,
    form: Form,
    roles: Vec<RoleChoice>,
    shortest: usize,
}

struct PersonLine {
    name: String,
    login: String,
    roles: String,
}

/// What was typed; never the passphrase.
#[derive(Default)]
struct Form {
    name: String,
    login: String,
}

struct RoleChoice {
    key: &'static str,
    title: &'static str,
    chosen: bool,
}

/// `GET /admin/people`.
pub(crate) async fn show(visit: Visit) -> Result {
    view(&visit, &Fields::default(), Vec::new()).await
}

async fn view(visit: &Visit, fields: &Fields, errors: Vec<FieldError>) -> Result {
    let (mut work, _permit) = visit.permit::<ManagePeople>(()).await?;
    let people = work.people().await?;
    work.commit().await?;
    let code = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visit.page("People");
    page.errors = errors;
    let chosen = |role: &Role| fields.all("roles").any(|r| r == role.as_str());
    let body = html(&PeoplePage {
        page,
        people: people.iter().map(line).collect(),
        form: Form { name: fields.get("name").to_owned(), login: fields.get("login").to_owned() },
        roles: Role::ALL
            .iter()
            .map(|r| RoleChoice { key: r.as_str(), title: r.title(), chosen: chosen(r) })
            .collect(),
        shortest: password::SHORTEST,
    })?;
    Ok((code, body).into_response())
}

fn line(person: &Person) -> PersonLine {
    let roles: Vec<_> = person.roles.iter().map(|r| r.title()).collect();
    PersonLine {
        name: person.name.clone(),
        login: person.login.to_string(),
        roles: roles.join(", "),
    }
}

/// `POST /admin/people`: `name`, `login`, `roles` (several), `passphrase`.
pub(crate) async fn add(visit: Visit, fields: Fields) -> Result {
    // Before the hashing, so that only an administrator makes the machine work.
    drop(visit.permit::<ManagePeople>(()).await?);
    let (name, login, roles) = match read(&fields) {
        Ok(read) => read,
        Err(errors) => return view(&visit, &fields, errors).await,
    };
    let password_hash = password::hash_in_turn(fields.get("passphrase").to_owned()).await?;
    let (mut work, permit) = visit.permit::<ManagePeople>(()).await?;
    let person = NewPerson {
        id: UserId::mint(&*visit.app().ids),
        login,
        name,
        password_hash,
        roles,
        created_at: permit.cx().now,
    };
    match work.add_person(&person).await {
        Ok(()) => work.commit().await?,
        Err(StoreError::Conflict { .. }) => {
            drop(work);
            let taken = FieldError::new("login", "Somebody already has this sign-in name");
            return view(&visit, &fields, vec![taken]).await;
        }
        Err(other) => return Err(other.into()),
    }
    Ok(Said::PersonAdded.at("/admin/people"))
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
    let chosen = |role: &Role| fields.all("roles").any(|r| r == role.as_str());
    let roles: Vec<_> = Role::ALL.iter().copied().filter(chosen).collect();
    if roles.is_empty() {
        errors.push(FieldError::new("roles", "Choose at least one role"));
    }
    let short_login = login.as_ref().map_or("", Login::as_str);
    if let Err(error) = password::check(fields.get("passphrase"), short_login) {
        errors.push(FieldError::new("passphrase", error.to_string()));
    }
    match (name, login) {
        (Ok(name), Ok(login)) if errors.is_empty() => Ok((name.to_string(), login, roles)),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_a_name_a_login_a_role_and_a_passphrase() {
        let form = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            read(&Fields(pairs)).map_err(|e| e.into_iter().map(|e| e.field).collect::<Vec<_>>())
        };
        let good = [
            ("name", "Sam Hollis"),
            ("login", "Sam"),
            ("roles", "coach"),
            ("roles", "practitioner"),
            ("passphrase", "quiet heron under bridge"),
        ];
        let (name, login, roles) = form(&good).unwrap();
        assert_eq!((name.as_str(), login.as_str()), ("Sam Hollis", "sam"));
        assert_eq!(roles, [Role::Practitioner, Role::Coach]);
        assert_eq!(
            form(&[]),
            Err(["name", "login", "roles", "passphrase"].map(str::to_owned).to_vec())
        );
    }
}
