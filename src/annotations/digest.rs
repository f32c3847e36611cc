//! Fingerprints that find a flow again when its file is opened the next time, or was exported anew.
//!
//! A fingerprint covers what an export keeps (method, target and start) and leaves out what it changes: headers, sizes,
//! durations, the order of entries. It is salted, so that nobody can look up a URL by its bare hash.
//! Cost: two SHA-256 blocks and 32 bytes per flow, and one hash slot while they are computed.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::capture::{Capture, Flow};

/// The fingerprint `strong`, version 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Reads 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The fingerprints of all flows of `capture`, by row.
///
/// Equal requests of the same millisecond are told apart by their order in the file.
pub fn flow_digests(capture: &Capture, salt: &str) -> Vec<Digest> {
    let mut ordinals: HashMap<[u8; 32], u64> = HashMap::new();
    capture
        .flows()
        .map(|flow| {
            let mut hasher = hash_flow(flow, salt);
            let ordinal = ordinals
                .entry(hasher.clone().finalize().into())
                .or_default();
            part(&mut hasher, &ordinal.to_be_bytes());
            *ordinal += 1;
            Digest(hasher.finalize().into())
        })
        .collect()
}

fn hash_flow(flow: Flow<'_>, salt: &str) -> Sha256 {
    let mut hasher = Sha256::new();
    part(&mut hasher, salt.as_bytes());
    part(&mut hasher, b"flow/1");
    part(&mut hasher, flow.method().to_ascii_uppercase().as_bytes());
    part(&mut hasher, flow.scheme().unwrap_or_default().as_bytes());
    part(&mut hasher, flow.host().as_bytes());
    part(&mut hasher, &flow.port().unwrap_or(0).to_be_bytes());
    // A URL without a host (`data:`) is all path.
    let target = flow.path().unwrap_or_else(|| flow.url());
    let target = target.split('#').next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    part(&mut hasher, path.as_bytes());
    part(&mut hasher, query.as_bytes());
    match flow.start() {
        Some(start) => part(&mut hasher, &start.0.div_euclid(1_000).to_be_bytes()),
        None => part(&mut hasher, b""),
    }
    hasher
}

/// Length first, so that no two lists of parts hash alike.
fn part(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}
