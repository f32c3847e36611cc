//! The whole window as tests drive it: by accessible names, over a small capture.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use headwater::annotations::Label;
use headwater::app::{FileDialogs, HeadwaterApp, Surroundings};
use headwater::capture::FlowId;
use headwater::providers::prepare_networks;

pub(crate) const HAR: &str = r#"{"log":{"version":"1.2","creator":{"name":"test","version":"1"},"entries":[
{"startedDateTime":"2026-05-01T10:00:00.000Z","time":30,"request":{"method":"GET","url":"https://www.example.com/first","headers":[]},
 "response":{"status":200,"headers":[],"content":{"mimeType":"text/html","size":10}},"timings":{"send":1,"wait":20,"receive":9}},
{"startedDateTime":"2026-05-01T10:00:01.000Z","time":10,"request":{"method":"PUT","url":"https://bucket.s3.amazonaws.com/second","headers":[]},
 "response":{"status":201,"headers":[{"name":"Server","value":"AmazonS3"}],"content":{"mimeType":"","size":0}},"timings":{"send":1,"wait":9,"receive":0}},
{"startedDateTime":"2026-05-01T10:00:02.000Z","time":20,"request":{"method":"GET","url":"https://a.example.org/third","headers":[]},
 "response":{"status":404,"headers":[],"content":{"mimeType":"text/plain","size":4}},"timings":{"send":1,"wait":9,"receive":10}}]}}"#;

pub(crate) struct Window {
    pub(crate) harness: Harness<'static, HeadwaterApp>,
    pub(crate) folder: tempfile::TempDir,
}

impl Window {
    /// A window on a file with `content`, which is given as argument.
    pub(crate) fn on(content: &str) -> Self {
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

    pub(crate) fn settle(&mut self) {
        settle(&mut self.harness);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    pub(crate) fn click(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click();
        self.settle();
    }

    pub(crate) fn click_row(&mut self, n: u32) {
        let prefix = format!("{n} ");
        self.harness
            .get_by(|node| {
                let name = node.label();
                node.role() == Role::Row && name.is_some_and(|name| name.starts_with(&prefix))
            })
            .click();
        self.settle();
    }

    pub(crate) fn type_into(&mut self, name: &str, text: &str) {
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

    pub(crate) fn shown(&self) -> Vec<u32> {
        self.harness
            .state()
            .shown()
            .iter()
            .map(|flow| flow.n())
            .collect()
    }

    pub(crate) fn labels(&self) -> [Option<Label>; 3] {
        [0, 1, 2].map(|n| self.harness.state().document().label(FlowId(n)))
    }
}

pub(crate) fn harness(
    files: Vec<PathBuf>,
    answers: Vec<PathBuf>,
) -> Harness<'static, HeadwaterApp> {
    prepare_networks();
    let surroundings = Surroundings {
        dialogs: FileDialogs::Scripted(answers),
        ..Surroundings::default()
    };
    Harness::builder()
        .with_size([1440.0, 900.0])
        .allow_missing_glyphs()
        .build_eframe(move |cc| HeadwaterApp::new(cc, files, surroundings))
}

/// Runs frames until no worker is busy.
pub(crate) fn settle(harness: &mut Harness<'static, HeadwaterApp>) {
    settle_by(|| {
        harness.step();
        harness.state().is_busy()
    });
}

/// The same, by frames that `step` runs; it says whether a worker is busy after them.
pub(crate) fn settle_by(mut step: impl FnMut() -> bool) {
    let began = Instant::now();
    // Work that a frame asks for is under way only after that frame.
    let mut is_busy = (0..3).fold(true, |_, _| step());
    while is_busy && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
        is_busy = step();
    }
    assert!(!is_busy, "still busy after 20 s");
    for _ in 0..3 {
        step();
    }
}
