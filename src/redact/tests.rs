//! What goes, what stays, and that nothing is done twice.

use super::*;
use crate::attribution::{Claim, Evidence, Family, Speaks, Strength};

fn redactor() -> Redactor {
    Redactor::new(Level::Balanced)
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
    for url in [
        "https://www.example.com/a/b.png",
        "https://api.shop.example/x?alg=sha256&region=eu-west-1&from=2024-05-01T10:00&w=80&v=1.2.3",
        "a.example:443",
        "about:blank",
        "https://h/x?wsdl",
        "https://d111111abcdef8.cloudfront.net/images/iPhone6Plus-800x600.jpg",
    ] {
        check_url(url, url);
    }
    for (url, expected) in [
        (
            "https://jo:pw@h.example:81/a;jsessionid=12ab?sig=x%2Fy&e=&wsdl#frag",
            "https://[user-info-1]@h.example:81/a;jsessionid=[token-2]?sig=[token-3]&e=&wsdl#[fragment-4]",
        ),
        ("/reset/0a1b2c3d4e", "/reset/[token-1]"),
        (
            "data:image/png;base64,iVBORw0KGgo=",
            "data:image/png;base64,[content]",
        ),
        (
            "https://h/x?comp=block&blockid=QUJDREVGRw",
            "https://h/x?comp=block&blockid=[query-1]",
        ),
        (
            "https://h/s/9f86d081884c7d659a2feaa0c55ad015/style.css",
            "https://h/s/[token-1]/style.css",
        ),
        (
            "https://h/sess/0b9d1f7e-2c3a-4d5e-a6f7-1234567890ab",
            "https://h/sess/[token-1]",
        ),
        (
            "https://h/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1/sendMessage",
            "https://h/[token-1]/sendMessage",
        ),
        (
            "https://h/(S(lit3py55t21z5v55vlm25s55))/default.aspx",
            "https://h/(S([token-1]))/default.aspx",
        ),
        ("https://h/img/4111111111111111", "https://h/img/[card-1]"),
        (
            "https://h/u/jo.doe%2540mail.example",
            "https://h/u/[mail-1]",
        ),
        (
            "https://h/tok/exp=1714567890~acl=/*~hmac=abababababababababababababababab/s.m3u8",
            "https://h/tok/exp=1714567890~acl=/*~hmac=[token-1]/s.m3u8",
        ),
        (
            "https://h/p?Zx81kQpW0aLmT4vRyB7nHs2E=1",
            "https://h/p?[query-1]=1",
        ),
        (
            "blob:https://h/0b9d1f7e-2c3a-4d5e-a6f7-1234567890ab",
            "blob:https://h/[token-1]",
        ),
        ("file:///home/jo/notes.html", "file:///[text-1]/notes.html"),
        (
            "https://h/?next=https%3A%2F%2Fa.example%2Fb%3Ft%3DZx81kQpW",
            "https://h/?next=https%3A%2F%2Fa.example%2Fb%3Ft%3D[query-1]",
        ),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240501%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Algorithm=AWS4-HMAC-SHA256",
            "https://b.s3.amazonaws.com/k?X-Amz-Credential=[credential-1]%2F20240501%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Algorithm=[query-2]",
        ),
    ] {
        check_url(url, expected);
    }
}

#[test]
fn the_strict_level_keeps_the_host_and_the_shape() {
    let mut redactor = Redactor::new(Level::Strict);
    let url = "https://www.example.com/a/b.png?x=1&y=2#z";
    let expected = "https://www.example.com/[path-1]/[path-2].png?[query-3]#[fragment-4]";
    assert_eq!(redactor.url(url), expected);
    assert_eq!(redactor.url(expected), expected);
    assert_eq!(redactor.shown("192.168.1.7"), "address-5");
    assert_eq!(redactor.shown("52.218.0.10"), "52.218.0.10");
    assert!(!redactor.shown("::ffff:10.0.0.9").contains("10.0.0.9"));
    assert_eq!(
        redactor.text("from 10.0.0.1:80 to 52.218.0.10"),
        "from [address #7] to 52.218.0.10"
    );
}

#[test]
fn headers_follow_their_rules() {
    for (name, value, expected) in [
        (
            "cookie",
            "a=1; b=2; a=1",
            "a=[cookie #1]; b=[cookie #2]; a=[cookie #1]",
        ),
        (
            "Set-Cookie",
            "sid=abc; Path=/; HttpOnly\nx=y",
            "sid=[cookie #1]; Path=/; HttpOnly\nx=[cookie #2]",
        ),
        (
            "Set-Cookie",
            "a=b; Path=/reset/0a1b2c3d4e; zx=81",
            "a=[cookie #1]; Path=/reset/[token-2]; zx=[cookie #3]",
        ),
        ("AUTHORIZATION", "Bearer abc", "Bearer [credential #1]"),
        ("Authorization", "abc123", "[credential #1]"),
        ("WWW-Authenticate", "Negotiate", "Negotiate"),
        (
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20240501/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0011",
            "AWS4-HMAC-SHA256 Credential=[credential-1]/20240501/eu-west-1/s3/aws4_request, [credential #2]",
        ),
        ("x-vault-token", "abc", "[credential #1]"),
        ("X-Auth", "abc", "[credential #1]"),
        ("X-Forwarded-For", "10.1.2.3", "[address #1]"),
        (
            "Sec-WebSocket-Protocol",
            "graphql-transport-ws, bearer, abcdef",
            "graphql-transport-ws, bearer, [credential #1]",
        ),
        ("Location", "/next?t=Zx81kQ", "/next?t=[query-1]"),
        (
            "Refresh",
            "0; url=/next?t=Zx81kQ",
            "0; url=/next?t=[query-1]",
        ),
        (
            "Link",
            "</a?t=Zx81kQ>; rel=next",
            "</a?t=[query-1]>; rel=next",
        ),
        ("X-Foo-Bar", "some words of a person", "[header #1]"),
        ("X-Foo-Bar", "nosniff", "nosniff"),
    ] {
        check_header(name, value, expected);
    }
    for (name, value) in [
        ("Via", "1.1 varnish, 1.1 abc.cloudfront.net (CloudFront)"),
        (
            "X-Amz-Cf-Id",
            "PaWnOEEyng3O4PBX2lab_qyD2DQ60VajC413wiIbt93eiNkaSKvpkQ==",
        ),
        ("ETag", "\"9f86d081884c7d659a2feaa0c55ad015\""),
        ("Server", "AmazonS3"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        (
            "User-Agent",
            "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/125.0",
        ),
    ] {
        check_header(name, value, value);
    }
}

#[test]
fn quotes_are_read_as_what_their_family_quotes() {
    let mut redactor = redactor();
    let mut check = |family, quote: &str, expected: &str| {
        let redacted = redactor.quote(&Evidence {
            family,
            rule: String::new(),
            claim: Claim::Void(family),
            speaks: Speaks::For,
            strength: Strength::Strong,
            quote: quote.to_owned(),
            span: None,
            source: String::new(),
            with: None,
        });
        assert_eq!(redacted, expected);
    };
    check(Family::StorageId, "Server: AmazonS3", "Server: AmazonS3");
    check(Family::Address, "192.0.2.7", "192.0.2.7");
    let id = "PaWnOEEyng3O4PBX2lab_qyD2DQ60VajC413wiIbt93eiNkaSKvpkQ==";
    check(Family::HeaderChain, id, id);
    check(
        Family::UrlAuthorisation,
        "X-Amz-Signature=0011223344&comp=block",
        "X-Amz-Signature=[token-1]&comp=block",
    );
    check(
        Family::UrlAuthorisation,
        "AKIAIOSFODNN7EXAMPLE/20240501/eu-west-1/s3/aws4_request",
        "[credential-2]/20240501/eu-west-1/s3/aws4_request",
    );
    check(
        Family::HeaderChain,
        "Set-Cookie: AWSALB=abc123",
        "Set-Cookie: AWSALB=[cookie #3]",
    );
    check(Family::Write, "PUT", "PUT");
}

#[test]
fn json_loses_its_values_at_every_depth() {
    let mut value = serde_json::json!({"user": {"password": ["a1b2c3", 7]}, "on": true, "n": null, "jo@mail.example": 1});
    redactor().json("", &mut value);
    assert_eq!(
        value,
        serde_json::json!({
            "user": {"password": ["[token #1]", "[token #2]"]}, "on": true, "n": null, "[token #4]": "[field #3]"
        })
    );
}

#[test]
fn bodies_keep_names_and_lose_values() {
    for (mime, text, kept) in [
        (
            "application/x-www-form-urlencoded",
            "user=ann&password=hunter2",
            "password=",
        ),
        ("application/json", r#"{"password": "hunter2"}"#, "password"),
        ("text/plain", "my password is hunter2", "[content]"),
        ("application/json", r#"{"password": "hunter2""#, "[content]"),
    ] {
        let safe = redactor().body(mime, text);
        assert!(safe.contains(kept) && !safe.contains("hunter2"), "{safe}");
    }
}

#[test]
fn what_an_entry_holds_as_a_secret_goes_wherever_it_stands_as_a_word() {
    let mut redactor = redactor();
    let mut secrets = EntrySecrets::default();
    secrets.add_cookie("session", "Zx81kQ");
    secrets.add_cookie("theme", "default");
    secrets.add_cookie("key", "AmazonS3");
    redactor.enter(secrets.finished());
    assert_eq!(
        redactor.url("https://h/u/Zx81kQ/x"),
        "https://h/u/[token-1]/x"
    );
    assert_eq!(redactor.text("it was Zx81kQ."), "it was [token #1].");
    assert_eq!(redactor.text("Zx81kQs and default"), "Zx81kQs and default");
    assert_eq!(redactor.header("Server", "AmazonS3"), "AmazonS3");
    redactor.leave();
    assert_eq!(redactor.text("it was Zx81kQ."), "it was Zx81kQ.");
}

#[test]
fn hosts_stay_but_for_labels_that_are_tokens() {
    for host in [
        "d111111abcdef8.cloudfront.net",
        "ec2-54-230-100-101.eu-west-1.compute.amazonaws.com",
        "my-long-bucket-name-for-images-2016.s3.amazonaws.com",
        "r4---sn-4g5e6nsz.googlevideo.com",
    ] {
        assert_eq!(redactor().shown(host), host);
    }
    assert_eq!(
        redactor().shown("0b9d1f7e-2c3a-4d5e-a6f7-1234567890ab.example.com"),
        "token-1.example.com"
    );
}

#[test]
fn hostile_text_takes_no_time() {
    let began = std::time::Instant::now();
    for text in [
        "/?x=".repeat(100_000),
        "ab".repeat(500_000),
        "eyJ".repeat(200_000),
        "%25".repeat(200_000),
        "a@".repeat(300_000),
        "a=b~".repeat(200_000),
        "bearer ".repeat(100_000),
        "password: ".repeat(100_000),
        "-----BEGIN PRIVATE KEY-----".repeat(20_000),
        "1 2-".repeat(200_000),
        "((".repeat(300_000),
        "https://".repeat(100_000),
        "a.".repeat(100_000),
    ] {
        let mut redactor = redactor();
        redactor.text(&text);
        redactor.url(&text);
        redactor.shown(&text);
        redactor.header("cookie", &text);
        redactor.header("x-odd", &text);
        redactor.into_watch();
    }
    let took = began.elapsed();
    assert!(took.as_secs() < 60, "{took:?}");
}

#[test]
fn with_secrets_everything_passes() {
    let mut redactor = Redactor::new(Level::Nothing);
    assert_eq!(redactor.header("cookie", "a=1"), "a=1");
    assert_eq!(redactor.url("https://u:p@h/?a=1#b"), "https://u:p@h/?a=1#b");
    assert_eq!(redactor.text("password: hunter2"), "password: hunter2");
}
