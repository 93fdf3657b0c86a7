//! What people type. Each command is a file; [`main`] is the list of them.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Pack;
use crate::document::Fault;

pub mod check;
pub mod init;
pub mod plan;
pub mod probe;

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
    /// Print the contingency plan
    Plan(plan::Args),
}

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let program = Program::parse();
    match run(program.command) {
        Ok(code) => code,
        Err(error) => {
            // Where even standard error is gone there is nobody left to tell.
            drop(writeln!(io::stderr(), "callwatch: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout();
    match command {
        Command::Init(args) => {
            let roles = roles(&Pack::Shipped("call-center"))
                .map_err(|faults| anyhow::anyhow!("the shipped plan is faulty: {faults:?}"))?;
            init::run(
                &args,
                init::Given::new(roles),
                &mut io::stdin().lock(),
                &mut out,
            )?;
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
        Command::Plan(args) => plan::run(&args, &mut out),
    }
}

/// The roles of a plan, or its faults.
fn roles(pack: &Pack) -> Result<BTreeSet<String>, Vec<Fault>> {
    Ok(plan::read(pack)?.roles.into_keys().collect())
}
