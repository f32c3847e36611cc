//! The lens of hosts as a person uses it: by keys, clicks, menus and the clipboard.

mod driven;

use std::sync::{Arc, Mutex};

use driven::Window;
use egui::accesskit::Role;
use egui::{Key, Modifiers, OutputCommand};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use headwater::annotations::Label;
use headwater::capture::FlowId;
use headwater::query::hosts::By;
use headwater::session::Lens;

/// Three requests to one host, two to another, and one to a bucket.
fn har() -> String {
    let entry = |n: u32, url: &str, header: &str| {
        format!(
            r#"{{"startedDateTime":"2026-05-01T10:00:{n:02}.000Z","time":{n}0,
            "request":{{"method":"GET","url":"https://{url}","headers":[]}},
            "response":{{"status":200,"headers":[{header}],"bodySize":{n}00,"content":{{"mimeType":"text/html","size":10}}}},
            "timings":{{"send":1,"wait":1,"receive":1}}}}"#
        )
    };
    let entries = [
        entry(1, "www.example.com/a", ""),
        entry(2, "img.example.com/b", ""),
        entry(3, "www.example.com/c", ""),
        entry(
            4,
            "bucket.s3.amazonaws.com/d",
            r#"{"name":"Server","value":"AmazonS3"}"#,
        ),
        entry(5, "img.example.com/e", ""),
        entry(6, "www.example.com/f", ""),
    ];
    let head = r#"{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":["#;
    format!("{head}{}]}}}}", entries.join(","))
}

/// A window that shows the hosts.
fn window() -> Window {
    let mut window = Window::on(&har());
    window.press(Modifiers::ALT, Key::Num2);
    window
}

trait Seen {
    fn rows(&self) -> Vec<String>;
    fn click_host(&mut self, host: &str, modifiers: Modifiers);
    fn selected(&self) -> Vec<u32>;
    fn labels_of(&self, flows: &[u32]) -> Vec<Option<Label>>;
    fn has(&self, words: &str) -> bool;
}

impl Seen for Window {
    /// The names of the rows from top to bottom, up to the first comma.
    fn rows(&self) -> Vec<String> {
        let rows = self.harness.query_all_by_role(Role::Row);
        let mut rows: Vec<(f32, String)> = rows
            .map(|node| {
                let name = node.accesskit_node().label().unwrap_or_default();
                let host = name.split(',').next().unwrap_or_default().to_owned();
                (node.rect().top(), host)
            })
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().map(|(_, host)| host).collect()
    }

    fn click_host(&mut self, host: &str, modifiers: Modifiers) {
        let prefix = format!("{host},");
        self.harness
            .get_by(|node| {
                let name = node.label();
                node.role() == Role::Row && name.is_some_and(|name| name.starts_with(&prefix))
            })
            .click_modifiers(modifiers);
        self.settle();
    }

    fn selected(&self) -> Vec<u32> {
        let flows = &self.harness.state().session().selection.flows;
        flows.iter().map(FlowId::n).collect()
    }

    fn labels_of(&self, flows: &[u32]) -> Vec<Option<Label>> {
        let document = self.harness.state().document();
        flows
            .iter()
            .map(|n| document.label(FlowId(n - 1)))
            .collect()
    }

    fn has(&self, words: &str) -> bool {
        let mut found = self.harness.query_all_by_label_contains(words);
        found.next().is_some()
    }
}

#[test]
fn keys_and_clicks_switch_the_lens_and_the_selection_comes_along() {
    let mut window = Window::on(&har());
    window.click_row(2);
    window.press(Modifiers::ALT, Key::Num2);
    assert_eq!(window.harness.state().session().lens, Lens::Hosts);
    assert_eq!(
        window.rows(),
        [
            "www.example.com",
            "img.example.com",
            "bucket.s3.amazonaws.com"
        ]
    );
    assert_eq!(window.selected(), [2, 5]);
    assert_eq!(
        window.harness.state().session().selection.focus,
        Some(FlowId(1))
    );
    window.press(Modifiers::ALT, Key::Num1);
    assert_eq!(window.harness.state().session().lens, Lens::Requests);
    assert_eq!(window.selected(), [2, 5]);
    window.click(Role::Tab, "Hosts 3");
    assert_eq!(window.harness.state().session().lens, Lens::Hosts);
    assert!(window.has("3 hosts, 2 of them of example.com."));
}

#[test]
fn the_first_row_is_selected_where_nothing_was() {
    let window = window();
    assert_eq!(window.selected(), [1, 3, 6]);
}

#[test]
fn a_letter_labels_all_flows_of_a_row_and_one_undo_takes_it_back() {
    let mut window = window();
    window.click_host("img.example.com", Modifiers::NONE);
    window.press(Modifiers::NONE, Key::C);
    assert_eq!(window.labels_of(&[2, 5]), [Some(Label::Cdn); 2]);
    assert_eq!(window.labels_of(&[1, 3, 4, 6]), [None; 4]);
    assert!(window.has("2 CDN"));
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.labels_of(&[2, 5]), [None; 2]);
    window.press(Modifiers::NONE, Key::O);
    window.press(Modifiers::NONE, Key::Backspace);
    assert_eq!(window.labels_of(&[2, 5]), [None; 2]);
    assert_eq!(window.selected(), [2, 5]);
}

#[test]
fn keys_move_from_row_to_row_and_shift_and_ctrl_select_several() {
    let mut window = window();
    window.press(Modifiers::NONE, Key::J);
    assert_eq!(window.selected(), [2, 5]);
    window.press(Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(window.selected(), [2, 4, 5]);
    window.press(Modifiers::NONE, Key::Home);
    assert_eq!(window.selected(), [1, 3, 6]);
    window.press(Modifiers::NONE, Key::End);
    assert_eq!(window.selected(), [4]);
    window.click_host("www.example.com", Modifiers::COMMAND);
    assert_eq!(window.selected(), [1, 3, 4, 6]);
    window.click_host("www.example.com", Modifiers::COMMAND);
    assert_eq!(window.selected(), [4]);
    window.press(Modifiers::NONE, Key::U);
    window.press(Modifiers::COMMAND, Key::A);
    assert_eq!(window.selected(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn enter_opens_the_flows_of_a_row_and_the_filter_can_be_cleared() {
    let mut window = window();
    window.click_host("img.example.com", Modifiers::NONE);
    window.press(Modifiers::NONE, Key::Enter);
    let session = window.harness.state().session();
    assert_eq!(session.lens, Lens::Requests);
    assert_eq!(session.query.filter, "host:img.example.com");
    assert_eq!(window.shown(), [2, 5]);
    window.press(Modifiers::ALT, Key::Num2);
    assert_eq!(window.rows(), ["img.example.com"]);
}

#[test]
fn a_filter_that_leaves_more_of_a_host_widens_what_is_selected() {
    let mut window = window();
    window.type_into("Filter", "path:/b");
    window.click_host("img.example.com", Modifiers::NONE);
    assert_eq!(window.selected(), [2]);
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Filter")
        .focus();
    window.settle();
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    assert_eq!(window.shown(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(window.selected(), [2, 5]);
}

#[test]
fn a_click_on_a_head_sorts_and_another_one_turns_it_round() {
    let mut window = window();
    window.click(Role::ColumnHeader, "Host");
    assert_eq!(
        window.rows(),
        [
            "bucket.s3.amazonaws.com",
            "img.example.com",
            "www.example.com"
        ]
    );
    window.click(Role::ColumnHeader, "Host, sorted");
    assert_eq!(window.rows()[0], "www.example.com");
    window.click(Role::ColumnHeader, "Median");
    assert_eq!(window.rows()[0], "bucket.s3.amazonaws.com");
}

#[test]
fn rows_are_grouped_by_what_is_chosen() {
    let mut window = window();
    window.click(Role::Button, "Group by host");
    window.click(Role::Button, "Domain");
    assert_eq!(window.harness.state().session().hosts.by, By::Domain);
    assert_eq!(window.rows()[0], "example.com");
    assert_eq!(window.selected(), [1, 2, 3, 5, 6]);
    window.press(Modifiers::NONE, Key::O);
    assert_eq!(window.labels_of(&[1, 2, 3, 5, 6]), [Some(Label::Origin); 5]);
    window.click(Role::Button, "Group by domain");
    window.click(Role::Button, "Host");
    // What was never chosen is not selected.
    assert_eq!(window.selected(), [1, 3, 6]);
}

#[test]
fn rows_are_copied_as_they_are_shown() {
    let mut window = Window::on(&har());
    let copied = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&copied);
    let hear = move |ui: &mut egui::Ui| {
        for command in ui.output(|output| output.commands.clone()) {
            if let OutputCommand::CopyText(text) = command {
                *heard.lock().expect("nobody panicked") = text;
            }
        }
    };
    window.harness.ctx.on_end_pass("clipboard", Arc::new(hear));
    window.press(Modifiers::ALT, Key::Num2);
    window.click_host("img.example.com", Modifiers::NONE);
    window.harness.event(egui::Event::Copy);
    window.settle();
    let text = copied.lock().expect("nobody panicked").clone();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("Host\tParty\tEdge"), "{text}");
    assert!(
        lines[1].starts_with("img.example.com\texample.com\t"),
        "{text}"
    );
}

#[test]
fn the_menu_of_a_row_leaves_its_host_out() {
    let mut window = window();
    window
        .harness
        .get_by(|node| {
            let name = node.label();
            node.role() == Role::Row && name.is_some_and(|name| name.starts_with("img."))
        })
        .click_secondary();
    window.settle();
    assert_eq!(window.selected(), [2, 5]);
    window.click(Role::Button, "Hide host:img.example.com");
    assert_eq!(window.shown(), [1, 3, 4, 6]);
    assert_eq!(
        window.rows(),
        ["www.example.com", "bucket.s3.amazonaws.com"]
    );
}
