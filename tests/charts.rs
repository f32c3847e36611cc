//! Drives the ring, the timeline and the list of problems through a headless window, by accessible name.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Modifiers;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::{Change, Label};
use headwater::attribution::Attribution;
use headwater::base::bytes::ByteSource;
use headwater::base::jobs::{Cancel, Pending, Progress, Wake};
use headwater::base::time::Time;
use headwater::capture::{
    Batch, CaptureBuilder, Exchange, FileInfo, FlowId, FlowRecord, HeaderRecord, Phase, Phases,
    Problem, ProblemKind, Side,
};
use headwater::commands::Action;
use headwater::document::Document;
use headwater::panels::pie::PiePanel;
use headwater::panels::problems::ProblemsPanel;
use headwater::panels::timeline::TimelinePanel;
use headwater::panels::{Panel, PanelCx};
use headwater::query::{Query, Rows, run};
use headwater::session::{Measure, Session};
use headwater::widgets::theme;

/// A panel with what it looks at and what it asked for.
struct Window<P> {
    panel: P,
    document: Document,
    rows: Arc<Rows>,
    rows_revision: u64,
    session: Session,
    actions: Vec<Action>,
}

fn show<P: Panel>(ui: &mut egui::Ui, window: &mut Window<P>) {
    let wake: Wake = Arc::new(|| {});
    let mut actions = Vec::new();
    let mut cx = PanelCx {
        document: &window.document,
        rows: &window.rows,
        rows_revision: window.rows_revision,
        roles: None,
        is_judging: false,
        session: &window.session,
        wake: &wake,
        actions: &mut actions,
    };
    window.panel.prepare(&mut cx);
    window.panel.ui(ui, &mut cx);
    for action in &actions {
        match action {
            Action::Zoom(zoom) => window.session.zoom.clone_from(zoom),
            Action::SetMeasure(measure) => window.session.measure = *measure,
            Action::SetPart(part) => window.session.part = *part,
            Action::SetTimeline(view) => window.session.timeline = *view,
            Action::ScrollTo(row) => window.session.top_row = *row,
            Action::Highlight(highlight) => window.session.highlight = *highlight,
            Action::SetQuery(query) => window.session.query.clone_from(query),
            Action::Select(selection) => window.session.selection.clone_from(selection),
            _ => {}
        }
    }
    window.actions.extend(actions);
}

fn open<P: Panel + Default + 'static>(document: Document) -> Harness<'static, Window<P>> {
    let rows = run(&document, &Query::default(), &Cancel::default())
        .expect("nobody cancelled")
        .expect("an empty filter is right");
    let window = Window {
        panel: P::default(),
        document,
        rows: Arc::new(rows),
        rows_revision: 1,
        session: Session::default(),
        actions: Vec::new(),
    };
    let mut harness = Harness::builder()
        .with_size([600.0, 560.0])
        .with_step_dt(1.0 / 60.0)
        .with_context_setup(theme::install)
        .build_ui_state(show, window);
    harness.run();
    harness
}

/// Runs frames until a widget of that name is there: results come from worker threads.
fn wait_for<P: Panel>(harness: &mut Harness<'static, Window<P>>, name: &str) {
    let began = Instant::now();
    while harness.query_by_label(name).is_none() {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "no `{name}` in {harness:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
        harness.run();
    }
}

/// Three flows of S3, one of nobody, over two seconds; one problem that was met twice.
fn document() -> Document {
    let mut batch = Batch::default();
    let mut phases = Phases::default();
    for (phase, ms) in [
        (Phase::Connect, 200.0),
        (Phase::Ssl, 100.0),
        (Phase::Wait, 200.0),
    ] {
        phases.set(phase, ms);
    }
    for (start_micros, url) in (0..).step_by(500_000).zip([
        "https://assets.s3.eu-west-1.amazonaws.com/a.png",
        "https://assets.s3.eu-west-1.amazonaws.com/b.png",
        "https://assets.s3.eu-west-1.amazonaws.com/c.png",
        "https://www.nobody.example/",
    ]) {
        let is_s3 = url.contains("amazonaws");
        let header = |name: &'static str, value: &str| HeaderRecord {
            side: Side::Response,
            name: name.into(),
            value: value.to_owned().into(),
            span: headwater::base::bytes::Span::default(),
        };
        let storage = [
            header("server", "AmazonS3"),
            header("x-amz-request-id", &format!("4442587FB7{start_micros:06X}")),
            header(
                "x-amz-id-2",
                &format!("vlR7PnpV2Ce81l0PRw6j{start_micros:020}="),
            ),
        ];
        batch.push(&FlowRecord {
            method: "GET".into(),
            url: url.into(),
            status: Some(200),
            start: Some(Time(1_000_000_000_000 + start_micros)),
            time_ms: Some(500.0),
            bytes_received: Some(1_000),
            headers: if is_s3 { storage.to_vec() } else { Vec::new() },
            phases: if is_s3 { phases } else { Phases::default() },
            ..FlowRecord::default()
        });
    }
    let mut problem = Problem::new(ProblemKind::Value, "expected a number").at_entry(2);
    problem.count = 2;
    batch.problem(problem);
    document_of_batch(batch)
}

fn document_of_batch(batch: Batch) -> Document {
    let info = FileInfo {
        path: "t.har".into(),
        name: "t.har".to_owned(),
        format: "har",
        producer: String::new(),
        bytes: 0,
        sha256: Pending::default(),
        carries: headwater::capture::Carries::ALL,
    };
    let source = ByteSource::from_bytes(Vec::new());
    let mut builder = CaptureBuilder::new(info, source, |_| Ok(Exchange::default()));
    builder.append(batch);
    let capture = builder.finish();
    let attribution = Attribution::of(&capture, &Cancel::default(), &Progress::default());
    let mut document = Document::new("me");
    document.push(capture, attribution.expect("nobody cancelled"));
    document
}

/// `n` flows of nobody, one every half second, that begin `shift_micros` later than those of [`document`].
fn document_with(n: i64, shift_micros: i64) -> Document {
    let mut batch = Batch::default();
    for idx in 0..n {
        batch.push(&FlowRecord {
            method: "GET".into(),
            url: format!("https://www.nobody.example/{idx}").into(),
            start: Some(Time(1_000_000_000_000 + shift_micros + idx * 500_000)),
            time_ms: Some(500.0),
            ..FlowRecord::default()
        });
    }
    document_of_batch(batch)
}

fn open_rows(document: Document) -> Harness<'static, Window<TimelinePanel>> {
    let mut harness = open::<TimelinePanel>(document);
    let name = format!("Waterfall of {} rows", harness.state().rows.flows.len());
    wait_for(&mut harness, &name);
    harness
}

const S3_ROW: &str = "AWS, origin, 3 requests, 75.0 percent";
const NOBODY_ROW: &str = "not attributed, unknown, 1 request, 25.0 percent";
const OVERVIEW: &str = "Timeline, 4 flows over 2.0 s";

fn filters<P>(window: &Window<P>) -> Vec<&str> {
    let asked = window.actions.iter();
    asked
        .filter_map(|action| match action {
            Action::SetQuery(query) => Some(query.filter.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_row_of_the_legend_filters_and_stops_filtering() {
    let mut harness = open::<PiePanel>(document());
    wait_for(&mut harness, S3_ROW);
    harness.get_by_label(S3_ROW).click();
    harness.run();
    harness.get_by_label(S3_ROW).click();
    harness.run();
    harness
        .get_by_label(NOBODY_ROW)
        .click_modifiers(Modifiers::COMMAND);
    harness.run();
    let expected = ["provider:aws role:origin", "", "-(provider:none)"];
    assert_eq!(filters(harness.state()), expected);
}

#[test]
fn the_keyboard_moves_in_the_legend_filters_and_leaves_out() {
    let mut harness = open::<PiePanel>(document());
    wait_for(&mut harness, S3_ROW);
    harness.get_by_label(S3_ROW).focus();
    harness.run();
    harness.key_press(egui::Key::ArrowDown);
    harness.run();
    assert!(harness.get_by_label(NOBODY_ROW).is_focused());
    harness.key_press(egui::Key::ArrowUp);
    harness.run();
    assert!(harness.get_by_label(S3_ROW).is_focused());
    harness.key_press(egui::Key::Enter);
    harness.run();
    harness.key_press(egui::Key::Enter);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, egui::Key::Enter);
    harness.run();
    let expected = [
        "provider:aws role:origin",
        "",
        "-(provider:aws role:origin)",
    ];
    assert_eq!(filters(harness.state()), expected);
}

#[test]
fn a_filtered_slice_stays_a_slice_of_the_whole() {
    let mut harness = open::<PiePanel>(document());
    wait_for(&mut harness, S3_ROW);
    harness.get_by_label(S3_ROW).click();
    harness.run();
    // What the window does with the filter.
    let state = harness.state_mut();
    let rows = run(&state.document, &state.session.query, &Cancel::default());
    state.rows = Arc::new(
        rows.expect("nobody cancelled")
            .expect("the filter is right"),
    );
    state.rows_revision += 1;
    let words = "3 shown, ring of 4 · 1 not attributed";
    wait_for(&mut harness, words);
    assert!(harness.query_by_label(NOBODY_ROW).is_some());
    harness.get_by_label(NOBODY_ROW).click();
    harness.run();
    let expected = ["provider:aws role:origin", "provider:none"];
    assert_eq!(filters(harness.state()), expected);
}

#[test]
fn the_legend_sorts_and_its_table_can_be_copied() {
    let mut harness = open::<PiePanel>(document());
    wait_for(&mut harness, S3_ROW);
    let is_first = |harness: &Harness<'static, Window<PiePanel>>, name: &str, other: &str| {
        let top = |name: &str| harness.get_by_label(name).rect().top();
        top(name) < top(other)
    };
    assert!(is_first(&harness, S3_ROW, NOBODY_ROW));
    let head = "Sort the legend by requests";
    for is_largest_first in [true, false, true] {
        harness.get_by_label(head).click();
        harness.run();
        assert_eq!(is_first(&harness, S3_ROW, NOBODY_ROW), is_largest_first);
    }
    harness.get_by_label("Copy table").click();
    harness.run();
    let copied = harness
        .state()
        .actions
        .iter()
        .find_map(|action| match action {
            Action::Copy(text) => Some(text.as_str()),
            _ => None,
        });
    let copied = copied.expect("the button copies");
    assert!(
        copied.contains("\nAWS\torigin\t3\t3000\t1\t1500\t75.0\n"),
        "{copied}"
    );
}

#[test]
fn slices_can_be_of_roles_and_of_labels() {
    let mut document = document();
    let label = Change::Label(Some(Label::Cdn));
    document.edit(&[FlowId(0)], &label);
    let mut harness = open::<PiePanel>(document);
    wait_for(&mut harness, S3_ROW);
    harness.get_by_label("Role").click();
    wait_for(&mut harness, "origin, 3 requests, 75.0 percent");
    harness.get_by_label("Label").click();
    wait_for(&mut harness, "CDN, 1 request, 25.0 percent");
    let basis = "drawn from people's labels, not from verdicts";
    assert!(harness.query_by_label(basis).is_some());
    harness.get_by_label("Hosts").click();
    wait_for(&mut harness, "not reviewed, 2 hosts, 66.7 percent");
    harness.get_by_label("Time").click();
    wait_for(&mut harness, "CDN, 500 ms, 25.0 percent");
}

#[test]
fn a_row_under_the_pointer_is_highlighted_until_it_leaves() {
    let mut harness = open::<PiePanel>(document());
    wait_for(&mut harness, S3_ROW);
    harness.get_by_label(S3_ROW).hover();
    harness.run();
    assert!(
        harness
            .state()
            .session
            .highlight
            .is_some_and(|key| key.provider.is_some())
    );
    harness.remove_cursor();
    harness.run();
    assert_eq!(harness.state().session.highlight, None);
}

#[test]
fn the_switch_changes_the_measure() {
    let mut harness = open::<PiePanel>(document());
    wait_for(&mut harness, S3_ROW);
    harness.get_by_label("Bytes").click();
    harness.run();
    assert!(
        harness
            .state()
            .actions
            .contains(&Action::SetMeasure(Measure::Bytes))
    );
    wait_for(&mut harness, "AWS, origin, 3.0 kB, 75.0 percent");
}

#[test]
fn a_drag_on_the_overview_zooms_and_a_double_click_shows_all() {
    let mut harness = open::<TimelinePanel>(document());
    wait_for(&mut harness, OVERVIEW);
    let rect = harness.get_by_label(OVERVIEW).rect();
    let at = |part: f32| egui::pos2(rect.left() + part * rect.width(), rect.center().y);
    harness.hover_at(at(0.25));
    harness.run();
    harness.drag_at(at(0.25));
    harness.run();
    harness.hover_at(at(0.5));
    harness.run();
    harness.hover_at(at(0.75));
    harness.run();
    harness.drop_at(at(0.75));
    harness.run();
    let zoom = harness
        .state()
        .session
        .zoom
        .clone()
        .expect("the drag zooms");
    let seconds = |time: Time| (time.0 - 1_000_000_000_000) as f64 / 1e6;
    let (from, to) = (seconds(zoom.start), seconds(zoom.end));
    assert!(
        (from - 0.5).abs() < 0.02 && (to - 1.5).abs() < 0.02,
        "{from} to {to}"
    );

    for _ in 0..2 {
        harness.get_by_label(OVERVIEW).click();
    }
    harness.run();
    assert_eq!(harness.state().session.zoom, None);
}

#[test]
fn a_click_on_a_bar_selects_its_flow() {
    let mut harness = open::<TimelinePanel>(document());
    wait_for(&mut harness, OVERVIEW);
    harness.get_by_label("Packed").click();
    harness.run();
    let lanes = harness.get_by_label("Waterfall in 2 lanes").rect();
    // The first flow fills the first quarter of the first lane.
    let first = egui::pos2(lanes.left() + 0.1 * lanes.width(), lanes.top() + 3.0);
    harness.hover_at(first);
    harness.run();
    harness.drag_at(first);
    harness.drop_at(first);
    harness.run();
    let focus = harness.state().session.selection.focus;
    assert_eq!(focus.map(headwater::capture::FlowId::n), Some(1));
}

#[test]
fn a_click_on_a_lane_selects_the_row_of_the_table() {
    let mut harness = open::<TimelinePanel>(document());
    wait_for(&mut harness, OVERVIEW);
    let lanes = harness.get_by_label("Waterfall of 4 rows").rect();
    let click = |harness: &mut Harness<'static, Window<TimelinePanel>>, row: f32, modifiers| {
        let at = egui::pos2(lanes.center().x, lanes.top() + (row + 0.5) * 9.0);
        harness.hover_at(at);
        harness.run();
        for pressed in [true, false] {
            harness.event(egui::Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers,
            });
        }
        harness.run();
    };
    click(&mut harness, 2.0, Modifiers::NONE);
    let focus = harness.state().session.selection.focus;
    assert_eq!(focus.map(FlowId::n), Some(3));
    harness.event(egui::Event::PointerMoved(lanes.right_bottom()));
    harness.run();
    assert_eq!(harness.state().session.selection.flows.len(), 1);
}

#[test]
fn the_lanes_go_along_with_the_table_and_take_it_along() {
    let mut harness = open_rows(document_with(400, 0));
    harness.state_mut().session.top_row = 100;
    harness.run();
    let lanes = harness.get_by_label("Waterfall of 400 rows").rect();
    harness.hover_at(lanes.center());
    harness.run();
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -90.0),
        phase: egui::TouchPhase::Move,
        modifiers: Modifiers::NONE,
        source: egui::MouseWheelSource::Wheel,
    });
    for _ in 0..30 {
        harness.step();
    }
    let top = harness.state().session.top_row;
    assert!((105..=110).contains(&top), "{top}");
}

#[test]
fn the_brush_filters_by_time_when_asked() {
    let mut harness = open::<TimelinePanel>(document());
    wait_for(&mut harness, OVERVIEW);
    harness.get_by_label(OVERVIEW).focus();
    harness.run();
    harness.key_press(egui::Key::Plus);
    harness.run();
    assert_eq!(harness.state().session.query.time, None);
    harness.get_by_label("Filter by time").click();
    harness.run();
    let session = &harness.state().session;
    assert!(session.zoom.is_some());
    assert_eq!(session.query.time, session.zoom);
    harness.get_by_label(OVERVIEW).focus();
    harness.run();
    harness.key_press(egui::Key::Plus);
    harness.run();
    let session = &harness.state().session;
    assert_eq!(session.query.time, session.zoom);
    assert!(
        harness.query_by_label(OVERVIEW).is_some(),
        "the overview goes on to show all"
    );
    harness.get_by_label("Filter by time").click();
    harness.run();
    let session = &harness.state().session;
    assert_eq!(session.query.time, None);
    assert!(session.zoom.is_some());
}

#[test]
fn colours_have_a_key_in_words() {
    let mut harness = open::<TimelinePanel>(document());
    wait_for(&mut harness, OVERVIEW);
    for (switch, key) in [
        (
            "Provider",
            "Key to the colours: AWS, others and not attributed",
        ),
        (
            "Role",
            "Key to the colours: Origin, CDN, hatched, Unknown, dashed",
        ),
        (
            "Type",
            "Key to the colours: Doc, XHR, CSS, JS, Font, Img, Media, WS, Other",
        ),
        (
            "Phase",
            "Key to the colours: Blocked, DNS lookup, Connect, TLS, Send, Wait, Receive",
        ),
    ] {
        harness.get_by_label(switch).click();
        harness.run();
        assert!(harness.query_by_label(key).is_some(), "{switch}");
    }
}

#[test]
fn files_can_begin_together() {
    let mut document = document();
    let later = document_with(2, 3_600_000_000);
    let capture = headwater::capture::Capture::clone(&later.captures()[0].capture);
    let attribution = Attribution::of(&capture, &Cancel::default(), &Progress::default());
    document.push(capture, attribution.expect("nobody cancelled"));
    let mut harness = open::<TimelinePanel>(document);
    wait_for(&mut harness, "Timeline, 6 flows over 1.0 h");
    harness.get_by_label("Align starts").click();
    harness.run();
    wait_for(&mut harness, "Timeline, 6 flows over 2.0 s");
}

#[test]
fn the_keyboard_moves_and_zooms_the_overview() {
    let mut harness = open::<TimelinePanel>(document());
    wait_for(&mut harness, OVERVIEW);
    harness.get_by_label(OVERVIEW).focus();
    harness.run();
    harness.key_press(egui::Key::Plus);
    harness.run();
    let zoom = harness.state().session.zoom.clone().expect("plus zooms");
    harness.key_press(egui::Key::ArrowRight);
    harness.run();
    let moved = harness.state().session.zoom.clone().expect("still zoomed");
    assert!(zoom.start < moved.start);
    harness.key_press(egui::Key::Escape);
    harness.run();
    assert_eq!(harness.state().session.zoom, None);
}

#[test]
fn problems_stand_with_their_place() {
    let mut harness = open::<ProblemsPanel>(document());
    let line = "t.har · entry 2 · value · 2 times: expected a number";
    wait_for(&mut harness, line);
    harness.get_by_label("Problems, 2 problems").click();
    harness.run();
    assert!(harness.query_by_label(line).is_none(), "the card closes");
}

#[test]
fn nothing_open_is_said_in_words_and_never_panics() {
    open::<PiePanel>(Document::new("me"));
    open::<TimelinePanel>(Document::new("me"));
    let harness = open::<ProblemsPanel>(Document::new("me"));
    assert!(
        harness
            .query_by_label_contains("Everything could be read")
            .is_some()
    );
    let mut pie = open::<PiePanel>(Document::new("me"));
    wait_for(&mut pie, "Open a capture to see who serves it");
}
