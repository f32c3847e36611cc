//! Drives the lens by service within the whole window: switching, labelling, copying, opening.

mod driven;

use driven::{Window, harness, settle};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::Label;
use headwater::base::jobs::Cancel;
use headwater::capture::FlowId;
use headwater::session::{Lens, Subject};

const SAMPLE: &str = include_str!("../assets/samples/wifi-proxy-2011.har");

/// The window on the sample of 2011, seen by service.
fn window() -> Window {
    let mut window = Window::on(SAMPLE);
    window.press(Modifiers::ALT, Key::Num3);
    assert_eq!(window.harness.state().session().lens, Lens::Services);
    window
}

fn click_row(window: &mut Window, prefix: &str) {
    window
        .harness
        .get_by(|node| {
            let name = node.label();
            node.role() == Role::Row && name.is_some_and(|name| name.starts_with(prefix))
        })
        .click();
    window.settle();
}

fn label(window: &Window, n: u32) -> Option<Label> {
    window.harness.state().document().label(FlowId(n - 1))
}

#[test]
fn the_first_row_is_selected_and_its_sheet_shown() {
    let window = window();
    let session = window.harness.state().session();
    let party = Subject::Party("icloud.com".to_owned());
    assert_eq!(session.subjects.focus, Some(party));
    assert_eq!(session.selection.flows.len(), 8);
    window.harness.get_by_label_contains("8 requests · 3 hosts");
}

#[test]
fn the_answer_stands_above_every_lens() {
    let mut window = window();
    let document = window.harness.state().document().clone();
    let roles = document.roles(&Cancel::default()).expect("not cancelled");
    let words = roles.answer.first().expect("there is an answer");
    for key in [Key::Num3, Key::Num1] {
        window.press(Modifiers::ALT, key);
        let mut found = window.harness.query_all_by_label_contains(words);
        assert!(found.next().is_some());
    }
}

#[test]
fn a_letter_labels_the_flows_of_a_row_and_says_of_how_many() {
    let mut window = window();
    click_row(&mut window, "Amazon S3 us-std-00001, stores");
    window.press(Modifiers::NONE, Key::O);
    assert_eq!([3, 9].map(|n| label(&window, n)), [Some(Label::Origin); 2]);
    assert_eq!(label(&window, 2), None);
    let name = "Amazon S3 us-std-00001, stores, users' data, conclusive, 2 requests, 1 host, 131.1 kB, 2 labelled";
    window.harness.get_by_role_and_label(Role::Row, name);
    window.press(Modifiers::NONE, Key::Backspace);
    assert_eq!(label(&window, 3), None);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(label(&window, 3), Some(Label::Origin));
}

#[test]
fn all_rows_are_selected_and_labelled_together() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::NONE, Key::O);
    let document = window.harness.state().document();
    let flows = document.flows().map(|(id, _)| document.label(id));
    assert!(flows.into_iter().all(|label| label == Some(Label::Origin)));
}

#[test]
fn enter_shows_the_flows_of_a_row_one_by_one() {
    let mut window = window();
    click_row(&mut window, "Azure Blob Storage");
    window.press(Modifiers::NONE, Key::Enter);
    let session = window.harness.state().session();
    assert_eq!(session.lens, Lens::Requests);
    assert_eq!(window.shown(), [2, 8]);
}

#[test]
fn a_flow_that_was_selected_elsewhere_becomes_its_relation() {
    let mut window = Window::on(SAMPLE);
    window.click_row(9);
    let mut titles = window
        .harness
        .query_all_by_label_contains("Amazon S3 stores");
    assert!(titles.next().is_some(), "its sheet is shown");
    drop(titles);
    window.press(Modifiers::ALT, Key::Num3);
    let session = window.harness.state().session();
    assert_eq!(session.selection.flows, [2, 8].map(FlowId).into());
    assert!(matches!(
        &session.subjects.focus,
        Some(Subject::Relation { .. })
    ));
}

fn first_link<'w>(window: &'w Window, name: &'w str) -> egui_kittest::Node<'w> {
    let mut links = window.harness.query_all_by_role_and_label(Role::Link, name);
    links.next().expect("a link")
}

#[test]
fn evidence_leads_to_its_flow() {
    let mut window = window();
    click_row(&mut window, "Amazon S3 us-std-00001, stores");
    first_link(&window, "#9").scroll_to_me();
    window.settle();
    first_link(&window, "#9").click();
    window.settle();
    let session = window.harness.state().session();
    assert_eq!(session.lens, Lens::Requests);
    assert_eq!(session.selection.focus, Some(FlowId(8)));
}

#[test]
fn closing_forgets_what_was_judged() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::W);
    let rows = window.harness.query_all_by_role(Role::Row).count();
    assert_eq!(rows, 0);
    let path = window.path("other.har");
    std::fs::write(&path, driven::HAR).expect("a capture");
    let mut other = harness(vec![path], Vec::new());
    settle(&mut other);
    other.key_press_modifiers(Modifiers::ALT, Key::Num3);
    settle(&mut other);
    assert!(0 < other.query_all_by_role(Role::Row).count());
}
