//! The panels of the window.
//!
//! To add a panel: make a folder with `model.rs` (plain data, no egui: what is shown) and `mod.rs` (paints it and asks for
//! [`Action`]s), and give it a place in `app::shell`. A panel never edits, blocks, reads a file or walks all flows in
//! [`Panel::ui`]; what takes longer than a frame is requested from a worker in [`Panel::prepare`].

pub mod detail;
pub mod pie;
pub mod problems;
pub mod search;
pub mod table;
pub mod timeline;
pub mod verdicts;

use std::sync::Arc;

use crate::base::jobs::Wake;
use crate::commands::Action;
use crate::document::Document;
use crate::query::Rows;
use crate::session::Session;

/// What a panel may look at while it paints, and where it leaves its wishes.
pub struct PanelCx<'a> {
    /// The document as of this frame.
    pub document: &'a Document,
    /// The flows that the query keeps, in its order.
    pub rows: &'a Arc<Rows>,
    /// Grows by one whenever `rows` changes.
    pub rows_revision: u64,
    /// Query, selection, zoom.
    pub session: &'a Session,
    /// Repaints the window from any thread.
    pub wake: &'a Wake,
    /// What the person asked for in this frame, in order.
    pub actions: &'a mut Vec<Action>,
}

/// One part of the window.
pub trait Panel {
    /// Names it for people and screen readers.
    fn title(&self) -> &'static str;
    /// Fetches finished work and requests what the next frame needs; runs before painting.
    fn prepare(&mut self, cx: &mut PanelCx<'_>);
    /// Paints it into `ui`.
    fn ui(&mut self, ui: &mut egui::Ui, cx: &mut PanelCx<'_>);
}
