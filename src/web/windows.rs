//! `/api/windows`: a maintenance window is ordered from a seat, with the seat's own key.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::inbox::AskError;
use crate::incidents::{Act, Command, Input, WindowOrder};
use crate::text::Text;
use crate::web::hall::Desk;

/// What is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    seat: String,
    /// As `callwatch key SEAT` prints it.
    key: String,
    /// Of the caller's making: a repeat gets the first outcome.
    id: String,
    order: WindowOrder,
}

/// What became of it.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// Absent where it was done and is in the log; else why not.
    refused: Option<Text>,
}

/// 200 where it was done, 403 for a wrong key or an unknown seat, 409 where the
/// Board refused, 503 while the daemon shuts down.
pub(super) async fn order(
    State(desk): State<Desk>,
    Json(asked): Json<Asked>,
) -> (StatusCode, Json<Outcome>) {
    let known = desk.hall.centre.site.seats.contains_key(&asked.seat);
    if !desk.hall.keys.verify(&asked.seat, &asked.key) || !known {
        let seat = &asked.seat;
        let why = Text::new(
            format!("座席或密钥不对；请IT运行：callwatch key {seat}"),
            format!("the seat or its key is wrong; IT prints the key: callwatch key {seat}"),
        );
        return answer(StatusCode::FORBIDDEN, Some(why));
    }
    let command = Command {
        id: asked.id,
        seat: asked.seat,
        act: Act::Window { order: asked.order },
    };
    match desk.hall.inbox.ask(Input::Command(command)).await {
        Ok(()) => answer(StatusCode::OK, None),
        Err(AskError::Refused(refused)) => answer(StatusCode::CONFLICT, Some(refused.words())),
        Err(AskError::Closed(_)) => {
            let why = Text::new(
                "值守程序正在重启，请稍后再试",
                "the daemon is shutting down; try again later",
            );
            answer(StatusCode::SERVICE_UNAVAILABLE, Some(why))
        }
    }
}

fn answer(status: StatusCode, refused: Option<Text>) -> (StatusCode, Json<Outcome>) {
    (status, Json(Outcome { refused }))
}
