//! What the level of a signal is called.

use crate::signals::{Kind, Level};
use crate::text::Text;

/// Whether it tells if something answers.
fn is_reach(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SeatService | Kind::ServiceReach | Kind::DeviceReach | Kind::AcdReach
    )
}

pub(super) fn level(kind: Kind, level: Level) -> Text {
    match level {
        Level::Normal if kind == Kind::GeneratorRunning => Text::new("没在供电", "not running"),
        Level::Critical if kind == Kind::GeneratorRunning => Text::new("在供电", "running"),
        Level::Critical if is_reach(kind) => Text::new("不通", "down"),
        Level::Warning if is_reach(kind) => Text::new("慢", "slow"),
        Level::Normal if kind == Kind::BackupFresh => Text::new("新", "fresh"),
        Level::Warning if kind == Kind::BackupFresh => Text::new("太旧", "late"),
        Level::Warning if kind == Kind::SeatPc => Text::new("退出", "left"),
        Level::Normal if kind == Kind::QueueCalls => Text::new("平稳", "under control"),
        Level::Warning if kind == Kind::QueueCalls => Text::new("偏多", "building up"),
        Level::Critical if kind == Kind::QueueCalls => Text::new("太多", "not under control"),
        Level::Warning if kind == Kind::SensorTemperature => Text::new("偏高", "warm"),
        Level::Critical if kind == Kind::SensorTemperature => Text::new("过高", "too hot"),
        Level::Critical if Kind::OF_SENSORS.contains(&kind) => Text::new("报警", "alarm"),
        Level::Normal => Text::new("正常", "normal"),
        Level::Warning => Text::new("留意", "warning"),
        Level::Critical => Text::new("异常", "critical"),
        Level::Unknown => Text::new("不明", "unknown"),
    }
}
