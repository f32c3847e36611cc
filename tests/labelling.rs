//! What people say of flows, through the window: labels, notes, marks and groupings, by key and by menu, saved and undone.

mod driven;

use driven::{HAR, Window, harness, settle};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::{Colour, Label};
use headwater::app::HeadwaterApp;
use headwater::capture::FlowId;

/// Replaces what a field of the prompt holds.
fn retype(window: &mut Window, field: &str, text: &str) {
    let node = window.harness.get_by_role_and_label(Role::TextInput, field);
    node.focus();
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::NONE, Key::Backspace);
    window.harness.event(egui::Event::Text(text.to_owned()));
    window.settle();
}

#[test]
fn letters_label_and_can_be_undone() {
    let mut window = Window::on(HAR);
    window.click_row(1);
    window.press(Modifiers::SHIFT, Key::C);
    assert_eq!(window.labels(), [Some(Label::Cdn), None, None]);
    window.press(Modifiers::NONE, Key::O);
    assert_eq!(
        window.labels(),
        [Some(Label::Cdn), Some(Label::Origin), None]
    );
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.labels(), [Some(Label::Cdn), None, None]);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(
        window.labels(),
        [Some(Label::Cdn), Some(Label::Origin), None]
    );
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::NONE, Key::U);
    assert_eq!(window.labels(), [Some(Label::Unknown); 3]);
    window.press(Modifiers::NONE, Key::Backspace);
    assert_eq!(window.labels(), [None; 3]);
}

#[test]
fn the_context_menu_and_the_menu_bar_label() {
    let mut window = Window::on(HAR);
    let row = |harness: &Harness<'static, HeadwaterApp>| {
        harness.get_by_label_contains("3 GET 404").click_secondary();
    };
    row(&window.harness);
    window.settle();
    window
        .harness
        .get_by_label_contains("Label as CDN C")
        .click();
    window.settle();
    assert_eq!(window.labels(), [None, None, Some(Label::Cdn)]);
    row(&window.harness);
    window.settle();
    window.harness.get_by_label_contains("Clear label").click();
    window.settle();
    assert_eq!(window.labels(), [None; 3]);
}

#[test]
fn labels_are_saved_and_come_back() {
    let mut window = Window::on(HAR);
    window.click_row(2);
    window.press(Modifiers::NONE, Key::O);
    window.press(Modifiers::COMMAND, Key::S);
    window.harness.get_by_label_contains("saved 1");
    assert!(window.path("trip.har.headwater.json").exists());
    let mut again = harness(vec![window.path("trip.har")], Vec::new());
    settle(&mut again);
    assert_eq!(
        again.state().document().label(FlowId(1)),
        Some(Label::Origin)
    );
}

#[test]
fn a_note_is_written_from_the_keyboard_and_the_table_has_the_keys_again() {
    for finish in [
        (Modifiers::COMMAND, Key::Enter),
        (Modifiers::NONE, Key::Escape),
    ] {
        let mut window = Window::on(HAR);
        window.click_row(3);
        window.press(Modifiers::NONE, Key::M);
        window
            .harness
            .event(egui::Event::Text("seen twice".to_owned()));
        window.settle();
        window.press(finish.0, finish.1);
        let note = window.harness.state().document().note(FlowId(2));
        assert_eq!(note, "seen twice", "{finish:?}");
        window.press(Modifiers::NONE, Key::C);
        assert_eq!(
            window.labels(),
            [None, None, Some(Label::Cdn)],
            "{finish:?}"
        );
    }
}

#[test]
fn a_note_that_is_still_being_written_is_saved_too() {
    let mut window = Window::on(HAR);
    window.click_row(3);
    window.press(Modifiers::NONE, Key::M);
    window
        .harness
        .event(egui::Event::Text("half a thou".to_owned()));
    window.press(Modifiers::COMMAND, Key::S);
    let sidecar = std::fs::read_to_string(window.path("trip.har.headwater.json"));
    assert!(sidecar.expect("a sidecar").contains("half a thou"));
}

#[test]
fn damaged_labels_are_set_aside_and_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trip.har");
    let sidecar = folder.path().join("trip.har.headwater.json");
    std::fs::write(&path, HAR).expect("a capture");
    std::fs::write(&sidecar, "{ damaged").expect("a sidecar");
    let mut window = Window {
        harness: harness(vec![path], Vec::new()),
        folder,
    };
    window.harness.run_steps(3);
    while window.shown().is_empty() {
        window.harness.step();
    }
    window.click_row(1);
    window.press(Modifiers::NONE, Key::O);
    assert_eq!(
        std::fs::read_to_string(&sidecar).expect("it stays"),
        "{ damaged"
    );
    window.click(Role::Button, "Set that file aside");
    let saved = std::fs::read_to_string(&sidecar).expect("new labels");
    assert!(saved.contains("origin"), "{saved}");
    let aside = window.path("trip.har.headwater.json.aside-1");
    assert_eq!(
        std::fs::read_to_string(aside).expect("the old ones"),
        "{ damaged"
    );
}

#[test]
fn labels_change_no_verdict_and_bodies_are_searched_without_asking() {
    let sample = include_str!("../assets/samples/wifi-proxy-2011.har");
    let mut window = Window::on(sample);
    assert!(!window.harness.state().document().is_looking());
    let before = window.harness.state().document().content_revision();
    window.click_row(2);
    window.press(Modifiers::NONE, Key::C);
    let document = window.harness.state().document();
    assert_eq!(document.label(FlowId(1)), Some(Label::Cdn));
    assert_eq!(document.content_revision(), before);
}

#[test]
fn a_host_is_counted_under_a_party_by_the_menu_and_stays_there() {
    let mut window = Window::on(HAR);
    let party = |window: &Window| {
        window
            .harness
            .state()
            .document()
            .party(FlowId(1))
            .to_owned()
    };
    assert_eq!(party(&window), "bucket.s3.amazonaws.com");
    window
        .harness
        .get_by_label_contains("2 PUT 201")
        .click_secondary();
    window.settle();
    let item = "Count host under a party… P";
    window.harness.get_by_label_contains(item).click();
    window.settle();
    // The present party is selected, so that typing replaces it.
    window
        .harness
        .event(egui::Event::Text("shop.example".to_owned()));
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(party(&window), "shop.example");
    assert_eq!(window.labels(), [None; 3]);

    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(party(&window), "bucket.s3.amazonaws.com");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.press(Modifiers::COMMAND, Key::S);
    window.harness.get_by_label_contains("saved 1");
    window.type_into("Filter", "party:shop.example");
    assert_eq!(window.shown(), [2]);

    let mut again = harness(vec![window.path("trip.har")], Vec::new());
    settle(&mut again);
    assert_eq!(again.state().document().party(FlowId(1)), "shop.example");
}

#[test]
fn a_grouping_covers_the_hosts_below_and_is_taken_back_by_an_empty_party() {
    let mut window = Window::on(HAR);
    let parties = |window: &Window| {
        let document = window.harness.state().document();
        [0, 1, 2].map(|n| document.party(FlowId(n)).to_owned())
    };
    let before = ["example.com", "bucket.s3.amazonaws.com", "example.org"];
    window.click_row(3);
    window.press(Modifiers::NONE, Key::P);
    retype(&mut window, "Host", "*.Example.ORG");
    retype(&mut window, "Party", " Ours ");
    window.click(Role::Button, "OK");
    assert_eq!(parties(&window), [before[0], before[1], "Ours"]);
    // The prompt is about the name that was grouped.
    window.press(Modifiers::NONE, Key::P);
    let host = window
        .harness
        .get_by_role_and_label(Role::TextInput, "Host");
    assert_eq!(host.value().as_deref(), Some("example.org"));
    retype(&mut window, "Party", "");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(parties(&window), before);
    let edit = window.harness.state().document().history().undo_title();
    assert_eq!(edit, Some("stop counting example.org under a party"));
}

#[test]
fn a_prompt_left_or_about_no_host_here_groups_nothing() {
    let mut window = Window::on(HAR);
    let is_grouped = |window: &Window| {
        let document = window.harness.state().document();
        !document.annotations().groups().is_empty() || document.history().undo_title().is_some()
    };
    window.click_row(1);
    window.press(Modifiers::NONE, Key::P);
    window.press(Modifiers::NONE, Key::Enter);
    assert!(!is_grouped(&window), "nothing was typed");
    window.press(Modifiers::NONE, Key::P);
    retype(&mut window, "Party", "Ours");
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!is_grouped(&window), "the prompt was left");
    window.press(Modifiers::NONE, Key::P);
    retype(&mut window, "Host", "elsewhere.example");
    retype(&mut window, "Party", "Ours");
    window.press(Modifiers::NONE, Key::Enter);
    assert!(!is_grouped(&window), "no flow has that host");
    assert!(!window.path("trip.har.headwater.json").exists());
}

#[test]
fn marks_tags_and_verdicts_are_given_by_keys_and_undone() {
    let mut window = Window::on(HAR);
    window.click_row(2);
    window.press(Modifiers::NONE, Key::Num4);
    window.press(Modifiers::NONE, Key::T);
    let tag = window
        .harness
        .get_by_role_and_label(Role::TextInput, "Add a tag");
    tag.type_text("writes, to check");
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    window.press(Modifiers::NONE, Key::Enter);
    window.press(Modifiers::NONE, Key::V);
    let said = |window: &Window| {
        window
            .harness
            .state()
            .document()
            .annotation(FlowId(1))
            .cloned()
    };
    let all = said(&window).expect("something was said");
    assert_eq!(all.tags, ["to check", "writes"]);
    assert_eq!(all.colour.map(Colour::word), Some("green"));
    assert!(all.is_accepted, "{all:?}");
    for _ in 0..4 {
        window.press(Modifiers::COMMAND, Key::Z);
    }
    assert_eq!(said(&window), None);
}

#[test]
fn all_flows_of_a_host_are_labelled_in_one_step() {
    let mut window = Window::on(HAR);
    window.click_row(3);
    window.press(Modifiers::NONE, Key::L);
    window.click(Role::RadioButton, "3 flows that are shown");
    window.click(Role::Button, "CDN");
    window.click(Role::Button, "Label them");
    assert_eq!(window.labels(), [Some(Label::Cdn); 3]);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.labels(), [None; 3]);
}
