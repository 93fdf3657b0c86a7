//! The fault matrix: what fails, at how many seats, alone and two at a time, in whatever
//! order it is seen; the right incidents and no others.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::incidents::adoption::stories::{all_settled, laws};
use crate::incidents::board::{Centre, Timing};
use crate::incidents::entry::Event;
use crate::incidents::input::{Input, Presence};
use crate::incidents::stories::{Story, site};
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
        stale_after: SignedDuration::from_secs(15),
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
        for seat in floor
            .seats
            .clone()
            .iter()
            .chain(&["C-01".into(), "IT-01".into()])
        {
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
        signals.extend(
            site.services
                .keys()
                .map(|id| Signal::new(Kind::ServiceReach, id)),
        );
        signals.extend(
            site.devices
                .keys()
                .map(|id| Signal::new(Kind::DeviceReach, id)),
        );
        signals.extend(site.acds.keys().map(|id| Signal::new(Kind::AcdReach, id)));
        for seat in self
            .seats
            .iter()
            .filter(|seat| !self.silent.contains(*seat))
        {
            for kind in [Kind::SeatHeadset, Kind::SeatPhone, Kind::SeatLogin] {
                signals.push(Signal::new(kind, seat));
            }
            let services = site.services.keys();
            signals.extend(services.map(|id| Signal::of_service_at(seat, id)));
        }
        let level = |signal: &Signal| {
            if self.bad.contains(signal) {
                Level::Critical
            } else {
                Level::Normal
            }
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

    /// As `pass`, for a time in which nothing new shows.
    fn wait(&mut self, end: i64) {
        while self.story.now < end {
            self.story.doze((self.story.now + 10).min(end));
            self.look();
        }
    }

    /// What a fault makes of what is seen, one thing after the other.
    fn signs(&self, fault: &Fault) -> Vec<Sign> {
        let seats = |n: &usize| self.seats[..*n].to_vec();
        let own = |kind: Kind, n: &usize| -> Vec<Sign> {
            let seats = seats(n).into_iter();
            seats
                .map(|seat| Sign::Bad(Signal::new(kind, seat)))
                .collect()
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
            Fault::Everything => ["crm", "sms", "map"]
                .into_iter()
                .flat_map(everybody)
                .collect(),
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

    fn undo(&mut self, sign: &Sign) {
        match sign {
            Sign::Bad(signal) => {
                self.bad.remove(signal);
                self.look();
            }
            Sign::Silent(seat) => {
                self.silent.remove(seat);
                self.presence(seat, Presence::Alive);
                self.look();
            }
            Sign::Cut => self.story.restore(),
        }
    }

    /// Does something for each sign, spread evenly over so many seconds.
    fn spread(&mut self, signs: &[Sign], seconds: i64, each: impl Fn(&mut Self, &Sign)) {
        let count = i64::try_from(signs.len()).unwrap();
        let begin = self.story.now;
        for (k, sign) in (0..).zip(signs) {
            let due = begin + k * seconds / count.max(1);
            self.pass(due - self.story.now);
            each(self, sign);
        }
    }

    /// Waits until everything is over, while each screen shows and each channel takes what
    /// it is sent.
    fn end(&mut self) {
        for _ in 0..12 {
            self.story.settle_debts();
            self.wait(self.story.now + 600);
        }
        self.story.settle_debts();
        laws(&self.story);
        all_settled(&self.story);
    }

    /// The open incidents that are not part of another, as `procedure over`.
    fn open(&self) -> BTreeSet<String> {
        let open = self.story.board.state().open_incidents();
        open.map(|it| format!("{} {}", it.procedure.id, it.opened_over))
            .collect()
    }

    /// All that was opened so far.
    fn ever_opened(&self) -> BTreeSet<String> {
        let opened = self
            .story
            .entries
            .iter()
            .filter_map(|entry| match &entry.event {
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
        seats[..count]
            .iter()
            .map(|seat| format!("seat-fault {seat}"))
            .collect()
    };
    let many = |count: usize| count * 100 >= n * 30;
    let one = |text: &str| BTreeSet::from([text.to_owned()]);
    match fault {
        Fault::Pc(count @ (1 | 2))
        | Fault::Headset(count @ (1 | 2))
        | Fault::Phone(count @ (1 | 2))
        | Fault::Login(count @ (1 | 2))
        | Fault::One(_, count @ (1 | 2)) => singles(*count),
        Fault::Pc(_) => one("seat-fault pc"),
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
    let begin = floor.story.now;
    floor.spread(&signs, spread, Floor::show);
    floor.wait(begin + 400);
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

/// What every seat of the block suffers from, as a person would sum it up.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a seat may suffer from all of them"
)]
#[derive(Clone, Debug, Default)]
struct Suffering {
    pc: bool,
    acd: bool,
    headset: bool,
    crm: bool,
}

/// What is wide of two faults: each what it would open alone, but what one explains of the
/// other.
fn expected_wide(both: [&Fault; 2], n: usize) -> BTreeSet<String> {
    let wide = |fault: &Fault| {
        !matches!(
            fault,
            Fault::Pc(_) | Fault::Headset(_) | Fault::Phone(_) | Fault::Login(_) | Fault::One(..)
        )
    };
    let mut found: BTreeSet<String> = both
        .iter()
        .filter(|fault| wide(fault))
        .flat_map(|fault| expected(fault, n))
        .collect();
    let has = |found: &BTreeSet<String>, one: &str| found.contains(one);
    if has(&found, "network-failure GATE") && has(&found, "system-fault crm") {
        // Those are all the services that there are.
        found.insert("network-failure ".to_owned());
    }
    if has(&found, "network-failure ROUTER") {
        found.retain(|it| !["network-failure SW-C", "network-failure SW-L"].contains(&it.as_str()));
    }
    if has(&found, "network-failure ") {
        found.retain(|it| {
            !it.starts_with("system-fault crm") && !it.starts_with("system-fault sms")
        });
        found.remove("network-failure GATE");
    }
    if has(&found, "network-failure GATE") {
        found.remove("system-fault sms");
    }
    found
}

/// What two faults together open: what is wide of them, and seats as all that they suffer
/// from beside it adds up.
fn expected_of_two(first: &Fault, second: &Fault, n: usize) -> BTreeSet<String> {
    let both = [first, second];
    let has = |found: &BTreeSet<String>, one: &str| found.contains(one);
    let mut found = expected_wide(both, n);
    let dead = [
        "network-failure SW-C",
        "network-failure ROUTER",
        "power-loss mains",
    ];
    if dead.iter().any(|it| has(&found, it)) {
        // All seats of the block are explained.
        return found;
    }
    let crm_gone = ["system-fault crm", "network-failure "]
        .iter()
        .any(|it| has(&found, it));
    let everything = has(&found, "network-failure ");
    let acd_gone = has(&found, "system-fault acd");
    let mut seats = vec![Suffering::default(); n];
    for fault in both {
        for (k, seat) in seats.iter_mut().enumerate() {
            match fault {
                Fault::Pc(count) => seat.pc |= k < *count,
                Fault::Headset(count) => seat.headset |= k < *count,
                Fault::Login(count) => seat.acd |= k < *count && !everything,
                Fault::Phone(count) => seat.acd |= k < *count,
                Fault::One(_, count) => seat.crm |= k < *count,
                _ => {}
            }
        }
    }
    // A PC that does not speak tells nothing else.
    for seat in &mut seats {
        if seat.pc {
            *seat = Suffering {
                pc: true,
                ..Suffering::default()
            };
        }
    }
    let enough = |bad: usize, tell: usize| bad >= 3 && bad * 100 >= tell * 30;
    let speaking = seats.iter().filter(|seat| !seat.pc).count();
    let count = |is: fn(&Suffering) -> bool, seats: &[Suffering]| {
        seats.iter().filter(|seat| is(seat)).count()
    };
    if acd_gone || enough(count(|it| it.acd, &seats), speaking) {
        found.insert("system-fault acd".to_owned());
        for seat in &mut seats {
            seat.acd = false;
        }
    }
    if crm_gone {
        for seat in &mut seats {
            seat.crm = false;
        }
    } else if enough(count(|it| it.crm, &seats), speaking) {
        found.insert("system-fault crm".to_owned());
        for seat in &mut seats {
            seat.crm = false;
        }
    }
    let login = both.iter().any(|fault| matches!(fault, Fault::Login(_)));
    let name = |seat: &Suffering| {
        let acd = if login { "login" } else { "phone" };
        [
            (seat.pc, "pc"),
            (seat.acd, acd),
            (seat.crm, "program"),
            (seat.headset, "headset"),
        ]
        .into_iter()
        .find(|(bad, _)| *bad)
        .map(|(_, name)| name)
    };
    for symptom in ["pc", "login", "phone", "program", "headset"] {
        let of: Vec<usize> = (0..n)
            .filter(|k| name(&seats[*k]) == Some(symptom))
            .collect();
        if of.len() >= 3 {
            found.insert(format!("seat-fault {symptom}"));
        } else {
            let ids = block(n);
            found.extend(of.iter().map(|k| format!("seat-fault {}", ids[*k])));
        }
    }
    found
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
            let floor = play(
                11,
                std::slice::from_ref(&fault),
                |signs| shuffle(signs, seed),
                30,
            );
            if floor.ever_opened() != wanted {
                let opened = floor.ever_opened();
                wrong.push(format!(
                    "{fault:?}, order {seed}: {opened:?}, not {wanted:?}"
                ));
            }
            assert_eq!(&floor.story.replayed(), floor.story.board.state());
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn two_faults_at_a_time_are_two_incidents_unless_one_explains_the_other() {
    let n = 11;
    let wide = [
        Fault::Service("crm"),
        Fault::Service("sms"),
        Fault::Everything,
        Fault::Outside,
        Fault::Device("SW-C"),
        Fault::Device("SW-L"),
        Fault::Device("ROUTER"),
        Fault::Acd,
        Fault::Mains,
    ];
    let narrow = [1, 3].into_iter().flat_map(|count| {
        [
            Fault::Pc(count),
            Fault::Headset(count),
            Fault::Login(count),
            Fault::One("crm", count),
        ]
    });
    let all: Vec<Fault> = wide.into_iter().chain(narrow).collect();
    let mut wrong = Vec::new();
    for (k, first) in all.iter().enumerate() {
        for second in &all[k + 1..] {
            let wanted = expected_of_two(first, second, n);
            let seed = u64::try_from(k).unwrap() + 7;
            let faults = [first.clone(), second.clone()];
            let floor = play(n, &faults, |signs| shuffle(signs, seed), 30);
            let opened = floor.ever_opened();
            if opened != wanted {
                wrong.push(format!(
                    "{first:?} and {second:?}: {opened:?}, not {wanted:?}"
                ));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Lets all of it end in some order, and tells what was wrong.
fn mended(floor: &mut Floor, faults: &[Fault], seed: u64) -> Option<String> {
    let opened = floor.ever_opened();
    floor.story.settle_debts();
    let mut signs: Vec<Sign> = faults.iter().flat_map(|it| floor.signs(it)).collect();
    shuffle(&mut signs, seed);
    floor.spread(&signs, 30, Floor::undo);
    floor.end();
    let (open, ever) = (floor.open(), floor.ever_opened());
    let well = open.is_empty() && ever == opened;
    (!well)
        .then(|| format!("{faults:?}: open at the end {open:?}, opened {ever:?}, not {opened:?}"))
}

#[test]
fn once_all_is_well_again_in_any_order_everything_ends_and_everybody_hears_of_it() {
    let mut wrong = Vec::new();
    for (seed, fault) in (0..).zip(alone(11)) {
        let faults = std::slice::from_ref(&fault);
        let mut floor = play(11, faults, |signs| shuffle(signs, seed), 30);
        wrong.extend(mended(&mut floor, faults, seed + 1));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn two_faults_that_end_in_any_order_open_nothing_on_their_way_out() {
    let pairs = [
        [Fault::Service("crm"), Fault::Device("SW-C")],
        [Fault::Acd, Fault::Pc(2)],
        [Fault::Outside, Fault::Login(3)],
        [Fault::Mains, Fault::One("crm", 3)],
        [Fault::Everything, Fault::Headset(1)],
    ];
    let mut wrong = Vec::new();
    for (seed, faults) in (0..).zip(pairs) {
        let mut floor = play(11, &faults, |signs| shuffle(signs, seed), 30);
        wrong.extend(mended(&mut floor, &faults, seed + 1));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_spreads_from_seat_to_seat_ends_up_as_one_incident_and_shrinks_as_one() {
    let mut wrong = Vec::new();
    let kinds: [fn(usize) -> Fault; 5] = [
        Fault::Pc,
        Fault::Headset,
        Fault::Phone,
        Fault::Login,
        |count| Fault::One("crm", count),
    ];
    for (seed, fault) in (0..).zip(kinds) {
        let all = fault(11);
        let mut floor = Floor::of(11);
        let signs = floor.signs(&all);
        // Slower than an incident opens: each seat is first one of its own.
        floor.spread(&signs, 11 * 60, Floor::show);
        floor.wait(floor.story.now + 400);
        let running = floor.story.board.state().running();
        let running: BTreeSet<String> = running
            .map(|it| format!("{} {}", it.procedure.id, it.opened_over))
            .collect();
        if running != expected(&all, 11) {
            wrong.push(format!("{all:?}: {running:?}"));
        }
        let grown = floor.ever_opened();
        floor.story.settle_debts();
        let mut back = signs;
        shuffle(&mut back, seed);
        floor.spread(&back, 11 * 60, Floor::undo);
        floor.end();
        if !floor.open().is_empty() || floor.ever_opened() != grown {
            let (open, ever) = (floor.open(), floor.ever_opened());
            wrong.push(format!(
                "{all:?}: open {open:?}, opened {ever:?}, not {grown:?}"
            ));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn in_larger_centres_a_fault_is_as_wide_as_it_is() {
    let mut wrong = Vec::new();
    for (n, faults) in [
        (60, alone(60)),
        (
            500,
            vec![
                Fault::Service("crm"),
                Fault::Device("SW-C"),
                Fault::Acd,
                Fault::Pc(11),
                Fault::Login(2),
                Fault::One("crm", 11),
                Fault::One("crm", 150),
            ],
        ),
    ] {
        for (seed, fault) in (0..).zip(faults) {
            let one = std::slice::from_ref(&fault);
            let floor = play(n, one, |signs| shuffle(signs, seed), 30);
            let (opened, wanted) = (floor.ever_opened(), expected(&fault, n));
            if opened != wanted {
                wrong.push(format!("{fault:?} of {n}: {opened:?}, not {wanted:?}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
