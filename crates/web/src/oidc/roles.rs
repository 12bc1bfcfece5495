//! Roles from the provider's groups. Never more than roles: who hears what stays each practitioner's decision.

use std::collections::HashMap;

use hearback_domain::{Clash, Role};
use serde_json::Value;

use super::Settings;

/// The roles that somebody's groups give; `None` if roles do not come from the provider.
///
/// A claim that is not there means no groups. A claim that is only pointed at, as Microsoft does with more than two
/// hundred groups, means nothing: an error, because taking it for "no groups" would take roles away at random.
pub(super) fn given(
    settings: &Settings,
    claims: &HashMap<String, Value>,
) -> Result<Option<Vec<Role>>, &'static str> {
    let Some(name) = &settings.role_claim else { return Ok(None) };
    let elsewhere = claims.get("_claim_names").and_then(|names| names.get(name));
    if elsewhere.is_some() {
        return Err("its groups are too many to be in it; assign groups to the application");
    }
    let groups: Vec<&str> = match claims.get(name) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(group)) => vec![group],
        Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).collect(),
        Some(_) => return Err("its groups are no list of texts"),
    };
    let fits = |&(group, _): &&(String, Role)| groups.contains(&group.as_str());
    let mut roles: Vec<Role> =
        settings.role_map.iter().filter(fits).map(|&(_, role)| role).collect();
    roles.sort();
    roles.dedup();
    Ok(Some(roles))
}

/// What somebody is from now on: what the provider gives, and what it does not decide about. Groups are held to the
/// same rule as administrators: some roles never come together (ETH-12).
pub(super) fn after(
    settings: &Settings,
    before: &[Role],
    given: &[Role],
) -> Result<Vec<Role>, Clash> {
    let decided = |role: &Role| settings.role_map.iter().any(|(_, r)| r == role);
    let kept = before.iter().copied().filter(|role| !decided(role));
    let mut roles: Vec<Role> = kept.chain(given.iter().copied()).collect();
    roles.sort();
    roles.dedup();
    Role::check(&roles)?;
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> Settings {
        let map =
            [("r", Role::Researcher), ("/staff/coaches", Role::Coach), ("r2", Role::Researcher)];
        Settings {
            role_claim: Some("groups".to_owned()),
            role_map: map.into_iter().map(|(g, r)| (g.to_owned(), r)).collect(),
            ..Settings::default()
        }
    }

    fn of(claims: &Value) -> Result<Option<Vec<Role>>, &'static str> {
        given(&settings(), &serde_json::from_value(claims.clone()).unwrap())
    }

    #[test]
    fn groups_give_the_roles_they_are_mapped_to() {
        let cases = [
            (json!({"groups": ["r", "other", "r2"]}), vec![Role::Researcher]),
            (json!({"groups": "/staff/coaches"}), vec![Role::Coach]),
            (json!({"groups": ["R", "sysadmin", 7]}), vec![]),
            (json!({"roles": ["r"]}), vec![]),
            (json!({"groups": []}), vec![]),
        ];
        for (claims, roles) in cases {
            assert_eq!(of(&claims), Ok(Some(roles)), "{claims}");
        }
        assert!(of(&json!({"groups": {"r": true}})).is_err());
        assert!(of(&json!({"_claim_names": {"groups": "src1"}})).is_err(), "too many to tell");
        assert_eq!(given(&Settings::default(), &HashMap::new()), Ok(None));
    }

    #[test]
    fn what_the_provider_does_not_decide_about_stays() {
        let before = [Role::Researcher, Role::Dpo];
        assert_eq!(after(&settings(), &before, &[]), Ok(vec![Role::Dpo]));
        let before = [Role::Researcher, Role::ProgrammeLead];
        let both = vec![Role::Coach, Role::ProgrammeLead];
        assert_eq!(after(&settings(), &before, &[Role::Coach]), Ok(both));
    }

    #[test]
    fn groups_do_not_bring_together_what_never_comes_together() {
        let clash = Err(Clash(Role::Coach, Role::Dpo));
        assert_eq!(after(&settings(), &[Role::Dpo], &[Role::Coach]), clash);
        let clash = Err(Clash(Role::Researcher, Role::SysAdmin));
        assert_eq!(after(&settings(), &[Role::SysAdmin], &[Role::Researcher]), clash);
    }
}
