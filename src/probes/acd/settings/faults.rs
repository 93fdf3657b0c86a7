//! What is wrong with a source's table is told with its place, all at once.

use std::path::Path;

use crate::document::{Document, Fault};
use crate::probes::acd::settings::desk::Around;
use crate::probes::acd::settings::{Of, Settings, read};

fn read_table(table: &str, text: &str) -> (Option<Settings>, Vec<Fault>) {
    let (document, mut faults) = Document::parse("a.toml", text);
    assert_eq!(faults, [], "the syntax is good");
    let around = Around {
        secret: &|name| match name {
            "empty" => Ok("\n".to_owned()),
            "lines" => Ok("a\nb".to_owned()),
            "lost" => Err("there is no file lost".to_owned()),
            name => Ok(format!("{name}-long-enough-S3CRET\n")),
        },
        directory: Path::new("/etc/callwatch"),
        zone: None,
    };
    let settings = read(&document, table, around, &mut faults);
    faults.sort();
    (settings, faults)
}

fn faults_of(text: &str) -> Vec<String> {
    let (settings, faults) = read_table("", text);
    assert!(settings.is_none() || faults.is_empty());
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_table_of_the_centres_file_is_read_as_a_file_of_its_own_is() {
    let keys = "kind = \"exec\"\ncommand = [\"bin/queues\", \"-v\"]\nsecret_file = \"db\"\n\
        queues = [\"support\"]\npoll = \"10s\"\n";
    let (own, faults) = read_table("", keys);
    assert_eq!(faults, []);
    let (within, faults) = read_table("acd.hotline", &format!("[acd.hotline]\n{keys}"));
    assert_eq!(faults, []);
    assert_eq!(own, within);
    let own = own.unwrap();
    assert_eq!(own.stale_after, own.poll * 3);
    let Of::Exec(exec) = own.of else {
        panic!("it is of another kind");
    };
    assert_eq!(exec.command, ["/etc/callwatch/bin/queues", "-v"]);
    let (_, faults) = read_table("acd.hotline", "[acd.hotline]\nkind = \"exec\"\n");
    let told: Vec<_> = faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(told, ["acd.hotline.command", "acd.hotline.queues"]);
}

#[test]
fn a_kind_that_there_is_not_is_told_with_the_one_that_was_meant() {
    assert_eq!(
        faults_of(""),
        ["a.toml:1:1: kind: is missing: add this key"]
    );
    assert_eq!(
        faults_of("kind = \"jsn\"\n"),
        ["a.toml:1:8: kind: unknown value `jsn`: did you mean `json`?"]
    );
}

#[test]
fn everything_that_is_wrong_with_a_json_source_is_told_at_once() {
    let text = "kind = \"json\"\nurl = \"ftp://S3CRET\"\npoll = \"0s\"\ntimeout = \"1h\"\n\
        body = \"{}\"\nencoding = \"gbkk\"\ntime_zone = \"Mars\"\ncolour = 1\n\
        ok = { at = \"code\", is = \"0\" }\nheaders = { \"a b\" = \"c\" }\n\
        [queue.support]\nwaiting = \"waiting\"\nlongest_wait = \"/a\"\nlongest_wait_since = \"/b\"\n\
        busy = \"/[id\"\nabsent_is_zero = [\"bussy\"]\n[queue.sales]\nstaffd = \"/x\"\n\
        [members]\nlist = \"/l\"\ninterface = \"/i\"\nstanding = \"/s\"\nstandings = { x = \"pausd\" }\n";
    assert_eq!(
        faults_of(text),
        [
            "a.toml:2:7: url: is no web address: begin it with https:// or http://",
            "a.toml:3:8: poll: is not between 1s and 10m: write it as \"5s\"",
            "a.toml:4:11: timeout: is not between 100ms and 1m: write it as \"10s\"",
            "a.toml:5:8: body: goes with `method = \"POST\"`: add that, or take it out",
            "a.toml:6:12: encoding: `gbkk` is no encoding: write \"gbk\", \"gb18030\" or \"utf-8\"",
            "a.toml:7:13: time_zone: `Mars` is no time zone: write an IANA name as \"Asia/Shanghai\"",
            "a.toml:8:1: colour: unknown key `colour`: known here: `kind`, `name`, `via`, `poll`, `stale_after`, `timeout`, `url`, `url_file`, `method`, `body`, `body_file`, `headers`, `auth`, `encoding`, `ok`, `durations_in`, `time_zone`, `queue`, `members`",
            "a.toml:9:13: ok.at: `code` cannot be read: begin it with `/`, as \"/data/waiting\"; the whole document is \"\"",
            "a.toml:10:21: headers.\"a b\": is no name of a header: write it as \"X-Tenant\"",
            "a.toml:12:11: queue.support.waiting: `waiting` cannot be read: begin it with `/`, as \"/data/waiting\"; the whole document is \"\"",
            "a.toml:14:22: queue.support.longest_wait_since: `longest_wait` stands beside it: keep one of the two",
            "a.toml:15:8: queue.support.busy: `/[id` cannot be read: write an element to be picked as `[key=value]`, with `]` at the end of the step",
            "a.toml:16:18: queue.support.absent_is_zero: there is no figure `bussy`: did you mean `busy`?",
            "a.toml:17:1: queue.sales.waiting: is missing: add this key",
            "a.toml:18:1: queue.sales.staffd: unknown key `staffd`: did you mean `staffed`?",
            "a.toml:23:19: members.standings.x: there is no standing `pausd`: did you mean `paused`?",
        ]
    );
    let none = faults_of("kind = \"json\"\nurl_file = \"lost\"\n");
    assert_eq!(
        none,
        [
            "a.toml:1:1: queue: names no queue: add a table [queue.NAME] with `waiting = \"/…\"`",
            "a.toml:2:12: url_file: there is no file lost",
        ]
    );
}

#[test]
fn everything_that_is_wrong_with_the_way_in_is_told_at_once() {
    let json = "kind = \"json\"\nurl = \"http://a/\"\nqueue = { s = { waiting = \"/w\" } }\n";
    let auth = |keys: &str| faults_of(&format!("{json}[auth]\n{keys}"));
    assert_eq!(
        auth(""),
        ["a.toml:4:1: auth.kind: is missing: add this key"]
    );
    assert_eq!(
        auth("kind = \"baisc\"\n"),
        ["a.toml:5:8: auth.kind: unknown value `baisc`: did you mean `basic`?"]
    );
    assert_eq!(
        auth("kind = \"basic\"\npassword = \"a\"\npassword_file = \"b\"\ntoken = \"x\"\n"),
        [
            "a.toml:4:1: auth.user: is missing: add this key",
            "a.toml:7:17: auth.password_file: `password` stands beside it: keep one of the two",
            "a.toml:8:1: auth.token: unknown key `token`: known here: `kind`, `user`, `password`, `password_file`",
        ]
    );
    assert_eq!(
        auth("kind = \"bearer\"\n"),
        ["a.toml:4:1: auth.token_file: is missing: add `token_file` or `token`"]
    );
    assert_eq!(
        auth("kind = \"header\"\nname = \"a b\"\nvalue_file = \"empty\"\n"),
        [
            "a.toml:6:8: auth.name: `a b` cannot be read: invalid HTTP header name",
            "a.toml:7:14: auth.value_file: is empty: copy it whole",
        ]
    );
    assert_eq!(
        auth(
            "kind = \"log-in\"\nuser = \"u\"\npassword_file = \"p\"\ntoken = \"t\"\nas = \"basic\"\n\
             user_field = \"x\"\ncarried = { cookie = \"x\" }\n"
        ),
        [
            "a.toml:4:1: auth.url_file: is missing: add `url_file` or `url`",
            "a.toml:8:9: auth.token: `t` cannot be read: begin it with `/`, as \"/data/waiting\"; the whole document is \"\"",
            "a.toml:10:14: auth.user_field: does not go with `as = \"basic\"`, which has no fields for them: take it out",
            "a.toml:11:13: auth.carried.cookie: unknown value `cookie`: known here: `bearer`, `header`, `query`",
        ]
    );
    assert_eq!(
        auth(
            "kind = \"signed\"\nsecret_file = \"s\"\ntext = \"{kye}\"\nhash = \"md5\"\n\
             hmac_key = \"{secret}&\"\nadd = { a = \"{\" }\n"
        ),
        [
            "a.toml:7:8: auth.text: there is no place `{kye}`: known are `{key}`, `{secret}`, `{time}`, `{nonce}`, `{method}`, `{host}`, `{path}`, `{query}`, `{query_encoded}`",
            "a.toml:9:12: auth.hmac_key: goes with a hash that begins with `hmac-`: take it out, or change `hash`",
            "a.toml:10:13: auth.add.a: `{` is not closed: write the name of a place between `{` and `}`",
        ]
    );
}

#[test]
fn everything_that_is_wrong_with_the_other_kinds_is_told_at_once() {
    assert_eq!(
        faults_of("kind = \"exec\"\ncommand = [\"\"]\nqueues = []\nstale_after = \"1s\"\n"),
        [
            "a.toml:2:11: command: names no program: write it as [\"/usr/local/bin/queues\", \"argument\"]",
            "a.toml:3:10: queues: names no queue: write it as [\"support\"]",
            "a.toml:4:15: stale_after: is not between `poll` (5s) and 1h: leave it out for three polls",
        ]
    );
    assert_eq!(
        faults_of(
            "kind = \"freeswitch\"\nhost = \"\"\nport = 99999\npassword_file = \"lines\"\nqueues = [\"a\", \"a\", \"b'c\", \"\"]\n"
        ),
        [
            "a.toml:2:8: host: is empty: write the address of the FreeSWITCH",
            "a.toml:3:8: port: expected a whole number from 0 to 65535, found integer `99999`",
            "a.toml:4:17: password_file: has more than one line: no event socket takes that",
            "a.toml:5:16: queues[1]: `a` stands there twice: take one out",
            "a.toml:5:21: queues[2]: has a quote, a bar or a backslash in it, with which no queue can be asked for",
            "a.toml:5:28: queues[3]: is empty: write the name of a queue",
        ]
    );
    assert_eq!(
        faults_of(
            "kind = \"pushed\"\ntoken = \"short\"\nstale_after = \"0s\"\nqueues = []\npoll = \"5s\"\n"
        ),
        [
            "a.toml:2:9: token: has fewer than 16 characters and can be guessed: `openssl rand -hex 16` makes one",
            "a.toml:3:15: stale_after: is not between 1s and 1h: write it as \"1m\"",
            "a.toml:4:10: queues: names no queue: write it as [\"support\"]",
            "a.toml:5:1: poll: unknown key `poll`: known here: `kind`, `name`, `via`, `stale_after`, `token`, `token_file`, `queues`",
        ]
    );
}

#[test]
fn everything_that_is_wrong_with_an_asterisk_is_told_at_once() {
    assert_eq!(
        faults_of(
            "kind = \"ami\"\nhost = \" \"\nuser = \"a\\nb\"\nsecret_file = \"lines\"\ntimeout = \"1m\"\n\
             queues = [\"a\", \"a\", \"b\\r\\nAction: QueueReset\"]\ntls = true\n"
        ),
        [
            "a.toml:2:8: host: is empty: write the address of the Asterisk",
            "a.toml:3:8: user: the user holds a line break or another control character: take it out",
            "a.toml:4:15: secret_file: the secret holds a line break or another control character: take it out",
            "a.toml:5:11: timeout: is not between 100ms and 30s: write it as \"3s\"",
            "a.toml:6:16: queues[1]: `a` stands there twice: take one out",
            "a.toml:6:21: queues[2]: the name of a queue holds a line break or another control character: take it out",
            "a.toml:7:1: tls: unknown key `tls`: known here: `kind`, `name`, `via`, `poll`, `stale_after`, `timeout`, `host`, `port`, `user`, `secret`, `secret_file`, `in_the_clear`, `queues`",
        ]
    );
    assert_eq!(
        faults_of("kind = \"ami\"\nhost = \"pbx\"\n"),
        [
            "a.toml:1:1: secret_file: is missing: add `secret_file` or `secret`",
            "a.toml:1:1: user: is missing: add this key",
        ]
    );
}

#[test]
fn no_secret_of_any_source_is_printed() {
    for text in [
        "kind = \"ami\"\nhost = \"h\"\nuser = \"u\"\nsecret_file = \"s\"\n",
        "kind = \"pushed\"\ntoken_file = \"t\"\nqueues = [\"a\"]\n",
        "kind = \"freeswitch\"\nhost = \"h\"\npassword_file = \"p\"\n",
        "kind = \"exec\"\ncommand = [\"x\", \"S3CRET\"]\nsecret_file = \"s\"\nqueues = [\"a\"]\n",
        "kind = \"json\"\nurl = \"http://u:S3CRET@a/q?k=S3CRET\"\nmethod = \"POST\"\nbody_file = \"b\"\n\
         headers = { X = \"S3CRET\" }\nqueue = { s = { waiting = \"/w\" } }\n\
         [auth]\nkind = \"log-in\"\nurl_file = \"u\"\nurl = \"x\"\n",
    ] {
        let (settings, faults) = read_table("", text);
        assert!(
            !format!("{settings:?} {faults:?}").contains("S3CRET"),
            "{text}"
        );
    }
}
