//! `UPower`: the UPS on the PC's cable and the battery inside, and their changes.
//!
//! Names, types and states: <https://upower.freedesktop.org/docs/Device.html>.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::time::sleep;
use zbus::message::Type;
use zbus::{MatchRule, MessageStream, OwnedObjectPath, OwnedVariant};

use crate::seat::asking::asked;
use crate::ups::{Flow, OwnPower, Supply, SupplyKind};

pub(super) const NAME: &str = "org.freedesktop.UPower";
const PATH: &str = "/org/freedesktop/UPower";
const DEVICE: &str = "org.freedesktop.UPower.Device";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
/// Changes come in bunches: they are read together.
const BUNCH: Duration = Duration::from_millis(50);

/// Tells what feeds the PC whenever that changes, until the service or the bus fails.
pub(super) async fn watch(
    bus: &zbus::Connection,
    power_tx: &watch::Sender<Option<OwnPower>>,
) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .path_namespace(PATH)
        .build()?;
    let mut changes = MessageStream::for_match_rule(rule, bus, None).await?;
    loop {
        let power = match asked(read(bus)).await {
            Ok(power) => power,
            Err(error) => {
                power_tx.send_replace(None);
                return Err(error);
            }
        };
        power_tx.send_if_modified(|known| {
            let differs = known.as_ref() != Some(&power);
            if differs {
                tracing::info!(
                    on_battery = power.on_battery,
                    supplies = power.supplies.len(),
                    "the PC's own supply"
                );
                *known = Some(power);
            }
            differs
        });
        if changes.next().await.is_none() {
            return Ok(());
        }
        sleep(BUNCH).await;
        while let Some(Some(_)) = futures_util::FutureExt::now_or_never(changes.next()) {}
    }
}

async fn read(bus: &zbus::Connection) -> zbus::Result<OwnPower> {
    let whole = properties(bus, PATH, NAME).await?;
    let devices = bus
        .call_method(Some(NAME), PATH, Some(NAME), "EnumerateDevices", &())
        .await?;
    let devices: Vec<OwnedObjectPath> = devices.body().deserialize()?;
    let mut supplies = Vec::new();
    for path in devices {
        // One that was unplugged meanwhile is none.
        if let Ok(device) = properties(bus, path.as_str(), DEVICE).await {
            supplies.extend(supply(&device));
        }
    }
    Ok(OwnPower {
        on_battery: whole.flag("OnBattery"),
        supplies,
    })
}

async fn properties(bus: &zbus::Connection, path: &str, of: &str) -> zbus::Result<Properties> {
    let answer = bus
        .call_method(Some(NAME), path, Some(PROPERTIES), "GetAll", &(of,))
        .await?;
    Ok(Properties(answer.body().deserialize()?))
}

struct Properties(HashMap<String, OwnedVariant>);

impl Properties {
    fn flag(&self, name: &str) -> bool {
        let value = self.0.get(name);
        value
            .and_then(|value| value.downcast_ref().ok())
            .unwrap_or(false)
    }

    fn word(&self, name: &str) -> u32 {
        let value = self.0.get(name);
        value
            .and_then(|value| value.downcast_ref().ok())
            .unwrap_or(0)
    }
}

/// A device that feeds the PC; mice and telephones have batteries too.
fn supply(device: &Properties) -> Option<Supply> {
    let kind = match device.word("Type") {
        2 if device.flag("PowerSupply") => SupplyKind::Battery,
        3 => SupplyKind::Ups,
        _ => return None,
    };
    let present = !device.0.contains_key("IsPresent") || device.flag("IsPresent");
    if kind == SupplyKind::Battery && !present {
        return None;
    }
    let flow = match device.word("State") {
        // Charging, fully charged, about to charge.
        1 | 4 | 5 => Flow::Charging,
        // Discharging, empty, about to discharge.
        2 | 3 | 6 => Flow::Discharging,
        _ => Flow::Unknown,
    };
    let seconds: Option<i64> = device
        .0
        .get("TimeToEmpty")
        .and_then(|left| left.downcast_ref().ok());
    let seconds = seconds
        .and_then(|left| i32::try_from(left).ok())
        .filter(|left| *left > 0);
    Some(Supply {
        kind,
        flow,
        // Low, critical, action.
        low: matches!(device.word("WarningLevel"), 3..=5),
        charge_percent: device
            .0
            .get("Percentage")
            .and_then(|charge| charge.downcast_ref().ok()),
        runtime_minutes: seconds.map(|left| f64::from(left) / 60.0),
    })
}
