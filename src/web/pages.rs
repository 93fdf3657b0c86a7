//! The pages and what they ask for. Nothing comes from another host, and no script stands in a page.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse};

use crate::web::hall::Desk;

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
    Json(view)
}

/// How long what must last without mains would last now.
pub(super) async fn readiness(State(desk): State<Desk>) -> impl IntoResponse {
    let view = desk.hall.view.borrow().clone();
    Json(view.readiness.clone())
}

pub(super) async fn health() -> &'static str {
    "ok\n"
}
