//! Logs whose lines name their values, and all others that hold a URL and a status in each line.
//!
//! Caddy, Traefik and Envoy have names of their own for things; everywhere else they are guessed, and the guess is said.

mod caddy;
mod edge;
mod envoy;
mod fields;
mod generic;
mod guess;
mod names;
mod plain;
mod traefik;

pub(super) use self::caddy::Caddy;
pub(super) use self::envoy::Envoy;
pub(super) use self::generic::Generic;
pub(super) use self::guess::JsonLines;
pub(super) use self::traefik::Traefik;
