//! The protocols there are.

use askama::Template;
use hearback_access::SeeProtocols;
use hearback_domain::{ProtocolId, protocol::Plan};

use crate::{
    Visit,
    error::Result,
    page::{Page, day, html},
};

#[derive(Template)]
#[template(path = "protocols.html")]
struct ProtocolsPage {
    page: Page,
    protocols: Vec<Line>,
}

struct Line {
    id: ProtocolId,
    name: String,
    part: String,
    twice: u8,
    framework: String,
    since: String,
    closed: Option<String>,
}

/// `GET /protocols`.
pub(crate) async fn show(visit: Visit) -> Result {
    let (mut work, permit) = visit.permit::<SeeProtocols>(()).await?;
    let protocols = work.protocols(&permit).await?;
    work.commit().await?;
    let line = |protocol: &hearback_storage::Protocol| Line {
        id: protocol.id,
        name: protocol.plan.name.to_string(),
        part: part(&protocol.plan),
        twice: protocol.plan.twice_percent,
        framework: protocol.plan.framework_version.clone(),
        since: day(protocol.made_at),
        closed: protocol.closed_at.map(day),
    };
    let protocols = protocols.iter().map(line).collect();
    html(&ProtocolsPage { page: visit.page("Protocols"), protocols })
}

/// How much of each recording is coded.
pub(super) fn part(plan: &Plan) -> String {
    match plan.minutes {
        None => "the whole of each recording".to_owned(),
        Some(minutes) => format!("{minutes} minutes of each recording, drawn by the seed"),
    }
}
