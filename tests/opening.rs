//! Opening in the window: encrypted archives, folders, several files at once, and logs in a layout that a person gives.

mod driven;

use std::path::{Path, PathBuf};

use driven::settle;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headwater::app::{FileDialogs, HeadwaterApp, Surroundings};

type Window = Harness<'static, HeadwaterApp>;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/formats")
        .join(name)
}

/// A window that was started with `files`.
fn open(files: Vec<PathBuf>) -> Window {
    let surroundings = Surroundings {
        dialogs: FileDialogs::Scripted(Vec::new()),
        ..Surroundings::default()
    };
    let mut window = Harness::builder()
        .with_size([1440.0, 900.0])
        .allow_missing_glyphs()
        .build_eframe(move |cc| HeadwaterApp::new(cc, files, surroundings));
    settle(&mut window);
    window
}

fn click(window: &mut Window, name: &str) {
    window.get_by_role_and_label(Role::Button, name).click();
    settle(window);
}

fn type_into(window: &mut Window, role: Role, name: &str, text: &str) {
    window.get_by_role_and_label(role, name).focus();
    window.run_steps(2);
    window.get_by_role_and_label(role, name).type_text(text);
    window.run_steps(2);
}

#[test]
fn an_encrypted_archive_asks_for_its_password_until_it_is_right() {
    let mut window = open(vec![fixture("saz-encrypted-aes.saz")]);
    assert!(window.state().document().is_empty());
    for (password, flows) in [("wrong", 0), ("secret", 8)] {
        window.get_by_label_contains("password");
        click(&mut window, "Password…");
        type_into(
            &mut window,
            Role::PasswordInput,
            "Password of the archive",
            password,
        );
        click(&mut window, "Unlock");
        assert_eq!(window.state().document().n_flows(), flows, "{password}");
    }
    assert!(window.query_by_label("Password…").is_none());
}

#[test]
fn a_folder_opens_every_capture_in_it_and_shows_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("below")).expect("a folder");
    for (from, to) in [
        ("burp-base64.xml", "items"),
        ("squid-native.log", "below/access.log"),
        ("foreign-image.png", "picture.har"),
    ] {
        std::fs::copy(fixture(from), folder.path().join(to)).expect("copied");
    }
    let window = open(vec![folder.path().to_path_buf()]);
    let captures = window.state().document().captures();
    let formats: Vec<&str> = captures
        .iter()
        .map(|open| open.capture.info().format)
        .collect();
    assert_eq!(formats, ["squid", "burp"]);
    window.get_by_role_and_label(Role::ColumnHeader, "Sort by File");
}

#[test]
fn one_file_needs_no_column_for_its_name() {
    let window = open(vec![fixture("burp-base64.xml")]);
    assert!(
        window
            .query_by_role_and_label(Role::ColumnHeader, "Sort by File")
            .is_none()
    );
}

#[test]
fn a_folder_without_captures_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("notes.txt"), "nothing").expect("written");
    let window = open(vec![folder.path().to_path_buf()]);
    window.get_by_label_contains("the folder holds 0 captures; 1 other file left alone");
}

#[test]
fn a_log_in_an_own_layout_is_read_by_the_line_that_a_person_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("own.log");
    let lines = "shop.example|/a|TCP_MISS\nshop.example|/b|TCP_HIT\n";
    std::fs::write(&path, lines).expect("written");
    let mut window = open(vec![path]);
    assert!(window.state().document().is_empty());
    click(&mut window, "Squid logformat…");
    let name = "Squid logformat";
    type_into(
        &mut window,
        Role::MultilineTextInput,
        name,
        "logformat own %>rd|%>rp|%Ss",
    );
    click(&mut window, "Read");
    let document = window.state().document();
    assert_eq!(document.n_flows(), 2);
    let capture = &document.captures()[0].capture;
    let flow = capture.flow(1).expect("the second line");
    assert_eq!((flow.host(), flow.path()), ("shop.example", Some("/b")));
}
