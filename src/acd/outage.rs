//! How an ACD is down, as seen over its control link.

use serde::{Deserialize, Serialize};

use crate::signals::Level;
use crate::text::Text;

/// Why the ACD does not serve us. Its control link alone is seen here: calls may still
/// go through, so a second sign must agree before anybody says that they do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outage {
    /// The host says that nothing listens on the port: the process is gone.
    Refused,
    /// Nothing at all comes back: the host is dead, or the way to it, or its name is not known.
    Unreachable,
    /// It connects, and then says nothing: the process stands still, the kernel answers for it.
    Hung,
    /// It greets, and answers no request.
    Wedged,
    /// It connects, and is closed before it answered: too many connections, or it dies again and again.
    HungUp,
    /// Somebody has stopped it, as it told us itself.
    Stopping {
        /// It says that it comes back by itself.
        restart: bool,
    },
    /// It does not let us in. That is a fault of our configuration: the ACD is up.
    LoginRefused,
}

impl Outage {
    /// The name in a probe's answer.
    pub fn name(self) -> &'static str {
        match self {
            Outage::Refused => "refused",
            Outage::Unreachable => "unreachable",
            Outage::Hung => "hung",
            Outage::Wedged => "wedged",
            Outage::HungUp => "hung-up",
            Outage::Stopping { restart: false } => "stopping",
            Outage::Stopping { restart: true } => "restarting",
            Outage::LoginRefused => "login-refused",
        }
    }

    /// Of the link to the ACD: a login refused makes us blind, the rest is down.
    pub fn level(self) -> Level {
        match self {
            Outage::LoginRefused => Level::Warning,
            Outage::Refused
            | Outage::Unreachable
            | Outage::Hung
            | Outage::Wedged
            | Outage::HungUp
            | Outage::Stopping { .. } => Level::Critical,
        }
    }

    /// What people call it.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Outage::Refused => (
                "话务平台没在运行：端口没人听",
                "the ACD does not run: nothing listens on its port",
            ),
            Outage::Unreachable => (
                "话务平台那台机器没有回音",
                "nothing comes back from the ACD's host",
            ),
            Outage::Hung => (
                "话务平台卡死了：连得上，不说话",
                "the ACD hangs: it connects and says nothing",
            ),
            Outage::Wedged => (
                "话务平台卡住了：打了招呼，不答话",
                "the ACD is wedged: it greets and answers nothing",
            ),
            Outage::HungUp => (
                "话务平台一连上就断开",
                "the ACD closes the connection before it answers",
            ),
            Outage::Stopping { restart: false } => (
                "话务平台被人停了",
                "the ACD was stopped by somebody, not by a fault",
            ),
            Outage::Stopping { restart: true } => {
                ("话务平台正在重启", "the ACD is being restarted by somebody")
            }
            Outage::LoginRefused => (
                "话务平台不让我们登录，平台本身在运行",
                "the ACD does not let us log in; it runs",
            ),
        };
        Text::new(zh, en)
    }

    /// What to do about it.
    pub fn mend(self) -> Text {
        let (zh, en) = match self {
            Outage::Refused => (
                "在那台机器上看服务有没有起来，再看端口和监听地址",
                "see on its host whether the service runs, then its port and the address it listens on",
            ),
            Outage::Unreachable => (
                "看名字对不对、机器有没有电、网络通不通、防火墙放不放行",
                "check the name, the host's power, the network and any firewall between",
            ),
            Outage::Hung => (
                "进程停住了：在那台机器上看它，必要时重启服务",
                "its process stands still: look at it on its host, restart the service if need be",
            ),
            Outage::Wedged => (
                "进程内部卡住了：在那台机器上看日志，必要时重启服务",
                "it is stuck inside: look at its log on its host, restart the service if need be",
            ),
            Outage::HungUp => (
                "看它的日志：是连接数满了，还是在反复重启",
                "look at its log: too many connections, or it starts again and again",
            ),
            Outage::Stopping { restart: false } => (
                "问是谁停的、什么时候起来",
                "ask who stopped it, and when it comes back",
            ),
            Outage::Stopping { restart: true } => (
                "等几分钟；起不来就看它的日志",
                "give it some minutes; look at its log if it does not come back",
            ),
            Outage::LoginRefused => (
                "核对用户名、口令，以及平台允许我们从哪个地址登录",
                "compare the user, the secret and the address that the ACD lets us in from",
            ),
        };
        Text::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_refused_is_our_fault_and_not_the_acd_down() {
        assert_eq!(Outage::LoginRefused.level(), Level::Warning);
        assert_eq!(Outage::Refused.level(), Level::Critical);
        let planned = Outage::Stopping { restart: false };
        assert_eq!(planned.level(), Level::Critical);
        assert_ne!(planned.words(), Outage::Stopping { restart: true }.words());
    }
}
