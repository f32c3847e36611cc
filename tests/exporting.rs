//! The export dialog, driven by accessible names: what goes, how much is removed, where to, and what is never replaced.

mod driven;

use std::fs;

use driven::{HAR, Window};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

/// A capture with a secret in it.
fn secret() -> String {
    HAR.replace("/first", "/first?token=Zx81kQpW0aLmT4vRyB7nHs2E")
}

fn open(content: &str) -> Window {
    let mut window = Window::on(content);
    window.press(Modifiers::COMMAND, Key::E);
    window
}

fn choose(window: &mut Window, name: &str) {
    window.click(Role::Button, name);
}

fn set_path(window: &mut Window, name: &str) -> std::path::PathBuf {
    let path = window.path(name);
    let role = Role::TextInput;
    window.harness.get_by_role_and_label(role, "File").focus();
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::NONE, Key::Backspace);
    window.type_into("File", &path.display().to_string());
    path
}

fn says(window: &Window, text: &str) -> bool {
    window
        .harness
        .query_all_by(|node| {
            let says = |words: Option<String>| words.is_some_and(|words| words.contains(text));
            says(node.label()) || says(node.value())
        })
        .next()
        .is_some()
}

#[test]
fn the_preview_shows_what_is_removed_and_the_report_lacks_it() {
    let mut window = open(&secret());
    assert!(says(&window, "3 flows go"));
    assert!(says(&window, "token removed"));
    assert!(says(&window, "Zx81kQpW0aLmT4vRyB7nHs2E → [token"));
    choose(&mut window, "CSV table");
    let path = set_path(&mut window, "out.csv");
    choose(&mut window, "Export");
    let text = fs::read_to_string(path).expect("it was written");
    assert!(text.contains("[token-1]") && !text.contains("Zx81kQpW"));
    assert!(!says(&window, "3 flows go"), "the dialog is closed");
}

#[test]
fn the_strict_level_and_the_scope_are_followed() {
    let mut window = open(&secret());
    choose(&mut window, "CSV table");
    choose(&mut window, "All 3");
    choose(&mut window, "Remove more");
    assert!(says(&window, "path removed"));
    let path = set_path(&mut window, "out.csv");
    choose(&mut window, "Export");
    let text = fs::read_to_string(path).expect("it was written");
    assert_eq!(text.lines().count(), 4);
    assert!(text.contains("https://www.example.com/[path-"), "{text}");
}

#[test]
fn only_labelled_flows_go_when_asked() {
    let mut window = Window::on(HAR);
    window.click_row(2);
    window.press(Modifiers::NONE, Key::O);
    window.press(Modifiers::COMMAND, Key::E);
    choose(&mut window, "CSV table");
    choose(&mut window, "Labelled");
    assert!(says(&window, "1 flow goes"));
    let path = set_path(&mut window, "out.csv");
    choose(&mut window, "Export");
    let text = fs::read_to_string(path).expect("it was written");
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn a_file_is_replaced_only_when_asked_and_a_capture_never() {
    let mut window = open(HAR);
    choose(&mut window, "CSV table");
    let path = set_path(&mut window, "out.csv");
    fs::write(&path, "mine").expect("a file");
    choose(&mut window, "Export");
    assert!(says(&window, "A file lies there already"));
    assert_eq!(fs::read_to_string(&path).expect("it is there"), "mine");
    choose(&mut window, "Replace the file");
    assert_ne!(fs::read_to_string(&path).expect("it is there"), "mine");

    window.press(Modifiers::COMMAND, Key::E);
    let capture = set_path(&mut window, "trip.har");
    choose(&mut window, "Export");
    assert!(says(&window, "neither a capture nor its labels"));
    assert_eq!(fs::read_to_string(capture).expect("it is there"), HAR);
}

#[test]
fn a_folder_of_all_reports_is_written_and_choices_are_kept() {
    let mut window = open(HAR);
    choose(&mut window, "Remove more");
    choose(&mut window, "Folder of all, with checksums");
    let folder = set_path(&mut window, "bundle");
    choose(&mut window, "Export");
    assert!(folder.join("manifest.json").is_file() && folder.join("report.html").is_file());
    window.press(Modifiers::COMMAND, Key::E);
    assert!(says(&window, "shape of its path stay"), "the level is kept");
    choose(&mut window, "Keep secrets in the report");
    assert!(says(&window, "readable for everybody"));
    let path = window
        .harness
        .get_by_role_and_label(Role::TextInput, "File");
    assert!(
        path.value()
            .is_some_and(|path| path.contains("WITH-SECRETS"))
    );
    choose(&mut window, "Cancel");
    window.press(Modifiers::COMMAND, Key::E);
    assert!(
        !says(&window, "readable for everybody"),
        "secrets are asked for each time"
    );
}
