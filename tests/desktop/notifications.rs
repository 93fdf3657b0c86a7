//! A notification server in the hands of a test.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use zbus::OwnedVariant;
use zbus::object_server::SignalEmitter;

use crate::bus::{Bus, SOON};

pub(crate) const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What a server is asked.
#[derive(Debug)]
pub(crate) enum Asked {
    Show(Shown),
    Close(u32),
}

#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) id: u32,
    pub(crate) replaces: u32,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
    pub(crate) urgency: u8,
    pub(crate) resident: bool,
    pub(crate) timeout: i32,
}

struct Interface {
    asked_tx: mpsc::UnboundedSender<Asked>,
    next: AtomicU32,
    hangs: Arc<AtomicBool>,
    goes_on: Arc<Notify>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Interface {
    #[expect(clippy::unused_self, reason = "the interface is asked by its object")]
    fn get_capabilities(&self) -> Vec<String> {
        vec!["actions".to_owned(), "body".to_owned()]
    }

    #[expect(clippy::too_many_arguments, reason = "the interface has as many")]
    async fn notify(
        &self,
        app_name: String,
        replaces_id: u32,
        app_icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        expire_timeout: i32,
    ) -> u32 {
        assert_eq!(
            (app_name.as_str(), app_icon.as_str()),
            ("callwatch", "dialog-warning")
        );
        let id = match replaces_id {
            0 => self.next.fetch_add(1, Ordering::Relaxed),
            id => id,
        };
        let shown = Shown {
            id,
            replaces: replaces_id,
            title: summary,
            body,
            actions,
            urgency: hints["urgency"].downcast_ref().expect("it is a byte"),
            resident: hints["resident"].downcast_ref().expect("it is a boolean"),
            timeout: expire_timeout,
        };
        drop(self.asked_tx.send(Asked::Show(shown)));
        if self.hangs.load(Ordering::Relaxed) {
            self.goes_on.notified().await;
        }
        id
    }

    fn close_notification(&self, id: u32) {
        drop(self.asked_tx.send(Asked::Close(id)));
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str)
    -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;
}

/// A running server; it dies with this value.
pub(crate) struct Server {
    connection: zbus::Connection,
    pub(crate) asked_rx: mpsc::UnboundedReceiver<Asked>,
    hangs: Arc<AtomicBool>,
    goes_on: Arc<Notify>,
}

impl Server {
    pub(crate) async fn start(bus: &Bus) -> Self {
        let (asked_tx, asked_rx) = mpsc::unbounded_channel();
        let hangs = Arc::new(AtomicBool::new(false));
        let goes_on = Arc::new(Notify::new());
        let interface = Interface {
            asked_tx,
            next: AtomicU32::new(1),
            hangs: Arc::clone(&hangs),
            goes_on: Arc::clone(&goes_on),
        };
        let connection = bus.connect().await;
        let objects = connection.object_server();
        objects.at(PATH, interface).await.expect("the path is free");
        connection
            .request_name(NAME)
            .await
            .expect("the name is free");
        Self {
            connection,
            asked_rx,
            hangs,
            goes_on,
        }
    }

    /// From now on, what is asked is not answered until it goes on.
    pub(crate) fn hang(&self) {
        self.hangs.store(true, Ordering::Relaxed);
    }

    pub(crate) fn go_on(&self) {
        self.hangs.store(false, Ordering::Relaxed);
        self.goes_on.notify_one();
    }

    async fn asked(&mut self) -> Asked {
        timeout(SOON, self.asked_rx.recv())
            .await
            .expect("the server is asked")
            .expect("it lives")
    }

    pub(crate) async fn shown(&mut self) -> Shown {
        match self.asked().await {
            Asked::Show(shown) => shown,
            asked @ Asked::Close(_) => panic!("asked something else: {asked:?}"),
        }
    }

    pub(crate) async fn closed(&mut self) -> u32 {
        match self.asked().await {
            Asked::Close(id) => id,
            asked @ Asked::Show(_) => panic!("asked something else: {asked:?}"),
        }
    }

    /// What it was asked and nobody has looked at.
    pub(crate) fn asked_already(&mut self) -> Option<Asked> {
        self.asked_rx.try_recv().ok()
    }

    pub(crate) async fn press(&self, id: u32, action: &str) {
        let emitter = SignalEmitter::new(&self.connection, PATH).expect("it is a path");
        Interface::action_invoked(&emitter, id, action)
            .await
            .expect("the bus runs");
    }

    pub(crate) async fn close_by_hand(&self, id: u32) {
        let emitter = SignalEmitter::new(&self.connection, PATH).expect("it is a path");
        Interface::notification_closed(&emitter, id, 2)
            .await
            .expect("the bus runs");
    }

    pub(crate) async fn die(self) {
        self.connection
            .release_name(NAME)
            .await
            .expect("it has the name");
        drop(self.connection.close().await);
    }
}
