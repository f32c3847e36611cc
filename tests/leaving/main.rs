//! What leaves the program, attacked from outside: planted secrets, evidence that has to survive, endless input, injection.
//!
//! Every test runs the real program on a capture that it wrote, and reads what comes out. Nothing here knows how the
//! program works inside.

mod corpus;
mod endless;
mod evidence;
mod haystack;
mod injection;
mod kinds;
mod markup;
mod payloads;
mod planted;
mod planted_fields;
mod planted_headers;
mod planted_logs;
mod planted_odd;
mod planted_urls;
mod planted_whole;
mod program;
mod secrets;
mod twice;
