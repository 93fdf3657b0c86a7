//! The sound server, `PulseAudio` or `PipeWire`: what it plays to and listens to, and what is muted.
//!
//! It is asked over its own socket, and says itself when something changes: a `pactl` that
//! subscribes would be a process of ten megabytes beside this one, and is not on every PC.
//! The protocol: <https://www.freedesktop.org/wiki/Software/PulseAudio/Documentation/Developer/>,
//! which both servers speak.

use std::ffi::CString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use pulseaudio::protocol::port_info::{PortAvailable, PortInfo};
use pulseaudio::protocol::{
    self, AuthParams, AuthReply, ChannelVolume, Command, CommandReply, Prop, Props, ProtocolError,
    ServerInfo, SetClientNameReply, SinkInfo, SourceInfo, SubscriptionMask, Volume,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// A server that does not answer within this is not there.
const ANSWER: Duration = Duration::from_secs(5);
/// A server that is not there is looked for again after this.
const AGAIN: Duration = Duration::from_secs(20);
/// Changes come in bunches: they are read together.
const BUNCH: Duration = Duration::from_millis(300);
/// No message of a server is longer, in bytes.
const LONGEST: u32 = 256 * 1024;
/// 33 tells which plug is in; what lies above adds kinds that may not be known here. Before
/// 21 no encodings are told, of which a server may have some that are not known either.
const VERSIONS: [u16; 2] = [33, 20];
/// Of these properties of a device, `device.form_factor` says what it is to a person.
const FORMS: [&[u8]; 4] = [b"headset", b"headphone", b"handset", b"hands-free"];
/// A plug of the PC's own sound card: `analog-output-headphones`, `analog-input-headset-mic`.
const PLUGS: [&str; 2] = ["headphones", "headset"];

/// Where the server is, and what it lets people in by.
#[derive(Clone, Debug)]
pub(in crate::seat) struct Place {
    pub(in crate::seat) socket: PathBuf,
    pub(in crate::seat) cookie: Option<PathBuf>,
}

impl Place {
    /// Of whoever runs this program; the order is that of pulseaudio(1).
    pub(in crate::seat) fn own() -> Option<Self> {
        let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let named = std::env::var("PULSE_SERVER").ok();
        let named = named.and_then(|it| it.strip_prefix("unix:").map(PathBuf::from));
        let socket = named
            .or_else(|| Some(folder("PULSE_RUNTIME_PATH")?.join("native")))
            .or_else(|| Some(folder("XDG_RUNTIME_DIR")?.join("pulse/native")))?;
        let cookie =
            folder("PULSE_COOKIE").or_else(|| Some(folder("HOME")?.join(".config/pulse/cookie")));
        Some(Self { socket, cookie })
    }
}

/// What the server has; monitors of what is played are no devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) plays_to: Vec<Device>,
    pub(super) listens_to: Vec<Device>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) name: String,
    /// Its number in ALSA.
    pub(super) card: Option<u32>,
    /// The server itself calls it one.
    pub(super) is_headset: bool,
    pub(super) is_default: bool,
    /// Or at no volume at all.
    pub(super) muted: bool,
}

/// Tells what the server has whenever that changes, for ever; `None` while there is none.
pub(super) async fn follow(place: Place, sound_tx: watch::Sender<Option<Sound>>) {
    let mut versions = VERSIONS.into_iter().cycle();
    let mut version = VERSIONS[0];
    let mut told = String::new();
    loop {
        let Err(error) = listen(&place, version, &sound_tx).await else {
            return;
        };
        sound_tx.send_if_modified(|known| known.take().is_some());
        if matches!(error, Fault::Garbage(_)) {
            version = versions.find(|other| *other != version).unwrap_or(version);
        }
        let why = error.to_string();
        if told != why {
            tracing::info!("the sound server is not heard: {why}");
            told = why;
        }
        sleep(AGAIN).await;
    }
}

/// What the server has now; `None` where there is none, or none that is understood.
pub(super) async fn once(place: &Place) -> Option<Sound> {
    for version in VERSIONS {
        let asked = async {
            let mut server = Server::open(place, version).await?;
            server.sound().await
        };
        match asked.await {
            Ok(sound) => return Some(sound),
            Err(Fault::Garbage(_)) => {}
            Err(Fault::Silent(_)) => return None,
        }
    }
    None
}

/// Ends well when nobody wants to know any more.
async fn listen(
    place: &Place,
    version: u16,
    sound_tx: &watch::Sender<Option<Sound>>,
) -> Result<(), Fault> {
    let mut server = Server::open(place, version).await?;
    let changes = SubscriptionMask::SINK
        | SubscriptionMask::SOURCE
        | SubscriptionMask::SERVER
        | SubscriptionMask::CARD;
    server.tell(&Command::Subscribe(changes)).await?;
    loop {
        let sound = server.sound().await?;
        sound_tx.send_if_modified(|known| {
            let differs = known.as_ref() != Some(&sound);
            *known = Some(sound);
            differs
        });
        if !server.changed {
            tokio::select! {
                message = server.hear() => drop(message?),
                () = sound_tx.closed() => return Ok(()),
            }
        }
        sleep(BUNCH).await;
        server.changed = false;
    }
}

/// Why the server is not heard.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Silent(#[from] io::Error),
    #[error("it says what is not understood: {0}")]
    Garbage(ProtocolError),
}

impl From<ProtocolError> for Fault {
    fn from(error: ProtocolError) -> Self {
        match error {
            // Of a message that ends too early.
            ProtocolError::ServerError(error) => Self::Silent(io::Error::other(error.to_string())),
            error => Self::Garbage(error),
        }
    }
}

struct Server {
    stream: UnixStream,
    /// That both ends speak.
    version: u16,
    asked: u32,
    /// Something is not what it was when it was asked last.
    changed: bool,
}

impl Server {
    async fn open(place: &Place, version: u16) -> Result<Self, Fault> {
        let stream = UnixStream::connect(&place.socket).await?;
        let mut server = Self {
            stream,
            version,
            asked: 0,
            changed: false,
        };
        let cookie = place.cookie.as_deref();
        let cookie = cookie.and_then(|cookie| std::fs::read(cookie).ok());
        let auth = AuthParams {
            version,
            supports_shm: false,
            supports_memfd: false,
            cookie: cookie.unwrap_or_default(),
        };
        let theirs: AuthReply = server.ask(&Command::Auth(auth)).await?;
        server.version = version.min(theirs.version);
        let mut props = Props::new();
        props.set(Prop::ApplicationName, c"callwatch-seat");
        let _: SetClientNameReply = server.ask(&Command::SetClientName(props)).await?;
        Ok(server)
    }

    async fn sound(&mut self) -> Result<Sound, Fault> {
        let defaults: ServerInfo = self.ask(&Command::GetServerInfo).await?;
        let sinks: Vec<SinkInfo> = self.ask(&Command::GetSinkInfoList).await?;
        let sources: Vec<SourceInfo> = self.ask(&Command::GetSourceInfoList).await?;
        let plays_to = sinks.into_iter().map(|sink| Device {
            is_default: defaults.default_sink_name.as_ref() == Some(&sink.name),
            muted: sink.muted || silent(&sink.cvolume),
            ..device(
                sink.description,
                &sink.props,
                sink.ports.get(sink.active_port),
            )
        });
        let sources = sources.into_iter();
        let microphones = sources.filter(|source| source.monitor_of_sink_index.is_none());
        let listens_to = microphones.map(|source| Device {
            is_default: defaults.default_source_name.as_ref() == Some(&source.name),
            muted: source.muted || silent(&source.cvolume),
            ..device(
                source.description,
                &source.props,
                source.ports.get(source.active_port),
            )
        });
        Ok(Sound {
            plays_to: plays_to.collect(),
            listens_to: listens_to.collect(),
        })
    }

    async fn ask<T: CommandReply>(&mut self, command: &Command) -> Result<T, Fault> {
        let message = self.answer(command).await?;
        let (_, reply) = protocol::read_reply_message(&mut message.as_slice(), self.version)?;
        Ok(reply)
    }

    /// Asks for what is answered with nothing but that it was done.
    async fn tell(&mut self, command: &Command) -> Result<(), Fault> {
        let message = self.answer(command).await?;
        protocol::read_ack_message(&mut message.as_slice())?;
        Ok(())
    }

    /// The whole message of an answer.
    async fn answer(&mut self, command: &Command) -> Result<Vec<u8>, Fault> {
        self.asked += 1;
        let (asked, mut message) = (self.asked, Vec::new());
        protocol::write_command_message(&mut message, asked, command, self.version)?;
        let answered = async {
            self.stream.write_all(&message).await?;
            loop {
                let message = self.hear().await?;
                if sequence(&message) == Some(asked) {
                    return Ok(message);
                }
            }
        };
        timeout(ANSWER, answered)
            .await
            .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
    }

    /// The next message; one that nobody asked for says that something has changed.
    async fn hear(&mut self) -> Result<Vec<u8>, Fault> {
        let mut message = vec![0; protocol::DESCRIPTOR_SIZE];
        self.stream.read_exact(&mut message).await?;
        let length = protocol::read_descriptor(&mut message.as_slice())?.length;
        if length > LONGEST {
            let why = format!("a message of {length} bytes");
            return Err(Fault::Garbage(ProtocolError::Invalid(why)));
        }
        let longer = usize::try_from(length).unwrap_or(0);
        message.resize(protocol::DESCRIPTOR_SIZE + longer, 0);
        self.stream
            .read_exact(&mut message[protocol::DESCRIPTOR_SIZE..])
            .await?;
        self.changed |= sequence(&message).is_none();
        Ok(message)
    }
}

/// The number of the question that a message answers: `L` and the kind, `L` and the number.
fn sequence(message: &[u8]) -> Option<u32> {
    let number = message.get(protocol::DESCRIPTOR_SIZE + 6..)?.get(..4)?;
    let number = u32::from_be_bytes(number.try_into().ok()?);
    // The server's own messages have none.
    (number != u32::MAX).then_some(number)
}

fn silent(volume: &ChannelVolume) -> bool {
    let channels = volume.channels();
    !channels.is_empty() && channels.iter().all(|it| *it == Volume::MUTED)
}

fn device(description: Option<CString>, props: &Props, port: Option<&PortInfo>) -> Device {
    // Their texts end with a zero.
    let text = |told: &[u8]| {
        let text = String::from_utf8_lossy(told).into_owned();
        text.trim_end_matches('\0').to_owned()
    };
    let name = description
        .map(|it| text(it.to_bytes()))
        .unwrap_or_default();
    let name = name.chars().filter(|c| !c.is_control()).take(64).collect();
    let card = props.get_bytes(c"alsa.card").map(text);
    let form = props.get(Prop::DeviceFormFactor).map(text);
    let is_form = form.is_some_and(|form| FORMS.contains(&form.as_bytes()));
    let is_plugged = port.is_some_and(|port| {
        let name = text(port.name.to_bytes());
        port.available == PortAvailable::Yes && PLUGS.iter().any(|plug| name.contains(plug))
    });
    Device {
        name,
        card: card.and_then(|card| card.parse().ok()),
        is_headset: is_form || is_plugged,
        is_default: false,
        muted: false,
    }
}
