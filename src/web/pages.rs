//! The pages and what they ask for. Nothing comes from another host, and no script stands in a page.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse};

use serde::Serialize;

use crate::incidents::View;
use crate::text::Text;
use crate::web::hall::Desk;
use crate::web::pcs;

/// Scripts and styles from here only, and no frame around us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Headers = [(HeaderName, &'static str); 4];

fn headers(kind: &'static str) -> Headers {
    [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ]
}

pub(super) async fn centre() -> impl IntoResponse {
    (
        headers("text/html; charset=utf-8"),
        Html(include_str!("page/centre.html")),
    )
}

/// The page speaks the language of its seat; of a seat that is not known, that of most.
pub(super) async fn seat(State(desk): State<Desk>, Path(seat): Path<String>) -> impl IntoResponse {
    let language = desk.hall.centre.site.language_of(&seat);
    let html = include_str!("page/seat.html").replacen("zh-CN", language.tag(), 1);
    (headers("text/html; charset=utf-8"), Html(html))
}

pub(super) async fn style() -> impl IntoResponse {
    (
        headers("text/css; charset=utf-8"),
        include_str!("page/page.css"),
    )
}

pub(super) async fn centre_script() -> impl IntoResponse {
    (
        headers("text/javascript; charset=utf-8"),
        include_str!("page/centre.js"),
    )
}

pub(super) async fn seat_script() -> impl IntoResponse {
    (
        headers("text/javascript; charset=utf-8"),
        include_str!("page/seat.js"),
    )
}

pub(super) async fn view(State(desk): State<Desk>) -> impl IntoResponse {
    let view = desk.hall.view.borrow().clone();
    let now = desk.hall.clock.now();
    let mut clients = desk.clients();
    let doubles = clients.doubles(now).into_iter();
    let doubles = doubles.map(|(seat, double)| double.words(seat)).collect();
    drop(clients);
    let pcs = pcs::all(&desk.told.all(), now, desk.hall.clock.speed());
    Json(Shown { view, doubles, pcs })
}

/// The view, and what is seen at the door of it.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    view: Arc<View>,
    /// Two PCs with the key of one seat.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubles: Vec<Text>,
    /// What is wrong with the PCs of seats, by seat.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pcs: BTreeMap<String, Vec<Text>>,
}

/// What seats told of themselves last, by seat.
pub(super) async fn told(State(desk): State<Desk>) -> impl IntoResponse {
    Json(desk.told.all())
}

/// `ok`, or in one line what is wrong. The status is 200 all the same: a proxy in front
/// must not cut the seats off a daemon that still tells them.
pub(super) async fn health(State(desk): State<Desk>) -> String {
    match &desk.hall.view.borrow().not_recorded {
        None => "ok\n".to_owned(),
        Some(why) => format!("not recorded: {why}\n"),
    }
}

/// How long what must last without mains would last now.
pub(super) async fn readiness(State(desk): State<Desk>) -> impl IntoResponse {
    let view = desk.hall.view.borrow().clone();
    Json(view.readiness.clone())
}
