//! Every command of the program: it stands in its menu by name, is found in the palette, and does what it says.

mod driven;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use driven::settle_by;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, OutputCommand, ViewportCommand, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::{Colour, Label};
use headwater::app::{FileDialogs, HeadwaterApp, Surroundings};
use headwater::capture::FlowId;
use headwater::commands::{Command, Entry, Look, MENUS, entries};
use headwater::session::{DetailTab, Lens};
use headwater::widgets::theme::Theme;

const HAR: &str = r#"{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":[
{"startedDateTime":"2026-05-01T10:00:00.000Z","time":30,"request":{"method":"GET","url":"https://www.example.com/first","headers":[]},
 "response":{"status":200,"headers":[],"content":{"mimeType":"text/html","size":5,"text":"hello"}},"timings":{"send":1,"wait":20,"receive":9}},
{"startedDateTime":"2026-05-01T10:00:01.000Z","time":10,"request":{"method":"PUT","url":"https://bucket.s3.amazonaws.com/second","headers":[],"postData":{"mimeType":"text/plain","text":"sent"}},
 "response":{"status":201,"headers":[{"name":"Server","value":"AmazonS3"}],"content":{"mimeType":"","size":0}},"timings":{"send":1,"wait":9,"receive":0}},
{"startedDateTime":"2026-05-01T10:00:02.000Z","time":20,"request":{"method":"GET","url":"https://www.example.com/third","headers":[]},
 "response":{"status":404,"headers":[],"content":{"mimeType":"text/plain","size":4}},"timings":{"send":1,"wait":9,"receive":10}}]}}"#;

struct Window {
    harness: Harness<'static, HeadwaterApp>,
    folder: tempfile::TempDir,
    /// What the last command asked of the system.
    asked: Vec<ViewportCommand>,
    copied: Arc<Mutex<String>>,
}

impl Window {
    /// A window on the capture above, in which flow 2 is selected. Dialogs answer with `answer`.
    fn new(answer: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("trip.har"), HAR).expect("a capture");
        std::fs::write(path("other.har"), HAR).expect("a capture");
        let surroundings = Surroundings {
            dialogs: FileDialogs::Scripted(vec![path(answer)]),
            ..Surroundings::default()
        };
        let files = vec![path("trip.har")];
        let copied = Arc::new(Mutex::new(String::new()));
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
            asked: Vec::new(),
            copied,
        };
        window.settle();
        window.select(2);
        window
    }

    fn step(&mut self) {
        self.harness.step();
        let output = self.harness.output();
        if let Some(viewport) = output.viewport_output.get(&ViewportId::ROOT) {
            self.asked.extend(viewport.commands.iter().cloned());
        }
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

    fn select(&mut self, n: u32) {
        let prefix = format!("{n} ");
        let row = self.harness.get_by(|node| {
            let name = node.label();
            node.role() == Role::Row && name.is_some_and(|name| name.starts_with(&prefix))
        });
        row.click();
        self.settle();
    }

    /// Finds `command` in the palette by its whole name and runs it.
    fn run(&mut self, command: Command) {
        self.asked.clear();
        self.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
        let field = self
            .harness
            .get_by_role_and_label(Role::TextInput, "Find a command");
        let title = command.entry().title;
        field.type_text(title);
        self.settle();
        self.press(Modifiers::NONE, Key::Enter);
    }

    fn has(&self, name: &str) -> bool {
        self.harness
            .query_all_by_label_contains(name)
            .next()
            .is_some()
    }

    /// True when the editor called `name` has the keyboard.
    fn is_asked(&self, name: &str) -> bool {
        let mut named = self.harness.query_all_by_label(name);
        named.any(|node| node.is_focused())
    }

    fn selected(&self) -> Vec<u32> {
        let flows = &self.harness.state().session().selection.flows;
        flows.iter().map(FlowId::n).collect()
    }

    fn shown(&self) -> Vec<u32> {
        self.harness
            .state()
            .shown()
            .iter()
            .map(|flow| flow.n())
            .collect()
    }

    fn label(&self, n: u32) -> Option<Label> {
        self.harness.state().document().label(FlowId(n - 1))
    }

    fn colour(&self) -> Option<Colour> {
        self.harness
            .state()
            .document()
            .annotation(FlowId(1))?
            .colour
    }

    fn files(&self) -> Vec<String> {
        let captures = self.harness.state().document().captures().iter();
        captures
            .map(|open| open.capture.info().name.clone())
            .collect()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn has_focus(&self) -> bool {
        self.harness.ctx.memory(|memory| memory.focused().is_some())
    }

    fn tab(&self) -> DetailTab {
        self.harness.state().session().detail_tab
    }

    fn filter(&self) -> String {
        self.harness.state().session().effective_query().filter
    }
}

/// Keeps what is put on the clipboard.
fn listen(ctx: &egui::Context, heard: Arc<Mutex<String>>) {
    let hear = move |ui: &mut egui::Ui| {
        for command in ui.output(|output| output.commands.clone()) {
            if let OutputCommand::CopyText(text) = command {
                heard.lock().expect("nobody panicked").push_str(&text);
            }
        }
    };
    ctx.on_end_pass("clipboard", Arc::new(hear));
}

/// Runs `command` on flow 2 of three and says whether it did what it says. A new command needs a line here.
fn does_what_it_says(command: Command) -> bool {
    use Command as C;
    let mut window = Window::new("other.har");
    let it = &mut window;
    match command {
        C::Open => after(it, command, |it| it.files() == ["other.har"]),
        C::AddToSession => after(it, command, |it| it.files() == ["trip.har", "other.har"]),
        C::OpenPath => after(it, command, |it| it.is_asked("Open path")),
        C::OpenClipboard => {
            it.run(command);
            let is_asked = it.asked.contains(&ViewportCommand::RequestPaste);
            it.harness.event(Event::Paste(HAR.to_owned()));
            it.settle();
            is_asked && it.files().len() == 2
        }
        C::ReadAs => after(it, command, |it| it.is_asked("Squid logformat")),
        C::Save => {
            it.press(Modifiers::NONE, Key::O);
            after(it, command, |it| {
                it.path("trip.har.headwater.json").exists()
            })
        }
        C::Export => after(it, command, |it| it.is_asked("File")),
        C::SaveBody => {
            let mut window = Window::new("body.html");
            window.select(1);
            after(&mut window, command, |it| {
                std::fs::read(it.path("body.html")).is_ok_and(|body| body == b"hello")
            })
        }
        C::SaveRequestBody => {
            let mut window = Window::new("sent.txt");
            after(&mut window, command, |it| {
                std::fs::read(it.path("sent.txt")).is_ok_and(|body| body == b"sent")
            })
        }
        // Nothing is being read, so that it must be out of reach.
        C::CancelLoading => after(it, command, |it| {
            it.has("Cancel loading") && it.files() == ["trip.har"]
        }),
        C::CloseAll => after(it, command, |it| {
            it.files().is_empty() && it.has("Drop a capture")
        }),
        C::Quit => after(it, command, |it| it.asked.contains(&ViewportCommand::Close)),
        C::Undo => {
            it.press(Modifiers::NONE, Key::O);
            after(it, command, |it| it.label(2).is_none())
        }
        C::Redo => {
            it.press(Modifiers::NONE, Key::O);
            it.press(Modifiers::COMMAND, Key::Z);
            after(it, command, |it| it.label(2) == Some(Label::Origin))
        }
        _ => edits_or_looks(it, command),
    }
}

fn edits_or_looks(it: &mut Window, command: Command) -> bool {
    use Command as C;
    match command {
        C::SelectAll => after(it, command, |it| it.selected() == [1, 2, 3]),
        C::InvertSelection => after(it, command, |it| it.selected() == [1, 3]),
        C::SelectHost => {
            it.select(1);
            after(it, command, |it| it.selected() == [1, 3])
        }
        C::SelectParty => {
            it.select(3);
            after(it, command, |it| it.selected() == [1, 3])
        }
        C::CopyRows => after(it, command, |it| {
            has_copied(it, "AmazonS3") || has_copied(it, "PUT")
        }),
        C::CopyCurl => after(it, command, |it| has_copied(it, "curl")),
        C::CopyUrl => after(it, command, |it| has_copied(it, "amazonaws.com/second")),
        C::CopyHost => after(it, command, |it| has_copied(it, "bucket.s3.amazonaws.com")),
        C::Label(label) => after(it, command, |it| it.label(2) == Some(label)),
        C::LabelAndGoOn(label) => after(it, command, |it| {
            it.label(2) == Some(label) && it.selected() == [3]
        }),
        C::ClearLabel => {
            it.press(Modifiers::NONE, Key::O);
            after(it, command, |it| it.label(2).is_none())
        }
        C::Accept => after(it, command, |it| it.label(2) == Some(Label::Origin)),
        C::AcceptAndGoOn => after(it, command, |it| {
            it.label(2) == Some(Label::Origin) && it.selected() == [3]
        }),
        C::LabelMany => after(it, command, |it| it.has("3 flows that are shown")),
        C::EditNote => after(it, command, |it| it.is_asked("Note")),
        C::EditTags => after(it, command, |it| it.is_asked("Add a tag")),
        C::Mark(colour) => after(it, command, |it| it.colour() == Some(colour)),
        C::ClearMark => {
            it.press(Modifiers::NONE, Key::Num3);
            let was_marked = it.colour() == Some(Colour::Yellow);
            was_marked && after(it, command, |it| it.colour().is_none())
        }
        C::GroupHost => after(it, command, |it| it.is_asked("Party")),
        C::SuggestGroups => after(it, command, |it| it.has("Suggested groups")),
        C::SignAs => after(it, command, |it| it.is_asked("Sign as")),
        _ => finds_or_goes(it, command),
    }
}

fn finds_or_goes(it: &mut Window, command: Command) -> bool {
    use Command as C;
    match command {
        C::Peek => {
            let is_open = after(it, command, |it| {
                it.has("Evidence of flow 2") && it.has("Amazon S3 as origin,")
            });
            it.press(Modifiers::NONE, Key::Space);
            let is_closed = !it.has("Evidence of flow 2");
            it.press(Modifiers::NONE, Key::Space);
            let is_back = it.has("Evidence of flow 2");
            it.press(Modifiers::NONE, Key::Escape);
            is_open && is_closed && is_back && !it.has("Evidence of flow 2")
        }
        C::FindInBody => {
            let mut window = Window::new("other.har");
            window.select(1);
            let is_asked = after(&mut window, command, |it| it.is_asked("Find in body"));
            window.harness.event(Event::Text("L".to_owned()));
            window.settle();
            is_asked && window.has("1 of 2")
        }
        C::FocusFilter => after(it, command, |it| it.is_asked("Filter")),
        C::ClearFilter => {
            it.press(Modifiers::NONE, Key::I);
            let was_narrowed = it.shown() == [1, 3];
            was_narrowed && after(it, command, |it| it.shown() == [1, 2, 3])
        }
        C::SaveFilter => {
            it.press(Modifiers::NONE, Key::I);
            after(it, command, |it| it.is_asked("Name of the filter"))
        }
        C::Highlight => {
            let is_asked = after(it, command, |it| it.is_asked("Highlight"));
            it.harness.event(Event::Text("status:404".to_owned()));
            it.settle();
            is_asked && it.has("not reviewed, highlighted") && it.shown() == [1, 2, 3]
        }
        C::ClearHighlight => {
            it.run(C::Highlight);
            it.harness.event(Event::Text("status:404".to_owned()));
            it.settle();
            let was_there = it.has("1 highlighted, 3 flows shown");
            was_there && after(it, command, |it| !it.has("highlighted"))
        }
        C::SearchAll => after(it, command, |it| {
            it.is_asked("Search in headers and bodies")
        }),
        C::CloseSearch | C::NextHit | C::PreviousHit => {
            it.run(C::SearchAll);
            let name = "Search in headers and bodies";
            let field = it.harness.get_by_role_and_label(Role::SearchInput, name);
            field.type_text("example");
            it.settle();
            it.press(Modifiers::NONE, Key::Enter);
            let expected = match command {
                C::NextHit => vec![1],
                C::PreviousHit => vec![3],
                _ => vec![2],
            };
            after(it, command, |it| {
                let is_open = it.harness.state().session().is_search_open;
                it.selected() == expected && is_open == (command != C::CloseSearch)
            })
        }
        C::IgnoreHost => after(it, command, |it| it.shown() == [1, 3]),
        C::FocusHost => after(it, command, |it| it.shown() == [2]),
        C::AllHosts => {
            it.run(C::FocusHost);
            after(it, command, |it| {
                it.shown() == [1, 2, 3] && it.filter().is_empty()
            })
        }
        C::NextUnlabelled => after(it, command, |it| it.selected() == [3]),
        C::PreviousUnlabelled => after(it, command, |it| it.selected() == [1]),
        // There is none, so that it must not move.
        C::NextConflict => after(it, command, |it| it.selected() == [2]),
        C::GoToFlow => after(it, command, |it| it.is_asked("Go to flow")),
        C::FocusTable => {
            it.run(C::FocusCharts);
            let was_away = it.has_focus();
            was_away && after(it, command, |it| !it.has_focus())
        }
        C::FocusCharts | C::FocusDetails | C::NextPanel | C::PreviousPanel => {
            after(it, command, Window::has_focus)
        }
        C::OpenRow => {
            it.run(C::ShowLens(Lens::Hosts));
            after(it, command, |it| {
                it.shown() == [2] && it.filter() == "host:bucket.s3.amazonaws.com"
            })
        }
        C::NextTab => after(it, command, |it| it.tab() == DetailTab::Headers),
        C::PreviousTab => after(it, command, |it| it.tab() == DetailTab::Raw),
        _ => arranges_or_helps(it, command),
    }
}

fn arranges_or_helps(it: &mut Window, command: Command) -> bool {
    use Command as C;
    let before = it.harness.ctx.zoom_factor();
    match command {
        C::ShowCharts => after(it, command, |it| {
            !it.has("Size slices by") && !it.has("Problems")
        }),
        C::ShowTimeline => after(it, command, |it| !it.has("Timeline,")),
        C::ShowDetails => after(it, command, |it| !it.has("Evidence")),
        C::ShowLens(lens) => {
            it.run(C::ShowLens(Lens::Hosts));
            after(it, command, |it| it.harness.state().session().lens == lens)
        }
        C::ShowChips => after(it, command, |it| !it.has("Invert")),
        C::LocalTime => after(it, command, |it| it.harness.state().session().is_local_time),
        C::Look(look) => after(it, command, |it| has_look(it, look)),
        C::Larger => after(it, command, |it| before < it.harness.ctx.zoom_factor()),
        C::Smaller => after(it, command, |it| it.harness.ctx.zoom_factor() < before),
        C::ResetZoom => {
            it.run(C::Smaller);
            after(it, command, |it| it.harness.ctx.zoom_factor() == before)
        }
        C::ResetLayout => {
            it.run(C::ShowDetails);
            after(it, command, |it| it.has("Evidence"))
        }
        C::Palette => {
            it.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
            it.is_asked("Find a command")
        }
        C::Shortcuts => after(it, command, |it| {
            it.has("Choose captures and show them in place")
        }),
        C::Words => {
            it.run(command);
            let field = it
                .harness
                .get_by_role_and_label(Role::TextInput, "Find a word");
            assert!(field.is_focused());
            assert!(it.has("Whose traffic") && it.has("Hatched slice"));
            it.harness
                .get_by_role_and_label(Role::TextInput, "Find a word")
                .type_text("first party");
            it.settle();
            it.has("The party is the site itself") && !it.has("Hatched slice")
        }
        C::FirstSteps => after(it, command, |it| it.has("Got it")),
        C::About => after(it, command, |it| {
            it.has("Headwater 0.") && it.has("Address ranges")
        }),
        other => panic!("nothing is expected of {other:?}"),
    }
}

fn after(window: &mut Window, command: Command, holds: impl Fn(&Window) -> bool) -> bool {
    window.run(command);
    holds(window)
}

fn has_copied(window: &Window, text: &str) -> bool {
    window
        .copied
        .lock()
        .expect("nobody panicked")
        .contains(text)
}

fn has_look(window: &Window, look: Look) -> bool {
    let theme = Theme::of(&window.harness.ctx);
    match look {
        Look::Light => !theme.is_dark,
        Look::HighContrast => theme.canvas == egui::Color32::BLACK,
        Look::Dark => theme.is_dark && theme.canvas != egui::Color32::BLACK,
        // The system says nothing here.
        Look::System => true,
    }
}

fn check(menu: &str) {
    let (_, sections) = MENUS
        .iter()
        .find(|(title, _)| *title == menu)
        .expect("a menu");
    let wrong: Vec<&str> = sections
        .iter()
        .copied()
        .flatten()
        .filter(|entry| !does_what_it_says(entry.command))
        .map(|entry| entry.title)
        .collect();
    assert!(wrong.is_empty(), "these do not do what they say: {wrong:?}");
}

#[test]
fn commands_of_the_file_menu_do_what_they_say() {
    check("File");
}

#[test]
fn commands_of_the_edit_menu_do_what_they_say() {
    check("Edit");
}

#[test]
fn commands_of_the_find_menu_do_what_they_say() {
    check("Find");
}

#[test]
fn commands_of_the_label_menu_do_what_they_say() {
    check("Label");
}

#[test]
fn commands_of_the_go_menu_do_what_they_say() {
    check("Go");
}

#[test]
fn commands_of_the_view_menu_do_what_they_say() {
    check("View");
}

#[test]
fn commands_of_the_help_menu_do_what_they_say() {
    check("Help");
}

#[test]
fn every_command_stands_in_its_menu_by_name() {
    let mut window = Window::new("other.har");
    for (menu, sections) in MENUS {
        let title = |role| {
            window
                .harness
                .query_all_by_role_and_label(role, menu)
                .next()
        };
        title(Role::Button).expect("a menu").click();
        window.settle();
        for Entry { title, .. } in sections.iter().copied().flatten() {
            let mut found = window.harness.query_all_by(|node| {
                let name = node.label();
                node.role() == Role::Button && name.is_some_and(|name| name.starts_with(title))
            });
            assert!(found.next().is_some(), "{menu}: {title}");
        }
        window.press(Modifiers::NONE, Key::Escape);
    }
    assert!(60 < entries().count());
}

impl Window {
    fn type_filter(&mut self, filter: &str) {
        self.press(Modifiers::NONE, Key::Slash);
        self.harness.event(Event::Text(filter.to_owned()));
        self.settle();
    }
}

#[test]
fn what_is_out_of_sight_is_not_labelled() {
    let mut window = Window::new("other.har");
    window.press(Modifiers::COMMAND, Key::A);
    assert_eq!(window.selected(), [1, 2, 3]);
    window.type_filter("status:404");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.shown(), [3]);
    window.press(Modifiers::NONE, Key::U);
    let labels = [1, 2, 3].map(|n| window.label(n));
    assert_eq!(labels, [None, None, Some(Label::Unknown)]);
}

#[test]
fn a_completion_is_not_taken_into_a_text_that_has_gone() {
    let mut window = Window::new("other.har");
    window.type_filter("host:");
    let key = |key, modifiers| Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers,
    };
    for event in [
        key(Key::A, Modifiers::COMMAND),
        key(Key::Backspace, Modifiers::NONE),
        key(Key::Tab, Modifiers::NONE),
    ] {
        window.harness.event(event);
    }
    window.settle();
    assert_eq!(window.shown(), [1, 2, 3]);
}
