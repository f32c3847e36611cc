//! The table of formats in the README is what the readers say of themselves. `UPDATE_EXPECT=1 cargo test` writes it anew.

use std::fs;
use std::path::Path;

use headwater::capture::Carries;
use headwater::formats::FORMATS;

const BEGIN: &str = "<!-- formats: written by tests/readme.rs -->\n";
const END: &str = "<!-- end of formats -->";

fn table() -> String {
    let mut table =
        "| format | written by | versions seen | headers | bodies | server address | timings |\n\
                     |---|---|---|:-:|:-:|:-:|:-:|\n"
            .to_owned();
    for format in FORMATS {
        let Carries {
            headers,
            bodies,
            server_address,
            timings,
        } = format.carries();
        let marks = [headers, bodies, server_address, timings]
            .map(|is_there| if is_there { "✓" } else { "–" });
        let cells = [format.title(), format.producers(), format.versions()];
        table.extend(["| ", &cells.join(" | "), " | ", &marks.join(" | "), " |\n"]);
    }
    table
}

#[test]
fn the_readme_lists_every_format() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).expect("the README can be read");
    let (before, rest) = readme.split_once(BEGIN).expect("the table begins");
    let (found, behind) = rest.split_once(END).expect("the table ends");
    let expected = table();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let readme = format!("{before}{BEGIN}{expected}{END}{behind}");
        fs::write(&path, readme).expect("the README can be written");
        return;
    }
    assert_eq!(
        found, expected,
        "run `UPDATE_EXPECT=1 cargo test --test readme`"
    );
}
