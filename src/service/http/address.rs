//! Which addresses belong to the public internet (RFC 6890 and the registries of IANA after it).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether that host is this machine by its very name: an address of loopback, or `localhost`
/// (RFC 6761, section 6.3).
pub fn is_loopback_host(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => bare.eq_ignore_ascii_case("localhost"),
    }
}

/// Whether a provider may have that address: one of the public internet, and no other.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        [0, ..] | [10, ..] | [127, ..] => true,
        [100, second, ..] => (64..128).contains(&second), // shared address space, RFC 6598
        [169, 254, ..] => true,
        [172, second, ..] => (16..32).contains(&second),
        [192, 0, 0, _] | [192, 0, 2, _] => true,
        [192, 88, 99, _] => true, // 6to4 relays, RFC 7526
        [192, 168, ..] => true,
        [198, 18 | 19, ..] => true, // benchmarks, RFC 2544
        [198, 51, 100, _] | [203, 0, 113, _] => true,
        [224..=255, ..] => true, // multicast and what is reserved
        _ => false,
    };
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // Addresses that stand for one of the older kind: judged as that one.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(embedded(high, low))
        }
        // 6to4, RFC 3056.
        [0x2002, high, low, ..] => is_public_v4(embedded(high, low)),
        // Teredo, benchmarks, ORCHID and other protocol assignments, RFC 2928.
        [0x2001, second, ..] if second < 0x200 => false,
        [0x2001, 0xdb8, ..] => false,           // documentation
        [0x3fff, second, ..] => second > 0xfff, // documentation, RFC 9637
        // Global unicast is 2000::/3; all else is local, multicast or not given out.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_internet_and_all_others() {
        let public = [
            "1.1.1.1",
            "140.82.121.4",
            "100.63.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2002:0101:0101::1",
        ];
        for ip in public {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        let other = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "100::1",
            "4000::1",
        ];
        for ip in other {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn loopback_is_told_by_its_name() {
        for host in ["127.0.0.1", "127.8.9.1", "[::1]", "::1", "localhost", "LOCALHOST"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["localhost.example.com", "10.0.0.1", "[::2]", "127.0.0.1.nip.io", ""] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }
}
