//! How a card of the seat's own reads: the daemon's template, what only this moment
//! tells filled in, and the mark that nobody but this PC says so.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::incidents::{Act, AloneAct, KitCard, lasted};
use crate::plan::{Placeholder, fill};
use crate::seat::face::{Face, clock_time};
use crate::text::{Language, Text};

/// What the daemon could not know when it made the card.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) onset: Timestamp,
    pub(super) ended: Option<Timestamp>,
    /// Until when the battery lasts.
    pub(super) lasts_to: Option<Timestamp>,
}

/// The card as a notification; `numbers` are of those to ring.
pub(super) fn face(
    known: &KitCard,
    moment: Moment,
    done: impl Fn(&AloneAct) -> bool,
    numbers: Option<String>,
    language: Language,
    zone: &TimeZone,
) -> Face {
    let form = match (&known.over, moment.ended) {
        (Some(over), Some(_)) => over,
        _ => &known.open,
    };
    let say = |template: &String| {
        fill(template, |placeholder| {
            value(placeholder, moment, language, zone)
        })
    };
    // What cannot be told later is not offered.
    let offered = |act: &Act| AloneAct::from_card(act).is_some_and(|act| !done(&act));
    let mut card = form.clone();
    card.title = say(&form.title);
    card.lines = form.lines.iter().map(say).collect();
    card.lines.retain(|line| !line.is_empty());
    card.buttons
        .retain(|button| moment.ended.is_none() && offered(&button.act));
    let mark = Text::new(
        "未连callwatch，本机自行判断",
        "No callwatch: judged by this PC itself",
    );
    card.lines.push(mark.in_language(language).to_owned());
    card.lines.extend(numbers);
    let mut face = Face::of(&card, None, language, zone);
    // No daemon waits for its receipts.
    face.card = None;
    face
}

fn value(
    placeholder: &Placeholder,
    moment: Moment,
    language: Language,
    zone: &TimeZone,
) -> Option<String> {
    match placeholder {
        Placeholder::Since => Some(clock_time(moment.onset, zone)),
        Placeholder::Ended => Some(clock_time(moment.ended?, zone)),
        Placeholder::Lasted => {
            let lasting = moment.ended?.duration_since(moment.onset);
            Some(lasted(lasting, language))
        }
        Placeholder::FinishBy => {
            let at = clock_time(moment.lasts_to?, zone);
            let about = Text::new(format!("约{at}"), format!("about {at}"));
            Some(about.in_language(language).to_owned())
        }
        _ => None,
    }
}
