//! Members, as our own JSON says them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::acd::blind::Blind;
use crate::acd::member::{Member, Standing};
use crate::acd::pushed::complaint::{is_missing, is_no_object};
use crate::acd::pushed::strict::Strict;
use crate::document::which;
use crate::text::Text;

const MEMBER: [&str; 6] = [
    "interface",
    "name",
    "device",
    "standing",
    "reason",
    "queues",
];
/// The members of this queue; `None` where they are not told.
pub(super) fn members(
    strict: &mut Strict,
    queue: &str,
    object: &Map<String, Value>,
) -> Option<Vec<Member>> {
    let value = object.get("members").filter(|value| !value.is_null())?;
    let Some(list) = value.as_array() else {
        let what = Text::new("不是列表", "is no list");
        strict.complain("members", what, &Blind::garbage("members"));
        return None;
    };
    let members = list.iter().enumerate();
    let members = members.filter_map(|(index, value)| {
        let place = format!("members[{index}]");
        let Some(object) = value.as_object() else {
            strict.complain(&place, is_no_object(), &Blind::garbage(&place));
            return None;
        };
        member(strict, &format!("{place}."), queue, object)
    });
    Some(members.collect())
}

fn member(
    strict: &mut Strict,
    at: &str,
    queue: &str,
    member: &Map<String, Value>,
) -> Option<Member> {
    strict.known(at, member, &MEMBER);
    let interface = strict.text(at, member, "interface");
    let standing = strict.text(at, member, "standing");
    for (key, value) in [("interface", &interface), ("standing", &standing)] {
        if value.is_none() && member.get(key).is_none_or(Value::is_null) {
            let place = format!("{at}{key}");
            strict.complain(&place, is_missing(), &Blind::garbage(&place));
        }
    }
    let reason = strict.text(at, member, "reason");
    let (name, device) = (
        strict.text(at, member, "name"),
        strict.text(at, member, "device"),
    );
    let queues = queues_of(strict, at, member);
    let (interface, standing) = (interface?, standing?);
    let Some(standing) = Standing::named(&standing, reason) else {
        let mend = which(&standing, &Standing::NAMES);
        let what = Text::new(
            format!(
                "没有“{standing}”这一种；写{}之一",
                Standing::NAMES.join("、")
            ),
            format!("is no standing: `{standing}`; {mend}"),
        );
        strict.complain(&format!("{at}standing"), what, &Blind::garbage(&standing));
        return None;
    };
    Some(Member {
        name: name.unwrap_or_else(|| interface.clone()),
        interface,
        device,
        queues: queues.unwrap_or_else(|| [queue.to_owned()].into()),
        standing,
    })
}

fn queues_of(
    strict: &mut Strict,
    at: &str,
    member: &Map<String, Value>,
) -> Option<BTreeSet<String>> {
    let value = member.get("queues").filter(|value| !value.is_null())?;
    let names = value.as_array().map(|list| {
        let names = list.iter().map(|name| name.as_str().map(str::to_owned));
        names.collect::<Option<BTreeSet<String>>>()
    });
    if let Some(Some(names)) = names {
        return Some(names);
    }
    let place = format!("{at}queues");
    let what = Text::new("不是队列名的列表", "is no list of names of queues");
    strict.complain(&place, what, &Blind::garbage(&place));
    None
}
