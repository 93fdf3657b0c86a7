//! The system bus in the hands of a test: a UPS on the cable, and a PC that goes down.

use std::collections::HashMap;
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};

use callwatch::health::{Health, Watch};
use callwatch::incidents::Leave;
use callwatch::ups::{Flow, OwnPower, SupplyKind};
use callwatch::wire::{FromSeat, ToSeat};
use zbus::{OwnedFd, OwnedObjectPath};

use crate::bus::{self, Bus};
use crate::daemon::{Daemon, Seat};

const UPOWER: &str = "/org/freedesktop/UPower";
const DEVICE: &str = "/org/freedesktop/UPower/devices/ups_hiddev0";
const LOGIN: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/auto";

struct Whole {
    on_battery: bool,
}

#[zbus::interface(name = "org.freedesktop.UPower")]
impl Whole {
    #[expect(clippy::unused_self, reason = "the interface is asked by its object")]
    fn enumerate_devices(&self) -> Vec<OwnedObjectPath> {
        vec![OwnedObjectPath::try_from(DEVICE).expect("it is a path")]
    }

    #[zbus(property)]
    fn on_battery(&self) -> bool {
        self.on_battery
    }
}

struct Device {
    state: u32,
}

#[expect(clippy::unused_self, reason = "the interface is asked by its object")]
#[zbus::interface(name = "org.freedesktop.UPower.Device")]
impl Device {
    #[zbus(property, name = "Type")]
    fn kind(&self) -> u32 {
        3
    }

    #[zbus(property)]
    fn state(&self) -> u32 {
        self.state
    }

    #[zbus(property)]
    fn percentage(&self) -> f64 {
        87.0
    }

    #[zbus(property)]
    fn time_to_empty(&self) -> i64 {
        if self.state == 2 { 1200 } else { 0 }
    }
}

#[derive(Default)]
struct Session {
    locked: bool,
}

#[expect(clippy::unused_self, reason = "the interface is asked by its object")]
#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }

    #[zbus(property)]
    fn idle_hint(&self) -> bool {
        false
    }
}

/// Who holds the PC up: the other ends of what was handed out.
type Held = Arc<Mutex<Vec<UnixStream>>>;

struct Manager {
    held: Held,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> OwnedFd {
        assert_eq!((what, who, mode), ("sleep:shutdown", "callwatch", "delay"));
        assert!(!why.is_empty());
        let (ours, theirs) = UnixStream::pair().expect("sockets are to be had");
        self.held.lock().expect("nobody panics").push(ours);
        OwnedFd::from(std::os::fd::OwnedFd::from(theirs))
    }
}

pub(crate) struct Pc {
    pub(crate) bus: Bus,
    connection: zbus::Connection,
    held: Held,
}

impl Pc {
    pub(crate) async fn start() -> Option<Self> {
        let bus = Bus::start()?;
        let connection = bus.connect().await;
        let held = Held::default();
        let objects = connection.object_server();
        let whole = Whole { on_battery: false };
        objects.at(UPOWER, whole).await.expect("the path is free");
        let device = Device { state: 4 };
        objects.at(DEVICE, device).await.expect("the path is free");
        let manager = Manager {
            held: Arc::clone(&held),
        };
        objects.at(LOGIN, manager).await.expect("the path is free");
        let session = Session::default();
        objects
            .at(SESSION, session)
            .await
            .expect("the path is free");
        for name in ["org.freedesktop.UPower", "org.freedesktop.login1"] {
            let named = connection.request_name(name).await;
            named.expect("the name is free");
        }
        Some(Self {
            bus,
            connection,
            held,
        })
    }

    pub(crate) async fn cut(&self) {
        self.supply(true).await;
    }

    pub(crate) async fn restore(&self) {
        self.supply(false).await;
    }

    async fn supply(&self, on_battery: bool) {
        let objects = self.connection.object_server();
        let whole = objects.interface::<_, Whole>(UPOWER).await;
        whole.expect("it is there").get_mut().await.on_battery = on_battery;
        let device = objects.interface::<_, Device>(DEVICE).await;
        let device = device.expect("it is there");
        let mut inside = device.get_mut().await;
        inside.state = if on_battery { 2 } else { 4 };
        let told = inside.state_changed(device.signal_emitter()).await;
        told.expect("the bus runs");
    }

    async fn lock(&self) {
        let objects = self.connection.object_server();
        let session = objects.interface::<_, Session>(SESSION).await;
        let session = session.expect("it is there");
        let mut inside = session.get_mut().await;
        inside.locked = true;
        let told = inside.locked_hint_changed(session.signal_emitter()).await;
        told.expect("the bus runs");
    }

    async fn sleep(&self, goes: bool) {
        let manager = "org.freedesktop.login1.Manager";
        let told =
            self.connection
                .emit_signal(None::<&str>, LOGIN, manager, "PrepareForSleep", &goes);
        told.await.expect("the bus runs");
    }
}

#[tokio::test]
async fn a_seat_tells_of_its_pc_and_of_a_session_that_is_locked() {
    let Some(pc) = Pc::start().await else { return };
    let daemon = Daemon::listen().await;
    let system = HashMap::from([("DBUS_SYSTEM_BUS_ADDRESS", pc.bus.address.as_str())]);
    let (_program, _key) = bus::seat_with(&pc.bus.address, daemon.address(), &system);
    let mut seat = daemon.seat().await;
    seat.cards(&[]).await;
    let open = |locked| move |it: &Health| it.session.and_then(|it| it.locked) == Some(locked);
    let health = seat.health(open(false)).await;
    let session = health.session.expect("it is told");
    assert_eq!((session.idle, session.remote), (Some(false), None));
    assert!(health.memory.is_some() && health.uptime_seconds.is_some());
    health.check().expect("what it tells can be");
    // Nobody runs here by that name, and what is asked for is answered.
    let watch = Watch {
        softphone: vec!["no-such-phone".to_owned()],
        ..Watch::default()
    };
    seat.send(&ToSeat::Watch(std::sync::Arc::new(watch))).await;
    pc.lock().await;
    let health = seat.health(open(true)).await;
    let softphone = health.softphone.as_ref().expect("it is told");
    assert!(!softphone.running);
}

async fn power(seat: &mut Seat, wanted: impl Fn(&OwnPower) -> bool) -> OwnPower {
    loop {
        match seat.next().await.expect("it stays") {
            FromSeat::Power { power } if wanted(&power) => return power,
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_ups_on_the_cable_is_told_of_and_a_sleeping_pc_says_goodbye_and_comes_back() {
    let Some(pc) = Pc::start().await else { return };
    let daemon = Daemon::listen().await;
    let system = HashMap::from([("DBUS_SYSTEM_BUS_ADDRESS", pc.bus.address.as_str())]);
    let (_program, _key) = bus::seat_with(&pc.bus.address, daemon.address(), &system);
    let mut seat = daemon.seat().await;
    let calm = power(&mut seat, |_| true).await;
    assert!(!calm.on_battery && calm.supplies[0].flow == Flow::Charging);
    pc.cut().await;
    let cut = power(&mut seat, |power| power.on_battery).await;
    let supply = cut.supplies[0];
    assert_eq!(supply.kind, SupplyKind::Ups);
    assert_eq!(supply.flow, Flow::Discharging);
    assert_eq!(
        (supply.charge_percent, supply.runtime_minutes),
        (Some(87.0), Some(20.0))
    );
    pc.sleep(true).await;
    loop {
        let frame = seat.next().await;
        if let FromSeat::Goodbye { why } = frame.expect("it says goodbye first") {
            assert_eq!(why, Some(Leave::Sleep));
            break;
        }
    }
    // The daemon hangs up: it has heard it, and the PC is let go.
    drop(seat);
    let mut held = pc.held.lock().expect("nobody panics").remove(0);
    let let_go = tokio::task::spawn_blocking(move || held.read(&mut [0]));
    let read = tokio::time::timeout(bus::SOON, let_go).await;
    assert_eq!(
        read.expect("it lets go")
            .expect("it reads")
            .expect("it ends"),
        0
    );
    pc.sleep(false).await;
    let mut seat = daemon.seat().await;
    assert!(power(&mut seat, |_| true).await.on_battery);
    assert_eq!(pc.held.lock().expect("nobody panics").len(), 1, "held anew");
}
