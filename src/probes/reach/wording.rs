//! What a fault is called, and what mends it, in both languages.

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

    /// What to look at first.
    #[expect(clippy::too_many_lines, reason = "one arm a fault")]
    pub fn mend(&self) -> Text {
        match self {
            Fault::Own(_) => Text::new(
                "看本机的日志、打开文件数上限和防火墙的出站规则",
                "look at this host: its log, its limit of open files, its firewall's rules for what goes out",
            ),
            Fault::Crowded | Fault::NoNameServer { .. } => Text::new(
                "看本机 /etc/resolv.conf 里的域名服务器是否活着；也可以把目标写成 IP 地址",
                "see whether the name servers in /etc/resolv.conf of this host live, or write the target with its address",
            ),
            Fault::NoSuchHost { .. } => Text::new(
                "核对主机名的写法，以及域名服务器里有没有它",
                "check how the name is written, and that the name server has it",
            ),
            Fault::Refused { .. } => Text::new(
                "主机活着，但该端口没有服务：看服务是否在运行、端口是否写对",
                "the host lives, but nothing listens there: see that the service runs, and the port",
            ),
            Fault::NoWay { .. } => Text::new(
                "看网线、交换机、网关和路由；对方可能已关机",
                "look at cable, switch, gateway and routes; the host may be off",
            ),
            Fault::Silence { stage, .. } => silence_mend(*stage),
            Fault::TooSlow { .. } => Text::new(
                "服务过载，或网络丢包：在服务器上看负载",
                "the service is overloaded or the network loses packets: look at the server's load",
            ),
            Fault::Cut {
                stage: Stage::Head, ..
            } => Text::new(
                "加密的服务用 https://；否则看该服务的日志：它崩溃、重启，或不接受本机",
                "for a service with TLS write https://; else look at its log: it crashes, restarts, or does not take this host",
            ),
            Fault::Cut { .. } => Text::new(
                "看该服务的日志：它崩溃、重启，或不接受本机",
                "look at the log of the service: it crashes, restarts, or does not take this host",
            ),
            Fault::EchoForbidden => Text::new(
                "把 `net.ipv4.ping_group_range = 0 2147483647` 写进 /etc/sysctl.d/60-callwatch.conf，再执行 `systemctl restart systemd-sysctl`（IPv6 也由它管）；在容器里则写进容器的 sysctls",
                "put `net.ipv4.ping_group_range = 0 2147483647` into /etc/sysctl.d/60-callwatch.conf and run `systemctl restart systemd-sysctl` (it rules IPv6 too); in a container set it among the container's sysctls",
            ),
            Fault::NoTls { .. } => Text::new(
                "核对端口；该服务若是明文，用 http:// 或 tcp://",
                "check the port; for a service in the clear write http:// or tcp://",
            ),
            Fault::TlsRefused { .. } => Text::new(
                "看服务器支持的 TLS 版本（需要 1.2 或 1.3），以及它是否要求客户端证书",
                "see which TLS the server speaks (1.2 or 1.3 is needed), and whether it wants a certificate of its clients",
            ),
            Fault::Expired { .. } => Text::new(
                "在服务器上续期证书并重载服务；已续期的话，看中间证书和本机时间",
                "renew the certificate on the server and reload the service; if that was done, look at the certificates between and at this host's clock",
            ),
            Fault::NotYetValid { .. } => Text::new(
                "核对本机时间和服务器签发证书时的时间",
                "check the clock of this host, and of the one that made the certificate",
            ),
            Fault::WrongName { .. } => Text::new(
                "目标里写证书上的名字，或换一张含有此名字的证书",
                "write the target with a name that the certificate holds, or renew the certificate with this one",
            ),
            Fault::UnknownIssuer => Text::new(
                "把单位自己的 CA 证书装进本机（update-ca-certificates 或 update-ca-trust）后重启；公网证书则让服务器一并发送中间证书",
                "install the centre's own authority on this host (update-ca-certificates or update-ca-trust) and restart; with a public one let the server send the certificates between",
            ),
            Fault::OwnAuthority => Text::new(
                "给服务器签发一张非 CA 的证书（basicConstraints CA:FALSE），并把签发者装进本机",
                "give the server a certificate that is no authority's (basicConstraints CA:FALSE), and install its issuer on this host",
            ),
            Fault::BadCertificate { .. } => Text::new(
                "用 `openssl s_client -connect 主机:端口 -showcerts` 查看证书",
                "look at it by `openssl s_client -connect HOST:PORT -showcerts`",
            ),
            Fault::NoHttp => Text::new(
                "核对端口；加密的服务用 https://",
                "check the port; for a service with TLS write https://",
            ),
            Fault::Status { status, .. } => status_mend(*status),
            Fault::TooManyRedirects { .. } | Fault::BadRedirect { .. } => Text::new(
                "直接写最终地址，或用 status= 接受跳转",
                "write the address that it leads to, or take the redirect as good by status=",
            ),
            Fault::Lacks { .. } | Fault::NoValue { .. } | Fault::NoJson => Text::new(
                "在浏览器里打开看看；页面改版了就改条件",
                "open it in a browser; where the page has changed, change the condition",
            ),
            Fault::OtherValue { .. } => Text::new(
                "服务自己说它不正常：看它的日志",
                "the service itself says that it is not well: look at its log",
            ),
            Fault::TooLong { .. } => Text::new(
                "换一个短的地址，例如健康检查页",
                "ask for a shorter page, such as one made for checks",
            ),
            Fault::NoSuchName { .. } | Fault::NoRecord { .. } => Text::new(
                "核对名字；确认该域名服务器上的区文件没有丢失",
                "check the name, and that the server still has its zone",
            ),
            Fault::NameServerRefuses { .. } => Text::new(
                "REFUSED：让它为本机递归；SERVFAIL：看它的上游",
                "REFUSED: let it recurse for this host; SERVFAIL: look at the servers above it",
            ),
            Fault::NoDns => Text::new(
                "核对地址和端口：那里的不是域名服务器",
                "check address and port: it is no name server",
            ),
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

fn silence_mend(stage: Stage) -> Text {
    match stage {
        Stage::Tls => Text::new(
            "核对端口是否真的用 TLS；服务可能卡死，在服务器上看它",
            "see whether this port speaks TLS at all; the service may hang: look at it on its server",
        ),
        Stage::Head => Text::new(
            "服务卡死或过载：在服务器上看它的日志和负载",
            "the service hangs or is overloaded: look at its log and load on its server",
        ),
        Stage::Echo => Text::new(
            "主机可能关机、断网，或防火墙不放行 ping",
            "the host may be off or cut off, or a firewall drops echoes",
        ),
        Stage::Reply => Text::new(
            "看域名服务器是否活着，UDP 53 是否被防火墙拦住",
            "see that the name server lives, and that no firewall drops UDP to it",
        ),
        Stage::Connection | Stage::Turn | Stage::Name | Stage::Body => Text::new(
            "主机可能关机、断网，或防火墙丢弃了连接",
            "the host may be off or cut off, or a firewall drops the connection",
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

fn status_mend(status: u16) -> Text {
    match status {
        300..=399 => Text::new(
            "写最终地址，或加 #follow=1 跟随跳转，或用 #status= 接受它",
            "write the address that it leads to, follow it by #follow=1, or take it as good by #status=",
        ),
        401 | 403 | 407 => Text::new(
            "在地址里写用户名和密码，或探测一个不需要登录的页面",
            "write user and password into the address, or ask for a page that needs no login",
        ),
        404 | 410 => Text::new(
            "核对路径；页面搬走了就改目标",
            "check the path; where the page has moved, change the target",
        ),
        500..=599 => Text::new(
            "服务自身出错：看它和它后面的数据库的日志",
            "the service itself fails: look at its log, and at the database behind it",
        ),
        _ => Text::new(
            "核对条件 #status=，并看服务的日志",
            "check the condition #status=, and the log of the service",
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
