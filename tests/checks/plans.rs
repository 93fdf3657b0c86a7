//! What `callwatch check` says of a plan file of one's own: a good plan with one
//! place spoilt, and the fault with its line, column, key and mend.

use std::path::{Path, PathBuf};

use callwatch::cli;
use callwatch::config::{Agreed, Pack};
use callwatch::document::Fault;

const CENTRE: &str = include_str!("good.toml");
const PLAN: &str = include_str!("plans/good.toml");

fn agreed(pack: &Pack) -> Result<Agreed, Vec<Fault>> {
    Ok(Agreed::from(&cli::plan::read(pack)?))
}

/// A folder of this test's own, taken away at its end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ignored = std::fs::remove_dir_all(&self.0);
    }
}

/// All that `check` says of the centre with this plan and these roles, without the folder and the warnings.
fn said(name: &str, plan: &str, roles: &str) -> (bool, Vec<String>) {
    let folder = format!("plans-{name}-{}", std::process::id());
    let folder = Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder));
    std::fs::create_dir_all(&folder.0).expect("the target folder can be written to");
    let centre = CENTRE.replace("pack = \"call-center\"", "pack = \"plan.toml\"") + roles;
    std::fs::write(folder.0.join("plan.toml"), plan).expect("so can the folder in it");
    std::fs::write(folder.0.join("centre.toml"), centre).expect("so can the folder in it");
    let config = folder.0.join("centre.toml");
    let mut out = Vec::new();
    let good = cli::check::run(&cli::check::Args { config }, &agreed, &mut out);
    let good = good.expect("a Vec takes everything");
    let out = String::from_utf8(out).expect("text is UTF-8");
    let out = out.replace(&format!("{}/", folder.0.display()), "");
    let lines = out.lines().filter(|line| !line.starts_with("warning: "));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.pop();
    (good, lines)
}

const MANAGER: &str = "\n[role.manager]\nseats = [\"C-01\"]\n";

/// The good plan with each place changed, which stands in it once.
fn spoilt(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(PLAN.to_owned(), |plan, (from, to)| {
        assert_eq!(plan.matches(from).count(), 1, "`{from}` stands once");
        plan.replace(from, to)
    })
}

#[test]
fn the_good_plan_has_no_fault() {
    assert_eq!(said("good", PLAN, MANAGER), (true, Vec::new()));
}

#[test]
fn a_role_that_nobody_has_is_told_where_the_centres_file_says_who_has_which() {
    let (good, said) = said("nobody", PLAN, "");
    assert!(!good);
    assert_eq!(
        said,
        [
            "centre.toml:39:2: role.manager: the plan tells the role `manager`: add [role.manager] with seats or channels"
        ]
    );
}

/// A place of the good plan and what it is changed into, more than one where one would not be TOML.
type Changes<'c> = &'c [(&'c str, &'c str)];

/// What is wrong, how it gets so, and what is said of it.
const CASES: &[(&str, Changes<'_>, &[&str])] = &[
    (
        "an unknown role",
        &[(
            "tell = [\"lead\", \"it\"]",
            "tell = [\"lead\", \"it\", \"laed\"]",
        )],
        &["30:23: procedure.dark.stage[0].tell[2]: no role is called `laed`: did you mean `lead`?"],
    ),
    (
        "an escalation to a role that the plan does not have",
        &[(
            "within = \"2m\"\nmissed = [\"manager\"]",
            "within = \"2m\"\nmissed = [\"director\"]",
        )],
        &[
            "59:11: procedure.dark.stage[0].step[0].missed[0]: no role is called `director`: known: `it`, `lead`, `manager`",
        ],
    ),
    (
        "an unknown signal",
        &[("signal = \"ups.mains\"\nfor", "signal = \"ups.main\"\nfor")],
        &[
            "20:10: procedure.dark.trigger[0].signal: unknown value `ups.main`: did you mean `ups.mains`?",
        ],
    ),
    (
        "a stage of a kind that nothing settles",
        &[(
            "kinds = { mains",
            "kinds = { plug = { zh = \"插头\", en = \"Plug\" }, mains",
        )],
        &[
            "13:18: procedure.dark.kinds.plug: no trigger settles the kind `plug`: add one, or take it out",
        ],
    ),
    (
        "a stage after an answer that no card offers",
        &[
            (
                "choices = { off",
                "choices = { on = { zh = \"灯亮\", en = \"On\" }, off",
            ),
            (
                "when = { kind = \"mains\" }",
                "when = { answer = { ask = \"lights\", is = \"on\" } }",
            ),
        ],
        &[
            "71:19: procedure.dark.stage[1].when.answer: nobody can answer `lights` with `on`: give a card a button for it",
        ],
    ),
    (
        "a stage after a step that nobody can tick",
        &[(
            "\n  { say = { zh = \"已告知\", en = \"Told\" }, does = { tick = \"phone\" } },",
            "",
        )],
        &[
            "54:6: procedure.dark.stage[0].step[0].id: is always missed: nobody can tick `phone`: give a card of `lead` a button for it, or write `done_when`",
            "79:27: procedure.dark.stage[3].when.after.step: can never begin: nobody can tick `phone`: give a card of `lead` a button for it, or write `done_when`",
        ],
    ),
    (
        "a stage of a signal that the procedure cannot see",
        &[(
            "when = { signal = \"ups.battery-low\" }",
            "when = { signal = \"ups.endurance\" }",
        )],
        &[
            "75:19: procedure.dark.stage[2].when.signal: `ups.endurance` is not seen here, only `ups.mains`, `ups.battery-low`, `generator.running`: name one of these, or let a person answer or tick",
        ],
    ),
    (
        "a step ticked by a signal that the procedure cannot see",
        &[(
            "done_when = { signal = \"generator.running\" }",
            "done_when = { signal = \"callwatch.log\" }",
        )],
        &[
            "67:24: procedure.dark.stage[0].step[1].done_when.signal: `callwatch.log` is not seen here, only `ups.mains`, `ups.battery-low`, `generator.running`: name one of these, or let a person answer or tick",
        ],
    ),
    (
        "a step ticked by an answer that no card offers",
        &[
            (
                "choices = { off",
                "choices = { on = { zh = \"灯亮\", en = \"On\" }, off",
            ),
            (
                "done_when = { signal = \"generator.running\" }",
                "done_when = { answer = { ask = \"lights\", is = \"on\" } }",
            ),
        ],
        &[
            "67:24: procedure.dark.stage[0].step[1].done_when.answer: nobody can answer `lights` with `on`: give a card a button for it",
        ],
    ),
    (
        "a trigger over a scope that has no such signal",
        &[("signal = \"ups.mains\"\nfor", "signal = \"seat.pc\"\nfor")],
        &[
            "20:10: procedure.dark.trigger[0].signal: `seat.pc` is not seen here, only `ups.mains`, `ups.battery-low`, `generator.running`, `generator.tested`: name one of these, or another `scope`",
            "100:11: procedure.dark.clear.signal[0]: `ups.mains` is not seen here, only `seat.pc`, `generator.running`: the all-clear would not wait for it",
        ],
    ),
    (
        "two signals that open one procedure",
        &[(
            "for = \"5s\"\n",
            "for = \"5s\"\n\n[[procedure.dark.trigger]]\nsignal = \"ups.battery-low\"\n",
        )],
        &[
            "24:10: procedure.dark.trigger[1].signal: stands beside `ups.mains`: an incident follows one signal, so write a procedure for each",
        ],
    ),
    (
        "a gate on a signal that the procedure cannot see",
        &[(
            "signal = [\"ups.mains\", \"generator.running\"]",
            "signal = [\"ups.mains\", \"seat.pc\"]",
        )],
        &[
            "100:24: procedure.dark.clear.signal[1]: `seat.pc` is not seen here, only `ups.mains`, `generator.running`: the all-clear would not wait for it",
        ],
    ),
    (
        "an escalation without a deadline",
        &[
            ("within = \"2m\"\n", ""),
            (
                "{ zh = \"{due.phone} 前打给经理\", en = \"Phone the manager by {due.phone}\" }",
                "{ zh = \"打给经理\", en = \"Phone the manager\" }",
            ),
        ],
        &["58:10: procedure.dark.stage[0].step[0].missed: needs a deadline to miss: add `within`"],
    ),
    (
        "the clock time of a step that has no clock",
        &[("within = \"2m\"\nmissed = [\"manager\"]\n", "")],
        &[
            "38:10: procedure.dark.stage[0].card[0].lines[1].zh: step `phone` has no clock: give it `within`",
            "38:36: procedure.dark.stage[0].card[0].lines[1].en: step `phone` has no clock: give it `within`",
        ],
    ),
    (
        "an escalation to whoever missed it",
        &[(
            "within = \"2m\"\nmissed = [\"manager\"]",
            "within = \"2m\"\nmissed = [\"lead\"]",
        )],
        &[
            "59:10: procedure.dark.stage[0].step[0].missed: tells only `lead`, who missed it: name another role",
        ],
    ),
    (
        "a deadline that is shorter than the hold-down",
        &[("for = \"5s\"", "for = \"2m\"")],
        &[
            "58:10: procedure.dark.stage[0].step[0].within: is over before the procedure opens, which holds for 2m: make it longer",
        ],
    ),
    (
        "a deadline that is over before its role is told",
        &[("delay = { it = \"15s\" }", "delay = { it = \"10m\" }")],
        &[
            "65:10: procedure.dark.stage[0].step[1].within: is over before `it` is told, 10m after the begin: make it longer",
        ],
    ),
    (
        "a gate that could wait for ever",
        &[("within = \"15m\"\n", "")],
        &[
            "96:9: procedure.dark.stage[4].step[0].gates: could hold the all-clear up for ever: add `within`",
        ],
    ),
    (
        "a missing language",
        &[(
            "{ zh = \"看走廊灯\", en = \"Look at the corridor lights\" }",
            "{ zh = \"看走廊灯\" }",
        )],
        &["37:3: procedure.dark.stage[0].card[0].lines[0].en: is missing: add this key"],
    ),
    (
        "a circle",
        &[(
            "when = { kind = \"mains\" }",
            "when = { kind = \"mains\" }\n[[procedure.dark.stage.step]]\nid = \"first\"\nwho = \"it\"\nsay = { zh = \"先\", en = \"First\" }\nwithin = \"5m\"\nafter = \"second\"\n[[procedure.dark.stage.step]]\nid = \"second\"\nwho = \"it\"\nsay = { zh = \"后\", en = \"Then\" }\nwithin = \"5m\"\nafter = \"first\"",
        )],
        &[
            "73:6: procedure.dark.stage[1].step[0].id: can never begin: it waits for itself (first, after second)",
            "79:6: procedure.dark.stage[1].step[1].id: can never begin: it waits for itself (second, after first)",
        ],
    ),
    (
        "a step that starts its own procedure",
        &[("within = \"2m\"\n", "within = \"2m\"\nstarts = \"dark\"\n")],
        &[
            "59:10: procedure.dark.stage[0].step[0].starts: starts the procedure that it belongs to: name another, or take it out",
        ],
    ),
    (
        "a title that is too long",
        &[(
            "title = { zh = \"停电\", en = \"Power out\" }",
            "title = { zh = \"大面积停电了\", en = \"Power out\" }\nheadline = { zh = \"大面积停电 {since} · {where}的座席\", en = \"{what} {since}\" }",
        )],
        &[
            "12:19: procedure.dark.headline.zh: is 16 wide as `大面积停电 15:02 · C座三楼的座席`, but a title has room for 15: shorten it",
        ],
    ),
    (
        "a line that is too long",
        &[(
            "en = \"Look at the corridor lights\"",
            "en = \"Please go and look whether the corridor lights are on\"",
        )],
        &[
            "37:23: procedure.dark.stage[0].card[0].lines[0].en: is 53 wide as `Please go and look whether the corridor lights are on`, but a line has room for 50: shorten it",
        ],
    ),
    (
        "a procedure taken in that the plan does not have",
        &[(
            "raise = { by = [\"lead\"], over = \"feed\" }",
            "raise = { by = [\"lead\"], over = \"feed\" }\ntakes_in = [\"seat-fault\", { procedure = \"dark\", answers = { light = [\"off\"] } }]",
        )],
        &[
            "13:13: procedure.dark.takes_in[0]: no procedure is called `seat-fault`: known: `dark`",
            "13:41: procedure.dark.takes_in[1].procedure: takes in itself: name another, or take it out",
            "13:69: procedure.dark.takes_in[1].answers.light: no ask is called `light`: did you mean `lights`?",
        ],
    ),
    (
        "one id twice",
        &[("id = \"low\"", "id = \"mains\"")],
        &["74:6: procedure.dark.stage[2].id: another stage is called `mains` too: rename one"],
    ),
    (
        "a role that is told and has no card",
        &[(
            "[[procedure.dark.stage.card]]\nrole = \"manager\"\nlines = [{ zh = \"组长在现场\", en = \"The lead is on it\" }]\n\n",
            "",
        )],
        &[
            "55:11: procedure.dark.stage[0].step[0].missed[0]: `manager` sees nothing at its seats: add a card for it to this stage, or to the one that opens",
            "62:11: procedure.dark.stage[0].step[1].missed[0]: `manager` sees nothing at its seats: add a card for it to this stage, or to the one that opens",
            "72:9: procedure.dark.stage[2].tell[0]: `manager` sees nothing at its seats: add a card for it to this stage, or to the one that opens",
            "77:9: procedure.dark.stage[3].tell[0]: `manager` sees nothing at its seats: add a card for it to this stage, or to the one that opens",
        ],
    ),
];

#[test]
fn each_fault_of_a_plan_is_told_with_its_place_and_the_mend() {
    let mut wrong = Vec::new();
    for (n, (what, changes, expected)) in CASES.iter().enumerate() {
        let (good, said) = said(&n.to_string(), &spoilt(changes), MANAGER);
        assert!(!good, "{what}");
        let expected: Vec<String> = expected
            .iter()
            .map(|it| format!("plan.toml:{it}"))
            .collect();
        if said != expected {
            wrong.push(format!(
                "--- {what}, expected\n{}\n--- said\n{}\n",
                expected.join("\n"),
                said.join("\n")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
