//! Echoes. Where the kernel lets nobody send them, that is told, and what it does with
//! its leave is seen in a network namespace of its own.

use std::process::Command;

use callwatch::probes::reach::Fault;

use crate::asked;

/// Set where there is leave.
const LEAVE: &str = "CALLWATCH_ECHO_LEAVE";
/// To a namespace in which the group of whoever asks may send echoes.
const GIVE_LEAVE: &str = "ip link set lo up && \
     echo '0 0' > /proc/sys/net/ipv4/ping_group_range && exec \"$@\"";

#[tokio::test]
async fn a_host_is_reached_or_the_kernel_forbids_to_ask() {
    let mut kinds = Vec::new();
    for target in ["icmp://127.0.0.1", "icmp://[::1]"] {
        let answer = asked(target).await;
        if answer.reached.is_ok() {
            assert!(answer.way.answered_in.is_some());
        }
        kinds.push(answer.reached.map_err(|fault| fault.kind()));
    }
    let v4_alone = Err("no-way");
    if std::env::var_os(LEAVE).is_some() || kinds[0].is_ok() {
        assert_eq!(kinds[0], Ok(()));
        assert!(kinds[1].is_ok() || kinds[1] == v4_alone, "{kinds:?}");
        return;
    }
    assert_eq!(kinds[0], Err("echo-forbidden"));
    assert!(kinds[1] == kinds[0] || kinds[1] == v4_alone, "{kinds:?}");
    assert!(
        Fault::EchoForbidden
            .mend()
            .en
            .contains("net.ipv4.ping_group_range")
    );
    let child = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--net",
            "sh",
            "-c",
            GIVE_LEAVE,
            "sh",
        ])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "echo::a_host_is_reached_or_the_kernel_forbids_to_ask",
        ])
        .env(LEAVE, "1")
        .output();
    match child {
        Ok(child) if child.status.success() => {
            let said = String::from_utf8_lossy(&child.stdout);
            assert!(said.contains("1 passed"), "{said}");
        }
        child => {
            let said = child.map(|child| {
                let said = [child.stdout, child.stderr].concat();
                String::from_utf8_lossy(&said).into_owned()
            });
            assert!(
                !matches!(&said, Ok(said) if said.contains("panicked")),
                "{said:?}"
            );
            assert!(std::env::var_os("CALLWATCH_REAL").is_none(), "{said:?}");
            println!("skipped: echoes are forbidden here and in a namespace: {said:?}");
        }
    }
}
