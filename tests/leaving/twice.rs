//! Redacting twice changes nothing, placeholders keep their place, and small ordinary captures are never refused.

use serde_json::{Value, json};

use crate::evidence::har;
use crate::planted::Garden;
use crate::planted_whole;
use crate::program::Home;

/// All that an exported HAR says, but for what each export adds.
fn said(har: &Value) -> Vec<Value> {
    let entries = har["log"]["entries"].as_array().cloned();
    let mut entries = entries.expect("entries");
    for entry in &mut entries {
        let entry = entry.as_object_mut().expect("an entry");
        entry.shift_remove("_headwater");
        entry.shift_remove("comment");
    }
    entries
}

#[test]
fn redacting_twice_changes_nothing() {
    let home = Home::new();
    let file = home.write("trip.har", planted_whole::har(&mut Garden::new()));
    for level in ["balanced", "strict"] {
        let once = home.report(&file, "har", level).stdout;
        let again = home.write(&format!("{level}.har"), &once);
        let twice = home.report(&again, "har", level).stdout;
        let [once, twice] = [once, twice].map(|bytes| {
            let har: Value = serde_json::from_slice(&bytes).expect("JSON");
            said(&har)
        });
        assert_eq!(once.len(), twice.len());
        for (once, twice) in once.iter().zip(&twice) {
            assert_eq!(once, twice, "{level}");
        }
    }
}

fn entry(url: &str, request: &[(&str, &str)]) -> Value {
    let headers: Vec<Value> = request
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    json!({
        "startedDateTime": "2024-05-01T10:00:00.123Z", "time": 5,
        "request": {"method": "GET", "url": url, "httpVersion": "http/1.1", "cookies": [], "headers": headers, "queryString": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "http/1.1", "cookies": [], "headers": [{"name": "Server", "value": "AmazonS3"}, {"name": "x-amz-bucket-region", "value": "eu-west-1"}], "content": {"size": 1, "mimeType": "text/plain"}, "redirectURL": "", "headersSize": -1, "bodySize": 1},
        "cache": {}, "timings": {"send": 0, "wait": 4, "receive": 1}, "serverIPAddress": "52.218.0.10",
    })
}

/// Values that stand in every report's own words, under names of queries, cookies and headers.
const OWN_WORDS: &[&str] = &[
    "sha256",
    "eu-west-1",
    "https:",
    "2024-05-01T10:00",
    "2019-12-03T01:43",
    "AWS4-HMAC-SHA256",
    "headwater",
    "redacted",
    "token",
    "[token #1]",
    "[token-1]",
    "cookie",
    "<table>",
    "default-src 'none'",
    "integrity",
    "\"flows\"",
    "startedDateTime",
    "AmazonS3",
    "cloudfront",
    "shop.example",
    "www.shop.example",
    "52.218.0.10",
    "200",
    "text/plain",
    "GET",
    "aaaaaaaa",
    "-------",
    "http/1.1",
    "0.1.0",
    "#################",
];

#[test]
fn ordinary_values_refuse_no_export() {
    let home = Home::new();
    for (number, name) in ["alg", "token", "password", "X-Amz-Signature"]
        .iter()
        .enumerate()
    {
        let mut entries = vec![entry("https://static.shop.example/a.png", &[])];
        for word in OWN_WORDS {
            let value = crate::kinds::component(word);
            let cookie = format!("{name}={word}");
            let headers = [
                ("Cookie", cookie.as_str()),
                ("X-Auth", word),
                ("X-Foo-Bar", word),
            ];
            entries.push(entry(
                &format!("https://api.shop.example/x?{name}={value}"),
                &headers,
            ));
        }
        let file = home.write(&format!("{number}.har"), har(&entries));
        for form in ["html", "md", "csv", "json", "har"] {
            for level in ["balanced", "strict"] {
                // Exit code 0 is what counts; it is asserted there.
                let run = home.report(&file, form, level);
                assert!(!run.stdout.is_empty(), "{form}");
                if form == "har" {
                    let har: Value = serde_json::from_slice(&run.stdout).expect("JSON");
                    let first = &har["log"]["entries"][1];
                    assert_eq!(first["response"]["headers"][0]["value"], "AmazonS3");
                    assert_eq!(first["startedDateTime"], "2024-05-01T10:00:00.123Z");
                }
            }
        }
        for form in ["table", "csv", "json"] {
            let run = home.run(&["flows", file.to_str().expect("UTF-8"), "--as", form]);
            assert_eq!(run.code, Some(0), "{form}: {}", run.complaints());
        }
    }
}

#[test]
fn a_placeholder_within_a_url_keeps_the_url_whole() {
    let home = Home::new();
    let secret = "Zx81kQpW";
    let token = "9f86d081884c7d659a2feaa0c55ad015";
    let entries = [
        entry(
            &format!("https://www.shop.example/s/{token}/style.css?v=2"),
            &[],
        ),
        entry(
            &format!("https://www.shop.example/js/{secret}/a.js?v=2"),
            &[("Cookie", "b=Zx81kQpW")],
        ),
        entry(&format!("https://www.shop.example/?token={secret}"), &[]),
        entry(
            &format!(
                "https://www.shop.example/?next=https%3A%2F%2Fin.example%2F%3Ftoken%3D{secret}%26a%3D1"
            ),
            &[(
                "Referer",
                &format!("https://www.shop.example/s/{token}/style.css?v=2"),
            )],
        ),
    ];
    let file = home.write("trip.har", har(&entries));
    let exported: Value =
        serde_json::from_slice(&home.report(&file, "har", "balanced").stdout).expect("JSON");
    let urls: Vec<String> = (0..entries.len())
        .map(|idx| {
            exported["log"]["entries"][idx]["request"]["url"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    for url in &urls {
        let parsed = url::Url::parse(url).expect("a URL");
        assert_eq!(parsed.host_str(), Some("www.shop.example"), "{url}");
        assert_eq!(parsed.fragment(), None, "{url}");
        assert!(!url.contains([' ', '#']) && !url.contains(secret), "{url}");
    }
    let (before, behind) = urls[0]
        .split_once("/s/[token-")
        .expect("a placeholder in the path");
    assert_eq!(before, "https://www.shop.example");
    let (number, rest) = behind.split_once(']').expect("the end of the placeholder");
    assert_eq!(rest, "/style.css?v=2");
    // Equal values carry equal numbers, wherever they stand.
    let referer = &exported["log"]["entries"][3]["request"]["headers"][0]["value"];
    let expected = format!("https://www.shop.example/s/[token-{number}]/style.css?v=2");
    assert_eq!(referer.as_str(), Some(expected.as_str()));
    assert!(urls[1].ends_with("/a.js?v=2"), "{}", urls[1]);
}

#[test]
fn equal_values_carry_equal_numbers_and_others_do_not() {
    let home = Home::new();
    let [one, other] = [
        "0123456789abcdef0123456789abcdef",
        "fedcba9876543210fedcba9876543210",
    ];
    let urls = [one, other, one].map(|token| format!("https://www.shop.example/s/{token}"));
    let entries = urls.map(|url| entry(&url, &[]));
    let file = home.write("trip.har", har(&entries));
    for form in ["har", "json"] {
        let run = home.report(&file, form, "balanced");
        let value: Value = serde_json::from_slice(&run.stdout).expect("JSON");
        let urls: Vec<Value> = (0..3)
            .map(|idx| match form {
                "har" => value["log"]["entries"][idx]["request"]["url"].clone(),
                _ => value["flows"][idx]["url"].clone(),
            })
            .collect();
        assert!(urls[0] == urls[2] && urls[0] != urls[1], "{form}: {urls:?}");
        assert!(
            urls[0]
                .as_str()
                .is_some_and(|url| url.contains("/s/[token-")),
            "{urls:?}"
        );
    }
}

#[test]
fn without_redaction_everything_stays() {
    let home = Home::new();
    let url = "https://www.shop.example/s/9f86d081884c7d659a2feaa0c55ad015?token=Zx81kQpW";
    let file = home.write(
        "trip.har",
        har(&[entry(url, &[("Cookie", "sid=Zx81kQpX")])]),
    );
    for form in ["html", "json", "har", "csv"] {
        let text = home.report(&file, form, "none").text();
        assert!(text.contains("9f86d081884c7d659a2feaa0c55ad015"), "{form}");
    }
}
