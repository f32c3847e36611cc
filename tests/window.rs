//! Clicks and keys to document: the whole window, driven by accessible names as a person with a screen reader would.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::{Colour, Label};
use headwater::app::{FileDialogs, HeadwaterApp, Surroundings};
use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress, Wake};
use headwater::capture::{Capture, FlowId};
use headwater::commands::Action;
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::panels::table::TablePanel;
use headwater::panels::{Panel as _, PanelCx};
use headwater::query::Rows;
use headwater::session::{DetailTab, Session};
use headwater::widgets::theme;

const HAR: &str = r#"{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":[
{"startedDateTime":"2026-05-01T10:00:00.000Z","time":30,"request":{"method":"GET","url":"https://www.example.com/first","headers":[]},
 "response":{"status":200,"headers":[],"content":{"mimeType":"text/html","size":10}},"timings":{"send":1,"wait":20,"receive":9}},
{"startedDateTime":"2026-05-01T10:00:01.000Z","time":10,"request":{"method":"PUT","url":"https://bucket.s3.amazonaws.com/second","headers":[]},
 "response":{"status":201,"headers":[{"name":"Server","value":"AmazonS3"}],"content":{"mimeType":"","size":0}},"timings":{"send":1,"wait":9,"receive":0}},
{"startedDateTime":"2026-05-01T10:00:02.000Z","time":20,"request":{"method":"GET","url":"https://a.example.org/third","headers":[]},
 "response":{"status":404,"headers":[],"content":{"mimeType":"text/plain","size":4}},"timings":{"send":1,"wait":9,"receive":10}}]}}"#;

struct Window {
    harness: Harness<'static, HeadwaterApp>,
    folder: tempfile::TempDir,
}

impl Window {
    /// A window on a file with `content`, which is given as argument.
    fn on(content: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("trip.har");
        std::fs::write(&path, content).expect("a capture");
        let mut window = Self {
            harness: harness(vec![path], Vec::new()),
            folder,
        };
        window.settle();
        window
    }

    fn settle(&mut self) {
        settle(&mut self.harness);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    fn click(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click();
        self.settle();
    }

    fn click_row(&mut self, n: u32) {
        let prefix = format!("{n} ");
        self.harness
            .get_by(|node| {
                let name = node.label();
                node.role() == Role::Row && name.is_some_and(|name| name.starts_with(&prefix))
            })
            .click();
        self.settle();
    }

    fn type_into(&mut self, name: &str, text: &str) {
        let role = if name == "Filter" || name == "File" {
            Role::TextInput
        } else {
            Role::MultilineTextInput
        };
        let node = self.harness.get_by_role_and_label(role, name);
        node.focus();
        self.harness.run_ok();
        self.harness
            .get_by_role_and_label(role, name)
            .type_text(text);
        self.settle();
    }

    fn shown(&self) -> Vec<u32> {
        self.harness
            .state()
            .shown()
            .iter()
            .map(|flow| flow.n())
            .collect()
    }

    fn labels(&self) -> [Option<Label>; 3] {
        [0, 1, 2].map(|n| self.harness.state().document().label(FlowId(n)))
    }
}

fn harness(files: Vec<PathBuf>, answers: Vec<PathBuf>) -> Harness<'static, HeadwaterApp> {
    let surroundings = Surroundings {
        dialogs: FileDialogs::Scripted(answers),
        ..Surroundings::default()
    };
    Harness::builder()
        .with_size([1440.0, 900.0])
        .allow_missing_glyphs()
        .build_eframe(move |cc| HeadwaterApp::new(cc, files, surroundings))
}

fn settle(harness: &mut Harness<'static, HeadwaterApp>) {
    let began = Instant::now();
    // Work that a frame asks for is under way only after that frame.
    harness.run_steps(3);
    while harness.state().is_busy() && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
    assert!(!harness.state().is_busy(), "still busy after 20 s");
    harness.run_steps(3);
}

#[test]
fn a_file_given_as_argument_is_shown() {
    let window = Window::on(HAR);
    assert_eq!(window.shown(), [1, 2, 3]);
    window
        .harness
        .get_by_label_contains("2 PUT 201 bucket.s3.amazonaws.com /second, origin Amazon S3");
    window.harness.get_by_label_contains("3 / 3 requests");
}

#[test]
fn a_header_sorts_up_then_down_then_not_at_all() {
    let mut window = Window::on(HAR);
    window.click(Role::ColumnHeader, "Sort by Host");
    assert_eq!(window.shown(), [3, 2, 1]);
    window.click(Role::ColumnHeader, "Sort by Host, sorted ascending");
    assert_eq!(window.shown(), [1, 2, 3]);
    window.click(Role::ColumnHeader, "Sort by Host, sorted descending");
    assert_eq!(window.harness.state().session().query.sort, []);
    assert_eq!(window.shown(), [1, 2, 3]);
}

#[test]
fn typing_filters_and_letters_in_the_filter_label_nothing() {
    let mut window = Window::on(HAR);
    window.click_row(1);
    window.type_into("Filter", "status:404 ocu");
    assert_eq!(
        window.harness.state().session().query.filter,
        "status:404 ocu"
    );
    assert_eq!(window.labels(), [None; 3]);
    assert!(window.shown().is_empty());
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(window.shown(), [1, 2, 3]);
    window.type_into("Filter", "status:abc");
    window.harness.get_by_label_contains("at character");
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
fn a_report_is_exported() {
    let mut window = Window::on(HAR);
    window.press(Modifiers::COMMAND, Key::E);
    window.click(Role::Button, "Export");
    let deadline = Instant::now() + Duration::from_secs(20);
    let reports = |folder: &Path| {
        let files = std::fs::read_dir(folder).expect("the folder").flatten();
        files
            .filter(|file| file.path().extension().is_some_and(|found| found == "html"))
            .count()
    };
    while reports(window.folder.path()) == 0 && Instant::now() < deadline {
        window.settle();
    }
    assert_eq!(reports(window.folder.path()), 1);
}

#[test]
fn a_dialog_adds_a_second_capture() {
    let window = Window::on(HAR);
    let files = vec![window.path("trip.har")];
    let mut two = harness(files.clone(), files);
    settle(&mut two);
    two.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::O);
    settle(&mut two);
    assert_eq!(two.state().document().captures().len(), 2);
    assert_eq!(two.state().shown().len(), 6);
}

#[test]
fn what_cannot_be_opened_is_said_plainly() {
    let window = Window::on("this is no capture");
    assert!(window.harness.state().document().is_empty());
    window.harness.get_by_label_contains("trip.har: ");
    window.harness.get_by_label("Try again");
    window.harness.get_by_label("Drop a capture here");
}

#[test]
fn a_file_without_flows_is_shown_as_such() {
    let window = Window::on(r#"{"log":{"version":"1.2","entries":[7]}}"#);
    assert!(window.shown().is_empty());
    window.harness.get_by_label_contains("0 / 0 requests");
}

struct Table {
    panel: TablePanel,
    document: Document,
    rows: Arc<Rows>,
    session: Session,
}

fn capture() -> Capture {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    formats::read_bytes(
        "trip.har",
        HAR.as_bytes().to_vec(),
        &formats::Options::default(),
        &watch,
    )
    .expect("a capture")
}

#[test]
fn the_last_of_a_million_rows_is_reached_and_the_wheel_stays_exact() {
    let mut document = Document::default();
    let capture = capture();
    for _ in 0..333_334 {
        document.push(capture.clone(), Attribution::default());
    }
    let n = document.n_flows();
    let rows = Arc::new(Rows {
        flows: (0..n).map(FlowId).collect(),
        ..Rows::default()
    });
    let table = Table {
        panel: TablePanel::default(),
        document,
        rows,
        session: Session::default(),
    };
    let mut harness = Harness::builder()
        .with_size([1200.0, 600.0])
        .build_ui_state(
            |ui, table: &mut Table| {
                let wake: Wake = Arc::new(|| {});
                let mut actions = Vec::new();
                let mut cx = PanelCx {
                    document: &table.document,
                    rows: &table.rows,
                    rows_revision: 0,
                    session: &table.session,
                    wake: &wake,
                    actions: &mut actions,
                };
                table.panel.ui(ui, &mut cx);
                for action in actions {
                    if let Action::Select(selection) = action {
                        table.session.selection = selection;
                    }
                }
            },
            table,
        );
    theme::install(&harness.ctx);
    harness.run_ok();
    for key in [Key::Home, Key::End] {
        harness.key_press(key);
        harness.run_ok();
    }
    let last = format!("{n} GET 404");
    harness.get_by_label_contains(&last);
    let before = harness.state().panel.top_row();
    harness.key_press(Key::Home);
    harness.run_ok();
    assert_eq!(harness.state().panel.top_row(), 0.0);
    for key in [Key::End, Key::K] {
        harness.key_press(key);
        harness.run_ok();
    }
    assert_eq!(
        harness.state().panel.top_row(),
        before,
        "a visible row moves nothing"
    );
    let focus = harness.state().session.selection.focus;
    assert_eq!(focus, Some(FlowId(n - 2)));
}

#[test]
fn the_first_letter_behind_the_slash_is_text() {
    let mut window = Window::on(HAR);
    window.click_row(1);
    window.harness.key_press(Key::Slash);
    window.harness.step();
    window.harness.key_press(Key::C);
    window.harness.event(egui::Event::Text("c".to_owned()));
    window.settle();
    assert_eq!(window.labels(), [None; 3]);
    assert_eq!(window.harness.state().session().query.filter, "c");
}

#[test]
fn a_verdict_opens_to_its_evidence_and_leads_to_its_flows() {
    let sample = include_str!("../assets/samples/wifi-proxy-2011.har");
    let mut window = Window::on(sample);
    let row = "icloud.com at AWS, Backend storage, conclusive, 2 flows";
    window.click(Role::Button, row);
    let hypothesis = "Backend storage, conclusive, 4 for";
    window
        .harness
        .get_by_role_and_label(Role::Button, hypothesis);
    let mut links = window.harness.query_all_by_label("#9");
    links.next().expect("a link to the read").click();
    drop(links);
    window.settle();
    let focus = window.harness.state().session().selection.focus;
    assert_eq!(focus, Some(FlowId(8)));

    window.click(Role::Button, hypothesis);
    assert!(window.harness.query_by_label("#9").is_none());
    window.click(Role::Button, "Show 2 flows");
    assert_eq!(window.shown(), [3, 9]);
    window.click(Role::Button, "‹ Verdicts");
    window.harness.get_by_role_and_label(Role::Button, row);
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
fn the_pie_is_drawn_by_edge_or_by_origin() {
    let sample = include_str!("../assets/samples/wifi-proxy-2011.har");
    let mut window = Window::on(sample);
    let slice = |window: &Window, words: &str| {
        let mut found = window.harness.query_all_by_label_contains(words);
        found.next().is_some()
    };
    assert!(slice(&window, "Azure, origin, 2 requests"));
    window.click(Role::RadioButton, "Edge");
    window
        .harness
        .get_by_label("10 of 10 shown · 8 without a visible edge");
    assert!(!slice(&window, "Azure, origin, 2 requests"));
    assert!(slice(&window, "Akamai, CDN, 2 requests"));
    window.click(Role::RadioButton, "Origin");
    window
        .harness
        .get_by_label("10 of 10 shown · 2 without a visible origin");
    let name = "Azure, origin, 2 requests, 20.0 percent";
    window.click(Role::Button, name);
    assert_eq!(window.shown(), [2, 8]);
}

#[test]
fn evidence_leads_to_its_rule_and_to_its_header_and_back() {
    let sample = include_str!("../assets/samples/wifi-proxy-2011.har");
    let mut window = Window::on(sample);
    window.click_row(3);
    window.click(Role::Link, "Rule aws/header-server-s3");
    window
        .harness
        .get_by_label_contains("header server is AmazonS3");
    window.harness.get_by_label("Provider pack aws.toml");
    window.press(Modifiers::NONE, Key::Escape);

    window.click(Role::Label, "Server: AmazonS3");
    let tab = |window: &Window| window.harness.state().session().detail_tab;
    assert_eq!(tab(&window), DetailTab::Headers);
    window.click(Role::Label, "AmazonS3");
    assert_eq!(tab(&window), DetailTab::Evidence);
}

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
    let by_itself = "bucket.s3.amazonaws.com at AWS";
    window.harness.get_by_label_contains(by_itself);
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
    window.harness.get_by_label_contains("shop.example at AWS");
    assert!(window.harness.query_by_label_contains(by_itself).is_none());
    assert_eq!(window.labels(), [None; 3]);

    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(party(&window), "bucket.s3.amazonaws.com");
    window.harness.get_by_label_contains(by_itself);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.press(Modifiers::COMMAND, Key::S);
    window.harness.get_by_label_contains("saved 1");
    window.type_into("Filter", "party:shop.example");
    assert_eq!(window.shown(), [2]);

    let mut again = harness(vec![window.path("trip.har")], Vec::new());
    settle(&mut again);
    assert_eq!(again.state().document().party(FlowId(1)), "shop.example");
    again.get_by_label_contains("shop.example at AWS");
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
fn keys_and_values_are_completed_in_the_filter_box() {
    let mut window = Window::on(HAR);
    window.type_into("Filter", "hos");
    window.press(Modifiers::NONE, Key::Tab);
    assert_eq!(window.harness.state().session().query.filter, "host:");
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Filter")
        .type_text("exa");
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::Enter);
    let filter = window.harness.state().session().query.filter.clone();
    assert_eq!(filter, "host:www.example.com ");
    assert_eq!(window.shown(), [1]);
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(window.harness.state().session().query.filter, "");
    assert_eq!(window.shown(), [1, 2, 3]);
}

#[test]
fn hosts_can_be_left_out_of_every_figure_and_come_back() {
    let mut window = Window::on(HAR);
    window.click_row(2);
    window.press(Modifiers::NONE, Key::I);
    assert_eq!(window.shown(), [1, 3]);
    let told = "1 host ignored: 1 flow left out";
    window.click(Role::Button, told);
    assert_eq!(window.shown(), [1, 2, 3]);
    window.press(Modifiers::SHIFT, Key::I);
    assert_eq!(window.shown(), [2]);
}

#[test]
fn quick_filters_add_up_and_can_be_turned_round() {
    let mut window = Window::on(HAR);
    window.click(Role::Button, "Doc");
    assert_eq!(window.shown(), [1]);
    window.click(Role::Button, "Doc");
    window.type_into("Filter", "example");
    assert_eq!(window.shown(), [1, 3]);
    window.click(Role::CheckBox, "Invert");
    assert_eq!(window.shown(), [2]);
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
fn the_palette_finds_a_command_and_runs_it() {
    let mut window = Window::on(HAR);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    let field = window
        .harness
        .get_by_role_and_label(Role::TextInput, "Find a command");
    field.type_text("high contr");
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert!(theme::Theme::of(&window.harness.ctx).canvas == egui::Color32::BLACK);
}

#[test]
fn f6_goes_round_the_window_and_letters_stay_with_the_table() {
    let mut window = Window::on(HAR);
    window.click_row(1);
    window.press(Modifiers::COMMAND, Key::Num3);
    window.press(Modifiers::NONE, Key::C);
    assert_eq!(window.labels(), [None; 3]);
    window.press(Modifiers::COMMAND, Key::Num1);
    window.press(Modifiers::NONE, Key::C);
    assert_eq!(window.labels(), [Some(Label::Cdn), None, None]);
    for _ in 0..5 {
        window.press(Modifiers::NONE, Key::F6);
    }
    window.press(Modifiers::NONE, Key::O);
    assert_eq!(window.labels(), [Some(Label::Origin), None, None]);
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

#[test]
fn a_search_leads_to_the_flows_in_which_something_stands() {
    let mut window = Window::on(HAR);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    let field = window
        .harness
        .get_by_role_and_label(Role::SearchInput, "Search in headers and bodies");
    field.type_text("amazon");
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    window.harness.get_by_label("2 places in 1 flow");
    window.press(Modifiers::NONE, Key::F3);
    window.press(Modifiers::NONE, Key::F3);
    let session = window.harness.state().session();
    assert_eq!(session.selection.focus, Some(FlowId(1)));
    assert_eq!(session.detail_tab, DetailTab::Headers);
    window.click(Role::Button, "Filter by these flows");
    assert_eq!(window.shown(), [2]);
    window.click(Role::Button, "Close");
    assert!(!window.harness.state().session().is_search_open);
}
