//! The bare library: one session a UPS, the requests that a poll is made of, no judgement.

use std::time::Duration;

use callwatch::ups::{Extent, SYS_UPTIME, Served, Value, Values, Wanted};
use snmp2::{AsyncSession, Oid};
use tokio::time::{Instant, MissedTickBehavior};

use crate::agents::COMMUNITY;
use crate::{FULL, POLL, Process, again};

pub(crate) const ROLE: &str = "bare";

pub(crate) fn start(ports: &[u16]) -> Process {
    let ports = ports.iter().map(u16::to_string);
    Process(
        again(ROLE)
            .args(ports)
            .spawn()
            .expect("this program can be started again"),
    )
}

/// Polls until it is ended, on as many threads as the daemon has.
pub(crate) fn run(ports: &[String]) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads can be started");
    let count = u32::try_from(ports.len()).expect("it is small");
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        let begin = Instant::now();
        for (place, port) in (0..).zip(ports) {
            let port = port.parse().expect("a port");
            tasks.spawn(poll(port, place, begin + POLL * place / count));
        }
        while tasks.join_next().await.is_some() {}
    });
}

async fn poll(port: u16, place: u32, begin: Instant) {
    let community = COMMUNITY.as_bytes();
    let session = AsyncSession::new_v2c(("127.0.0.1", port), community, 1);
    let mut session = session.await.expect("a socket is free");
    let (light, full) = (Poll::of(Extent::Status), Poll::of(Extent::Full));
    let each = u32::try_from(FULL.as_secs() / POLL.as_secs()).expect("it is small");
    let mut ticks = tokio::time::interval_at(begin, POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for tick in place.. {
        ticks.tick().await;
        let poll = if tick % each == 0 { &full } else { &light };
        let polling = poll.run(&mut session);
        let polled = tokio::time::timeout(Duration::from_millis(1500), polling).await;
        polled.expect("in time").expect("it answers");
    }
}

/// The requests of one poll.
struct Poll {
    gets: Vec<Vec<Oid<'static>>>,
    columns: Vec<&'static [u64]>,
}

impl Poll {
    fn of(extent: Extent) -> Self {
        let wanted = served().wanted(extent);
        let status = served().wanted(Extent::Status);
        let (mut first, mut rest) = (vec![SYS_UPTIME], Vec::new());
        let mut columns = Vec::new();
        for one in wanted {
            match one {
                Wanted::Scalar(oid) if status.contains(&one) => first.push(oid),
                Wanted::Scalar(oid) => rest.push(oid),
                Wanted::Column(oid) => columns.push(oid),
            }
        }
        let encoded = |oids: Vec<&[u64]>| oids.into_iter().map(oid).collect::<Vec<_>>();
        let gets = [first, rest].into_iter().filter(|oids| !oids.is_empty());
        Self {
            gets: gets.map(encoded).collect(),
            columns,
        }
    }

    async fn run(&self, session: &mut AsyncSession) -> Result<(), snmp2::Error> {
        for oids in &self.gets {
            let oids: Vec<&Oid<'_>> = oids.iter().collect();
            let told = session.get_many(&oids).await?.varbinds.count();
            assert_eq!(told, oids.len());
        }
        for column in &self.columns {
            let mut last = oid(column);
            loop {
                let answer = session.getnext(&last).await?;
                let Some((next, value)) = answer.varbinds.clone().next() else {
                    break;
                };
                if !next.starts_with(&oid(column)) || matches!(value, snmp2::Value::EndOfMibView) {
                    break;
                }
                last = next.to_owned();
            }
        }
        Ok(())
    }
}

/// The tables by which the daemon reads what the agents serve.
fn served() -> Served {
    let status = vec![1, 3, 6, 1, 2, 1, 33, 1, 4, 1, 0];
    let values = Values::from([(status, Value::Integer(3))]);
    Served::detect(&values).expect("it is RFC 1628")
}

fn oid(arcs: &[u64]) -> Oid<'static> {
    Oid::from(arcs).expect("it is one")
}
