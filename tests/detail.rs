//! The detail panel as a person meets it: by the names that a screen reader speaks, over a small capture.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use headwater::annotations::{Change, Label};
use headwater::attribution::Attribution;
use headwater::base::jobs::{Cancel, Progress, Wake};
use headwater::base::time::Time;
use headwater::capture::{FlowId, FlowSet, Side};
use headwater::commands::Action;
use headwater::document::Document;
use headwater::formats::{self, Watch};
use headwater::panels::detail::{DetailPanel, note_id};
use headwater::panels::{Panel as _, PanelCx};
use headwater::query::Rows;
use headwater::query::search::{Place, Wanted};
use headwater::session::{DetailTab, Selection, Session, Sought};
use headwater::widgets::theme;

/// A write to S3, an answer with JSON, and an entry without response.
const CAPTURE: &str = r#"{"log": {"version": "1.2", "creator": {"name": "hand", "version": "1"}, "entries": [
{"startedDateTime": "2016-05-29T05:22:54.142Z", "time": 388, "serverIPAddress": "52.218.24.10",
 "request": {"method": "PUT", "url": "https://static-assets.s3.amazonaws.com/a.png?token=hunter2hunter2", "httpVersion": "HTTP/1.1",
  "headers": [{"name": "Host", "value": "static-assets.s3.amazonaws.com"}, {"name": "Authorization", "value": "Bearer c2VjcmV0c2VjcmV0"}],
  "postData": {"mimeType": "text/plain", "text": "the picture"}},
 "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1",
  "headers": [{"name": "x-amz-id-2", "value": "eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran"},
   {"name": "x-amz-request-id", "value": "318BC8BC148832E5"}, {"name": "Server", "value": "AmazonS3"}],
  "content": {"size": 14, "mimeType": "application/json", "text": "{\"stored\":[1]}"}},
 "timings": {"blocked": 1, "dns": -1, "connect": 100, "ssl": 60, "send": 1, "wait": 280, "receive": 6}},
{"startedDateTime": "2016-05-29T05:22:55.142Z", "time": 0, "serverIPAddress": "192.168.0.1",
 "request": {"method": "GET", "url": "https://gone.example/", "httpVersion": "HTTP/1.1", "headers": []}},
{"response": null, "request": 7}
]}}"#;

/// What the window holds.
struct Window {
    document: Document,
    session: Session,
    panel: DetailPanel,
    actions: Vec<Action>,
    rows: Arc<Rows>,
}

impl Window {
    fn frame(&mut self, ui: &mut egui::Ui) {
        let wake: Wake = Arc::new(|| {});
        let mut cx = PanelCx {
            document: &self.document,
            rows: &self.rows,
            rows_revision: 0,
            roles: None,
            is_judging: false,
            session: &self.session,
            wake: &wake,
            actions: &mut self.actions,
        };
        self.panel.prepare(&mut cx);
        self.panel.ui(ui, &mut cx);
    }
}

fn open(flows: &[u32], tab: DetailTab) -> Harness<'static, Window> {
    open_capture(CAPTURE.into(), flows, tab)
}

fn open_capture(bytes: Vec<u8>, flows: &[u32], tab: DetailTab) -> Harness<'static, Window> {
    let (cancel, progress) = (Cancel::default(), Progress::default());
    let watch = Watch {
        cancel: &cancel,
        progress: &progress,
        on_rows: &|_| {},
    };
    let capture = formats::read_bytes("hand.har", bytes, &formats::Options::default(), &watch)
        .expect("it is a capture");
    let attribution = Attribution::of(&capture, &cancel, &progress).expect("nobody cancels");
    let mut document = Document::new("ada");
    document.push(capture, attribution);
    let flows: FlowSet = flows.iter().map(|n| FlowId(*n)).collect();
    let window = Window {
        document,
        session: Session {
            detail_tab: tab,
            selection: Selection {
                focus: flows.first(),
                anchor: flows.first(),
                flows,
            },
            ..Session::default()
        },
        panel: DetailPanel::default(),
        actions: Vec::new(),
        rows: Arc::default(),
    };
    Harness::builder()
        .with_size([1100.0, 400.0])
        .with_context_setup(theme::install)
        .build_ui_state(|ui, window: &mut Window| window.frame(ui), window)
}

/// Runs frames until `name` is seen; workers need a moment.
fn wait_for(harness: &mut Harness<'_, Window>, name: &str) {
    let began = Instant::now();
    while harness.query_all_by_label_contains(name).next().is_none() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "`{name}` is not shown"
        );
        std::thread::sleep(Duration::from_millis(2));
        harness.step();
    }
}

/// Each of `names` is shown on `tab` of flow `flow`.
fn check(flow: u32, tab: DetailTab, names: &[&str]) {
    let mut harness = open(&[flow], tab);
    for name in names {
        wait_for(&mut harness, name);
    }
    assert!(
        harness.state().actions.is_empty(),
        "looking changes nothing"
    );
}

#[test]
fn the_messages_of_a_websocket_stand_under_its_handshake() {
    let session = include_bytes!("fixtures/formats/proxyman-session.proxymanlogv2");
    let mut harness = open_capture(session.to_vec(), &[5], DetailTab::Body);
    for name in [
        "WebSocket, 2 messages",
        "→ 2026-11-22T18:14:30.500Z  text",
        "héllo",
        "← 2026",
    ] {
        wait_for(&mut harness, name);
    }
}

#[test]
fn every_tab_of_a_write_to_s3_says_what_it_should() {
    check(
        0,
        DetailTab::Evidence,
        &[
            "Origin: Amazon S3",
            "AmazonS3",
            "Amazon S3 as origin",
            "Storage id",
            "#1 PUT static-assets.s3.amazonaws.com",
        ],
    );
    check(
        0,
        DetailTab::Headers,
        &["Request", "318BC8BC148832E5", "PUT https://static"],
    );
    check(0, DetailTab::Body, &["\"stored\": [", "14 bytes, indented"]);
    check(
        0,
        DetailTab::Timing,
        &[
            "TLS 60 ms",
            "Connect 100 ms",
            "Total 388 ms",
            "+0.000 s after",
        ],
    );
    check(
        0,
        DetailTab::Connection,
        &["52.218.24.10", "AS16509 Amazon", "443", "HTTP/1.1"],
    );
    check(
        0,
        DetailTab::Notes,
        &["Label as Origin", "Nobody has reviewed"],
    );
    check(0, DetailTab::Raw, &["{\"startedDateTime\"", "of hand.har"]);
}

#[test]
fn an_entry_without_response_is_explained_on_every_tab() {
    check(1, DetailTab::Evidence, &["192.168.0.1"]);
    for flow in [1, 2] {
        check(flow, DetailTab::Evidence, &["Unknown"]);
        check(flow, DetailTab::Headers, &["There was no response"]);
        check(flow, DetailTab::Body, &["There was no response"]);
        check(flow, DetailTab::Timing, &["gives no phases"]);
        check(flow, DetailTab::Connection, &["Server address"]);
        check(flow, DetailTab::Raw, &["bytes from byte"]);
    }
}

#[test]
fn without_a_selection_the_panel_says_what_to_do() {
    let mut harness = open(&[], DetailTab::Evidence);
    wait_for(&mut harness, "Select a flow to see its evidence");
}

#[test]
fn a_click_on_a_tab_asks_for_it() {
    let mut harness = open(&[0], DetailTab::Evidence);
    harness
        .get_by_role_and_label(egui::Role::Tab, "Timing")
        .click();
    harness.run_steps(2);
    assert_eq!(
        harness.state().actions,
        [Action::ShowTab(DetailTab::Timing)]
    );
}

#[test]
fn copied_headers_hold_no_secret() {
    let mut harness = open(&[0], DetailTab::Headers);
    wait_for(&mut harness, "Copy headers");
    harness.get_by_label("Copy headers").click();
    harness.run_steps(2);
    let [Action::Copy(text)] = harness.state().actions.as_slice() else {
        panic!("one copy was asked for: {:?}", harness.state().actions);
    };
    assert!(text.contains("Server: AmazonS3"), "{text}");
    for secret in ["c2VjcmV0c2VjcmV0", "hunter2hunter2"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn a_label_button_labels_all_selected_flows_at_once() {
    for (flows, tab) in [
        (&[0_u32][..], DetailTab::Notes),
        (&[0, 1, 2], DetailTab::Notes),
        (&[0, 1, 2], DetailTab::Evidence),
    ] {
        let mut harness = open(flows, tab);
        wait_for(&mut harness, "Label as CDN");
        harness.get_by_label("Label as CDN").click();
        harness.run_steps(2);
        let ids = flows.iter().map(|n| FlowId(*n)).collect();
        let expected = Action::Edit(ids, Change::Label(Some(Label::Cdn)));
        assert_eq!(harness.state().actions, [expected]);
    }
}

#[test]
fn the_card_of_several_flows_says_which_evidence_they_share() {
    let mut capture: serde_json::Value = serde_json::from_str(CAPTURE).expect("it is JSON");
    let entries = &mut capture["log"]["entries"];
    let first = entries[0].clone();
    entries.as_array_mut().expect("a list").push(first);
    let bytes = capture.to_string().into_bytes();
    for (flows, is_shared) in [([0_u32, 3], true), ([0, 1], false)] {
        let mut harness = open_capture(bytes.clone(), &flows, DetailTab::Evidence);
        wait_for(&mut harness, "Evidence of these 2 flows");
        let n_of_s3 = harness.query_all_by_label("Amazon S3 as origin").count();
        assert!(0 < n_of_s3, "{flows:?}");
        let n_shared = harness.query_all_by_label("all of them").count();
        assert_eq!(0 < n_shared, is_shared, "{flows:?}");
    }
}

/// Opens the notes of the first flow and writes `text`.
fn write_note(text: &str) -> Harness<'static, Window> {
    let mut harness = open(&[0], DetailTab::Notes);
    harness
        .ctx
        .memory_mut(|memory| memory.request_focus(note_id()));
    harness.run_steps(2);
    harness.event(egui::Event::Text(text.to_owned()));
    harness.run_steps(2);
    assert!(
        harness.state().actions.is_empty(),
        "writing alone is no edit"
    );
    harness
}

fn check_note(mut harness: Harness<'_, Window>, text: &str) {
    harness.run_steps(3);
    let expected = Action::Edit(vec![FlowId(0)], Change::Note(text.to_owned()));
    assert_eq!(harness.state().actions, [expected]);
}

#[test]
fn a_note_is_for_the_flows_that_are_selected_now() {
    let mut harness = open(&[0, 1, 3], DetailTab::Notes);
    harness.run_steps(3);
    // The same number of flows with the same ends.
    harness.state_mut().session.selection.flows = [0, 2, 3].map(FlowId).into();
    harness.run_steps(3);
    harness
        .ctx
        .memory_mut(|memory| memory.request_focus(note_id()));
    harness.run_steps(2);
    harness.event(egui::Event::Text("second".to_owned()));
    harness.run_steps(2);
    harness
        .ctx
        .memory_mut(|memory| memory.surrender_focus(note_id()));
    harness.run_steps(3);
    let flows = [0, 2, 3].map(FlowId).to_vec();
    let expected = Action::Edit(flows, Change::Note("second".to_owned()));
    assert_eq!(harness.state().actions, [expected]);
}

#[test]
fn a_note_is_one_edit_however_it_is_finished() {
    let harness = write_note("with keys");
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Enter);
    check_note(harness, "with keys");

    let harness = write_note("by leaving");
    harness
        .ctx
        .memory_mut(|memory| memory.surrender_focus(note_id()));
    check_note(harness, "by leaving");

    let mut harness = write_note("by another flow");
    harness.state_mut().session.selection = Selection::only(FlowId(1));
    check_note(harness, "by another flow");

    let mut harness = write_note("by another tab");
    harness.state_mut().session.detail_tab = DetailTab::Body;
    check_note(harness, "by another tab");
}

/// One pixel as PNG.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

#[test]
fn json_is_a_tree_that_opens_and_closes() {
    let mut harness = open(&[0], DetailTab::Body);
    wait_for(&mut harness, "indented");
    harness.get_by_label("Tree").click();
    wait_for(&mut harness, "stored 1 item");
    wait_for(&mut harness, "0 1");
    harness.get_by_label("stored 1 item").click();
    harness.run_ok();
    harness.run_ok();
    assert!(harness.query_by_label("0 1").is_none());
    harness.get_by_label("Text").click();
    wait_for(&mut harness, r#"{"stored":[1]}"#);
}

#[test]
fn an_image_is_shown_as_an_image_and_as_bytes_when_asked() {
    let body = format!(
        r#""content": {{"size": 70, "mimeType": "image/png", "encoding": "base64", "text": "{PIXEL}"}}"#
    );
    let json =
        r#""content": {"size": 14, "mimeType": "application/json", "text": "{\"stored\":[1]}"}"#;
    let capture = CAPTURE.replace(json, &body);
    assert_ne!(capture, CAPTURE);
    let mut harness = open_capture(capture.into_bytes(), &[0], DetailTab::Body);
    wait_for(&mut harness, "PNG image");
    wait_for(&mut harness, "1 × 1");
    harness.get_by_label("Hex").click();
    wait_for(&mut harness, "89 50 4e 47");
}

#[test]
fn evidence_is_grouped_and_keeps_apart_in_a_narrow_window() {
    let mut harness = open(&[0], DetailTab::Evidence);
    harness.set_size(egui::vec2(800.0, 900.0));
    wait_for(&mut harness, "For (");
    harness.step();
    let rules: Vec<egui::Rect> = harness
        .query_all_by_label_contains("Rule ")
        .map(|node| node.rect())
        .collect();
    let quotes = ["Server: AmazonS3", "x-amz-request-id: 318BC8BC148832E5"];
    for quote in quotes {
        let quote = harness.get_by_label(quote).rect();
        assert!(rules.iter().all(|rule| !rule.intersects(quote)), "{quote}");
    }
    assert!(rules.iter().all(|rule| rule.right() < 800.0), "{rules:?}");
}

#[test]
fn reading_all_of_a_large_body_says_how_far_it_is_and_can_be_cancelled() {
    let body = "0123456789abcde\\n".repeat(1 << 20);
    let long = CAPTURE.replace("{\\\"stored\\\":[1]}", &body);
    let mut harness = open_capture(long.into_bytes(), &[0], DetailTab::Body);
    wait_for(&mut harness, "Load all");
    harness.get_by_label("Load all").click();
    wait_for(&mut harness, "Cancel");
    assert!(harness.query_by_label("Load all").is_none());
    harness.get_by_label("Cancel").click();
    wait_for(&mut harness, "Load all");
    assert!(harness.query_by_label("Cancel").is_none());
    wait_for(&mut harness, "Cut at 1.0 MB");
}

#[test]
fn times_are_shown_in_the_zone_that_was_chosen() {
    let start = Time::parse_iso("2016-05-29T05:22:54.142Z").expect("a time");
    let mut harness = open(&[0], DetailTab::Timing);
    wait_for(&mut harness, "2016-05-29T05:22:54.142Z");
    harness.state_mut().session.is_local_time = true;
    wait_for(&mut harness, &start.to_local());

    let mut harness = open(&[0], DetailTab::Notes);
    let label = Change::Label(Some(Label::Cdn));
    harness.state_mut().document.edit(&[FlowId(0)], &label);
    let said = harness.state().document.annotation(FlowId(0));
    let at = said.and_then(|said| said.at).expect("it is signed");
    wait_for(&mut harness, &at.to_iso());
    harness.state_mut().session.is_local_time = true;
    wait_for(&mut harness, &at.to_local());

    let session = include_bytes!("fixtures/formats/proxyman-session.proxymanlogv2");
    let mut harness = open_capture(session.to_vec(), &[5], DetailTab::Body);
    harness.state_mut().session.is_local_time = true;
    let sent = Time::parse_iso("2026-11-22T18:14:30.5Z").expect("a time");
    wait_for(&mut harness, &sent.to_local());
}

#[test]
fn a_text_is_found_in_a_body_from_place_to_place() {
    let body =
        "{\\\"one\\\":\\\"Needle\\\",\\\"two\\\":\\\"needle\\\",\\\"three\\\":\\\"NEEDLE\\\"}";
    let capture = CAPTURE.replace("{\\\"stored\\\":[1]}", body);
    let mut harness = open_capture(capture.into_bytes(), &[0], DetailTab::Body);
    wait_for(&mut harness, "Find");
    harness.get_by_label("Find").click();
    wait_for(&mut harness, "Find in body");
    harness.get_by_label("Find in body").type_text("needle");
    wait_for(&mut harness, "1 of 3");
    harness.key_press(egui::Key::Enter);
    wait_for(&mut harness, "2 of 3");
    harness.get_by_label("Previous").click();
    wait_for(&mut harness, "1 of 3");
    harness.get_by_label("Find in body").focus();
    harness.step();
    harness.key_press_modifiers(egui::Modifiers::SHIFT, egui::Key::Enter);
    wait_for(&mut harness, "3 of 3");
    harness.key_press(egui::Key::Escape);
    harness.step();
    harness.step();
    assert!(harness.query_by_label("Find in body").is_none());
}

#[test]
fn what_a_search_found_is_gone_to_in_the_body() {
    let lines = "needle\\n".repeat(500);
    let capture = CAPTURE.replace("{\\\"stored\\\":[1]}", &format!("{lines}the end"));
    let mut harness = open_capture(capture.into_bytes(), &[0], DetailTab::Body);
    wait_for(&mut harness, "3,507 bytes");
    assert!(harness.query_by_label("the end").is_none());
    harness.state_mut().session.sought = Some(Sought {
        flow: FlowId(0),
        place: Place::Body(Side::Response, 3_493),
        nth: 499,
        wanted: Wanted {
            text: "NEEDLE".to_owned(),
            ..Wanted::default()
        },
    });
    wait_for(&mut harness, "500 of 500");
    wait_for(&mut harness, "the end");
    harness.state_mut().session.sought = None;
    harness.step();
    harness.step();
    assert!(harness.query_by_label("Find in body").is_none());
}
