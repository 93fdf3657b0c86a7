//! What people type. Each command is a file; [`main`] is the list of them.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::start::{lean, log_to_journal_or_terminal};
use crate::config::{self, Agreed, Pack};
use crate::document::Fault;

pub mod call;
pub mod check;
pub mod daemon;
pub mod demo;
pub mod duty;
pub mod init;
mod language;
mod open_files;
pub mod plan;
pub mod probe;
pub mod readiness;
pub mod seat;
mod sockets;
mod start;
pub mod window;

/// Runs a call centre's contingency plan
#[derive(Debug, Parser)]
#[command(name = "callwatch", version)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask eight questions and write the centre's file
    Init(init::Args),
    /// Say everything that is wrong with the centre's file and its plan
    Check(check::Args),
    /// Ring one number up as the daemon would, and say what became of it
    Call(call::Args),
    /// Ask one device by hand, and show what it says
    Probe(probe::Args),
    /// Say who is on duty, as the files have it
    Duty(duty::Args),
    /// Ask every UPS, and say how long what counts would last without mains
    Readiness(readiness::Args),
    /// Print the contingency plan
    Plan(plan::Args),
    /// Watch the centre until told to stop
    Daemon(daemon::Args),
    /// Show a seat's cards on its own desktop
    Seat(seat::Args),
    /// Set, list or end maintenance windows
    #[command(subcommand)]
    Window(window::Args),
    /// Run the daemon over a simulated centre, and show what happens
    Demo(demo::Args),
    /// Print the key of a seat, and the address of its page
    Key(KeyArgs),
}

#[derive(Debug, clap::Args)]
struct KeyArgs {
    /// The seat, as the centre's file calls it
    seat: String,
    /// The centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    config: PathBuf,
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    start::end(run(Program::parse().command))
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    match command {
        Command::Init(args) => {
            let roles = roles(&Pack::Shipped("call-center"))
                .map_err(|faults| anyhow::anyhow!("the shipped plan is faulty: {faults:?}"))?;
            let given = init::Given::new(roles.roles);
            init::run(&args, given, &mut io::stdin().lock(), &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(args) => {
            let good = check::run(&args, &roles, &mut out)?;
            Ok(if good {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Call(args) => call::run(&args, &roles, &mut out),
        Command::Probe(args) => lean(probe::run(&args, &mut out)),
        Command::Duty(args) => {
            duty::run(&args, &roles, &mut out)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Readiness(args) => {
            let config = daemon::load(&args.config, &roles)?.config;
            let now = crate::clock::Clock::real().now();
            let holds = lean(readiness::run(&args, &config, now, &mut out))?;
            Ok(if holds {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Plan(args) => plan::run(&args, &mut out),
        Command::Daemon(args) => {
            log_to_journal_or_terminal();
            open_files::take_all();
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            runtime.block_on(daemon::run(&args.config, plan::read))
        }
        Command::Seat(args) => seat::run(args),
        Command::Window(args) => lean(window::run(args, &mut out)),
        Command::Demo(args) => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()?;
            runtime.block_on(demo::run(&args, &mut out))
        }
        Command::Key(args) => {
            let loaded = daemon::load(&args.config, &roles)?;
            let config = loaded.config;
            if !config.site.seats.contains_key(&args.seat) {
                let known: Vec<&String> = config.site.seats.keys().collect();
                let mend = crate::document::which(&args.seat, &known);
                anyhow::bail!("seat `{}` is not in the site: {mend}", args.seat);
            }
            let key = daemon::keys(&config)?.of(&args.seat);
            writeln!(out, "{key}")?;
            if out.is_terminal() {
                let (scheme, listen) = (config.web.scheme(), config.web.listen);
                writeln!(out, "{scheme}://{listen}/seat/{}#{key}", args.seat)?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What a plan says of roles, or its faults.
fn roles(pack: &Pack) -> Result<Agreed, Vec<Fault>> {
    Ok(Agreed::from(&plan::read(pack)?))
}
