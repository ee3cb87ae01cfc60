//! Whose address a request comes from, for limits only. The address itself is never kept: what leaves this file is a
//! keyed hash of it, under a key that lives and dies with the process.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use hyper::HeaderMap;
use sha2::{Digest as _, Sha256};

/// An address or a network of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: u128,
    prefix_bits: u32,
}

/// The text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkError;

/// Who may be believed about an address, and the key under which addresses are hashed.
pub struct Addresses {
    trusted: Vec<Network>,
    key: [u8; 16],
}

/// A client, as far as limits need to know it: equal for requests from one address, and for all addresses of one
/// IPv6 /64, which is what one household or office gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressHash(pub u64);

impl Addresses {
    /// `trusted`: proxies whose `X-Forwarded-For` is believed. `key`: random bytes.
    pub fn new(trusted: Vec<Network>, key: [u8; 16]) -> Self {
        Addresses { trusted, key }
    }

    /// The client behind a request that arrived from `peer`. None for this machine itself, which is not limited: it
    /// is either the operator's own, or a proxy that does not say whom it speaks for, and then a limit would be one
    /// for everybody together.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<AddressHash> {
        let client = self.resolve(peer, headers).to_canonical();
        if client.is_loopback() { None } else { Some(self.hash(client)) }
    }

    /// Walks `X-Forwarded-For` from its end, the part nearest to us, for as long as the speaker is a trusted proxy.
    /// What a client wrote into the header itself stands further left and is never reached.
    fn resolve(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let values: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        let mut hops = values.iter().rev().flat_map(|value| value.rsplit(','));
        let mut speaker = peer;
        while self.trusted.iter().any(|network| network.contains(speaker)) {
            let Some(said) = hops.next().and_then(|hop| hop.trim().parse().ok()) else { break };
            speaker = said;
        }
        speaker
    }

    fn hash(&self, address: IpAddr) -> AddressHash {
        let mut wide = to_bits(address);
        if address.is_ipv6() {
            wide &= !u128::from(u64::MAX);
        }
        let digest = Sha256::new().chain_update(self.key).chain_update(wide.to_be_bytes()).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        AddressHash(u64::from_be_bytes(first))
    }
}

impl Network {
    /// Whether the address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let mask = u128::MAX.checked_shl(128 - self.prefix_bits).unwrap_or(0);
        to_bits(address) & mask == self.address & mask
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().map_err(|_| NetworkError)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let (width, before) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let bits = bits.unwrap_or(width);
        if bits > width {
            return Err(NetworkError);
        }
        Ok(Network { address: to_bits(address), prefix_bits: before + bits })
    }
}

/// Both families in one space, so that an IPv4 client on an IPv6 socket is the same client.
fn to_bits(address: IpAddr) -> u128 {
    let wide: Ipv6Addr = match address {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    wide.to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> Option<AddressHash> {
        let trusted = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        Addresses::new(trusted, [7; 16]).client(peer.parse().unwrap(), &headers)
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client(&[], "192.0.2.1", &["198.51.100.7"]), client(&[], "192.0.2.1", &[]));
    }

    #[test]
    fn the_hop_that_the_last_trusted_proxy_names_is_the_client() {
        let want = client(&[], "198.51.100.7", &[]);
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &["198.51.100.7"]), want);
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &["203.0.113.9, 198.51.100.7, 10.9.9.9"]), want);
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &["203.0.113.9", "198.51.100.7"]), want);
        assert_eq!(client(&["::1"], "::1", &["198.51.100.7"]), want);
    }

    #[test]
    fn nonsense_in_the_header_falls_back_to_the_speaker() {
        assert_eq!(client(&["10.0.0.1"], "10.0.0.1", &["unknown"]), client(&[], "10.0.0.1", &[]));
    }

    #[test]
    fn this_machine_is_not_limited() {
        for peer in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(client(&[], peer, &[]), None, "{peer}");
        }
        assert_ne!(client(&["127.0.0.0/8"], "127.0.0.1", &["192.0.2.1"]), None);
    }

    #[test]
    fn one_household_is_one_client() {
        assert_eq!(client(&[], "2001:db8:1:2::1", &[]), client(&[], "2001:db8:1:2:ffff::9", &[]));
        assert_ne!(client(&[], "2001:db8:1:2::1", &[]), client(&[], "2001:db8:1:3::1", &[]));
        assert_ne!(client(&[], "192.0.2.1", &[]), client(&[], "192.0.2.2", &[]));
        assert_eq!(client(&[], "::ffff:192.0.2.1", &[]), client(&[], "192.0.2.1", &[]));
    }

    #[test]
    fn networks_end_where_they_say() {
        let network: Network = "10.0.0.0/9".parse().unwrap();
        assert!(network.contains("10.127.255.255".parse().unwrap()));
        assert!(!network.contains("10.128.0.0".parse().unwrap()));
        let all: Network = "::/0".parse().unwrap();
        assert!(all.contains("192.0.2.1".parse().unwrap()));
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0", "10.0.0.0/x", "/8"] {
            assert_eq!(text.parse::<Network>(), Err(NetworkError), "{text}");
        }
    }
}
