//! Several people's answers, and suggested groups, through the window: nothing is overwritten, and one Undo takes it back.

mod driven;

use driven::{HAR, Window, harness, settle};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::Label;
use headwater::capture::FlowId;
use serde_json::{Value, json};

/// A window on a capture of which Ann labelled flow 2.
fn after_ann() -> Window {
    let mut window = Window::on(HAR);
    window.click_row(2);
    window.press(Modifiers::NONE, Key::O);
    window.press(Modifiers::COMMAND, Key::S);
    let path = window.path("trip.har.headwater.json");
    let text = std::fs::read_to_string(&path).expect("labels");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    file["annotations"][0]["by"] = json!("Ann");
    file["annotations"][0]["note"] = json!("wrote there");
    std::fs::write(&path, file.to_string()).expect("written");
    window.harness = harness(vec![window.path("trip.har")], Vec::new());
    settle(&mut window.harness);
    window
}

#[test]
fn what_another_person_said_stays_and_is_shown_beside() {
    let mut window = after_ann();
    assert_eq!(window.labels()[1], Some(Label::Origin));
    let before = window
        .harness
        .state()
        .document()
        .annotation(FlowId(1))
        .cloned();
    window.click_row(2);
    // What somebody else said is not there to be cleared.
    window.press(Modifiers::NONE, Key::Backspace);
    assert_eq!(window.labels()[1], Some(Label::Origin));
    window.press(Modifiers::NONE, Key::C);
    assert_eq!(window.labels()[1], Some(Label::Cdn));
    window.press(Modifiers::NONE, Key::M);
    window.harness.get_by(|node| {
        let words = node.label().or_else(|| node.value());
        words.is_some_and(|it| it.starts_with("Ann says Origin") && it.ends_with(": wrote there"))
    });
    let note = window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Note");
    assert_eq!(note.value().unwrap_or_default(), "", "Ann's note is hers");
    let said = window
        .harness
        .state()
        .document()
        .annotation(FlowId(1))
        .cloned();
    let said = said.expect("something is said");
    assert_eq!(said.others[0].note, "wrote there");
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::COMMAND, Key::Z);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(
        window
            .harness
            .state()
            .document()
            .annotation(FlowId(1))
            .cloned(),
        before
    );
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(window.labels()[1], Some(Label::Cdn));

    window.press(Modifiers::COMMAND, Key::S);
    let text = std::fs::read_to_string(window.path("trip.har.headwater.json")).expect("labels");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(file["annotations"][0]["label"], "cdn");
    assert_eq!(file["annotations"][0]["others"][0]["by"], "Ann");
    assert_eq!(file["annotations"][0]["others"][0]["note"], "wrote there");
}

#[test]
fn who_signs_decides_whose_answer_stands_in_front() {
    let mut window = after_ann();
    window.click_row(2);
    window.press(Modifiers::NONE, Key::C);
    let front = |window: &Window| window.labels()[1];
    assert_eq!(front(&window), Some(Label::Cdn));
    for (name, expected) in [("Ann", Label::Origin), ("", Label::Cdn), ("Cy", Label::Cdn)] {
        command(&mut window, "Sign as");
        let field = window
            .harness
            .get_by_role_and_label(Role::TextInput, "Sign as");
        field.focus();
        window.settle();
        window.press(Modifiers::COMMAND, Key::A);
        window.press(Modifiers::NONE, Key::Backspace);
        window.harness.event(egui::Event::Text(name.to_owned()));
        window.settle();
        window.click(Role::Button, "Sign");
        assert_eq!(front(&window), Some(expected), "{name}");
    }
}

#[test]
fn the_button_of_what_somebody_else_said_agrees_with_them() {
    let mut window = after_ann();
    window.click_row(2);
    window.press(Modifiers::NONE, Key::M);
    window.press(Modifiers::NONE, Key::Escape);
    window.click(Role::Button, "Label as Origin");
    let said = window
        .harness
        .state()
        .document()
        .annotation(FlowId(1))
        .cloned();
    let said = said.expect("something is said");
    assert_eq!((said.by.as_str(), said.label), ("", Some(Label::Origin)));
    assert_eq!(said.others[0].by, "Ann");
    window.click(Role::Button, "Label as Origin");
    let said = window
        .harness
        .state()
        .document()
        .annotation(FlowId(1))
        .cloned();
    let said = said.expect("Ann still says it");
    assert_eq!((said.by.as_str(), said.others.len()), ("Ann", 0));
}

/// Runs a command from the palette.
fn command(window: &mut Window, title: &str) {
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    window.harness.event(egui::Event::Text(title.to_owned()));
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
}

/// Runs frames until the worker has found its suggestions.
fn wait_for(window: &mut Window, name: &str) {
    for _ in 0..500 {
        if window.harness.query_by_label_contains(name).is_some() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        window.settle();
    }
    panic!("{name} was not shown");
}

#[test]
fn suggested_groups_are_applied_as_chosen_and_taken_back_at_once() {
    let hosts = [
        "www.google.com",
        "stats.g.doubleclick.net",
        "www.facebook.com",
        "a.fbcdn.net",
        "csi.gstatic.com",
    ];
    let entries = hosts.map(|host| {
        format!(
            r#"{{"startedDateTime":"2026-05-01T10:00:00.000Z","time":30,"request":{{"method":"GET","url":"https://{host}/a","headers":[]}},
            "response":{{"status":200,"headers":[],"content":{{"mimeType":"text/html","size":10}}}},"timings":{{"send":1,"wait":20,"receive":9}}}}"#
        )
    });
    let log = r#"{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":["#;
    let mut window = Window::on(&format!("{log}{}]}}}}", entries.join(",")));
    command(&mut window, "Suggested groups");
    wait_for(
        &mut window,
        "doubleclick.net, gstatic.com under google.com: 2 flows",
    );
    // Nothing is chosen yet, so that there is nothing to do.
    window.click(Role::Button, "Count them so");
    let n_groups = |window: &Window| {
        window
            .harness
            .state()
            .document()
            .annotations()
            .groups()
            .len()
    };
    assert_eq!(n_groups(&window), 0);
    let google = "doubleclick.net, gstatic.com under google.com: 2 flows";
    window.click(Role::CheckBox, google);
    window.click(Role::Button, "Count them so");
    let document = window.harness.state().document();
    assert_eq!(document.party(FlowId(1)), "google.com");
    assert_eq!(document.party(FlowId(4)), "google.com");
    assert_eq!(document.history().undo_title(), Some("group 2 hosts"));
    assert_eq!(n_groups(&window), 2);
    window.press(Modifiers::COMMAND, Key::S);
    let text = std::fs::read_to_string(window.path("trip.har.headwater.json")).expect("groupings");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        file["parties"],
        json!({"doubleclick.net": "google.com", "gstatic.com": "google.com"})
    );
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(n_groups(&window), 0);

    // What is grouped is not suggested again; the rest is.
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    command(&mut window, "Suggested groups");
    wait_for(&mut window, "under facebook.com: 1 flow");
    assert!(
        window
            .harness
            .query_by_label_contains("under google.com")
            .is_none()
    );
    window.click(Role::CheckBox, "All of them");
    window.click(Role::Button, "Count them so");
    assert_eq!(n_groups(&window), 3);
    command(&mut window, "Suggested groups");
    wait_for(&mut window, "Nothing is known of these hosts");
    window.click(Role::Button, "Close");
}
