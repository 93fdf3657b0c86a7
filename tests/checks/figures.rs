//! What the two plan documents demand of the packs, figure by figure: an edit of a pack that
//! loses one of these fails here, whatever else it says.

use std::collections::{BTreeMap, BTreeSet};

use callwatch::plan::{
    self, Class, Does, Evidence, Over, Placeholder, Plan, Procedure, Stage, Step, When,
};
use callwatch::text::Text;

/// Pack A is `call-center`, pack B `hotline-center`; `AB` is both.
const DEMANDED: &str = "
# 1 seat fault: one seat. Staff tells lead at once, lead moves them to a standby seat, IT at once,
# begin and recovery into the lead's log.
AB seat-fault | raised by staff over seat
AB seat-fault | first asked: what = headset login pc phone program slow unlisted
AB seat-fault | open begins at once
AB seat-fault | open tells lead at once
AB seat-fault | open tells it at once
AB seat-fault | open shows lead: seat spare
AB seat-fault | open shows raiser: spare
AB seat-fault | lead does move
AB seat-fault | papers: lead-log
AB seat-fault | over once state is back

# 2 system fault: staff tells lead and writes the staff log; IT at once; within 5 min lead reports to
# manager (B: supervisor); once 10 min will not do, at minute 10 at the latest, operations (B: and
# manager); after 60 min the next role above the lead considers other action; lead phones those told.
AB system-fault | raised by staff over site
AB system-fault | first asked: symptom = dead login slow
AB system-fault | open tells lead at once
AB system-fault | open tells it at once
AB system-fault | staff does note, each, into staff-log
AB system-fault | staff does by-hand, each, into manual-record
A  system-fault | lead does report within 5m of the onset, seen by manager, else operations
B  system-fault | lead does report within 5m of the onset, seen by supervisor, else manager
AB system-fault | lead does order
AB system-fault | report-up begins once outlook is longer
AB system-fault | report-up tells operations at once
B  system-fault | report-up tells manager at once
AB system-fault | 10-min begins when bad for 10m
AB system-fault | 10-min tells operations at once
B  system-fault | 10-min tells manager at once
AB system-fault | 60-min begins when bad for 1h
A  system-fault | 60-min tells manager at once
B  system-fault | 60-min tells supervisor at once
A  system-fault | manager does vendor
B  system-fault | supervisor does vendor
A  system-fault | 60-min shows manager: phone.vendor
B  system-fault | 60-min shows supervisor: phone.vendor
AB system-fault | manager does staffing, starts call-surge
AB system-fault | recovery begins once all is good
AB system-fault | lead does phone-told within 10m of its stage, holding the all-clear
AB system-fault | recovery shows lead: phone.manager phone.operations
B  system-fault | recovery shows lead: phone.supervisor
AB system-fault | staff does follow-up, each, into manual-record
AB system-fault | papers: fault-record lead-log staff-log

# 3 power loss. Mains: IT and lead (B: IT and manager) at once; B: air conditioning off, generator
# within 7 to 10 min. Own circuit: lead phones manager (B: supervisor and manager) at once, repair
# arranged (B: the building's electricians). What is not needed is closed; IT watches the return.
AB power-loss | opens by ups.mains
AB power-loss | raised by staff over feed
AB power-loss | open tells it after 5s
AB power-loss | open tells lead after 5s
AB power-loss | open tells staff after 15s
A  power-loss | open tells manager after 1m
B  power-loss | open tells manager after 5s
AB power-loss | mains begins when it is mains
B  power-loss | lead does aircon within 5m of the onset
B  power-loss | it does generator within 10m of the onset, seen by generator.running, else operations manager
A  power-loss | lead does shed
AB power-loss | circuit begins when it is circuit
A  power-loss | lead does phone-manager within 2m of its stage, seen by manager, else operations
B  power-loss | lead does phone-leaders within 2m of its stage, seen by supervisor manager, else operations
A  power-loss | circuit shows lead: phone.manager
B  power-loss | circuit shows lead: phone.manager phone.supervisor
A  power-loss | it does repair within 10m of its stage, else manager
B  power-loss | lead does repair within 10m of its stage, else supervisor manager
A  power-loss | circuit shows it: phone.electrician
B  power-loss | circuit shows lead: phone.facilities
AB power-loss | battery-low begins at ups.battery-low
AB power-loss | supply-back begins once all is good
AB power-loss | it does watch within 15m of its stage, holding the all-clear
AB power-loss | over once good for 3m, and 5m more
AB power-loss | waits for ups.mains generator.running
AB power-loss | told again after 30m 30m 1h
AB power-loss | papers: fault-record lead-log

# B 4 air conditioning: lead tells supervisor and manager at once, they call the building, fans ready.
B  aircon-fault | open tells supervisor at once
B  aircon-fault | open tells manager at once
B  aircon-fault | lead does tell-up, seen by supervisor manager
B  aircon-fault | lead does fans
B  aircon-fault | open shows supervisor: phone.facilities
B  aircon-fault | open shows manager: phone.facilities
B  aircon-fault | supervisor does repair, seen by repair=called
B  aircon-fault | raised by staff over zone
B  aircon-fault | over once state is back

# Ours: sensors. Smoke: the lead looks, all in the zone after 30 s without an answer; a room above
# 35 degrees and water wake whoever is on call; plan A has but a notice of a hot room.
AB smoke | opens by sensor.smoke
AB smoke | open tells lead at once
AB smoke | becomes fire once look is fire
AB smoke | becomes fire after 30s without an answer
AB smoke | becomes fire 3m after another answer
AB smoke | wakes whoever is on call
AB water | opens by sensor.water
AB water | open tells lead at once
AB water | open tells it at once
AB water | wakes whoever is on call
AB aircon-fault | opens by sensor.temperature
AB aircon-fault | opens by sensor.air
AB aircon-fault | open tells it at once
AB aircon-fault | open tells lead at once
AB aircon-fault | wakes whoever is on call
AB sensor-blind | open tells it at once

# 4.1 (B 5.1) fire: the fire number at once; lead evacuates; manager told within 2 min of discovery
# (B: supervisor and manager within 5); once safe, report upward.
AB fire | raised by staff over zone
AB fire | wakes whoever is on call
AB fire | open tells staff at once
AB fire | open shows raiser: phone.fire
AB fire | open shows lead: phone.fire
AB fire | lead does evacuate
A  fire | lead does tell-up within 2m of the onset, seen by manager, else operations
B  fire | lead does tell-up within 5m of the onset, seen by supervisor manager, else operations
AB fire | lead does report-safe
AB fire | over when closed

# 4.2 (B 5.2) theft: lead and manager within 2 min (B: supervisor and manager within 5); they decide.
AB theft | nothing shows at the raiser's seat
AB theft | open tells lead at once
AB theft | open tells manager at once
B  theft | open tells supervisor at once
A  theft | lead does tell-up within 2m of the onset, seen by manager, else operations
B  theft | lead does tell-up within 5m of the onset, seen by supervisor manager, else operations
AB theft | lead does keep
AB theft | police begins once police is yes
AB theft | no-police begins once police is no
AB theft | police shows lead: phone.police
A  theft | read by lead manager operations
B  theft | read by lead supervisor manager operations

# 5 (B 6) personal accident: manager (B: supervisor) at once; within 10 min the answer rate; two or
# more: the centre's manager; serious: upward at once. Life in danger: the ambulance first.
A  personal-accident | open tells manager at once
B  personal-accident | open tells supervisor at once
AB personal-accident | open shows raiser: phone.ambulance
AB personal-accident | open shows lead: phone.ambulance
AB personal-accident | lead does out
A  personal-accident | lead does estimate within 10m of the onset, else manager
B  personal-accident | supervisor does estimate within 10m of the onset, else manager
AB personal-accident | several begins once hurt is 2 or more
AB personal-accident | several tells manager at once
AB personal-accident | serious begins once serious is yes
AB personal-accident | serious tells manager at once
AB personal-accident | clean shows lead: phone.cleaning

# 6 (B 7) network: staff collect what callers say, manual sheets, IT repairs (B: passes it on).
AB network-failure | first asked: what = crm files gear outside server
AB network-failure | open tells staff at once
AB network-failure | open tells it at once
AB network-failure | staff does collect, each
AB network-failure | staff does by-hand, each, into manual-record
AB network-failure | it does repair
B  network-failure | it does pass-on
B  network-failure | open shows it: phone.network-owner
AB network-failure | it does data within 30m of its stage, holding the all-clear

# 7 (B 8) surge: each level 30 min after the support of the one before stood.
AB call-surge | opens by queue.calls
AB call-surge | over once good for 10m, and 0s more
AB call-surge | over once state is calm
AB call-surge | level-1 begins at once
AB call-surge | level-2-given rings backup
AB call-surge | level-3-given rings support after scheme
AB call-surge | lead does level-1-given, seen by lead for 5m
AB call-surge | level-2 begins 30m after level-1-given
AB call-surge | lead does level-2-given, seen by lead for 5m
AB call-surge | level-2 shows lead: phone.backup
AB call-surge | level-3 begins 30m after level-2-given
AB call-surge | level-3 tells manager at once
AB call-surge | manager does scheme
AB call-surge | level-3 shows manager: phone.support

# 8 (B 9) complaint: numbered, handled until closed, followed up within the promised time; written ones
# confirmed by mouth within the promised working days, then findings and remedy in writing.
AB complaint | quiet
AB complaint | numbered TS-{year}-{n}
AB complaint | first asked: confirm promised written
AB complaint | staff does hand-up, starts complaint-escalation
A  complaint | lead does progress by promised, else manager
B  complaint | lead does progress by promised, else supervisor
A  complaint | lead does inquire by promised, else manager
B  complaint | lead does inquire by promised, else supervisor
AB complaint | staff does transfer
AB complaint | lead does pass-on
A  complaint | lead does oral by confirm, else manager
B  complaint | lead does oral by confirm, else supervisor
A  complaint | lead does result by promised, else manager
B  complaint | lead does result by promised, else supervisor
AB complaint | papers: complaint-register lead-log
A  complaint | closed by lead staff
B  complaint | closed by lead supervisor staff

# 9 to 12 (B 10 to 13): the quiet ones, and the media.
AB abnormal-call | quiet
A  abnormal-call | open tells lead at once
B  abnormal-call | open tells supervisor at once
AB abnormal-call | staff does hand-on
AB complaint-escalation | quiet
AB complaint-escalation | open tells lead at once
AB complaint-escalation | lead does help
AB urgent-ticket | quiet
AB urgent-ticket | staff does track, into staff-log
B  urgent-ticket | open shows raiser: phone.estate
A  urgent-ticket | stuck tells lead at once
B  urgent-ticket | stuck tells supervisor at once
AB urgent-ticket | stuck tells manager at once
AB media-visit | open tells manager at once
AB media-visit | lead does tell-manager, seen by manager
AB media-visit | manager does speaker
AB media-visit | open tells staff at once
";

/// What a pack says, each thing as the table writes it.
fn said(plan: &Plan) -> BTreeSet<String> {
    let procedures = plan.procedures.iter();
    procedures
        .flat_map(|(id, procedure)| {
            let said = of_procedure(procedure).into_iter();
            said.map(move |said| format!("{id} | {said}"))
        })
        .collect()
}

fn of_procedure(procedure: &Procedure) -> Vec<String> {
    let mut said = Vec::new();
    for signal in procedure.opening().filter_map(|it| it.signal) {
        said.push(format!("opens by {signal}"));
    }
    if let Some(raise) = &procedure.raise {
        let over = match raise.over {
            Over::Site => "site",
            Over::Zone => "zone",
            Over::Seat => "seat",
            Over::Feed => "feed",
        };
        for role in &raise.by {
            said.push(format!("raised by {role} over {over}"));
        }
        if raise.silent {
            said.push("nothing shows at the raiser's seat".to_owned());
        }
        let typed = |ask: &&String| procedure.ask[*ask].choices.is_empty();
        let mut asks: Vec<&str> = raise.ask.iter().filter(typed).map(String::as_str).collect();
        asks.sort_unstable();
        said.push(format!("first asked: {}", asks.join(" ")));
        for ask in raise.ask.iter().filter(|ask| !typed(ask)) {
            let choices: Vec<&str> = procedure.ask[ask]
                .choices
                .keys()
                .map(String::as_str)
                .collect();
            said.push(format!("first asked: {ask} = {}", choices.join(" ")));
        }
    }
    if procedure.wakes.is_some() {
        said.push("wakes whoever is on call".to_owned());
    }
    if let Some(becomes) = &procedure.becomes {
        let other = &becomes.procedure;
        if let Some(answer) = &becomes.answer {
            let is = answer.is.as_deref().unwrap_or("");
            said.push(format!("becomes {other} once {} is {is}", answer.ask));
        }
        if let Some(long) = becomes.unanswered {
            said.push(format!("becomes {other} after {long:#} without an answer"));
        }
        if let Some(long) = becomes.unsettled {
            said.push(format!("becomes {other} {long:#} after another answer"));
        }
    }
    if procedure.class == Class::Desk {
        said.push("quiet".to_owned());
    }
    if let Some(number) = &procedure.number {
        said.push(format!("numbered {number}"));
    }
    said.push(format!("read by {}", procedure.visible.join(" ")));
    let mut papers = procedure.records.clone();
    papers.sort();
    said.push(format!("papers: {}", papers.join(" ")));
    let remind: Vec<String> = procedure
        .remind
        .iter()
        .map(|it| format!("{it:#}"))
        .collect();
    said.push(format!("told again after {}", remind.join(" ")));
    for stage in &procedure.stage {
        of_stage(stage, &mut said);
    }
    let clear = &procedure.clear;
    if let Some(good_for) = clear.good_for {
        said.push(format!(
            "over once good for {good_for:#}, and {:#} more",
            clear.settle
        ));
        let gates: Vec<&str> = clear.signal.iter().map(|kind| kind.name()).collect();
        said.push(format!("waits for {}", gates.join(" ")));
    }
    if let Some(answer) = &clear.answer {
        said.push(format!(
            "over once {} is {}",
            answer.ask,
            answer.is.as_deref().unwrap_or("")
        ));
    }
    if procedure.gate().is_none() {
        said.push("over when closed".to_owned());
    }
    said.push(format!("closed by {}", clear.by.join(" ")));
    said
}

fn of_stage(stage: &Stage, said: &mut Vec<String>) {
    let id = &stage.id;
    match &stage.when {
        When::Open => said.push(format!("{id} begins at once")),
        When::Clear => said.push(format!("{id} begins once all is good")),
        When::Kind(_) | When::Kinds(_) => {
            let kinds = stage.when.kinds().iter();
            said.extend(kinds.map(|kind| format!("{id} begins when it is {kind}")));
        }
        When::Signal(kind) => said.push(format!("{id} begins at {kind}")),
        When::Answer(answer) => said.push(match (&answer.is, answer.at_least) {
            (Some(is), _) => format!("{id} begins once {} is {is}", answer.ask),
            (None, least) => format!(
                "{id} begins once {} is {} or more",
                answer.ask,
                least.unwrap_or(0)
            ),
        }),
        When::BadFor(long) => said.push(format!("{id} begins when bad for {long:#}")),
        When::After(after) => said.push(format!(
            "{id} begins {:#} after {}",
            after.bad_for, after.step
        )),
        When::Beside(other) => said.push(format!("{id} begins beside {other}")),
    }
    for role in &stage.tell {
        said.push(match stage.delay.get(role) {
            None => format!("{id} tells {role} at once"),
            Some(delay) => format!("{id} tells {role} after {delay:#}"),
        });
    }
    let mut shown: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for card in &stage.card {
        let texts = card.lines.iter().chain(&card.more);
        let holes: BTreeSet<String> = texts.flat_map(holes).collect();
        shown.entry(&card.role).or_default().extend(holes);
    }
    for (role, holes) in shown {
        // Any few of them may be asked for together.
        let holes: Vec<&String> = holes.iter().collect();
        for first in 0..holes.len() {
            said.push(format!("{id} shows {role}: {}", holes[first]));
            for second in first + 1..holes.len() {
                said.push(format!(
                    "{id} shows {role}: {} {}",
                    holes[first], holes[second]
                ));
            }
        }
    }
    for step in &stage.step {
        of_step(stage, step, said);
    }
}

/// The placeholders that stand in both languages of a text.
fn holes(text: &Text) -> BTreeSet<String> {
    let names = ["seat", "spare", "address", "assembly"].map(str::to_owned);
    let contacts = [
        "ambulance",
        "backup",
        "cleaning",
        "electrician",
        "estate",
        "facilities",
        "fire",
        "manager",
        "network-owner",
        "operations",
        "police",
        "supervisor",
        "support",
        "vendor",
    ];
    let contacts = contacts.map(|contact| Placeholder::Phone(contact.to_owned()).to_string());
    let names = names.into_iter().chain(contacts);
    names
        .filter(|name| {
            let hole = format!("{{{name}}}");
            text.zh.contains(&hole) && text.en.contains(&hole)
        })
        .collect()
}

fn of_step(stage: &Stage, step: &Step, said: &mut Vec<String>) {
    let does = format!("{} does {}", step.who, step.id);
    said.push(does.clone());
    let within = step.within.map(|within| {
        let onset = stage.when == When::Open || step.from_onset;
        let begin = if onset { "the onset" } else { "its stage" };
        format!(" within {within:#} of {begin}")
    });
    let evidence = step.done_when.as_ref().map(|evidence| match evidence {
        Evidence::Signal(kind) => format!(", seen by {kind}"),
        Evidence::Told(roles) => format!(", seen by {}", roles.as_slice().join(" ")),
        Evidence::Answer(reply) => format!(", seen by {}={}", reply.ask, reply.is),
        Evidence::Seen(seen) => format!(", seen by {} for {:#}", seen.role, seen.since),
    });
    let missed = (!step.missed.is_empty()).then(|| format!(", else {}", step.missed.join(" ")));
    let parts = [
        step.each.then(|| ", each".to_owned()),
        within,
        step.by.as_ref().map(|day| format!(" by {day}")),
        evidence,
        missed,
        step.starts
            .as_ref()
            .map(|started| format!(", starts {started}")),
        step.gates.then(|| ", holding the all-clear".to_owned()),
    ];
    if let Some(rings) = &step.rings {
        let after = rings.after.as_ref().map(|first| format!(" after {first}"));
        let after = after.unwrap_or_default();
        said.push(format!("{} rings {}{after}", step.id, rings.list));
    }
    let words = does + &parts.into_iter().flatten().collect::<String>();
    said.push(words.clone());
    if let Some(paper) = &step.record {
        said.push(format!("{words}, into {paper}"));
    }
}

fn pack(id: &str) -> Plan {
    let text = plan::pack(id).expect("it is shipped");
    plan::parse(id, text).expect("it has no fault")
}

#[test]
fn each_pack_has_what_its_plan_document_demands() {
    let packs = [("A", pack("call-center")), ("B", pack("hotline-center"))];
    let packs = packs.map(|(letter, plan)| (letter, said(&plan)));
    let mut missing = Vec::new();
    let mut demands = 0;
    let rows = DEMANDED
        .lines()
        .filter(|row| !row.is_empty() && !row.starts_with('#'));
    for row in rows {
        let (of, demand) = row.split_once(' ').expect("a row begins with its packs");
        for (letter, said) in packs.iter().filter(|(letter, _)| of.contains(letter)) {
            demands += 1;
            if !said.contains(demand.trim()) {
                missing.push(format!("{letter}: {}", demand.trim()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(demands > 250, "{demands}");
}

#[test]
fn the_packs_have_thirteen_and_fourteen_procedures_and_their_own_roles() {
    let built_in = [
        "aircon-fault",
        "announced-cut",
        "blind",
        "cut-checks",
        "cut-off",
        "endurance",
        "generator-test",
        "generator-test-due",
        "no-backup",
        "not-recorded",
        "sensor-blind",
        "smoke",
        "suspected-cut",
        "unstable-supply",
        "water",
    ];
    let own = |plan: &Plan| -> Vec<String> {
        let ids = plan.procedures.keys();
        ids.filter(|id| !built_in.contains(&id.as_str()))
            .cloned()
            .collect()
    };
    let (a, b) = (pack("call-center"), pack("hotline-center"));
    assert_eq!(
        own(&a),
        [
            "abnormal-call",
            "call-surge",
            "complaint",
            "complaint-escalation",
            "fire",
            "media-visit",
            "network-failure",
            "personal-accident",
            "power-loss",
            "seat-fault",
            "system-fault",
            "theft",
            "urgent-ticket",
        ]
    );
    // The air conditioning is of plan B alone; with A a hot room is told of, and nobody raises it.
    assert_eq!(own(&b), own(&a));
    assert!(b.procedures["aircon-fault"].raise.is_some());
    assert!(a.procedures["aircon-fault"].raise.is_none());
    let roles = |plan: &Plan| plan.roles.keys().cloned().collect::<Vec<_>>();
    assert_eq!(roles(&a), ["it", "lead", "manager", "operations", "staff"]);
    assert_eq!(
        roles(&b),
        ["it", "lead", "manager", "operations", "staff", "supervisor"]
    );
}

#[test]
fn whoever_raises_it_may_take_a_fire_back_and_nobody_waits_for_a_second_person() {
    for id in ["call-center", "hotline-center"] {
        let plan = pack(id);
        let fire = &plan.procedures["fire"];
        let opening = fire.stage("open").expect("it opens");
        assert!(opening.delay.is_empty(), "{id}");
        let raiser = opening.card.iter().find(|card| card.role == plan::RAISER);
        let buttons = &raiser.expect("it has a card").buttons;
        assert!(
            buttons.iter().any(|button| button.does == Does::StandDown),
            "{id}"
        );
    }
}
