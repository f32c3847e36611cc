//! Blocks of addresses: `13.32.0.0/15`, `192.0.2.1` or `192.0.2.1-192.0.2.9`, IPv4 and IPv6 alike.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses from `first` to `last`, both included. IPv4 sorts before IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Block {
    /// True for IPv6.
    pub(super) is_v6: bool,
    /// First address as a number.
    pub(super) first: u128,
    /// Last address as a number.
    pub(super) last: u128,
}

impl Block {
    /// Reads a block; `None` for anything else, also for a network with bits behind its mask.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((first, last)) = text.split_once('-') {
            let (first, last) = (Self::single(first)?, Self::single(last)?);
            let fits = first.is_v6 == last.is_v6 && first.first <= last.last;
            return fits.then_some(Self {
                last: last.last,
                ..first
            });
        }
        let Some((address, length)) = text.split_once('/') else {
            return Self::single(text);
        };
        let single = Self::single(address)?;
        let is_number = length.bytes().all(|byte| byte.is_ascii_digit());
        let length: u32 = length.parse().ok().filter(|_| is_number)?;
        let rest = single.bits().checked_sub(length)?;
        let behind = low_bits(rest);
        (single.first & behind == 0).then_some(Self {
            last: single.first | behind,
            ..single
        })
    }

    fn single(text: &str) -> Option<Self> {
        text.parse().ok().map(Self::exactly)
    }

    /// The block that holds `address` alone; an IPv4 address in the dress of IPv6 counts as IPv4.
    pub(super) fn of(address: IpAddr) -> Self {
        Self::exactly(address.to_canonical())
    }

    fn exactly(address: IpAddr) -> Self {
        let (is_v6, first) = match address {
            IpAddr::V4(address) => (false, u128::from(address.to_bits())),
            IpAddr::V6(address) => (true, address.to_bits()),
        };
        Self {
            is_v6,
            first,
            last: first,
        }
    }

    /// True when all of `other` lies in this block.
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.is_v6 == other.is_v6 && self.first <= other.first && other.last <= self.last
    }

    const fn bits(&self) -> u32 {
        if self.is_v6 { 128 } else { 32 }
    }

    /// The length of the network that the block is, if it is one.
    fn network_length(&self) -> Option<u32> {
        let behind = self.first ^ self.last;
        let rest = behind.trailing_ones();
        let is_network = behind == low_bits(rest) && self.first & behind == 0;
        is_network.then(|| self.bits() - rest)
    }

    fn address(&self, number: u128) -> IpAddr {
        if self.is_v6 {
            Ipv6Addr::from_bits(number).into()
        } else {
            Ipv4Addr::from_bits(number as u32).into()
        }
    }
}

impl TryFrom<String> for Block {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a block of addresses: {text}"))
    }
}

/// A number whose `n` lowest bits are set.
const fn low_bits(n: u32) -> u128 {
    match u128::MAX.checked_shr(128 - n) {
        Some(bits) => bits,
        None => 0,
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.address(self.first);
        match self.network_length() {
            Some(length) => write!(f, "{first}/{length}"),
            None => write!(f, "{first}-{}", self.address(self.last)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_as_they_were_written() {
        for text in [
            "0.0.0.0/0",
            "13.32.0.0/15",
            "192.0.2.1/32",
            "192.0.2.1-192.0.2.3",
            "::/0",
            "2600:9000::/28",
            "2001:db8::1-2001:db8::4",
        ] {
            let block = Block::parse(text).expect(text);
            assert_eq!(block.to_string(), text);
        }
        assert_eq!(Block::parse("192.0.2.7"), Block::parse("192.0.2.7/32"));
    }

    #[test]
    fn anything_else_is_no_block() {
        for text in [
            "",
            "/",
            "-",
            "192.0.2.1/33",
            "192.0.2.1/24",
            "192.0.2.0/+24",
            "192.0.2.9-192.0.2.1",
            "192.0.2.1-::1",
            "::/129",
            "example.com",
            "192.0.2.0/99999999999",
        ] {
            assert_eq!(Block::parse(text), None, "{text}");
        }
    }
}
