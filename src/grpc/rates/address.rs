//! The address that a request comes from: that of the connection, or, where that is a proxy of ours, what the proxy says.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::Request;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

/// Addresses that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Net {
    first: IpAddr,
    bits: u32,
}

impl Net {
    /// `ADDRESS` or `ADDRESS/BITS`.
    fn parse(typed: &str) -> Option<Self> {
        let (address, bits) = typed.split_once('/').map_or((typed, None), |(address, bits)| (address, Some(bits)));
        let first: IpAddr = address.trim().parse().ok()?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.trim().parse().ok())?;
        (bits <= most).then_some(Self { first, bits })
    }

    fn holds(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.bits
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// Proxies whose word is taken.
#[derive(Debug)]
pub(super) struct Proxies(Vec<Net>);

impl Proxies {
    /// # Errors
    /// What is no address.
    pub(super) fn parse(typed: &[String]) -> Result<Self, String> {
        let parsed = typed.iter().map(|typed| Net::parse(typed).ok_or_else(|| typed.clone()));
        Ok(Self(parsed.collect::<Result<_, _>>()?))
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.holds(address))
    }

    /// Where a request comes from: as far back as proxies that are trusted have written it down.
    pub(super) fn origin<B>(&self, request: &Request<B>) -> Option<IpAddr> {
        let extensions = request.extensions();
        let tls = || extensions.get::<TlsConnectInfo<TcpConnectInfo>>().map(TlsConnectInfo::get_ref);
        let peer = extensions.get::<TcpConnectInfo>().or_else(tls)?.remote_addr()?.ip().to_canonical();
        if !self.trust(peer) {
            return Some(peer);
        }
        let lines = request.headers().get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let told: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        Some(self.back_from(peer, &told))
    }

    fn back_from(&self, peer: IpAddr, told: &[&str]) -> IpAddr {
        let mut origin = peer;
        for told in told.iter().rev().map(|told| told.trim()) {
            if !self.trust(origin) {
                break;
            }
            let address = told.parse().ok().or_else(|| told.parse().ok().map(|address: SocketAddr| address.ip()));
            match address.map(|address: IpAddr| address.to_canonical()) {
                Some(address) => origin = address,
                None => break,
            }
        }
        origin
    }
}

/// What is counted as one address: of IPv6, the network of one subscriber.
pub(super) fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(told: &str) -> String {
        let proxies = Proxies::parse(&["10.0.0.0/8".to_owned(), "2001:db8::1".to_owned()]).unwrap();
        proxies.back_from("10.1.2.3".parse().unwrap(), &told.split(',').collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn only_proxies_of_ours_are_believed() {
        assert_eq!(back("203.0.113.9"), "203.0.113.9");
        assert_eq!(back("198.51.100.1, 203.0.113.9"), "203.0.113.9", "what a caller writes itself is nothing");
        assert_eq!(back("203.0.113.9, 10.9.9.9, 2001:db8::1"), "203.0.113.9");
        assert_eq!(back("198.51.100.1, 203.0.113.9:4711, 10.9.9.9"), "203.0.113.9");
        assert_eq!(back("[2001:db8::9]:443"), "2001:db8::9");
        assert_eq!(back("203.0.113.9, unknown"), "10.1.2.3");
        assert_eq!(back(""), "10.1.2.3");
    }

    #[test]
    fn a_net_is_as_it_is_written() {
        for wrong in ["", "a", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0/8", "10.0.0.0/x"] {
            assert_eq!(Net::parse(wrong), None, "{wrong}");
        }
        let all = Net::parse("0.0.0.0/0").unwrap();
        assert!(all.holds("203.0.113.9".parse().unwrap()) && !all.holds("::1".parse().unwrap()));
        assert_eq!(counted("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(), "2001:db8:1:2::");
    }
}
