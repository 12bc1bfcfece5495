//! Prompt cards on paper (CM-17, CM-19).

use askama::Template;
use hearback_access::SeeSeries;
use hearback_domain::{
    SeriesId,
    coaching::NOT_FOR,
    sheets::prompts::{CARDS, CUES, Card, OPEN_QUESTIONS},
};

use super::print::is_large;
use crate::{
    Visit,
    error::Result,
    extract::Path,
    page::{Page, html},
};

#[derive(Template)]
#[template(path = "prompts_print.html")]
struct PromptsPage {
    page: Page,
    series: SeriesId,
    large: bool,
    cards: &'static [Card],
    questions: &'static [&'static str],
    cues: &'static [&'static str],
    not_for: [&'static str; 4],
}

/// `GET /series/{series}/prompts/print`, with `style=large` for large print.
pub(crate) async fn show(visit: Visit, Path(series): Path<SeriesId>) -> Result {
    let (work, _permit) = visit.permit::<SeeSeries>(series).await?;
    work.commit().await?;
    html(&PromptsPage {
        page: visit.page("Prompt cards"),
        series,
        large: is_large(&visit),
        cards: CARDS,
        questions: OPEN_QUESTIONS,
        cues: CUES,
        not_for: NOT_FOR,
    })
}
