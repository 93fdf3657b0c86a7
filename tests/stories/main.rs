//! The scenes of the demo, whole: the real daemon over the simulated centre, on
//! a clock that is stepped to the next moment once nothing is under way any
//! more. What happens, and when, stands in a golden time line beside this file;
//! `CALLWATCH_BLESS=1` writes it anew.

mod acds;
#[path = "../../src/probes/reach/authority.rs"]
mod authority;
mod backups;
mod centre;
mod discharge;
mod memory;
mod nights;
mod phone;
mod seats;
mod sensors;
mod service;
mod services;
mod tls;

use std::path::PathBuf;

use callwatch::clock::Clock;
use callwatch::demo::{self, Scene};
use callwatch::text::Language;
use jiff::Timestamp;

/// 14:31 at the reference centre, on a working day.
const START: Timestamp = Timestamp::constant(1_772_433_060, 0);

/// A task that was woken has had its turn after so many turns of the driver:
/// the longest chain of wakes without anything that counts as under way is a few.
const TURNS: usize = 64;

/// Steps the clock whenever nothing is under way.
async fn step(clock: &Clock) {
    loop {
        clock.work().idle().await;
        let mut idle = true;
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
            idle &= clock.work().is_idle();
        }
        if idle && clock.step().is_none() {
            // Somebody is between two waits in real time.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}

/// The time line of a scene, without the addresses above it: they differ.
async fn told(scene: Scene, language: Language) -> String {
    let clock = Clock::stepped(START);
    let mut out = Vec::new();
    tokio::select! {
        played = demo::play(scene, clock.clone(), language, &mut out) => {
            if let Err(error) = played {
                panic!("{error:#}\n{}", String::from_utf8_lossy(&out));
            }
        }
        () = step(&clock) => unreachable!("it never ends"),
    }
    let text = String::from_utf8(out).expect("texts are UTF-8");
    let (_, rest) = text
        .split_once("\n\n")
        .expect("a blank line follows the addresses");
    rest.to_owned()
}

async fn keeps_its_time_line(scene: Scene, language: Language) {
    let name = format!("{}.{}.txt", scene.name(), language.tag());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/stories")
        .join(&name);
    let told = told(scene, language).await;
    if std::env::var_os("CALLWATCH_BLESS").is_some() {
        std::fs::write(&path, &told).expect("the sources can be written to");
        return;
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    if told != golden {
        let differs = told
            .lines()
            .zip(golden.lines())
            .position(|(told, golden)| told != golden)
            .unwrap_or_else(|| told.lines().count().min(golden.lines().count()));
        panic!(
            "{name}, line {}:\n  golden: {}\n  told:   {}\n\nthe whole of it:\n{told}",
            differs + 1,
            golden.lines().nth(differs).unwrap_or("(its end)"),
            told.lines().nth(differs).unwrap_or("(its end)"),
        );
    }
}

macro_rules! scenes {
    ($($test:ident: $scene:ident in $language:ident,)*) => {$(
        #[tokio::test]
        async fn $test() {
            keeps_its_time_line(Scene::$scene, Language::$language).await;
        }
    )*};
}

scenes! {
    a_power_loss_with_a_generator: PowerLoss in En,
    a_power_loss_with_a_generator_in_chinese: PowerLoss in Zh,
    the_centres_own_circuit: OwnCircuit in En,
    a_self_test: SelfTest in En,
    a_card_that_dies: CardDies in En,
    a_floor_that_falls_silent_at_once: SilentFloor in En,
    a_floor_that_falls_silent_at_once_in_chinese: SilentFloor in Zh,
    a_daemon_that_is_killed_three_times: Restart in En,
}
