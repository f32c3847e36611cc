//! The catalogue: who runs machines, which products they offer, and how one recognises them.
//!
//! One TOML file per provider in `assets/providers/` is embedded at build time; adding a provider means adding a file.
//! `assets/providers/README.md` describes the files and how the address table is built.

mod catalogue;
mod headers;
mod names;
mod pack;
mod ranges;
mod rule;

pub use catalogue::{
    AddressMatch, Catalogue, Provider, ProviderId, Service, ServiceId, ServiceKind, catalogue,
};
pub use names::HostMatch;
pub use ranges::{RangeHit, RangeInput, Ranges};
pub use rule::{Family, HeaderRule, HostRule, Place, Rule, Strength, ValueTest};

/// True for headers that attribution reads; `name` in any case. Readers keep these and no others.
pub fn is_evidence_header(name: &str) -> bool {
    catalogue().is_evidence_header(name)
}
