//! Tells words that a machine drew at random from words that people wrote.

use std::ops::Range;

/// Shortest run of hexadecimal digits that is an id, in bytes.
const MIN_HEX: usize = 16;

/// Where a UUID stands in `word`, which is made of letters, digits, `-` and `_`.
pub(super) fn is_uuid(word: &str) -> Option<Range<usize>> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    const LEN: usize = 36;
    let bytes = word.as_bytes();
    (0..=bytes.len().checked_sub(LEN)?)
        .find(|from| {
            let mut at = *from;
            let is_free = *from == 0 || !bytes[from - 1].is_ascii_hexdigit();
            let ends = bytes
                .get(from + LEN)
                .is_none_or(|byte| !byte.is_ascii_hexdigit());
            is_free
                && ends
                && GROUPS.iter().enumerate().all(|(idx, len)| {
                    let group = &bytes[at..at + len];
                    at += len + 1;
                    let is_closed = idx == GROUPS.len() - 1 || bytes[at - 1] == b'-';
                    is_closed && group.iter().all(u8::is_ascii_hexdigit)
                })
        })
        .map(|from| from..from + LEN)
}

/// True for base64 with `+`, `/` or `=` in it that looks drawn at random, not for a path of words.
pub(super) fn is_base64(word: &str) -> bool {
    let body = word.trim_end_matches('=');
    let alphabet = body
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'));
    if !alphabet || body.len() < 12 || word.len() - body.len() > 2 {
        return false;
    }
    let is_padded = body.len() < word.len() && word.len().is_multiple_of(4);
    // What has slashes alone is a path.
    let joined: String = body.chars().filter(char::is_ascii_alphanumeric).collect();
    (is_padded || body.contains('+')) && (is_random(&joined) || is_padded && is_json(body))
}

/// True when base64 holds the beginning of a JSON object or list of objects.
fn is_json(word: &str) -> bool {
    ["eyJ", "eyA", "ewo", "ewk", "W3s", "WyJ"]
        .iter()
        .any(|start| word.starts_with(start))
}

/// True for a word of letters, digits, `-` and `_` that looks drawn at random: most of its neighbours are no pair that
/// people write. How many must be, depends on how many there are: short words go wrong by chance.
pub(super) fn is_random(word: &str) -> bool {
    let signs = Signs::of(word);
    let n = signs.n;
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if MIN_HEX <= n && (is_hex || is_json(word)) {
        return true;
    }
    let share = signs.strange_share();
    let by_length = |steps: &[(usize, f64)]| {
        let step = steps.iter().rev().find(|(from, _)| *from <= n);
        step.is_some_and(|(_, least)| *least <= share)
    };
    match (signs.n_classes(), 0 < signs.n_digits) {
        (3, _) => by_length(&[(8, 0.8), (10, 0.62), (14, 0.52), (20, 0.45)]),
        (2, true) => by_length(&[(12, 0.75), (16, 0.55), (24, 0.45)]),
        (2, false) => by_length(&[(16, 0.6), (24, 0.5)]),
        (1, true) => MIN_HEX <= n,
        _ => by_length(&[(20, 0.55)]),
    }
}

/// The share of neighbours in `word` that are no pair that people write.
pub(super) fn strange_share(word: &str) -> f64 {
    Signs::of(word).strange_share()
}

/// True when less than half of the neighbours in a longer word are pairs that people write.
pub(super) fn is_strange(word: &str) -> bool {
    let signs = Signs::of(word);
    8 <= signs.n && 0.55 <= signs.strange_share()
}

/// What is counted about a word.
#[derive(Default)]
struct Signs {
    /// Letters and digits.
    n: usize,
    n_lower: usize,
    n_upper: usize,
    n_digits: usize,
    /// Neighbours that are letters or digits.
    n_pairs: usize,
    /// Those that stand beside one another in words and numbers of people.
    n_common: usize,
}

impl Signs {
    fn of(word: &str) -> Self {
        let mut signs = Self::default();
        let mut last = b'-';
        for byte in word.bytes() {
            signs.n_lower += usize::from(byte.is_ascii_lowercase());
            signs.n_upper += usize::from(byte.is_ascii_uppercase());
            signs.n_digits += usize::from(byte.is_ascii_digit());
            if last.is_ascii_alphanumeric() && byte.is_ascii_alphanumeric() {
                signs.n_pairs += 1;
                signs.n_common += usize::from(is_common(last, byte));
            }
            last = byte;
        }
        signs.n = signs.n_lower + signs.n_upper + signs.n_digits;
        signs
    }

    fn n_classes(&self) -> usize {
        [self.n_lower, self.n_upper, self.n_digits]
            .iter()
            .filter(|n| 0 < **n)
            .count()
    }

    fn strange_share(&self) -> f64 {
        (self.n_pairs - self.n_common) as f64 / self.n_pairs.max(1) as f64
    }
}

/// True for two digits, and for two letters that words have beside one another; a capital only begins a word.
fn is_common(first: u8, second: u8) -> bool {
    if first.is_ascii_digit() && second.is_ascii_digit() {
        return true;
    }
    let is_split = first.is_ascii_lowercase() && second.is_ascii_uppercase();
    let letter = |byte: u8| usize::from(byte.to_ascii_lowercase().wrapping_sub(b'a'));
    !is_split
        && first.is_ascii_alphabetic()
        && second.is_ascii_alphabetic()
        && COMMON[letter(first) * 26 + letter(second)]
}

/// The pairs of letters that make up 94 % of those in English prose and in the paths of URLs.
const PAIRS: &str = "ab ac ad ag ai ak al am an ap ar as at au aw ay az ba be bl bo bu ca cd ce ch ck cl co cr cs ct cu da \
    dd de df dg di dn do dr ds ea eb ec ed ee ef eg el em en ep eq er es et ev ew ex ey fa fe ff fi fl fo \
    fr ft ga ge gh gi gl go gr gs gu ha he hi ho hr ht ia ib ic id ie if ig il im in io ip ir is it iv iz \
    js ke ki ks la ld le li ll lo ls lt lu ly ma me mi mm mo mp na nc nd ne ng ni nl nn no ns nt nu oa ob \
    oc od og ok ol om on oo op or os ot ou ov ow ox pa pe pi pl po pp pr ps pt pu qu ra rc rd re rg ri rk \
    rl rm rn ro rr rs rt ru rv ry sa sc se sh si so sp ss st su ta tc te th ti tl to tp tr ts tt tu ty ud \
    ue ui ul um un ur us ut va ve vi wa we wh wi wn wo wr ws xp xt xy yp ys yt ze";

/// Whether a pair of letters is one of [`PAIRS`].
static COMMON: [bool; 26 * 26] = {
    let mut common = [false; 26 * 26];
    let pairs = PAIRS.as_bytes();
    let mut at = 0;
    while at + 1 < pairs.len() {
        common[(pairs[at] - b'a') as usize * 26 + (pairs[at + 1] - b'a') as usize] = true;
        at += 3;
    }
    common
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Words over `alphabet`, drawn by a generator that gives the same ones in every run.
    fn drawn(alphabet: &[u8], len: usize) -> Vec<String> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        (0..2_000)
            .map(|_| {
                let sign = |_| char::from(alphabet[next() % alphabet.len()]);
                (0..len).map(sign).collect()
            })
            .collect()
    }

    #[test]
    fn most_of_what_is_drawn_is_known() {
        const BASE62: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        const BASE36: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        for (alphabet, len, least) in [
            (BASE62, 12, 0.7),
            (BASE62, 16, 0.95),
            (BASE62, 22, 0.99),
            (BASE62, 43, 0.999),
            (BASE36, 16, 0.9),
            (BASE36, 24, 0.95),
            (BASE36, 32, 0.99),
            (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 26, 0.9),
        ] {
            let words = drawn(alphabet, len);
            let n = words.iter().filter(|word| is_random(word)).count();
            let share = n as f64 / words.len() as f64;
            assert!(least <= share, "{len} of {}: {share}", alphabet.len());
        }
    }

    #[test]
    fn words_of_people_are_not() {
        for word in [
            "a-long-and-readable-article-title-2016",
            "iPhone6Plus",
            "QuanticoRegularWebfont",
            "jquery-ui-datepicker-de",
            "IMG_20160529_123456",
            "getElementsByClassName",
            "application-2024-05-01",
            "internationalization",
            "UnitedStatesOfAmerica2024",
            "screen-shot-2016-05-29-at-12",
            "d111111abcdef8",
            "com.example.MyApplicationActivity",
        ] {
            assert!(!is_random(word), "{word}");
        }
    }

    #[test]
    fn uuids_are_found_within_words() {
        let id = "0b9d1f7e-2c3a-4d5e-a6f7-1234567890ab";
        assert_eq!(is_uuid(id), Some(0..36));
        assert_eq!(is_uuid(&format!("file-{id}_x")), Some(5..41));
        assert_eq!(is_uuid(&id[1..]), None);
    }

    #[test]
    fn base64_is_no_path() {
        assert!(is_base64(
            "PaWnOEEyng3O4PBX2lab+qyD2DQ60VajC413wiIbt93eiNkaSKvpkQ=="
        ));
        assert!(!is_base64("a/path/to/images/of/something"));
        assert!(!is_base64("image/svg+xml"));
    }
}
