//! `dudao`: the one binary. It runs any of the services, and is the planner's command line to them.
//!
//! Exit codes: 0 done · 1 failed · 2 wrong usage · 3 wrong cells or fields in what was given · 4 proven infeasible ·
//! 5 no plan within the limits · 6 the service or its database cannot be reached.

mod args;
mod assembly;
mod commands;
mod demo;
mod failure;
mod output;
mod progress;
mod release;
mod session;
mod workbook;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("dudao: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let said = failure.to_string();
            if !said.is_empty() {
                eprintln!("dudao: {said}");
            }
            failure.exit_code()
        }
    }
}
