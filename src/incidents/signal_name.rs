//! What people call a signal.

use crate::signals::{Kind, Signal};
use crate::site::Site;
use crate::text::Text;

/// A signal as people call it.
pub(super) fn signal_name(site: &Site, signal: &Signal) -> Text {
    let of = match signal.kind {
        Kind::UpsMains | Kind::UpsBatteryLow => site.ups.get(&signal.of).map(|ups| &ups.name),
        Kind::GeneratorRunning => site.feeds.get(&signal.of).map(|feed| &feed.name),
        Kind::LogWritten | Kind::BackupMade | Kind::DiskRoom => Some(&site.name),
        Kind::GeneratorTested => site.feeds.get(&signal.of).map(|feed| &feed.name),
        Kind::SensorTemperature | Kind::SensorSmoke | Kind::SensorWater | Kind::SensorAir => {
            match site.sensors.get(&signal.of) {
                // Its name says already what it is.
                Some(sensor) => return sensor.name.clone(),
                None => None,
            }
        }
        Kind::SeatPc
        | Kind::UpsEndurance
        | Kind::CutAnnounced
        | Kind::CutOutlasts
        | Kind::TestAnnounced => None,
    };
    let of = of.cloned().unwrap_or_else(|| Text::same(&signal.of));
    let what = match signal.kind {
        Kind::UpsMains => Text::new("市电", "mains"),
        Kind::UpsBatteryLow => Text::new("电池", "battery"),
        Kind::GeneratorRunning => Text::new("发电机", "generator"),
        Kind::SeatPc => Text::new("电脑", "PC"),
        Kind::LogWritten => Text::new("记录", "log"),
        Kind::BackupMade => Text::new("备份", "backup"),
        Kind::DiskRoom => Text::new("磁盘", "disk"),
        Kind::UpsEndurance => Text::new("断电能撑", "without mains"),
        Kind::CutAnnounced => Text::new("预告停电", "announced cut"),
        Kind::CutOutlasts => Text::new("停电时电池够不够", "battery against the cut"),
        Kind::TestAnnounced => Text::new("发电机试验", "generator test"),
        Kind::GeneratorTested => Text::new("每月试发电机", "monthly generator test"),
        Kind::SensorTemperature => Text::new("温度", "temperature"),
        Kind::SensorSmoke => Text::new("烟感", "smoke"),
        Kind::SensorWater => Text::new("漏水", "water"),
        Kind::SensorAir => Text::new("空调", "air conditioning"),
    };
    Text::new(
        format!("{} {}", of.zh, what.zh),
        format!("{} {}", of.en, what.en),
    )
}
