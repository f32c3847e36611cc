//! Drives the lens by service and the sheet through a headless window, by accessible names, over roles made by hand.

mod by_hand;

use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use headwater::annotations::{RelationKey, Stance};
use headwater::attribution::roles::Roles;
use headwater::base::jobs::{Cancel, Wake};
use headwater::capture::FlowId;
use headwater::commands::Action;
use headwater::document::Document;
use headwater::panels::services::ServicesPanel;
use headwater::panels::sheet::SheetPanel;
use headwater::panels::{Panel as _, PanelCx};
use headwater::query::{Query, Rows, run};
use headwater::session::{Selection, Session, Subject};
use headwater::widgets::theme;

/// Both panels side by side, with what they look at and what they asked for.
struct Window {
    lens: ServicesPanel,
    sheet: SheetPanel,
    document: Document,
    roles: Option<Arc<Roles>>,
    rows: Arc<Rows>,
    rows_revision: u64,
    session: Session,
    actions: Vec<Action>,
}

impl Window {
    fn ui(&mut self, ui: &mut egui::Ui) {
        let wake: Wake = Arc::new(|| {});
        let mut actions = Vec::new();
        let mut cx = PanelCx {
            document: &self.document,
            rows: &self.rows,
            rows_revision: self.rows_revision,
            roles: self.roles.as_ref(),
            is_judging: self.roles.is_none(),
            session: &self.session,
            wake: &wake,
            actions: &mut actions,
        };
        self.lens.prepare(&mut cx);
        self.sheet.prepare(&mut cx);
        egui::Panel::right("side")
            .exact_size(360.0)
            .show(ui, |ui| self.sheet.ui(ui, &mut cx));
        egui::CentralPanel::no_frame().show(ui, |ui| self.lens.ui(ui, &mut cx));
        for action in &actions {
            match action {
                Action::SelectSubjects(subjects, selection) => {
                    self.session
                        .select_subjects(subjects.clone(), selection.clone());
                }
                Action::SayOfRelation(key, opinion) => {
                    self.document.say_of_relation(key, opinion.clone());
                }
                Action::Select(selection) => self.session.select(selection.clone()),
                Action::ShowFlow(flow) => self.session.select(Selection::only(*flow)),
                _ => {}
            }
        }
        self.actions.extend(actions);
    }

    fn filter(&mut self, filter: &str) {
        let query = Query {
            filter: filter.to_owned(),
            ..Query::default()
        };
        self.session.query = query.clone();
        let rows = run(&self.document, &query, &Cancel::default());
        self.rows = Arc::new(rows.expect("nobody cancels").expect("a right filter"));
        self.rows_revision += 1;
    }
}

fn open(roles: Option<Arc<Roles>>) -> Harness<'static, Window> {
    let mut window = Window {
        lens: ServicesPanel::default(),
        sheet: SheetPanel::default(),
        document: by_hand::document(),
        roles,
        rows: Arc::default(),
        rows_revision: 0,
        session: Session::default(),
        actions: Vec::new(),
    };
    window.filter("");
    let mut is_installed = false;
    let mut harness = Harness::builder()
        .with_size(vec2(1_440.0, 800.0))
        .build_ui_state(
            move |ui, window: &mut Window| {
                if !std::mem::replace(&mut is_installed, true) {
                    theme::install(ui.ctx());
                }
                window.ui(ui);
            },
            window,
        );
    settle(&mut harness);
    harness
}

fn settle(harness: &mut Harness<'static, Window>) {
    for _ in 0..400 {
        harness.step();
        harness.step();
        let window = harness.state();
        if !window.lens.is_busy() && !window.sheet.is_busy() {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    for _ in 0..3 {
        harness.step();
    }
}

/// The names of the rows from top to bottom.
fn rows(harness: &Harness<'static, Window>) -> Vec<String> {
    let mut rows: Vec<_> = harness
        .query_all_by_role(Role::Row)
        .map(|row| {
            (
                row.rect().top(),
                row.accesskit_node().label().unwrap_or_default(),
            )
        })
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, name)| name).collect()
}

fn click_row(harness: &mut Harness<'static, Window>, prefix: &str) {
    harness
        .get_by(|node| {
            let name = node.label();
            node.role() == Role::Row && name.is_some_and(|name| name.starts_with(prefix))
        })
        .click();
    settle(harness);
}

fn press(harness: &mut Harness<'static, Window>, key: Key) {
    harness.key_press_modifiers(Modifiers::NONE, key);
    settle(harness);
}

fn selected(harness: &Harness<'static, Window>) -> Vec<u32> {
    let flows = &harness.state().session.selection.flows;
    flows.iter().map(FlowId::n).collect()
}

const EDGE: &str = "Akamai CDN, delivers";

#[test]
fn rows_say_what_each_provider_is_to_each_party() {
    let harness = open(Some(by_hand::roles()));
    let rows = rows(&harness);
    assert_eq!(
        rows,
        [
            "news.se the site itself, 4 requests, 3 hosts, 4.0 kB, 0 labelled",
            "Akamai CDN, delivers, Amazon S3 1 · not seen 3, strong, 4 requests, 3 hosts, 4.0 kB, 0 labelled",
            "Amazon S3 news-files, stores, its own files, strong, 1 request, 1 host, 1.0 kB, 0 labelled",
            "google.com embedded, 2 requests, 1 host, 2.0 kB, 0 labelled",
            "Google web services, own, its own content, strong, 2 requests, 1 host, 2.0 kB, 0 labelled",
            "example.com embedded, 1 request, 1 host, 1.0 kB, 0 labelled",
            "Cloudflare CDN, delivers, strong, 1 request, 1 host, 1.0 kB, 0 labelled",
            "example.org embedded, 1 request, 1 host, 1.0 kB, 0 labelled",
            "not attributed because the capture holds no server address, 1 request, 1 host, 1.0 kB, 0 labelled",
        ]
    );
}

#[test]
fn a_row_selects_its_flows_and_shows_its_sheet() {
    let mut harness = open(Some(by_hand::roles()));
    click_row(&mut harness, EDGE);
    assert_eq!(selected(&harness), [1, 2, 3, 4]);
    harness.get_by_label("Akamai delivers news.se");
    harness.get_by_label("strong · 4 requests · 3 hosts · 4.0 kB");
    harness.get_by_label("Server: AmazonS3");
    harness.get_by_label("Inconclusive, leaning to CDN only: no upload was seen");
    harness
        .get_by_role_and_label(Role::Link, "Copy dig www.news.se CNAME")
        .click();
    settle(&mut harness);
    let copied = Action::Copy("dig www.news.se CNAME".to_owned());
    assert!(harness.state().actions.contains(&copied));

    harness.get_by_role_and_label(Role::Link, "#4").click();
    settle(&mut harness);
    let shown = Action::ShowFlow(FlowId(3));
    assert!(harness.state().actions.contains(&shown));
    // A flow with two relations offers both.
    harness
        .get_by_role_and_label(Role::RadioButton, "Amazon S3 stores")
        .click();
    settle(&mut harness);
    harness.get_by_label("Amazon S3 stores files of news.se");
}

#[test]
fn keys_move_fold_and_unfold() {
    let mut harness = open(Some(by_hand::roles()));
    press(&mut harness, Key::ArrowDown);
    let focus = |harness: &Harness<'static, Window>| harness.state().session.subjects.focus.clone();
    assert_eq!(focus(&harness), Some(Subject::Party("news.se".to_owned())));
    assert_eq!(selected(&harness), [1, 2, 3, 4]);
    press(&mut harness, Key::J);
    press(&mut harness, Key::J);
    assert_eq!(selected(&harness), [4]);
    // From a relation to its party, then the party is folded.
    press(&mut harness, Key::ArrowLeft);
    press(&mut harness, Key::ArrowLeft);
    assert_eq!(rows(&harness).len(), 7);
    press(&mut harness, Key::ArrowDown);
    assert_eq!(
        focus(&harness),
        Some(Subject::Party("google.com".to_owned()))
    );
    press(&mut harness, Key::K);
    press(&mut harness, Key::ArrowRight);
    assert_eq!(rows(&harness).len(), 9);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    settle(&mut harness);
    assert_eq!(harness.state().session.subjects.all.len(), 3);
}

#[test]
fn the_header_sorts_and_a_filter_narrows() {
    let mut harness = open(Some(by_hand::roles()));
    harness
        .get_by_role_and_label(Role::ColumnHeader, "Requests")
        .click();
    settle(&mut harness);
    harness.get_by_role_and_label(Role::ColumnHeader, "Requests, largest first");
    harness
        .state_mut()
        .filter("host:files.news.se | host:google.com");
    settle(&mut harness);
    let rows = rows(&harness);
    assert_eq!(rows.len(), 5, "{rows:?}");
    assert!(rows[1].starts_with("Akamai CDN, delivers, Amazon S3 · not seen, strong, 1 request,"));
    harness.state_mut().filter("host:nowhere.example");
    settle(&mut harness);
    harness.get_by_label("No request matches");
}

#[test]
fn a_party_has_a_sheet_that_leads_to_its_relations() {
    let mut harness = open(Some(by_hand::roles()));
    click_row(&mut harness, "news.se the site itself");
    harness.get_by_label("the site itself · 4 requests · 0 hosts · 4.0 kB");
    let name = "Amazon S3 stores files of news.se";
    harness.get_by_role_and_label(Role::Link, name).click();
    settle(&mut harness);
    harness.get_by_label("Whose data lies there");
    click_row(&mut harness, "example.org embedded");
    harness.get_by_label("1 request: the capture holds no server address");
}

#[test]
fn before_anything_was_judged_it_says_so() {
    let harness = open(None);
    assert!(0 < harness.query_all_by_label("Judging…").count());
    assert!(rows(&harness).is_empty());
}

#[test]
fn selected_rows_are_copied_and_named() {
    let mut harness = open(Some(by_hand::roles()));
    click_row(&mut harness, EDGE);
    let window = harness.state();
    let subjects = &window.session.subjects;
    let (rows, n) = window.lens.copied(subjects).expect("a row is selected");
    let text = rows.to_tsv();
    assert_eq!(n, 1);
    assert!(
        text.lines()
            .nth(1)
            .is_some_and(|row| row.starts_with("news.se\tthe site itself\tAkamai CDN\t"))
    );
    assert_eq!(
        window.lens.called(subjects).as_deref(),
        Some("Akamai CDN of news.se")
    );
}

#[test]
fn people_say_what_they_think_of_a_relation_beside_each_other() {
    let mut harness = open(Some(by_hand::roles()));
    let key = RelationKey {
        party: "news.se".to_owned(),
        service: "akamai/cdn".to_owned(),
        role: "delivers".to_owned(),
    };
    let document = &mut harness.state_mut().document;
    document.set_reviewer("grace");
    document.say_of_relation(&key, Some((Stance::Agree, "as ever".to_owned())));
    document.set_reviewer("ada");
    click_row(&mut harness, EDGE);
    harness.get_by_label_contains("grace agrees");

    let toggle = |harness: &mut Harness<'static, Window>, word: &str| {
        let toggle = harness.get_by_role_and_label(Role::CheckBox, word);
        toggle.scroll_to_me();
        settle(harness);
        harness.get_by_role_and_label(Role::CheckBox, word).click();
        settle(harness);
    };
    toggle(&mut harness, "Disagree");
    let name = "What it is instead";
    let field = harness.get_by_role_and_label(Role::TextInput, name);
    field.focus();
    settle(&mut harness);
    harness
        .get_by_role_and_label(Role::TextInput, name)
        .type_text("it only links there");
    settle(&mut harness);
    // What was not finished is kept when another row is selected.
    click_row(&mut harness, "google.com embedded");
    let opinions = |harness: &Harness<'static, Window>| {
        let said = harness.state().document.opinions(&key);
        said.iter()
            .map(|opinion| format!("{} {}", opinion.by, opinion.stance.title()))
            .collect::<Vec<_>>()
    };
    let both = ["ada disagrees: it only links there", "grace agrees"];
    assert_eq!(opinions(&harness), both);
    click_row(&mut harness, EDGE);
    toggle(&mut harness, "Disagree");
    assert_eq!(opinions(&harness), ["grace agrees"]);
}
