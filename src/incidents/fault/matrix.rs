//! The fault matrix: what fails, at how many seats, alone and two at a time, in whatever
//! order it is seen; the right incidents and no others.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::board::{Centre, Timing};
use crate::incidents::entry::{Ending, Event};
use crate::incidents::input::{Input, Presence};
use crate::incidents::stories::{Story, at, opened, site};
use crate::plan;
use crate::signals::{Kind, Level, Sight, Signal};
use crate::site::{Acd, Device, DeviceKind, Service, Site};
use crate::text::Text;

/// Seats behind the switch of block C.
fn block(n: usize) -> Vec<String> {
    (1..=n).map(|n| format!("B-{n:03}")).collect()
}

/// Seats of the lobby behind a switch of their own.
fn lobby() -> Vec<String> {
    (1..=3).map(|n| format!("L-{n:02}")).collect()
}

/// `n` seats in block C and three in the lobby, all on UPSs; two switches behind a router, a
/// gateway with two services outside, one service inside on a server, and a PBX.
fn large(n: usize) -> Site {
    let mut site = site(false);
    let device = |kind, via: &[&str]| Device {
        name: Text::same("device"),
        kind: Some(kind),
        zone: None,
        fed_by: "UPS-C1".to_owned(),
        via: via.iter().map(|&id| id.to_owned()).collect(),
    };
    let devices = [
        ("ROUTER", device(DeviceKind::Router, &[])),
        ("GATE", device(DeviceKind::Router, &[])),
        ("SW-C", device(DeviceKind::Switch, &["ROUTER"])),
        ("SW-L", device(DeviceKind::Switch, &["ROUTER"])),
        ("SERVER", device(DeviceKind::Server, &[])),
        ("PBX", device(DeviceKind::Pbx, &[])),
    ];
    site.devices = devices.map(|(id, it)| (id.to_owned(), it)).into();
    for (id, it) in &mut site.devices {
        it.name = Text::same(id);
    }
    let service = |name: &str, via: &str| Service {
        name: Text::same(name),
        via: vec![via.to_owned()],
    };
    let services = [
        ("crm", service("CRM", "SERVER")),
        ("sms", service("SMS", "GATE")),
        ("map", service("Map", "GATE")),
    ];
    site.services = services.map(|(id, it)| (id.to_owned(), it)).into();
    let acd = Acd {
        name: Text::same("ACD"),
        via: vec!["PBX".to_owned()],
    };
    site.acds.insert("acd".to_owned(), acd);
    let pattern = site.seats["C-01"].clone();
    site.seats.retain(|id, _| id == "C-01" || id == "IT-01");
    for (ids, zone, ups, switch) in [
        (block(n), "c3", "UPS-C1", "SW-C"),
        (lobby(), "lobby", "UPS-AF", "SW-L"),
    ] {
        for id in ids {
            let mut seat = pattern.clone();
            seat.zone = zone.to_owned();
            seat.fed_by = ups.to_owned();
            seat.via = vec![switch.to_owned()];
            site.seats.insert(id, seat);
        }
    }
    for id in ["C-01", "IT-01"] {
        site.seats.get_mut(id).unwrap().via = vec!["ROUTER".to_owned()];
    }
    let staff = site.roles.get_mut("staff").unwrap();
    staff.seats = block(n).into_iter().chain(lobby()).collect();
    site
}

/// What is watched of it, and what fails.
struct Floor {
    story: Story,
    seats: Vec<String>,
    bad: BTreeSet<Signal>,
    silent: BTreeSet<String>,
    /// Every so many seconds all is seen again.
    seen_at: i64,
}

const LASTS: SignedDuration = SignedDuration::from_secs(90);

impl Floor {
    fn of(n: usize) -> Self {
        let text = plan::pack("call-center").unwrap();
        let centre = Centre {
            site: large(n),
            plan: plan::parse("call-center", text).unwrap(),
            timing: Timing::default(),
        };
        let seats = block(n).into_iter().chain(lobby()).collect();
        let mut floor = Self {
            story: Story::of(Arc::new(centre)),
            seats,
            bad: BTreeSet::new(),
            silent: BTreeSet::new(),
            seen_at: -100,
        };
        for seat in floor.seats.clone().iter().chain(&["C-01".into(), "IT-01".into()]) {
            floor.presence(seat, Presence::Alive);
        }
        floor.pass(30);
        assert_eq!(floor.open(), BTreeSet::new());
        floor
    }

    fn presence(&mut self, seat: &str, presence: Presence) {
        let seat = seat.to_owned();
        self.story.take(Input::Seat { seat, presence }).unwrap();
    }

    /// What the eyes of each thing see now.
    fn sights(&self) -> Vec<Sight> {
        let site = &self.story.board.centre().site;
        let mut signals: Vec<Signal> = Vec::new();
        signals.extend(site.services.keys().map(|id| Signal::new(Kind::ServiceReach, id)));
        signals.extend(site.devices.keys().map(|id| Signal::new(Kind::DeviceReach, id)));
        signals.extend(site.acds.keys().map(|id| Signal::new(Kind::AcdReach, id)));
        for seat in self.seats.iter().filter(|seat| !self.silent.contains(*seat)) {
            for kind in [Kind::SeatHeadset, Kind::SeatPhone, Kind::SeatLogin] {
                signals.push(Signal::new(kind, seat));
            }
            let services = site.services.keys();
            signals.extend(services.map(|id| Signal::of_service_at(seat, id)));
        }
        let level = |signal: &Signal| match self.bad.contains(signal) {
            true => Level::Critical,
            false => Level::Normal,
        };
        signals
            .into_iter()
            .map(|signal| Sight {
                level: level(&signal),
                words: Text::same("as seen"),
                lasts: LASTS,
                signal,
            })
            .collect()
    }

    fn look(&mut self) {
        let sights = self.sights();
        self.story.take(Input::Sights(sights)).unwrap();
        self.seen_at = self.story.now;
    }

    fn pass(&mut self, seconds: i64) {
        let end = self.story.now + seconds;
        while self.story.now < end {
            if self.story.now - self.seen_at >= 10 {
                self.look();
            }
            self.story.until(self.story.now + 1);
        }
    }

    /// What a fault makes of what is seen, one thing after the other.
    fn signs(&self, fault: &Fault) -> Vec<Sign> {
        let seats = |n: &usize| self.seats[..*n].to_vec();
        let own = |kind: Kind, n: &usize| -> Vec<Sign> {
            let seats = seats(n).into_iter();
            seats.map(|seat| Sign::Bad(Signal::new(kind, seat))).collect()
        };
        let behind = |device: &str| -> Vec<Sign> {
            let site = &self.story.board.centre().site;
            let mut signs = vec![Sign::Bad(Signal::new(Kind::DeviceReach, device))];
            for seat in &self.seats {
                let via = site.network_of_seat(seat);
                if site.behind(via).contains(&device) {
                    signs.push(Sign::Silent(seat.clone()));
                }
            }
            signs
        };
        let everybody = |service: &str| -> Vec<Sign> {
            let seats = self.seats.iter();
            let seen = seats.map(|seat| Sign::Bad(Signal::of_service_at(seat, service)));
            let ours = Sign::Bad(Signal::new(Kind::ServiceReach, service));
            seen.chain([ours]).collect()
        };
        match fault {
            Fault::Pc(n) => seats(n).into_iter().map(Sign::Silent).collect(),
            Fault::Headset(n) => own(Kind::SeatHeadset, n),
            Fault::Phone(n) => own(Kind::SeatPhone, n),
            Fault::Login(n) => own(Kind::SeatLogin, n),
            Fault::One(service, n) => {
                let seats = seats(n).into_iter();
                let seen = seats.map(|seat| Sign::Bad(Signal::of_service_at(&seat, service)));
                seen.collect()
            }
            Fault::Service(service) => everybody(service),
            Fault::Everything => ["crm", "sms", "map"].into_iter().flat_map(everybody).collect(),
            Fault::Outside => ["sms", "map"].into_iter().flat_map(everybody).collect(),
            Fault::Device(device) => behind(device),
            Fault::Acd => vec![Sign::Bad(Signal::new(Kind::AcdReach, "acd"))],
            Fault::Mains => vec![Sign::Cut],
        }
    }

    fn show(&mut self, sign: &Sign) {
        match sign {
            Sign::Bad(signal) => {
                self.bad.insert(signal.clone());
                self.look();
            }
            Sign::Silent(seat) => {
                self.silent.insert(seat.clone());
                self.presence(seat, Presence::Silent);
            }
            Sign::Cut => self.story.cut(),
        }
    }

    fn mend(&mut self) {
        self.bad.clear();
        for seat in std::mem::take(&mut self.silent) {
            self.presence(&seat, Presence::Alive);
        }
        self.story.restore();
        self.look();
    }

    /// The open incidents that are not part of another, as `procedure over`.
    fn open(&self) -> BTreeSet<String> {
        let open = self.story.board.state().open_incidents();
        open.map(|it| format!("{} {}", it.procedure.id, it.opened_over))
            .collect()
    }

    /// All that was opened so far.
    fn ever_opened(&self) -> BTreeSet<String> {
        let opened = self.story.entries.iter().filter_map(|entry| match &entry.event {
            Event::Opened {
                procedure, scope, ..
            } => Some(format!("{} {}", procedure.id, scope.of)),
            _ => None,
        });
        opened.collect()
    }
}

#[derive(Clone, Debug)]
enum Fault {
    Pc(usize),
    Headset(usize),
    Phone(usize),
    Login(usize),
    /// One service at so many seats.
    One(&'static str, usize),
    Service(&'static str),
    Everything,
    Outside,
    Device(&'static str),
    Acd,
    Mains,
}

#[derive(Clone, Debug)]
enum Sign {
    Bad(Signal),
    Silent(String),
    Cut,
}

/// What a fault alone opens, in a block of `n` seats and a lobby of three.
fn expected(fault: &Fault, n: usize) -> BTreeSet<String> {
    let seats = block(n);
    let singles = |count: usize| -> BTreeSet<String> {
        seats[..count].iter().map(|seat| format!("seat-fault {seat}")).collect()
    };
    let many = |count: usize| count * 100 >= (n.min(n)) * 30;
    let one = |text: &str| BTreeSet::from([text.to_owned()]);
    match fault {
        Fault::Pc(count) if *count == n => one("network-failure SW-C"),
        Fault::Pc(count @ (1 | 2)) => singles(*count),
        Fault::Pc(_) => one("seat-fault pc"),
        Fault::Headset(count @ (1 | 2))
        | Fault::Phone(count @ (1 | 2))
        | Fault::Login(count @ (1 | 2))
        | Fault::One(_, count @ (1 | 2)) => singles(*count),
        Fault::Headset(_) => one("seat-fault headset"),
        Fault::Phone(count) | Fault::Login(count) if many(*count) => one("system-fault acd"),
        Fault::Phone(_) => one("seat-fault phone"),
        Fault::Login(_) => one("seat-fault login"),
        Fault::One(service, count) if many(*count) => one(&format!("system-fault {service}")),
        Fault::One(_, _) => one("seat-fault program"),
        Fault::Service(service) => one(&format!("system-fault {service}")),
        Fault::Everything => one("network-failure "),
        Fault::Outside => one("network-failure GATE"),
        Fault::Device("PBX") | Fault::Acd => one("system-fault acd"),
        Fault::Device(device) => one(&format!("network-failure {device}")),
        Fault::Mains => one("power-loss mains"),
    }
}

/// Shows the signs in an order, within `spread` seconds, and tells what came of it.
fn play(n: usize, faults: &[Fault], order: impl Fn(&mut Vec<Sign>), spread: i64) -> Floor {
    let mut floor = Floor::of(n);
    let mut signs: Vec<Sign> = faults.iter().flat_map(|it| floor.signs(it)).collect();
    order(&mut signs);
    let count = i64::try_from(signs.len()).unwrap();
    let begin = floor.story.now;
    for (k, sign) in (0..).zip(&signs) {
        let due = begin + k * spread / count.max(1);
        floor.pass(due - floor.story.now);
        floor.show(sign);
    }
    floor.pass(begin + 300 - floor.story.now);
    floor
}

/// Puts signs into one of many orders, the same one each time.
fn shuffle(signs: &mut [Sign], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for last in (1..signs.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let bound = u64::try_from(last + 1).unwrap();
        signs.swap(last, usize::try_from(state % bound).unwrap());
    }
}

fn alone(n: usize) -> Vec<Fault> {
    let counts: Vec<usize> = [1, 2, 3, 6, 11].into_iter().filter(|it| *it <= n).collect();
    let mut faults = vec![
        Fault::Service("crm"),
        Fault::Service("sms"),
        Fault::Everything,
        Fault::Outside,
        Fault::Device("SW-C"),
        Fault::Device("SW-L"),
        Fault::Device("ROUTER"),
        Fault::Device("PBX"),
        Fault::Acd,
        Fault::Mains,
    ];
    for count in counts {
        faults.extend([
            Fault::Pc(count),
            Fault::Headset(count),
            Fault::Phone(count),
            Fault::Login(count),
            Fault::One("crm", count),
        ]);
    }
    faults
}

#[test]
fn each_fault_alone_opens_what_it_is_and_nothing_beside_it_in_every_order() {
    let mut wrong = Vec::new();
    for fault in alone(11) {
        let wanted = expected(&fault, 11);
        for seed in 0..3 {
            let floor = play(11, std::slice::from_ref(&fault), |signs| shuffle(signs, seed), 30);
            if floor.ever_opened() != wanted {
                let opened = floor.ever_opened();
                wrong.push(format!("{fault:?}, order {seed}: {opened:?}, not {wanted:?}"));
            }
            assert_eq!(&floor.story.replayed(), floor.story.board.state());
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
