//! From the moment at which a UPS loses its mains to the webhook received, to the
//! card's frame at a seat, and to `Notify` at the notification server; seen by the
//! next poll, or called for by a trap at once.
//!
//! Each simulated UPS is alone on a feed and goes to battery four times, at every
//! phase of the poll; the plan's delays are taken out, the log is on disk.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use callwatch::alerts::Secret;
use callwatch::clock::Clock;
use callwatch::config;
use callwatch::incidents::{Act, Phase};
use callwatch::plan;
use callwatch::sim::receiver::Receiver;
use callwatch::sim::ups::{COMMUNITY, Card, Ups};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, watch};

use crate::bus::Bus;
use crate::notifications::Server;
use crate::peers::{self, Folder, Seat};
use crate::print;

/// UPSs that only wait for their poll.
const POLLED: usize = 25;
/// UPSs that call.
const CALLING: usize = 50;
/// A UPS that turns more often within ten minutes counts as unstable.
const FLIPS: usize = 4;
/// So many UPSs are out at the same time.
const AT_ONCE: usize = 4;
const POLL: Duration = Duration::from_secs(2);
/// What the reading may take until it is told.
const AFTER_A_POLL: Duration = Duration::from_millis(50);
/// What does not come within this never comes.
const PATIENCE: Duration = Duration::from_secs(20);
const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g";

struct Centre {
    clock: Clock,
    ups: Vec<Ups>,
    receiver: Receiver,
    lead: Seat,
    /// Where traps are heard, if the UPSs call.
    ear: Option<SocketAddr>,
    /// When each new notification came, and its title.
    notified_rx: watch::Receiver<Vec<(Timestamp, String)>>,
}

/// How long each took.
struct Flip {
    webhook: SignedDuration,
    card: SignedDuration,
    notify: SignedDuration,
}

/// Polled: within an interval of the poll and 50 ms.
pub(crate) async fn polled() {
    run(POLLED, None, POLL + AFTER_A_POLL).await;
}

/// Called for: within 50 ms.
pub(crate) async fn called() {
    run(CALLING, Some(peers::free_ear()), AFTER_A_POLL).await;
}

async fn run(count: usize, ear: Option<SocketAddr>, target: Duration) {
    let folder = Folder::new("latency");
    let clock = Clock::real();
    let Some(bus) = Bus::start() else { return };
    let mut server = Server::start(&bus).await;
    let secret: Secret = SECRET.parse().expect("it is a secret");
    let receiver = Receiver::start(secret).await.expect("a port is free");
    let mut ups = Vec::new();
    for number in 0..count {
        // A trap is known by the address that it comes from.
        let host = u8::try_from(number + 1).expect("they are few");
        let host = Ipv4Addr::new(127, 0, 1, host).into();
        let started = Ups::start_at(host, Card::Rfc1628, clock.clone()).await;
        ups.push(started.expect("a port is free"));
    }
    let address = peers::free_address();
    folder.write("callwatch.toml", &centre(&ups, &receiver, address, ear));
    folder.write("fast.toml", &plan_without_delays());
    folder.write("it.secret", SECRET);
    folder.keys();
    let _daemon = peers::daemon(&folder.0, address).await;
    let lead = Seat::connect(&folder, address, "L-01").await;
    let _program = peers::seat_program(&folder, &bus, address, "I-01");
    let (notified_tx, notified_rx) = watch::channel(Vec::new());
    let notifying = {
        let clock = clock.clone();
        async move {
            loop {
                let shown = peers::new_notification(&mut server).await;
                let now = clock.now();
                notified_tx.send_modify(|notified| notified.push((now, shown.title)));
            }
        }
    };
    let centre = Centre {
        clock,
        ups,
        receiver,
        lead,
        ear,
        notified_rx,
    };
    // Every UPS has been read, and the seat program is connected.
    tokio::time::sleep(2 * POLL).await;
    let flips = tokio::select! {
        flips = measure(&centre) => flips,
        () = notifying => return,
    };
    print(&format!(
        "{} flips, polled every {POLL:?}{}; the target is p99 <= {target:?}",
        flips.len(),
        if ear.is_some() {
            ", each with a trap"
        } else {
            ""
        }
    ));
    let row = |name: &str, of: fn(&Flip) -> SignedDuration| {
        let mut took: Vec<SignedDuration> = flips.iter().map(of).collect();
        took.sort_unstable();
        let percentile = |percent: usize| {
            let took = took[(took.len() * percent).div_ceil(100) - 1];
            took.as_secs_f64() * 1000.0
        };
        print(&format!(
            "flip to {name:<8} p50 {:>7.1} ms  p99 {:>7.1} ms  max {:>7.1} ms",
            percentile(50),
            percentile(99),
            percentile(100)
        ));
    };
    row("webhook", |flip| flip.webhook);
    row("card", |flip| flip.card);
    row("Notify", |flip| flip.notify);
}

async fn measure(centre: &Centre) -> Vec<Flip> {
    let places = Semaphore::new(AT_ONCE);
    let all = (0..centre.ups.len()).map(|ups| {
        let places = &places;
        async move {
            let _place = places.acquire().await.expect("it is never closed");
            let mut flips = Vec::new();
            for nth in 0..FLIPS {
                flips.push(flip(centre, ups, nth).await);
            }
            flips
        }
    });
    let flips = futures_util::future::join_all(all).await;
    flips.into_iter().flatten().collect()
}

async fn flip(centre: &Centre, ups: usize, nth: usize) -> Flip {
    // The golden ratio spreads the moments evenly over the poll's interval.
    let golden = 0.618_033_988_749_895;
    let count = u32::try_from(ups * FLIPS + nth).expect("it is small");
    tokio::time::sleep(POLL.mul_f64((f64::from(count) * golden).fract())).await;
    let place = name(ups);
    let known: BTreeSet<_> = centre
        .lead
        .cards_rx
        .borrow()
        .iter()
        .map(|card| card.key.incident)
        .collect();
    let begin = centre.clock.now();
    centre.ups[ups].mains(false);
    call(centre, ups).await;
    let took = || centre.clock.now().duration_since(begin);
    let webhook = async {
        let opened = |events: &[callwatch::sim::receiver::Received]| {
            let opened = events.iter().filter(|received| {
                received.event["type"] == "incident.opened" && received.body.contains(&place)
            });
            opened.count() > nth
        };
        centre.receiver.wait_for(opened).await;
        took()
    };
    let mut cards_rx = centre.lead.cards_rx.clone();
    let card = async {
        let cards = cards_rx.wait_for(|cards| {
            cards.iter().any(|card| {
                card.phase == Phase::Open
                    && card.title.contains(&place)
                    && !known.contains(&card.key.incident)
            })
        });
        let incident = {
            let cards = cards.await.expect("the connection lives");
            let card = cards
                .iter()
                .rfind(|card| card.title.contains(&place) && card.phase == Phase::Open);
            card.expect("it was waited for").key.incident
        };
        (took(), incident)
    };
    let mut notified_rx = centre.notified_rx.clone();
    let notify = async {
        let of_place = |notified: &Vec<(Timestamp, String)>| {
            let mut of_place = notified.iter().filter(|(_, title)| title.contains(&place));
            of_place.nth(nth).map(|(at, _)| *at)
        };
        let notified = notified_rx
            .wait_for(|notified| of_place(notified).is_some())
            .await;
        let at = of_place(&notified.expect("the server lives"));
        at.expect("it was waited for").duration_since(begin)
    };
    let (webhook, (card, incident), notify) = tokio::join!(
        soon(&place, "webhook", webhook),
        soon(&place, "card", card),
        soon(&place, "notification", notify)
    );
    centre.lead.act(Act::StandDown { incident });
    centre.ups[ups].mains(true);
    call(centre, ups).await;
    // The supply that is back is read, too.
    tokio::time::sleep(POLL + POLL / 4).await;
    Flip {
        webhook,
        card,
        notify,
    }
}

async fn soon<T>(place: &str, what: &str, coming: impl Future<Output = T>) -> T {
    let came = tokio::time::timeout(PATIENCE, coming).await;
    came.unwrap_or_else(|_| panic!("the {what} of {place} never comes"))
}

async fn call(centre: &Centre, ups: usize) {
    if let Some(ear) = centre.ear {
        let called = centre.ups[ups].call(ear).await;
        called.expect("a port is free");
    }
}

fn name(ups: usize) -> String {
    format!("P{ups:02}")
}

/// A centre in which each UPS is the only witness of its own feed.
fn centre(ups: &[Ups], receiver: &Receiver, listen: SocketAddr, ear: Option<SocketAddr>) -> String {
    let mut text = String::from(
        r#"
[site]
name = { zh = "试", en = "Bench" }
language = "en"
time_zone = "Asia/Shanghai"
[emergency]
fire = "119"
police = "110"
ambulance = "120"
[plan]
pack = "./fast.toml"
"#,
    );
    for (number, ups) in ups.iter().enumerate() {
        let (name, address) = (name(number), ups.address());
        let (host, port) = (address.ip(), address.port());
        let name = format!("name = {{ zh = \"{name}\", en = \"{name}\" }}");
        write!(
            text,
            "[zone.z{number}]\n{name}\n[feed.f{number}]\n{name}\n\
             [circuit.c{number}]\n{name}\nfeed = \"f{number}\"\n\
             [ups.u{number}]\n{name}\nzone = \"z{number}\"\nfed_by = \"c{number}\"\n\
             host = \"{host}\"\nport = {port}\ncommunity = \"{COMMUNITY}\"\n"
        )
        .expect("a string takes everything");
    }
    for seat in ["L-01", "I-01", "S-01"] {
        write!(text, "[seat.{seat}]\nzone = \"z0\"\nfed_by = \"c0\"\n")
            .expect("a string takes everything");
    }
    for (role, seat) in [
        ("staff", "S-01"),
        ("lead", "L-01"),
        ("it", "I-01"),
        ("manager", "S-01"),
        ("operations", "S-01"),
    ] {
        let channels = if role == "it" {
            "channels = [\"it\"]\n"
        } else {
            ""
        };
        write!(text, "[role.{role}]\nseats = [\"{seat}\"]\n{channels}")
            .expect("a string takes everything");
    }
    let reference = config::example();
    let contacts = reference
        .find("[contact.lead]")
        .expect("the reference has contacts");
    let timing = reference[contacts..]
        .find("[timing]")
        .expect("the reference has timing");
    text.push_str(&reference[contacts..contacts + timing]);
    let url = receiver.url();
    write!(
        text,
        "[channel.it]\nkind = \"webhook\"\nurl = \"{url}\"\nsecret_file = \"it.secret\"\n\
         quiet = false\n\
         [timing]\nstatus_poll = \"{POLL:?}\"\n[web]\nlisten = \"{listen}\"\n"
    )
    .expect("a string takes everything");
    if let Some(ear) = ear {
        write!(text, "[traps]\nlisten = \"{ear}\"\n").expect("a string takes everything");
    }
    text
}

/// The shipped plan, told at once.
fn plan_without_delays() -> String {
    let text = plan::pack("call-center").expect("it is shipped");
    let lines = text.lines().filter(|line| !line.starts_with("delay = "));
    lines.collect::<Vec<_>>().join("\n")
}
