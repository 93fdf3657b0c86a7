//! `callwatch demo`: the main job on a fresh machine, nothing to set up.

use std::io::Write;
use std::process::ExitCode;

use crate::cli::language;
use crate::clock::Clock;
use crate::demo::{self, Scene};
use crate::text::Language;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One scene only: power-loss, own-circuit, self-test, card-dies, silent-floor, restart
    #[arg(long, value_name = "SCENE")]
    scene: Option<Scene>,
    /// How many seconds of the plan pass in a second
    #[arg(long, value_name = "TIMES", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=120))]
    speed: u32,
    /// Once, instead of over and over
    #[arg(long)]
    once: bool,
    /// The language of the time line: zh or en
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language::read)]
    language: Language,
}

/// Plays scenes; the exit code is 0 only if the plan was kept in every one.
pub async fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let scenes = match args.scene {
        Some(scene) => vec![scene],
        None => Scene::ALL.to_vec(),
    };
    loop {
        for scene in &scenes {
            demo::play(*scene, Clock::fast(args.speed), args.language, out).await?;
            writeln!(out, "{}: the plan was kept\n", scene.name())?;
        }
        if args.once {
            return Ok(ExitCode::SUCCESS);
        }
    }
}
