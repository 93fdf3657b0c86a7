//! `[channel.X]`: a way out of the building.

use jiff::SignedDuration;
use serde::Deserialize;

use crate::config::accepted::Accepted;
use crate::config::hours::Quiet;
use crate::text::{Language, Text};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Channel {
    pub(crate) kind: ChannelKind,
    /// As people call it; else the name of its kind.
    pub(crate) name: Option<Text>,
    pub(crate) url: Option<String>,
    pub(crate) url_file: Option<String>,
    pub(crate) secret: Option<String>,
    pub(crate) secret_file: Option<String>,
    /// Of robots.
    pub(crate) prefix: Option<String>,
    pub(crate) language: Option<Language>,
    /// Only those read there who may know of sensitive matters.
    #[serde(default)]
    pub(crate) private: bool,
    pub(crate) topic: Option<String>,
    pub(crate) topic_file: Option<String>,
    pub(crate) routing_key: Option<String>,
    pub(crate) routing_key_file: Option<String>,
    /// The program and its arguments.
    pub(crate) command: Option<Vec<String>>,
    pub(crate) timeout: Option<SignedDuration>,
    /// Contacts whose numbers the program gets.
    pub(crate) to: Option<Vec<String>>,
    pub(crate) quiet: Option<Quiet>,
    /// Of the PBX's manager interface.
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) user: Option<String>,
    /// What is rung: `PJSIP/{number}@trunk`.
    pub(crate) dial: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) caller_id: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) ring: Option<SignedDuration>,
    pub(crate) key: Option<SignedDuration>,
    #[serde(default)]
    pub(crate) via: Vec<String>,
    pub(crate) accepted: Option<Accepted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ChannelKind {
    Webhook,
    #[serde(rename = "dingtalk")]
    DingTalk,
    #[serde(rename = "wecom")]
    WeCom,
    Feishu,
    Slack,
    Teams,
    #[serde(rename = "pagerduty")]
    PagerDuty,
    Alertmanager,
    Ntfy,
    Exec,
    /// Rings people up.
    Phone,
}

impl ChannelKind {
    /// It takes what begins and ends, and no digest.
    pub(crate) fn is_pager(self) -> bool {
        matches!(self, ChannelKind::PagerDuty | ChannelKind::Alertmanager)
    }

    /// What people call a channel of this kind.
    pub(crate) fn name(self) -> Text {
        match self {
            ChannelKind::Webhook => Text::new("消息", "The webhook"),
            ChannelKind::DingTalk => Text::new("钉钉", "DingTalk"),
            ChannelKind::WeCom => Text::new("企业微信", "WeCom"),
            ChannelKind::Feishu => Text::new("飞书", "Feishu"),
            ChannelKind::Slack => Text::same("Slack"),
            ChannelKind::Teams => Text::same("Teams"),
            ChannelKind::PagerDuty => Text::same("PagerDuty"),
            ChannelKind::Alertmanager => Text::same("Alertmanager"),
            ChannelKind::Ntfy => Text::same("ntfy"),
            ChannelKind::Phone => Text::new("电话", "The telephone"),
            ChannelKind::Exec => Text::new("短信等", "The message program"),
        }
    }
}
