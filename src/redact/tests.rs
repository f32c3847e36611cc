//! What goes, what stays, and that nothing is left behind.

use super::*;
use crate::attribution::{Claim, Evidence, Family, Speaks, Strength};

fn redactor() -> Redactor {
    Redactor::new(["www.example.com", "192.0.2.7"])
}

fn check_url(url: &str, expected: &str) {
    assert_eq!(redactor().url(url), expected);
    assert_eq!(redactor().url(expected), expected, "twice");
}

fn check_header(name: &str, value: &str, expected: &str) {
    assert_eq!(redactor().header(name, value), expected, "{name}");
    assert_eq!(redactor().header(name, expected), expected, "{name}, twice");
}

#[test]
fn urls_keep_the_place_and_the_names() {
    check_url(
        "https://www.example.com/a/b.png",
        "https://www.example.com/a/b.png",
    );
    check_url(
        "https://jo:pw@h.example:81/a;jsessionid=12ab?sig=x%2Fy&e=&wsdl#frag",
        "https://[redacted-user-info-2]@h.example:81/a;jsessionid=[redacted-query-3]?sig=[redacted-query-4]&e=&wsdl#[redacted-fragment-5]",
    );
    check_url("/reset/0a1b2c3d4e", "/reset/[redacted-token-1]");
    check_url("a.example:443", "a.example:443");
    check_url("about:blank", "about:blank");
    check_url(
        "data:image/png;base64,iVBORw0KGgo=",
        "data:image/png;base64,[redacted]",
    );
    check_url(
        "/ad/a;ord=514783678;click=http://h.example/go/514783678?to=x1",
        "/ad/a;ord=[redacted-query-1]//h.example/go/514783678?to=[redacted-query-2]",
    );
    check_url(
        "https://h/x?comp=block&blockid=QUJD",
        "https://h/x?comp=block&blockid=[redacted-query-1]",
    );
}

#[test]
fn headers_follow_their_rules() {
    check_header(
        "cookie",
        "a=1; b=2; a=1",
        "a=[redacted cookie #1]; b=[redacted cookie #2]; a=[redacted cookie #1]",
    );
    check_header(
        "Set-Cookie",
        "sid=abc; Path=/; HttpOnly\nx=y",
        "sid=[redacted cookie #1]; Path=/; HttpOnly\nx=[redacted cookie #2]",
    );
    check_header(
        "AUTHORIZATION",
        "Bearer abc",
        "Bearer [redacted credential #1]",
    );
    check_header("Authorization", "abc", "[redacted credential #1]");
    check_header("x-vault-token", "abc", "[redacted credential #1]");
    check_header("X-Forwarded-For", "10.1.2.3", "[redacted address #1]");
    check_header(
        "Via",
        "1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)",
        "1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)",
    );
    check_header("Location", "/next?t=1", "/next?t=[redacted-query-1]");
    check_header(
        "Refresh",
        "0; url=/next?t=1",
        "0; url=/next?t=[redacted-query-1]",
    );
    check_header(
        "Link",
        "</a?t=1>; rel=next",
        "</a?t=[redacted-query-1]>; rel=next",
    );
    check_header(
        "X-Note",
        "see https://h/a?t=1 or jo@h.example",
        "see https://h/a?t=[redacted-query-1] or [redacted mail #2]",
    );
}

#[test]
fn quotes_are_read_as_what_they_are() {
    let mut redactor = redactor();
    let mut quote = |family, quote: &str| {
        redactor.quote(&Evidence {
            family,
            rule: String::new(),
            claim: Claim::Void(family),
            speaks: Speaks::For,
            strength: Strength::Strong,
            quote: quote.to_owned(),
            span: None,
            source: String::new(),
            with: None,
        })
    };
    assert_eq!(
        quote(Family::StorageId, "Server: AmazonS3"),
        "Server: AmazonS3"
    );
    assert_eq!(quote(Family::Address, "192.0.2.7"), "192.0.2.7");
    assert_eq!(
        quote(
            Family::UrlAuthorisation,
            "X-Amz-Signature=0011223344&X-Amz-Algorithm=AWS"
        ),
        "X-Amz-Signature=[redacted-query-1]&X-Amz-Algorithm=AWS"
    );
    assert_eq!(
        quote(Family::HeaderChain, "Set-Cookie: AWSALB=abc123"),
        "Set-Cookie: AWSALB=[redacted cookie #2]"
    );
}

#[test]
fn json_loses_its_values_at_every_depth() {
    let mut value = serde_json::json!({"user": {"password": ["a1b2c3", 7]}, "on": true, "n": null});
    redactor().json("", &mut value);
    assert_eq!(
        value,
        serde_json::json!({
            "user": {"password": ["[redacted field #1]", "[redacted field #2]"]}, "on": true, "n": null
        })
    );
}

#[test]
fn what_is_still_there_is_found_and_the_second_run_removes_it() {
    let mut first = redactor();
    first.header("cookie", "session=Zx81kQ");
    let output = first.text("the session was Zx81kQ");
    let leak = first
        .post_check(output.as_bytes())
        .expect_err("still there");
    assert_eq!((leak.kind, leak.number), (Kind::Cookie, 1));
    let mut second = first.again();
    let output = second.text("the session was Zx81kQ");
    assert_eq!(output, "the session was [redacted cookie #1]");
    second.post_check(output.as_bytes()).expect("nothing left");
}

#[test]
fn ordinary_words_and_shown_hosts_refuse_nothing() {
    let mut redactor = redactor();
    redactor.header(
        "cookie",
        "theme=default; lang=en-US; site=www.example.com; n=200; v=1.2.3",
    );
    redactor.url("https://h/?next=https://www.example.com/a/b&on=true");
    let output = b"default en-US www.example.com 200 1.2.3 https://www.example.com/a/b true";
    redactor.post_check(output).expect("all of it is ordinary");
    assert!(!redactor.needs_second_run());
}

#[test]
fn urls_within_urls_end() {
    let url = "/?x=".repeat(100_000);
    assert_eq!(redactor().url(&url), "/?x=[redacted-query-1]");
}

#[test]
fn a_password_that_is_a_word_is_replaced_everywhere_else() {
    let mut first = redactor();
    first.form("password=swordfish");
    assert!(first.needs_second_run());
    assert_eq!(
        first.again().text("it was swordfish"),
        "it was [redacted field #1]"
    );
}

#[test]
fn with_secrets_everything_passes() {
    let mut redactor = Redactor::keeping_secrets();
    assert_eq!(redactor.header("cookie", "a=1"), "a=1");
    assert_eq!(redactor.url("https://u:p@h/?a=1#b"), "https://u:p@h/?a=1#b");
    assert_eq!(redactor.text("password: hunter2"), "password: hunter2");
}
