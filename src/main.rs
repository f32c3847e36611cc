//! The program: arguments become a window or a command.

use std::process::ExitCode;

use clap::Parser as _;
use headwater::{app, cli, providers};

fn main() -> ExitCode {
    cli::keep_panics_quiet();
    let arguments = cli::Arguments::parse();
    if let Some(folder) = providers::usual_folder() {
        providers::use_folder(&folder);
    }
    let options = match arguments.options() {
        Ok(options) => options,
        Err(failure) => return cli::refuse(failure),
    };
    if let Some(command) = &arguments.command {
        return cli::run(command, &options);
    }
    if !app::has_display() {
        return cli::summarise_without_window(
            &arguments.files,
            &options,
            "there is no display; no window was opened",
        );
    }
    match app::run_window(arguments.files.clone(), options.clone()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::summarise_without_window(
            &arguments.files,
            &options,
            &format!("no window could be opened: {error}"),
        ),
    }
}
