//! Real traps and informs: net-snmp's snmptrap and snmpinform call, and the UPS is asked.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use callwatch::clock::Clock;
use callwatch::probes::access::{Access, User};
use callwatch::probes::snmp;
use callwatch::probes::trap::{self, Caller, Nudge};
use tokio::net::UdpSocket;
use tokio::process::Command;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "correct horse";
/// A UPS on battery, as RFC 1628 says it.
const ON_BATTERY: [&str; 3] = ["1.3.6.1.2.1.33.2.1", "1.3.6.1.2.1.33.1.2.3.0", "i"];
const SOON: Duration = Duration::from_secs(20);

/// The ear of one UPS on loopback.
struct Ear {
    port: u16,
    nudge: Nudge,
    _hearing: tokio::task::JoinSet<()>,
}

impl Ear {
    async fn of(access: Access, at: &str) -> Self {
        let socket = UdpSocket::bind((at, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let nudge = Nudge::default();
        let settings = snmp::Settings {
            host: at.to_owned(),
            port: snmp::PORT,
            access,
        };
        let caller = Caller {
            ups: "UPS-A".to_owned(),
            settings,
            nudge: nudge.clone(),
        };
        let cancel = CancellationToken::new();
        let mut hearing = tokio::task::JoinSet::new();
        hearing.spawn(trap::hear(socket, vec![caller], Clock::real(), cancel));
        Self {
            port,
            nudge,
            _hearing: hearing,
        }
    }

    /// Sends with one of net-snmp's programs, and says how it ended.
    async fn send(&self, program: &str, how: &[&str], rest: &[&str]) -> ExitStatus {
        let place = format!("127.0.0.1:{}", self.port);
        self.send_to(program, how, &place, rest).await
    }

    async fn send_to(&self, program: &str, how: &[&str], to: &str, rest: &[&str]) -> ExitStatus {
        Command::new(program)
            .args(how)
            .args(["-t", "1", "-r", "0", to])
            .args(rest)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await
            .unwrap_or_else(|error| panic!("{program}: {error}: apt install snmp"))
    }

    async fn is_nudged(&self) {
        let given = timeout(SOON, self.nudge.given()).await;
        given.expect("the UPS is asked");
    }

    async fn is_not_nudged(&self) {
        let given = timeout(Duration::from_millis(500), self.nudge.given()).await;
        assert!(given.is_err(), "the UPS was asked");
    }
}

fn required() -> bool {
    std::env::var("CALLWATCH_REAL").is_ok_and(|real| real == "1")
}

fn community() -> Access {
    let community = "public".to_owned();
    Access::V2c { community }
}

fn user(auth: &str, privacy: Option<&str>) -> Access {
    let auth = Some((auth.parse().unwrap(), PASSWORD.to_owned()));
    let privacy = privacy.map(|privacy| (privacy.parse().unwrap(), PASSWORD.to_owned()));
    Access::V3(User::new("ups", auth, privacy, "").unwrap())
}

#[tokio::test]
async fn a_trap_of_v1_and_v2c_is_a_reason_to_ask() {
    if !required() {
        println!("skipped: CALLWATCH_REAL is not 1; it needs net-snmp's snmptrap");
        return;
    }
    for at in ["127.0.0.1", "::1"] {
        let ear = Ear::of(community(), at).await;
        let to = match at {
            "::1" => format!("udp6:[::1]:{}", ear.port),
            _ => format!("udp:{at}:{}", ear.port),
        };
        let [name, object, kind] = ON_BATTERY;
        let v2c = ["", name, object, kind, "42"];
        ear.send_to("snmptrap", &["-v2c", "-c", "traps"], &to, &v2c)
            .await;
        ear.is_nudged().await;
        let v1 = ["1.3.6.1.2.1.33.2", "", "6", "1", "", object, kind, "42"];
        ear.send_to("snmptrap", &["-v1", "-c", "traps"], &to, &v1)
            .await;
        ear.is_nudged().await;
    }
}

#[tokio::test]
async fn an_inform_of_v2c_is_answered_and_one_of_v3_is_not() {
    if !required() {
        println!("skipped: CALLWATCH_REAL is not 1; it needs net-snmp's snmptrap");
        return;
    }
    let ear = Ear::of(community(), "127.0.0.1").await;
    let [name, object, kind] = ON_BATTERY;
    let rest = ["", name, object, kind, "42"];
    let ended = ear
        .send("snmpinform", &["-v2c", "-c", "traps"], &rest)
        .await;
    assert!(ended.success(), "the inform was not answered");
    ear.is_nudged().await;

    let ear = Ear::of(user("SHA", None), "127.0.0.1").await;
    let how = [
        "-v3",
        "-u",
        "ups",
        "-l",
        "authNoPriv",
        "-a",
        "SHA",
        "-A",
        PASSWORD,
    ];
    let ended = ear.send("snmpinform", &how, &rest).await;
    assert!(!ended.success(), "an inform of v3 was answered");
    ear.is_not_nudged().await;
}

#[tokio::test]
async fn a_trap_of_v3_counts_where_the_user_signed_it() {
    if !required() {
        println!("skipped: CALLWATCH_REAL is not 1; it needs net-snmp's snmptrap");
        return;
    }
    let [name, object, kind] = ON_BATTERY;
    let rest = ["", name, object, kind, "42"];
    let users = [
        ("MD5", None),
        ("SHA", Some("DES")),
        ("SHA-256", Some("AES")),
        ("SHA", Some("AES-256")),
        ("SHA-512", Some("AES-256")),
    ];
    for (auth, privacy) in users {
        let ear = Ear::of(user(auth, privacy), "127.0.0.1").await;
        let level = if privacy.is_some() {
            "authPriv"
        } else {
            "authNoPriv"
        };
        let sent = async |user: &str, password: &str| {
            let mut how = vec![
                "-v3",
                "-e",
                "0x8000000001020304",
                "-u",
                user,
                "-l",
                level,
                "-a",
                auth,
                "-A",
                password,
            ];
            if let Some(privacy) = privacy {
                how.extend(["-x", privacy, "-X", PASSWORD]);
            }
            let ended = ear.send("snmptrap", &how, &rest).await;
            assert!(ended.success(), "snmptrap cannot send {how:?}");
        };
        // What comes first cannot spoil what comes after it.
        sent("ups", "another horse").await;
        let heard = async {
            loop {
                sent("ups", PASSWORD).await;
                if timeout(Duration::from_millis(200), ear.nudge.given())
                    .await
                    .is_ok()
                {
                    break;
                }
            }
        };
        let heard = timeout(SOON, heard).await;
        heard.unwrap_or_else(|_| panic!("{auth} {privacy:?}: the UPS is not asked"));
        sent("ups", "another horse").await;
        sent("somebody", PASSWORD).await;
        ear.is_not_nudged().await;
    }
}
