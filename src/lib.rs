//! Headwater: who really serves captured HTTP traffic, as origin or only as CDN, on which evidence.

pub mod annotations;
pub mod attribution;
pub mod base;
pub mod capture;
pub mod cli;
pub mod commands;
pub mod document;
pub mod formats;
pub mod panels;
pub mod providers;
pub mod query;
pub mod redact;
pub mod reports;
pub mod session;
pub mod widgets;
