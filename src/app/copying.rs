//! Puts rows, commands for curl, URLs, hosts and cells on the clipboard; a worker writes them, since that reads the file.

use std::sync::Arc;

use egui_notify::Toast;

use super::HeadwaterApp;
use crate::base::jobs::{Cancel, Latest};
use crate::base::text::{bytes_with_unit, counted};
use crate::capture::FlowId;
use crate::commands::Command;
use crate::panels::hosts::model::several;
use crate::query::columns::ColumnId;
use crate::reports::{self, Copied, Grouped, ReportError};
use crate::session::Lens;

/// Longest text that is put on the clipboard, in bytes: an X server takes no longer message, and says nothing.
const MAX_CLIPBOARD: usize = 15 << 20;

/// What is being written for the clipboard; the newest wish wins.
#[derive(Debug)]
pub(super) struct Copying {
    latest: Latest<u64, Result<Finished, String>>,
    n_asked: u64,
}

#[derive(Debug)]
struct Finished {
    text: String,
    /// What to say about it.
    news: String,
}

impl Default for Copying {
    fn default() -> Self {
        Self {
            latest: Latest::new("copy"),
            n_asked: 0,
        }
    }
}

impl Copying {
    /// True while something is being written.
    pub(super) fn is_busy(&self) -> bool {
        self.latest.is_running()
    }
}

impl HeadwaterApp {
    /// Runs a command that copies. False for other commands.
    pub(super) fn run_copying(&mut self, command: Command) -> bool {
        if command == Command::CopyRows && self.session.lens == Lens::Hosts {
            self.copy_hosts();
            return true;
        }
        if command == Command::CopyRows && self.session.lens == Lens::Services {
            self.copy_services();
            return true;
        }
        let what = match command {
            Command::CopyRows => Copied::Rows(self.panels.table.columns()),
            Command::CopyCurl => Copied::Curl,
            Command::CopyUrl => Copied::Url,
            Command::CopyHost => Copied::Host,
            _ => return false,
        };
        let rows = Arc::clone(self.rows.rows());
        let selected = self.session.selection.flows.clone();
        self.copy(what, move || {
            // In the order shown; what is selected but filtered out is not meant.
            let flows = rows.flows.iter().copied();
            flows.filter(|flow| selected.contains(*flow)).collect()
        });
        true
    }

    /// Copies one cell.
    pub(super) fn copy_cell(&mut self, flow: FlowId, column: ColumnId) {
        self.copy(Copied::Cell(column), move || vec![flow]);
    }

    /// Copies the selected rows of the lens of hosts.
    fn copy_hosts(&mut self) {
        let Some(shown) = self.panels.hosts.shown().cloned() else {
            return;
        };
        let order = shown.selected(&self.session.selection.flows);
        let columns = self.panels.hosts.columns().to_vec();
        let document = self.document.clone();
        self.write(move |cancel| {
            let grouped = Grouped {
                table: &shown.table,
                order: &order,
            };
            let news = format!("Copied {}", several(order.len(), shown.table.by));
            let text = reports::copied_rows(&document, grouped, &columns, cancel)?;
            Some((text, news))
        });
    }

    /// Copies the selected rows of the lens by service.
    fn copy_services(&mut self) {
        if let Some((rows, n)) = self.panels.services.copied(&self.session.subjects) {
            let news = format!("Copied {}", counted(n as u64, "row"));
            self.write(move |_| Some((Ok(rows.to_tsv()), news)));
        }
    }

    fn copy(&mut self, what: Copied, flows: impl FnOnce() -> Vec<FlowId> + Send + 'static) {
        let document = self.document.clone();
        self.write(move |cancel| {
            let flows = flows();
            let news = news(&what, flows.len());
            let text = reports::copied(&document, flows, &what, cancel)?;
            Some((text, news))
        });
    }

    /// Lets a worker write what is put on the clipboard then, and what is said about it.
    fn write(
        &mut self,
        work: impl FnOnce(&Cancel) -> Option<(Result<String, ReportError>, String)> + Send + 'static,
    ) {
        self.copying.n_asked += 1;
        let wake = Arc::clone(&self.wake);
        let key = self.copying.n_asked;
        self.copying.latest.request(key, wake, move |cancel| {
            let (text, news) = work(cancel)?;
            Some(match text {
                Ok(text) if MAX_CLIPBOARD < text.len() => Err(too_long(text.len())),
                Ok(text) => Ok(Finished { text, news }),
                Err(error) => Err(error.to_string()),
            })
        });
    }

    /// Puts on the clipboard what has been written.
    pub(super) fn poll_copying(&mut self, ctx: &egui::Context) {
        if !self.copying.latest.poll() {
            return;
        }
        match self.copying.latest.get() {
            Some(Ok(finished)) => {
                ctx.copy_text(finished.text.clone());
                let news = finished.news.clone();
                self.say(Toast::info(news));
            }
            Some(Err(problem)) => {
                let problem = format!("Nothing was copied: {problem}");
                self.say(Toast::error(problem));
            }
            None => {}
        }
    }
}

fn too_long(bytes: usize) -> String {
    let (number, unit) = bytes_with_unit(bytes as u64);
    format!("{number} {unit} are more than every clipboard takes; export a CSV report instead")
}

fn news(what: &Copied, n: usize) -> String {
    let n = n as u64;
    match what {
        Copied::Rows(_) => format!("Copied {}", counted(n, "row")),
        Copied::Curl => format!("Copied {} as cURL, secrets removed", counted(n, "request")),
        Copied::Url => format!("Copied the URL of {}", counted(n, "flow")),
        Copied::Host => format!("Copied the host of {}", counted(n, "flow")),
        Copied::Cell(column) => format!("Copied {}", column.column().title),
    }
}
