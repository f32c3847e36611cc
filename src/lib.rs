//! Headwater: who really serves captured HTTP traffic, as origin or only as CDN, on which evidence.
//!
//! # Bird's-eye view
//!
//! ```text
//! file ──detect──▶ formats::read ──▶ Capture ──▶ attribution ──▶ Attribution ─┐
//!  (read_at)          (problems)    (rows, spans)  (evidence)     (verdicts)  │
//!                                                                             ▼
//!  sidecar ◀── autosave ── Annotations ◀── Edit (undo/redo) ─────────▶ Document (Arc snapshot, revision)
//!                                            ▲                                │
//!                                            │ Action                         ├──▶ query: filter, sort ─▶ Rows ─┐
//!                                            └──── panels::*::ui ◀── panels::*::model (worker thread) ◀─────────┤
//!                                                                             └──▶ reports: HTML CSV JSON MD HAR ◀┘
//! ```
//!
//! Attribution runs in two passes: columns and headers first; then, in the background, the bodies of earlier responses are
//! searched for the URLs of writes. What a provider is to a party ([`attribution::roles`]) is judged from both, on demand.
//! Three lenses show the same flows: one by one, by host ([`query::hosts`]), by service ([`panels::services`]).
//!
//! What a file *said* ([`capture`]), what the machine *concludes* ([`attribution`]) and what a person *says*
//! ([`annotations`]) are kept apart from end to end; [`document`] puts them side by side and never mixes them.
//!
//! # Invariants
//!
//! What tests can hold is held by tests; the rest is held by review.
//!
//! - **Reading never fails as a whole**: it returns flows and problems; an error only when nothing at all is usable.
//! - **A capture is opened read-only**, never memory-mapped and never held in memory: rows and spans are; bodies are read
//!   on demand.
//! - **A verdict that names somebody has evidence**, and evidence knows its bytes.
//! - **A label never changes a verdict**: `document.verdict(flow)` is the machine's only, `document.label(flow)` the
//!   person's.
//! - **Nothing in a panel's `ui` blocks**, reads a file or walks all flows. Work runs on named threads on a snapshot; the
//!   newest request wins, and the last finished result stays on screen meanwhile.
//! - **The program opens no network connection**, and there is no HTTP client in the dependency tree.
//! - **Each column is defined once**, in [`query::columns`]: table, filter, sorting, the command line and the CSV report use
//!   it. The report adds what only reports say: absolute times, the entry, and carriers with their region.
//! - **Nothing leaves but through [`redact`]**: reports, tables, clipboard, messages and the file with the labels. A value is
//!   removed where it stands, by its name or form; evidence and hosts stay.
//! - **An edit returns its inverse**; ten thousand rows labelled at once are one edit.
//! - **Imports go only downwards**, in the order of the modules below; `tests/architecture.rs` holds the table.

pub mod base;

pub mod capture;
pub mod providers;

pub mod attribution;
pub mod formats;

pub mod redact;

pub mod annotations;

pub mod document;

pub mod query;

pub mod reports;

pub mod session;

// egui begins here.

pub mod commands;

pub mod widgets;

pub mod panels;

pub mod app;

pub mod cli;
