//! `policy`: the access table, for whoever reviews it.

use std::io::Write as _;

use hearback_domain::policy::{Rule, TABLE, Tie, When};
use serde_json::{Value, json};

use crate::failure::Failure;

/// Prints every row of the table; what is not printed is refused.
pub(crate) fn run(as_json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if as_json {
        let rows: Vec<_> = TABLE.iter().map(row).collect();
        writeln!(out, "{}", Value::from(rows))?;
        return Ok(());
    }
    writeln!(
        out,
        "| who | may | about | everybody heard agreed to | when | just shown who they are |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for rule in TABLE {
        let agreed: Vec<_> = rule.consent.iter().map(|p| p.as_str()).collect();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            rule.who(),
            rule.action.in_words(),
            rule.tie_in_words(),
            agreed.join(", "),
            rule.when_in_words(),
            if rule.elevated { "yes" } else { "" },
        )?;
    }
    Ok(())
}

fn row(rule: &Rule) -> Value {
    let tie = match rule.tie {
        Tie::Installation => "installation",
        Tie::AnyRecording => "any_recording",
        Tie::By(relation) => relation.as_str(),
    };
    let when = match rule.when {
        When::Always => "always",
        When::Refused => "refused",
        When::Playable => "playable",
        When::Released => "released",
        When::Shared => "shared",
        When::Ongoing => "ongoing",
        When::Agreed => "agreed",
        When::Live => "live",
        When::Chosen => "chosen",
        When::Playing => "playing",
        When::UnderDome => "under_dome",
    };
    let consent: Vec<_> = rule.consent.iter().map(|p| p.as_str()).collect();
    let rests_on: Vec<_> = rule.action.rests_on().iter().map(|c| c.as_str()).collect();
    json!({
        "action": rule.action.as_str(),
        "hat": rule.hat.as_str(),
        "tie": tie,
        "consent": consent,
        "when": when,
        "rests_on": rests_on,
        "elevated": rule.elevated,
    })
}
