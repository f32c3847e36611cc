//! The program: arguments become a window or a command.

fn main() {}
