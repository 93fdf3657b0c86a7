//! What is in force, what was pressed, what was reported: one loop over the
//! daemon's news and the shelf's.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::clock::wall_clock;
use crate::health::{Health, Watch};
use crate::incidents::{Act, AloneReport, Card, CardKey, ReceiptStage};
use crate::seat::connection::{self, Beside, News};
use crate::seat::desktop::{self, Server};
use crate::seat::face::Face;
use crate::seat::hint::Hint;
use crate::seat::logind::Farewell;
use crate::seat::memory::{self, Kept};
use crate::seat::network::{self, Look};
use crate::seat::own::{Own, identifier};
use crate::seat::senses::{self, Around};
use crate::seat::settings::Settings;
use crate::seat::shelf::{Shelf, Slot, Told};
use crate::seat::system;
use crate::seat::telling::Telling;
use crate::signals::later;
use crate::text::{Language, Text};
use crate::wire::FromSeat;

/// Frames and news that may wait; the connection and this loop keep up with each other.
const WAITING: usize = 256;
/// A connection may be lost so long before the person is told: a daemon restarts in less.
const LOST_FOR: Duration = Duration::from_secs(15);
/// At the end, taking leave and closing what is shown takes no longer.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) struct Program {
    settings: Settings,
    zone: TimeZone,
    frames_tx: mpsc::Sender<FromSeat>,
    cards: Vec<Arc<Card>>,
    /// Since when the daemon cannot be reached, and when the person is told.
    lost: Option<(Timestamp, Instant)>,
    /// The revisions that were reported over this connection.
    reported: BTreeMap<(CardKey, ReceiptStage), u32>,
    /// Presses without an outcome: said again over every new connection.
    pressed: BTreeMap<String, (CardKey, Act)>,
    /// Why the last press on a card was not taken.
    notes: BTreeMap<CardKey, String>,
    /// What it shows by itself.
    own: Own,
    /// What the daemon was told of that, and has not answered.
    reports: Vec<AloneReport>,
    /// What the daemon has it look at.
    watch_tx: watch::Sender<Arc<Watch>>,
    headset: Hint,
}

/// Runs until cancelled.
pub(super) async fn run(settings: Settings, cancel: CancellationToken) {
    let (frames_tx, frames_rx) = mpsc::channel(WAITING);
    let (news_tx, mut news_rx) = mpsc::channel(WAITING);
    let (server_tx, mut server_rx) = watch::channel(Server::Absent);
    let mut companions = JoinSet::new();
    let (power_tx, power_rx) = watch::channel(None);
    let (leave_tx, leave_rx) = watch::channel(None);
    let (parted_tx, parted_rx) = watch::channel(false);
    let mut own_power_rx = power_rx.clone();
    let root = PathBuf::from("/");
    let (session_tx, session_rx) = watch::channel(None);
    let (watch_tx, watch_rx) = watch::channel(Arc::default());
    let (health_tx, health_rx) = watch::channel(None);
    let mut own_health_rx = health_rx.clone();
    let around = Around::own(root.clone(), session_rx, watch_rx);
    let (look_tx, look_rx) = watch::channel(Look::Once);
    let (network_tx, mut network_rx) = watch::channel(None);
    let kept_tx = remember(&settings, &mut companions);
    let beside = Beside {
        power_rx,
        telling: Telling::new(health_rx),
        leave_rx,
        parted_tx,
    };
    let keeping = connection::keep(settings.clone(), frames_rx, news_tx, beside);
    companions.spawn(keeping);
    let farewell = Farewell {
        leave_tx,
        parted_rx,
    };
    let followers = [
        companions.spawn(desktop::follow(server_tx)),
        companions.spawn(system::follow(power_tx, session_tx, farewell)),
        companions.spawn(network::follow(root, look_rx, network_tx)),
        companions.spawn(senses::follow(around, health_tx)),
    ];
    let mut shelf = Shelf::new(elsewhere(&settings));
    let mut program = Program::new(settings, frames_tx, watch_tx, kept_tx);
    loop {
        for over in program.own.judge(wall_clock(), &program.cards) {
            shelf.hand_over(&over.from, over.to);
        }
        let look = program.own.look();
        look_tx.send_if_modified(|known| std::mem::replace(known, look) != look);
        for told in shelf.mend(program.wanted()) {
            program.hear(told);
        }
        let next = program.next_moment().into_iter().chain(shelf.next_moment());
        let next = next.min();
        tokio::select! {
            () = cancel.cancelled() => break,
            news = news_rx.recv() => match news {
                Some(news) => program.take(news),
                None => break,
            },
            changed = server_rx.changed() => {
                if changed.is_err() {
                    break;
                }
                shelf.change_server(server_rx.borrow_and_update().clone());
            }
            // No pattern here: one that does not match would end the listening.
            told = shelf.next() => if let Some(told) = told {
                program.hear(told);
            },
            Ok(()) = own_power_rx.changed() => {
                let power = own_power_rx.borrow_and_update().clone();
                program.own.see_power(wall_clock(), power);
            }
            Ok(()) = own_health_rx.changed() => {
                let health = own_health_rx.borrow_and_update().clone();
                program.see(health.unwrap_or_default().as_ref());
            }
            Ok(()) = network_rx.changed() => {
                let network = *network_rx.borrow_and_update();
                program.own.see_network(wall_clock(), network);
            }
            () = until(next) => {}
        }
    }
    for follower in followers {
        follower.abort();
    }
    // The connection says goodbye once nobody can say anything else.
    drop((program, news_rx));
    let farewell = async {
        shelf.close_all().await;
        while companions.join_next().await.is_some() {}
    };
    if timeout(FAREWELL, farewell).await.is_err() {
        tracing::info!("what was shown may stay a while: somebody did not answer");
    }
}

/// What was kept; what is sent there is kept from now on.
fn remember(settings: &Settings, companions: &mut JoinSet<()>) -> watch::Sender<Kept> {
    let place = settings.state.as_deref();
    let place = place.map(|folder| memory::place(folder, &settings.seat));
    let kept = place.as_deref().map(memory::read).unwrap_or_default();
    let (kept_tx, kept_rx) = watch::channel(kept);
    if let Some(place) = place {
        companions.spawn(memory::keep(place, kept_rx));
    }
    kept_tx
}

/// Where to press at a server without buttons.
fn elsewhere(settings: &Settings) -> String {
    let (address, seat) = (&settings.address, &settings.seat);
    let text = Text::new(
        format!("在网页上按：{address}/seat/{seat}"),
        format!("Press on the page: {address}/seat/{seat}"),
    );
    let language = settings.language.unwrap_or_default();
    text.in_language(language).to_owned()
}

/// The daemon cannot be reached since now; when the person is told.
fn lost_now() -> (Timestamp, Instant) {
    (wall_clock(), Instant::now() + LOST_FOR)
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

impl Program {
    fn new(
        settings: Settings,
        frames_tx: mpsc::Sender<FromSeat>,
        watch_tx: watch::Sender<Arc<Watch>>,
        kept_tx: watch::Sender<Kept>,
    ) -> Self {
        let local = settings.address.is_local();
        Self {
            own: Own::new(settings.alone_after, local, kept_tx, wall_clock()),
            reports: Vec::new(),
            watch_tx,
            headset: Hint::default(),
            settings,
            zone: TimeZone::system(),
            frames_tx,
            cards: Vec::new(),
            lost: Some(lost_now()),
            reported: BTreeMap::new(),
            pressed: BTreeMap::new(),
            notes: BTreeMap::new(),
        }
    }

    fn language(&self) -> Language {
        self.settings.language.unwrap_or_default()
    }

    /// All notifications as they ought to be now.
    fn wanted(&self) -> BTreeMap<Slot, Face> {
        let language = self.language();
        let mut wanted: BTreeMap<Slot, Face> = self
            .cards
            .iter()
            .map(|card| {
                let note = self.notes.get(&card.key).map(String::as_str);
                let face = Face::of(card, note, language, &self.zone);
                (Slot::Card(card.key.clone()), face)
            })
            .collect();
        let own = self.own.faces(wall_clock(), language, &self.zone);
        // A card of the seat's own says that too.
        if let Some((since, told_at)) = self.lost
            && told_at <= Instant::now()
            && own.is_empty()
        {
            let numbers = self.own.numbers(language);
            wanted.insert(Slot::Lost, Face::lost(since, numbers, language, &self.zone));
        }
        wanted.extend(own);
        let headset = self.headset.face(Instant::now(), language);
        wanted.extend(headset.map(|face| (Slot::Headset, face)));
        wanted
    }

    /// When something else ought to be shown by itself.
    fn next_moment(&self) -> Option<Instant> {
        let now = wall_clock();
        let lost = self.lost.map(|(_, told_at)| told_at);
        let lost = lost.filter(|told_at| *told_at > Instant::now());
        let own = self.own.next_moment(now).map(|at| {
            let left = Duration::try_from(at.duration_since(now));
            Instant::now() + left.unwrap_or_default()
        });
        let headset = self.headset.due_at();
        let headset = headset.filter(|due| *due > Instant::now());
        lost.into_iter().chain(own).chain(headset).min()
    }

    fn see(&mut self, health: &Health) {
        let minds = self.watch_tx.borrow().headset;
        self.headset.see(Instant::now(), health, minds);
    }

    fn take(&mut self, news: News) {
        match news {
            News::Kit(kit) => self.own.equip(wall_clock(), kit),
            News::Watch(watch) => {
                self.watch_tx.send_if_modified(|known| {
                    let differs = *known != watch;
                    *known = watch;
                    differs
                });
            }
            News::Lost(lost) => {
                self.lost.get_or_insert_with(lost_now);
                let now = wall_clock();
                let silent = SignedDuration::try_from(lost.silent).unwrap_or_default();
                self.own.lose(now, later(now, -silent), lost.reached);
                self.reports.clear();
            }
            News::Cards { first, cards } => {
                self.lost = None;
                self.own.connect(wall_clock());
                // A register is kept on the page; a desktop is not interrupted for it.
                self.cards = cards.into_iter().filter(|card| !card.quiet).collect();
                self.notes
                    .retain(|key, _| self.cards.iter().any(|card| card.key == *key));
                if first {
                    self.reported.clear();
                    let digest = self.own.digest();
                    self.send(FromSeat::Kit { digest });
                    self.report_outages();
                    for (id, (_, act)) in &self.pressed {
                        let (id, act) = (id.clone(), act.clone());
                        self.send(FromSeat::Command { id, act });
                    }
                }
                for card in self.cards.clone() {
                    self.report(card.key.clone(), card.revision, ReceiptStage::Received);
                }
            }
            News::Outcome { id, refused } => {
                if let Some(n) = self.reports.iter().position(|report| report.id == id) {
                    let report = self.reports.remove(n);
                    self.own.settle(&report, refused.as_deref());
                    return;
                }
                let Some((card, _)) = self.pressed.remove(&id) else {
                    return;
                };
                match refused {
                    None => drop(self.notes.remove(&card)),
                    Some(why) => {
                        tracing::warn!(seat = self.settings.seat, "a press was refused: {why}");
                        let note = Text::new(format!("没记下：{why}"), format!("Not noted: {why}"));
                        let note = note.in_language(self.language()).to_owned();
                        self.notes.insert(card, note);
                    }
                }
            }
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Pressed(card, act) => self.press(card, act),
            Told::PressedOwn(cause, act) => {
                if self.own.press(wall_clock(), cause, &act) && !self.own.is_lost() {
                    self.report_outages();
                }
            }
            Told::Shown(Face { card, .. }) => {
                if let Some((card, revision)) = card {
                    self.report(card, revision, ReceiptStage::Shown);
                }
            }
            Told::NotShown(Face { card, .. }) => {
                if let Some((card, revision)) = card {
                    self.report(card, revision, ReceiptStage::NotShown);
                }
            }
        }
    }

    /// Tells the daemon what it has not heard of the time without it.
    fn report_outages(&mut self) {
        for report in self.own.reports(wall_clock()) {
            self.reports.push(report.clone());
            self.send(FromSeat::Alone { report });
        }
    }

    /// Reports each revision once over a connection.
    fn report(&mut self, card: CardKey, revision: u32, stage: ReceiptStage) {
        let known = self.reported.insert((card.clone(), stage), revision);
        if known != Some(revision) {
            self.send(FromSeat::Receipt {
                card,
                revision,
                stage,
            });
        }
    }

    fn press(&mut self, card: CardKey, act: Act) {
        let pressed = (card, act);
        if self.pressed.values().any(|known| *known == pressed) {
            return;
        }
        let Some(id) = identifier() else { return };
        let act = pressed.1.clone();
        self.pressed.insert(id.clone(), pressed);
        self.send(FromSeat::Command { id, act });
    }

    /// A connection that does not take a frame is lost, and what matters is said again over the next.
    fn send(&self, frame: FromSeat) {
        if self.frames_tx.try_send(frame).is_err() {
            tracing::debug!("the connection takes no frame; it is said again over the next");
        }
    }
}
