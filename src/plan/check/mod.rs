//! What is wrong with a plan beyond its shape: every fault at once.
//!
//! A plan that passes names only what there is, can be reached in every part,
//! can come to an end, and speaks both languages in texts that fit a card.

mod clocks;
mod findings;
mod hands;
mod names;
mod reach;
mod sight;
mod takes;
mod texts;

use crate::document::{Document, Fault, join};
use crate::plan::check::findings::Findings;
use crate::plan::pack::Plan;

/// All that is wrong with a plan; the document says where it stands.
pub fn check(plan: &Plan, document: &Document<'_>) -> Vec<Fault> {
    check_beside(plan, document, &[])
}

/// As [`check`], beside the faults of reading it. A procedure that lost a key
/// to them is not searched for what cannot be reached: that would follow from
/// the loss.
pub(super) fn check_beside(plan: &Plan, document: &Document<'_>, reading: &[Fault]) -> Vec<Fault> {
    let mut findings = Findings::new(document);
    texts::header(plan, &mut findings);
    for (id, procedure) in &plan.procedures {
        let path = join("procedure", id);
        let before = findings.faults.len();
        names::check(plan, procedure, &path, &mut findings);
        takes::check(plan, procedure, &path, &mut findings);
        let named = findings.faults.len() == before;
        clocks::check(procedure, &path, &mut findings);
        texts::check(procedure, &path, &mut findings);
        if !reading.iter().any(|fault| is_within(&fault.key, &path)) {
            reach::check(procedure, &path, &mut findings);
            sight::check(procedure, &path, &mut findings);
            // What a wrong name leads to is not told beside it.
            if named {
                hands::check(procedure, &path, &mut findings);
            }
        }
    }
    let mut faults = findings.faults;
    faults.retain(|fault| {
        !reading
            .iter()
            .any(|known| is_within(&fault.key, &known.key))
    });
    faults
}

/// Whether a key is at a path or beneath it.
fn is_within(key: &str, path: &str) -> bool {
    key.strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use crate::plan::file::parse;

    /// A small plan without a fault; each test breaks one place of it.
    const GOOD: &str = r#"plan = 1
id = "small"
name = { zh = "小预案", en = "Small plan" }
[roles]
staff = { zh = "坐席", en = "agent" }
lead = { zh = "组长", en = "lead" }
manager = { zh = "经理", en = "manager" }
it = { zh = "信息部", en = "IT" }
[procedure.dark]
title = { zh = "停电", en = "Dark" }
records = ["lead-log"]
remind = ["30m"]
kinds = { mains = { zh = "市电", en = "Mains" } }
raise = { by = ["lead"], ask = [] }
[procedure.dark.ask.lights]
say = { zh = "灯亮吗", en = "Lights?" }
choices = { on = { zh = "亮", en = "On" }, off = { zh = "灭", en = "Off" } }
[[procedure.dark.trigger]]
signal = "ups.mains"
[[procedure.dark.trigger]]
answer = { ask = "lights", is = "off" }
kind = "mains"
[[procedure.dark.stage]]
id = "open"
when = "open"
tell = ["lead", "staff"]
delay = { staff = "15s" }
say = { zh = "停了", en = "It is dark" }
[[procedure.dark.stage.card]]
role = "lead"
lines = [{ zh = "看灯", en = "Look" }]
buttons = [{ say = { zh = "灯灭", en = "Off" }, does = { answer = { ask = "lights", is = "off" } } }, { say = { zh = "已告知", en = "Told" }, does = { tick = "phone" } }]
[[procedure.dark.stage.card]]
role = "staff"
on_ups = true
lines = [{ zh = "存", en = "Save" }]
[[procedure.dark.stage.card]]
role = "manager"
lines = [{ zh = "有人在看", en = "Looked into" }]
[[procedure.dark.stage.step]]
id = "phone"
who = "lead"
within = "2m"
missed = ["manager"]
say = { zh = "打电话", en = "Phone" }
[[procedure.dark.stage]]
id = "mains"
when = { kind = "mains" }
[[procedure.dark.stage]]
id = "back"
when = "clear"
[[procedure.dark.stage.card]]
role = "staff"
lines = [{ zh = "看", en = "Watch" }]
buttons = [{ say = { zh = "好", en = "Well" }, does = { tick = "watch" } }]
[[procedure.dark.stage.step]]
id = "watch"
who = "staff"
within = "5m"
gates = true
say = { zh = "看", en = "Watch" }
[procedure.dark.clear]
good_for = "3m"
say = { zh = "好了", en = "Over" }
was = { zh = "停过", en = "Was" }
[[procedure.dark.clear.card]]
role = "*"
lines = [{ zh = "好了", en = "Over" }]
"#;

    /// The faults of the plan with one place changed, each as `KEY: MESSAGE`.
    fn told(from: &str, to: &str) -> Vec<String> {
        assert_eq!(GOOD.matches(from).count(), 1, "`{from}` stands once");
        let faults = parse("a.toml", &GOOD.replace(from, to)).unwrap_err();
        let told = faults.iter().map(|fault| {
            let key = fault.key.trim_start_matches("procedure.dark.");
            assert!(fault.line > 0, "{fault}");
            // Which names are known is told by the document room.
            let message = fault.message.split(": known").next().unwrap_or_default();
            format!("{key}: {message}")
        });
        told.collect()
    }

    fn only(from: &str, to: &str, message: &str) {
        assert_eq!(told(from, to), [message], "{from} -> {to}");
    }

    #[test]
    fn the_small_plan_has_no_fault() {
        assert_eq!(parse("a.toml", GOOD).err(), None);
    }

    #[test]
    fn a_fault_names_its_place() {
        let faults = parse(
            "a.toml",
            &GOOD.replace("by = [\"lead\"]", "by = [\"laed\"]"),
        );
        assert_eq!(
            faults.unwrap_err()[0].to_string(),
            "a.toml:14:17: procedure.dark.raise.by[0]: no role is called `laed`: did you mean `lead`?"
        );
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = GOOD
            .replace("by = [\"lead\"]", "by = [\"laed\"]")
            .replace("en = \"Look\"", "en = \"\"")
            .replace("records", "papers")
            .replace("good_for = \"3m\"", "good_for = \"3 moons\"");
        assert_eq!(parse("a.toml", &text).unwrap_err().len(), 4);
    }

    #[test]
    fn an_unknown_key_or_shape_is_refused() {
        let told = told("records = [\"lead-log\"]", "paper = 1");
        assert!(
            told[0].starts_with("paper: unknown key `paper`"),
            "{told:?}"
        );
        only(
            "plan = 1",
            "plan = 2",
            "plan: has the shape 2, but this program reads shape 1: write 1",
        );
    }

    /// The small plan with two more procedures, and what each takes in.
    fn taking(dark: &str, slow: &str, seat: &str) -> Vec<String> {
        let tail = r#"tell = ["lead"]
card = [{ role = "lead", lines = [{ zh = "看", en = "See" }] }]
[procedure.slow.clear]
by = ["lead"]
say = { zh = "好了", en = "Over" }
was = { zh = "慢过", en = "Was" }
card = [{ role = "*", lines = [{ zh = "好了", en = "Over" }] }]
"#;
        let more = |id: &str, takes_in: &str| {
            let head = r#"[procedure.slow]
title = { zh = "慢", en = "Slow" }
raise = { by = ["lead"], over = "seat", ask = ["what"] }
takes_in = []
[procedure.slow.ask.what]
say = { zh = "什么", en = "What" }
choices = { login = { zh = "登录", en = "Login" } }
[[procedure.slow.stage]]
id = "open"
when = "open"
"#;
            let head = head.replace("[]", takes_in);
            (head + tail).replace("procedure.slow", &format!("procedure.{id}"))
        };
        let good = GOOD.replace(
            "remind = [\"30m\"]",
            &format!("remind = [\"30m\"]\ntakes_in = {dark}"),
        );
        let text = good + &more("slow", slow) + &more("seat", seat);
        let faults = parse("a.toml", &text).err().unwrap_or_default();
        assert!(faults.iter().all(|fault| fault.line > 0), "{faults:#?}");
        let told = faults.iter().map(|fault| {
            format!(
                "{}: {}",
                fault.key.trim_start_matches("procedure."),
                fault.message
            )
        });
        told.collect()
    }

    #[test]
    fn a_procedure_takes_in_others_that_there_are_and_never_itself() {
        let login = r#"["slow", { procedure = "seat", answers = { what = ["login"] } }]"#;
        assert_eq!(taking(login, "[\"seat\"]", "[]"), [""; 0]);
        assert_eq!(
            taking("[\"slwo\"]", "[\"slow\"]", "[]"),
            [
                "dark.takes_in[0]: no procedure is called `slwo`: did you mean `slow`?",
                "slow.takes_in[0]: takes in itself: name another, or take it out",
            ]
        );
        assert_eq!(
            taking("[\"slow\"]", "[\"seat\"]", "[\"dark\"]"),
            [
                "dark.takes_in[0]: takes in itself: slow, which takes in seat, which takes in dark: take one of these out",
                "slow.takes_in[0]: takes in itself: seat, which takes in dark, which takes in slow: take one of these out",
                "seat.takes_in[0]: takes in itself: dark, which takes in slow, which takes in seat: take one of these out",
            ]
        );
        let answers = r#"[{ procedure = "seat", answers = { what = ["lgin"], how = ["x"] } }, { procedure = "slow", answers = { what = [] } }]"#;
        assert_eq!(
            taking(answers, "[]", "[]"),
            [
                "dark.takes_in[0].answers.what[0]: no choice is called `lgin`: did you mean `login`?",
                "dark.takes_in[0].answers.how: no ask is called `how`: known: `what`",
                "dark.takes_in[1].answers.what: takes in nothing: name an answer, or take it out",
            ]
        );
        let shape = "a procedure, or a table of `procedure` and `answers`";
        for wrong in ["[3]", "[{ procedure = \"seat\" }]"] {
            let told = taking(wrong, "[]", "[]");
            assert!(told.len() == 1 && told[0].contains(shape), "{told:?}");
        }
    }

    #[test]
    fn names_must_be_the_names_of_something() {
        for (from, to, message) in [
            (
                "tell = [\"lead\", \"staff\"]",
                "tell = [\"lead\", \"staff\", \"boss\"]",
                "stage[0].tell[2]: no role is called `boss`",
            ),
            (
                "role = \"lead\"",
                "role = \"leads\"",
                "stage[0].card[0].role: no role is called `leads`: did you mean `lead`?",
            ),
            (
                "missed = [\"manager\"]",
                "missed = [\"managre\"]",
                "stage[0].step[0].missed[0]: no role is called `managre`: did you mean `manager`?",
            ),
            (
                "within = \"2m\"",
                "within = \"2m\"\ndone_when = { told = \"boss\" }",
                "stage[0].step[0].done_when.told: no role is called `boss`",
            ),
            (
                "ask = []",
                "ask = [\"light\"]",
                "raise.ask[0]: no ask is called `light`: did you mean `lights`?",
            ),
            (
                "records = [\"lead-log\"]",
                "records = [\"diary\"]",
                "records[0]: no paper is called `diary`",
            ),
            (
                "when = { kind = \"mains\" }",
                "when = { kinds = [\"mains\", \"circuit\"] }",
                "stage[1].when.kinds[1]: no kind is called `circuit`",
            ),
            (
                "when = { kind = \"mains\" }",
                "when = { answer = { ask = \"lights\", is = \"dim\" } }",
                "stage[1].when.answer.is: no choice is called `dim`",
            ),
            (
                "{ zh = \"看灯\", en = \"Look\" }",
                "{ zh = \"看灯{wher}\", en = \"Look\" }",
                "stage[0].card[0].lines[0].zh: no placeholder is called `wher`: did you mean `where`?",
            ),
        ] {
            let told = told(from, to);
            assert!(told.iter().any(|t| t == message), "{message}\n{told:#?}");
        }
    }

    #[test]
    fn queues_are_watched_by_their_own_signal_alone() {
        only(
            "signal = \"ups.mains\"",
            "signal = \"ups.mains\"\nscope = \"queues\"",
            "trigger[0].signal: `ups.mains` is not seen here, only `queue.calls`: name one of these, or another `scope`",
        );
        only(
            "signal = \"ups.mains\"",
            "signal = \"queue.calls\"\nscope = \"queues\"\nkeep_for = \"0s\"",
            "trigger[0].keep_for: must be longer than nothing, as \"30s\" or \"5m\"",
        );
        only(
            "within = \"2m\"",
            "within = \"2m\"\nrings = { list = \"backup\", after = \"phnoe\" }",
            "stage[0].step[0].rings.after: no step is called `phnoe`: did you mean `phone`?",
        );
        only(
            "within = \"2m\"",
            "within = \"2m\"\nrings = { list = \"\" }",
            "stage[0].step[0].rings.list: is empty: write the name of the list, as it stands under [reserve]",
        );
    }

    #[test]
    fn an_unknown_signal_is_refused_wherever_it_stands() {
        only(
            "signal = \"ups.mains\"",
            "signal = \"ups.main\"",
            "trigger[0].signal: unknown value `ups.main`: did you mean `ups.mains`?",
        );
        only(
            "within = \"2m\"",
            "within = \"2m\"\ndone_when = { signal = \"generator.runing\" }",
            "stage[0].step[0].done_when.signal: unknown value `generator.runing`: did you mean `generator.running`?",
        );
    }

    #[test]
    fn a_button_ticks_a_step_of_its_own_role() {
        let tick = "does = { tick = \"phone\" }";
        only(
            tick,
            "does = { tick = \"fone\" }",
            "stage[0].card[0].buttons[1].does.tick: no step is called `fone`",
        );
        only(
            tick,
            "does = { tick = \"watch\" }",
            "stage[0].card[0].buttons[1].does.tick: step `watch` is of role `staff`: `lead` cannot tick it",
        );
    }

    #[test]
    fn ids_are_the_id_of_one_thing() {
        only(
            "id = \"mains\"",
            "id = \"open\"",
            "stage[1].id: another stage is called `open` too: rename one",
        );
        let told = told("id = \"watch\"", "id = \"phone\"");
        let twice = "stage[2].step[0].id: stage `open` has a step `phone` too: rename one";
        assert!(told.iter().any(|t| t == twice), "{told:#?}");
    }

    #[test]
    fn an_escalation_must_be_able_to_fire() {
        only(
            "within = \"2m\"\n",
            "",
            "stage[0].step[0].missed: needs a deadline to miss: add `within`",
        );
        only(
            "within = \"2m\"",
            "within = \"2m\"\neach = true",
            "stage[0].step[0].missed: can never fire: a step that every seat ticks does not escalate; drop `each` or `missed`",
        );
        only(
            "missed = [\"manager\"]",
            "missed = [\"lead\"]",
            "stage[0].step[0].missed: tells only `lead`, who missed it: name another role",
        );
        only(
            "delay = { staff = \"15s\" }",
            "delay = { manager = \"15s\" }",
            "stage[0].delay.manager: delays `manager`, which this stage does not tell: add it to tell",
        );
        only(
            "delay = { staff = \"15s\" }",
            "stand_down = [\"staff\"]",
            "stage[0].stand_down[0]: `staff` is told by the same stage: take it out of one",
        );
        let told = told(
            "signal = \"ups.mains\"\n",
            "answer = { ask = \"lights\", is = \"off\" }\nkind = \"mains\"\n[[procedure.dark.stage]]\nid = \"late\"\nwhen = { bad-for = \"10m\" }\n",
        );
        let never = "stage[0].when.bad-for: can never come: the procedure watches no signal and asks for no answer, so its cause is never bad";
        assert!(told.iter().any(|t| t == never), "{told:#?}");
    }

    #[test]
    fn gates_hold_up_an_all_clear_and_not_for_ever() {
        only(
            "missed = [\"manager\"]",
            "gates = true",
            "stage[0].step[0].gates: holds nothing up: only a step of a stage with `when = \"clear\"` gates the all-clear",
        );
        only(
            "within = \"5m\"\n",
            "",
            "stage[2].step[0].gates: could hold the all-clear up for ever: add `within`",
        );
    }

    #[test]
    fn durations_make_sense() {
        assert_eq!(
            told(
                "signal = \"ups.mains\"",
                "signal = \"ups.mains\"\nfor = \"10m\""
            ),
            [
                "trigger[0].for: is longer than clear.good_for (3m), so it would close and open again in turns: shorten it",
                "stage[0].step[0].within: is over before the procedure opens, which holds for 10m: make it longer",
            ],
        );
        only(
            "remind = [\"30m\"]",
            "remind = [\"0s\"]",
            "remind[0]: must be longer than nothing, as \"30s\" or \"5m\"",
        );
        only(
            "good_for = \"3m\"",
            "good_for = \"3m\"\nsettle = \"-1m\"",
            "clear.settle: must not be negative",
        );
    }

    #[test]
    fn a_procedure_must_be_able_to_begin() {
        let begin = GOOD.find("[[procedure.dark.trigger]]").unwrap();
        let end = GOOD.find("[[procedure.dark.stage]]").unwrap();
        let triggers = &GOOD[begin..end];
        let text = GOOD
            .replace(triggers, "")
            .replace("raise = { by = [\"lead\"], ask = [] }\n", "");
        let faults = parse("a.toml", &text).unwrap_err();
        assert_eq!(
            faults[0].message,
            "nothing can open it: add a [[trigger]] or say in `raise` who may"
        );
        let text = text.replace(
            "[procedure.dark.clear]",
            "[[procedure.dark.trigger]]\nsignal = \"ups.mains\"\nkind = \"mains\"\n[procedure.dark.clear]",
        );
        let faults = parse("a.toml", &text).unwrap_err();
        let opens = "none of them opens it: one needs a `signal` and no `kind`";
        assert!(faults.iter().any(|f| f.message == opens), "{faults:#?}");
    }

    #[test]
    fn a_procedure_must_be_able_to_end() {
        let told = told("good_for = \"3m\"\n", "");
        assert_eq!(
            told,
            [
                "stage[2].when: can never begin: `clear` has no `good_for`",
                "clear: nothing can end it: add `good_for`, or say in `by` who closes it",
            ]
        );
        only(
            "was = { zh = \"停过\", en = \"Was\" }\n",
            "",
            "clear: whoever could not be told in time hears of it afterwards: add the sentence as `was`",
        );
        only(
            "say = { zh = \"好了\", en = \"Over\" }\n",
            "",
            "clear: whoever was told is told the end too: add the sentence of the all-clear as `say`",
        );
    }

    #[test]
    fn every_stage_can_be_reached() {
        only(
            "kinds = { mains = { zh = \"市电\", en = \"Mains\" } }",
            "kinds = { mains = { zh = \"市电\", en = \"Mains\" }, circuit = { zh = \"线路\", en = \"Circuit\" } }",
            "kinds.circuit: no trigger settles the kind `circuit`: add one, or take it out",
        );
        only(
            "when = { kind = \"mains\" }",
            "when = { answer = { ask = \"lights\", is = \"on\" } }",
            "stage[1].when.answer: nobody can answer `lights` with `on`: give a card a button for it",
        );
        only(
            "when = { kind = \"mains\" }",
            "when = { kinds = [] }",
            "stage[1].when.kinds: can never begin: name at least one kind",
        );
        only(
            "signal = \"ups.mains\"",
            "signal = \"ups.mains\"\ncount = 0",
            "trigger[0].count: must be 1 or more",
        );
        assert_eq!(
            told("signal = \"ups.mains\"\n", ""),
            [
                "trigger[0]: nothing pulls it: add `signal` or `answer`",
                "clear: `good_for` has no signal to wait for: name one in `signal`",
            ]
        );
        only(
            "answer = { ask = \"lights\", is = \"off\" }\n",
            "answer = { ask = \"lights\", is = \"off\" }\nsignal = \"seat.pc\"\n",
            "trigger[1].answer: stands beside a `signal`: write a trigger of its own for each",
        );
    }

    #[test]
    fn every_card_can_be_shown_and_everyone_told_has_something_to_read() {
        let card = "[[procedure.dark.stage.card]]\nrole = \"staff\"\non_ups = true\nlines = [{ zh = \"存\", en = \"Save\" }]\n";
        let step = "[[procedure.dark.stage.step]]\nid = \"phone\"";
        let again = format!("{card}{step}");
        only(
            step,
            &again,
            "stage[0].card[3]: is never shown: a card above is for every such seat of `staff` already",
        );
        only(
            "tell = [\"lead\", \"staff\"]",
            "tell = [\"lead\", \"staff\", \"it\"]",
            "stage[0].tell[2]: `it` sees nothing at its seats: add a card for it to this stage, or to the one that opens",
        );
    }

    #[test]
    fn every_text_stands_in_both_languages() {
        only(
            "{ zh = \"看灯\", en = \"Look\" }",
            "{ zh = \"看灯\", en = \"\" }",
            "stage[0].card[0].lines[0].en: is empty: write the text",
        );
        only(
            "{ zh = \"看灯\", en = \"Look\" }",
            "{ zh = \"看灯\" }",
            "stage[0].card[0].lines[0].en: is missing: add this key",
        );
        only(
            "{ zh = \"看灯\", en = \"Look\" }",
            "{ zh = \"看灯\", en = \"Look {\" }",
            "stage[0].card[0].lines[0].en: has a brace without its fellow",
        );
    }

    #[test]
    fn nobody_waits_for_an_answer_that_is_not_asked_for() {
        let becomes = |with: &str| {
            format!("becomes = {{ procedure = \"fire\"{with} }}\n[procedure.dark.ask.lights]")
        };
        let asked = ", answer = { ask = \"lights\", is = \"off\" }";
        only(
            "[procedure.dark.ask.lights]",
            &becomes(", unanswered = \"30s\""),
            "becomes.unanswered: waits for no answer: add `answer`, or take it out",
        );
        only(
            "[procedure.dark.ask.lights]",
            &becomes(&format!("{asked}, unsettled = \"0s\"")),
            "becomes.unsettled: must be longer than nothing, as \"30s\"",
        );
    }

    #[test]
    fn a_trigger_over_a_zone_asks_for_sensors_and_nothing_of_a_supply() {
        only(
            "signal = \"ups.mains\"",
            "signal = \"sensor.smoke\"\nscope = \"zone\"\nspread = \"feed\"",
            "trigger[0].spread: is of a supply, and no sensor tells of it: take it out",
        );
        only(
            "signal = \"ups.mains\"",
            "signal = \"ups.mains\"\nscope = \"zone\"",
            "trigger[0].signal: `ups.mains` is not seen here, only `sensor.temperature`, `sensor.smoke`, `sensor.water`, `sensor.air`: name one of these, or another `scope`",
        );
        only(
            "records = [\"lead-log\"]",
            "wakes = { signal = \"sensor.water\" }",
            "wakes.signal: `sensor.water` is not seen here, only `ups.mains`, `ups.battery-low`, `generator.running`: name one of these, or let a person answer or tick",
        );
    }

    #[test]
    fn what_is_for_the_same_seats_whoever_raised_it_hides_what_follows() {
        only(
            "on_ups = true\nlines = [{ zh = \"存\", en = \"Save\" }]",
            "lines = [{ zh = \"存\", en = \"Save\" }]\n[[procedure.dark.stage.card]]\nrole = \"staff\"\nraised = false\nlines = [{ zh = \"走\", en = \"Go\" }]",
            "stage[0].card[2]: is never shown: a card above is for every such seat of `staff` already",
        );
    }

    #[test]
    fn a_card_has_two_lines_three_buttons_and_no_more() {
        let line = "{ zh = \"看灯\", en = \"Look\" }";
        let button = "{ say = { zh = \"已告知\", en = \"Told\" }, does = { tick = \"phone\" } }";
        only(
            line,
            &[line; 3].join(", "),
            "stage[0].card[0].lines: has 3 lines, but a card has two at most: move the rest to `more`",
        );
        only(line, "", "stage[0].card[0].lines: is empty: say what to do");
        only(
            button,
            &[button; 3].join(", "),
            "stage[0].card[0].buttons: has 4 buttons, but a card has three at most",
        );
    }

    #[test]
    fn a_text_fits_its_place_with_typical_values() {
        only(
            "{ zh = \"看灯\", en = \"Look\" }",
            "{ zh = \"请马上看一看走廊和大厅的灯，{lead}在等着\", en = \"Look\" }",
            "stage[0].card[0].lines[0].zh: is 21 wide as `请马上看一看走廊和大厅的灯，值班组长在等着`, but a line has room for 20: shorten it",
        );
        only(
            "{ zh = \"已告知\", en = \"Told\" }",
            "{ zh = \"已经告知了\", en = \"Told\" }",
            "stage[0].card[0].buttons[1].say.zh: is 5 wide as `已经告知了`, but a button has room for 4: shorten it",
        );
        only(
            "title = { zh = \"停电\", en = \"Dark\" }",
            "title = { zh = \"停电\", en = \"A loss of electric power\" }",
            "title.en: is 43 wide as `A loss of electric power 15:02 · C, floor 3`, but a title has room for 34: shorten it",
        );
    }
}
