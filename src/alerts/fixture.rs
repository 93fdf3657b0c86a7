//! Messages on their way, and a server that takes them, for tests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::alerts::letter::Reader;
use crate::incidents::{Due, IncidentId, Message, Notice, OwedId};
use crate::plan::Severity;
use crate::text::{Language, Text};

/// Opened at 14:31 in Shanghai, written down two seconds later.
pub(super) fn due() -> Due {
    Due {
        owed: OwedId(14),
        incident: IncidentId(9),
        at: "2026-03-02T06:31:10Z".parse().unwrap(),
        channel: "it".into(),
        message: Message {
            notice: Notice::Opened,
            procedure: "power-loss".into(),
            kind: Some("mains".into()),
            severity: Severity::Critical,
            since: "2026-03-02T06:31:08Z".parse().unwrap(),
            place: Text::new("C座三楼", "block C"),
            title: Text::new("停电 14:31 · C座三楼", "Power out 14:31 · block C"),
            text: Text::new("市电中断。", "Mains are out."),
            told: vec!["lead".into(), "staff".into()],
        },
        webhook_id: "msg_14".into(),
        not_recorded: false,
        digest: false,
    }
}

/// Of a matter that the channel may not name.
pub(super) fn veiled() -> Due {
    let words = Text::new("请联系主管。", "Please see the lead.");
    Due {
        message: Message {
            procedure: String::new(),
            kind: None,
            place: Text::default(),
            title: words.clone(),
            text: words,
            told: Vec::new(),
            ..due().message
        },
        ..due()
    }
}

pub(super) fn reader(language: Language) -> Reader {
    Reader {
        language,
        prefix: String::new(),
        site: Text::new("客服中心", "Call centre"),
        time_zone: "Asia/Shanghai".into(),
    }
}

/// What was posted: its path with the query, its headers and its body.
pub(super) type Posted = (String, HeaderMap, Value);

/// A server on a free port that answers as it is told, one answer a request, and then with the last one.
pub(super) struct Server {
    pub(super) url: String,
    pub(super) posted_rx: mpsc::UnboundedReceiver<Posted>,
    _serving: JoinSet<()>,
}

impl Server {
    /// Each answer is a status, a `Retry-After` if it is not empty, and a body;
    /// status 0 is never answered.
    pub(super) async fn start(answers: &[(u16, &str, &str)]) -> Self {
        let (posted_tx, posted_rx) = mpsc::unbounded_channel();
        let answers = answers
            .iter()
            .map(|(status, after, body)| (*status, (*after).to_owned(), (*body).to_owned()));
        let answers = Arc::new(Mutex::new(answers.collect::<VecDeque<_>>()));
        let take = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let body = serde_json::from_slice(&body).unwrap();
            posted_tx.send((uri.to_string(), headers, body)).unwrap();
            let mut answers = answers.lock().unwrap();
            let answer = match answers.len() {
                1 => answers[0].clone(),
                _ => answers.pop_front().unwrap(),
            };
            async move {
                let (status, after, body) = answer;
                if status == 0 {
                    std::future::pending::<()>().await;
                }
                let status = StatusCode::from_u16(status).unwrap();
                let after = (!after.is_empty()).then_some([(header::RETRY_AFTER, after)]);
                (status, after, body).into_response()
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        let router = Router::new().fallback(post(take));
        serving.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            posted_rx,
            _serving: serving,
        }
    }

    /// What was posted next.
    pub(super) async fn posted(&mut self) -> Posted {
        self.posted_rx.recv().await.unwrap()
    }
}
