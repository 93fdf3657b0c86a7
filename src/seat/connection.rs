//! The connection to the daemon: kept open, and opened again whenever it breaks.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::health::Watch;
use crate::incidents::{Card, Leave, SealedKit};
use crate::seat::opening::{Lost, Opening, Socket, answered};
use crate::seat::senses::machine;
use crate::seat::settings::Settings;
use crate::seat::telling::Telling;
use crate::ups::OwnPower;
use crate::wire::{FromSeat, ToSeat, VERSION};

/// It says that it is alive so often.
const ALIVE: Duration = Duration::from_secs(5);
/// A daemon that was not heard of for so long is lost: it answers every such word.
const SILENT: Duration = Duration::from_secs(15);
/// A PC that said that it goes down, and is still up after this, has stayed.
const GONE_FOR: Duration = Duration::from_secs(60);
/// Opening a connection takes no longer.
const OPENING: Duration = Duration::from_secs(10);
/// The first wait before another attempt; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// A daemon that refused this seat is asked again after this.
const REFUSED_WAIT: Duration = Duration::from_secs(30);

/// What comes from the daemon.
#[derive(Debug)]
pub(super) enum News {
    /// All cards in force. `first`: of a new connection, which knows nothing yet.
    Cards {
        first: bool,
        cards: Vec<Arc<Card>>,
    },
    Outcome {
        id: String,
        refused: Option<String>,
    },
    /// What it needs when it is alone.
    Kit(SealedKit),
    /// What it is to look at.
    Watch(Arc<Watch>),
    /// There is no connection, or still none.
    Lost(Lost),
}

/// Why a connection ended.
enum End {
    /// Its host answered, or is heard no more.
    Broken(String, Lost),
    Refused(String),
    /// It took leave, and the daemon has heard it.
    Parted,
    /// The program has ended.
    Over,
}

/// What goes over the connection beside the program's frames.
pub(super) struct Beside {
    pub(super) power_rx: watch::Receiver<Option<OwnPower>>,
    pub(super) telling: Telling,
    /// Why the PC goes down, while it does.
    pub(super) leave_rx: watch::Receiver<Option<Leave>>,
    /// Told that leave was taken.
    pub(super) parted_tx: watch::Sender<bool>,
}

/// Keeps the connection until the other ends of the channels are gone. After the
/// last frame of the program it says goodbye.
pub(super) async fn keep(
    settings: Settings,
    mut frames_rx: mpsc::Receiver<FromSeat>,
    news_tx: mpsc::Sender<News>,
    mut beside: Beside,
) {
    let mut opening = Opening::default();
    let mut wait = FIRST_WAIT;
    let mut told = None;
    loop {
        // What was said to a connection that is gone is said anew by the program.
        while frames_rx.try_recv().is_ok() {}
        let mut heard = false;
        let end = talk(
            &mut opening,
            &settings,
            &mut frames_rx,
            &news_tx,
            &mut beside,
            &mut heard,
        )
        .await;
        let parted = matches!(end, End::Parted);
        let (why, lost, pause) = match end {
            End::Over => return,
            End::Broken(why, lost) => (why, lost, wait),
            End::Refused(why) => (why, Lost::ANSWERED, REFUSED_WAIT),
            End::Parted => (
                "the PC goes down".to_owned(),
                Lost::ANSWERED,
                Duration::ZERO,
            ),
        };
        if heard {
            told = None;
            wait = FIRST_WAIT;
        }
        // Once for each reason, not for each attempt.
        if told.as_ref() != Some(&why) {
            tracing::warn!(daemon = %settings.address, "not connected: {why}");
            told = Some(why);
        }
        if news_tx.send(News::Lost(lost)).await.is_err() {
            return;
        }
        tokio::select! {
            () = beside.returned(), if parted => {}
            () = sleep(pause + jitter(pause)), if !parted => {}
            () = news_tx.closed() => return,
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

impl Beside {
    /// Leave was taken: waits until the PC is up again, or has not gone down at all.
    async fn returned(&mut self) {
        self.parted_tx.send_replace(true);
        let stays = self.leave_rx.wait_for(Option::is_none);
        // Where nobody is left to say that it stays, the time says it.
        drop(timeout(GONE_FOR, stays).await);
        self.parted_tx.send_replace(false);
        self.leave_rx.mark_unchanged();
    }
}

/// Up to half of a wait, so that five hundred seats do not come back at once.
fn jitter(wait: Duration) -> Duration {
    let mut random = [0];
    match getrandom::fill(&mut random) {
        Ok(()) => wait * u32::from(random[0]) / 512,
        Err(_) => Duration::ZERO,
    }
}

async fn talk(
    opening: &mut Opening,
    settings: &Settings,
    frames_rx: &mut mpsc::Receiver<FromSeat>,
    news_tx: &mpsc::Sender<News>,
    beside: &mut Beside,
    heard: &mut bool,
) -> End {
    let mut socket = match open(opening, settings).await {
        Ok(socket) => socket,
        Err((why, lost)) => return End::Broken(why, lost),
    };
    beside.telling.begin();
    let mut alive = interval(ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silent_at = Instant::now() + SILENT;
    loop {
        let said = tokio::select! {
            message = socket.next() => {
                silent_at = Instant::now() + SILENT;
                match read(message) {
                    Ok(None) => continue,
                    Ok(Some(news)) => {
                        let news = match news {
                            News::Cards { cards, .. } => News::Cards { first: !*heard, cards },
                            other => other,
                        };
                        if !*heard && matches!(news, News::Cards { .. }) {
                            *heard = true;
                            tracing::info!(daemon = %settings.address, seat = settings.seat, "connected");
                        }
                        if news_tx.send(news).await.is_err() {
                            return End::Over;
                        }
                        continue;
                    }
                    Err(end) => return end,
                }
            }
            frame = frames_rx.recv() => {
                let Some(frame) = frame else {
                    // The daemon may be gone already: then there is nobody to take leave of.
                    let why = Some(Leave::Stopped);
                    drop(say(&mut socket, &FromSeat::Goodbye { why }).await);
                    drop(socket.close(None).await);
                    return End::Over;
                };
                say(&mut socket, &frame).await
            }
            _ = alive.tick() => {
                let power = beside.power_rx.borrow_and_update().clone();
                match (say(&mut socket, &FromSeat::Alive).await, power) {
                    (Ok(()), Some(power)) => say(&mut socket, &FromSeat::Power { power }).await,
                    (said, _) => said,
                }
            }
            Ok(()) = beside.power_rx.changed() => {
                let power = beside.power_rx.borrow_and_update().clone();
                match power {
                    Some(power) => say(&mut socket, &FromSeat::Power { power }).await,
                    None => Ok(()),
                }
            }
            // A daemon that has not taken the hello knows no seat to tell of.
            health = beside.telling.next(), if *heard => {
                say(&mut socket, &FromSeat::Health { health }).await
            }
            Ok(()) = beside.leave_rx.changed() => {
                let why = *beside.leave_rx.borrow_and_update();
                if why.is_none() {
                    continue;
                }
                drop(say(&mut socket, &FromSeat::Goodbye { why }).await);
                // The daemon ends the connection once it has heard it.
                while let Some(Ok(_)) = socket.next().await {}
                return End::Parted;
            }
            () = tokio::time::sleep_until(silent_at) => {
                Err(format!("no answer for {} s", SILENT.as_secs()))
            }
        };
        if let Err(why) = said {
            let unheard = silent_at.saturating_duration_since(Instant::now());
            let lost = Lost {
                reached: false,
                silent: SILENT.saturating_sub(unheard),
            };
            return End::Broken(why, lost);
        }
    }
}

async fn open(opening: &mut Opening, settings: &Settings) -> Result<Socket, (String, Lost)> {
    let opened = timeout(OPENING, opening.open(settings)).await;
    let mut socket = opened.unwrap_or_else(|_| {
        let why = format!("no answer within {} s", OPENING.as_secs());
        Err((why, Lost::UNHEARD))
    })?;
    let hello = FromSeat::Hello {
        version: VERSION,
        seat: settings.seat.clone(),
        key: settings.key.clone(),
        language: settings.language,
        // A cable or a radio that was put in meanwhile names it too.
        machine: Some(machine::look(Path::new("/"))),
    };
    say(&mut socket, &hello)
        .await
        .map_err(|why| (why, Lost::UNHEARD))?;
    Ok(socket)
}

/// What a message brings; `Err` where the connection is over.
fn read(message: Option<Result<Message, tungstenite::Error>>) -> Result<Option<News>, End> {
    let text = match message {
        Some(Ok(Message::Text(text))) => text,
        Some(Ok(Message::Close(_))) | None => {
            let why = "the daemon ended the connection".to_owned();
            return Err(End::Broken(why, Lost::ANSWERED));
        }
        Some(Ok(_)) => return Ok(None),
        Some(Err(error)) => {
            let lost = if answered(&error) {
                Lost::ANSWERED
            } else {
                Lost::UNHEARD
            };
            return Err(End::Broken(error.to_string(), lost));
        }
    };
    match serde_json::from_str(&text) {
        Ok(ToSeat::Cards { cards, .. }) => Ok(Some(News::Cards {
            first: false,
            cards,
        })),
        Ok(ToSeat::Kit(kit)) => Ok(Some(News::Kit(kit))),
        Ok(ToSeat::Watch(watch)) => Ok(Some(News::Watch(watch))),
        Ok(ToSeat::Outcome { id, refused }) => Ok(Some(News::Outcome { id, refused })),
        Ok(ToSeat::Recorded { .. } | ToSeat::Alive { .. } | ToSeat::Menu { .. }) => Ok(None),
        Ok(ToSeat::Refused { why }) => Err(End::Refused(why)),
        Err(error) => {
            // The next frame brings all cards again.
            tracing::warn!(%error, "a frame cannot be read; is the daemon of another version?");
            Ok(None)
        }
    }
}

async fn say(socket: &mut Socket, frame: &FromSeat) -> Result<(), String> {
    let json = serde_json::to_string(frame).map_err(|error| error.to_string())?;
    match timeout(OPENING, socket.send(Message::Text(json.into()))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("it does not take what is said".to_owned()),
    }
}
