//! `callwatch probe acd ami`, as it is typed.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use callwatch::clock::Clock;
use callwatch::sim::ami::{Ami, SECRET, USER};
use tokio::process::Command;

use crate::centre;

/// A file that ends with the test.
struct File(PathBuf);

impl File {
    fn holding(name: &str, text: &str) -> Self {
        let name = format!("callwatch-acd-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

async fn ask(ami: &Ami, secret: &File, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callwatch"))
        .args(["probe", "acd", "ami", &ami.address().to_string()])
        .args(["--user", USER, "--secret-file"])
        .arg(&secret.0)
        .args(more)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn what_is_asked_for_is_told_in_both_languages_and_as_json() {
    let ami = centre(Clock::real()).await;
    let secret = File::holding("good", &format!("{SECRET}\n"));
    ami.at("support", |queue, now| queue.join("13900000000", now));
    let zh = ask(&ami, &secret, &["--queue", "support"]).await;
    assert!(zh.status.success(), "{zh:?}");
    assert!(
        said(&zh).contains("队列 support\n    排队数: 1\n"),
        "{zh:?}"
    );
    assert!(!said(&zh).contains("sales"));
    let en = ask(&ami, &secret, &["--language", "en"]).await;
    assert!(said(&en).contains("queue sales\n    calls waiting: 0\n"));
    assert!(said(&en).contains("1011 号 | PJSIP/1011 | free\n"));
    let json = ask(&ami, &secret, &["--format", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&said(&json)).unwrap();
    assert_eq!(json["queues"]["support"]["waiting"], 1);
    assert_eq!(json["members"].as_array().unwrap().len(), 11);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_its_mend_and_the_code_is_1() {
    let ami = centre(Clock::real()).await;
    let good = File::holding("secret", SECRET);
    let bad = File::holding("bad", "wrong");
    let en = ["--language", "en"];
    let refused = ask(&ami, &bad, &en).await;
    assert_eq!(refused.status.code(), Some(1));
    let text = said(&refused);
    assert!(text.starts_with(&ami.address().to_string()), "{text}");
    assert!(text.contains("(Authentication failed)"), "{text}");
    assert!(!text.contains("wrong") && !format!("{refused:?}").contains("wrong"));
    let unknown = ask(&ami, &good, &["--queue", "suport", "--language", "en"]).await;
    assert_eq!(unknown.status.code(), Some(1));
    assert!(said(&unknown).contains("does not know this queue"));
    let injected = ask(&ami, &good, &["--queue", "a\r\nAction: QueueReset"]).await;
    assert_eq!(injected.status.code(), Some(1));
    let error = String::from_utf8_lossy(&injected.stderr);
    assert!(error.contains("line break"), "{error}");
    assert_eq!(
        ami.logins(),
        2,
        "the last one was refused before it was sent"
    );
}
