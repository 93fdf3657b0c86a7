//! What mends a fault, in both languages.

use crate::probes::reach::fault::Fault;
use crate::probes::reach::way::Stage;
use crate::text::Text;

impl Fault {
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
            Fault::Silence { stage, .. } => of_silence(*stage),
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
            Fault::Status { status, .. } => of_status(*status),
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

fn of_silence(stage: Stage) -> Text {
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

fn of_status(status: u16) -> Text {
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
