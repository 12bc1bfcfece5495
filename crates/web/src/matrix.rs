//! `GET /who-may-hear`: the policy's table, for anybody to read.

use askama::Template;
use hearback_domain::{
    Hat, Role,
    policy::{Rule, TABLE},
};

use crate::{
    Visit,
    consent::words,
    error::Result,
    page::{Page, html},
};

#[derive(Template)]
#[template(path = "who_may_hear.html")]
struct MatrixPage {
    page: Page,
    hats: Vec<HatRules>,
}

/// What one hat may do.
struct HatRules {
    who: &'static str,
    rules: Vec<Line>,
}

struct Line {
    what: &'static str,
    tie: &'static str,
    agreed: Vec<&'static str>,
    when: &'static str,
    elevated: bool,
}

/// The same table that decides.
pub(crate) async fn show(visit: Visit) -> Result {
    let hats = Role::ALL.iter().map(|role| Hat::Person(*role)).chain([Hat::Worker]).map(rules_of);
    html(&MatrixPage { page: visit.page("Who may hear what"), hats: hats.collect() })
}

fn rules_of(hat: Hat) -> HatRules {
    HatRules {
        who: match hat {
            Hat::Person(role) => role.title(),
            Hat::Worker => "The service itself",
            Hat::Nobody => "Nobody",
        },
        rules: TABLE.iter().filter(|rule| rule.hat == hat).map(line).collect(),
    }
}

fn line(rule: &Rule) -> Line {
    Line {
        what: rule.action.in_words(),
        tie: rule.tie_in_words(),
        agreed: rule.consent.iter().map(|purpose| words::purpose(*purpose)).collect(),
        when: rule.when_in_words(),
        elevated: rule.elevated,
    }
}
