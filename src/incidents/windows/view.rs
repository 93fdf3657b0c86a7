//! What the pages show of windows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::incidents::state::State;
use crate::incidents::windows::ledger::KEPT_ENDED;
use crate::incidents::windows::saying::{name, tally, worse};
use crate::incidents::windows::window::{Purpose, WindowId};
use crate::signals::later;
use crate::site::Site;
use crate::text::Text;

/// A window that is to come, under way, or over since less than a day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowView {
    pub id: WindowId,
    pub purpose: Purpose,
    /// What it is for, in words.
    pub what: Text,
    #[serde(rename = "where")]
    pub place: Text,
    pub owner: String,
    pub note: String,
    pub begin: Timestamp,
    pub end: Timestamp,
    pub ended: Option<Timestamp>,
    /// Seconds that it still lasts; absent before its begin and after its end.
    pub remaining: Option<i64>,
    /// What happened inside it.
    pub tally: Text,
    /// What is told all the same, and why; empty while nothing is worse than expected.
    pub worse: Vec<Text>,
}

/// All windows, those that have not ended first, the newest first.
pub(in crate::incidents) fn views(state: &State, site: &Site, now: Timestamp) -> Vec<WindowView> {
    let known = state.windows.windows.iter().rev();
    let mut views: Vec<WindowView> = known
        .filter(|(_, known)| {
            let ended = known.ended_at;
            ended.is_none_or(|ended| later(ended, KEPT_ENDED) > now)
        })
        .map(|(id, known)| {
            let window = &known.window;
            let open = known.ended_at.is_none() && window.is_open(now);
            WindowView {
                id: *id,
                purpose: window.purpose,
                what: name(window.purpose),
                place: window.covered.place.clone(),
                owner: window.owner.clone(),
                note: window.note.clone(),
                begin: window.begin,
                end: window.end,
                ended: known.ended_at,
                remaining: open.then(|| window.end.duration_since(now).as_secs()),
                tally: tally(known.tally(now)),
                worse: known
                    .broken
                    .iter()
                    .map(|(ups, how)| worse(ups, *how, site))
                    .collect(),
            }
        })
        .collect();
    views.sort_by_key(|view| view.ended.is_some());
    views
}
