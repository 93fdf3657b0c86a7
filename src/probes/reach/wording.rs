//! What a fault is called, in both languages.

use std::net::SocketAddr;
use std::time::Duration;

use crate::probes::reach::fault::Fault;
use crate::probes::reach::way::Stage;
use crate::text::Text;

impl Fault {
    /// Why the target was not reached.
    #[expect(clippy::too_many_lines, reason = "one arm a fault")]
    pub fn why(&self) -> Text {
        match self {
            Fault::Own(why) => Text::new(
                format!("本机无法发起探测：{why}"),
                format!("this host itself could not ask: {why}"),
            ),
            Fault::Crowded => Text::new(
                "太多域名解析卡住，轮不到它",
                "too many look-ups of names hang already, this one had no turn",
            ),
            Fault::NoSuchHost { host } => Text::new(
                format!("找不到主机名 {host}"),
                format!("the name `{host}` does not resolve"),
            ),
            Fault::NoNameServer { host } => Text::new(
                format!("域名服务器没有回应，无法解析 {host}"),
                format!("no name server answers for `{host}`"),
            ),
            Fault::Refused { peer } => Text::new(
                format!("{peer} 拒绝连接"),
                format!("{peer} refuses the connection"),
            ),
            Fault::NoWay { peer, why } => {
                let peer = spoken(*peer);
                Text::new(
                    format!("没有通往 {peer} 的路：{why}"),
                    format!("there is no way to {peer}: {why}"),
                )
            }
            Fault::Silence { stage, peer, after } => silence(*stage, *peer, *after),
            Fault::TooSlow { bytes, after } => {
                let after = seconds(*after);
                Text::new(
                    format!("回答太慢：{after} 秒只收到 {bytes} 字节，还没有结束"),
                    format!("the answer is too slow: {bytes} bytes in {after} s, and no end"),
                )
            }
            Fault::Cut { stage, peer } => cut(*stage, *peer),
            Fault::EchoForbidden => Text::new(
                "本机内核不允许发送 ping",
                "the kernel of this host forbids echoes",
            ),
            Fault::NoTls { peer } => {
                let peer = who(*peer);
                Text::new(
                    format!("{} 说的不是 TLS", peer.zh),
                    format!("{} does not speak TLS", peer.en),
                )
            }
            Fault::TlsRefused { why } => {
                Text::new(format!("TLS 握手失败：{why}"), format!("no TLS: {why}"))
            }
            Fault::Expired { not_after } => Text::new(
                format!("证书已过期：{not_after}"),
                format!("the certificate has expired: {not_after}"),
            ),
            Fault::NotYetValid { not_before } => Text::new(
                format!("证书尚未生效：{not_before} 起有效"),
                format!("the certificate is not valid before {not_before}"),
            ),
            Fault::WrongName { host, named } => {
                let named = named.join(", ");
                Text::new(
                    format!("证书不是 {host} 的：{named}"),
                    format!("the certificate is not for `{host}`: {named}"),
                )
            }
            Fault::UnknownIssuer => Text::new(
                "证书的颁发者不受信任",
                "the certificate is of an unknown issuer",
            ),
            Fault::OwnAuthority => Text::new(
                "对方出示的是 CA 证书（多为自签名），不是服务器证书",
                "it shows the certificate of an authority, mostly a self-signed one, not of a server",
            ),
            Fault::BadCertificate { why } => Text::new(
                format!("证书有问题：{why}"),
                format!("the certificate is bad: {why}"),
            ),
            Fault::NoHttp => Text::new("回答不是 HTTP", "the answer is not HTTP"),
            Fault::Status {
                status,
                wanted,
                location,
            } => {
                let to = location.as_ref().map(|to| format!(" → {to}"));
                let to = to.unwrap_or_default();
                Text::new(
                    format!("状态码是 {status}{to}，应为 {wanted}"),
                    format!("status {status}{to}, not {wanted}"),
                )
            }
            Fault::TooManyRedirects { most } => Text::new(
                format!("跟随 {most} 次跳转后仍在跳转"),
                format!("it redirects more than {most} times"),
            ),
            Fault::BadRedirect { location } => Text::new(
                format!("跳转到无法访问的地址 `{location}`"),
                format!("it redirects to `{location}`, which is no address"),
            ),
            Fault::Lacks { text } => Text::new(
                format!("页面里没有「{text}」"),
                format!("the body lacks `{text}`"),
            ),
            Fault::NoJson => Text::new("回答不是 JSON", "the body is not JSON"),
            Fault::NoValue { pointer } => Text::new(
                format!("JSON 里没有 {pointer}"),
                format!("there is no {pointer} in the JSON"),
            ),
            Fault::OtherValue {
                pointer,
                wanted,
                got,
            } => Text::new(
                format!("{pointer} 是 {got}，应为 {wanted}"),
                format!("{pointer} is {got}, not {wanted}"),
            ),
            Fault::TooLong { most } => {
                let most = most / 1024;
                Text::new(
                    format!("页面超过 {most} KiB，无法判断"),
                    format!("the body is longer than {most} KiB and cannot be judged"),
                )
            }
            Fault::NoSuchName { name } => Text::new(
                format!("域名服务器说没有 {name}（NXDOMAIN）"),
                format!("the name server says that there is no `{name}` (NXDOMAIN)"),
            ),
            Fault::NoRecord { name, record } => Text::new(
                format!("域名服务器没有 {name} 的 {record} 记录"),
                format!("the name server has no {record} record of `{name}`"),
            ),
            Fault::NameServerRefuses { code } => {
                let code = code_name(*code);
                Text::new(
                    format!("域名服务器不肯回答：{code}"),
                    format!("the name server does not answer the question: {code}"),
                )
            }
            Fault::NoDns => Text::new("回答不是 DNS", "the answer is not DNS"),
        }
    }
}

/// An address that stands for itself where there is no port.
fn spoken(peer: SocketAddr) -> String {
    match peer.port() {
        0 => peer.ip().to_string(),
        _ => peer.to_string(),
    }
}

fn who(peer: Option<SocketAddr>) -> Text {
    peer.map_or_else(|| Text::new("对方", "it"), |peer| Text::same(spoken(peer)))
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    format!("{}", (seconds * 10.0).round() / 10.0)
}

fn silence(stage: Stage, peer: Option<SocketAddr>, after: Duration) -> Text {
    let (Text { zh, en }, after) = (who(peer), seconds(after));
    match stage {
        Stage::Tls => Text::new(
            format!("{zh} 接受了连接，但 {after} 秒内没有完成 TLS 握手"),
            format!("{en} takes the connection, but no TLS handshake ends within {after} s"),
        ),
        Stage::Head => Text::new(
            format!("{zh} 接受了连接，但 {after} 秒内没有回答"),
            format!("{en} takes the connection, but does not answer within {after} s"),
        ),
        Stage::Echo => Text::new(
            format!("{after} 秒内 {zh} 没有回应 ping"),
            format!("no echo of {en} within {after} s"),
        ),
        Stage::Reply => Text::new(
            format!("{after} 秒内域名服务器 {zh} 没有回应"),
            format!("the name server {en} says nothing within {after} s"),
        ),
        Stage::Connection | Stage::Turn | Stage::Name | Stage::Body => Text::new(
            format!("{after} 秒内连不上 {zh}，没有任何回应"),
            format!("{en} says nothing to a connection within {after} s"),
        ),
    }
}

fn cut(stage: Stage, peer: Option<SocketAddr>) -> Text {
    let Text { zh, en } = who(peer);
    match stage {
        Stage::Tls => Text::new(
            format!("{zh} 在 TLS 握手中断开了连接"),
            format!("{en} closes the connection within the TLS handshake"),
        ),
        Stage::Body => Text::new(
            format!("{zh} 的回答没有发完就断开了"),
            format!("{en} closes the connection within its answer"),
        ),
        _ => Text::new(
            format!("{zh} 没有回答就断开了连接"),
            format!("{en} closes the connection without an answer"),
        ),
    }
}

/// The names of RCODEs that are met (RFC 1035, 4.1.1).
fn code_name(code: u8) -> String {
    match code {
        1 => "FORMERR".to_owned(),
        2 => "SERVFAIL".to_owned(),
        4 => "NOTIMP".to_owned(),
        5 => "REFUSED".to_owned(),
        code => format!("RCODE {code}"),
    }
}
