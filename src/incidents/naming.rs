//! What signals are called.

use crate::signals::{Kind, Signal};
use crate::site::Site;
use crate::text::Text;

/// A signal as a person calls it: what it is of, and what of it.
pub(super) fn signal_name(site: &Site, signal: &Signal) -> Text {
    let seat_and_service = signal.seat_and_service();
    let of = match signal.kind {
        Kind::UpsMains | Kind::UpsBatteryLow => site.ups.get(&signal.of).map(|ups| &ups.name),
        Kind::GeneratorRunning | Kind::GeneratorTested => {
            site.feeds.get(&signal.of).map(|feed| &feed.name)
        }
        Kind::ServiceReach => site.services.get(&signal.of).map(|it| &it.name),
        Kind::DeviceReach => site.devices.get(&signal.of).map(|it| &it.name),
        Kind::QueueCalls => site.queues.get(&signal.of).map(|it| &it.name),
        Kind::BackupFresh => site.backups.get(&signal.of).map(|it| &it.name),
        Kind::AcdReach => site.acds.get(&signal.of).map(|it| &it.name),
        Kind::SensorTemperature | Kind::SensorSmoke | Kind::SensorWater | Kind::SensorAir => {
            match site.sensors.get(&signal.of) {
                // Its name says already what it is.
                Some(sensor) => return sensor.name.clone(),
                None => None,
            }
        }
        Kind::LogWritten | Kind::BackupMade | Kind::DiskRoom => Some(&site.name),
        Kind::SeatPc
        | Kind::SeatHeadset
        | Kind::SeatPhone
        | Kind::SeatLogin
        | Kind::SeatService
        | Kind::UpsEndurance
        | Kind::CutAnnounced
        | Kind::CutOutlasts
        | Kind::TestAnnounced => None,
    };
    let id = seat_and_service.map_or(signal.of.as_str(), |(seat, _)| seat);
    let of = of.cloned().unwrap_or_else(|| Text::same(id));
    let service = || {
        let service = seat_and_service.map(|(_, service)| service);
        let known = service.and_then(|id| site.services.get(id));
        let name = known.map(|it| it.name.clone());
        name.unwrap_or_else(|| Text::same(service.unwrap_or_default()))
    };
    let what = match signal.kind {
        Kind::UpsMains => Text::new("市电", "mains"),
        Kind::UpsBatteryLow => Text::new("电池", "battery"),
        Kind::GeneratorRunning => Text::new("发电机", "generator"),
        Kind::SeatPc => Text::new("电脑", "PC"),
        Kind::SeatHeadset => Text::new("耳机", "headset"),
        Kind::SeatPhone => Text::new("话机", "phone"),
        Kind::SeatLogin => Text::new("登录平台", "log-in"),
        Kind::SeatService => service(),
        Kind::ServiceReach | Kind::DeviceReach | Kind::AcdReach => Text::new("通断", "reach"),
        Kind::QueueCalls => Text::new("排队", "callers"),
        Kind::SensorTemperature => Text::new("温度", "temperature"),
        Kind::SensorSmoke => Text::new("烟感", "smoke"),
        Kind::SensorWater => Text::new("漏水", "water"),
        Kind::SensorAir => Text::new("空调", "air conditioning"),
        Kind::LogWritten => Text::new("记录", "log"),
        Kind::BackupMade | Kind::BackupFresh => Text::new("备份", "backup"),
        Kind::DiskRoom => Text::new("磁盘", "disk"),
        Kind::UpsEndurance => Text::new("断电能撑", "without mains"),
        Kind::CutAnnounced => Text::new("预告停电", "announced cut"),
        Kind::CutOutlasts => Text::new("停电时电池够不够", "battery against the cut"),
        Kind::TestAnnounced => Text::new("发电机试验", "generator test"),
        Kind::GeneratorTested => Text::new("每月试发电机", "monthly generator test"),
    };
    Text::new(
        format!("{} {}", of.zh, what.zh),
        format!("{} {}", of.en, what.en),
    )
}
