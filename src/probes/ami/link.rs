//! A connection to an AMI: bytes on one side, messages on the other.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::probes::ami::decoder::{Decoder, TooMuch};
use crate::probes::ami::message::Message;
use crate::probes::ami::request::Request;

/// All that may come between a request and the end of its answer, events included: a
/// list of 20 000 members.
const MOST_BYTES: usize = 10 * 1024 * 1024;

const CHUNK: usize = 8 * 1024;

/// Why nothing more comes over a connection.
#[derive(Debug)]
pub(super) enum Broken {
    /// By the other side, where there is no error.
    Closed(Option<io::Error>),
    TooMuch(TooMuch),
}

#[derive(Debug)]
pub(super) struct Link {
    stream: TcpStream,
    decoder: Decoder,
    /// Since the last request.
    received: usize,
    /// Sets our identifiers apart from those of every other connection.
    token: u64,
    requests: u64,
}

impl Link {
    pub(super) async fn connect(host: &str, port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        let token = getrandom::u64().map_err(io::Error::other)?;
        Ok(Self {
            stream,
            decoder: Decoder::default(),
            received: 0,
            token,
            requests: 0,
        })
    }

    /// An identifier that no connection has had yet: what becomes of a call is told to all.
    pub(super) fn next_id(&mut self) -> String {
        self.requests += 1;
        format!("callwatch-{:016x}-{}", self.token, self.requests)
    }

    pub(super) async fn send(&mut self, request: Request) -> Result<(), Broken> {
        self.received = 0;
        let sent = self.stream.write_all(&request.into_bytes()).await;
        sent.map_err(|error| Broken::Closed(Some(error)))
    }

    /// The line that greets.
    pub(super) async fn banner(&mut self) -> Result<String, Broken> {
        loop {
            if let Some(banner) = self.decoder.banner().map_err(Broken::TooMuch)? {
                return Ok(banner);
            }
            self.read().await?;
        }
    }

    /// The next message. Cancel safe: what is half read is read on.
    pub(super) async fn receive(&mut self) -> Result<Message, Broken> {
        loop {
            if let Some(message) = self.decoder.message().map_err(Broken::TooMuch)? {
                return Ok(message);
            }
            self.read().await?;
        }
    }

    /// What comes without having been asked for is no part of an answer.
    pub(super) fn forget_received(&mut self) {
        self.received = 0;
    }

    async fn read(&mut self) -> Result<(), Broken> {
        let mut chunk = [0; CHUNK];
        let read = self.stream.read(&mut chunk).await;
        let length = match read {
            Ok(0) => return Err(Broken::Closed(None)),
            Ok(length) => length,
            Err(error) => return Err(Broken::Closed(Some(error))),
        };
        self.received += length;
        if self.received > MOST_BYTES {
            return Err(Broken::TooMuch(TooMuch { most: MOST_BYTES }));
        }
        self.decoder.push(&chunk[..length]);
        Ok(())
    }
}
