//! Who serves a flow: evidence, weighed to a verdict.
//!
//! [`Attribution::of`] judges every flow of a capture and keeps 32 bytes per flow. `context` is what the capture as a whole
//! shows: what is void, what only several flows together show, who handed out which URL. Then, flow by flow, `collect` fills
//! the findings (one file per family), `weigh` makes the verdict and returns what only then is known, `settle` says what
//! would settle it. The evidence itself is not stored: [`Attribution::examine`] finds it again by the same pure function.
//! [`Attribution::with_bodies`] is the second pass. [`roles`] says from what both found what every provider is to every party.
//!
//! The modules stand in reading order, from the ground up; none uses a later one, which `tests/architecture.rs` holds.

// The ground: words, and what a URL or a request is by itself.
mod cache_sign;
mod evidence;
mod groups;
mod url;
mod verdict;
mod withheld;
mod writes;

mod regions;
mod signed;

mod context;

mod findings;
mod lookups;
mod tunnels;

mod party;

mod collect;

mod weigh;

mod settle;
mod shown;

mod examine;

mod parallel;
mod pass;
mod session;

pub mod roles;
pub mod score;

mod rules;

pub use cache_sign::{Answer as CacheAnswer, cache_answer};
pub use evidence::{Claim, Evidence, Family, OwnRule, Speaks, Strength};
pub use examine::Examination;
pub use groups::Groups;
pub use party::party_of_host;
pub use pass::Attribution;
pub use rules::{claim_words, own_rule};
pub use session::Judged;
pub use url::{host_of, registrable};
pub use verdict::{Carrier, Conclusiveness, RegionId, Role, Verdict};
pub use withheld::Withheld;
