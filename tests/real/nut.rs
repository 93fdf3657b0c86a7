//! A real upsd with its dummy driver: what it says, and what is made of it.
//!
//! `CALLWATCH_UPSD` and `CALLWATCH_DUMMY_UPS` name the programs, where they are
//! not where Debian puts them (`/usr/sbin/upsd` is a script that wants a MODE).

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use callwatch::probes::nut::{Client, Error, Settings};
use callwatch::ups::{Reading, Verdict};

/// Longer than anything here takes, however busy the machine.
const SOON: Duration = Duration::from_secs(60);

/// upsd and one driver a UPS; all of it ends with the test.
struct Nut {
    folder: PathBuf,
    children: Vec<Child>,
    port: u16,
}

impl Nut {
    fn start(ups: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("callwatch-nut-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut nut = Self {
            folder,
            children: Vec::new(),
            port,
        };
        let section = |(name, _): &(&str, &str)| {
            let device = nut.device(name);
            format!(
                "[{name}]\ndriver = dummy-ups\nport = {}\nmode = dummy-once\n",
                device.display()
            )
        };
        nut.write("ups.conf", &ups.iter().map(section).collect::<String>());
        for (name, variables) in ups {
            nut.say(name, variables);
        }
        nut.write("upsd.conf", &format!("LISTEN 127.0.0.1 {port}\nMAXAGE 5\n"));
        nut.write("upsd.users", "");
        let driver = std::env::var("CALLWATCH_DUMMY_UPS");
        let driver = driver.unwrap_or_else(|_| "/lib/nut/dummy-ups".to_owned());
        for (name, _) in ups {
            nut.run(&driver, &["-a", name]);
        }
        let upsd = std::env::var("CALLWATCH_UPSD");
        let upsd = upsd.unwrap_or_else(|_| "/lib/nut/upsd".to_owned());
        nut.run(&upsd, &[]);
        nut
    }

    fn device(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.dev"))
    }

    /// What the driver reads, as a UPS would answer it.
    fn say(&self, name: &str, variables: &str) {
        // Put in its place whole: the driver may read at any time.
        let path = self.device(name);
        let draft = path.with_extension("draft");
        std::fs::write(&draft, variables).unwrap();
        std::fs::rename(draft, path).unwrap();
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        let private = std::fs::Permissions::from_mode(0o640);
        std::fs::set_permissions(&path, private).unwrap();
    }

    fn run(&mut self, program: &str, args: &[&str]) {
        let mut command = Command::new(program);
        // Root steps down to another user unless told not to.
        if rustix::process::geteuid().is_root() {
            command.args(["-u", "root"]);
        }
        let child = command
            .args(args)
            .arg("-F")
            .env("NUT_CONFPATH", &self.folder)
            .env("NUT_STATEPATH", &self.folder)
            .env("NUT_ALTPIDPATH", &self.folder)
            .env("NUT_QUIET_INIT_UPSNOTIFY", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child =
            child.unwrap_or_else(|error| panic!("{program}: {error}: apt install nut-server"));
        self.children.push(child);
    }

    fn client(&self, name: &str) -> Client {
        let settings: Settings = format!("{name}@127.0.0.1:{}", self.port).parse().unwrap();
        Client::new(settings, Duration::from_secs(5))
    }
}

impl Drop for Nut {
    fn drop(&mut self) {
        for child in &mut self.children {
            drop(child.kill());
            drop(child.wait());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Asks until the answer is as wanted.
async fn until(client: &mut Client, wanted: impl Fn(&Result<Reading, Error>) -> bool) -> Reading {
    let asking = async {
        loop {
            let polled = client.poll().await;
            if wanted(&polled) {
                return polled.unwrap_or_else(|_| Reading::unreachable());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let asked = tokio::time::timeout(SOON, asking).await;
    asked.expect("upsd says so within a minute")
}

fn verdict_is(wanted: Verdict) -> impl Fn(&Result<Reading, Error>) -> bool {
    move |polled| {
        polled
            .as_ref()
            .is_ok_and(|reading| reading.verdict == wanted)
    }
}

const CALM: &str = "ups.status: OL\nbattery.charge: 100\nbattery.runtime: 2400\nups.load: 31\ninput.voltage: 229.8\n";
const CUT: &str = "ups.status: OB DISCHRG LB\nbattery.charge: 22\nbattery.runtime: 0\nups.load: 31\ninput.voltage: 0.0\n";

#[tokio::test]
async fn a_real_upsd_is_read_through_a_cut_a_dead_driver_and_its_own_end() {
    if std::env::var("CALLWATCH_REAL").as_deref() != Ok("1") {
        println!("skipped: CALLWATCH_REAL is not 1; it needs upsd and dummy-ups");
        return;
    }
    let mut nut = Nut::start(&[("desk", CALM), ("hall", CALM)]);
    let mut desk = nut.client("desk");
    let calm = until(&mut desk, verdict_is(Verdict::OnMains)).await;
    assert_eq!(calm.on_battery, Some(false));
    assert_eq!(calm.charge_percent, Some(100.0));
    assert_eq!(calm.runtime_minutes, Some(40.0));
    assert_eq!(
        (calm.load_percent, calm.input_voltage),
        (Some(31.0), Some(229.8))
    );

    let unknown = nut.client("cellar").poll().await;
    assert!(matches!(unknown, Err(Error::UnknownUps(_))), "{unknown:?}");

    nut.say("desk", CUT);
    let cut = until(&mut desk, verdict_is(Verdict::MainsLost)).await;
    assert_eq!((cut.on_battery, cut.battery_low), (Some(true), Some(true)));
    assert_eq!(cut.runtime_minutes, None, "0 is no runtime");

    // The driver of `hall` dies: that says nothing of its mains.
    let mut hall = nut.client("hall");
    until(&mut hall, verdict_is(Verdict::OnMains)).await;
    let driver = &mut nut.children[1];
    driver.kill().unwrap();
    driver.wait().unwrap();
    let lost = until(&mut hall, |polled| {
        matches!(polled, Err(Error::Stale | Error::NoDriver))
    });
    assert_eq!(lost.await.verdict, Verdict::Unreachable);

    let upsd = nut.children.last_mut().unwrap();
    upsd.kill().unwrap();
    upsd.wait().unwrap();
    let gone = until(&mut desk, |polled| matches!(polled, Err(Error::NoWay(_))));
    assert_eq!(gone.await.verdict, Verdict::Unreachable);
}
