//! An ACD, or whatever counts for it, that tells its queues in JSON over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use encoding_rs::Encoding;
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use crate::clock::wall_clock;
use crate::probes::acd::address::Address;
use crate::probes::acd::auth::Auth;
use crate::probes::acd::condition::Condition;
use crate::probes::acd::document::read_json;
use crate::probes::acd::failure::Failure;
use crate::probes::acd::figures::{Figures, Meaning, Members};
use crate::probes::acd::hidden::Hidden;
use crate::probes::acd::http::{self, Progress, out_of_time};
use crate::probes::acd::login::Login;
use crate::probes::acd::told::Told;
use crate::text::Text;

/// One source, and what of its answer counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub url: Address,
    pub method: Method,
    pub body: Option<Hidden>,
    /// Its values are marked as sensitive.
    pub headers: HeaderMap,
    pub auth: Auth,
    /// Of the answer, where it does not say so or says it wrong.
    pub encoding: Option<&'static Encoding>,
    pub ok: Option<Condition>,
    pub meaning: Meaning,
    pub queues: BTreeMap<String, Figures>,
    pub members: Option<Members>,
    /// In real time, of logging in, asking and reading the answer together.
    pub timeout: Duration,
}

/// The source, asked again and again.
#[derive(Debug)]
pub struct Source {
    settings: Settings,
    login: Login,
}

impl Source {
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            login: Login::default(),
        }
    }

    /// Asks once. A fetched token that is taken no longer is fetched anew, once.
    pub async fn poll(&mut self, http: &Client) -> Result<Told, Failure> {
        let timeout = self.settings.timeout;
        let mut progress = Progress::default();
        let asked = tokio::time::timeout(timeout, self.ask(http, &mut progress)).await;
        if let Ok(asked) = asked {
            let document = asked?;
            Ok(self.settings.told(&document, wall_clock()))
        } else {
            let asked = progress.asked.as_ref();
            let url = asked.unwrap_or_else(|| self.settings.url.url());
            Err(out_of_time(url, progress.begun, timeout).await)
        }
    }

    async fn ask(&mut self, http: &Client, progress: &mut Progress) -> Result<Value, Failure> {
        let Auth::LogIn(login) = &self.settings.auth else {
            return self
                .settings
                .ask(http, None, progress)
                .await
                .map_err(|(failure, _)| failure);
        };
        let (token, fresh) = self.login.token(login, http, progress).await?;
        let refused = match self.settings.ask(http, Some(&token), progress).await {
            Ok(document) => return Ok(document),
            Err((failure, Refused::No)) => return Err(failure),
            Err((failure, Refused::Perhaps)) => failure,
        };
        self.login.forget();
        if fresh {
            return Err(refused);
        }
        let (token, _) = self.login.token(login, http, progress).await?;
        let asked = self.settings.ask(http, Some(&token), progress).await;
        asked.map_err(|(failure, _)| failure)
    }
}

/// Whether another token may be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    Perhaps,
    No,
}

impl Settings {
    async fn ask(
        &self,
        http: &Client,
        token: Option<&Hidden>,
        progress: &mut Progress,
    ) -> Result<Value, (Failure, Refused)> {
        let no = |failure: Failure| (failure, Refused::No);
        let url = self.url.url().clone();
        progress.asked = Some(url.clone());
        let request = self
            .auth
            .request(http, &self.method, url, token, wall_clock());
        let mut request = request.map_err(no)?.headers(self.headers.clone());
        if let Some(body) = &self.body {
            request = request.body(body.reveal().to_owned());
        }
        let answer = http::send(request, progress).await.map_err(no)?;
        if answer.status == StatusCode::UNAUTHORIZED {
            let refused = answer
                .good()
                .err()
                .unwrap_or_else(|| Failure::new(crate::acd::Outage::LoginRefused));
            return Err((refused, Refused::Perhaps));
        }
        let text = answer.good().and_then(|answer| answer.text(self.encoding));
        let document = text.and_then(|text| read_json(&text)).map_err(no)?;
        if let Some(ok) = &self.ok {
            // A token that has run out is often told in an answer of status 200.
            let checked = ok.check(&document);
            checked.map_err(|failure| (failure, Refused::Perhaps))?;
        }
        Ok(document)
    }

    fn told(&self, document: &Value, now: Timestamp) -> Told {
        let mut told = Told::default();
        for (name, figures) in &self.queues {
            let mut notes = Vec::new();
            let read = figures.read(document, &self.meaning, now, &mut notes);
            told.reading.queues.insert(name.clone(), read);
            told.notes.extend(notes.into_iter().map(|note| {
                Text::new(
                    format!("{name}：{}", note.zh),
                    format!("{name}: {}", note.en),
                )
            }));
        }
        if let Some(members) = &self.members {
            let names: BTreeSet<String> = self.queues.keys().cloned().collect();
            told.reading.members = members.read(document, &names, &mut told.notes);
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::fmt::Write as _;
    use std::path::Path;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::{Body, Bytes};
    use axum::extract::State;
    use axum::http::Request;
    use axum::response::{IntoResponse as _, Response};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::task::JoinSet;

    use super::*;
    use crate::acd::{Blind, Field, NoReading, Outage, Standing};
    use crate::document::Document;
    use crate::probes::acd::settings::{self, Around, Of};

    /// The source that a file sets; `HOST` stands for the address.
    fn source(host: &str, toml: &str) -> Source {
        let text = format!("kind = \"json\"\n{}", toml.replace("HOST", host));
        let (document, mut faults) = Document::parse("acd.toml", &text);
        let around = Around {
            secret: &|name| Ok(format!("{name}-S3CRET\n")),
            directory: Path::new("/etc/callwatch"),
            zone: None,
        };
        let settings = settings::read(&document, "", around, &mut faults);
        assert_eq!(faults, []);
        let Of::Json(settings) = settings.unwrap().of else {
            panic!("it is of another kind");
        };
        assert!(!format!("{settings:?}").contains("S3CRET"), "{settings:?}");
        Source::new(*settings)
    }

    const PLAIN: &str = "url = \"http://HOST/q\"\ntimeout = \"400ms\"\n\
        [queue.support]\nwaiting = \"/waiting\"\n";

    type Asked = Vec<(String, String)>;

    /// A server that answers each request with the next of these.
    struct Server {
        host: String,
        /// Method, path, query and headers of each request, and its body.
        asked: Arc<Mutex<Asked>>,
        _tasks: JoinSet<()>,
    }

    /// Status, content type and body of each answer to come.
    type Answers = VecDeque<(u16, &'static str, Bytes)>;

    #[derive(Clone)]
    struct Desk {
        answers: Arc<Mutex<Answers>>,
        asked: Arc<Mutex<Asked>>,
    }

    async fn answer(State(desk): State<Desk>, request: Request<Body>) -> Response {
        let mut head = format!("{} {}", request.method(), request.uri());
        for (name, value) in request.headers() {
            write!(head, "\n{name}: {}", value.to_str().unwrap()).unwrap();
        }
        let body = axum::body::to_bytes(request.into_body(), 1000)
            .await
            .unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        desk.asked.lock().unwrap().push((head, body));
        let (status, kind, body) = desk.answers.lock().unwrap().pop_front().unwrap();
        let status = StatusCode::from_u16(status).unwrap();
        (status, [("content-type", kind)], body).into_response()
    }

    impl Server {
        async fn start(answers: &[(u16, &str)]) -> Self {
            let answers = answers.iter();
            let answers = answers
                .map(|(status, text)| (*status, "application/json", text.as_bytes().to_vec()));
            Self::typed(answers.collect()).await
        }

        async fn typed(answers: Vec<(u16, &'static str, Vec<u8>)>) -> Self {
            let answers = answers.into_iter();
            let answers = answers.map(|(status, kind, body)| (status, kind, body.into()));
            let desk = Desk {
                answers: Arc::new(Mutex::new(answers.collect())),
                asked: Arc::default(),
            };
            let asked = Arc::clone(&desk.asked);
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let host = listener.local_addr().unwrap().to_string();
            let router = Router::new().fallback(answer).with_state(desk);
            let mut tasks = JoinSet::new();
            tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
            Self {
                host,
                asked,
                _tasks: tasks,
            }
        }

        fn asked(&self) -> Asked {
            self.asked.lock().unwrap().clone()
        }
    }

    async fn poll(source: &mut Source) -> Result<Told, Failure> {
        source.poll(&crate::alerts::client().unwrap()).await
    }

    async fn told(toml: &str, answer: &str) -> Told {
        let server = Server::start(&[(200, answer)]).await;
        poll(&mut source(&server.host, toml)).await.unwrap()
    }

    async fn failed(toml: &str, status: u16, answer: &str) -> Failure {
        let server = Server::start(&[(status, answer)]).await;
        poll(&mut source(&server.host, toml)).await.unwrap_err()
    }

    #[tokio::test]
    async fn several_queues_and_their_members_come_from_one_answer() {
        let toml = "url = \"http://HOST/q\"\n\
            ok = { at = \"/result\", is = \"0\", why = \"/desc\" }\n\
            durations_in = \"ms\"\n\
            [queue.support]\nwaiting = \"/rows/[skillId=1]/callWaitNums\"\n\
            longest_wait = \"/rows/[skillId=1]/wait\"\nstaffed = \"/rows/[skillId=1]/on\"\n\
            abandoned = \"/rows/[skillId=1]/lost\"\n\
            [queue.sales]\nwaiting = \"/rows/[skillId=2]/callWaitNums\"\n\
            longest_wait = \"/rows/[skillId=2]/wait\"\nbusy = \"/rows/[skillId=2]/busy\"\n\
            absent_is_zero = [\"busy\"]\n\
            [queue.night]\nwaiting = \"/rows/[skillId=3]/callWaitNums\"\n\
            [members]\nlist = \"/agents\"\ninterface = \"/no\"\nname = \"/name\"\n\
            standing = \"/state\"\nreason = \"/why\"\nqueues = \"/skills\"\n\
            standings = { \"4\" = \"paused\", talk = \"busy\" }\n";
        let answer = "{\"result\": \"0\", \"rows\": [\
            {\"skillId\": 1, \"callWaitNums\": \"3\", \"wait\": 42000, \"on\": 8.0, \"lost\": \"12\"},\
            {\"skillId\": \"2\", \"callWaitNums\": 0, \"wait\": null}],\
            \"agents\": [{\"no\": 1001, \"name\": \"小李\", \"state\": 4, \"why\": \"午休\", \"skills\": [\"support\"]},\
            {\"no\": \"1002\", \"state\": \"talk\", \"skills\": \"sales\"}, {\"no\": \"1003\", \"state\": \"zzz\"}, {}]}";
        let told = told(toml, answer).await;
        let support = told.reading.queue("support").unwrap();
        assert_eq!((support.waiting, support.longest_wait), (Some(3), Some(42)));
        assert_eq!(
            (support.staffed, support.totals.abandoned),
            (Some(8), Some(12))
        );
        assert_eq!(support.available, None);
        let sales = told.reading.queue("sales").unwrap();
        assert_eq!(
            (sales.waiting, sales.longest_wait, sales.busy),
            (Some(0), Some(0), Some(0))
        );
        assert_eq!(told.reading.queue("night"), Err(Blind::UnknownQueue));
        let members = told.reading.members.unwrap();
        assert_eq!(members[0].standing.words().zh, "示忙：午休");
        assert_eq!(members[0].queues, ["support".to_owned()].into());
        assert_eq!(members[1].standing, Standing::Busy);
        assert_eq!(members[2].standing, Standing::Unclear);
        let notes: Vec<_> = told.notes.iter().map(|note| note.en.as_str()).collect();
        assert_eq!(
            notes,
            [
                "night: calls waiting: no element fits `/rows/[skillId=3]`",
                "members: 1 have no `/no`",
                "members: nothing says what `zzz` means: write it into `standings`",
            ]
        );
    }

    #[tokio::test]
    async fn a_figure_that_is_null_absent_negative_or_no_number_makes_its_queue_blind() {
        let toml = format!("{PLAIN}longest_wait = \"/wait\"\n");
        let field = Field::LongestWait;
        for (answer, blind) in [
            ("{\"waiting\": 2}", Blind::Missing { field }),
            ("{\"waiting\": 2, \"wait\": null}", Blind::Missing { field }),
            ("{\"waiting\": 2, \"wait\": -1}", Blind::Negative { field }),
            (
                "{\"waiting\": 2, \"wait\": \"--\"}",
                Blind::not_a_number(field, "`--`"),
            ),
            (
                "{}",
                Blind::Missing {
                    field: Field::Waiting,
                },
            ),
            (
                "{\"waiting\": null}",
                Blind::Missing {
                    field: Field::Waiting,
                },
            ),
            (
                "{\"waiting\": -1}",
                Blind::Negative {
                    field: Field::Waiting,
                },
            ),
            (
                "{\"waiting\": true}",
                Blind::not_a_number(Field::Waiting, "`true`"),
            ),
            (
                "[]",
                Blind::Missing {
                    field: Field::Waiting,
                },
            ),
        ] {
            let told = told(&toml, answer).await;
            assert_eq!(told.reading.queue("support"), Err(blind), "{answer}");
            assert_eq!(told.notes.len(), 1, "{answer}");
        }
    }

    #[tokio::test]
    async fn the_wait_may_be_told_as_the_moment_at_which_it_began() {
        let toml = format!("{PLAIN}longest_wait_since = \"/since\"\n");
        let since = wall_clock().as_second() - 90;
        let answer = format!("{{\"waiting\": 1, \"since\": {since}}}");
        let told_wait = told(&toml, &answer).await;
        let wait = told_wait
            .reading
            .queue("support")
            .unwrap()
            .longest_wait
            .unwrap();
        assert!((90..100).contains(&wait), "{wait}");
        let empty = told(&toml, "{\"waiting\": 0, \"since\": \"\"}").await;
        assert_eq!(
            empty.reading.queue("support").unwrap().longest_wait,
            Some(0)
        );
        let local = "{\"waiting\": 1, \"since\": \"2026-03-02 14:00:00\"}";
        let zoneless = told(&toml, local).await;
        assert!(zoneless.reading.queue("support").is_err());
        assert!(
            zoneless.notes[0].en.contains("time_zone"),
            "{:?}",
            zoneless.notes
        );
    }

    #[tokio::test]
    async fn gbk_is_read_where_the_answer_or_the_source_says_so() {
        let picks = PLAIN.replace("/waiting", "/rows/[队列=客服]/waiting");
        let text = "{\"rows\": [{\"队列\": \"客服\", \"waiting\": 4}]}";
        let gbk = encoding_rs::GBK.encode(text).0.into_owned();
        let silent = "application/json";
        for (toml, kind, body) in [
            (picks.clone(), "text/html; Charset=\"gb2312\"", gbk.clone()),
            (format!("encoding = \"gbk\"\n{picks}"), silent, gbk.clone()),
            (
                format!("encoding = \"gb18030\"\n{picks}"),
                "text/html; charset=utf-8",
                gbk.clone(),
            ),
            (
                picks.clone(),
                silent,
                format!("\u{feff}{text}").into_bytes(),
            ),
        ] {
            let server = Server::typed(vec![(200, kind, body)]).await;
            let told = poll(&mut source(&server.host, &toml)).await.unwrap();
            assert_eq!(
                told.reading.queue("support").unwrap().waiting,
                Some(4),
                "{kind}"
            );
        }
        let server = Server::typed(vec![(200, silent, gbk)]).await;
        let failure = poll(&mut source(&server.host, &picks)).await.unwrap_err();
        assert!(
            failure.to_string().contains("encoding = \"gbk\""),
            "{failure}"
        );
    }

    #[tokio::test]
    async fn each_kind_of_auth_is_shown_as_its_server_wants_it() {
        for (auth, shown) in [
            (
                "auth = { kind = \"basic\", user = \"u\", password_file = \"p\" }",
                "authorization: Basic dTpwLVMzQ1JFVA==",
            ),
            (
                "auth = { kind = \"bearer\", token_file = \"t\" }",
                "authorization: Bearer t-S3CRET",
            ),
            (
                "auth = { kind = \"header\", name = \"8x8-apikey\", value_file = \"k\" }",
                "8x8-apikey: k-S3CRET",
            ),
            (
                "auth = { kind = \"signed\", key = \"id\", secret_file = \"s\", text = \"{key}{secret}\", \
                 hash = \"md5\", add = { b = \"1 2\", AccessKey = \"{key}\" } }",
                "GET /q?AccessKey=id&b=1%202&sign=d4e02d9c9be69fd6c024ca2fa048d220",
            ),
            ("headers = { \"X-Tenant\" = \"7\" }", "x-tenant: 7"),
        ] {
            let server = Server::start(&[(200, "{\"waiting\": 1}")]).await;
            poll(&mut source(&server.host, &format!("{auth}\n{PLAIN}")))
                .await
                .unwrap();
            let (head, _) = &server.asked()[0];
            assert!(head.contains(shown), "{shown}\n{head}");
        }
        let post = format!("method = \"POST\"\nbody = '{{\"a\": 1}}'\n{PLAIN}");
        let server = Server::start(&[(200, "{\"waiting\": 1}")]).await;
        poll(&mut source(&server.host, &post)).await.unwrap();
        let (head, body) = &server.asked()[0];
        assert!(
            head.starts_with("POST /q\n") && body == "{\"a\": 1}",
            "{head}"
        );
        assert!(head.contains("content-type: application/json"), "{head}");
    }

    const LOG_IN: &str = "[auth]\nkind = \"log-in\"\nurl = \"http://HOST/login\"\nuser = \"u\"\n\
        password_file = \"p\"\ntoken = \"/data/token\"\n";

    #[tokio::test]
    async fn a_token_is_fetched_once_and_anew_where_it_is_taken_no_longer() {
        let toml = format!("ok = {{ at = \"/code\", is = \"0\" }}\n{PLAIN}{LOG_IN}");
        let (token, other) = (
            "{\"data\": {\"token\": \"T1\"}}",
            "{\"data\": {\"token\": \"T2\"}}",
        );
        let (good, expired) = ("{\"code\": 0, \"waiting\": 1}", "{\"code\": 401}");
        let server = Server::start(&[
            (200, token),
            (200, good),
            (200, good),
            (401, "{}"),
            (200, other),
            (200, good),
            (200, expired),
            (200, token),
            (200, good),
        ])
        .await;
        let mut source = source(&server.host, &toml);
        for _ in 0..4 {
            poll(&mut source).await.unwrap();
        }
        let asked = server.asked();
        let heads: Vec<_> = asked
            .iter()
            .map(|(head, _)| head.lines().next().unwrap())
            .collect();
        let (login, ask) = ("POST /login", "GET /q");
        assert_eq!(heads, [login, ask, ask, ask, login, ask, ask, login, ask]);
        assert_eq!(asked[0].1, "{\"password\":\"p-S3CRET\",\"username\":\"u\"}");
        assert!(
            asked[5].0.contains("authorization: Bearer T2"),
            "{}",
            asked[5].0
        );
    }

    #[tokio::test]
    async fn a_log_in_may_be_a_form_or_as_oauth_has_it_and_a_token_goes_where_it_is_wanted() {
        let token = "{\"data\": {\"token\": \"T 1\", \"expires_in\": 3600}}";
        for (more, sent, shown) in [
            (
                "as = \"form\"\nuser_field = \"usr\"\npassword_field = \"pwd\"\ncarried = { query = \"tk\" }",
                "grant=x%20y&usr=u&pwd=p-S3CRET",
                "GET /q?tk=T+1",
            ),
            (
                "as = \"basic\"\ncarried = { header = \"X-Token\" }\nlasts = \"/data/expires_in\"",
                "grant=x%20y",
                "x-token: T 1",
            ),
        ] {
            let server = Server::start(&[(200, token), (200, "{\"waiting\": 1}")]).await;
            let toml = format!("{PLAIN}{LOG_IN}fields = {{ grant = \"x y\" }}\n{more}\n");
            poll(&mut source(&server.host, &toml)).await.unwrap();
            let asked = server.asked();
            assert_eq!(asked[0].1, sent);
            assert!(asked[1].0.contains(shown), "{}", asked[1].0);
            assert_eq!(
                asked[0].0.contains("authorization: Basic dTpwLVMzQ1JFVA=="),
                more.contains("basic")
            );
        }
    }

    #[tokio::test]
    async fn a_log_in_that_is_refused_is_our_fault_and_is_not_tried_again_at_once() {
        let toml =
            format!("{PLAIN}{LOG_IN}ok = {{ at = \"/ok\", is = \"true\", why = \"/why\" }}\n");
        for (status, answer, why) in [
            (401, "{}", "401"),
            (400, "{\"error\": \"invalid_client\"}", "400"),
            (200, "{\"ok\": false, \"why\": \"密码错误\"}", "密码错误"),
            (200, "{\"ok\": true}", "gave no token"),
            (
                200,
                "{\"ok\": true, \"data\": {\"token\": null}}",
                "gave no token",
            ),
        ] {
            let server = Server::start(&[(status, answer)]).await;
            let mut source = source(&server.host, &toml);
            for _ in 0..3 {
                let failure = poll(&mut source).await.unwrap_err();
                assert_eq!(failure.no_reading, Outage::LoginRefused.into(), "{answer}");
                assert!(failure.to_string().contains(why), "{failure}");
            }
            assert_eq!(server.asked().len(), 1, "accounts are locked for less");
        }
        // A fresh token that is not taken either: no circle of log-ins.
        let token = "{\"ok\": true, \"data\": {\"token\": \"T\"}}";
        let server = Server::start(&[(200, token), (401, "{}")]).await;
        let failure = poll(&mut source(&server.host, &toml)).await.unwrap_err();
        assert_eq!(failure.no_reading, Outage::LoginRefused.into());
        assert_eq!(server.asked().len(), 2);
    }

    #[tokio::test]
    async fn what_a_server_says_against_us_is_blind_and_never_an_empty_queue() {
        let blind = |failure: &Failure| match &failure.no_reading {
            NoReading::Blind(blind) => blind.clone(),
            NoReading::Down(outage) => panic!("{outage:?}"),
        };
        let refused = |failure: &Failure| matches!(blind(failure), Blind::Refused { .. });
        let zero = "{\"waiting\": 0}";
        let failure = failed(PLAIN, 401, zero).await;
        assert_eq!(failure.no_reading, Outage::LoginRefused.into());
        let failure = failed(PLAIN, 503, zero).await;
        assert!(
            refused(&failure) && failure.to_string().contains("503"),
            "{failure}"
        );
        let failure = failed(PLAIN, 429, zero).await;
        assert!(
            refused(&failure) && failure.to_string().contains("`poll`"),
            "{failure}"
        );
        let failure = failed(PLAIN, 302, zero).await;
        assert!(
            refused(&failure) && failure.to_string().contains("redirects"),
            "{failure}"
        );
        let with_ok = format!("ok = {{ at = \"/code\", is = \"0\", why = \"/msg\" }}\n{PLAIN}");
        let error = "{\"code\": 1001, \"msg\": \"无此租户\", \"waiting\": 0}";
        let failure = failed(&with_ok, 200, error).await;
        assert_eq!(blind(&failure), Blind::refused("无此租户"));
        for odd in ["", "<html>login</html>", "{\"waiting\": 0"] {
            let failure = failed(PLAIN, 200, odd).await;
            assert!(matches!(blind(&failure), Blind::Garbage { .. }), "{odd}");
            assert!(failure.to_string().contains("is no JSON"), "{failure}");
        }
        let long = format!("\"{}\"", "x".repeat(http::MOST_BYTES));
        let failure = failed(PLAIN, 200, &long).await;
        assert!(
            matches!(blind(&failure), Blind::TooMuch { .. }),
            "{failure}"
        );
    }

    /// What a listener does with each connection once it has read a request.
    #[derive(Clone, Copy)]
    enum Then {
        Close(&'static str),
        Hold(&'static str),
        Drip,
    }

    async fn odd(then: Then) -> Failure {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                if stream.read(&mut request).await.unwrap() == 0 {
                    continue;
                }
                let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
                match then {
                    Then::Close(text) => stream.write_all(text.as_bytes()).await.unwrap(),
                    Then::Hold(text) => {
                        stream.write_all(text.as_bytes()).await.unwrap();
                        std::future::pending::<()>().await;
                    }
                    Then::Drip => {
                        stream.write_all(head.as_bytes()).await.unwrap();
                        while stream.write_all(b" ").await.is_ok() {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                    }
                }
            }
        });
        poll(&mut source(&host, PLAIN)).await.unwrap_err()
    }

    #[tokio::test]
    async fn each_way_of_being_down_is_told_from_the_others() {
        let down = |outage: Outage| NoReading::Down(outage);
        assert_eq!(odd(Then::Hold("")).await.no_reading, down(Outage::Hung));
        assert_eq!(odd(Then::Close("")).await.no_reading, down(Outage::HungUp));
        let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"waiting\": 0";
        let cut = odd(Then::Close(half)).await;
        assert_eq!(cut.no_reading, Blind::Cut { received: 13 }.into(), "{cut}");
        assert_eq!(odd(Then::Hold(half)).await.no_reading, Blind::Slow.into());
        assert_eq!(odd(Then::Drip).await.no_reading, Blind::Slow.into());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        drop(listener);
        let refused = poll(&mut source(&host, PLAIN)).await.unwrap_err();
        assert_eq!(refused.no_reading, down(Outage::Refused), "{refused}");
        let nowhere = poll(&mut source("no-such-host.invalid", PLAIN))
            .await
            .unwrap_err();
        assert_eq!(nowhere.no_reading, down(Outage::Unreachable), "{nowhere}");
    }
}
