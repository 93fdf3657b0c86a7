//! `callwatch init`: asks eight questions and writes a centre's file that passes `check`.
//!
//! It reads answers from standard input, so it works from a pipe too. A bad
//! answer is asked again, with the mend. Nothing is overwritten unasked.

mod answers;
mod draft;

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::config;
use crate::text::{Language, Text};

use answers::Ups;
use draft::{Answers, SECRET_FILE};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to write the centre's file
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT_PATH)]
    pub output: PathBuf,
    /// Overwrite the file where there is one
    #[arg(long)]
    pub force: bool,
}

/// What the questions take for granted.
#[derive(Clone, Debug)]
pub struct Given {
    /// The roles of the pack `call-center`.
    pub roles: BTreeSet<String>,
    /// IANA name.
    pub time_zone: String,
}

impl Given {
    /// With the time zone of this machine, or China's where it has none.
    pub fn new(roles: BTreeSet<String>) -> Self {
        let system = jiff::tz::TimeZone::system();
        let name = system
            .iana_name()
            .filter(|name| name.contains('/') && !name.starts_with("Etc/"));
        let time_zone = name.unwrap_or("Asia/Shanghai").to_owned();
        Self { roles, time_zone }
    }
}

/// What came of the questions.
#[derive(Clone, Debug)]
pub struct Interview {
    pub language: Language,
    /// The centre's file.
    pub file: String,
    /// It names a channel, so its secret must lie beside it.
    pub needs_secret: bool,
}

/// Asks, and writes the file; a channel's secret goes into a file of its own,
/// readable by its owner alone.
pub fn run(
    args: &Args,
    given: Given,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> anyhow::Result<()> {
    if args.output.exists() && !args.force {
        bail!(
            "{} exists: add --force to overwrite it, or choose another --output",
            args.output.display()
        );
    }
    let interview = interview(given, input, output)?;
    let directory = args.output.parent().unwrap_or(Path::new(""));
    if !directory.as_os_str().is_empty() {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
    }
    let say = |zh: String, en: String| Text::new(zh, en).in_language(interview.language).to_owned();
    if interview.needs_secret {
        let secret = directory.join(SECRET_FILE);
        let shown = secret.display();
        let written = write_secret(&secret).with_context(|| format!("cannot write {shown}"))?;
        let line = if written {
            say(
                format!("已写入密钥 {shown}：接收方需要同一密钥，callwatch 须能读取。"),
                format!(
                    "wrote the secret {shown}: the receiver needs the same one, and callwatch must be able to read it."
                ),
            )
        } else {
            say(
                format!("密钥 {shown} 已存在，予以保留。"),
                format!("the secret {shown} is there already and is kept."),
            )
        };
        writeln!(output, "{line}")?;
    }
    write_file(args, &interview.file)
        .with_context(|| format!("cannot write {}", args.output.display()))?;
    let path = args.output.display();
    let line = say(
        format!("已写入 {path}。下一步：callwatch check --config {path}"),
        format!("wrote {path}. Next: callwatch check --config {path}"),
    );
    writeln!(output, "{line}")?;
    Ok(())
}

fn write_file(args: &Args, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    if args.force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options
        .write(true)
        .open(&args.output)?
        .write_all(text.as_bytes())
}

/// Writes 32 random bytes as a secret; false where there is one already.
fn write_secret(path: &Path) -> io::Result<bool> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match opened {
        Ok(mut file) => {
            writeln!(file, "whsec_{}", STANDARD.encode(bytes))?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// The eight questions; in the chosen language from the second on.
pub fn interview(
    given: Given,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> anyhow::Result<Interview> {
    let mut desk = Desk {
        input,
        output,
        language: Language::default(),
    };
    desk.language = desk.ask(
        "1/8",
        &Text::same("语言 Language: zh / en"),
        "zh",
        |answer| match answer {
            "zh" | "中文" => Ok(Language::Zh),
            "en" | "English" => Ok(Language::En),
            _ => Err(Text::same("请写 zh 或 en / write zh or en")),
        },
    )?;
    let name = desk.ask(
        "2/8",
        &Text::new("中心名称", "Name of the centre"),
        "",
        answers::line,
    )?;
    let question = Text::new(
        "区域，用逗号分开，例如 三楼, 大堂",
        "Zones, with commas, as Third floor, Lobby",
    );
    let names = desk.ask("3/8", &question, "", answers::names)?;
    let mut zones: Vec<(String, Vec<String>)> = Vec::new();
    let mut seats: Vec<String> = Vec::new();
    for zone in names {
        let question = Text::new(
            format!("{zone} 的坐席，例如 C-01..C-10, AF-01"),
            format!("Seats in {zone}, as C-01..C-10, AF-01"),
        );
        let there = desk.ask("4/8", &question, "", |answer| {
            answers::seats(answer, &seats)
        })?;
        seats.extend_from_slice(&there);
        zones.push((zone, there));
    }
    let question = Text::new(
        "UPS：地址 团体名 坐席，例如 192.0.2.11 public C-01；空行结束",
        "A UPS: host community seats, as 192.0.2.11 public C-01; an empty line ends",
    );
    let (mut ups, mut fed): (Vec<Ups>, Vec<String>) = (Vec::new(), Vec::new());
    while let Some(next) = desk.ask("5/8", &question, "", |answer| {
        let ends = answer.is_empty();
        (!ends)
            .then(|| answers::ups(answer, &seats, &fed))
            .transpose()
    })? {
        fed.extend_from_slice(&next.seats);
        ups.push(next);
    }
    let question = Text::new(
        "市电：一路，或按区域顺序各写一路；有发电机的加 +",
        "Mains feeds: one, or one for each zone; + marks one with a generator",
    );
    let default = Text::new("市电", "mains");
    let default = default.in_language(desk.language);
    let feeds = desk.ask("6/8", &question, default, |answer| {
        answers::feeds(answer, zones.len())
    })?;
    let question = Text::new("值班组长的坐席", "The lead's seat");
    let default = seats.first().map_or("", String::as_str);
    let lead = desk.ask("7/8", &question, default, |answer| {
        answers::seat(answer, &seats)
    })?;
    let question = Text::new(
        "信息部的 webhook 网址，没有就留空",
        "Webhook address of IT, empty for none",
    );
    let webhook = desk.ask("8/8", &question, "", answers::webhook)?;
    let language = desk.language;
    let needs_secret = webhook.is_some();
    let Given { roles, time_zone } = given;
    let answers = Answers {
        language,
        time_zone,
        name,
        zones,
        ups,
        feeds,
        lead,
        webhook,
        roles,
    };
    Ok(Interview {
        language,
        file: draft::write(&answers),
        needs_secret,
    })
}

/// Where questions and answers pass.
struct Desk<'io, R, W> {
    input: &'io mut R,
    output: &'io mut W,
    language: Language,
}

impl<R: BufRead, W: Write> Desk<'_, R, W> {
    /// Asks until the answer is understood; an empty one means the default.
    fn ask<T>(
        &mut self,
        number: &str,
        question: &Text,
        default: &str,
        understand: impl Fn(&str) -> Result<T, Text>,
    ) -> anyhow::Result<T> {
        loop {
            write!(
                self.output,
                "{number} {}",
                question.in_language(self.language)
            )?;
            if !default.is_empty() {
                write!(self.output, " [{default}]")?;
            }
            write!(self.output, ": ")?;
            self.output.flush()?;
            let mut line = String::new();
            if self
                .input
                .read_line(&mut line)
                .context("cannot read the answer")?
                == 0
            {
                bail!("the answers ended at question {number}: give one line for each");
            }
            let answer = match line.trim() {
                "" => default,
                answer => answer,
            };
            match understand(answer) {
                Ok(understood) => return Ok(understood),
                Err(mend) => writeln!(self.output, "    {}", mend.in_language(self.language))?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::cli::check;
    use crate::config::{Agreed, Pack};
    use crate::document::Fault;

    fn roles() -> BTreeSet<String> {
        ["staff", "lead", "it", "manager", "operations"]
            .map(str::to_owned)
            .into()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape of the hook")]
    fn call_center(_: &Pack) -> Result<Agreed, Vec<Fault>> {
        Ok(Agreed {
            roles: roles(),
            ..Agreed::default()
        })
    }

    /// A directory of this test's own, taken away at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let name = format!("callwatch-init-{name}-{}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            // A test that was refused has written nothing.
            if self.0.exists() {
                std::fs::remove_dir_all(&self.0).unwrap();
            }
        }
    }

    fn init(directory: &Path, force: bool, answers: &str) -> anyhow::Result<String> {
        let args = Args {
            output: directory.join("callwatch.toml"),
            force,
        };
        let given = Given {
            roles: roles(),
            time_zone: "Asia/Shanghai".to_owned(),
        };
        let mut output = Vec::new();
        run(&args, given, &mut answers.as_bytes(), &mut output)?;
        Ok(String::from_utf8(output)?)
    }

    fn check(directory: &Path) -> String {
        let args = check::Args {
            config: directory.join("callwatch.toml"),
        };
        let mut out = Vec::new();
        let good = check::run(&args, &call_center, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(good, "{out}");
        out
    }

    const ZH: &str = "zh\n客服\"中心\"\n三楼，大堂\nC-01..C-10\n前台\n\
        192.0.2.11 public C-01\n192.0.2.12 public 前台\n\n\n\nhttps://chat.example/hook\n";

    #[test]
    fn answers_in_chinese_pass_the_check() {
        let scratch = Scratch::new("zh");
        let said = init(&scratch.0, false, ZH).unwrap();
        assert!(said.contains("8/8 信息部的 webhook"), "{said}");
        check(&scratch.0);
        let config = config::load(&scratch.0.join("callwatch.toml"), &call_center);
        let config = config.unwrap().config;
        assert_eq!(config.site.name.zh, "客服\"中心\"");
        assert_eq!(config.site.seats.len(), 11);
        assert_eq!(config.site.ups_of_seat("前台"), Some("UPS-2"));
        assert_eq!(config.site.ups["UPS-2"].zone, "zone-2");
        assert_eq!(config.site.roles["lead"].seats, ["C-01"]);
        assert_eq!(config.site.roles["it"].channels, ["it"]);
        assert!(config.channels.contains_key("it"));
        let secret = std::fs::metadata(scratch.0.join(SECRET_FILE)).unwrap();
        assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn answers_in_english_pass_the_check_without_ups_and_webhook() {
        let scratch = Scratch::new("en");
        let answers = "en\nCentre\nhall, lobby\nhall-power, A1..A3\nUPS-1\n192.0.2.1 public UPS-1\n\n\
            north+, south\nA2\n\n";
        let said = init(&scratch.0, false, answers).unwrap();
        assert!(said.contains("7/8 The lead's seat [hall-power]"), "{said}");
        check(&scratch.0);
        let config = config::load(&scratch.0.join("callwatch.toml"), &call_center);
        let config = config.unwrap().config;
        let site = &config.site;
        assert_eq!(site.seats.len(), 5);
        assert!(site.feeds["north"].generator && !site.feeds["south"].generator);
        assert_eq!(site.feed_of(&site.seats["A1"].fed_by), Some("north"));
        assert_eq!(site.feed_of(&site.seats["UPS-1"].fed_by), Some("south"));
        assert_eq!(site.roles["staff"].seats.len(), 4);
        assert_eq!(site.roles["operations"].seats, ["A2"]);
        assert!(!scratch.0.join(SECRET_FILE).exists());
    }

    #[test]
    fn a_bad_answer_is_asked_again_with_the_mend() {
        let scratch = Scratch::new("again");
        let answers =
            "deutsch\nen\n\nCentre\nhall\nA1..B3\nA1..A3\n192.0.2.1\n\n\nA4\nA3\nchat\n\n";
        let said = init(&scratch.0, false, answers).unwrap();
        for mend in [
            "write zh or en",
            "this must not be empty",
            "`A1..B3` is no range: write it as C-01..C-10",
            "write: host community seats, as 192.0.2.11 public C-01",
            "there is no seat `A4`: write one as A1",
            "write a whole address, as https://chat.example/hook",
        ] {
            assert!(said.contains(mend), "{mend}\n{said}");
        }
        check(&scratch.0);
    }

    #[test]
    fn a_file_is_overwritten_only_when_told_and_a_secret_never() {
        let scratch = Scratch::new("force");
        init(&scratch.0, false, ZH).unwrap();
        let secret = std::fs::read(scratch.0.join(SECRET_FILE)).unwrap();
        let refused = init(&scratch.0, false, ZH).unwrap_err().to_string();
        assert!(refused.contains("add --force"), "{refused}");
        let said = init(&scratch.0, true, &ZH.replace("C-10", "C-05")).unwrap();
        assert!(said.contains("予以保留"), "{said}");
        let config = config::load(&scratch.0.join("callwatch.toml"), &call_center);
        assert_eq!(config.unwrap().config.site.seats.len(), 6);
        assert_eq!(std::fs::read(scratch.0.join(SECRET_FILE)).unwrap(), secret);
    }

    #[test]
    fn answers_that_end_too_early_write_nothing() {
        let scratch = Scratch::new("early");
        let refused = init(&scratch.0, false, "zh\n中心\n")
            .unwrap_err()
            .to_string();
        assert!(refused.contains("question 3/8"), "{refused}");
        assert!(!scratch.0.exists());
    }
}
