//! Clicks and keys to document: the whole window, driven by accessible names as a person with a screen reader would.

mod driven;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use driven::{HAR, Window, harness, settle};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::Label;
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
                    roles: None,
                    is_judging: false,
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
    // The sheet beside the table quotes it as well.
    let mut values: Vec<_> = window
        .harness
        .query_all_by_role_and_label(Role::Label, "AmazonS3")
        .collect();
    values.sort_by(|a, b| a.rect().left().total_cmp(&b.rect().left()));
    values.first().expect("the value of the header").click();
    drop(values);
    window.settle();
    assert_eq!(tab(&window), DetailTab::Evidence);
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

#[test]
fn chips_part_a_site_from_what_it_embeds() {
    let entry = |url: &str, referer: &str| {
        format!(
            r#"{{"startedDateTime":"2026-05-01T10:00:00.000Z","time":1,"request":{{"method":"GET","url":"{url}","headers":[{{"name":"Referer","value":"{referer}"}}]}},"response":{{"status":200,"headers":[],"content":{{"mimeType":"","size":0}}}}}}"#
        )
    };
    let site = "https://www.shop.example/";
    let entries = [
        entry("https://cdn.shop.example/a.js", site),
        entry("https://stats.example/b.js", site),
    ];
    let har = format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"t","version":"1"}},"entries":[{}]}}}}"#,
        entries.join(",")
    );
    let mut window = Window::on(&har);
    let mut click = |name: &str| {
        window.click(Role::Button, name);
        window.shown()
    };
    assert_eq!(click("First party"), [1]);
    assert_eq!(click("Embedded"), [2]);
    assert_eq!(click("Embedded"), [1, 2]);
}
