//! What happens to the simulated centre.

use std::str::FromStr;

use jiff::SignedDuration;

use crate::incidents::Act as Press;
use crate::sim::seat::Habit;
use crate::text::Language;

/// A story of a centre, in plan time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    PowerLoss,
    OwnCircuit,
    SelfTest,
    CardDies,
    SilentFloor,
    Restart,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The mains of these UPSs go, and the PCs beside them that have none.
    Cut(&'static [&'static str]),
    /// Supply is back at these UPSs.
    Supply(&'static [&'static str]),
    /// The PCs without a UPS are gone at once, and no UPS says anything.
    FallSilent,
    /// The PCs without a UPS are switched on again.
    SwitchOn,
    SelfTest(&'static str, bool),
    /// The network card of this UPS goes silent, or is changed for a new one.
    CardDies(&'static str, bool),
    /// The daemon is ended without a word and started again.
    Restart,
}

const ALL: &[&str] = &["UPS-C1", "UPS-C2", "UPS-AF"];
const C3: &[&str] = &["UPS-C1", "UPS-C2"];

impl Scene {
    pub const ALL: [Scene; 6] = [
        Scene::PowerLoss,
        Scene::OwnCircuit,
        Scene::SelfTest,
        Scene::CardDies,
        Scene::SilentFloor,
        Scene::Restart,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Scene::PowerLoss => "power-loss",
            Scene::OwnCircuit => "own-circuit",
            Scene::SelfTest => "self-test",
            Scene::CardDies => "card-dies",
            Scene::SilentFloor => "silent-floor",
            Scene::Restart => "restart",
        }
    }

    /// What happens, and at which second.
    pub fn acts(self) -> &'static [(i64, Act)] {
        match self {
            // The generator takes over after eight minutes, the mains after fourteen.
            Scene::PowerLoss => &[
                (10, Act::Cut(ALL)),
                (490, Act::Supply(ALL)),
                (850, Act::SwitchOn),
            ],
            Scene::OwnCircuit => &[
                (10, Act::Cut(C3)),
                (400, Act::Supply(C3)),
                (410, Act::SwitchOn),
            ],
            Scene::SelfTest => &[
                (10, Act::SelfTest("UPS-C1", true)),
                (40, Act::SelfTest("UPS-C1", false)),
            ],
            Scene::CardDies => &[
                (10, Act::CardDies("UPS-C1", true)),
                (300, Act::CardDies("UPS-C1", false)),
            ],
            Scene::SilentFloor => &[(10, Act::FallSilent), (200, Act::SwitchOn)],
            Scene::Restart => &[
                (10, Act::Cut(C3)),
                (60, Act::Restart),
                (240, Act::Restart),
                (300, Act::Supply(C3)),
                (310, Act::SwitchOn),
                (330, Act::Restart),
            ],
        }
    }

    /// The procedure that must be raised, and no other; absent where nothing may be.
    pub fn procedure(self) -> Option<&'static str> {
        match self {
            Scene::PowerLoss | Scene::OwnCircuit | Scene::Restart => Some("power-loss"),
            Scene::CardDies => Some("blind"),
            Scene::SilentFloor => Some("suspected-cut"),
            Scene::SelfTest => None,
        }
    }

    /// What kind the incident must turn out to be.
    pub fn kind(self) -> Option<&'static str> {
        match self {
            Scene::PowerLoss => Some("mains"),
            Scene::OwnCircuit | Scene::Restart => Some("circuit"),
            Scene::SelfTest | Scene::CardDies | Scene::SilentFloor => None,
        }
    }

    /// Whether the feed has a generator.
    pub fn generator(self) -> bool {
        self == Scene::PowerLoss
    }

    /// What the people do, and after how long.
    pub fn habit(self) -> Habit {
        match self {
            Scene::PowerLoss => |press| pressed(press, "off"),
            _ => |press| pressed(press, "on"),
        }
    }
}

impl FromStr for Scene {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Scene::ALL
            .into_iter()
            .find(|scene| scene.name() == name)
            .ok_or_else(|| format!("known scenes: {}", Scene::ALL.map(Scene::name).join(", ")))
    }
}

fn pressed(press: &Press, lights: &str) -> Option<SignedDuration> {
    let seconds = match press {
        Press::Acknowledge { .. } => 12,
        Press::Tick { step, .. } if step == "phone-manager" => 30,
        Press::Tick { .. } | Press::Told { .. } => 45,
        Press::Answer { ask, value, .. } => match (ask.as_str(), value.as_str()) {
            ("lights", value) if value == lights => 20,
            ("network", "on") => 30,
            ("login", "ok") => 60,
            _ => return None,
        },
        Press::NoAnswer { .. }
        | Press::Neighbour { .. }
        | Press::Rang { .. }
        | Press::StandDown { .. }
        | Press::Close { .. }
        | Press::Raise { .. }
        | Press::Window { .. }
        | Press::Substitute { .. }
        | Press::Resume { .. } => return None,
    };
    Some(SignedDuration::from_secs(seconds))
}

impl Act {
    pub fn say(self, language: Language) -> String {
        let (zh, en) = match self {
            Act::Cut(ups) => (
                format!("停电：{}", ups.join("、")),
                format!("the mains go: {}", ups.join(", ")),
            ),
            Act::Supply(ups) => (
                format!("有电了：{}", ups.join("、")),
                format!("supply is back: {}", ups.join(", ")),
            ),
            Act::FallSilent => (
                "没有UPS的电脑一下子都没了回应".to_owned(),
                "the PCs without a UPS fall silent at once".to_owned(),
            ),
            Act::SwitchOn => (
                "没有UPS的电脑开机".to_owned(),
                "the PCs without a UPS are switched on".to_owned(),
            ),
            Act::SelfTest(ups, true) => (format!("{ups} 自检"), format!("{ups} tests itself")),
            Act::SelfTest(ups, false) => (
                format!("{ups} 自检结束"),
                format!("{ups} has tested itself"),
            ),
            Act::CardDies(ups, true) => (
                format!("{ups} 的网卡坏了"),
                format!("the card of {ups} dies"),
            ),
            Act::CardDies(ups, false) => (
                format!("{ups} 换了网卡"),
                format!("the card of {ups} is changed"),
            ),
            Act::Restart => (
                "守护进程被杀并重启".to_owned(),
                "the daemon is killed and started again".to_owned(),
            ),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}
