//! Why what an ACD says cannot be believed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::acd::queue::Field;
use crate::text::Text;

/// Characters of a foreign text that are repeated.
const MOST_REPEATED: usize = 60;

/// The ACD answers, and we know nothing of it. Blind is never calm: it opens no surge
/// and ends none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blind {
    /// The queue does not exist there, or is not told.
    UnknownQueue,
    /// Callers wait, and what must change does not: for so many seconds.
    Frozen { seconds: u64 },
    /// The source itself says that its data are so many seconds old.
    Stale { seconds: u64 },
    /// It is pushed in, and nothing has come yet.
    Unpushed,
    /// A figure below nought: with some ACDs that means "not known".
    Negative { field: Field },
    /// A figure that is needed is not told.
    Missing { field: Field },
    /// A figure that is no number.
    NotANumber { field: Field, said: String },
    /// The source says how many items it sends, and sent another number.
    HalfList { told: u64, received: u64 },
    /// More was sent than any ACD needs: so many bytes are the most.
    TooMuch { most: u64 },
    /// The source answered something else than the protocol has.
    Garbage { said: String },
    /// The source says itself that it will not or cannot tell.
    Refused { why: String },
    /// The answer has begun, and did not end in its time.
    Slow,
    /// The answer broke off after so many bytes.
    Cut { received: u64 },
}

impl Blind {
    /// A figure that is no number; a long text is cut.
    pub fn not_a_number(field: Field, said: &str) -> Self {
        Blind::NotANumber {
            field,
            said: repeated(said),
        }
    }

    /// An answer that is not of the protocol; a long text is cut.
    pub fn garbage(said: &str) -> Self {
        Blind::Garbage {
            said: repeated(said),
        }
    }

    /// The source's own words; a long text is cut.
    pub fn refused(why: &str) -> Self {
        Blind::Refused { why: repeated(why) }
    }

    /// The name in a probe's answer.
    pub fn name(&self) -> &'static str {
        match self {
            Blind::UnknownQueue => "unknown-queue",
            Blind::Frozen { .. } => "frozen",
            Blind::Stale { .. } => "stale",
            Blind::Unpushed => "unpushed",
            Blind::Negative { .. } => "negative",
            Blind::Missing { .. } => "missing",
            Blind::NotANumber { .. } => "not-a-number",
            Blind::HalfList { .. } => "half-list",
            Blind::TooMuch { .. } => "too-much",
            Blind::Garbage { .. } => "garbage",
            Blind::Refused { .. } => "refused",
            Blind::Slow => "slow",
            Blind::Cut { .. } => "cut",
        }
    }

    /// What people call it.
    pub fn words(&self) -> Text {
        let field = |field: &Field| field.words();
        match self {
            Blind::UnknownQueue => {
                Text::new("话务平台不认识这个队列", "the ACD does not know this queue")
            }
            Blind::Frozen { seconds } => Text::new(
                format!("数据不动了：有人在排队，{seconds}秒没有变化"),
                format!("the data are frozen: callers wait, and nothing changed for {seconds} s"),
            ),
            Blind::Stale { seconds } => Text::new(
                format!("数据是{seconds}秒前的"),
                format!("the data are {seconds} s old"),
            ),
            Blind::Unpushed => Text::new("还没有推送来数据", "no figures have been pushed in yet"),
            Blind::Negative { field: of } => Text::new(
                format!("{}是负数", field(of).zh),
                format!("{} is below nought", field(of).en),
            ),
            Blind::Missing { field: of } => Text::new(
                format!("没有给出{}", field(of).zh),
                format!("{} is not told", field(of).en),
            ),
            Blind::NotANumber { field: of, said } => Text::new(
                format!("{}不是数字：{said}", field(of).zh),
                format!("{} is no number: {said}", field(of).en),
            ),
            Blind::HalfList { told, received } => Text::new(
                format!("列表不全：应有{told}项，收到{received}项"),
                format!("the list is not whole: {told} items told, {received} received"),
            ),
            Blind::TooMuch { most } => Text::new(
                format!("回答太长，超过{most}字节"),
                format!("the answer is longer than {most} bytes"),
            ),
            Blind::Garbage { said } => Text::new(
                format!("回答看不懂：{said}"),
                format!("the answer is not of the protocol: {said}"),
            ),
            Blind::Refused { why } => Text::new(
                format!("话务平台不给：{why}"),
                format!("the ACD will not tell: {why}"),
            ),
            Blind::Slow => Text::new("回答说了一半，没说完", "the answer did not end in its time"),
            Blind::Cut { received } => Text::new(
                format!("回答断了，只收到{received}字节"),
                format!("the answer broke off after {received} bytes"),
            ),
        }
    }

    /// What to do about it.
    pub fn mend(&self) -> Text {
        let (zh, en) = match self {
            Blind::UnknownQueue => (
                "照话务平台上的写法改队列名，大小写也要一样",
                "write the queue as the ACD spells it, capitals included",
            ),
            Blind::Frozen { .. } | Blind::Stale { .. } => (
                "看话务平台的统计服务是不是停了；人工看一眼排队",
                "see whether the ACD's statistics still run, and look at the queue by eye",
            ),
            Blind::Unpushed => (
                "看推送的程序在不在运行、地址和令牌对不对",
                "see whether the job that pushes runs, and its address and token",
            ),
            Blind::Negative { .. } | Blind::Missing { .. } | Blind::NotANumber { .. } => (
                "看配置里这个数取自哪里，是不是取对了",
                "check where this figure is taken from in the configuration",
            ),
            Blind::HalfList { .. } | Blind::Slow | Blind::Cut { .. } => (
                "看网络和话务平台的负载；总是这样就看它的日志",
                "check the network and the ACD's load; look at its log if it stays so",
            ),
            Blind::TooMuch { .. } | Blind::Garbage { .. } => (
                "看地址和端口上是不是话务平台",
                "check that it is the ACD that answers at this address and port",
            ),
            Blind::Refused { .. } => (
                "看这个用户在话务平台上有没有读队列的权限",
                "check that this user may read queues on the ACD",
            ),
        };
        Text::new(zh, en)
    }
}

impl fmt::Display for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().en)
    }
}

impl std::error::Error for Blind {}

/// On one line, and not more than anybody reads.
fn repeated(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MOST_REPEATED)
        .collect();
    if text.chars().nth(MOST_REPEATED).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_source_says_is_repeated_on_one_line_and_not_whole() {
        let long = format!("HTTP/1.1 400\r\n{}", "x".repeat(9000));
        let words = Blind::garbage(&long).words();
        assert!(words.en.len() < 120, "{}", words.en);
        assert!(!words.en.contains(['\r', '\n']));
        assert!(words.zh.ends_with('…'));
        let odd = Blind::not_a_number(Field::Waiting, "--");
        assert_eq!(odd.words().zh, "排队数不是数字：--");
        assert_eq!(odd.to_string(), "calls waiting is no number: --");
    }
}
