//! logind: whether the session at this seat is locked, idle, or worked on from elsewhere.
//!
//! <https://www.freedesktop.org/software/systemd/man/org.freedesktop.login1.html>: the session
//! `auto` is the caller's, or that of the desktop of the user who runs it. A desktop that
//! does not set the hints tells nothing that is wrong: nobody has locked it.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use tokio::sync::watch;
use zbus::message::Type;
use zbus::{MatchRule, MessageStream, OwnedVariant};

use crate::health::Session;
use crate::seat::asking::asked;

const NAME: &str = "org.freedesktop.login1";
const SESSIONS: &str = "/org/freedesktop/login1/session";
const OWN: &str = "/org/freedesktop/login1/session/auto";
const SESSION: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// Tells whenever it changes, until the service or the bus fails.
pub(in crate::seat) async fn watch(
    bus: &zbus::Connection,
    session_tx: &watch::Sender<Option<Session>>,
) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .interface(PROPERTIES)
        .member("PropertiesChanged")
        .path_namespace(SESSIONS)
        .build();
    let followed = async {
        let mut changes = MessageStream::for_match_rule(rule?, bus, None).await?;
        loop {
            let session = asked(read(bus)).await?;
            session_tx.send_if_modified(|known| {
                let differs = *known != Some(session);
                *known = Some(session);
                differs
            });
            if changes.next().await.is_none() {
                return Ok(());
            }
        }
    };
    let ended = followed.await;
    session_tx.send_if_modified(|known| known.take().is_some());
    ended
}

/// Asks once; `None` where there is nobody to ask.
pub(super) async fn once() -> Option<Session> {
    let asking = async {
        let bus = zbus::Connection::system().await?;
        read(&bus).await
    };
    asked(asking).await.ok()
}

async fn read(bus: &zbus::Connection) -> zbus::Result<Session> {
    let answer = bus
        .call_method(Some(NAME), OWN, Some(PROPERTIES), "GetAll", &(SESSION,))
        .await?;
    let told: HashMap<String, OwnedVariant> = answer.body().deserialize()?;
    let flag = |name: &str| told.get(name).and_then(|it| it.downcast_ref::<bool>().ok());
    Ok(Session {
        locked: flag("LockedHint"),
        idle: flag("IdleHint"),
        remote: flag("Remote"),
    })
}
