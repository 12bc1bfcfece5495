//! Something is under way while a yes is taken back: a file that is arriving, sound that is being heard.

use std::time::{Duration, Instant};

use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode, header},
};
use hearback_domain::{PartyKind, Purpose, withdrawal::effects};
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::{House, Who, is_gone, request};
use crate::{direct::Direct, world::Stage};

const WHO: [Who; 3] = [Who::Own, Who::Asked(PartyKind::Child), Who::Officer(PartyKind::Child)];

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_arriving_finds_nobody() {
    let house = House::new(Direct::sqlite().await).await;
    for who in WHO {
        let of = house.world.recording(Stage::AwaitingFile).await;
        let (pieces, arriving) = tokio::sync::mpsc::channel::<Bytes>(1);
        let stream = futures_util::stream::unfold(arriving, |mut arriving| async {
            let piece = arriving.recv().await?;
            Some((Ok::<_, std::io::Error>(piece), arriving))
        });
        let request =
            request(Method::PUT, &format!("/recordings/{}/original", of.recording), &house.owner)
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .body(Body::from_stream(stream))
                .unwrap();
        let sending = TaskTracker::new().spawn(house.router.clone().oneshot(request));
        pieces.send(Bytes::from(vec![7; 100_000])).await.unwrap();
        let dir = house.objects.join(of.recording.to_string()).join("sound");
        let deadline = Instant::now() + Duration::from_secs(20);
        while !dir.exists() {
            assert!(Instant::now() < deadline && !sending.is_finished());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let receipt = house.withdraw(&of, who, &[Purpose::Record]).await;
        house.worker().drain().await.unwrap();
        let _ = pieces.send(Bytes::from(vec![7; 100_000])).await;
        drop(pieces);
        let status = sending.await.unwrap().unwrap().status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{who:?}");
        let why = format!("{who:?} while the file was arriving");
        is_gone(&house, &of, &effects(&[Purpose::Record]), &receipt, &why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_is_being_heard_ends() {
    let house = House::new(Direct::sqlite().await).await;
    let mut longest = 0;
    let cases = [
        (Purpose::Record, &house.owner, true),
        (Purpose::Record, &house.researcher, true),
        (Purpose::CodeResearch, &house.researcher, true),
        (Purpose::CodeResearch, &house.owner, false),
        (Purpose::Transcribe, &house.researcher, false),
    ];
    for (n, (purpose, cookie, ends)) in cases.into_iter().enumerate() {
        let of = house.world.recording(Stage::Shared).await;
        let path = format!("/recordings/{}/audio", of.recording);
        let request = request(Method::GET, &path, cookie).body(Body::empty()).unwrap();
        let response = house.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let total: usize =
            response.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
        let mut body = response.into_body();
        let mut heard = 0;
        // The header of the file, and the first of several pieces.
        for _ in 0..2 {
            heard += body.frame().await.unwrap().unwrap().into_data().unwrap().len();
        }
        assert!(heard < total);
        house.withdraw(&of, WHO[n % WHO.len()], &[purpose]).await;
        // An answer counts for a second; somebody who listens takes longer over a piece than that.
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        let begun = Instant::now();
        while let Some(Ok(frame)) = body.frame().await {
            heard += frame.into_data().map_or(0, |data| data.len());
        }
        longest = longest.max(begun.elapsed().as_millis());
        assert_eq!(heard < total, ends, "{purpose}: {heard} of {total}");
    }
    crate::evidence::add(
        "withdrawal",
        &[("streams", json!(cases.len())), ("after_asking_ms", json!(longest))],
    );
}
