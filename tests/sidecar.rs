//! Labels on disk: what was saved is found again, and nothing that stands there is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use headwater::annotations::sidecar::{AboutParties, Loaded, Saved, SidecarError, SidecarState};
use headwater::annotations::{
    Annotation, Colour, Label, PastLabel, RelationKey, RelationOpinion, RelationOpinions, Stance,
};
use headwater::attribution::{Attribution, Groups};
use headwater::base::bytes::ByteSource;
use headwater::base::jobs::{Cancel, Pending, Progress};
use headwater::base::time::Time;
use headwater::capture::{Batch, Capture, CaptureBuilder, Exchange, FileInfo, FlowRecord};
use headwater::document::Document;
use serde_json::{Value, json};

/// A capture with one flow for each URL, all begun in the same millisecond.
fn capture(folder: &Path, urls: &[&str]) -> Arc<Capture> {
    Arc::new(capture_of_page(folder, urls, ""))
}

fn capture_of_page(folder: &Path, urls: &[&str], page: &str) -> Capture {
    let info = FileInfo {
        path: folder.join("trip.har"),
        name: "trip.har".to_owned(),
        format: "har",
        producer: String::new(),
        bytes: 7,
        sha256: Pending::default(),
        carries: headwater::capture::Carries::ALL,
    };
    let mut batch = Batch::default();
    for (url, entry) in urls.iter().zip(1..) {
        batch.push(&FlowRecord {
            entry,
            start: Some(Time(1_464_499_374_142_000)),
            method: "GET".into(),
            url: (*url).into(),
            page: page.into(),
            ..FlowRecord::default()
        });
    }
    let source = ByteSource::from_bytes(b"capture".to_vec());
    let mut builder = CaptureBuilder::new(info, source, |_| Ok(Exchange::default()));
    builder.append(batch);
    builder.finish()
}

const URLS: &[&str] = &[
    "https://jo:pw@a.example/poll;jsessionid=9?token=SECRET#there",
    "https://a.example/poll",
    "https://a.example/poll",
    "data:text/plain,SECRET",
];

fn annotation(label: Label, note: &str) -> Annotation {
    Annotation {
        label: Some(label),
        note: note.to_owned(),
        by: "Jo".to_owned(),
        at: Some(Time(1_464_500_000_000_000)),
        ..Annotation::default()
    }
}

fn sidecar_of(folder: &Path) -> PathBuf {
    folder.join("trip.har.headwater.json")
}

fn load(capture: &Capture, folder: &Path) -> Loaded {
    SidecarState::load_from(sidecar_of(folder), capture)
}

fn save(
    state: &SidecarState,
    capture: &Arc<Capture>,
    said: &[(u32, Annotation)],
) -> Result<Saved, SidecarError> {
    save_with(state, capture, said, &[])
}

fn save_with(
    state: &SidecarState,
    capture: &Arc<Capture>,
    said: &[(u32, Annotation)],
    parties: &[(&str, &str)],
) -> Result<Saved, SidecarError> {
    let said = said.iter().map(|(row, said)| (*row, said));
    let about = AboutParties {
        groups: groups(parties),
        ..AboutParties::default()
    };
    state.prepare(capture, said, about, "Jo").write()
}

fn groups(parties: &[(&str, &str)]) -> Groups {
    let mut groups = Groups::default();
    for (host, party) in parties {
        groups.set(host, party);
    }
    groups
}

/// A folder whose sidecar labels rows 0 and 2.
fn saved() -> (tempfile::TempDir, Arc<Capture>, Vec<(u32, Annotation)>) {
    let folder = tempfile::tempdir().expect("folder");
    let capture = capture(folder.path(), URLS);
    let said = vec![
        (0, annotation(Label::Origin, "a \"note\"\nof two lines")),
        (2, annotation(Label::Unknown, "")),
    ];
    let state = load(&capture, folder.path()).state;
    save(&state, &capture, &said).expect("saved");
    (folder, capture, said)
}

#[test]
fn what_was_saved_is_loaded_again() {
    let (folder, capture, said) = saved();
    let loaded = load(&capture, folder.path());
    assert_eq!(loaded.annotations, said);
    assert_eq!(loaded.n_orphans, 0);
    assert!(loaded.problem.is_none());
}

#[test]
fn tags_colour_and_earlier_labels_come_back() {
    let (folder, capture, _) = saved();
    let said = vec![(
        3,
        Annotation {
            is_accepted: true,
            tags: vec!["b".to_owned(), "two words".to_owned()],
            colour: Some(Colour::Purple),
            past: vec![PastLabel {
                label: Label::Origin,
                by: "Kim".to_owned(),
                at: Some(Time(1_464_400_000_000_000)),
            }],
            ..annotation(Label::Cdn, "")
        },
    )];
    let state = load(&capture, folder.path()).state;
    save(&state, &capture, &said).expect("saved");
    let again = load(&capture, folder.path());
    assert_eq!(again.annotations, said);
    let plain = vec![(3, annotation(Label::Cdn, ""))];
    save(&again.state, &capture, &plain).expect("saved");
    let text = fs::read_to_string(sidecar_of(folder.path())).expect("text");
    assert!(!text.contains("purple") && !text.contains("past"), "{text}");
}

#[test]
fn the_file_holds_no_secret_and_only_its_owner_may_read_it() {
    let (folder, _, _) = saved();
    let path = sidecar_of(folder.path());
    let text = fs::read_to_string(&path).expect("text");
    for secret in ["SECRET", "jo:pw", "jsessionid", "there"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("https://a.example/poll"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn saving_twice_gives_the_same_bytes() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    let first = fs::read(&path).expect("read");
    let state = load(&capture, folder.path()).state;
    let again = save(&state, &capture, &said).expect("saved");
    assert_eq!(fs::read(&path).expect("read"), first);
    assert_eq!(again.path.as_deref(), Some(path.as_path()));
}

#[test]
fn without_anything_to_say_there_is_no_file() {
    let folder = tempfile::tempdir().expect("folder");
    let capture = capture(folder.path(), URLS);
    let state = load(&capture, folder.path()).state;
    let saved = save(&state, &capture, &[]).expect("nothing to do");
    assert_eq!(saved.path, None);
    assert!(!sidecar_of(folder.path()).exists());
}

#[test]
fn a_cleared_label_is_cleared_in_the_file() {
    let (folder, capture, _) = saved();
    let state = load(&capture, folder.path()).state;
    save(&state, &capture, &[]).expect("saved");
    assert!(load(&capture, folder.path()).annotations.is_empty());
}

#[test]
fn labels_follow_their_flows_when_entries_change_places() {
    let (folder, _, said) = saved();
    let moved = capture(
        folder.path(),
        &["https://b.example/", URLS[1], URLS[0], URLS[2]],
    );
    let loaded = load(&moved, folder.path());
    let rows: Vec<_> = loaded.annotations.iter().map(|(row, _)| *row).collect();
    assert_eq!(rows, [2, 3]);
    assert_eq!(loaded.annotations[0].1, said[0].1);
}

#[test]
fn the_sidecar_of_another_capture_labels_nothing_and_loses_nothing() {
    let (folder, original, said) = saved();
    let other = capture(folder.path(), &["https://b.example/", "https://c.example/"]);
    let loaded = load(&other, folder.path());
    assert!(loaded.annotations.is_empty());
    assert_eq!(loaded.n_orphans, 2);
    save(&loaded.state, &other, &[(1, annotation(Label::Cdn, ""))]).expect("saved");
    assert_eq!(load(&other, folder.path()).annotations.len(), 1);
    assert_eq!(load(&original, folder.path()).annotations, said);
}

#[test]
fn fields_and_words_of_later_versions_survive() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    let mut file: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    file["colour"] = json!({"a": [1.5, null]});
    file["annotations"][0]["how"] = json!("bulk");
    let strange = json!({"strong": "x", "label": "maybe", "n": 12345678901234567890_u64});
    file["annotations"]
        .as_array_mut()
        .expect("list")
        .push(strange.clone());
    fs::write(&path, file.to_string()).expect("written");

    let loaded = load(&capture, folder.path());
    assert_eq!(loaded.annotations, said);
    let mut said = said;
    said[0].1 = annotation(Label::Cdn, "changed");
    save(&loaded.state, &capture, &said).expect("saved");

    let file: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    assert_eq!(file["colour"], json!({"a": [1.5, null]}));
    assert_eq!(file["annotations"][0]["how"], "bulk");
    assert_eq!(file["annotations"][0]["label"], "cdn");
    assert_eq!(file["annotations"][2], strange);
}

#[test]
fn a_file_cut_at_any_byte_is_never_overwritten() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    let whole = fs::read(&path).expect("read");
    let mut n_damaged = 0;
    for len in 0..whole.len() {
        fs::write(&path, &whole[..len]).expect("written");
        let loaded = load(&capture, folder.path());
        if loaded.problem.is_none() {
            assert_eq!(loaded.annotations, said, "cut at {len}");
            continue;
        }
        n_damaged += 1;
        assert!(loaded.annotations.is_empty(), "cut at {len}");
        let refused = save(&loaded.state, &capture, &said).expect_err("refused");
        assert!(matches!(refused, SidecarError::Damaged { .. }), "{refused}");
        assert_eq!(
            fs::read(&path).expect("read"),
            &whole[..len],
            "cut at {len}"
        );
    }
    // Only the last line break can be missing without damage.
    assert_eq!(n_damaged, whole.len() - 1);
}

#[test]
fn a_damaged_file_can_be_set_aside() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    fs::write(&path, b"{").expect("written");
    let mut state = load(&capture, folder.path()).state;
    let aside = state.set_aside().expect("moved");
    assert_eq!(fs::read(aside).expect("read"), b"{");
    save(&state, &capture, &said).expect("saved");
    assert_eq!(load(&capture, folder.path()).annotations, said);
}

#[test]
fn a_newer_file_is_shown_but_not_written() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    let mut file: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    file["schema"] = json!(2);
    let newer = file.to_string();
    fs::write(&path, &newer).expect("written");
    let loaded = load(&capture, folder.path());
    assert_eq!(loaded.annotations, said);
    let refused = save(&loaded.state, &capture, &[]).expect_err("refused");
    assert!(
        matches!(refused, SidecarError::Newer { schema: 2, .. }),
        "{refused}"
    );
    assert_eq!(fs::read_to_string(&path).expect("read"), newer);
}

#[test]
fn a_file_changed_by_another_program_is_not_overwritten() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    let (mine, theirs) = (
        load(&capture, folder.path()).state,
        load(&capture, folder.path()).state,
    );
    save(&theirs, &capture, &said[..1]).expect("saved");
    let after_theirs = fs::read(&path).expect("read");
    let refused = save(&mine, &capture, &[]).expect_err("refused");
    assert!(matches!(refused, SidecarError::Changed { .. }), "{refused}");
    assert_eq!(fs::read(&path).expect("read"), after_theirs);
}

#[test]
fn a_file_that_appears_after_loading_is_not_overwritten() {
    let folder = tempfile::tempdir().expect("folder");
    let capture = capture(folder.path(), URLS);
    let state = load(&capture, folder.path()).state;
    fs::write(sidecar_of(folder.path()), b"somebody's").expect("written");
    let refused = save(&state, &capture, &[(0, annotation(Label::Cdn, ""))]).expect_err("refused");
    assert!(matches!(refused, SidecarError::Changed { .. }), "{refused}");
}

#[test]
fn hostile_files_are_problems_not_panics() {
    let folder = tempfile::tempdir().expect("folder");
    let capture = capture(folder.path(), URLS);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in [
        "null",
        "[]",
        "{}",
        "{\"schema\":-1}",
        "{\"schema\":\"1\"}",
        "{\"schema\":1}",
        "{\"schema\":1,\"salt\":7,\"annotations\":[]}",
        "{\"schema\":1,\"salt\":\"\",\"annotations\":{}}",
        "\u{feff}{}",
        deep.as_str(),
    ] {
        fs::write(sidecar_of(folder.path()), text).expect("written");
        let loaded = load(&capture, folder.path());
        assert!(loaded.problem.is_some(), "{text:.60}");
    }
    let odd = r#"{"schema":1,"salt":"","annotations":[null,7,"x",{},{"strong":[]},{"strong":"é"},{"strong":""}]}"#;
    fs::write(sidecar_of(folder.path()), odd).expect("written");
    let loaded = load(&capture, folder.path());
    assert_eq!((loaded.annotations.len(), loaded.n_orphans), (0, 7));
    assert!(loaded.problem.is_none());
}

#[test]
fn groupings_alone_are_saved_loaded_and_taken_back() {
    let folder = tempfile::tempdir().expect("folder");
    let capture = capture(folder.path(), URLS);
    let parties = [("a.example", "Shop \"A\""), ("gone.example", "b.example")];
    let state = load(&capture, folder.path()).state;
    let saved = save_with(&state, &capture, &[], &parties).expect("saved");
    assert_eq!(saved.n_annotations, 2);

    let file = fs::read(sidecar_of(folder.path())).expect("a sidecar");
    let file: Value = serde_json::from_slice(&file).expect("JSON");
    assert_eq!(file["schema"], 1);
    assert_eq!(
        file["parties"],
        json!({"a.example": "Shop \"A\"", "gone.example": "b.example"})
    );
    let loaded = load(&capture, folder.path());
    assert!(loaded.problem.is_none() && loaded.annotations.is_empty());
    assert_eq!(loaded.about.groups, groups(&parties));
    assert_eq!(loaded.state.about_parties().groups, groups(&parties));

    save(&loaded.state, &capture, &[]).expect("saved");
    let text = fs::read_to_string(sidecar_of(folder.path())).expect("a sidecar");
    assert!(!text.contains("parties"), "{text}");
    assert!(load(&capture, folder.path()).about.groups.is_empty());
}

#[test]
fn groupings_written_by_others_are_understood_or_kept() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    let mut file: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    file["colour"] = json!("red");
    file["parties"] = json!({
        "*.A.Example": " Shop ",
        "later.example": {"party": "Shop", "by": "Jo"},
        "empty.example": "",
    });
    fs::write(&path, file.to_string()).expect("written");

    let loaded = load(&capture, folder.path());
    assert_eq!(loaded.annotations, said);
    assert_eq!(loaded.about.groups, groups(&[("a.example", "Shop")]));
    let parties = [("a.example", "Other")];
    save_with(&loaded.state, &capture, &said, &parties).expect("saved");

    let file: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    assert_eq!(file["colour"], "red");
    assert_eq!(
        file["parties"],
        json!({
            "a.example": "Other",
            "later.example": {"party": "Shop", "by": "Jo"},
            "empty.example": "",
        })
    );
    assert_eq!(load(&capture, folder.path()).annotations, said);
}

#[test]
fn groupings_that_are_no_object_are_not_overwritten() {
    let (folder, capture, said) = saved();
    let path = sidecar_of(folder.path());
    let mut file: Value = serde_json::from_slice(&fs::read(&path).expect("read")).expect("JSON");
    file["parties"] = json!(["a.example"]);
    let odd = file.to_string();
    fs::write(&path, &odd).expect("written");
    let loaded = load(&capture, folder.path());
    let refused = save(&loaded.state, &capture, &said).expect_err("refused");
    assert!(matches!(refused, SidecarError::Damaged { .. }), "{refused}");
    assert_eq!(fs::read_to_string(&path).expect("read"), odd);
}

/// The capture of [`URLS`], and one of which a page elsewhere asked for what lies under a name that a provider lends.
fn two_captures(folder: &Path) -> Document {
    let mut document = Document::new("Jo");
    let asked = (
        &["https://d111111abcdef8.cloudfront.net/"][..],
        "https://www.shop.example/",
    );
    for (urls, page) in [(URLS, ""), asked] {
        let capture = capture_of_page(folder, urls, page);
        let (cancel, progress) = (Cancel::default(), Progress::default());
        let attribution = Attribution::of(&capture, &cancel, &progress).expect("not cancelled");
        document.push(capture, attribution);
    }
    document
}

#[test]
fn a_grouping_is_saved_with_the_captures_that_it_decides_about() {
    let folder = tempfile::tempdir().expect("folder");
    let mut document = two_captures(folder.path());
    let nothing = Groups::default();
    for (host, party) in [
        ("a.example", "A"),
        ("shop.example", "Shop"),
        ("gone.example", "G"),
    ] {
        assert!(document.group(host, party), "{host}");
    }
    assert_eq!(document.party(document.flow_id(1, 0)), "Shop");
    assert_eq!(
        document.groups_of(0, &nothing),
        groups(&[("a.example", "A")])
    );
    let shop = ("shop.example", "Shop");
    assert_eq!(document.groups_of(1, &nothing), groups(&[shop]));
    // What was saved with a capture stays with it, as it is now, until it is taken back.
    let saved = groups(&[("gone.example", "before"), ("a.example", "A")]);
    let both = groups(&[shop, ("gone.example", "G"), ("a.example", "A")]);
    assert_eq!(document.groups_of(1, &saved), both);
    assert!(document.group("gone.example", ""));
    assert!(document.group("a.example", ""));
    assert_eq!(document.groups_of(1, &saved), groups(&[shop]));
}

#[test]
fn what_was_grouped_meanwhile_is_newer_than_what_was_saved() {
    let folder = tempfile::tempdir().expect("folder");
    let mut document = two_captures(folder.path());
    assert!(document.group("a.example", "new"));
    let before = document.content_revision();
    document.restore_groups(&groups(&[("a.example", "old")]));
    assert_eq!(document.party(document.flow_id(0, 0)), "new");
    assert_eq!(document.content_revision(), before, "nothing changed");
    document.restore_groups(&groups(&[
        ("a.example", "old"),
        ("d111111abcdef8.cloudfront.net", "Shop"),
    ]));
    assert_eq!(document.party(document.flow_id(1, 0)), "Shop");
    assert!(before < document.content_revision());
    document.undo().expect("the grouping");
    assert_eq!(document.party(document.flow_id(0, 0)), "a.example");
}

fn stores(party: &str) -> RelationKey {
    RelationKey {
        party: party.to_owned(),
        service: "aws/s3".to_owned(),
        role: "stores".to_owned(),
    }
}

#[test]
fn an_opinion_is_saved_with_the_captures_of_its_party_and_never_nowhere() {
    let folder = tempfile::tempdir().expect("folder");
    let mut document = two_captures(folder.path());
    let agree = || Some((Stance::Agree, String::new()));
    for party in ["a.example", "shop.example", "gone.example"] {
        assert!(document.say_of_relation(&stores(party), agree()), "{party}");
        assert!(
            !document.say_of_relation(&stores(party), agree()),
            "{party}"
        );
    }
    let parties = |idx: usize, saved: &RelationOpinions| -> Vec<String> {
        let opinions = document.opinions_of(idx, saved);
        opinions.iter().map(|(key, _)| key.party.clone()).collect()
    };
    let nothing = RelationOpinions::default();
    assert_eq!(parties(0, &nothing), ["a.example", "gone.example"]);
    assert_eq!(parties(1, &nothing), ["gone.example", "shop.example"]);
    // What was saved with a capture stays with it, until it is taken back.
    let saved = document.opinions_of(0, &nothing);
    assert_eq!(
        parties(1, &saved),
        ["a.example", "gone.example", "shop.example"]
    );
    assert!(document.say_of_relation(&stores("a.example"), None));
    let left = document.opinions_of(1, &saved);
    assert!(left.get(&stores("a.example")).is_empty());
}

#[test]
fn opinions_of_two_sidecars_are_put_together() {
    let (folder, capture, _) = saved();
    let opinion = |by: &str, stance: Stance, at: i64| RelationOpinion {
        stance,
        note: format!("at {at}"),
        by: by.to_owned(),
        at: Some(Time(at * 1_000_000)),
        past: Vec::new(),
    };
    let mut about = AboutParties::default();
    for said in [
        opinion("Jo", Stance::Agree, 5),
        opinion("Kim", Stance::Agree, 1),
    ] {
        about.opinions.merge(&stores("a.example"), said);
    }
    let state = load(&capture, folder.path()).state;
    let job = state.prepare(&capture, [], about.clone(), "Jo");
    assert_eq!(job.write().expect("saved").n_annotations, 2);
    let loaded = load(&capture, folder.path());
    assert_eq!(loaded.about, about);

    let mut document = Document::new("Jo");
    let mut other = AboutParties::default();
    let instead = "a link".to_owned();
    let later = opinion("Kim", Stance::Disagree { instead }, 2);
    other.opinions.merge(&stores("a.example"), later.clone());
    for saved in [&loaded.about, &other, &loaded.about] {
        document.restore_about_parties(saved);
    }
    let said = document.opinions(&stores("a.example"));
    assert_eq!(said[0], opinion("Jo", Stance::Agree, 5));
    assert_eq!(
        (&said[1].stance, &said[1].note),
        (&later.stance, &later.note)
    );
    assert_eq!(said[1].past.len(), 1, "what Kim said before is kept once");
    assert_eq!(document.own_opinion(&stores("a.example")), Some(&said[0]));
    assert_eq!(document.history().undo_title(), None);
}
