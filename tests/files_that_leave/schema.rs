//! What is written as JSON keeps to the published schemas.

use std::path::PathBuf;

use headwater::reports::SCHEMAS;
use regex::Regex;
use serde_json::Value;

use super::{Desk, fs, root, run};

/// What is wrong with `value` by `schema`, a part of the schema `all`; knows the keywords that the schemas use.
fn check(all: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("{place}: {what}: {value}"));
    for (keyword, rule) in schema.as_object().expect("a schema is an object") {
        let n = || rule.as_f64().expect("a number");
        let is_kept = match &**keyword {
            // Words for people, and what is looked at with the members.
            "$schema"
            | "$id"
            | "$defs"
            | "title"
            | "description"
            | "required"
            | "properties"
            | "additionalProperties"
            | "items" => true,
            "$ref" => {
                let pointer = rule.as_str().and_then(|rule| rule.strip_prefix('#'));
                let target = all.pointer(pointer.expect("a pointer")).expect("a target");
                check(all, target, value, place)?;
                true
            }
            "type" => match rule {
                Value::Array(rules) => rules.iter().any(|rule| is_of(rule, value)),
                rule => is_of(rule, value),
            },
            "enum" => rule.as_array().expect("a list").contains(value),
            "const" => rule == value,
            "anyOf" => {
                let mut rules = rule.as_array().expect("a list").iter();
                rules.any(|rule| check(all, rule, value, place).is_ok())
            }
            "minimum" => value.as_f64().is_none_or(|value| n() <= value),
            "maximum" => value.as_f64().is_none_or(|value| value <= n()),
            "minItems" => value
                .as_array()
                .is_none_or(|list| n() as usize <= list.len()),
            "maxItems" => value
                .as_array()
                .is_none_or(|list| list.len() <= n() as usize),
            "pattern" => {
                let pattern = Regex::new(rule.as_str().expect("a pattern")).expect("a pattern");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            other => panic!("the keyword {other} is not known here"),
        };
        if !is_kept {
            return wrong(keyword);
        }
    }
    check_members(all, schema, value, place)
}

fn is_of(rule: &Value, value: &Value) -> bool {
    match rule.as_str().expect("a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the type {other} is not known here"),
    }
}

fn check_members(all: &Value, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
    if let (Some(items), Some(list)) = (schema.get("items"), value.as_array()) {
        for (idx, item) in list.iter().enumerate() {
            check(all, items, item, &format!("{place}/{idx}"))?;
        }
    }
    let Some(object) = value.as_object() else {
        return Ok(());
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().expect("a name");
        if !object.contains_key(name) {
            return Err(format!("{place}: {name} is missing"));
        }
    }
    for (name, member) in object {
        let place = format!("{place}/{name}");
        let known = schema.get("properties").and_then(|known| known.get(name));
        match known.or_else(|| schema.get("additionalProperties")) {
            Some(Value::Bool(false)) => return Err(format!("{place} is not in the schema")),
            Some(rule) => check(all, rule, member, &place)?,
            None => {}
        }
    }
    Ok(())
}

fn schema(name: &str) -> Value {
    let schema = SCHEMAS.iter().find(|schema| schema.name == name);
    serde_json::from_str(schema.expect(name).text).expect("a schema is JSON")
}

fn checked(name: &str, value: &Value) {
    let schema = schema(name);
    check(&schema, &schema, value, name).unwrap_or_else(|problem| panic!("{problem}"));
}

/// All fixtures and samples, broken ones and others that cannot be opened among them.
fn captures() -> Vec<PathBuf> {
    let folders = ["tests/fixtures/formats", "assets/samples"];
    let entries = folders.map(|folder| fs::read_dir(root().join(folder)).expect("a folder"));
    let mut paths: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_none_or(|end| end != "expect"))
        .collect();
    paths.sort();
    assert!(100 < paths.len(), "{} captures", paths.len());
    paths
}

#[test]
fn real_output_keeps_to_the_schemas() {
    let desk = Desk::new();
    desk.check(
        "label trip.har --filter status:200 --origin --note seen --tag t --by Jo",
        0,
    );
    desk.check("label trip.har --filter status:200 --cdn --by Ann", 0);
    let mut paths = captures();
    paths.push(desk.path("trip.har"));
    let paths: Vec<&str> = paths
        .iter()
        .map(|path| path.to_str().expect("UTF-8"))
        .collect();
    for (name, arguments) in [
        ("flows", &["flows", "--as", "json"][..]),
        ("flows", &["flows", "--as", "json", "--no-evidence"]),
        ("verdicts", &["verdicts", "--as", "json"]),
        ("hosts", &["hosts", "--as", "json"]),
        ("hosts", &["hosts", "--as", "json", "--by", "service"]),
        ("report", &["report", "--as", "json"]),
        ("report", &["report", "--as", "json", "--redact", "none"]),
        (
            "report",
            &[
                "report",
                "--as",
                "json",
                "--made-at",
                "2026-11-30T12:00:00+01:00",
            ],
        ),
    ] {
        let run = run(&mut desk.command(&[arguments, &paths].concat()));
        let value = serde_json::from_slice(&run.out).expect("JSON");
        checked(name, &value);
        assert!(100 < value["captures"].as_array().expect("a list").len());
        if arguments.contains(&"--made-at") {
            assert_eq!(value["integrity"]["made"], "2026-11-30T11:00:00.000Z");
            let coverage = &value["integrity"]["coverage"];
            assert_ne!(coverage["disputed"]["flows"], 0, "{coverage}");
        }
    }
    desk.check("report trip.har proxy.log --as bundle --out bundle", 0);
    let manifest = serde_json::from_slice(&desk.read("bundle/manifest.json")).expect("JSON");
    checked("manifest", &manifest);
    let golden = fs::read(root().join("tests/golden/small.json")).expect("the golden file");
    checked("report", &serde_json::from_slice(&golden).expect("JSON"));
}

#[test]
fn the_schemas_refuse_what_is_something_else() {
    let golden = fs::read(root().join("tests/golden/small.json")).expect("the golden file");
    let golden: Value = serde_json::from_slice(&golden).expect("JSON");
    let schema = schema("report");
    let objects = [
        "",
        "/captures/0",
        "/flows/0",
        "/flows/0/evidence/0",
        "/labels/0",
        "/integrity",
        "/integrity/coverage",
    ];
    let mut n_refused = 0;
    for place in objects {
        let Some(object) = golden.pointer(place).and_then(Value::as_object) else {
            continue;
        };
        for name in object.keys().filter(|name| *name != "evidence") {
            let mut changed = golden.clone();
            let members = changed.pointer_mut(place).and_then(Value::as_object_mut);
            members.expect("an object").remove(name);
            assert!(
                check(&schema, &schema, &changed, "").is_err(),
                "{place}/{name}"
            );
            let mut changed = golden.clone();
            let members = changed.pointer_mut(place).and_then(Value::as_object_mut);
            members.expect("an object")[name] = serde_json::json!({"x": [true]});
            assert!(
                check(&schema, &schema, &changed, "").is_err(),
                "{place}/{name}"
            );
            n_refused += 2;
        }
    }
    assert!(60 < n_refused, "{n_refused}");
}

#[test]
fn the_program_prints_its_schemas() {
    let desk = Desk::new();
    let list = desk.check("schema", 0).text();
    for schema in SCHEMAS {
        assert!(list.contains(schema.name), "{list}");
        let printed = desk.check(&format!("schema {}", schema.name), 0).text();
        assert_eq!(printed, schema.text);
    }
    desk.check("schema nothing", 2);
}
