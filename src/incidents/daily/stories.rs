//! Stories of what IT hears on a working day, and when it hears nothing.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{Date, time};

use crate::incidents::backups::{BackupSight, Unseen};
use crate::incidents::board::{Board, Centre};
use crate::incidents::entry::Event;
use crate::incidents::input::{Input, Leave, Outcome, Presence, Refused};
use crate::incidents::message::Notice;
use crate::incidents::people;
use crate::incidents::state::State;
use crate::incidents::stories::{Story, at};
use crate::incidents::view::Due;
use crate::signals::{Kind, Level, Signal};
use crate::site::path::Accepted;
use crate::site::{Backup, Channel, Day, Hours, Service, Site, Span};
use crate::text::Text;
use crate::ups::{Reading, Verdict};

const ALL: [&str; 3] = ["UPS-C1", "UPS-C2", "UPS-AF"];
/// The stories begin on a Friday at 16:00, and the digest is that of 16:30.
const DIGEST: i64 = 30 * 60;
const DAY: i64 = 24 * 3600;

fn begin(change: impl Fn(&mut Site)) -> Story {
    let mut centre = Centre::clone(&people::centre("call-center"));
    centre.site.quiet.it_digest = Some(time(16, 30, 0, 0));
    for zone in centre.site.zones.values_mut() {
        zone.hours = Some(Hours {
            spans: vec![Span {
                days: vec![1, 2, 3, 4, 5],
                from: time(8, 30, 0, 0),
                to: time(17, 30, 0, 0),
            }],
        });
    }
    change(&mut centre.site);
    Story::of(Arc::new(centre))
}

fn reading(verdict: Verdict) -> Reading {
    let mut reading = Reading::unreachable();
    reading.verdict = verdict;
    reading.on_battery = Some(false);
    reading.battery_low = Some(false);
    reading.runtime_minutes = Some(60.0);
    reading
}

/// Time passes; every minute `ups` says this of itself, and the others that they are well.
fn pass(story: &mut Story, end: i64, ups: &str, verdict: Verdict) {
    while story.now < end {
        story.now = (story.now + 10).min(end);
        for known in ALL {
            let verdict = if known == ups {
                verdict
            } else {
                Verdict::OnMains
            };
            let (ups, reading) = (known.to_owned(), reading(verdict));
            story.take(Input::Ups { ups, reading }).unwrap();
        }
        story.take(Input::Tick).unwrap();
    }
}

fn calm(story: &mut Story, end: i64) {
    pass(story, end, "", Verdict::OnMains);
}

/// Nobody listens to anything until then, but for the Board's own deadlines.
fn skip(story: &mut Story, end: i64) {
    while let Some(next) = story.board.next_deadline().filter(|next| *next < at(end)) {
        story.now = next.duration_since(at(0)).as_secs();
        story.take(Input::Tick).unwrap();
    }
    story.now = end;
    story.take(Input::Tick).unwrap();
}

fn restart(story: &mut Story) {
    let centre = Arc::clone(story.board.centre());
    restart_as(story, &centre);
}

fn restart_as(story: &mut Story, centre: &Arc<Centre>) {
    let json = serde_json::to_string(&story.replayed()).unwrap();
    let state: State = serde_json::from_str(&json).unwrap();
    story.board = Board::new(Arc::clone(centre), state, at(story.now));
    story.take(Input::Started).unwrap();
}

fn digests(story: &Story) -> Vec<(i64, bool, Vec<String>)> {
    let said = story.entries.iter().filter_map(|entry| match &entry.event {
        Event::Digested { late, lines } => {
            let lines = lines.iter().map(|line| line.en.clone()).collect();
            Some((entry.at.duration_since(at(0)).as_secs(), *late, lines))
        }
        _ => None,
    });
    said.collect()
}

fn due(story: &Story) -> Vec<Due> {
    let mut due = story.board.outbox();
    due.retain(|due| due.message.notice == Notice::Digest);
    due
}

#[test]
fn a_certificate_is_told_from_two_weeks_before_its_end_until_it_is_renewed() {
    let mut story = begin(|site| {
        for id in ["crm", "kb"] {
            let service = Service {
                name: Text::same(id.to_uppercase()),
                via: Vec::new(),
            };
            site.services.insert(id.to_owned(), service);
        }
    });
    let shows = |service: &str, days: i64| Input::Certificate {
        service: service.to_owned(),
        until: at(DIGEST + days * DAY),
    };
    story.take(shows("crm", 13)).unwrap();
    story.take(shows("kb", 15)).unwrap();
    assert!(story.take(shows("wiki", 1)).is_err(), "nobody knows it");
    calm(&mut story, DIGEST + 60);
    // UPSs that fell silent meanwhile are told of too.
    let told = |story: &Story| {
        let mut said = digests(story).pop().unwrap().2;
        said.retain(|line| line.contains("certificate"));
        said
    };
    let said = told(&story);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("the certificate of CRM ends on "));
    // On Monday the other one is as near its end, and this one was renewed.
    story.take(shows("crm", 90)).unwrap();
    skip(&mut story, DIGEST + 3 * DAY + 60);
    let said = told(&story);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("the certificate of KB ends on "));
    story.take(shows("kb", -1)).unwrap();
    skip(&mut story, DIGEST + 4 * DAY + 60);
    let said = told(&story);
    assert!(said[0].starts_with("the certificate of KB ended on "));
}

#[test]
fn the_daemons_own_certificate_is_told_before_its_end_and_not_after_a_renewal() {
    let mut story = begin(|_| ());
    let own = |days: i64| Input::OwnCertificate {
        until: at(DIGEST + days * DAY),
    };
    let told = |story: &Story| {
        let said = digests(story).pop().map(|it| it.2).unwrap_or_default();
        said.into_iter().find(|line| line.contains("certificate"))
    };
    story.take(own(13)).unwrap();
    calm(&mut story, DIGEST + 60);
    let line = told(&story).unwrap();
    assert!(line.starts_with("the certificate of callwatch itself ends on "));
    story.take(own(-1)).unwrap();
    skip(&mut story, DIGEST + 3 * DAY + 60);
    let line = told(&story).unwrap();
    assert!(line.starts_with("the certificate of callwatch itself ended on "));
    story.take(own(90)).unwrap();
    skip(&mut story, DIGEST + 4 * DAY + 60);
    assert_eq!(told(&story), None);
}

/// Two backups: `crm` lies in a directory, and the job of `files` reports.
fn with_backups(site: &mut Site) {
    for (id, reports) in [("crm", false), ("files", true)] {
        let backup = Backup {
            name: Text::same(id.to_uppercase()),
            late_after: SignedDuration::from_hours(8 * 24),
            reports,
        };
        site.backups.insert(id.to_owned(), backup);
    }
}

fn seen(story: &mut Story, backup: &str, sight: BackupSight) {
    let backup = backup.to_owned();
    story.take(Input::Backup { backup, sight }).unwrap();
}

fn unseen() -> Unseen {
    Unseen {
        why: Text::new("目录不存在", "there is no such directory"),
        mend: Text::new("核对路径", "check the path"),
    }
}

fn of_backups(story: &Story) -> Vec<String> {
    let mut said = digests(story).pop().unwrap().2;
    said.retain(|line| line.contains("back"));
    said
}

fn backup_level(story: &Story, backup: &str) -> Level {
    let signal = Signal::new(Kind::BackupFresh, backup);
    story.board.state().level(&signal)
}

#[test]
fn a_backup_that_grows_too_old_is_told_once_a_day_until_there_is_a_newer_one() {
    let mut story = begin(with_backups);
    let newest = |days: i64| BackupSight::Newest(at(DIGEST - days * DAY));
    seen(&mut story, "crm", newest(6));
    seen(&mut story, "files", BackupSight::Reported);
    calm(&mut story, DIGEST + 60);
    assert_eq!(of_backups(&story), [""; 0]);
    assert_eq!(backup_level(&story, "crm"), Level::Normal);
    // Monday: nine days old; its page says so from the moment on.
    skip(&mut story, DIGEST + 2 * DAY + 60);
    assert_eq!(backup_level(&story, "crm"), Level::Warning);
    skip(&mut story, DIGEST + 3 * DAY + 60);
    let said = of_backups(&story);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("the newest backup of CRM is of "),
        "{said:?}"
    );
    seen(&mut story, "crm", newest(-3));
    assert_eq!(backup_level(&story, "crm"), Level::Normal);
    skip(&mut story, DIGEST + 4 * DAY + 60);
    assert_eq!(of_backups(&story), [""; 0]);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn what_a_job_reported_outlasts_a_restart_and_a_clock_that_jumps() {
    let mut story = begin(with_backups);
    seen(&mut story, "files", BackupSight::Reported);
    restart(&mut story);
    assert_eq!(backup_level(&story, "files"), Level::Normal);
    let by = SignedDuration::from_hours(30 * 24);
    story.now += 30 * DAY;
    story.take(Input::ClockStepped { by }).unwrap();
    assert_eq!(backup_level(&story, "files"), Level::Normal);
    skip(&mut story, 37 * DAY);
    assert_eq!(backup_level(&story, "files"), Level::Normal);
    skip(&mut story, 38 * DAY + 60);
    assert_eq!(backup_level(&story, "files"), Level::Warning);
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_backup_that_nobody_sees_is_told_with_what_mends_it_and_one_of_the_future_is_none() {
    let mut story = begin(with_backups);
    seen(&mut story, "crm", BackupSight::Newest(at(DIGEST + DAY)));
    calm(&mut story, DIGEST + 60);
    let said = of_backups(&story);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("of CRM: its newest file is of the future; check the clock"));
    assert_eq!(said[1], "the job that backs FILES up has not reported yet");
    seen(&mut story, "crm", BackupSight::Blind(unseen()));
    assert_eq!(backup_level(&story, "crm"), Level::Unknown);
    skip(&mut story, DIGEST + 3 * DAY + 60);
    assert_eq!(
        of_backups(&story)[0],
        "the backup of CRM: there is no such directory; check the path"
    );
    // There is none at all: it is as bad as one that is too old.
    seen(&mut story, "crm", BackupSight::None(unseen()));
    assert_eq!(backup_level(&story, "crm"), Level::Warning);
    // Until somebody has looked again, it stands as it stood.
    restart(&mut story);
    assert_eq!(backup_level(&story, "crm"), Level::Warning);
    let nobody = Input::Backup {
        backup: "nobody".to_owned(),
        sight: BackupSight::Reported,
    };
    assert!(matches!(story.take(nobody), Err(Refused::NoSuchBackup(_))));
}

#[test]
fn a_battery_to_be_replaced_is_told_to_it_alone_at_its_hour_and_once() {
    let mut story = begin(|_| ());
    pass(&mut story, DIGEST - 1, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story), []);
    pass(&mut story, DIGEST, "UPS-C1", Verdict::ReplaceBattery);
    let said = "UPS-C1: its battery is to be replaced".to_owned();
    assert_eq!(digests(&story), [(DIGEST, false, vec![said])]);
    let due = due(&story);
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].channel, "hook", "IT's, and not the manager's");
    let message = &due[0].message;
    assert_eq!(message.title.zh, "IT要看的1件事 · 1月15日");
    assert_eq!(message.title.en, "1 thing for IT · 15 Jan");
    assert_eq!(message.text.zh, "1. UPS-C1的电池该换了。");
    assert_eq!(message.text.en, "1. UPS-C1: its battery is to be replaced.");
    // Again at 16:31, and once more after a restart: nothing new.
    story.settle_debts();
    story.now = DIGEST + 60;
    restart(&mut story);
    pass(&mut story, DIGEST + 900, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story).len(), 1);
    assert!(story.board.outbox().is_empty());
    let view = story.board.view(at(story.now), &[], None);
    assert_eq!(view.digest.unwrap().lines.len(), 1, "the page keeps it");
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn where_all_is_well_nothing_is_sent() {
    let mut story = begin(|_| ());
    calm(&mut story, DIGEST + 60);
    assert_eq!(digests(&story), [(DIGEST, false, Vec::new())]);
    assert!(story.board.outbox().is_empty());
    assert_eq!(story.board.view(at(story.now), &[], None).digest, None);
    // What comes later on the same day waits for the next.
    pass(&mut story, DIGEST + 900, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story).len(), 1);
}

#[test]
fn one_poll_alone_that_wants_a_new_battery_is_a_blip() {
    let mut story = begin(|_| ());
    calm(&mut story, DIGEST - 10);
    pass(&mut story, DIGEST, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story), [(DIGEST, false, Vec::new())]);
}

#[test]
fn a_daemon_that_was_down_at_the_hour_says_it_once_and_that_it_is_late() {
    let mut story = begin(|_| ());
    pass(&mut story, DIGEST - 600, "UPS-C1", Verdict::ReplaceBattery);
    story.now = DIGEST + 600;
    restart(&mut story);
    pass(&mut story, DIGEST + 650, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story), [], "every UPS is heard first");
    pass(&mut story, DIGEST + 1200, "UPS-C1", Verdict::ReplaceBattery);
    let said = digests(&story);
    assert_eq!(said.len(), 1);
    assert_eq!((said[0].0, said[0].1), (DIGEST + 660, true));
    let due = due(&story);
    assert_eq!(
        due[0].message.title.en,
        "1 thing for IT · 15 Jan (late: of 16:30)"
    );
    assert_eq!(
        due[0].message.title.zh,
        "IT要看的1件事 · 1月15日（本该16:30发，晚了）"
    );
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn a_record_that_begins_after_the_hour_owes_no_digest_of_that_day() {
    let mut story = begin(|site| site.quiet.it_digest = Some(time(15, 0, 0, 0)));
    pass(&mut story, 1200, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story), []);
}

#[test]
fn after_work_a_digest_that_was_missed_is_that_of_the_next_day() {
    let mut story = begin(|site| {
        let tomorrow = site.date_of(at(0)).tomorrow().unwrap();
        site.calendar.days.insert(tomorrow, Day::As(5));
    });
    calm(&mut story, DIGEST - 600);
    // 18:00.
    story.now = 2 * 3600;
    restart(&mut story);
    calm(&mut story, 2 * 3600 + 600);
    assert_eq!(digests(&story), []);
    skip(&mut story, DAY);
    calm(&mut story, DAY + DIGEST + 10);
    let said = digests(&story);
    assert_eq!((said.len(), said[0].0), (1, DAY + DIGEST));
}

#[test]
fn working_days_are_those_of_the_calendar() {
    let mut story = begin(|site| {
        let today = site.date_of(at(0));
        let add = |days| today.checked_add(jiff::Span::new().days(days)).unwrap();
        // The Sunday makes up for the Monday.
        site.calendar.days.insert(add(2), Day::As(1));
        site.calendar.days.insert(add(3), Day::Off);
    });
    calm(&mut story, 60);
    skip(&mut story, 5 * DAY);
    let seconds: Vec<i64> = digests(&story).iter().map(|(at, ..)| *at).collect();
    let days = [0, 2, 4].map(|day| day * DAY + DIGEST);
    assert_eq!(seconds, days, "Friday, Sunday, Tuesday");
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn at_another_hour_or_never_as_the_site_has_it() {
    let mut story = begin(|site| site.quiet.it_digest = None);
    calm(&mut story, 60);
    skip(&mut story, 5 * DAY);
    assert_eq!(digests(&story), []);
    let mut story = begin(|site| site.quiet.it_digest = Some(time(17, 0, 0, 0)));
    calm(&mut story, 3700);
    assert_eq!(digests(&story)[0].0, 3600);
    // Moved to earlier on the same day, it is not said twice.
    let mut centre = Centre::clone(story.board.centre());
    centre.site.quiet.it_digest = Some(time(16, 10, 0, 0));
    restart_as(&mut story, &Arc::new(centre));
    calm(&mut story, 4200);
    assert_eq!(digests(&story).len(), 1);
}

#[test]
fn before_work_begins_its_channels_are_left_alone() {
    let mut story = begin(|site| {
        site.quiet.it_digest = Some(time(8, 0, 0, 0));
        let tomorrow = site.date_of(at(0)).tomorrow().unwrap();
        site.calendar.days.insert(tomorrow, Day::As(5));
    });
    // 07:50 and 08:00 on Saturday, which is worked.
    let morning = 16 * 3600;
    skip(&mut story, morning - 600);
    pass(&mut story, morning + 60, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story).len(), 1);
    assert!(due(&story).is_empty());
    pass(
        &mut story,
        morning + 1790,
        "UPS-C1",
        Verdict::ReplaceBattery,
    );
    assert!(due(&story).is_empty());
    pass(
        &mut story,
        morning + 1800,
        "UPS-C1",
        Verdict::ReplaceBattery,
    );
    assert_eq!(due(&story).len(), 1, "08:30");
}

#[test]
fn a_clock_that_jumps_neither_repeats_nor_loses_a_digest() {
    let step = |story: &mut Story, by: i64| {
        story.now += by;
        let by = SignedDuration::from_secs(by);
        story.take(Input::ClockStepped { by }).unwrap();
    };
    // Back over the hour.
    let mut story = begin(|_| ());
    calm(&mut story, DIGEST + 60);
    step(&mut story, -600);
    calm(&mut story, DIGEST + 120);
    assert_eq!(digests(&story).len(), 1);
    // Forward over the hour.
    let mut story = begin(|_| ());
    calm(&mut story, DIGEST - 300);
    step(&mut story, 500);
    calm(&mut story, DIGEST + 300);
    assert_eq!(digests(&story).len(), 1);
    // A clock that was days ahead has not said what is said today.
    let mut story = begin(|_| ());
    calm(&mut story, 60);
    step(&mut story, 7 * DAY);
    calm(&mut story, 7 * DAY + DIGEST + 60);
    assert_eq!(digests(&story).len(), 1);
    step(&mut story, -7 * DAY);
    calm(&mut story, DIGEST + 300);
    assert_eq!(digests(&story).len(), 1, "it is the same day's");
    skip(&mut story, 3 * DAY + DIGEST + 60);
    assert_eq!(digests(&story).len(), 2, "and Monday has its own");
    assert_eq!(&story.replayed(), story.board.state());
}

#[test]
fn the_newest_digest_takes_the_place_of_one_that_did_not_leave() {
    let mut story = begin(|site| {
        let tomorrow = site.date_of(at(0)).tomorrow().unwrap();
        site.calendar.days.insert(tomorrow, Day::As(5));
    });
    pass(&mut story, DIGEST, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(due(&story).len(), 1);
    skip(&mut story, DAY + DIGEST - 100);
    pass(&mut story, DAY + DIGEST, "UPS-AF", Verdict::ReplaceBattery);
    let due = due(&story);
    assert_eq!(due.len(), 1);
    assert!(
        due[0].message.text.en.contains("UPS-AF: its battery"),
        "{due:#?}"
    );
    assert!(
        due[0]
            .message
            .text
            .en
            .contains("hook does not deliver since 15 Jan 16:30")
    );
}

#[test]
fn each_thing_that_it_is_to_see_to_has_its_line() {
    let mut story = begin(|site| {
        let channel = |name: &str| Channel {
            name: Text::new("维修群", name),
            ..Channel::default()
        };
        site.channels
            .insert("hook".to_owned(), channel("The IT group"));
        site.quiet.it_digest = Some(time(17, 20, 0, 0));
    });
    let end = 80 * 60;
    calm(&mut story, 60);
    let kept = |kind, fault: Option<&str>| Input::Kept {
        kind,
        fault: fault.map(str::to_owned),
    };
    story
        .take(kept(Kind::LogWritten, Some("disk full")))
        .unwrap();
    story
        .take(kept(Kind::BackupMade, Some("no folder")))
        .unwrap();
    story
        .take(kept(Kind::DiskRoom, Some("1.4 GB, /var/lib/callwatch")))
        .unwrap();
    calm(&mut story, 120);
    story.take(kept(Kind::LogWritten, None)).unwrap();
    calm(&mut story, 150);
    for due in story.board.outbox() {
        let outcome = Outcome::GaveUp("channel `hook`: it answered 403".to_owned());
        story
            .take(Input::Delivery {
                owed: due.owed,
                outcome,
            })
            .unwrap();
    }
    // UPS-C1 on bypass from 16:04, UPS-C2 silent from then on.
    while story.now < end {
        story.now += 10;
        for (ups, verdict) in [("UPS-C1", Verdict::Bypass), ("UPS-AF", Verdict::OnMains)] {
            let (ups, reading) = (ups.to_owned(), reading(verdict));
            story.take(Input::Ups { ups, reading }).unwrap();
        }
        story.take(Input::Tick).unwrap();
        story.settle_debts();
    }
    let said = digests(&story);
    assert_eq!(
        said[0].2,
        [
            "the log could not be written once, last on 15 Jan 16:01, and was made up for: look at its disk",
            "the weekly copy of the log fails since 15 Jan 16:01",
            "the disk of the log is nearly full, left: 1.4 GB, /var/lib/callwatch",
            "The IT group: 2 not delivered (channel `hook`: it answered 403)",
            "UPS-C1: on bypass, since 15 Jan 16:02",
            "UPS-C2: nothing is known of it since 15 Jan 16:02",
        ]
    );
    assert_eq!(&story.replayed(), story.board.state());
    // What was counted is counted anew.
    story.now += 3 * DAY - 600;
    restart(&mut story);
    let end = 3 * DAY + end;
    calm(&mut story, end);
    let said = digests(&story);
    assert_eq!(
        said[1].2,
        [
            "the weekly copy of the log fails since 15 Jan 16:01",
            "the disk of the log is nearly full, left: 1.4 GB, /var/lib/callwatch",
        ]
    );
}

#[test]
fn the_ups_of_a_pc_that_was_switched_off_is_not_missed() {
    let lines = |presence| {
        let mut story = begin(|site| {
            let own = site.ups["UPS-AF"].clone();
            site.ups.insert("UPS-OWN".to_owned(), own);
            let seen = ("UPS-OWN".to_owned(), "AF-01".to_owned());
            site.ups_seen_by = [seen].into();
            site.quiet.it_digest = Some(time(17, 20, 0, 0));
        });
        let seat = |presence| Input::Seat {
            seat: "AF-01".to_owned(),
            presence,
        };
        story.take(seat(Presence::Alive)).unwrap();
        calm(&mut story, 60);
        story.take(seat(presence)).unwrap();
        pass(&mut story, 80 * 60, "UPS-C1", Verdict::Bypass);
        let said = &digests(&story)[0].2;
        said.iter().any(|line| line.starts_with("UPS-AF: nothing"))
    };
    assert!(lines(Presence::Silent));
    assert!(!lines(Presence::Left(Leave::Shutdown)));
}

#[test]
fn a_generator_that_was_not_tested_is_spoken_of_until_it_is() {
    let mut story = begin(|site| {
        let feed = site.feeds.get_mut("mains").unwrap();
        feed.generator = true;
        feed.generator_test = Some("15".parse().unwrap());
        let tomorrow = site.date_of(at(0)).tomorrow().unwrap();
        site.calendar.days.insert(tomorrow, Day::As(5));
    });
    calm(&mut story, DIGEST);
    skip(&mut story, DAY + DIGEST - 100);
    calm(&mut story, DAY + DIGEST);
    let said: Vec<_> = digests(&story).into_iter().flat_map(|it| it.2).collect();
    let of = |said: &&String| said.contains("generator");
    let said: Vec<&String> = said.iter().filter(of).collect();
    assert_eq!(
        said,
        [
            "the generator of Whole centre is to be tested today",
            "the generator of Whole centre was to be tested on 15 Jan, and was not",
        ]
    );
}

#[test]
fn an_accepted_gap_is_spoken_of_two_weeks_before_it_ends_and_after() {
    let lines = |until: Date| {
        let mut story = begin(|site| {
            let seat = site.seats.get_mut("C-01").unwrap();
            seat.required_runtime = Some(SignedDuration::from_mins(45));
            seat.accepted = Some(Accepted {
                by: "Service manager".to_owned(),
                until,
                down_to: None,
            });
        });
        calm(&mut story, DIGEST);
        digests(&story)[0].2.clone()
    };
    let day = |day| Date::constant(2027, 1, day);
    assert_eq!(lines(day(30)), [""; 0]);
    assert_eq!(
        lines(day(29)),
        ["seat C-01: short without mains, which Service manager accepts until 29 Jan"]
    );
    assert_eq!(
        lines(day(14)),
        ["seat C-01: short without mains, and what Service manager accepted ended on 14 Jan"]
    );
}

#[test]
fn a_pager_gets_no_digest() {
    let mut story = begin(|site| {
        site.quiet.pagers.insert("hook".to_owned());
    });
    pass(&mut story, DIGEST, "UPS-C1", Verdict::ReplaceBattery);
    assert_eq!(digests(&story)[0].2.len(), 1);
    assert!(story.board.outbox().is_empty());
}

#[test]
fn more_than_one_reads_at_once_is_cut_and_said_to_be() {
    let mut story = begin(|site| {
        for number in 10..25 {
            let known = site.ups["UPS-C1"].clone();
            site.ups.insert(format!("UPS-{number}"), known);
        }
        site.quiet.it_digest = Some(time(17, 10, 0, 0));
    });
    calm(&mut story, 70 * 60);
    let said = &digests(&story)[0].2;
    assert_eq!(
        said.len(),
        16,
        "they never answered, and nobody took that: {said:#?}"
    );
    let text = &due(&story)[0].message.text;
    assert!(text.en.ends_with("; 4 more on the page."), "{text:?}");
    assert!(text.zh.ends_with("；还有4件，见网页。"), "{text:?}");
}
