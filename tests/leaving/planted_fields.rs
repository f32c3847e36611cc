//! Places for secrets in the fields of an entry.

use serde_json::{Value, json};

use crate::kinds::{Encoding, component};
use crate::planted::{Class, Entry, Put, header};

/// Places elsewhere in an entry, where text stands as it is.
pub(crate) const TEXT_PLACES: &[(&str, Class, Put)] = {
    use Class::{Named, Shape};
    &[
        ("queryString[].value", Named, |entry, text| {
            entry.push(
                "/request/queryString",
                json!({"name": "password", "value": text}),
            );
        }),
        (
            "queryString[].value, harmless name",
            Shape,
            |entry, text| entry.push("/request/queryString", json!({"name": "q", "value": text})),
        ),
        ("queryString[].name", Shape, |entry, text| {
            entry.push("/request/queryString", json!({"name": text, "value": "1"}));
        }),
        ("queryString[].comment", Shape, |entry, text| {
            entry.push(
                "/request/queryString",
                json!({"name": "page", "value": "2", "comment": text}),
            );
        }),
        ("request cookies[].value", Named, |entry, text| {
            entry.push("/request/cookies", json!({"name": "theme", "value": text}));
        }),
        ("request cookies[].name", Shape, |entry, text| {
            entry.push("/request/cookies", json!({"name": text, "value": "1"}));
        }),
        ("response cookies[].value", Named, |entry, text| {
            entry.push("/response/cookies", json!({"name": "lang", "value": text}));
        }),
        ("response cookies[].path", Shape, |entry, text| {
            entry.push(
                "/response/cookies",
                json!({"name": "a", "value": "", "path": format!("/s/{text}")}),
            );
        }),
        ("response cookies[]._field", Shape, |entry, text| {
            entry.push(
                "/response/cookies",
                json!({"name": "b", "value": "", "_partition": text}),
            );
        }),
        ("postData form, secret key", Named, |entry, text| {
            form(entry, &format!("user=jo&password={}", component(text)));
        }),
        ("postData form, harmless key", Shape, |entry, text| {
            form(entry, &format!("a=1&q={}", component(text)));
        }),
        ("postData form, key", Shape, |entry, text| {
            form(entry, &format!("{}=1&a=2", component(text)));
        }),
        ("postData JSON, secret key", Named, |entry, text| {
            post(
                entry,
                "application/json",
                &json!({"user": {"list": [{"client_secret": text}]}}).to_string(),
            );
        }),
        ("postData JSON, harmless key", Shape, |entry, text| {
            post(
                entry,
                "application/json",
                &json!({"a": {"list": [{"title": text}]}}).to_string(),
            );
        }),
        ("postData JSON, key", Shape, |entry, text| {
            post(
                entry,
                "application/json; charset=utf-8",
                &json!({"a": {text: 1}}).to_string(),
            );
        }),
        ("postData JSON within JSON", Named, |entry, text| {
            post(
                entry,
                "application/json",
                &json!({"payload": json!({"token": text}).to_string()}).to_string(),
            );
        }),
        ("postData JSON, array alone", Shape, |entry, text| {
            post(
                entry,
                "application/vnd.api+json",
                &json!([text]).to_string(),
            );
        }),
        ("postData multipart", Named, |entry, text| {
            post(
                entry,
                "multipart/form-data; boundary=xx",
                &format!(
                    "--xx\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{text}\r\n--xx--\r\n"
                ),
            );
        }),
        ("postData multipart, file name", Shape, |entry, text| {
            post(
                entry,
                "multipart/form-data; boundary=xx",
                &format!(
                    "--xx\r\nContent-Disposition: form-data; name=\"f\"; filename=\"{text}.pdf\"\r\n\r\nx\r\n--xx--\r\n"
                ),
            );
        }),
        ("postData plain", Named, |entry, text| {
            post(entry, "text/plain", &format!("password: {text}"));
        }),
        ("postData XML", Named, |entry, text| {
            post(
                entry,
                "text/xml",
                &format!("<soap><password>{text}</password></soap>"),
            );
        }),
        ("postData GraphQL", Named, |entry, text| {
            post(
                entry,
                "application/graphql",
                &format!("mutation {{ login(password: \"{text}\") {{ id }} }}"),
            );
        }),
        ("postData without type", Named, |entry, text| {
            entry.set("/request/postData/text", json!(format!("token={text}")));
        }),
        ("postData.params[].value", Named, |entry, text| {
            params(entry, &json!({"name": "password", "value": text}));
        }),
        ("postData.params[].name", Shape, |entry, text| {
            params(entry, &json!({"name": text, "value": "1"}));
        }),
        ("postData.params[].fileName", Shape, |entry, text| {
            params(
                entry,
                &json!({"name": "f", "fileName": format!("{text}.pdf"), "contentType": "text/plain"}),
            );
        }),
        ("postData._file", Shape, |entry, text| {
            entry.set("/request/postData/_file", json!(format!("/home/jo/{text}")));
        }),
        ("postData.comment", Shape, |entry, text| {
            entry.set("/request/postData/comment", json!(text));
        }),
        ("content.text", Named, |entry, text| {
            entry.set(
                "/response/content/text",
                json!(format!("<input name=csrf value='{text}'>")),
            );
        }),
        ("content.text, JSON", Named, |entry, text| {
            body(
                entry,
                "application/json",
                &json!({"access_token": text}).to_string(),
            );
        }),
        ("content.text, base64", Named, |entry, text| {
            base64_body(entry, &format!("password={text}"));
        }),
        ("content.comment", Shape, |entry, text| {
            entry.set("/response/content/comment", json!(text));
        }),
        ("content._file", Shape, |entry, text| {
            entry.set(
                "/response/content/_file",
                json!(format!("C:\\Users\\jo\\{text}")),
            );
        }),
        ("redirectURL, path", Shape, |entry, text| {
            entry.set(
                "/response/redirectURL",
                json!(format!("https://www.shop.example/x/{}", component(text))),
            );
        }),
        ("redirectURL, query", Named, |entry, text| {
            entry.set(
                "/response/redirectURL",
                json!(format!("/next?code={}", component(text))),
            );
        }),
        ("statusText", Shape, |entry, text| {
            entry.set("/response/statusText", json!(format!("Found {text}")));
        }),
        ("entry comment", Shape, |entry, text| {
            entry.set("/comment", json!(format!("seen {text} twice")));
        }),
        ("request comment", Shape, |entry, text| {
            entry.set("/request/comment", json!(text));
        }),
        ("response comment", Shape, |entry, text| {
            entry.set("/response/comment", json!(text));
        }),
        ("timings comment", Shape, |entry, text| {
            entry.set("/timings/comment", json!(text));
        }),
        ("cache comment", Shape, |entry, text| {
            entry.set("/cache/comment", json!(text));
        }),
        ("connection", Shape, |entry, text| {
            entry.set("/connection", json!(text));
        }),
        ("_unknown text", Shape, |entry, text| {
            entry.set("/_unknown", json!({"deep": ["a", text]}));
        }),
        ("_unknown key", Shape, |entry, text| {
            entry.set("/_others", json!({text: true}));
        }),
        ("_unknown, secret key", Named, |entry, text| {
            entry.set("/_login", json!({"password": text}));
        }),
        ("_error", Named, |entry, text| {
            entry.set(
                "/response/_error",
                json!(format!(
                    "net::ERR_FAILED https://a.example/?token={}",
                    component(text)
                )),
            );
        }),
        ("_initiator.url", Shape, |entry, text| {
            entry.set("/_initiator", json!({"type": "script", "url": format!("https://a.example/{}/b.js", component(text)), "lineNumber": 3}));
        }),
        ("_initiator stack", Named, |entry, text| {
            entry.set("/_initiator", json!({"type": "script", "stack": {"callFrames": [{"functionName": "load", "url": format!("https://a.example/b.js?key={}", component(text)), "lineNumber": 1}]}}));
        }),
        ("_initiator function", Shape, |entry, text| {
            entry.set("/_initiator", json!({"type": "script", "stack": {"callFrames": [], "parent": {"description": "await", "callFrames": [{"functionName": text, "url": ""}]}}}));
        }),
        ("_webSocketMessages", Named, |entry, text| {
            entry.set("/_webSocketMessages", json!([{"type": "send", "time": 1.5, "opcode": 1, "data": json!({"auth": text}).to_string()}]));
        }),
        ("_webSocketMessages, text", Shape, |entry, text| {
            entry.set("/_webSocketMessages", json!([{"type": "receive", "time": 1.5, "opcode": 1, "data": format!("hello {text}")}]));
        }),
        ("field of the request", Named, |entry, text| {
            entry.set("/request/_credentials", json!(text));
        }),
        ("field without a mark", Shape, |entry, text| {
            entry.set("/response/sessionStorage", json!({"a": text}));
        }),
        ("header comment", Shape, |entry, text| {
            entry
                .request_headers
                .push(json!({"name": "Accept", "value": "*/*", "comment": text}));
        }),
        ("request header name", Shape, |entry, text| {
            entry
                .request_headers
                .push(header(&format!("X-{}", header_name(text)), "1"));
        }),
        ("response header name", Shape, |entry, text| {
            entry
                .response_headers
                .push(header(&format!("x-{}", header_name(text)), "1"));
        }),
    ]
};

/// Names of headers hold few signs.
fn header_name(text: &str) -> String {
    text.replace(
        |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_' && c != '.',
        "_",
    )
}

fn post(entry: &mut Entry, mime: &str, text: &str) {
    entry.set("/request/postData", json!({"mimeType": mime, "text": text}));
}

fn form(entry: &mut Entry, text: &str) {
    post(
        entry,
        "application/x-www-form-urlencoded; charset=UTF-8",
        text,
    );
}

fn params(entry: &mut Entry, param: &Value) {
    entry.set(
        "/request/postData",
        json!({"mimeType": "application/x-www-form-urlencoded", "params": [param]}),
    );
}

fn body(entry: &mut Entry, mime: &str, text: &str) {
    entry.set(
        "/response/content",
        json!({"size": text.len(), "mimeType": mime, "text": text}),
    );
}

fn base64_body(entry: &mut Entry, text: &str) {
    let text = Encoding::Base64.write(text).unwrap_or_default();
    entry.set(
        "/response/content",
        json!({"size": text.len(), "mimeType": "text/html", "text": text, "encoding": "base64"}),
    );
}
