//! What this PC reaches: the telephone on the desk and the services, each asked again and
//! again by itself, so that one that hangs holds up no other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use crate::health::{Answer, State, Watch};
use crate::seat::senses::lasting::Lasting;
use crate::seat::senses::sip;

/// Each is asked so often.
const EVERY: Duration = Duration::from_secs(30);
/// A telephone that takes longer than this to answer on a desk's network is slow.
const SLOW_PHONE: Duration = Duration::from_secs(1);
/// Longest reason, in characters.
const LONGEST_WHY: usize = 200;

/// How everything answered last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outward {
    pub(super) services: BTreeMap<String, Answer>,
    pub(super) phone: Option<Answer>,
}

/// One thing that is asked, and how.
struct Asked {
    /// Of a service; the telephone has none.
    id: Option<String>,
    question: Question,
    slow: Duration,
}

enum Question {
    Sip(sip::Place),
}

impl Question {
    /// `None` for what cannot be asked from here.
    fn read(target: &str) -> Option<Self> {
        sip::Place::read(target).map(Question::Sip)
    }

    /// How long the answer took, or why there was none.
    async fn ask(&mut self) -> Result<Duration, String> {
        match self {
            Question::Sip(place) => sip::ask(place).await,
        }
    }
}

/// Asks for ever whatever is watched, and tells how it answers.
pub(super) async fn follow(
    mut watch_rx: watch::Receiver<Arc<Watch>>,
    outward_tx: watch::Sender<Outward>,
) {
    loop {
        let watch = Arc::clone(&watch_rx.borrow_and_update());
        let asked = asked(&watch);
        forget(&asked, &outward_tx);
        let keeping = join_all(asked.into_iter().map(|asked| keep(asked, &outward_tx)));
        // They end never, but where there are none.
        let keeping = async {
            keeping.await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            changed = watch_rx.changed() => if changed.is_err() {
                return;
            },
            () = keeping => {}
        }
    }
}

/// Asks everything once.
pub(super) async fn once(watch: &Watch) -> Outward {
    let each = asked(watch).into_iter().map(|mut asked| async move {
        let answer = asked.answer(&mut Lasting::default()).await;
        (asked.id, answer)
    });
    let mut outward = Outward::default();
    for (id, answer) in join_all(each).await {
        outward.note(id, answer);
    }
    outward
}

fn asked(watch: &Watch) -> Vec<Asked> {
    let services = watch.services.iter().map(|service| {
        let slow = Duration::from_millis(service.slow_ms.into());
        (Some(service.id.clone()), service.target.as_str(), slow)
    });
    let phone = watch.phone.iter();
    let phone = phone.map(|target| (None, target.as_str(), SLOW_PHONE));
    let read = |(id, target, slow): (Option<String>, &str, Duration)| {
        let question = Question::read(target);
        if question.is_none() {
            let what = id.as_deref().unwrap_or("the phone");
            tracing::warn!(
                "`{target}` of {what} cannot be asked by this program; is the daemon of another version?"
            );
        }
        let question = question?;
        Some(Asked { id, question, slow })
    };
    services.chain(phone).filter_map(read).collect()
}

/// What is watched no more is told no more.
fn forget(asked: &[Asked], outward_tx: &watch::Sender<Outward>) {
    let watched = |id: Option<&String>| asked.iter().any(|asked| asked.id.as_ref() == id);
    outward_tx.send_if_modified(|outward| {
        let before = outward.services.len();
        outward.services.retain(|id, _| watched(Some(id)));
        let phone = outward.phone.take_if(|_| !watched(None));
        before != outward.services.len() || phone.is_some()
    });
}

async fn keep(mut asked: Asked, outward_tx: &watch::Sender<Outward>) {
    // Hundreds of seats must not ask in the same moment.
    sleep(spread()).await;
    let mut state = Lasting::default();
    loop {
        let begun = Instant::now();
        let answer = asked.answer(&mut state).await;
        outward_tx.send_modify(|outward| outward.note(asked.id.clone(), answer));
        sleep_until(begun + EVERY).await;
    }
}

fn spread() -> Duration {
    let mut random = [0];
    match getrandom::fill(&mut random) {
        Ok(()) => EVERY * u32::from(random[0]) / 256,
        Err(_) => Duration::ZERO,
    }
}

impl Asked {
    async fn answer(&mut self, known: &mut Lasting<State>) -> Answer {
        let answered = self.question.ask().await;
        let state = match &answered {
            Ok(took) if *took >= self.slow => State::Slow,
            Ok(_) => State::Ok,
            Err(_) => State::Failing,
        };
        Answer {
            state,
            latency_ms: answered.as_ref().ok().map(|took| {
                let tenths = (took.as_secs_f64() * 10_000.0).round();
                tenths / 10.0
            }),
            why: answered.err().map(|why| shortened(&why)),
            for_seconds: known.see(Instant::now(), state),
        }
    }
}

/// A reason without what would be refused in it.
fn shortened(why: &str) -> String {
    let plain = why.chars().filter(|c| !c.is_control());
    plain.take(LONGEST_WHY).collect()
}

impl Outward {
    fn note(&mut self, id: Option<String>, answer: Answer) {
        match id {
            Some(id) => drop(self.services.insert(id, answer)),
            None => self.phone = Some(answer),
        }
    }
}
