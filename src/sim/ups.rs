//! A simulated UPS: a real SNMP agent of one of three families, with a battery that drains in plan time.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::sim::snmp::{self, Objects, Value};

/// The community of every simulated card.
pub const COMMUNITY: &str = "public";

/// `upsTrapOnBattery` (RFC 1628).
const ON_BATTERY: [u64; 9] = [1, 3, 6, 1, 2, 1, 33, 2, 1];

/// A recharge takes so many times as long as the discharge did.
const RECHARGE: f64 = 8.0;

/// Whose objects a simulated card serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    Rfc1628,
    Powernet,
    Cps,
}

/// One simulated UPS; its agent ends when this is dropped.
#[derive(Debug)]
pub struct Ups {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    clock: Clock,
    _agent: JoinSet<()>,
}

#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own on the simulated device"
)]
struct State {
    card: Card,
    mains: bool,
    self_test: bool,
    card_lost_ups: bool,
    silent: bool,
    tells_runtime: bool,
    /// What a probe on its card measures, in degrees; absent: there is none. `PowerNet` alone.
    room: Option<i64>,
    /// Of a full battery.
    full_minutes: f64,
    /// At `at`, 0 to 1.
    charge: f64,
    at: Timestamp,
    booted: Timestamp,
}

impl Ups {
    /// Starts the agent on a free port of the loopback address.
    pub async fn start(card: Card, clock: Clock) -> io::Result<Self> {
        Self::start_at(Ipv4Addr::LOCALHOST.into(), card, clock).await
    }

    /// Starts the agent at an address of its own, from which it can call.
    pub async fn start_at(address: IpAddr, card: Card, clock: Clock) -> io::Result<Self> {
        let socket = UdpSocket::bind((address, 0)).await?;
        let address = socket.local_addr()?;
        let now = clock.now();
        let state = Arc::new(Mutex::new(State {
            card,
            mains: true,
            self_test: false,
            card_lost_ups: false,
            silent: false,
            tells_runtime: true,
            room: None,
            full_minutes: 40.0,
            charge: 1.0,
            at: now,
            booted: now,
        }));
        let mut agent = JoinSet::new();
        let answering = (Arc::clone(&state), clock.clone());
        agent.spawn(async move {
            let (state, clock) = answering;
            let objects = || {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.advance(clock.now());
                state.told(clock.now())
            };
            snmp::serve(socket, COMMUNITY, objects).await;
        });
        Ok(Self {
            address,
            state,
            clock,
            _agent: agent,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The mains come or go.
    pub fn mains(&self, on: bool) {
        self.state().mains = on;
    }

    /// Sends a trap, whatever has happened.
    pub async fn call(&self, ear: SocketAddr) -> io::Result<()> {
        let socket = UdpSocket::bind((self.address.ip(), 0)).await?;
        let uptime = uptime(self.state().booted, self.clock.now());
        let trap = snmp::trap(COMMUNITY, uptime, &ON_BATTERY);
        socket.send_to(&trap, ear).await.map(drop)
    }

    /// The battery feeds the load although the input is good.
    pub fn self_test(&self, on: bool) {
        self.state().self_test = on;
    }

    /// The card answers, but its values are frozen.
    pub fn card_lost_ups(&self, on: bool) {
        self.state().card_lost_ups = on;
    }

    /// The card is dead: no answers.
    pub fn silent(&self, on: bool) {
        self.state().silent = on;
    }

    /// Whether it says how long its battery lasts; many do not.
    pub fn tells_runtime(&self, tells: bool) {
        self.state().tells_runtime = tells;
    }

    /// A probe for the room is plugged in, or pulled out.
    pub fn room(&self, celsius: Option<i64>) {
        self.state().room = celsius;
    }

    /// How long a full battery lasts.
    pub fn battery_minutes(&self, minutes: f64) {
        self.state().full_minutes = minutes;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance(self.clock.now());
        state
    }
}

impl State {
    fn on_battery(&self) -> bool {
        !self.mains || self.self_test
    }

    /// Drains or charges the battery up to `now`.
    fn advance(&mut self, now: Timestamp) {
        let minutes = now.duration_since(self.at).as_secs_f64() / 60.0;
        self.at = now;
        let share = minutes / self.full_minutes;
        let change = if self.on_battery() {
            -share
        } else {
            share / RECHARGE
        };
        self.charge = (self.charge + change).clamp(0.0, 1.0);
    }

    fn objects(&self, now: Timestamp) -> Option<Objects> {
        if self.silent {
            return None;
        }
        let mut objects = Objects::new();
        let (name, id): (&str, &[u64]) = match self.card {
            Card::Rfc1628 => ("Simulated UPS, UPS-MIB", &[1, 3, 6, 1, 2, 1, 33]),
            Card::Cps => ("Simulated UPS, CPS-MIB", &[1, 3, 6, 1, 4, 1, 3808]),
            Card::Powernet => ("Simulated UPS, PowerNet-MIB", &[1, 3, 6, 1, 4, 1, 318]),
        };
        let system = [1, 3, 6, 1, 2, 1, 1];
        let mut put = |base: &[u64], rest: &[u64], value: Value| {
            objects.insert([base, rest].concat(), value);
        };
        put(&system, &[1, 0], Value::Text(name.to_owned()));
        put(&system, &[2, 0], Value::Oid(id.to_vec()));
        put(&system, &[3, 0], Value::Ticks(uptime(self.booted, now)));
        let minutes = self.charge * self.full_minutes;
        let charge = whole(self.charge * 100.0);
        let low = self.on_battery() && minutes <= 2.0;
        let volts = if self.mains { 230 } else { 0 };
        let int = Value::Integer;
        match self.card {
            Card::Rfc1628 => {
                let ups = [1, 3, 6, 1, 2, 1, 33, 1];
                put(&ups, &[1, 1, 0], Value::Text("Simulated".to_owned()));
                put(&ups, &[2, 1, 0], int(if low { 3 } else { 2 }));
                put(&ups, &[2, 2, 0], int(i64::from(self.on_battery())));
                put(&ups, &[2, 3, 0], int(whole(minutes)));
                put(&ups, &[2, 4, 0], int(charge));
                put(&ups, &[2, 7, 0], int(25));
                put(&ups, &[3, 2, 0], int(1));
                put(&ups, &[3, 3, 1, 3, 1], int(volts));
                put(&ups, &[4, 1, 0], int(if self.on_battery() { 5 } else { 3 }));
                put(&ups, &[4, 3, 0], int(1));
                put(&ups, &[4, 4, 1, 2, 1], int(230));
                put(&ups, &[4, 4, 1, 5, 1], int(24));
                put(&ups, &[6, 1, 0], int(i64::from(self.card_lost_ups)));
                if self.card_lost_ups {
                    let lost = [&ups[..], &[6, 3, 20]].concat();
                    put(&ups, &[6, 2, 1, 2, 1], Value::Oid(lost));
                }
                put(&ups, &[7, 3, 0], int(if self.self_test { 5 } else { 6 }));
            }
            Card::Cps => {
                let ups = [1, 3, 6, 1, 4, 1, 3808, 1, 1, 1];
                put(&ups, &[1, 1, 1, 0], Value::Text("Simulated".to_owned()));
                put(&ups, &[2, 1, 1, 0], int(if low { 3 } else { 2 }));
                put(
                    &ups,
                    &[2, 2, 1, 0],
                    Value::Gauge(u32::try_from(charge).unwrap_or(0)),
                );
                put(&ups, &[2, 2, 3, 0], int(26));
                put(&ups, &[2, 2, 4, 0], ticks(minutes));
                put(&ups, &[2, 2, 5, 0], int(1));
                put(&ups, &[3, 2, 1, 0], int(volts * 10));
                put(&ups, &[3, 2, 5, 0], int(if self.self_test { 4 } else { 1 }));
                put(
                    &ups,
                    &[4, 1, 1, 0],
                    int(if self.on_battery() { 3 } else { 2 }),
                );
                put(&ups, &[4, 2, 3, 0], int(31));
            }
            Card::Powernet => {
                let ups = [1, 3, 6, 1, 4, 1, 318, 1, 1, 1];
                put(&ups, &[1, 1, 1, 0], Value::Text("Simulated".to_owned()));
                put(&ups, &[2, 1, 1, 0], int(if low { 3 } else { 2 }));
                put(&ups, &[2, 2, 3, 0], ticks(minutes));
                put(&ups, &[2, 2, 4, 0], int(1));
                put(
                    &ups,
                    &[2, 3, 1, 0],
                    Value::Gauge(u32::try_from(charge * 10).unwrap_or(0)),
                );
                put(&ups, &[2, 3, 2, 0], int(270));
                put(&ups, &[3, 3, 1, 0], int(volts * 10));
                put(&ups, &[3, 2, 5, 0], int(if self.self_test { 9 } else { 1 }));
                let status = match (self.mains, self.self_test) {
                    (false, _) => 3,
                    (true, true) => 28,
                    (true, false) => 2,
                };
                put(&ups, &[4, 1, 1, 0], int(status));
                put(&ups, &[4, 3, 3, 0], int(182));
                let probe = [1, 3, 6, 1, 4, 1, 318, 1, 1, 25, 1, 2, 1];
                put(&probe, &[6, 1, 1], int(self.room.unwrap_or(-1)));
                let plugged = if self.room.is_some() { 2 } else { 1 };
                put(&probe, &[10, 1, 1], int(plugged));
                put(&ups, &[7, 2, 3, 0], int(if self.self_test { 4 } else { 1 }));
                put(
                    &ups,
                    &[8, 1, 0],
                    int(if self.card_lost_ups { 2 } else { 1 }),
                );
            }
        }
        Some(objects)
    }

    /// What it answers, without what it does not tell.
    fn told(&self, now: Timestamp) -> Option<Objects> {
        let mut objects = self.objects(now)?;
        if !self.tells_runtime {
            objects.remove(self.card.runtime());
        }
        Some(objects)
    }
}

impl Card {
    fn runtime(self) -> &'static [u64] {
        match self {
            Card::Rfc1628 => &[1, 3, 6, 1, 2, 1, 33, 1, 2, 3, 0],
            Card::Powernet => &[1, 3, 6, 1, 4, 1, 318, 1, 1, 1, 2, 2, 3, 0],
            Card::Cps => &[1, 3, 6, 1, 4, 1, 3808, 1, 1, 1, 2, 2, 4, 0],
        }
    }
}

/// In hundredths of a second.
fn uptime(booted: Timestamp, now: Timestamp) -> u32 {
    let hundredths = now.duration_since(booted).as_millis() / 10;
    u32::try_from(hundredths).unwrap_or(u32::MAX)
}

fn ticks(minutes: f64) -> Value {
    Value::Ticks(u32::try_from(whole(minutes * 6000.0)).unwrap_or(u32::MAX))
}

/// Rounded down, never negative; a figure of a UPS is far below what this holds.
#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
fn whole(figure: f64) -> i64 {
    figure.clamp(0.0, 4e9) as i64
}

#[cfg(test)]
mod tests {
    use crate::ups::Family;
    use std::time::Duration;

    use super::*;
    use crate::probes::access::Access;
    use crate::probes::{snmp::Settings, trace_ups};
    use crate::ups::{Reading, Verdict};

    async fn reading(ups: &Ups) -> Reading {
        let settings = Settings {
            host: ups.address().ip().to_string(),
            port: ups.address().port(),
            access: Access::V2c {
                community: COMMUNITY.to_owned(),
            },
        };
        trace_ups(&settings, Duration::from_secs(5)).await.reading
    }

    #[tokio::test]
    async fn each_family_says_what_happens_to_it() {
        for (card, family) in [
            (Card::Rfc1628, Family::Rfc1628),
            (Card::Powernet, Family::Powernet),
            (Card::Cps, Family::Cps),
        ] {
            let ups = Ups::start(card, Clock::real()).await.unwrap();
            let seen = reading(&ups).await;
            assert_eq!(seen.family, Some(family));
            assert_eq!(seen.verdict, Verdict::OnMains, "{family:?}");
            assert_eq!(seen.charge_percent, Some(100.0), "{family:?}");
            ups.mains(false);
            let seen = reading(&ups).await;
            assert_eq!(seen.verdict, Verdict::MainsLost, "{family:?}");
            let minutes = seen.runtime_minutes.unwrap();
            assert!((39.0..=40.0).contains(&minutes), "{family:?}: {minutes}");
            ups.mains(true);
            ups.self_test(true);
            let seen = reading(&ups).await;
            assert_eq!(seen.verdict, Verdict::SelfTest, "{family:?}");
        }
    }

    #[tokio::test]
    async fn a_battery_drains_in_plan_time() {
        let clock = Clock::stepped(Timestamp::UNIX_EPOCH);
        let ups = Ups::start(Card::Powernet, clock.clone()).await.unwrap();
        ups.mains(false);
        let half = clock.now() + jiff::SignedDuration::from_mins(20);
        let waiter = clock.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { waiter.sleep_until(half).await });
        while clock.step().is_none() {
            tokio::task::yield_now().await;
        }
        let seen = reading(&ups).await;
        assert_eq!(seen.charge_percent, Some(50.0));
    }
}
