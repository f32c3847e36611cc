//! The table by keyboard, pointer and clipboard: columns, cells, copies, bodies, and captures that are no files.

mod driven;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use driven::settle_by;
use egui::accesskit::{Node, Role};
use egui::{Event, Key, Modifiers, OutputCommand, RawInput};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use headwater::app::{FileDialogs, HeadwaterApp, Surroundings};
use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress, Wake};
use headwater::capture::FlowId;
use headwater::document::Document;
use headwater::formats::{self, Options, Watch};
use headwater::panels::table::TablePanel;
use headwater::panels::{Panel as _, PanelCx};
use headwater::query::Rows;
use headwater::query::columns::ColumnId;
use headwater::session::{Selection, Session};
use headwater::widgets::theme;

const HAR: &str = r#"{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":[
{"startedDateTime":"2026-05-01T10:00:00.000Z","time":30,"request":{"method":"GET","url":"https://www.example.com/first?token=s3cr3tvalue","httpVersion":"HTTP/2.0",
 "headers":[{"name":"Cookie","value":"session=abcdef123456"},{"name":"Accept-Encoding","value":"gzip"},{"name":"X-Requested-With","value":"it's"}]},
 "response":{"status":200,"httpVersion":"HTTP/2.0","headers":[{"name":"Server","value":"nginx"}],"content":{"mimeType":"text/html","size":5,"text":"hello"}},"timings":{"send":1,"wait":20,"receive":9}},
{"startedDateTime":"2026-05-01T10:00:01.000Z","time":10,"request":{"method":"POST","url":"https://b.example.com/second","headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],
 "postData":{"mimeType":"application/x-www-form-urlencoded","text":"user=ann&password=hunter2hunter2"}},
 "response":{"status":201,"headers":[],"content":{"mimeType":"","size":0}},"timings":{"send":1,"wait":9,"receive":0}},
{"startedDateTime":"2026-05-01T10:00:02.000Z","time":20,"request":{"method":"GET","url":"https://a.example.org/third","headers":[]},
 "response":{"status":404,"headers":[],"content":{"mimeType":"text/plain","size":4}},"timings":{"send":1,"wait":9,"receive":10}}]}}"#;

struct Window {
    harness: Harness<'static, HeadwaterApp>,
    folder: tempfile::TempDir,
    copied: Arc<Mutex<Vec<String>>>,
}

impl Window {
    /// A window on the capture above, which remembers its settings.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("trip.har");
        std::fs::write(&path, HAR).expect("a capture");
        Self::over(folder, vec![path])
    }

    fn over(folder: tempfile::TempDir, files: Vec<PathBuf>) -> Self {
        let surroundings = Surroundings {
            dialogs: FileDialogs::Scripted(vec![folder.path().join("body.html")]),
            settings_path: Some(folder.path().join("settings").join("window.json")),
            ..Surroundings::default()
        };
        let copied = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&copied);
        let harness = Harness::builder()
            .with_size([1440.0, 900.0])
            .allow_missing_glyphs()
            .build_eframe(move |cc| {
                listen(&cc.egui_ctx, heard);
                HeadwaterApp::new(cc, files, surroundings)
            });
        let mut window = Self {
            harness,
            folder,
            copied,
        };
        window.settle();
        window
    }

    fn step(&mut self) {
        self.harness.step();
    }

    /// What was put on the clipboard last.
    fn copied(&self) -> Option<String> {
        self.copied.lock().expect("nobody panicked").pop()
    }

    fn settle(&mut self) {
        settle_by(|| {
            self.step();
            self.harness.state().is_busy()
        });
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    fn click(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click();
        self.settle();
    }

    /// Waits for a widget whose name holds `name`, and clicks it.
    fn click_soon(&mut self, name: &str) {
        let began = Instant::now();
        while self.harness.query_by_label_contains(name).is_none() {
            assert!(began.elapsed() < Duration::from_secs(20), "no `{name}`");
            std::thread::sleep(Duration::from_millis(5));
            self.step();
        }
        // A list that came just now is still finding its place.
        self.settle();
        self.harness.get_by_label_contains(name).click();
        self.settle();
    }

    fn row(&self, n: u32) -> egui_kittest::Node<'_> {
        let prefix = format!("{n} ");
        self.harness.get_by(move |node| {
            let name = node.label();
            node.role() == Role::Row && name.is_some_and(|name| name.starts_with(&prefix))
        })
    }

    fn select(&mut self, n: u32) {
        self.row(n).click();
        self.settle();
    }

    fn focus_heading(&mut self, name: &str) {
        self.harness
            .get_by_role_and_label(Role::ColumnHeader, name)
            .focus();
        self.settle();
    }

    /// The names of the columns from left to right.
    fn headings(&self) -> Vec<String> {
        let headings = self.harness.get_all_by_role(Role::ColumnHeader);
        let mut headings: Vec<(f32, String)> = headings
            .map(|node| {
                (
                    node.rect().left(),
                    node.accesskit_node().label().unwrap_or_default(),
                )
            })
            .collect();
        headings.sort_by(|a, b| a.0.total_cmp(&b.0));
        let plain = |name: String| name.trim_start_matches("Sort by ").to_owned();
        headings.into_iter().map(|(_, name)| plain(name)).collect()
    }

    fn place_of(&self, name: &str) -> usize {
        let headings = self.headings();
        let place = headings.iter().position(|heading| heading == name);
        place.unwrap_or_else(|| panic!("no column {name} in {headings:?}"))
    }

    fn shown(&self) -> Vec<u32> {
        let flows = self.harness.state().shown().iter();
        flows.map(|flow| flow.n()).collect()
    }

    fn width_of(&self, name: &str) -> f32 {
        let name = format!("Sort by {name}");
        let heading = self
            .harness
            .get_by_role_and_label(Role::ColumnHeader, &name);
        heading.rect().width()
    }
}

/// Keeps what goes to the clipboard, whichever frame that happens in.
fn listen(ctx: &egui::Context, heard: Arc<Mutex<Vec<String>>>) {
    ctx.on_end_pass(
        "clipboard",
        Arc::new(move |ctx| {
            let commands = ctx.output(|output| output.commands.clone());
            let texts = commands.into_iter().filter_map(|command| match command {
                OutputCommand::CopyText(text) => Some(text),
                _ => None,
            });
            heard.lock().expect("nobody panicked").extend(texts);
        }),
    );
}

#[test]
fn a_second_key_sorts_within_the_first_and_is_named() {
    let mut window = Window::new();
    window.click(Role::ColumnHeader, "Sort by Method");
    window
        .harness
        .get_by_role_and_label(Role::ColumnHeader, "Sort by Host")
        .click_modifiers(Modifiers::SHIFT);
    window.settle();
    assert_eq!(window.shown(), [3, 1, 2]);
    window.harness.get_by_role_and_label(
        Role::ColumnHeader,
        "Sort by Method, sorted ascending, key 1",
    );
    window
        .harness
        .get_by_role_and_label(Role::ColumnHeader, "Sort by Host, sorted ascending, key 2");
}

#[test]
fn the_keyboard_goes_through_headings_sorts_moves_and_widens_them() {
    let mut window = Window::new();
    window.focus_heading("Sort by Method");
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.press(Modifiers::NONE, Key::Enter);
    let sort = &window.harness.state().session().query.sort;
    assert_eq!(sort.first().map(|key| key.column), Some(ColumnId::Status));
    assert_eq!(window.shown(), [1, 2, 3]);
    window.press(Modifiers::NONE, Key::ArrowLeft);
    let before = window.place_of("Method");
    window.press(Modifiers::COMMAND, Key::ArrowLeft);
    assert_eq!(window.place_of("Method"), before - 1);
    let width = window.width_of("Method");
    window.press(Modifiers::SHIFT, Key::ArrowRight);
    assert_eq!(window.width_of("Method"), width + 8.0);
    // Letters belong to the rows only while these have the keyboard.
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::J);
    assert!(window.harness.state().session().selection.focus.is_some());
}

#[test]
fn a_heading_is_dragged_to_another_place_and_the_order_comes_back() {
    let mut window = Window::new();
    let centre = |window: &Window, name: &str| {
        let name = format!("Sort by {name}");
        let heading = window
            .harness
            .get_by_role_and_label(Role::ColumnHeader, &name);
        heading.rect().center()
    };
    let (from, to) = (centre(&window, "Time"), centre(&window, "Method"));
    window.harness.hover_at(from);
    window.settle();
    window.harness.drag_at(from);
    window.settle();
    for part in [0.3, 0.6, 1.0] {
        window
            .harness
            .hover_at(from.lerp(to - egui::vec2(8.0, 0.0), part));
        window.settle();
    }
    window.harness.drop_at(to - egui::vec2(8.0, 0.0));
    window.settle();
    assert_eq!(window.place_of("Time") + 1, window.place_of("Method"));
    // Any change of the view saves the layout.
    window.press(Modifiers::COMMAND, Key::B);
    let path = window.folder.path().join("trip.har");
    let again = Window::over(window.folder, vec![path]);
    assert_eq!(again.place_of("Time") + 1, again.place_of("Method"));
}

#[test]
fn the_menu_of_a_heading_opens_by_key_and_finds_columns() {
    let mut window = Window::new();
    window.focus_heading("Sort by Size");
    window.press(Modifiers::SHIFT, Key::F10);
    window.click(Role::Button, "Sort descending");
    assert_eq!(window.shown().first(), Some(&1));
    window.focus_heading("Sort by Size, sorted descending");
    window.press(Modifiers::SHIFT, Key::F10);
    window
        .harness
        .get_by_role_and_label(Role::SearchInput, "Find a column")
        .focus();
    window.settle();
    window
        .harness
        .get_by_role_and_label(Role::SearchInput, "Find a column")
        .type_text("media");
    window.settle();
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::CheckBox, "Host")
            .is_none()
    );
    window.click(Role::CheckBox, "Type");
    window.click(Role::Button, "Hide Size");
    let headings = window.headings();
    assert!(headings.contains(&"Type".to_owned()), "{headings:?}");
    assert!(
        !headings.iter().any(|heading| heading.starts_with("Size")),
        "{headings:?}"
    );
}

#[test]
fn a_double_click_on_an_edge_fits_the_visible_cells() {
    let mut window = Window::new();
    assert!(100.0 < window.width_of("Path"));
    let edge = window
        .harness
        .get_by_role_and_label(Role::Splitter, "Width of Path")
        .rect()
        .center();
    for _ in 0..2 {
        window.harness.hover_at(edge);
        window.harness.drag_at(edge);
        window.harness.drop_at(edge);
        window.harness.step();
    }
    window.settle();
    let fitted = window.width_of("Path");
    // `/first?token=s3cr3tvalue` in 12 points.
    assert!((110.0..200.0).contains(&fitted), "{fitted}");
}

#[test]
fn every_cell_of_a_row_is_reached_by_keyboard_and_has_a_name() {
    let mut window = Window::new();
    window.select(2);
    for _ in 0..4 {
        window.press(Modifiers::NONE, Key::ArrowRight);
    }
    let cell = window
        .harness
        .get_by_role_and_label(Role::Cell, "Method: POST");
    assert!(cell.is_focused());
    window.press(Modifiers::NONE, Key::ArrowDown);
    let cell = window
        .harness
        .get_by_role_and_label(Role::Cell, "Method: GET");
    assert!(cell.is_focused());
}

/// The table alone, as screen readers get it.
fn named_nodes() -> Vec<Node> {
    let mut document = Document::default();
    let capture = formats::read_bytes(
        "trip.har",
        HAR.as_bytes().to_vec(),
        &Options::default(),
        &Watch {
            cancel: &Cancel::default(),
            progress: &Progress::default(),
            on_rows: &|_| {},
        },
    );
    document.push(capture.expect("a capture"), Attribution::default());
    let rows = Arc::new(Rows {
        flows: [2, 0, 1].map(FlowId).to_vec(),
        ..Rows::default()
    });
    let session = Session {
        selection: Selection::only(FlowId(0)),
        ..Session::default()
    };
    let wake: Wake = Arc::new(|| {});
    let ctx = egui::Context::default();
    theme::install(&ctx);
    ctx.enable_accesskit();
    let mut panel = TablePanel::default();
    let input = || RawInput {
        screen_rect: Some(egui::Rect::from_min_size(
            egui::Pos2::ZERO,
            egui::vec2(1_200.0, 400.0),
        )),
        ..RawInput::default()
    };
    let mut frame = || {
        let mut output = ctx.run_ui(input(), |ui| {
            let mut cx = PanelCx {
                document: &document,
                rows: &rows,
                rows_revision: 0,
                roles: None,
                is_judging: false,
                session: &session,
                wake: &wake,
                actions: &mut Vec::new(),
            };
            panel.ui(ui, &mut cx);
        });
        output.textures_delta.clear();
        output.platform_output.accesskit_update
    };
    frame();
    let update = frame();
    let nodes = update.expect("names for screen readers").nodes;
    nodes.into_iter().map(|(_, node)| node).collect()
}

#[test]
fn rows_and_cells_say_where_they_stand() {
    let nodes = named_nodes();
    let of_role = |role| nodes.iter().filter(move |node| node.role() == role);
    let grids: Vec<_> = of_role(Role::Grid).map(Node::row_count).collect();
    assert_eq!(grids, [Some(3)]);
    let mut rows: Vec<_> = of_role(Role::Row)
        .map(|node| {
            (
                node.row_index(),
                node.label().and_then(|name| name.chars().next()),
            )
        })
        .collect();
    rows.sort_unstable();
    assert_eq!(
        rows,
        [
            (Some(0), Some('3')),
            (Some(1), Some('1')),
            (Some(2), Some('2'))
        ]
    );
    let method = of_role(Role::Cell).find(|node| node.label() == Some("Method: GET"));
    assert_eq!(method.and_then(Node::column_index), Some(3));
}

#[test]
fn rows_are_copied_as_shown_without_secrets() {
    let mut window = Window::new();
    window.click(Role::ColumnHeader, "Sort by Method");
    window.click(Role::ColumnHeader, "Sort by Method, sorted ascending");
    window.select(1);
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::COMMAND, Key::C);
    let text = window.copied().expect("something was copied");
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(lines[0][..5], ["#", "Label", "Start", "Method", "Status"]);
    let numbers: Vec<&str> = lines[1..].iter().map(|line| line[0]).collect();
    assert_eq!(numbers, ["2", "1", "3"]);
    assert!(text.contains("/first?token=[token-"), "{text}");
    assert!(!text.contains("s3cr3tvalue"), "{text}");
}

#[test]
fn a_request_is_copied_as_curl_without_secrets() {
    let mut window = Window::new();
    window.select(1);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
    let get = window.copied().expect("something was copied");
    assert!(
        get.starts_with("curl 'https://www.example.com/first?token=[token-"),
        "{get}"
    );
    for part in [
        "--globoff",
        "--http2",
        "--compressed",
        r"-H 'X-Requested-With: it'\''s'",
    ] {
        assert!(get.contains(part), "no {part} in {get}");
    }
    assert!(
        !get.contains("abcdef123456") && !get.contains("-X"),
        "{get}"
    );
    window.select(2);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::C);
    let post = window.copied().expect("something was copied");
    assert!(post.contains("--data-binary 'user="), "{post}");
    assert!(!post.contains("hunter2"), "{post}");
}

#[test]
fn cells_and_headers_are_copied_from_the_menu_of_a_row() {
    let mut window = Window::new();
    window.select(1);
    for _ in 0..6 {
        window.press(Modifiers::NONE, Key::ArrowRight);
    }
    window.press(Modifiers::SHIFT, Key::F10);
    window.click(Role::Button, "Copy Host");
    assert_eq!(window.copied().as_deref(), Some("www.example.com"));
    window.press(Modifiers::SHIFT, Key::F10);
    window.harness.get_by_label_contains("Copy header").click();
    window.settle();
    window.click_soon("Server: nginx");
    assert_eq!(window.copied().as_deref(), Some("nginx"));
}

#[test]
fn a_body_is_saved_where_the_dialog_says() {
    let mut window = Window::new();
    window.select(1);
    window.row(1).click_secondary();
    window.settle();
    window.harness.get_by_label_contains("Save body").click();
    window.settle();
    let saved = std::fs::read(window.folder.path().join("body.html")).expect("a file");
    assert_eq!(saved, b"hello");
}

#[test]
fn a_pasted_har_is_opened_and_its_labels_go_nowhere_unnoticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut window = Window::over(folder, Vec::new());
    window.harness.event(Event::Paste(HAR.to_owned()));
    window.settle();
    assert_eq!(window.shown(), [1, 2, 3]);
    assert!(
        window
            .harness
            .query_by_label_contains("are not saved")
            .is_none()
    );
    window.select(2);
    window.press(Modifiers::NONE, Key::O);
    window.press(Modifiers::COMMAND, Key::S);
    window.harness.get_by_label_contains("are not saved");
    assert!(!PathBuf::from("clipboard.headwater.json").exists());
    window.click(Role::Button, "Dismiss");
    assert!(
        window
            .harness
            .query_by_label_contains("are not saved")
            .is_none()
    );
}

#[test]
fn pasted_text_that_is_no_capture_costs_nothing() {
    let mut window = Window::new();
    window.harness.event(Event::Paste("no capture".to_owned()));
    window.settle();
    assert_eq!(window.shown(), [1, 2, 3]);
    window.harness.get_by_label_contains("clipboard: ");
}
