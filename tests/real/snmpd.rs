//! A real snmpd, in all three versions: every way to sign and to encrypt, and what
//! is wrong with a user told apart as far as the protocol allows.
//!
//! It answers the objects of a UPS by `pass`, from a small script.
//! `CALLWATCH_SNMPD` names the program, where it is not on the PATH.

use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use callwatch::probes::access::{Access, User};
use callwatch::probes::{self, Blind, Trace, snmp};
use callwatch::ups::{Family, Verdict};

const PASSWORD: &str = "correct horse";
const SIGNING: [&str; 6] = ["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"];
const ENCRYPTING: [&str; 4] = ["DES", "AES", "AES-192", "AES-256"];

/// The UPS-MIB of a UPS on mains, below `1.3.6.1.2.1.33.1`, in the order of a walk.
const OBJECTS: [(&str, &str, &str); 6] = [
    ("2.1.0", "integer", "2"),
    ("2.3.0", "integer", "42"),
    ("2.4.0", "integer", "97"),
    ("3.3.1.3.1", "integer", "231"),
    ("4.1.0", "integer", "3"),
    ("4.4.1.5.1", "integer", "18"),
];

struct Snmpd {
    child: Child,
    folder: PathBuf,
    port: u16,
    /// What it can encrypt with: its build decides.
    users: Vec<(String, Option<String>)>,
}

impl Snmpd {
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("callwatch-snmpd-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        drop(socket);
        let path = folder.join("ups.sh");
        std::fs::write(&path, script()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut users = Vec::new();
        for signing in SIGNING {
            users.push((signing.to_owned(), None));
            for encrypting in ENCRYPTING {
                users.push((signing.to_owned(), Some(encrypting.to_owned())));
            }
        }
        let mut config = vec![
            format!("agentaddress udp:127.0.0.1:{port},udp6:[::1]:{port}"),
            "rocommunity open".to_owned(),
            "rocommunity6 open".to_owned(),
            format!("pass .1.3.6.1.2.1.33.1 {}", path.display()),
        ];
        for (signing, encrypting) in &users {
            let name = name(signing, encrypting.as_deref());
            let (privacy, level) = match encrypting {
                Some(encrypting) => (format!(" {encrypting} \"{PASSWORD}\""), "priv"),
                None => (String::new(), "auth"),
            };
            config.push(format!(
                "createUser {name} {signing} \"{PASSWORD}\"{privacy}"
            ));
            config.push(format!("rouser {name} {level}"));
        }
        std::fs::write(folder.join("snmpd.conf"), config.join("\n") + "\n").unwrap();
        let program = std::env::var("CALLWATCH_SNMPD").unwrap_or_else(|_| "snmpd".to_owned());
        let child = Command::new(&program)
            .args(["-f", "-Lf"])
            .arg(folder.join("log"))
            .args(["-C", "-c"])
            .arg(folder.join("snmpd.conf"))
            .arg("-p")
            .arg(folder.join("pid"))
            .env("SNMP_PERSISTENT_DIR", folder.join("state"))
            .env("PATH", "/usr/sbin:/usr/bin:/bin")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}: apt install snmpd"));
        Self {
            child,
            folder,
            port,
            users,
        }
    }

    async fn ask(&self, access: Access) -> Trace {
        self.ask_at("127.0.0.1", access).await
    }

    async fn ask_at(&self, host: &str, access: Access) -> Trace {
        let settings = snmp::Settings {
            host: host.to_owned(),
            port: self.port,
            access,
        };
        probes::trace_ups(&settings, Duration::from_secs(2)).await
    }
}

impl Drop for Snmpd {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// What snmpd runs for each question below the UPS-MIB.
fn script() -> String {
    let answer = |asked: &str, (oid, kind, value): (&str, &str, &str)| {
        format!("\"{asked}\") printf '%s\\n' $root.{oid} {kind} {value} ;;")
    };
    let mut lines = vec![
        "#!/bin/sh".to_owned(),
        "root=.1.3.6.1.2.1.33.1".to_owned(),
        "case \"$1 $2\" in".to_owned(),
    ];
    lines.extend(OBJECTS.map(|object| answer(&format!("-g $root.{}", object.0), object)));
    // The column of alarms is empty: the walk of it finds nothing.
    lines.push(answer("-n $root.3.3.1.3", OBJECTS[3]));
    lines.push(answer("-n $root.4.4.1.5", OBJECTS[5]));
    lines.push("esac".to_owned());
    lines.join("\n") + "\n"
}

fn name(signing: &str, encrypting: Option<&str>) -> String {
    format!("{signing}{}", encrypting.unwrap_or_default()).replace('-', "")
}

fn user(name: &str, signing: &str, password: &str, privacy: Option<(&str, &str)>) -> Access {
    let auth = Some((signing.parse().unwrap(), password.to_owned()));
    let privacy =
        privacy.map(|(protocol, password)| (protocol.parse().unwrap(), password.to_owned()));
    Access::V3(User::new(name, auth, privacy, "").unwrap())
}

fn is_right(trace: &Trace) -> Result<(), String> {
    let reading = &trace.reading;
    if let Some(blind) = &trace.blind {
        return Err(format!("{blind}: {:?}", std::error::Error::source(blind)));
    }
    let told = (
        reading.family,
        reading.verdict,
        reading.runtime_minutes,
        reading.load_percent,
    );
    let right = (
        Some(Family::Rfc1628),
        Verdict::OnMains,
        Some(42.0),
        Some(18.0),
    );
    if told == right {
        Ok(())
    } else {
        Err(format!("{told:?}"))
    }
}

#[tokio::test]
async fn a_real_snmpd_is_read_in_every_version_and_refusals_are_told_apart() {
    if std::env::var("CALLWATCH_REAL").as_deref() != Ok("1") {
        println!("skipped: CALLWATCH_REAL is not 1; it needs snmpd");
        return;
    }
    let snmpd = Snmpd::start();
    let open = || "open".to_owned();
    let coming_up = async {
        while snmpd
            .ask(Access::V2c { community: open() })
            .await
            .blind
            .is_some()
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let up = tokio::time::timeout(Duration::from_secs(60), coming_up).await;
    up.expect("snmpd answers within a minute");

    for access in [
        Access::V1 { community: open() },
        Access::V2c { community: open() },
    ] {
        let version = format!("{access:?}");
        is_right(&snmpd.ask(access).await).unwrap_or_else(|why| panic!("{version}: {why}"));
    }
    for access in [
        Access::V1 { community: open() },
        Access::V2c { community: open() },
        user("SHA256AES", "SHA-256", PASSWORD, Some(("AES", PASSWORD))),
    ] {
        let trace = snmpd.ask_at("::1", access).await;
        is_right(&trace).unwrap_or_else(|why| panic!("by IPv6: {why}"));
    }
    let mut wrong = Vec::new();
    for (signing, encrypting) in &snmpd.users {
        let encrypting = encrypting.as_deref();
        let name = name(signing, encrypting);
        let privacy = encrypting.map(|encrypting| (encrypting, PASSWORD));
        let trace = snmpd.ask(user(&name, signing, PASSWORD, privacy)).await;
        wrong.extend(is_right(&trace).err().map(|why| format!("{name}: {why}")));
    }
    println!("{} users read, {} wrong", snmpd.users.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    for (access, what) in [
        (user("nobody", "SHA", PASSWORD, None), "an unknown user"),
        (
            user("SHA", "SHA", "wrong password", None),
            "a wrong password",
        ),
        (user("SHA", "MD5", PASSWORD, None), "a wrong protocol"),
    ] {
        let blind = snmpd.ask(access).await.blind;
        assert!(
            matches!(blind, Some(Blind::Silent(snmp::Error::UserRefused(_)))),
            "{what}: {blind:?}"
        );
    }
    for (protocol, password, what) in [
        ("AES", "wrong password", "a wrong password of privacy"),
        ("DES", PASSWORD, "a wrong protocol of privacy"),
    ] {
        let access = user("SHAAES", "SHA", PASSWORD, Some((protocol, password)));
        let blind = snmpd.ask(access).await.blind;
        assert!(
            matches!(blind, Some(Blind::Silent(snmp::Error::NotDecrypted))),
            "{what}: {blind:?}"
        );
    }
    let wrong = snmpd
        .ask(Access::V2c {
            community: "shut".to_owned(),
        })
        .await;
    assert!(matches!(
        wrong.blind,
        Some(Blind::Silent(snmp::Error::Silence(_)))
    ));
}
