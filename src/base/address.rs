//! What an Internet address says by itself.

use std::net::IpAddr;

/// The IPv4 address that an address of a network without IPv4 stands for (RFC 6052); otherwise the address itself.
pub fn behind_nat64(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            let [.., a, b, c, d] = v6.octets();
            IpAddr::from([a, b, c, d])
        }
        other => other,
    }
}

/// True for addresses that no server on the Internet has: private, loopback, link-local, carrier-grade NAT, and those that
/// programs on the client make up.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || (first == 100 && (64..128).contains(&second))
                || (first == 198 && (18..20).contains(&second))
                || 240 <= first
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_behind_nat64_is_the_one_that_it_stands_for() {
        for (address, expected) in [
            ("64:ff9b::808:808", "8.8.8.8"),
            ("64:ff9b:1::808:808", "64:ff9b:1::808:808"),
            ("2001:db8::1", "2001:db8::1"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            let [address, expected] = [address, expected].map(|text| text.parse().expect(text));
            assert_eq!(behind_nat64(address), expected);
        }
    }
}
