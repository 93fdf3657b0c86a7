//! One question by HTTP/1.1, over a connection that is kept for the next.

use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HOST, HeaderValue, LOCATION, USER_AGENT,
};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use crate::probes::reach::connection::connect;
use crate::probes::reach::fault::Fault;
use crate::probes::reach::resolver::Resolver;
use crate::probes::reach::target::{Login, Page, host};
use crate::probes::reach::tls::{self, Trust};
use crate::probes::reach::way::{Stage, Way};

/// Of a body: so much is read and no more.
const MOST_BYTES: usize = 256 * 1024;
/// Of the head of an answer.
const MOST_HEAD: usize = 64 * 1024;
/// Of an address that is told on.
const MOST_LOCATION: usize = 200;
/// A connection that has been idle so long may have been forgotten on the way.
const MOST_IDLE: Duration = Duration::from_secs(90);
/// So often a new connection proves that the name, the listener and the certificate still are.
const OLDEST: Duration = Duration::from_secs(600);

/// An open connection.
pub(super) struct Kept {
    sender: SendRequest<Empty<Bytes>>,
    /// Moves the bytes, while somebody waits for an answer.
    driver: Option<Driver>,
    opened: Instant,
    used: Instant,
    way: Way,
}

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// Asks once. What `kept` holds is used where it is fresh, and left there where it can be
/// used again.
pub(super) async fn ask(
    page: &Page,
    kept: &mut Option<Kept>,
    (resolver, trust): (&Resolver, &Trust),
    way: &mut Way,
) -> Result<(), Fault> {
    let mut url = page.url.clone();
    let mut login = page.login.as_ref();
    let mut kept_of_url = kept.take();
    loop {
        let mut connection = open(&mut kept_of_url, &url, (resolver, trust), way).await?;
        let request = request(&url, login)?;
        let begun = Instant::now();
        let asked = connection.send(request, way).await;
        let answer = match asked {
            // It had been closed since, which is nothing: another one tells.
            Err(Fault::Cut { .. }) if connection.used > connection.opened => continue,
            asked => asked?,
        };
        let status = answer.status().as_u16();
        way.status = Some(status);
        let location = answer.headers().get(LOCATION).map(shown);
        if answer.status().is_redirection()
            && page.conditions.follow > 0
            && !page.conditions.statuses.hold(status)
        {
            let most = page.conditions.follow;
            if way.redirects >= most {
                return Err(Fault::TooManyRedirects { most });
            }
            let next = next(&url, location)?;
            // A password is for whom it was given to.
            if next.origin() != url.origin() {
                login = None;
            }
            way.redirects += 1;
            url = next;
            continue;
        }
        if !page.conditions.statuses.hold(status) {
            let wanted = page.conditions.statuses.clone();
            return Err(Fault::Status {
                status,
                wanted,
                location,
            });
        }
        let (body, more) = connection.body(answer, way).await?;
        way.answered_in = Some(begun.elapsed());
        // In the middle of a body there is no next question.
        if !more && way.redirects == 0 && connection.driver.is_some() {
            connection.used = Instant::now();
            *kept = Some(connection);
        }
        return page.conditions.judge(&body, more, MOST_BYTES);
    }
}

/// The kept connection, or a new one.
async fn open(
    kept: &mut Option<Kept>,
    url: &Url,
    (resolver, trust): (&Resolver, &Trust),
    way: &mut Way,
) -> Result<Kept, Fault> {
    let fresh = |kept: &Kept| kept.used.elapsed() < MOST_IDLE && kept.opened.elapsed() < OLDEST;
    if let Some(kept) = kept.take().filter(fresh) {
        let known = &kept.way;
        way.peer = known.peer;
        way.addresses.clone_from(&known.addresses);
        way.certificate_until = known.certificate_until;
        return Ok(kept);
    }
    let port = url.port_or_known_default().unwrap_or(80);
    let addresses = resolver.addresses(host(url), port, way).await?;
    let stream = connect(&addresses, way).await?;
    if url.scheme() == "https" {
        let stream = trust.secure(stream, host(url), way).await?;
        Kept::over(stream, way).await
    } else {
        way.secured_in = None;
        way.certificate_until = None;
        Kept::over(stream, way).await
    }
}

impl Kept {
    async fn over<S>(stream: S, way: &Way) -> Result<Self, Fault>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let opening = http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            .handshake(TokioIo::new(stream));
        let (sender, driver) = opening.await.map_err(|error| fault(&error, way))?;
        let now = Instant::now();
        Ok(Self {
            sender,
            driver: Some(Box::pin(driver)),
            opened: now,
            used: now,
            way: way.clone(),
        })
    }

    async fn send(
        &mut self,
        request: Request<Empty<Bytes>>,
        way: &mut Way,
    ) -> Result<Response<Incoming>, Fault> {
        way.stage = Stage::Head;
        let asking = self.sender.send_request(request);
        let answer = drive(&mut self.driver, asking).await;
        answer.map_err(|error| fault(&error, way))
    }

    /// The body, and whether there is more than what may be read.
    async fn body(
        &mut self,
        answer: Response<Incoming>,
        way: &mut Way,
    ) -> Result<(Vec<u8>, bool), Fault> {
        way.stage = Stage::Body;
        let mut incoming = answer.into_body();
        let mut body = Vec::new();
        while let Some(frame) = drive(&mut self.driver, incoming.frame()).await {
            let frame = frame.map_err(|error| fault(&error, way))?;
            let Some(data) = frame.data_ref() else {
                continue;
            };
            let room = MOST_BYTES - body.len();
            body.extend_from_slice(&data[..data.len().min(room)]);
            way.bytes = body.len();
            if data.len() > room {
                return Ok((body, true));
            }
        }
        Ok((body, false))
    }
}

/// Waits for something while the connection moves; one that has ended is not kept.
async fn drive<T>(driver: &mut Option<Driver>, waiting: impl Future<Output = T>) -> T {
    let mut waiting = pin!(waiting);
    if let Some(moving) = driver {
        tokio::select! {
            biased;
            done = &mut waiting => return done,
            // Why it ended is told to whoever waits.
            _ended = moving => {}
        }
        *driver = None;
    }
    waiting.await
}

fn request(url: &Url, login: Option<&Login>) -> Result<Request<Empty<Bytes>>, Fault> {
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let authority = match (url.host_str().unwrap_or(""), url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let mut request = Request::get(path)
        .header(HOST, authority)
        .header(USER_AGENT, concat!("callwatch/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "*/*")
        .header(ACCEPT_ENCODING, "identity");
    if let Some(Login { user, password }) = login {
        let login = BASE64_STANDARD.encode(format!("{user}:{password}"));
        let value = HeaderValue::from_str(&format!("Basic {login}"));
        let mut value = value.map_err(|error| Fault::own(&error))?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    let request = request.body(Empty::new());
    request.map_err(|error| Fault::own(&error))
}

/// Where a redirect leads, as far as one may tell it on.
fn shown(location: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(location.as_bytes());
    text.chars()
        .filter(|c| !c.is_control())
        .take(MOST_LOCATION)
        .collect()
}

fn next(url: &Url, location: Option<String>) -> Result<Url, Fault> {
    let location = location.unwrap_or_default();
    let next = url.join(&location).ok();
    let next =
        next.filter(|next| !location.is_empty() && matches!(next.scheme(), "http" | "https"));
    next.ok_or(Fault::BadRedirect { location })
}

fn fault(error: &hyper::Error, way: &Way) -> Fault {
    let cause = std::error::Error::source(error);
    if let Some(cause) = cause.and_then(|cause| cause.downcast_ref::<std::io::Error>()) {
        if let Some(inner) = tls::inner(cause) {
            return tls::of_tls(inner, "", way);
        }
        if let Some(peer) = way.peer {
            return Fault::of_socket(cause, peer, way.stage);
        }
    }
    if error.is_parse() {
        return Fault::NoHttp;
    }
    Fault::Cut {
        stage: way.stage,
        peer: way.peer,
    }
}
