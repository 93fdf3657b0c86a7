//! The seat program alone: what `callwatch seat` does, without the rest of callwatch.

use std::process::ExitCode;

fn main() -> ExitCode {
    callwatch::cli::seat::main()
}
