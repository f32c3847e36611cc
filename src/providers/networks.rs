//! The network behind an address: its AS number, who holds it and in which country. A fact, and never evidence.
//!
//! `assets/providers/build_networks.py` makes the table and describes its bytes. It is decoded when it is asked for first.

use std::fmt;
use std::net::IpAddr;
use std::sync::OnceLock;

use serde::Deserialize;

use super::intervals::{DAMAGED, Intervals, Varints, head_and_rest, unpacked};
use super::load::embedded;
use super::ranges::RangeInput;
use crate::base::address::{behind_nat64, is_private};

/// An autonomous system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its number.
    pub asn: u32,
    /// Who holds it, as the registries write it.
    pub holder: &'static str,
    /// The country in which most of its addresses are registered, in two letters; empty when that is not known.
    pub country: &'static str,
}

impl Network {
    /// `PubMatic, Inc. (US)`: the holder with the country.
    pub fn name(self) -> String {
        if self.country.is_empty() {
            return self.holder.to_owned();
        }
        format!("{} ({})", self.holder, self.country)
    }

    /// `AS62713`.
    pub fn number(self) -> String {
        format!("AS{}", self.asn)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.name())
    }
}

/// The network that announces `address`; `None` for private addresses, and for those that the table does not know.
pub fn network_of(address: IpAddr) -> Option<Network> {
    let address = behind_nat64(address.to_canonical());
    if is_private(address) {
        return None;
    }
    networks().find(address)
}

/// Decodes the table of networks, which takes a moment, before anybody asks for it.
pub fn prepare_networks() {
    networks();
}

/// What the table of networks was built from, for those who say where it comes from.
pub(super) fn network_inputs() -> &'static [RangeInput] {
    static INPUTS: OnceLock<Vec<RangeInput>> = OnceLock::new();
    INPUTS.get_or_init(|| {
        let head = embedded(FILE).and_then(|bytes| Ok(head_and_rest::<Head>(bytes, MAGIC)?.0));
        head.map_or_else(|_| Vec::new(), |head| head.inputs)
    })
}

fn networks() -> &'static Networks {
    static NETWORKS: OnceLock<Networks> = OnceLock::new();
    NETWORKS.get_or_init(|| {
        let decoded = embedded(FILE).and_then(Networks::decode);
        decoded.unwrap_or_else(|problem| {
            log::error!("{FILE}: {problem}");
            Networks::default()
        })
    })
}

const FILE: &str = "networks.bin";
const MAGIC: &[u8] = b"headwater networks 1\n";
/// Bytes that the decompressor reads at once.
const CHUNK: usize = 1 << 16;

#[derive(Deserialize)]
struct Head {
    inputs: Vec<RangeInput>,
    countries: Vec<String>,
}

/// The decoded table: 12 bytes for each IPv4 interval and each network, 20 for each IPv6 interval, and the holders as text.
#[derive(Debug, Default)]
struct Networks {
    countries: Vec<String>,
    rows: Vec<Row>,
    /// The holder of each network, on a line of its own.
    holders: String,
    v4: Intervals<u32, u32>,
    /// In units of /64.
    v6: Intervals<u64, u32>,
}

#[derive(Debug)]
struct Row {
    asn: u32,
    /// Where its holder begins.
    holder: u32,
    /// Index of its country plus one.
    country: u16,
}

impl Networks {
    /// Decodes the bytes of `networks.bin`.
    fn decode(bytes: &[u8]) -> Result<Self, String> {
        let (head, packed): (Head, _) = head_and_rest(bytes, MAGIC)?;
        let body = unpacked(brotli::Decompressor::new(packed, CHUNK))?;
        let networks = Self::read(&body, head.countries);
        networks.ok_or_else(|| DAMAGED.to_owned())
    }

    fn read(body: &[u8], countries: Vec<String>) -> Option<Self> {
        let mut reader = Varints { bytes: body };
        let n = usize::try_from(reader.next()?).ok()?;
        let (numbers, of_country) = (reader.column(n)?, reader.column(n)?);
        let known = |[at]: [u128; 1]| {
            let at = u32::try_from(at).ok()?;
            ((at as usize) < n).then_some(at)
        };
        let v4 = Intervals::read(&mut reader, known)?;
        let v6 = Intervals::read(&mut reader, known)?;
        let holders = std::str::from_utf8(reader.bytes).ok()?.to_owned();
        Some(Self {
            rows: rows(n, numbers, of_country, &holders)?,
            countries,
            holders,
            v4,
            v6,
        })
    }

    fn find(&'static self, address: IpAddr) -> Option<Network> {
        let at = match address {
            IpAddr::V4(address) => self.v4.find(address.to_bits())?,
            IpAddr::V6(address) => self.v6.find((address.to_bits() >> 64) as u64)?,
        };
        let row = self.rows.get(at as usize)?;
        let holder = self.holders.get(row.holder as usize..)?;
        let country = usize::from(row.country).checked_sub(1);
        let country = country.and_then(|at| self.countries.get(at));
        Some(Network {
            asn: row.asn,
            holder: holder.lines().next().unwrap_or_default(),
            country: country.map_or("", String::as_str),
        })
    }
}

/// The rows of `n` networks, of which each has a line of `holders`.
fn rows(
    n: usize,
    mut numbers: Varints<'_>,
    mut countries: Varints<'_>,
    holders: &str,
) -> Option<Vec<Row>> {
    let mut lines = [0].into_iter().chain(line_ends(holders).map(|end| end + 1));
    let mut rows = Vec::with_capacity(n);
    let mut asn = 0_i64;
    for _ in 0..n {
        asn = asn.checked_add(signed(numbers.next()?)?)?;
        rows.push(Row {
            asn: u32::try_from(asn).ok()?,
            holder: u32::try_from(lines.next()?).ok()?,
            country: u16::try_from(countries.next()?).ok()?,
        });
    }
    Some(rows)
}

fn line_ends(text: &str) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(b'\n', text.as_bytes())
}

/// The number behind a zigzag: 0, -1, 1, -2, 2 …
fn signed(number: u128) -> Option<i64> {
    let half = i64::try_from(number >> 1).ok()?;
    Some(if number & 1 == 0 { half } else { -half - 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: Option<&str>) {
        let found = network_of(address.parse().expect(address));
        let found = found.map(|network| network.to_string());
        assert_eq!(found.as_deref(), expected, "{address}");
    }

    #[test]
    fn addresses_are_in_the_networks_that_hold_them_for_long() {
        for (address, expected) in [
            ("17.0.0.1", "AS714 Apple Inc. (US)"),
            ("8.8.8.8", "AS15169 Google LLC (US)"),
            ("1.1.1.1", "AS13335 Cloudflare, Inc. (US)"),
            ("18.0.0.1", "AS3 Massachusetts Institute of Technology (US)"),
            ("2001:4860:4860::8888", "AS15169 Google LLC (US)"),
            ("2620:149::1", "AS714 Apple Inc. (US)"),
            ("::ffff:8.8.8.8", "AS15169 Google LLC (US)"),
            ("64:ff9b::808:808", "AS15169 Google LLC (US)"),
        ] {
            check(address, Some(expected));
        }
    }

    #[test]
    fn addresses_that_no_server_on_the_internet_has_are_in_no_network() {
        for address in [
            "10.1.2.3",
            "127.0.0.1",
            "100.64.0.1",
            "192.0.2.1",
            "255.255.255.255",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "64:ff9b::a01:203",
            "2001:db8::1",
        ] {
            check(address, None);
        }
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let whole = embedded(FILE).expect("it is embedded");
        for len in [
            0,
            5,
            MAGIC.len(),
            MAGIC.len() + 40,
            whole.len() / 2,
            whole.len() - 9,
        ] {
            assert!(Networks::decode(&whole[..len]).is_err(), "{len} bytes");
        }
        let networks = Networks::decode(whole).expect("it is whole");
        assert!(400_000 < networks.v4.marks().len());
        let (head, packed): (Head, _) = head_and_rest(whole, MAGIC).expect("a head");
        let body = unpacked(brotli::Decompressor::new(packed, CHUNK)).expect("a body");
        let n = networks.rows.len();
        for len in [0, 1, 3, n, 2 * n, body.len() / 4, body.len() / 2] {
            assert!(
                Networks::read(&body[..len], head.countries.clone()).is_none(),
                "{len} bytes of the body"
            );
        }
    }

    #[test]
    fn what_the_table_was_built_from_is_told_without_decoding_it() {
        let inputs = network_inputs();
        let packages: Vec<&str> = inputs.iter().map(|input| &*input.package).collect();
        assert_eq!(
            packages,
            ["@ip-location-db/asn", "@ip-location-db/asn-country"]
        );
    }
}
