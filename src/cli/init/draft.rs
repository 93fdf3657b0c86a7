//! Writes the answers down as a centre's file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cli::init::answers::{Feed, Ups};
use crate::document::join;
use crate::text::Language;

/// Everything that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) language: Language,
    pub(crate) time_zone: String,
    pub(crate) name: String,
    /// Each with its seats.
    pub(crate) zones: Vec<(String, Vec<String>)>,
    pub(crate) ups: Vec<Ups>,
    pub(crate) feeds: Vec<Feed>,
    pub(crate) lead: String,
    pub(crate) webhook: Option<String>,
    /// The roles of the plan.
    pub(crate) roles: BTreeSet<String>,
}

/// The secret file of the one channel, beside the centre's file.
pub(crate) const SECRET_FILE: &str = "it-webhook.secret";

/// The text of the file. Tables of one kind stand together, a line each.
pub(crate) fn write(answers: &Answers) -> String {
    let mut file = String::new();
    compose(&mut file, answers).expect("a String takes every text");
    file
}

fn compose(file: &mut String, answers: &Answers) -> std::fmt::Result {
    let ids = Ids::new(answers);
    site(file, answers)?;
    power(file, answers, &ids)?;
    writeln!(file, "\n[seat]")?;
    for (zone, (_, seats)) in answers.zones.iter().enumerate() {
        for seat in seats {
            let ups = answers.ups.iter().position(|ups| ups.seats.contains(seat));
            let power = match ups {
                Some(ups) => format!("\"{}\", required_runtime = \"45m\"", ids.ups[ups]),
                None => format!("\"{}\"", ids.circuits[zone]),
            };
            let (key, zone) = (join("", seat), &ids.zones[zone]);
            writeln!(file, "{key} = {{ zone = \"{zone}\", fed_by = {power} }}")?;
        }
    }
    roles(file, answers)?;
    if let Some(url) = &answers.webhook {
        let url = quoted(url);
        writeln!(file, "\n[channel]")?;
        writeln!(
            file,
            "it = {{ kind = \"webhook\", url = {url}, secret_file = \"{SECRET_FILE}\" }}"
        )?;
    }
    Ok(())
}

/// The keys of the file's tables, in the order of the answers.
struct Ids {
    zones: Vec<String>,
    feeds: Vec<String>,
    /// One for each zone.
    circuits: Vec<String>,
    ups: Vec<String>,
}

impl Ids {
    fn new(answers: &Answers) -> Self {
        let zones = answers.zones.iter().map(|(name, _)| name.as_str());
        let zones = ids(zones, "zone", &BTreeSet::new());
        let feeds = answers.feeds.iter().map(|feed| feed.name.as_str());
        let feeds = ids(feeds, "feed", &BTreeSet::new());
        let mut taken: BTreeSet<&str> = seats(answers).collect();
        let circuits = zones.iter().map(|zone| format!("{zone}-power"));
        let circuits = ids(circuits, "circuit", &taken);
        taken.extend(circuits.iter().map(String::as_str));
        let numbers = 1..=answers.ups.len();
        let ups = ids(numbers.map(|number| format!("UPS-{number}")), "ups", &taken);
        Self {
            zones,
            feeds,
            circuits,
            ups,
        }
    }
}

fn site(file: &mut String, answers: &Answers) -> std::fmt::Result {
    let (language, check, numbers) = match answers.language {
        Language::Zh => ("zh", "修改后先检查", "请核对本地号码"),
        Language::En => (
            "en",
            "after every change",
            "see that these are the numbers to dial here",
        ),
    };
    writeln!(file, "# callwatch check    ({check})")?;
    writeln!(file, "\n[site]\nname = {}", both(&answers.name))?;
    writeln!(file, "language = \"{language}\"")?;
    writeln!(file, "time_zone = {}", quoted(&answers.time_zone))?;
    writeln!(file, "\n[emergency]   # {numbers}")?;
    writeln!(
        file,
        "fire = \"119\"\npolice = \"110\"\nambulance = \"120\""
    )?;
    writeln!(file, "\n[plan]\npack = \"call-center\"")
}

fn power(file: &mut String, answers: &Answers, ids: &Ids) -> std::fmt::Result {
    let hours = match answers.language {
        Language::Zh => "可加工作时间",
        Language::En => "may have working hours",
    };
    writeln!(
        file,
        "\n[zone]   # {hours}: hours = {{ days = [1, 2, 3, 4, 5], from = \"08:30\", to = \"17:30\" }}"
    )?;
    for (id, (name, _)) in ids.zones.iter().zip(&answers.zones) {
        writeln!(file, "{id} = {{ name = {} }}", both(name))?;
    }
    writeln!(file, "\n[feed]")?;
    for (id, feed) in ids.feeds.iter().zip(&answers.feeds) {
        let (name, generator) = (both(&feed.name), feed.generator);
        writeln!(file, "{id} = {{ name = {name}, generator = {generator} }}")?;
    }
    writeln!(file, "\n[circuit]")?;
    for (zone, id) in ids.circuits.iter().enumerate() {
        let name = &answers.zones[zone].0;
        let name = text(&format!("{name}回路"), &format!("Circuit of {name}"));
        let feed = ids.feeds.get(zone).unwrap_or(&ids.feeds[0]);
        writeln!(file, "{id} = {{ name = {name}, feed = \"{feed}\" }}")?;
    }
    if !answers.ups.is_empty() {
        writeln!(file, "\n[ups]")?;
    }
    for (id, ups) in ids.ups.iter().zip(&answers.ups) {
        let zone = zone_of(answers, ups.seats.first());
        let (zone, circuit) = (&ids.zones[zone], &ids.circuits[zone]);
        let (host, community) = (quoted(&ups.host), quoted(&ups.community));
        writeln!(
            file,
            "{id} = {{ name = {}, zone = \"{zone}\", fed_by = \"{circuit}\", host = {host}, community = {community} }}",
            both(id)
        )?;
    }
    Ok(())
}

/// Staff sit at every other seat; whoever has no seat yet is reached by the
/// channel, or where the lead sits.
fn roles(file: &mut String, answers: &Answers) -> std::fmt::Result {
    writeln!(file, "\n[role]")?;
    let lead = quoted(&answers.lead);
    for role in &answers.roles {
        let others: Vec<String> = seats(answers)
            .filter(|seat| *seat != answers.lead)
            .map(quoted)
            .collect();
        let reached = match role.as_str() {
            "staff" if !others.is_empty() => format!("seats = [{}]", others.join(", ")),
            "lead" | "staff" => format!("seats = [{lead}]"),
            _ if answers.webhook.is_some() => "channels = [\"it\"]".to_owned(),
            _ => format!("seats = [{lead}]"),
        };
        writeln!(file, "{} = {{ {reached} }}", join("", role))?;
    }
    Ok(())
}

fn seats(answers: &Answers) -> impl Iterator<Item = &str> {
    answers
        .zones
        .iter()
        .flat_map(|(_, seats)| seats)
        .map(String::as_str)
}

/// The place of a seat's zone; the first where there is no seat.
fn zone_of(answers: &Answers, seat: Option<&String>) -> usize {
    let zone = answers
        .zones
        .iter()
        .position(|(_, seats)| seat.is_some_and(|seat| seats.contains(seat)));
    zone.unwrap_or(0)
}

/// A short key for each name: the name itself where it is a plain word, else
/// the kind and a number; none twice and none of `taken`.
fn ids<N: AsRef<str>>(
    names: impl Iterator<Item = N>,
    kind: &str,
    taken: &BTreeSet<&str>,
) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for (index, name) in names.enumerate() {
        let name = name.as_ref();
        let plain = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let mut id = if plain {
            name.to_owned()
        } else {
            format!("{kind}-{}", index + 1)
        };
        while ids.contains(&id) || taken.contains(id.as_str()) {
            id.push_str("-2");
        }
        ids.push(id);
    }
    ids
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn text(zh: &str, en: &str) -> String {
    format!("{{ zh = {}, en = {} }}", quoted(zh), quoted(en))
}

fn both(name: &str) -> String {
    text(name, name)
}
