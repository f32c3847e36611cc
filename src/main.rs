//! The program: arguments become a window or a command.

use std::process::ExitCode;

use clap::Parser as _;
use headwater::cli;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    if let Some(command) = &arguments.command {
        return cli::run(command);
    }
    cli::summarise_without_window(&arguments.files, "no window was opened")
}
