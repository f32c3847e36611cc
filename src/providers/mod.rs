//! The catalogue: who runs machines, which products they offer, and how one recognises them.
//!
//! One TOML file per provider in `assets/providers/` is embedded at build time; adding a provider means adding a file.
//! The user's folder may hold more of them, and address tables that [`import`] made of files that providers publish;
//! both win over what is embedded, and [`use_folder`] names that folder. `assets/providers/README.md` describes the files and how the address table is built.
//!
//! The modules stand in reading order: what rules point at, rules, packs, how names, headers and addresses are found, the
//! user's folder, rules for people to read, samples, the catalogue itself, imports, and the networks behind addresses.

mod service;

mod rule;

mod pack;

mod headers;
mod names;

mod block;
mod flatten;
mod intervals;
mod ranges;
mod stated;
mod table;

mod folder;

mod card;

mod sample;

mod catalogue;
mod load;

mod import;

mod networks;

pub use card::RuleCard;
pub use catalogue::{AddressMatch, Catalogue, catalogue, problems};
pub use folder::{use_folder, usual_folder};
pub use import::{ImportOptions, ImportedTable, MAX_BYTES as MAX_IMPORT_BYTES, RangeFile, import};
pub use names::HostMatch;
pub use networks::{Network, network_of, prepare_networks};
pub use ranges::{RangeHit, RangeInput, Ranges};
pub use rule::{Family, HeaderRule, HostRule, Pattern, Place, Rule, Strength, ValueTest};
pub use sample::{Sample, Seen};
pub use service::{Provider, ProviderId, Service, ServiceId, ServiceKind};

/// True for headers that attribution reads; `name` in any case. Readers keep these and no others.
pub fn is_evidence_header(name: &str) -> bool {
    catalogue().is_evidence_header(name)
}
