//! Every dump of a real UPS, replayed by snmpsim, is read as a person would read it.
//!
//! `CALLWATCH_DEVICES` names the folder whose `ups/` holds the dumps and their
//! `expected.tsv`; `CALLWATCH_SNMPSIM` the responder, where it is not on the PATH.

use std::collections::HashMap;
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use callwatch::probes::access::Access;
use callwatch::probes::{self, snmp::Settings};
use callwatch::ups::{Reading, Verdict};

type Row = HashMap<String, String>;

/// A table of tab-separated values, by its header.
fn table(path: &Path) -> Vec<Row> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let row = |line: &str| {
        let cells = line.split('\t').chain(std::iter::repeat(""));
        let pairs = header.iter().zip(cells);
        pairs
            .map(|(name, cell)| ((*name).to_owned(), cell.to_owned()))
            .collect()
    };
    lines.map(row).collect()
}

/// snmpsim over a copy of the dumps; ends with the test.
pub(crate) struct Simulator {
    child: Child,
    folder: PathBuf,
    pub(crate) port: u16,
}

impl Simulator {
    /// `name` is of the test: each has a copy of its own.
    pub(crate) fn start(devices: &Path, name: &str) -> Self {
        let folder = format!("callwatch-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let (data, cache) = (folder.join("data"), folder.join("cache"));
        for folder in [&data, &cache] {
            fs::create_dir_all(folder).unwrap();
        }
        for source in [devices.to_owned(), devices.join("scenarios")] {
            for entry in fs::read_dir(source).unwrap() {
                let path = entry.unwrap().path();
                if path
                    .extension()
                    .is_some_and(|extension| extension == "snmprec")
                {
                    let copy = data.join(path.file_name().unwrap());
                    fs::write(copy, fs::read(&path).unwrap()).unwrap();
                }
            }
        }
        let port = UdpSocket::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let program = std::env::var("CALLWATCH_SNMPSIM")
            .unwrap_or_else(|_| "snmpsim-command-responder".to_owned());
        let mut command = Command::new(&program);
        command
            .arg(format!("--agent-udpv4-endpoint=127.0.0.1:{port}"))
            .arg(format!("--data-dir={}", data.display()))
            .arg(format!("--cache-dir={}", cache.display()))
            .arg("--logging-method=null");
        // It refuses to be root unless told to be.
        if rustix::process::geteuid().is_root() {
            command.args(["--process-user=root", "--process-group=root"]);
        }
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}: pip install snmpsim pysmi"));
        Self {
            child,
            folder,
            port,
        }
    }

    async fn read(&self, community: &str) -> Reading {
        let settings = Settings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            access: Access::V2c {
                community: community.to_owned(),
            },
        };
        probes::trace_ups(&settings, Duration::from_secs(5))
            .await
            .reading
    }

    /// It indexes every dump before it answers.
    pub(crate) async fn ready(&mut self, community: &str) {
        let settings = Settings {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            access: Access::V2c {
                community: community.to_owned(),
            },
        };
        let attempts = async {
            loop {
                let trace = probes::trace_ups(&settings, Duration::from_millis(500)).await;
                if trace.blind.is_none() {
                    return;
                }
                if let Some(status) = self.child.try_wait().unwrap() {
                    panic!("snmpsim ended: {status}");
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let patience = Duration::from_secs(60);
        tokio::time::timeout(patience, attempts)
            .await
            .expect("snmpsim answers within a minute");
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// What is judged in a row, and what of it is wrong.
struct Judge<'a> {
    row: &'a Row,
    /// In a scenario, an empty field is not judged; in a dump it says that the device does not tell.
    scenario: bool,
    wrong: Vec<String>,
}

impl Judge<'_> {
    fn expected(&self, field: &str) -> Option<&str> {
        let ambiguous = self.row.get("ambiguous_fields").is_some_and(|fields| {
            fields
                .split([',', ' ', ';'])
                .any(|ambiguous| ambiguous == field)
        });
        let cell = self.row.get(field)?.as_str();
        let skipped = ambiguous || (self.scenario && cell.is_empty());
        (!skipped).then_some(cell)
    }

    fn flag(&mut self, field: &str, told: Option<bool>, unknown: &[Option<bool>]) {
        let Some(expected) = self.expected(field) else {
            return;
        };
        let right = match expected {
            "true" => told == Some(true),
            "false" => told == Some(false),
            _ => unknown.contains(&told),
        };
        if !right {
            self.wrong
                .push(format!("{field}: expected {expected}, read {told:?}"));
        }
    }

    fn number(&mut self, field: &str, told: Option<f64>, absolute: f64, percent: f64) {
        let Some(expected) = self.expected(field) else {
            return;
        };
        let right = match (expected.parse::<f64>(), told) {
            (Ok(expected), Some(told)) => {
                let tolerance = absolute.max(expected.abs() * percent / 100.0);
                (told - expected).abs() <= tolerance
            }
            (Err(_), None) => true,
            _ => false,
        };
        if !right {
            self.wrong
                .push(format!("{field}: expected `{expected}`, read {told:?}"));
        }
    }

    fn cause(&mut self, told: Verdict) {
        let wanted = match self.expected("cause") {
            Some("mains") => Verdict::MainsLost,
            Some("self_test") => Verdict::SelfTest,
            Some("calibration") => Verdict::Calibration,
            _ => return,
        };
        if told != wanted {
            self.wrong
                .push(format!("verdict: expected {wanted:?}, read {told:?}"));
        }
    }

    fn reading(&mut self, reading: &Reading) {
        self.flag("on_battery", reading.on_battery, &[None]);
        self.flag("battery_low", reading.battery_low, &[None, Some(false)]);
        self.number("charge_percent", reading.charge_percent, 1.0, 0.0);
        self.number("runtime_minutes", reading.runtime_minutes, 1.5, 3.0);
        self.number("load_percent", reading.load_percent, 1.0, 2.0);
        self.number("input_voltage", reading.input_voltage, 1.0, 2.0);
        let temperature = reading.battery_temperature_c;
        self.number("battery_temperature_c", temperature, 1.0, 2.0);
        self.cause(reading.verdict);
    }
}

#[tokio::test]
async fn every_dump_of_a_real_ups_is_read_right() {
    if std::env::var("CALLWATCH_REAL").as_deref() != Ok("1") {
        println!("skipped: CALLWATCH_REAL is not 1; it needs snmpsim and CALLWATCH_DEVICES");
        return;
    }
    let devices = std::env::var("CALLWATCH_DEVICES")
        .expect("CALLWATCH_DEVICES names the folder of device dumps");
    let devices = PathBuf::from(devices).join("ups");
    let dumps = table(&devices.join("expected.tsv"));
    let scenarios = table(&devices.join("scenarios/expected.tsv"));
    let rows = dumps.iter().map(|row| (row, false));
    let rows = rows.chain(scenarios.iter().map(|row| (row, true)));
    let mut simulator = Simulator::start(&devices, "ups");
    simulator.ready("apc_smx750").await;
    let (mut judged, mut wrong) = (0, Vec::new());
    for (row, scenario) in rows {
        let name = row["file"].trim_end_matches(".snmprec");
        let reading = simulator.read(name).await;
        let mut judge = Judge {
            row,
            scenario,
            wrong: Vec::new(),
        };
        judge.reading(&reading);
        wrong.extend(
            judge
                .wrong
                .into_iter()
                .map(|fault| format!("{name}: {fault}")),
        );
        judged += 1;
    }
    println!("{judged} devices judged, {} fields wrong", wrong.len());
    assert!(judged > 50, "only {judged} devices were judged");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
