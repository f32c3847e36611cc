//! Plants secrets, lets everything leave that can leave, and looks for them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use crate::haystack::{Findings, Plant, Searcher};
use crate::kinds::{Encoding, Kind};
use crate::planted::Garden;
use crate::program::Home;
use crate::{planted_logs, planted_odd, planted_whole};

/// Every column that there is, and headers of both sides that may hold a secret.
const COLUMNS: &str = "n,label,start,method,status,host,path,provider,service,role,conclusive,type,size,time,note,protocol,\
    scheme,port,remote-ip,edge,origin,region,party,sent,content,by,file,url,tag,color,kind,query,wait,asn,network,tenant,server,via,\
    cache,age,cname,issuer,tls-version,initiator,page,evidence-count,rival,response-header:set-cookie,\
    response-header:location,response-header:content-location,response-header:refresh,response-header:link,\
    response-header:www-authenticate,response-header:x-foo-bar,response-header:x-auth,response-header:x-user,\
    response-header:content-disposition,response-header:server-timing,response-header:content-security-policy,\
    response-header:x-debug-token-link,request-header:cookie,request-header:referer,request-header:authorization,\
    request-header:x-auth,request-header:x-sid,request-header:x-user,request-header:x-uid,request-header:x-api-auth,\
    request-header:x-session,request-header:x-foo-bar,request-header:sec-websocket-protocol,\
    request-header:x-forwarded-uri,request-header:x-forwarded-for,request-header:x-original-url,request-header:origin,\
    request-header:host,request-header:user-agent,request-header:from,\
    request-header:x-amz-server-side-encryption-customer-key,request-header:x-ms-encryption-key,\
    request-header:x-goog-encryption-key";

/// The folder of the captures, which is named after a person: no report may show it.
const FOLDER: &str = "Users/wilhelmina.otterbein/captures";

const MIN_PLANTS: usize = 600;

#[test]
fn no_planted_secret_leaves() {
    let home = Home::new();
    let mut garden = Garden::new();
    let mut captures = vec![
        ("trip.har", planted_whole::har(&mut garden).into_bytes()),
        (
            "damaged.har",
            planted_odd::damaged_har(&mut garden).into_bytes(),
        ),
    ];
    captures.extend(planted_logs::captures(&mut garden));
    let note = format!(
        "the password: {} of {}, {}",
        garden.plant("label", "note, password", Kind::Words, Encoding::Plain),
        garden.plant("label", "note, mail", Kind::Mail, Encoding::Plain),
        garden.plant("label", "note, token", Kind::Jwt, Encoding::Plain),
    );
    let filter_secret = garden.plant("label", "filter", Kind::Jwt, Encoding::Plain);
    let plants = garden.plants;
    assert!(MIN_PLANTS <= plants.len(), "{} are too few", plants.len());
    let searcher = Searcher::new(&plants);
    check_that_all_are_planted(&searcher, &plants, &captures, &note, &filter_secret);

    let files: Vec<PathBuf> = captures
        .iter()
        .map(|(name, bytes)| home.write(&format!("{FOLDER}/{name}"), bytes))
        .collect();
    let outputs = Outputs {
        home: &home,
        searcher: &searcher,
        findings: Mutex::new(Findings::new()),
        complaints: Mutex::new(Vec::new()),
    };
    in_two_threads(&files, |file| {
        outputs.label(file, &note);
    });
    let filter = format!("NOT url:\"{filter_secret}\"");
    let mut jobs: Vec<Vec<OsString>> = Vec::new();
    for file in &files {
        jobs.extend(commands(file, &filter));
    }
    in_two_threads(&jobs, |job| outputs.take(job));
    for file in home.leftovers() {
        let bytes = std::fs::read(&file).expect("readable");
        outputs.search(&format!("left in {}", name(&file)), false, &bytes);
        if file.starts_with(home.path("tmp")) {
            outputs.complain(&format!("{} was left", file.display()));
        }
    }
    report(&plants, &outputs);
}

/// Every command that lets something of a capture out.
fn commands(file: &Path, filter: &str) -> Vec<Vec<OsString>> {
    let mut all = Vec::new();
    let mut add = |words: &[&str]| {
        let words = words.iter().map(|word| match *word {
            "FILE" => file.as_os_str().to_owned(),
            word => OsString::from(word),
        });
        all.push(words.collect());
    };
    for level in ["balanced", "strict"] {
        for form in ["html", "md", "csv", "json", "har"] {
            add(&[
                "report", "FILE", "--as", form, "--redact", level, "--filter", filter,
            ]);
        }
    }
    for form in ["table", "csv", "json"] {
        add(&["flows", "FILE", "--as", form, "--columns", COLUMNS]);
    }
    for table in ["services", "hosts"] {
        for form in ["csv", "tsv", "csv-raw"] {
            add(&["report", "FILE", "--as", form, "--table", table]);
        }
    }
    add(&["verdicts", "FILE", "--as", "text"]);
    add(&["verdicts", "FILE", "--as", "json"]);
    add(&["FILE"]);
    add(&["score", "FILE"]);
    // Flows are explained one by one; the first of a HAR hold most of its secrets.
    let is_har = file.extension().is_some_and(|extension| extension == "har");
    for n in 1..=if is_har { 24 } else { 4 } {
        add(&["explain", "FILE", &n.to_string()]);
    }
    add(&["explain", "FILE", "999999"]);
    add(&["flows", "FILE", "--filter", "nonsense:("]);
    all
}

struct Outputs<'a> {
    home: &'a Home,
    searcher: &'a Searcher<'a>,
    findings: Mutex<Findings>,
    /// What failed, or was shown though it is no secret of the list.
    complaints: Mutex<Vec<String>>,
}

impl Outputs<'_> {
    fn label(&self, file: &Path, note: &str) {
        let words = [
            "label", "--filter", "", "--origin", "--by", "Jo", "--note", note,
        ];
        let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
        arguments.insert(1, file.into());
        let run = self.home.run(&arguments);
        if run.code != Some(0) {
            self.complain(&format!("label {}: {}", name(file), run.complaints()));
            return;
        }
        self.search("label", false, &run.stdout);
        self.search("label, stderr", false, &run.stderr);
        let mut sidecar = file.as_os_str().to_owned();
        sidecar.push(".headwater.json");
        let sidecar = std::fs::read_to_string(sidecar).expect("a sidecar beside the capture");
        // The note is the reviewer's own, and kept as it was written.
        let note = serde_json::to_string(note).expect("a string");
        let rest = sidecar.replace(&note, "\"\"");
        self.search("sidecar", false, rest.as_bytes());
    }

    fn take(&self, arguments: &[OsString]) {
        let words: Vec<_> = arguments
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        let level = words
            .iter()
            .find(|word| matches!(&***word, "balanced" | "strict"));
        let form = words.iter().skip_while(|word| *word != "--as").nth(1);
        let output = format!(
            "{} {} {}",
            if words.len() == 1 {
                "summary"
            } else {
                &*words[0]
            },
            form.map_or("", |form| &**form),
            level.map_or("", |level| &**level)
        );
        let run = self.home.run(arguments);
        let fails = words[0] == "flows" && words.iter().any(|word| word == "nonsense:(")
            || run.complaints().contains("there is no flow");
        // What the program says of itself when there is no display is not the matter here.
        if run.code != Some(0) && !fails && words.len() != 1 && words[0] != "score" {
            self.complain(&format!(
                "{} of {}: {}",
                output,
                name(Path::new(&arguments[1])),
                run.complaints()
            ));
        }
        let is_strict = level.is_some_and(|level| level == "strict");
        self.search(&output, is_strict, &run.stdout);
        self.search(&format!("{output}, stderr"), is_strict, &run.stderr);
        if String::from_utf8_lossy(&run.stdout).contains("wilhelmina") {
            self.complain(&format!("{output} shows the folder of the capture"));
        }
    }

    fn search(&self, output: &str, is_strict: bool, bytes: &[u8]) {
        let mut found = Findings::new();
        self.searcher
            .search(output.trim(), is_strict, bytes, &mut found);
        let mut findings = self.findings.lock().expect("no panic");
        for (output, places) in found {
            findings.entry(output).or_default().extend(places);
        }
    }

    fn complain(&self, text: &str) {
        let short = text.chars().take(300).collect();
        self.complaints.lock().expect("no panic").push(short);
    }
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Two at a time: more would only wait for each other.
pub(crate) fn in_two_threads<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) =
                    items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    work(item);
                }
            });
        }
    });
}

/// A value that is not in its capture would never be found anywhere.
fn check_that_all_are_planted(
    searcher: &Searcher<'_>,
    plants: &[Plant],
    captures: &[planted_logs::Written],
    note: &str,
    filter: &str,
) {
    let mut findings = Findings::new();
    for (_, bytes) in captures {
        // Members of an archive are packed.
        let bytes = if bytes.starts_with(b"PK") {
            unzipped(bytes)
        } else {
            bytes.clone()
        };
        searcher.search("", true, &bytes, &mut findings);
    }
    searcher.search(
        "",
        true,
        format!("{note} {filter}").as_bytes(),
        &mut findings,
    );
    let found = findings.remove("").unwrap_or_default();
    let missing: Vec<String> = plants
        .iter()
        .enumerate()
        .filter(|(idx, _)| !found.contains_key(idx))
        .map(|(_, plant)| format!("{}, {}: {}", plant.format, plant.place, plant.encoding))
        .collect();
    assert!(missing.is_empty(), "not planted at all: {missing:#?}");
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut all = Vec::new();
    for idx in 0..archive.len() {
        let mut member = archive.by_index(idx).expect("a member");
        std::io::Read::read_to_end(&mut member, &mut all).expect("readable");
    }
    all
}

#[expect(
    clippy::print_stdout,
    reason = "the counts are for the reader of the log"
)]
fn report(plants: &[Plant], outputs: &Outputs<'_>) {
    let mut by_place: BTreeMap<(&str, &str), BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let findings = outputs.findings.lock().expect("no panic");
    let mut lines = Vec::new();
    for (output, places) in findings.iter() {
        lines.push(format!("{output}: {} of {}", places.len(), plants.len()));
        for (idx, context) in places {
            let plant = &plants[*idx];
            let found = by_place.entry((plant.format, &plant.place)).or_default();
            let outputs = found.entry(plant.encoding.clone()).or_default();
            if outputs.is_empty() {
                outputs.push(context.clone());
            }
            if !outputs[1..].contains(output) {
                outputs.push(output.clone());
            }
        }
    }
    for ((format, place), found) in &by_place {
        lines.push(format!("{format} | {place}"));
        for (encoding, outputs) in found {
            let (context, outputs) = outputs.split_first().expect("at least one");
            let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
            lines.push(format!(
                "    {encoding} | {} | {context:?}",
                outputs.join(", ")
            ));
        }
    }
    println!(
        "planted: {} values; found:\n{}",
        plants.len(),
        lines.join("\n")
    );
    let complaints = outputs.complaints.lock().expect("no panic");
    let n_found: std::collections::BTreeSet<usize> = findings
        .values()
        .flat_map(|places| places.keys().copied())
        .collect();
    assert!(
        n_found.is_empty() && complaints.is_empty(),
        "{} of {} planted values left; the table stands above. Besides: {:#?}",
        n_found.len(),
        plants.len(),
        complaints
    );
}
