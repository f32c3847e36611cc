//! Saves the body of a request or a response as a file: asks where to, writes on a worker, and says what became of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;

use egui::{Context, Id, Modal, RichText, TextEdit};
use egui_notify::Toast;

use super::HeadwaterApp;
use super::dialogs::Answer;
use super::prompts::buttons_ui;
use crate::base::atomic_file::replace;
use crate::base::text::{counted, percent_decode};
use crate::capture::{Flow, FlowId, Side, write_body};
use crate::document::Document;
use crate::reports::destination;
use crate::widgets::text::title;
use crate::widgets::theme::{Theme, modal_frame};

/// Which body of which flow.
type Wanted = (FlowId, Side);

/// The body that is being saved, if any.
#[derive(Debug, Default)]
pub(super) struct SavingBody {
    asked: Option<(Wanted, Answer)>,
    typed: Option<Typed>,
    running: Option<Receiver<Result<String, String>>>,
}

/// The path, typed where the desktop has no dialog.
#[derive(Debug)]
struct Typed {
    wanted: Wanted,
    path: String,
    problem: Option<String>,
}

impl SavingBody {
    /// True while a body is being written.
    pub(super) const fn is_busy(&self) -> bool {
        self.running.is_some()
    }
}

impl HeadwaterApp {
    /// Asks where to save the body of this side of the focused flow.
    pub(super) fn ask_for_body_path(&mut self, side: Side) {
        let focus = self.session.selection.focus;
        let Some((id, flow)) = focus.and_then(|id| Some((id, self.document.flow(id)?))) else {
            return;
        };
        let dialogs = &self.surroundings.dialogs;
        let answer = dialogs.save(&self.wake, title_of(side), &body_name(flow, side));
        self.saving_body.asked = Some(((id, side), answer));
    }

    /// Takes over answers and results, and asks for a path where there is no dialog.
    pub(super) fn saving_body_ui(&mut self, ctx: &Context) {
        let state = &mut self.saving_body;
        let asked = state.asked.as_ref();
        if let Some(paths) = asked.and_then(|(_, answer)| answer.try_recv().ok())
            && let Some((wanted, _)) = state.asked.take()
        {
            match paths.as_deref() {
                Some([path, ..]) => self.save_body(wanted, path.clone()),
                Some([]) => {}
                None => self.type_body_path(wanted),
            }
        }
        self.body_path_ui(ctx);
        let outcome = match self.saving_body.running.as_ref().map(Receiver::try_recv) {
            None | Some(Err(TryRecvError::Empty)) => return,
            Some(Ok(outcome)) => outcome,
            Some(Err(TryRecvError::Disconnected)) => Err("it stopped unexpectedly".to_owned()),
        };
        self.saving_body.running = None;
        self.say(match outcome {
            Ok(news) => Toast::success(news),
            Err(problem) => Toast::error(format!("The body is not saved: {problem}")),
        });
    }

    fn type_body_path(&mut self, wanted: Wanted) {
        let (flow, side) = wanted;
        let flow = self.document.flow(flow);
        let name = flow.map_or_else(String::new, |flow| body_name(flow, side));
        self.saving_body.typed = Some(Typed {
            wanted,
            path: std::path::absolute(&name)
                .unwrap_or_else(|_| PathBuf::from(&name))
                .display()
                .to_string(),
            problem: None,
        });
    }

    fn body_path_ui(&mut self, ctx: &Context) {
        let Some(typed) = &mut self.saving_body.typed else {
            return;
        };
        let modal = Modal::new(Id::unique("save body"))
            .frame(modal_frame(ctx))
            .show(ctx, |ui| {
                ui.set_width(520.0);
                title(ui, title_of(typed.wanted.1));
                ui.add_space(8.0);
                let label = ui.label("File");
                let edit = TextEdit::singleline(&mut typed.path).desired_width(f32::INFINITY);
                ui.add(edit).labelled_by(label.id);
                let note = "Secrets in the body stay; a file that exists is not replaced";
                ui.label(RichText::new(note).color(Theme::of(ui).secondary));
                if let Some(problem) = &typed.problem {
                    ui.colored_label(Theme::of(ui).error, problem);
                }
                ui.add_space(8.0);
                buttons_ui(ui, "Save")
            });
        let path = PathBuf::from(typed.path.trim());
        match modal.inner {
            Some(true) if path.as_os_str().is_empty() => {
                typed.problem = Some("Type the path of the file".to_owned());
            }
            Some(true) if path.exists() => {
                typed.problem = Some("There is such a file already".to_owned());
            }
            Some(true) => {
                let wanted = typed.wanted;
                self.saving_body.typed = None;
                self.save_body(wanted, path);
            }
            Some(false) => self.saving_body.typed = None,
            None if modal.should_close() => self.saving_body.typed = None,
            None => {}
        }
    }

    /// Writes the `wanted` body to `path`, which may be replaced.
    fn save_body(&mut self, wanted: Wanted, path: PathBuf) {
        let (document, wake) = (self.document.clone(), Arc::clone(&self.wake));
        let (sender, receiver) = channel();
        let spawned = thread::Builder::new()
            .name("save body".to_owned())
            .spawn(move || {
                if sender.send(save(&document, wanted, &path)).is_ok() {
                    wake();
                }
            });
        match spawned {
            Ok(_) => self.saving_body.running = Some(receiver),
            Err(error) => self.say(Toast::error(format!("The body is not saved: {error}"))),
        }
    }
}

/// Saves the body and says what was saved, and what is wrong with it.
fn save(document: &Document, (id, side): Wanted, path: &Path) -> Result<String, String> {
    let flow = document.flow(id).ok_or("the flow is no longer open")?;
    let inputs = destination::Inputs {
        document,
        named: &[],
    };
    let checked = destination::check(inputs, path).and_then(|_| destination::resolve(path));
    let path = &checked.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let written = write_body(flow, side, &mut bytes);
    let (n_bytes, problem) = written.map_err(|problem| problem.to_string())?;
    replace(path, &bytes).map_err(|error| error.to_string())?;
    let problem = problem.map_or(String::new(), |problem| format!("; {problem}"));
    let n_bytes = counted(n_bytes, "byte");
    Ok(format!(
        "Body saved, {n_bytes}: {}{problem}",
        path.display()
    ))
}

/// What the dialog is called.
const fn title_of(side: Side) -> &'static str {
    match side {
        Side::Request => "Save request body",
        Side::Response | Side::Connection => "Save body",
    }
}

/// A name for the body by the end of the URL: only `[A-Za-z0-9._-]`, never hidden, reserved or without extension.
fn body_name(flow: Flow<'_>, side: Side) -> String {
    let path = flow.path().unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match side {
        // The end of the URL tells the kind of what came back.
        Side::Request => format!("{}.request", name_for(path, flow.host(), "")),
        Side::Response | Side::Connection => name_for(path, flow.host(), flow.mime()),
    }
}

fn name_for(path: &str, host: &str, mime: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    let last = safe_name(&percent_decode(last));
    let name = if last.is_empty() {
        safe_name(host)
    } else {
        last.clone()
    };
    let name = if name.is_empty() || is_reserved(&name) {
        format!("body-{name}").trim_end_matches('-').to_owned()
    } else {
        name
    };
    match extension_of(mime) {
        Some(extension) if last.is_empty() || !last.contains('.') => format!("{name}.{extension}"),
        _ => name,
    }
}

fn safe_name(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let plain: String = text
        .chars()
        .map(|c| if is_safe(c) { c } else { '_' })
        .collect();
    // The end tells the kind of file.
    let from = plain.len().saturating_sub(80);
    plain[from..].trim_matches(['.', '_', '-']).to_owned()
}

/// Windows has devices by these names, in every folder and with any extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.to_ascii_uppercase();
    let is_port = |prefix: &str| {
        let n = stem.strip_prefix(prefix);
        n.is_some_and(|n| n.len() == 1 && n.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL") || is_port("COM") || is_port("LPT")
}

fn extension_of(mime: &str) -> Option<&'static str> {
    let mime = mime.split(';').next().unwrap_or_default().trim();
    Some(match mime.to_ascii_lowercase().as_str() {
        "text/html" => "html",
        "text/css" => "css",
        "text/plain" => "txt",
        "text/xml" | "application/xml" => "xml",
        "application/json" => "json",
        "text/javascript" | "application/javascript" | "application/x-javascript" => "js",
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_get_harmless_names_that_say_what_they_are() {
        for (path, mime, expected) in [
            ("/a/photo.jpg", "image/jpeg", "photo.jpg"),
            ("/a/", "text/html; charset=utf-8", "www.a.example.html"),
            ("/api/list", "application/json", "list.json"),
            ("/api/list", "", "list"),
            ("/..%2f..%2fetc%2fpasswd", "", "etc_passwd"),
            ("/.bashrc", "", "bashrc"),
            ("/con.txt", "", "body-con.txt"),
            ("/%00%0a", "text/plain", "www.a.example.txt"),
            ("/é%F0%9F%98%80.png", "image/png", "png.png"),
        ] {
            assert_eq!(name_for(path, "www.a.example", mime), expected, "{path}");
        }
        assert_eq!(name_for("", "", ""), "body");
        assert!(name_for(&"a".repeat(500), "", "").len() <= 100);
    }
}
