//! The desktop's notification server: who it is, showing there, and what was pressed.
//!
//! It may be absent, die or hang. A call to one that hangs is left standing until
//! it answers or is gone, so that nothing is shown twice when it goes on; nobody
//! else waits for it. Every notification has a bus connection of its own, as some
//! servers tell a press only to the connection that showed it.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use notify_rust::{Hint, Notification, NotificationHandle, Timeout, Urgency};
use tokio::sync::watch;
use tokio::time::sleep;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use crate::seat::face::Face;

const SERVER: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// A session bus that is not there is looked for again after this.
const NO_BUS_WAIT: Duration = Duration::from_secs(5);
/// A desktop that starts its server only when it is needed gets this long to start it by itself.
const ACTIVATION_WAIT: Duration = Duration::from_secs(10);

/// Who shows notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Server {
    #[default]
    Absent,
    /// Nobody yet, but the first call starts it.
    OnCall,
    /// Its name on the bus, new with every start.
    Running(String),
}

/// Follows who shows notifications, for ever.
pub(super) async fn follow(server_tx: watch::Sender<Server>) {
    let mut told = String::new();
    loop {
        let why = match follow_bus(&server_tx).await {
            Ok(()) => "the session bus is gone".to_owned(),
            Err(error) => format!("no session bus: {error}"),
        };
        server_tx.send_replace(Server::Absent);
        if told != why {
            tracing::warn!("no notifications can be shown: {why}");
            told = why;
        }
        sleep(NO_BUS_WAIT).await;
    }
}

async fn follow_bus(server_tx: &watch::Sender<Server>) -> zbus::Result<()> {
    let bus = zbus::Connection::session().await?;
    let proxy = DBusProxy::new(&bus).await?;
    let mut changes = proxy
        .receive_name_owner_changed_with_args(&[(0, SERVER)])
        .await?;
    let name = BusName::try_from(SERVER)?;
    match proxy.get_name_owner(name).await {
        Ok(owner) => tell(server_tx, Server::Running(owner.to_string())),
        Err(_) => tell(server_tx, Server::Absent),
    }
    loop {
        let absent = *server_tx.borrow() == Server::Absent;
        tokio::select! {
            change = changes.next() => {
                let Some(change) = change else { return Ok(()) };
                let owner = change.args()?.new_owner().as_ref().map(ToString::to_string);
                tell(server_tx, owner.map_or(Server::Absent, Server::Running));
            }
            () = sleep(ACTIVATION_WAIT), if absent => {
                let startable = proxy.list_activatable_names().await?;
                if startable.iter().any(|name| name.as_str() == SERVER) {
                    tell(server_tx, Server::OnCall);
                }
            }
        }
    }
}

fn tell(server_tx: &watch::Sender<Server>, server: Server) {
    let changed = server_tx.send_if_modified(|known| {
        let changed = *known != server;
        *known = server.clone();
        changed
    });
    if changed {
        match server {
            Server::Absent => tracing::info!("nobody shows notifications"),
            Server::OnCall => tracing::info!("the first notification starts who shows them"),
            Server::Running(name) => tracing::info!(name, "somebody shows notifications"),
        }
    }
}

/// Shows a face in the place of `replaces`, or as a new one. It is shown when this returns.
pub(super) async fn show(
    face: &Face,
    replaces: Option<u32>,
    elsewhere: &str,
) -> Result<NotificationHandle, String> {
    let can = capabilities()
        .await
        .map_err(|error| format!("the notification server does not say what it can: {error}"))?;
    notification(face, replaces, &can, elsewhere)
        .show_async()
        .await
        .map_err(|error| format!("the notification server refused it: {error}"))
}

async fn capabilities() -> zbus::Result<BTreeSet<String>> {
    let bus = zbus::Connection::session().await?;
    let answer = bus
        .call_method(Some(SERVER), PATH, Some(SERVER), "GetCapabilities", &())
        .await?;
    answer.body().deserialize()
}

/// `elsewhere` says where to press if this server has no buttons.
fn notification(
    face: &Face,
    replaces: Option<u32>,
    can: &BTreeSet<String>,
    elsewhere: &str,
) -> Notification {
    let mut body = face.body.clone();
    if !can.contains("actions") && !face.buttons.is_empty() {
        body = format!("{body}\n{elsewhere}");
    }
    if can.contains("body-markup") {
        body = escape(&body);
    }
    let mut notification = Notification::new();
    notification
        .appname("callwatch")
        .summary(&face.title)
        .body(&body)
        .icon("dialog-warning")
        // The PC's loudspeaker is the headset.
        .hint(Hint::SuppressSound(true))
        .hint(Hint::Resident(true))
        .urgency(if face.critical {
            Urgency::Critical
        } else {
            Urgency::Normal
        })
        .timeout(Timeout::Never);
    if can.contains("actions") {
        if face.on_click().is_some() {
            // A click on the body. With a name, xfce4-notifyd draws it as one button more.
            notification.action("default", "");
        }
        for (n, button) in face.buttons.iter().enumerate() {
            notification.action(&n.to_string(), &button.say);
        }
    }
    if let Some(id) = replaces {
        notification.id(id);
    }
    notification
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_only_where_it_would_be_read_as_such() {
        let face = Face {
            title: "a".to_owned(),
            body: "电量<30% & 负载".to_owned(),
            critical: true,
            buttons: Vec::new(),
            card: None,
        };
        let plain = notification(&face, None, &BTreeSet::new(), "");
        assert_eq!(plain.body, "电量<30% & 负载");
        let can = ["body-markup".to_owned()].into();
        let marked = notification(&face, None, &can, "");
        assert_eq!(marked.body, "电量&lt;30% &amp; 负载");
    }
}
