//! A second framework, written in the page and used, in a real browser.

use crate::{
    browser::{browse, conversation},
    service::Service,
};

#[test]
fn a_framework_is_written_by_hand_and_used() {
    let mut service = Service::with_people(&[("wren", "practitioner"), ("rook", "researcher")]);
    service.start(&[]);
    let (file, from, to) = conversation(service.dir.path());
    browse(&service, "frameworks.mjs", "browser-frameworks", &file, (from, to));
}
