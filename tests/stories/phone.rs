//! The daemon with a telephone: a fire of which no message leaves the building, an exchange
//! at which people answer, or do not, and one that is down itself.

use std::net::SocketAddr;
use std::path::Path;

use callwatch::clock::Clock;
use callwatch::config::{self};
use callwatch::daemon::{self, Settings};
use callwatch::incidents::{Act, DialOutcome, Entry, Event};
use callwatch::sim::ami::{Ami, Callee, SECRET, USER};
use callwatch::wire::FromSeat;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::centre::{self, Folder, configured, say, sit_down, start};
use crate::{START, step};

/// The reference centre whose manager has a channel that takes nothing, a deputy and a telephone.
fn settings(pbx: SocketAddr, dead: SocketAddr) -> Settings {
    let added = format!(
        r#"
[contact.vice]
name = {{ zh = "副经理", en = "Deputy manager" }}
phone = "8103"

[channel.boss]
kind = "wecom"
private = true
url = "http://{dead}/send"

[channel.phone]
kind = "phone"
host = "{host}"
port = {port}
user = "{USER}"
secret = "{SECRET}"
dial = "PJSIP/{{number}}@trunk"
"#,
        host = pbx.ip(),
        port = pbx.port(),
    );
    let manager = "[role.manager]\nseats = [\"C-10\"]\n";
    let reached = "[role.manager]\nchannels = [\"boss\"]\ndeputy = { duty = \"vice\" }\n";
    let text = config::example();
    assert!(text.contains(manager));
    let text = text.replace(manager, reached) + &added;
    let (config, plan) = configured(&text, Path::new("."));
    Settings {
        channels: config.channels.clone(),
        ..centre::settings(config, plan)
    }
}

async fn dead() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    listener.local_addr().expect("it is bound")
}

/// Somebody at a seat raises a fire, and time stands still until it is taken.
async fn raise(address: SocketAddr, key: String, entries_rx: &mut mpsc::Receiver<Entry>) {
    let mut socket = sit_down(address, "C-03", key).await;
    let act = Act::Raise {
        procedure: "fire".to_owned(),
        of: "block-c".to_owned(),
        found: 0,
        answers: std::collections::BTreeMap::new(),
    };
    let raise = FromSeat::Command {
        id: "one".to_owned(),
        act,
    };
    say(&mut socket, &raise).await;
    while let Some(entry) = entries_rx.recv().await {
        if matches!(entry.event, Event::Opened { .. }) {
            return;
        }
    }
}

/// One run of the daemon, until the last entry that is wanted; what was said of calls.
async fn run(
    folder: &Folder,
    clock: &Clock,
    pbx: SocketAddr,
    raises: bool,
    last: impl Fn(&Event) -> bool,
) -> Vec<String> {
    let settings = settings(pbx, dead().await);
    let key = settings.keys.of("C-03");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("it is bound");
    let (entries_tx, mut entries_rx) = daemon::time_line();
    let log = folder.0.join("callwatch.db");
    let start = start(clock, &log, listener, entries_tx);
    let cancel = CancellationToken::new();
    let running = daemon::run(settings, start, cancel.clone());
    let story = async {
        if raises {
            let _busy = clock.work().begin();
            raise(address, key, &mut entries_rx).await;
        }
        let mut said = Vec::new();
        while let Some(entry) = entries_rx.recv().await {
            if matches!(
                entry.event,
                Event::Dialled { .. } | Event::DialEnded { .. } | Event::CallAsked { .. }
            ) {
                said.push(entry.reason.en.clone());
            }
            if last(&entry.event) {
                break;
            }
        }
        cancel.cancel();
        said
    };
    let both = async { tokio::join!(running, story) };
    tokio::select! {
        (ended, said) = both => {
            ended.expect("it ends well");
            said
        }
        () = step(clock) => unreachable!("it never ends"),
    }
}

/// One that lives sixty times as fast.
async fn exchange() -> Ami {
    let ami = Ami::start(Vec::new(), Clock::fast(60)).await;
    ami.expect("loopback")
}

fn answers(key: bool) -> Callee {
    let after = SignedDuration::from_secs(4);
    Callee::Answers { after, key }
}

#[tokio::test]
async fn duty_does_not_answer_the_deputy_has_a_voice_mail_and_the_next_one_up_presses_the_key() {
    let ami = exchange().await;
    ami.expect_call("8003", Callee::NoAnswer);
    ami.expect_call("8103", answers(false));
    ami.expect_call("8004", answers(true));
    let (folder, clock) = (Folder::new("key"), Clock::stepped(START));
    let heard = |event: &Event| matches!(event, Event::DialEnded { outcome, .. } if *outcome == DialOutcome::Heard);
    let said = Box::pin(run(&folder, &clock, ami.address(), true, heard)).await;
    let why = "WeCom does not deliver, callwatch phones";
    assert_eq!(
        said,
        [
            format!("{why} Service manager 8003 to tell the service manager"),
            "phoned Service manager 8003: no answer".to_owned(),
            format!("{why} Deputy manager 8103 to tell the service manager"),
            "phoned Deputy manager 8103: answered without a key, maybe by a voice mail".to_owned(),
            format!("{why} Head of operations 8004 to tell the service manager"),
            "phoned Head of operations 8004: answered, key pressed".to_owned(),
        ]
    );
}

#[tokio::test]
async fn an_exchange_that_is_down_itself_leaves_the_call_to_whoever_is_at_a_screen() {
    let mut ami = exchange().await;
    ami.kill().await;
    let (folder, clock) = (Folder::new("down"), Clock::stepped(START));
    let asked = |event: &Event| matches!(event, Event::CallAsked { .. });
    let said = Box::pin(run(&folder, &clock, ami.address(), true, asked)).await;
    assert_eq!(
        said,
        [
            "WeCom does not deliver, callwatch phones Service manager 8003 to tell the service manager",
            "phoned Service manager 8003: not rung: the ACD does not run: nothing listens on its port",
            "WeCom does not deliver, the service manager is to be phoned: Service manager 8003",
        ]
    );
}

#[tokio::test]
async fn a_daemon_that_is_stopped_in_mid_call_makes_it_again_and_says_so() {
    let ami = exchange().await;
    let after = SignedDuration::from_hours(1);
    ami.expect_call("8003", Callee::Answers { after, key: true });
    let (folder, clock) = (Folder::new("restart"), Clock::stepped(START));
    let dialled = |event: &Event| matches!(event, Event::Dialled { .. });
    let said = Box::pin(run(&folder, &clock, ami.address(), true, dialled)).await;
    assert_eq!(said.len(), 1, "{said:#?}");
    ami.expect_call("8003", answers(true));
    let heard = |event: &Event| matches!(event, Event::DialEnded { outcome, .. } if *outcome == DialOutcome::Heard);
    let said = Box::pin(run(&folder, &clock, ami.address(), false, heard)).await;
    assert_eq!(
        said,
        [
            "phoned Service manager 8003: callwatch was restarted, what became of it is not known",
            "WeCom does not deliver, callwatch phones Service manager 8003 to tell the service manager",
            "phoned Service manager 8003: answered, key pressed",
        ]
    );
}
