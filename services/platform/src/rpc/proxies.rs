//! Proxies in front of us, and where a call comes from.

use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderMap;
pub use ipnet::IpNet;

/// Says where a call comes from, the nearest last. Taken from proxies that are named, and inside the process.
pub(super) const FORWARDED_FOR: &str = "x-forwarded-for";

/// Networks of proxies whose word is taken for who is behind them; of nobody, by default. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[IpNet]>);

impl From<Vec<IpNet>> for Proxies {
    fn from(networks: Vec<IpNet>) -> Self {
        Self(networks.into())
    }
}

impl Proxies {
    /// Where a call comes from. Each proxy adds whom it heard: the list is read from its end, as far as those who wrote it are
    /// known. What a stranger says about where it comes from counts for nothing.
    pub fn origin(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut at = peer?.to_canonical();
        let hops = headers.get_all(FORWARDED_FOR).iter();
        let mut hops: Vec<_> = hops
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        while self.knows(at) {
            let Some(before) = hops.pop().and_then(|hop| hop.trim().parse::<IpAddr>().ok()) else {
                break;
            };
            at = before.to_canonical();
        }
        Some(at)
    }

    fn knows(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Where a call comes from as the last one to hand it on says: for who is trusted.
pub(super) fn said(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get_all(FORWARDED_FOR).iter().next_back()?;
    value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Under which name calls from an address are counted: whoever has one IPv6 address has the 64 bits of its network.
pub fn counted(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("ip {address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("ip {a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(proxies: &[&str], peer: &str, said: &[&str]) -> String {
        let networks: Vec<IpNet> = proxies.iter().map(|p| p.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for value in said {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let peer = peer.parse().unwrap();
        let origin = Proxies::from(networks).origin(Some(peer), &headers);
        origin.unwrap().to_string()
    }

    #[test]
    fn only_named_proxies_say_where_a_call_comes_from_and_nobody_writes_the_list_for_them() {
        assert_eq!(origin(&[], "10.0.0.1", &["1.2.3.4"]), "10.0.0.1");
        let known = ["10.0.0.0/8"];
        assert_eq!(origin(&known, "9.9.9.9", &["1.2.3.4"]), "9.9.9.9");
        assert_eq!(origin(&known, "10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
        // What the visitor had written stands before what the proxy has added.
        assert_eq!(origin(&known, "10.0.0.1", &["6.6.6.6, 1.2.3.4"]), "1.2.3.4");
        let two = ["6.6.6.6", "1.2.3.4, 10.0.0.2"];
        assert_eq!(origin(&known, "10.0.0.1", &two), "1.2.3.4");
        assert_eq!(origin(&known, "10.0.0.1", &["noise"]), "10.0.0.1");
        assert_eq!(origin(&known, "::ffff:10.0.0.1", &["1.2.3.4"]), "1.2.3.4");
    }

    #[test]
    fn one_network_of_ipv6_is_one_caller() {
        let counted = |text: &str| super::counted(text.parse().unwrap());
        assert_eq!(counted("2001:db8:1:2::1"), counted("2001:db8:1:2:ff::9"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("::ffff:1.2.3.4"), counted("1.2.3.4"));
    }
}
