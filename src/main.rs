//! The command line: `callwatch --help` lists what it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    callwatch::cli::main()
}
