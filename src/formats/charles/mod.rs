//! Sessions of Charles as it exports them in text: JSON (`.chlsj`) and XML (`.chlsx`).
//!
//! Its own `.chls` files are serialised Java objects; those are refused by name (see `foreign`).

mod chlsj;
mod chlsx;
mod json_transaction;
mod transaction;
mod xml_transaction;

pub(super) use self::chlsj::Chlsj;
pub(super) use self::chlsx::Chlsx;

use super::{Format, Input, Pace, Probe, Watch};
