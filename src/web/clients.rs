//! Who is connected: the clients of each seat, and PCs of which two say that they are one seat.
//!
//! Both of two such PCs are shown the seat's cards: who sits there must not miss one. But only
//! the one that came first speaks for the seat, or what the two tell would take turns.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::health::Machine;
use crate::signals::later;
use crate::text::Text;

/// Two PCs that were seen are shown for so long after one of them has gone.
const LINGERS: SignedDuration = SignedDuration::from_mins(10);

#[derive(Debug)]
struct Client {
    id: u64,
    address: IpAddr,
    /// A page does not tell.
    machine: Option<Machine>,
}

/// Two PCs with the key of one seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Double {
    first: (IpAddr, Machine),
    second: (IpAddr, Machine),
    /// When both were there last.
    seen_at: Timestamp,
}

impl Double {
    /// Names both, and the mend.
    pub(super) fn words(&self, seat: &str) -> Text {
        let named = |(address, machine): &(IpAddr, Machine), open, close| match &machine.host {
            Some(host) => format!("{address}{open}{host}{close}"),
            None => address.to_string(),
        };
        let zh = |pc| named(pc, "（", "）");
        let en = |pc| named(pc, " (", ")");
        Text::new(
            format!(
                "两台电脑在用坐席 {seat} 的钥匙：{} 和 {}。后来的那台本机情况不采信；请信息部给每台电脑自己的钥匙：callwatch key 坐席",
                zh(&self.first),
                zh(&self.second)
            ),
            format!(
                "two PCs use the key of seat {seat}: {} and {}; what the later one tells of itself is not taken; give each PC a key of its own: callwatch key SEAT",
                en(&self.first),
                en(&self.second)
            ),
        )
    }

    fn is_of(&self, machine: &Machine) -> bool {
        let one = |known: &(IpAddr, Machine)| !known.1.differs(machine);
        one(&self.first) || one(&self.second)
    }
}

/// The clients of all seats.
#[derive(Debug, Default)]
pub(super) struct Clients {
    seats: BTreeMap<String, Vec<Client>>,
    doubles: BTreeMap<String, Double>,
    next: u64,
}

impl Clients {
    /// Takes a client in. Returns its number, and two PCs with one key where they were not known.
    pub(super) fn enter(
        &mut self,
        now: Timestamp,
        seat: &str,
        address: IpAddr,
        machine: Option<Machine>,
    ) -> (u64, Option<&Double>) {
        let id = self.next;
        self.next += 1;
        let clients = self.seats.entry(seat.to_owned()).or_default();
        let mut others = clients.iter().filter_map(|client| {
            let known = client.machine.as_ref()?;
            let differs = known.differs(machine.as_ref()?);
            differs.then(|| (client.address, known.clone()))
        });
        let other = others.next();
        clients.push(Client {
            id,
            address,
            machine: machine.clone(),
        });
        let (Some(first), Some(machine)) = (other, machine) else {
            return (id, None);
        };
        let known = self.doubles.get_mut(seat);
        if let Some(known) = known
            && known.is_of(&machine)
            && known.is_of(&first.1)
            && now <= later(known.seen_at, LINGERS)
        {
            known.seen_at = now;
            return (id, None);
        }
        let double = Double {
            first,
            second: (address, machine),
            seen_at: now,
        };
        self.doubles.insert(seat.to_owned(), double);
        (id, self.doubles.get(seat))
    }

    /// Lets a client go. Returns whether the seat is gone: nobody is left, or the PC goes
    /// down that everybody else is on.
    pub(super) fn leave(&mut self, now: Timestamp, seat: &str, id: u64, goes_down: bool) -> bool {
        let doubled = self.is_doubled(seat);
        let Some(clients) = self.seats.get_mut(seat) else {
            return true;
        };
        if doubled && let Some(double) = self.doubles.get_mut(seat) {
            double.seen_at = now;
        }
        let place = clients.iter().position(|client| client.id == id);
        let gone = place.map(|place| clients.remove(place));
        let machine = gone.and_then(|gone| gone.machine);
        let elsewhere = clients.iter().any(|client| {
            let both = client.machine.as_ref().zip(machine.as_ref());
            both.is_some_and(|(one, other)| one.differs(other))
        });
        let last = clients.is_empty();
        if last {
            self.seats.remove(seat);
        }
        last || goes_down && !elsewhere
    }

    /// Whether what a client tells of its PC is the seat's: the PC that came first has the word.
    pub(super) fn speaks(&self, seat: &str, id: u64) -> bool {
        let clients = self.seats.get(seat).map_or(&[][..], Vec::as_slice);
        let mut machines = clients.iter().filter_map(|client| client.machine.as_ref());
        let first = machines.next();
        let own = clients.iter().find(|client| client.id == id);
        let own = own.and_then(|own| own.machine.as_ref());
        !own.zip(first)
            .is_some_and(|(own, first)| own.differs(first))
    }

    /// Two PCs with one key, by seat: those there are, and those that were a while ago.
    pub(super) fn doubles(&mut self, now: Timestamp) -> Vec<(&str, &Double)> {
        let seats = &self.seats;
        self.doubles.retain(|seat, double| {
            now <= later(double.seen_at, LINGERS)
                || seats.get(seat).is_some_and(|clients| doubled(clients))
        });
        let doubles = self.doubles.iter();
        doubles.map(|(seat, it)| (seat.as_str(), it)).collect()
    }

    fn is_doubled(&self, seat: &str) -> bool {
        self.seats.get(seat).is_some_and(|clients| doubled(clients))
    }
}

fn doubled(clients: &[Client]) -> bool {
    let machines = clients.iter().filter_map(|client| client.machine.as_ref());
    let machines: Vec<&Machine> = machines.collect();
    let mut each = machines.iter();
    each.any(|one| machines.iter().any(|other| one.differs(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 3, last])
    }

    /// A PC from a cloned disk: all but the adapter is the same.
    fn pc(adapter: &str) -> Machine {
        Machine {
            host: Some("pc".to_owned()),
            id: Some("same".to_owned()),
            board: None,
            adapters: [adapter.to_owned()].into(),
        }
    }

    #[test]
    fn a_cloned_disk_is_named_once_with_both_addresses_and_the_first_pc_has_the_word() {
        let mut clients = Clients::default();
        let (first, none) = clients.enter(at(0), "C-01", address(17), Some(pc("a")));
        assert!(none.is_none());
        let (second, found) = clients.enter(at(9), "C-01", address(18), Some(pc("b")));
        let words = found.expect("it is found").words("C-01");
        for text in [&words.zh, &words.en] {
            assert!(
                text.contains("10.0.3.17") && text.contains("10.0.3.18"),
                "{text}"
            );
            assert!(
                text.contains("C-01") && text.contains("callwatch key"),
                "{text}"
            );
        }
        assert!(clients.speaks("C-01", first) && !clients.speaks("C-01", second));
        // It comes and goes, and is not named anew each time.
        for n in 1..50 {
            let id = clients.next - 1;
            assert!(!clients.leave(at(n * 10), "C-01", id, false));
            let (id, again) = clients.enter(at(n * 10 + 5), "C-01", address(18), Some(pc("b")));
            assert!(again.is_none() && !clients.speaks("C-01", id));
            assert_eq!(clients.doubles(at(n * 10 + 5)).len(), 1);
        }
        // The other way round it is the same two.
        assert!(!clients.leave(at(600), "C-01", first, false));
        let (first, again) = clients.enter(at(610), "C-01", address(17), Some(pc("a")));
        assert!(again.is_none());
        assert!(!clients.speaks("C-01", first), "the other one was there");
    }

    #[test]
    fn two_that_were_are_shown_for_a_while_and_named_anew_after_it() {
        let mut clients = Clients::default();
        clients.enter(at(0), "C-01", address(17), Some(pc("a")));
        let (second, _) = clients.enter(at(1), "C-01", address(18), Some(pc("b")));
        assert_eq!(clients.doubles(at(3600)).len(), 1, "both are there");
        clients.leave(at(3600), "C-01", second, false);
        assert_eq!(clients.doubles(at(3600 + 599)).len(), 1);
        assert_eq!(clients.doubles(at(3600 + 601)).len(), 0);
        let (_, found) = clients.enter(at(5000), "C-01", address(18), Some(pc("b")));
        assert!(found.is_some());
    }

    #[test]
    fn one_pc_with_several_clients_and_two_seats_are_no_double() {
        let mut clients = Clients::default();
        let (_, found) = clients.enter(at(0), "C-01", address(17), Some(pc("a")));
        assert!(found.is_none());
        let (again, found) = clients.enter(at(1), "C-01", address(44), Some(pc("a")));
        assert!(found.is_none() && clients.speaks("C-01", again));
        let (page, found) = clients.enter(at(2), "C-01", address(99), None);
        assert!(found.is_none() && clients.speaks("C-01", page));
        let (_, found) = clients.enter(at(3), "C-02", address(18), Some(pc("b")));
        assert!(found.is_none());
        assert_eq!(clients.doubles(at(3)).len(), 0);
    }

    #[test]
    fn a_pc_that_goes_down_takes_its_own_clients_with_it_and_no_other_pc() {
        let mut clients = Clients::default();
        let (program, _) = clients.enter(at(0), "C-01", address(17), Some(pc("a")));
        let (page, _) = clients.enter(at(0), "C-01", address(17), None);
        assert!(clients.leave(at(1), "C-01", program, true));
        assert!(clients.leave(at(2), "C-01", page, false));
        let (_, _) = clients.enter(at(3), "C-01", address(17), Some(pc("a")));
        let (clone, _) = clients.enter(at(4), "C-01", address(18), Some(pc("b")));
        assert!(!clients.leave(at(5), "C-01", clone, true));
    }
}
