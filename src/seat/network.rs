//! Whether this PC reaches anything, as far as one sees that without privileges.
//!
//! `/sys/class/net/*/carrier`: <https://docs.kernel.org/networking/statistics.html> and
//! Documentation/ABI/testing/sysfs-class-net of Linux. `/proc/net/route` and
//! `/proc/net/arp`: proc(5). A gateway that answers nobody's ARP makes a connection to
//! it fail as unreachable within about three seconds.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::seat::alone::Sight;

/// While there is no daemon, it is looked so often.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The discard service: whether somebody listens does not matter, an answer does.
const DISCARD: u16 = 9;
/// The kernel has given up on a silent neighbour by then.
const ANSWER: Duration = Duration::from_secs(5);
/// The flag of `/proc/net/route` for a route that goes by a gateway, and the one for a usable route.
const VIA_GATEWAY: u32 = 0x2;
const UP: u32 = 0x1;
/// The flag of `/proc/net/arp` for a neighbour that has answered.
const COMPLETE: u32 = 0x2;

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Network {
    /// Whether any cable or radio is connected; absent where there is none to be asked.
    pub(super) carrier: Option<bool>,
    /// Whether there is a way out.
    pub(super) routed: bool,
    /// Whether the gateway answers; absent where that cannot be told.
    pub(super) gateway: Option<bool>,
}

impl Network {
    /// How the network looks. A PC that never had a way out misses none.
    pub(super) fn sight(self, was_routed: bool) -> Sight {
        let gone = was_routed && !self.routed;
        match (self.carrier, self.gateway) {
            (Some(false), _) | (_, Some(false)) => Sight::Bad,
            _ if gone => Sight::Bad,
            (Some(true), _) | (None, Some(true)) => Sight::Good,
            (None, None) => Sight::Unknown,
        }
    }
}

/// How closely it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// There is a daemon.
    Once,
    /// There is none, although its host answers.
    Often,
    /// There is none: the gateway is asked too.
    AndAsk,
}

/// Looks whenever it is told how, and again and again while there is no daemon.
pub(super) async fn follow(
    root: PathBuf,
    mut look_rx: watch::Receiver<Look>,
    network_tx: watch::Sender<Option<Network>>,
) {
    loop {
        let how = *look_rx.borrow_and_update();
        let network = look(&root, how == Look::AndAsk).await;
        network_tx.send_if_modified(|known| {
            let differs = *known != Some(network);
            if differs && how != Look::Once {
                tracing::info!(?network, "the network, without a daemon");
            }
            *known = Some(network);
            differs
        });
        tokio::select! {
            changed = look_rx.changed() => if changed.is_err() {
                return;
            },
            () = sleep(LOOK_EVERY), if how != Look::Once => {}
        }
    }
}

/// `root` is the folder above `sys` and `proc`; the gateway is asked only where `ask`.
async fn look(root: &Path, ask: bool) -> Network {
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let routes = read("proc/net/route");
    let gateway = gateway(&routes);
    let carrier = carrier(&root.join("sys/class/net"));
    let ask = ask && carrier != Some(false);
    Network {
        carrier,
        routed: gateway.is_some()
            || has_default(&routes)
            || has_default_v6(&read("proc/net/ipv6_route")),
        gateway: match gateway.filter(|_| ask) {
            Some(gateway) => answers(gateway, || read("proc/net/arp")).await,
            None => None,
        },
    }
}

/// Whether any interface of hardware has a carrier, or where there is no such one, any but
/// the loopback.
fn carrier(interfaces: &Path) -> Option<bool> {
    let folders = fs::read_dir(interfaces).ok()?;
    let folders: Vec<PathBuf> = folders.flatten().map(|entry| entry.path()).collect();
    let hardware = |folder: &&PathBuf| folder.join("device").exists();
    let others = |folder: &&PathBuf| !folder.ends_with("lo");
    let mut asked: Vec<&PathBuf> = folders.iter().filter(hardware).collect();
    if asked.is_empty() {
        asked = folders.iter().filter(others).collect();
    }
    // An interface that is down does not say: reading its carrier fails.
    let carries = |folder: &&PathBuf| {
        fs::read_to_string(folder.join("carrier")).is_ok_and(|carrier| carrier.trim() == "1")
    };
    (!asked.is_empty()).then(|| asked.iter().any(carries))
}

/// The rows of `/proc/net/route` for every destination: gateway, in the byte order of the PC, and flags.
fn defaults(routes: &str) -> impl Iterator<Item = (u32, u32)> {
    routes.lines().skip(1).filter_map(|row| {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let number = |n: usize| u32::from_str_radix(fields.get(n)?, 16).ok();
        let (destination, mask) = (number(1)?, number(7)?);
        (destination == 0 && mask == 0).then_some((number(2)?, number(3)?))
    })
}

fn has_default(routes: &str) -> bool {
    defaults(routes).any(|(_, flags)| flags & UP != 0)
}

fn gateway(routes: &str) -> Option<Ipv4Addr> {
    let mut through = defaults(routes).filter(|(_, flags)| flags & (UP | VIA_GATEWAY) == 3);
    let (gateway, _) = through.next()?;
    Some(Ipv4Addr::from(gateway.to_ne_bytes()))
}

/// `/proc/net/ipv6_route`: destination and its length, source and its length, next hop, metric,
/// two counters, flags, interface. The loopback has one too, which rejects.
fn has_default_v6(routes: &str) -> bool {
    routes.lines().any(|row| {
        let fields: Vec<&str> = row.split_whitespace().collect();
        let all = |n: usize| {
            fields
                .get(n)
                .is_some_and(|it| it.bytes().all(|b| b == b'0'))
        };
        all(0) && all(1) && fields.get(9).is_some_and(|interface| *interface != "lo")
    })
}

/// Whether a gateway answers, be it by a refusal.
async fn answers(gateway: Ipv4Addr, neighbours: impl Fn() -> String) -> Option<bool> {
    let connecting = TcpStream::connect(SocketAddrV4::new(gateway, DISCARD));
    let error = match timeout(ANSWER, connecting).await {
        Ok(Ok(_)) => return Some(true),
        Ok(Err(error)) => error,
        // It drops what it does not want, and was found to do so.
        Err(_) => return known(gateway, &neighbours()),
    };
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Some(true),
        // Some refuse by saying that they are unreachable.
        io::ErrorKind::HostUnreachable => known(gateway, &neighbours()),
        _ => None,
    }
}

/// Whether a neighbour has answered, by the rows of `/proc/net/arp`.
fn known(gateway: Ipv4Addr, neighbours: &str) -> Option<bool> {
    let gateway = gateway.to_string();
    let row = neighbours
        .lines()
        .find(|row| row.split_whitespace().next() == Some(&gateway))?;
    let flags = row.split_whitespace().nth(2)?.trim_start_matches("0x");
    let flags = u32::from_str_radix(flags, 16).ok()?;
    Some(flags & COMPLETE != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";

    /// A folder with `sys` and `proc` as a PC has them; removed with the value.
    struct Pc(PathBuf);

    impl Pc {
        fn new(name: &str) -> Self {
            let folder = format!("callwatch-network-{name}-{}", std::process::id());
            let pc = Self(std::env::temp_dir().join(folder));
            pc.put("proc/net/route", HEAD);
            pc
        }

        fn put(&self, path: &str, text: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        async fn sight(&self, was_routed: bool) -> Sight {
            look(&self.0, false).await.sight(was_routed)
        }
    }

    impl Drop for Pc {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn route(gateway: Ipv4Addr) -> String {
        let gateway = u32::from_ne_bytes(gateway.octets());
        format!("{HEAD}enp1s0\t00000000\t{gateway:08X}\t0003\t0\t0\t100\t00000000\t0\t0\t0\n")
    }

    #[tokio::test]
    async fn a_pulled_cable_is_bad_whatever_bridges_and_tunnels_say() {
        let pc = Pc::new("cable");
        pc.put("sys/class/net/lo/carrier", "1\n");
        pc.put("sys/class/net/docker0/carrier", "1\n");
        pc.put("sys/class/net/enp1s0/device/vendor", "0x8086\n");
        pc.put("sys/class/net/enp1s0/carrier", "1\n");
        assert_eq!(pc.sight(false).await, Sight::Good);
        pc.put("sys/class/net/enp1s0/carrier", "0\n");
        assert_eq!(pc.sight(false).await, Sight::Bad);
        // A radio goes on.
        pc.put("sys/class/net/wlan0/device/vendor", "0x8086\n");
        pc.put("sys/class/net/wlan0/carrier", "1\n");
        assert_eq!(pc.sight(false).await, Sight::Good);
    }

    #[tokio::test]
    async fn a_way_out_that_is_gone_is_bad_and_one_that_never_was_is_not() {
        let pc = Pc::new("route");
        pc.put("sys/class/net/eth0/carrier", "1\n");
        assert_eq!(pc.sight(true).await, Sight::Bad);
        assert_eq!(pc.sight(false).await, Sight::Good);
        pc.put("proc/net/route", &route(Ipv4Addr::new(192, 0, 2, 1)));
        assert_eq!(pc.sight(true).await, Sight::Good);
        pc.put("proc/net/route", HEAD);
        let zeros = "0".repeat(32);
        let by = |interface: &str| {
            format!(
                "{zeros} 00 {zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003 {interface}\n"
            )
        };
        pc.put("proc/net/ipv6_route", &by("lo"));
        assert_eq!(pc.sight(true).await, Sight::Bad);
        pc.put("proc/net/ipv6_route", &by("enp1s0"));
        assert_eq!(pc.sight(true).await, Sight::Good);
    }

    #[tokio::test]
    async fn a_pc_that_says_nothing_is_unknown() {
        let pc = Pc::new("nothing");
        assert_eq!(pc.sight(false).await, Sight::Unknown);
    }

    #[tokio::test]
    async fn a_gateway_that_refuses_has_answered() {
        let pc = Pc::new("gateway");
        pc.put("sys/class/net/eth0/carrier", "1\n");
        pc.put("proc/net/route", &route(Ipv4Addr::LOCALHOST));
        let network = look(&pc.0, true).await;
        assert_eq!(network.gateway, Some(true));
    }

    #[test]
    fn a_silent_gateway_is_bad_and_one_that_cannot_be_told_is_not() {
        let network = |gateway| Network {
            carrier: Some(true),
            routed: true,
            gateway,
        };
        assert_eq!(network(Some(false)).sight(true), Sight::Bad);
        assert_eq!(network(None).sight(true), Sight::Good);
        let arp = "IP address       HW type     Flags       HW address            Mask     Device\n\
                   192.0.2.1        0x1         0x2         02:00:00:00:00:01     *        eth0\n\
                   192.0.2.7        0x1         0x0         00:00:00:00:00:00     *        eth0\n";
        let of = |last| known(Ipv4Addr::new(192, 0, 2, last), arp);
        assert_eq!((of(1), of(7), of(9)), (Some(true), Some(false), None));
    }

    #[test]
    fn the_gateway_stands_in_the_byte_order_of_the_pc() {
        let address = Ipv4Addr::new(10, 20, 30, 40);
        assert_eq!(gateway(&route(address)), Some(address));
        assert_eq!(gateway(HEAD), None);
    }
}
