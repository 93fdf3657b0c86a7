//! The simulated UPSs, in a process of their own: RFC 1628, on mains, one socket each.

use std::cell::{Cell, RefCell};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::rc::Rc;

use callwatch::sim::snmp::{self, Objects, Value};
use tokio::io::AsyncBufReadExt as _;
use tokio::net::UdpSocket;
use tokio::task::LocalSet;

use crate::{Process, again};

pub(crate) const ROLE: &str = "agents";
pub(crate) const COMMUNITY: &str = "public";

/// The process of the agents, seen from outside.
pub(crate) struct Agents {
    pub(crate) ports: Vec<u16>,
    talk: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
    _process: Process,
}

impl Agents {
    pub(crate) fn start(count: usize) -> Self {
        let child = again(ROLE)
            .arg(count.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("this program can be started again");
        let stdin = child.stdin.take().expect("it is piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let ports = line(&mut stdout);
        let ports = ports
            .split_whitespace()
            .map(|port| port.parse().expect("a port"))
            .collect();
        Self {
            ports,
            talk: RefCell::new((stdin, stdout)),
            _process: Process(child),
        }
    }

    /// How many requests they have answered.
    pub(crate) fn requests(&self) -> u64 {
        let (stdin, stdout) = &mut *self.talk.borrow_mut();
        stdin.write_all(b"\n").expect("the agents live");
        line(stdout).trim().parse().expect("a number")
    }
}

fn line(stdout: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    stdout.read_line(&mut line).expect("the agents live");
    line
}

/// Answers until nobody asks for the count any more.
pub(crate) fn run() {
    let count = std::env::args().nth(2).and_then(|count| count.parse().ok());
    let count: usize = count.expect("how many");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("it needs no thread");
    let local = LocalSet::new();
    runtime.block_on(local.run_until(async {
        let requests = Rc::new(Cell::new(0_u64));
        let objects = Rc::new(objects());
        let mut ports = Vec::new();
        for _ in 0..count {
            let socket = UdpSocket::bind("127.0.0.1:0")
                .await
                .expect("a port is free");
            ports.push(socket.local_addr().expect("it is bound").port().to_string());
            let (requests, objects) = (Rc::clone(&requests), Rc::clone(&objects));
            tokio::task::spawn_local(async move {
                let objects = || {
                    requests.set(requests.get() + 1);
                    Some(Objects::clone(&objects))
                };
                snmp::serve(socket, COMMUNITY, objects).await;
            });
        }
        crate::print(&ports.join(" "));
        let mut asked = tokio::io::BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(_)) = asked.next_line().await {
            crate::print(&requests.get().to_string());
        }
    }));
}

/// One UPS on mains, one phase, no alarm.
fn objects() -> Objects {
    let int = Value::Integer;
    let mut objects = Objects::new();
    for (rest, value) in [
        (&[1, 2, 0][..], Value::Text("Simulated".to_owned())),
        (&[2, 1, 0], int(2)),
        (&[2, 2, 0], int(0)),
        (&[2, 3, 0], int(42)),
        (&[2, 4, 0], int(100)),
        (&[2, 7, 0], int(25)),
        (&[3, 2, 0], int(1)),
        (&[3, 3, 1, 3, 1], int(230)),
        (&[4, 1, 0], int(3)),
        (&[4, 3, 0], int(1)),
        (&[4, 4, 1, 2, 1], int(230)),
        (&[4, 4, 1, 5, 1], int(24)),
        (&[6, 1, 0], int(0)),
        (&[7, 3, 0], int(6)),
    ] {
        objects.insert([&[1, 3, 6, 1, 2, 1, 33, 1], rest].concat(), value);
    }
    let id = Value::Oid(vec![1, 3, 6, 1, 2, 1, 33]);
    objects.insert(vec![1, 3, 6, 1, 2, 1, 1, 2, 0], id);
    objects.insert(vec![1, 3, 6, 1, 2, 1, 1, 3, 0], Value::Ticks(4200));
    objects
}
