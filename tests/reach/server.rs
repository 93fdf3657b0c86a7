//! A service on loopback that answers as it is told: each request on its connection,
//! which it keeps open, and closes in order where it is told to.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// What it does with one request.
pub(super) struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Keep,
    Close,
    Hang,
    /// A byte, and after a while another one.
    Drip,
}

impl Reply {
    /// A whole answer; the connection stays.
    pub(super) fn whole(status: &str, more: &str, body: &[u8]) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{more}content-length: {length}\r\n\r\n");
        Self::raw(&[head.as_bytes(), body].concat())
    }

    pub(super) fn ok(body: &str) -> Self {
        Self::whole("200 OK", "", body.as_bytes())
    }

    pub(super) fn raw(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            then: Then::Keep,
        }
    }

    pub(super) fn close(self) -> Self {
        let then = Then::Close;
        Self { then, ..self }
    }

    pub(super) fn hang(self) -> Self {
        let then = Then::Hang;
        Self { then, ..self }
    }

    pub(super) fn drip(self) -> Self {
        let then = Then::Drip;
        Self { then, ..self }
    }
}

/// Gone with the value.
pub(super) struct Server {
    pub(super) port: u16,
    connections: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// `reply` is asked with the number of the request, from 0, and its head.
    pub(super) async fn plain(
        reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(None, reply).await
    }

    pub(super) async fn secure(
        config: ServerConfig,
        reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(TlsAcceptor::from(Arc::new(config))), reply).await
    }

    async fn start(
        tls: Option<TlsAcceptor>,
        reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, requests) = (Arc::clone(&connections), Arc::new(AtomicUsize::new(0)));
        let reply = Arc::new(reply);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut serving = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let (tls, reply, requests) =
                    (tls.clone(), Arc::clone(&reply), Arc::clone(&requests));
                serving.spawn(async move {
                    let answer = |head: &str| reply(requests.fetch_add(1, Ordering::SeqCst), head);
                    // A client that goes, or does not like the certificate, is no fault here.
                    let served = match tls {
                        None => serve(stream, answer).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, answer).await,
                            Err(error) => Err(error),
                        },
                    };
                    drop(served);
                });
            }
        });
        Self {
            port,
            connections,
            _tasks: tasks,
        }
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve<S>(stream: S, reply: impl Fn(&str) -> Reply) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let Reply { bytes, then } = reply(&head);
        stream.write_all(&bytes).await?;
        stream.flush().await?;
        match then {
            Then::Keep => {}
            Then::Close => return stream.shutdown().await,
            Then::Hang => std::future::pending().await,
            Then::Drip => loop {
                stream.write_all(b".").await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            },
        }
    }
}
