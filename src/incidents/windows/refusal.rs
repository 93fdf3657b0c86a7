//! Why a window is not set, changed or ended.

use crate::incidents::windows::window::WindowId;
use crate::text::Text;

/// Reads aloud, and says the mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowRefused {
    #[error("seat `{0}` may not order windows: the seats of the lead and of IT may")]
    NotYours(String),
    #[error("a window needs an owner: name who answers for it")]
    NoOwner,
    #[error("a window needs an end: say until when it lasts")]
    NoEnd,
    #[error("it ends before it begins: swap begin and end")]
    Backwards,
    #[error("it lies in the past: begin now or later, and end after that")]
    Past,
    #[error("a window lasts at most {0} h: end it earlier, and set another one then if need be")]
    TooLong(i64),
    #[error(
        "`{0}` is no place of the site: write it as `feed:NAME`, `circuit:NAME`, `zone:NAME`, `ups:NAME`, `device:NAME` or `seat:NAME`"
    )]
    NoSuchPlace(String),
    #[error("a window needs a place: name a feed, circuit, zone, UPS, device or seat")]
    NoPlace,
    #[error("no window {0} is to come or under way")]
    NoSuchWindow(WindowId),
    #[error("it has begun already: only its end, owner and note can change")]
    Begun,
    #[error("the owner or the note is too long: at most {0} characters")]
    TooWordy(usize),
    #[error("nothing that is fed lies there: name a feed, circuit, zone or UPS")]
    NothingFed,
    #[error(
        "no feed there has a generator: set `generator = true` at the feed, or name another place"
    )]
    NoGenerator,
}

impl WindowRefused {
    /// What a person is told.
    pub fn words(&self) -> Text {
        let (zh, en) = match self {
            WindowRefused::NotYours(_) => (
                "只有带班和IT的座席可以设检修",
                "only the lead and IT set windows",
            ),
            WindowRefused::NoOwner => (
                "没有负责人：请写上谁负责",
                "no owner: say who answers for it",
            ),
            WindowRefused::NoEnd => (
                "没有结束时间：请写上到几点",
                "no end: say until when it lasts",
            ),
            WindowRefused::Backwards => (
                "结束早于开始：请改时间",
                "it ends before it begins: mend the times",
            ),
            WindowRefused::Past => (
                "时间已经过去：请从现在或以后开始",
                "it lies in the past: begin now or later",
            ),
            WindowRefused::TooLong(hours) => {
                return Text::new(
                    format!("最长{hours}小时，到时没完再设一次"),
                    format!("a window lasts at most {hours} h; set another one if it must go on"),
                );
            }
            WindowRefused::NoSuchPlace(place) => {
                return Text::new(
                    format!("没有这个地方：{place}"),
                    format!("there is no such place: {place}"),
                );
            }
            WindowRefused::NoPlace => ("没有选地方", "no place was named"),
            WindowRefused::NoSuchWindow(_) => (
                "没有这个时段，或者已经结束",
                "there is no such window, or it is over",
            ),
            WindowRefused::Begun => (
                "已经开始，只能改结束时间、负责人和说明",
                "it has begun: only end, owner and note can change",
            ),
            WindowRefused::NothingFed => (
                "那里没有供电的设备：请选一路市电、线路、区域或UPS",
                "nothing that is fed lies there: name a feed, circuit, zone or UPS",
            ),
            WindowRefused::NoGenerator => (
                "那路市电没有登记发电机",
                "no feed there is known to have a generator",
            ),
            WindowRefused::TooWordy(most) => {
                return Text::new(
                    format!("字太多，最多{most}字"),
                    format!("too long: at most {most} characters"),
                );
            }
        };
        Text::new(zh, en)
    }
}
